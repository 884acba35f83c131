#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/arena.h"

enum { PIECES = 200, MIB = 1 << 20 };

/* From a few bytes to several chunks' worth. */
static size_t piece_size(int i)
{
    return i % 50 == 49 ? (size_t)3 * MIB + (size_t)i : (size_t)(i * 997 % 5000);
}

static bool is_aligned(const void *p)
{
    return (uintptr_t)p % 64 == 0;
}

static bool filled_with(const unsigned char *p, size_t bytes, unsigned char value)
{
    for (size_t i = 0; i < bytes; i++)
        if (p[i] != value) return false;
    return true;
}

Test(arena, pieces_are_aligned_and_apart)
{
    dt_arena *arena = dt_arena_new();
    unsigned char *piece[PIECES];
    for (int i = 0; i < PIECES; i++) {
        piece[i] = dt_arena_alloc(arena, piece_size(i));
        cr_assert(piece[i] != NULL);
        cr_assert(is_aligned(piece[i]), "piece %d lies at %p", i, (void *)piece[i]);
        memset(piece[i], i, piece_size(i));
    }
    for (int i = 0; i < PIECES; i++)
        cr_expect(filled_with(piece[i], piece_size(i), (unsigned char)i), "piece %d was overwritten", i);
    dt_arena_free(arena);
}

Test(arena, reals_are_counted_in_reals)
{
    dt_arena *arena = dt_arena_new();
    real *a = dt_arena_reals(arena, 16), *b = dt_arena_reals(arena, 1);
    cr_expect(b - a >= 16);
    cr_expect(is_aligned(a) && is_aligned(b));
    dt_arena_free(arena);
}

Test(arena, after_a_reset_come_the_same_addresses)
{
    dt_arena *arena = dt_arena_new();
    void *first[PIECES];
    size_t held = 0;
    for (int step = 0; step < 4; step++) {
        for (int i = 0; i < PIECES; i++) {
            void *p = dt_arena_alloc(arena, piece_size(i));
            if (step == 0) first[i] = p;
            cr_expect(eq(ptr, p, first[i]), "step %d, piece %d", step, i);
        }
        if (step == 0) held = dt_arena_size(arena);
        cr_expect(eq(sz, dt_arena_size(arena), held), "step %d took more memory", step);
        dt_arena_reset(arena);
    }
    cr_expect(held > 12 * MIB);
    dt_arena_free(arena);
}

Test(arena, rewinding_frees_what_came_after_the_mark)
{
    dt_arena *arena = dt_arena_new();
    unsigned char *kept = dt_arena_alloc(arena, 100);
    memset(kept, 7, 100);
    dt_arena_mark mark = dt_arena_tell(arena);
    void *scratch = dt_arena_alloc(arena, 5000);
    dt_arena_rewind(arena, mark);
    cr_expect(eq(ptr, dt_arena_alloc(arena, 10), scratch));
    dt_arena_rewind(arena, mark);
    /* Over the end of the chunk and back. */
    void *large = dt_arena_alloc(arena, 5 * MIB);
    memset(large, 1, 5 * MIB);
    size_t held = dt_arena_size(arena);
    for (int i = 0; i < 100; i++) {
        dt_arena_rewind(arena, mark);
        cr_expect(eq(ptr, dt_arena_alloc(arena, 5 * MIB), large));
    }
    dt_arena_rewind(arena, mark);
    cr_expect(eq(ptr, dt_arena_alloc(arena, 10), scratch));
    cr_expect(eq(sz, dt_arena_size(arena), held));
    cr_expect(filled_with(kept, 100, 7));
    dt_arena_free(arena);
}

Test(arena, a_mark_before_the_first_piece)
{
    dt_arena *arena = dt_arena_new();
    cr_expect(eq(sz, dt_arena_size(arena), 0));
    dt_arena_mark mark = dt_arena_tell(arena);
    void *p = dt_arena_alloc(arena, 1);
    dt_arena_rewind(arena, mark);
    cr_expect(eq(ptr, dt_arena_alloc(arena, 1), p));
    dt_arena_free(arena);
}

/* A thousand pieces of 100 KiB are about 100 MB; with doubling the chunks stay few, so the memory held is at most a bit
 * more than twice what is asked for. Nothing is written to it, so it costs no real memory. */
Test(arena, grows_without_waste)
{
    dt_arena *arena = dt_arena_new();
    size_t asked = 0;
    for (int i = 0; i < 1000; i++) {
        dt_arena_alloc(arena, 100 << 10);
        asked += 100 << 10;
        cr_assert(dt_arena_size(arena) >= asked);
        cr_assert(dt_arena_size(arena) <= 2 * asked + 2 * MIB, "%zu held for %zu", dt_arena_size(arena), asked);
    }
    dt_arena_free(arena);
}

Test(arena, freeing_none_is_nothing)
{
    dt_arena_free(NULL);
    dt_arena *arena = dt_arena_new();
    dt_arena_free(arena);
    cr_assert(arena != NULL);
}
