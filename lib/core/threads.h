/* Threads: one pool, one loop. Each piece is computed by one thread, and wherever numbers of several pieces are added,
 * the work is cut by the shapes alone, never by the number of threads: the results have the same bits for any number of
 * threads. */
#ifndef DT_CORE_THREADS_H
#define DT_CORE_THREADS_H

#include "core/real.h"

/* Sets how many threads work, the caller included (at least 1). With two or more, each is bound to a processor of its
 * own, the caller to the one where it is. Call it while no loop runs, always from the same thread. */
void dt_threads_set(int n);
int dt_threads(void);

/* The threads that a loop would run on if it began here: 1 inside a body; if not `wake`, only those that are awake,
 * since a sleeping one takes some 20 microseconds to begin. */
int dt_threads_free(bool wake);

/* The processors that this process may use. */
int dt_threads_available(void);

/* Runs body(context, i) for each i in 0 .. n-1, in any order, on all threads; returns when all are done. Inside a body
 * it runs serially: the outermost loop is the parallel one. */
void dt_parallel_for(int64_t n, void (*body)(void *context, int64_t i), void *context);

/* Runs body(context, 0) with every loop inside it serial: for work so small that the threads' meeting would cost more.
 */
void dt_serial(void (*body)(void *context, int64_t i), void *context);

/* Cuts 0 .. count-1 into ranges of `grain` (the last may be shorter) and runs body(context, first, end) for each, or
 * for all at once where that is quicker. */
void dt_parallel_ranges(int64_t count, int64_t grain, void (*body)(void *context, int64_t first, int64_t end),
                        void *context);

#endif
