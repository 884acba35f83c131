/* Blocks of memory for arrays: on a cache line, and large ones on huge pages where the system has them: the processor
 * fetches ahead only within a page. */
#ifndef DT_CORE_MEMORY_H
#define DT_CORE_MEMORY_H

#include "core/real.h"

/* `bytes` of uninitialised memory, to be released by free(). NULL: out of memory. */
void *dt_memory_new(size_t bytes);

#endif
