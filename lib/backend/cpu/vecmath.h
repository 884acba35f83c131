/* exp and tanh of a register. In float both are within 3 units in the last place (tests/unit/test_elementwise.c); the
 * double build, which only tests use, calls libm for each element. */
#ifndef DT_BACKEND_CPU_VECMATH_H
#define DT_BACKEND_CPU_VECMATH_H

#include <math.h>

#include "backend/cpu/vec.h"

#ifdef DT_DOUBLE

static inline vec vec_exp(vec x)
{
    for (int i = 0; i < VL; i++) x[i] = exp(x[i]);
    return x;
}

static inline vec vec_tanh(vec x)
{
    for (int i = 0; i < VL; i++) x[i] = tanh(x[i]);
    return x;
}

#else

static inline vec vec_clamp(vec x, real low, real high)
{
    x = vec_select(x < low, vec_set(low), x);
    return vec_select(x > high, vec_set(high), x);
}

/* x = n ln 2 + r with |r| <= ln 2 / 2: returns exp(r) - 1 (its Taylor series, accurate to the last place also near 0),
 * and 2^n in *power. */
static inline vec vec_expm1_reduced(vec x, vec *power)
{
    const real log2_e = 1.44269504088896341f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    const real to_integer = 12582912; /* 1.5 * 2^23: adding it rounds to an integer, kept in the low bits */
    vec shifted = x * log2_e + to_integer;
    vec_mask n = (vec_mask)shifted - (vec_mask)vec_set(to_integer);
    vec nearest = shifted - to_integer;
    vec r = x - nearest * ln2_high - nearest * ln2_low;
    *power = (vec)((n + 127) << 23);
    vec p = vec_set(1.0f / 5040);
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 1.0f / 2;
    return p * r * r + r;
}

/* Arguments beyond the range of float are clamped to its ends. */
static inline vec vec_exp(vec x)
{
    vec power, m = vec_expm1_reduced(vec_clamp(x, -87.3f, 88.0f), &power);
    return m * power + power;
}

/* tanh x = (e^2x - 1) / (e^2x + 1), through e^2x - 1, which keeps its accuracy near 0. Beyond 9.1 it is 1 in float. */
static inline vec vec_tanh(vec x)
{
    vec power, m = vec_expm1_reduced(vec_clamp(2 * x, -18.2f, 18.2f), &power);
    vec e = m * power + (power - 1);
    return e * vec_reciprocal(e + 2);
}

#endif

#endif
