/* Threads: one pool, one loop. Work is cut into pieces by the shapes alone, never by the number of threads, and each
 * piece is computed by one thread, so the results have the same bits for any number of threads. */
#ifndef DT_CORE_THREADS_H
#define DT_CORE_THREADS_H

#include "core/real.h"

/* Sets how many threads work, the caller included (at least 1). With two or more, each is bound to a processor of its
 * own, the caller to the one where it is. Call it while no loop runs, always from the same thread. */
void dt_threads_set(int n);
int dt_threads(void);

/* The processors that this process may use. */
int dt_threads_available(void);

/* Runs body(context, i) for each i in 0 .. n-1, in any order, on all threads; returns when all are done. Inside a body
 * it runs serially: the outermost loop is the parallel one. */
void dt_parallel_for(int64_t n, void (*body)(void *context, int64_t i), void *context);

/* Runs body(context, 0) with every loop inside it serial: for work so small that the threads' meeting would cost more.
 */
void dt_serial(void (*body)(void *context, int64_t i), void *context);

/* Cuts 0 .. count-1 into ranges of `grain` (the last may be shorter) and runs body(context, first, end) for each. */
void dt_parallel_ranges(int64_t count, int64_t grain, void (*body)(void *context, int64_t first, int64_t end),
                        void *context);

#endif
