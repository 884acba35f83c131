/* exp, tanh, sigmoid and powers of a register. In float the first three are within 2 x 2^-23 of themselves, which is at
 * most 3 units in the last place (tests/unit/test_elementwise.c, test_recurrent.c); the double build, which only tests
 * use, calls libm for each element. */
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

static inline vec vec_log(vec x)
{
    for (int i = 0; i < VL; i++) x[i] = log(x[i]);
    return x;
}

static inline vec vec_power(vec x, real p)
{
    for (int i = 0; i < VL; i++) x[i] = x[i] > 0 ? pow(x[i], p) : 0;
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

/* x = 2^n m with m between sqrt(1/2) and sqrt(2): log x = n ln 2 + 2 atanh((m - 1) / (m + 1)), the series of atanh.
 * Only for normal numbers above 0. */
static inline vec vec_log(vec x)
{
    const real ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    const vec_lane root = 0x3f3504f3; /* the bits of sqrt(1/2) */
    vec_mask bits = (vec_mask)x - root, n = bits >> 23;
    vec m = (vec)((bits & 0x7fffff) + root), e = __builtin_convertvector(n, vec);
    vec z = (m - 1) / (m + 1), q = z * z;
    vec p = vec_set(1.0f / 9);
    p = p * q + 1.0f / 7;
    p = p * q + 1.0f / 5;
    p = p * q + 1.0f / 3;
    return e * ln2_high + (e * ln2_low + 2 * z + 2 * z * q * p);
}

/* x^p for x above 0, through the logarithm: within 1e-6 of itself where |p log x| is below 5; 0 for x = 0 or below. */
static inline vec vec_power(vec x, real p)
{
    return vec_select(x > 0, vec_exp(p * vec_log(x)), vec_set(0));
}

#endif

/* One instruction, where the processor has it. */
static inline vec vec_sqrt(vec x)
{
    for (int i = 0; i < VL; i++) x[i] = (real)sqrt((double)x[i]);
    return x;
}

/* 1 / (1 + e^-x) without a division. */
static inline vec vec_sigmoid(vec x)
{
    return vec_reciprocal(1 + vec_exp(-x));
}

#endif
