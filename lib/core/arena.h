/* The step's memory: allocations live until the arena is reset, all at once. Chunks are kept, so after the first step
 * (the warm-up) a training step allocates nothing, and gets the same addresses each time. */
#ifndef DT_CORE_ARENA_H
#define DT_CORE_ARENA_H

#include "core/real.h"

typedef struct dt_arena dt_arena;

typedef struct {
    size_t chunk, used;
} dt_arena_mark;

dt_arena *dt_arena_new(void);
void dt_arena_free(dt_arena *arena);

/* `bytes` of uninitialised memory on a 64-byte boundary. Out of memory is a misuse error: there is nothing to go on
 * with. */
void *dt_arena_alloc(dt_arena *arena, size_t bytes);
real *dt_arena_reals(dt_arena *arena, int64_t count);

/* Frees everything allocated since the arena was made or reset. */
void dt_arena_reset(dt_arena *arena);

/* Scratch memory: what is allocated between dt_arena_tell and dt_arena_rewind is free again after it. */
dt_arena_mark dt_arena_tell(const dt_arena *arena);
void dt_arena_rewind(dt_arena *arena, dt_arena_mark mark);

/* Bytes held from the system. */
size_t dt_arena_size(const dt_arena *arena);

#endif
