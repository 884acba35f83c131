/* Arrays for the tests of kernels: inputs lie between NaNs and outputs between marks, so that a read or a write beyond
 * an array shows; outputs hold a value that shows whether they were overwritten. */
#ifndef DT_TESTS_GUARDED_H
#define DT_TESTS_GUARDED_H

#include <math.h>
#include <stdlib.h>

#include "core/rng.h"

enum { GUARD = 32, MARK = 12345 };

/* `count` times `value`, on a multiple of 64 bytes as in a tape's arena, with GUARD times `around` on each side. */
static inline real *guarded_new(int64_t count, real value, real around)
{
    real *p = aligned_alloc(64, ((size_t)(count + 2 * GUARD) * sizeof *p + 63) / 64 * 64);
    if (!p) abort();
    for (int64_t i = 0; i < count + 2 * GUARD; i++) p[i] = i < GUARD || i >= GUARD + count ? around : value;
    return p + GUARD;
}

static inline real *output_new(int64_t count, real value)
{
    return guarded_new(count, value, MARK);
}

/* Integers in -range .. range: sums of their products are exact in float, whatever the order. */
static inline real *integers_new(int64_t count, int range, uint64_t seed)
{
    real *p = guarded_new(count, 0, (real)NAN);
    dt_rng stream = dt_rng_stream(seed, "integers", 0);
    for (int64_t i = 0; i < count; i++)
        p[i] = (real)((int)dt_rng_below(stream, (uint64_t)i, 2 * (uint32_t)range + 1) - range);
    return p;
}

/* Uniform in -range .. range. */
static inline real *uniforms_new(int64_t count, double range, uint64_t seed)
{
    real *p = guarded_new(count, 0, (real)NAN);
    dt_rng stream = dt_rng_stream(seed, "uniforms", 0);
    for (int64_t i = 0; i < count; i++) p[i] = (real)(range * (2 * dt_rng_uniform(stream, (uint64_t)i) - 1));
    return p;
}

static inline void guarded_free(const real *p)
{
    free((real *)(uintptr_t)p - GUARD);
}

static inline bool marks_intact(const real *p, int64_t count)
{
    for (int64_t i = 1; i <= GUARD; i++)
        if (p[-i] != MARK || p[count - 1 + i] != MARK) return false;
    return true;
}

/* Index of the first element where a and b are not equal numbers, or -1. */
static inline int64_t first_difference(const real *a, const real *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!(a[i] == b[i])) return i;
    return -1;
}

/* |got - wanted| <= tolerance * max(1, |wanted|); false for NaN. */
static inline bool is_close(double got, double wanted, double tolerance)
{
    return fabs(got - wanted) <= tolerance * fmax(1, fabs(wanted));
}

#endif
