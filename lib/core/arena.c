#include "core/arena.h"

#include <stdlib.h>

#include "core/error.h"

enum { ALIGN = 64, FIRST_CHUNK = 1 << 20 };

typedef struct {
    char *base;
    size_t size;
} chunk;

struct dt_arena {
    chunk *chunks;
    size_t n_chunks, current, used; /* `used` counts in chunks[current]; the chunks before it are full */
};

dt_arena *dt_arena_new(void)
{
    dt_arena *arena = calloc(1, sizeof *arena);
    DT_REQUIRE(arena, "dt_arena_new: out of memory");
    return arena;
}

void dt_arena_free(dt_arena *arena)
{
    if (!arena) return;
    for (size_t i = 0; i < arena->n_chunks; i++) free(arena->chunks[i].base);
    free(arena->chunks);
    free(arena);
}

/* Doubles the total each time, so the number of chunks stays small. */
static void add_chunk(dt_arena *arena, size_t bytes)
{
    size_t size = FIRST_CHUNK;
    if (arena->n_chunks) size = dt_arena_size(arena);
    while (size < bytes) size *= 2;
    chunk *grown = realloc(arena->chunks, (arena->n_chunks + 1) * sizeof *grown);
    DT_REQUIRE(grown, "dt_arena_alloc: out of memory");
    arena->chunks = grown;
    char *base = aligned_alloc(ALIGN, size);
    DT_REQUIRE(base, "dt_arena_alloc: out of memory, %zu bytes asked for and %zu already held", size,
               dt_arena_size(arena));
    arena->chunks[arena->n_chunks++] = (chunk){base, size};
}

void *dt_arena_alloc(dt_arena *arena, size_t bytes)
{
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    while (arena->current < arena->n_chunks && arena->used + bytes > arena->chunks[arena->current].size) {
        arena->current++;
        arena->used = 0;
    }
    if (arena->current == arena->n_chunks) add_chunk(arena, bytes);
    void *p = arena->chunks[arena->current].base + arena->used;
    arena->used += bytes;
    return p;
}

real *dt_arena_reals(dt_arena *arena, int64_t count)
{
    return dt_arena_alloc(arena, (size_t)count * sizeof(real));
}

void dt_arena_reset(dt_arena *arena)
{
    arena->current = arena->used = 0;
}

dt_arena_mark dt_arena_tell(const dt_arena *arena)
{
    return (dt_arena_mark){arena->current, arena->used};
}

void dt_arena_rewind(dt_arena *arena, dt_arena_mark mark)
{
    arena->current = mark.chunk;
    arena->used = mark.used;
}

size_t dt_arena_size(const dt_arena *arena)
{
    size_t total = 0;
    for (size_t i = 0; i < arena->n_chunks; i++) total += arena->chunks[i].size;
    return total;
}
