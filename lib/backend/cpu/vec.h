/* One register of reals, in GCC's vector extensions: the same source gives AVX-512, AVX2, SSE or NEON code, whichever
 * the build's -march allows. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_VEC_H
#define DT_BACKEND_CPU_VEC_H

#include <string.h>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#include "core/real.h"

#if defined(__AVX512F__)
enum { VEC_BYTES = 64, VEC_REGISTERS = 32 };
#elif defined(__AVX__)
enum { VEC_BYTES = 32, VEC_REGISTERS = 16 };
#elif defined(__aarch64__)
enum { VEC_BYTES = 16, VEC_REGISTERS = 32 };
#else
enum { VEC_BYTES = 16, VEC_REGISTERS = 16 };
#endif

/* Reals in one register. */
enum { VL = VEC_BYTES / sizeof(real) };

typedef real vec __attribute__((vector_size(VEC_BYTES)));
typedef real vec_unaligned __attribute__((vector_size(VEC_BYTES), aligned(sizeof(real)), may_alias));

/* What a comparison of two registers gives: all bits of an element set where it holds. */
#ifdef DT_DOUBLE
typedef int64_t vec_lane;
#else
typedef int32_t vec_lane;
#endif
typedef vec_lane vec_mask __attribute__((vector_size(VEC_BYTES)));

static inline vec vec_select(vec_mask where, vec yes, vec no)
{
    return (vec)((where & (vec_mask)yes) | (~where & (vec_mask)no));
}

static inline vec vec_load(const real *p)
{
    return *(const vec_unaligned *)p;
}

static inline void vec_store(real *p, vec v)
{
    *(vec_unaligned *)p = v;
}

static inline vec vec_set(real a)
{
    return a - (vec){0};
}

/* The first count (0 < count < VL) elements; the others are 0. Nothing beyond them is read or written. */
#if defined(__AVX512F__)
#ifdef DT_DOUBLE
static inline vec vec_load_part(const real *p, int64_t count)
{
    return (vec)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), p);
}

static inline void vec_store_part(real *p, vec v, int64_t count)
{
    _mm512_mask_storeu_pd(p, (__mmask8)((1u << count) - 1), (__m512d)v);
}
#else
static inline vec vec_load_part(const real *p, int64_t count)
{
    return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}

static inline void vec_store_part(real *p, vec v, int64_t count)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v);
}
#endif
#else
static inline vec vec_load_part(const real *p, int64_t count)
{
    vec v = {0};
    for (int i = 0; i < VL - 1; i++)
        if (i < count) v[i] = p[i];
    return v;
}

static inline void vec_store_part(real *p, vec v, int64_t count)
{
    for (int i = 0; i < VL - 1; i++)
        if (i < count) p[i] = v[i];
}
#endif

/* The register that starts at `first` of a row of n numbers, of which the last may be partial. */
static inline vec vec_load_row(const real *row, int64_t first, int64_t n)
{
    return n - first < VL ? vec_load_part(row + first, n - first) : vec_load(row + first);
}

static inline void vec_store_row(real *row, int64_t first, int64_t n, vec v)
{
    if (n - first < VL)
        vec_store_part(row + first, v, n - first);
    else
        vec_store(row + first, v);
}

/* row = v + beta row there, beta 0 or 1. */
static inline void vec_add_row(real *row, int64_t first, int64_t n, vec v, real beta)
{
    vec_store_row(row, first, n, beta != 0 ? v + vec_load_row(row, first, n) : v);
}

/* Stores past the caches, where p lies on a multiple of VEC_BYTES: memory is then not read before it is written. For
 * arrays so large that their beginning has left the cache before their end is written. vec_past_end goes before other
 * threads are told: these stores may arrive later than those after them. */
static inline void vec_store_past(real *p, vec v)
{
#if defined(__AVX512F__)
    _mm512_stream_si512((void *)p, (__m512i)v);
#elif defined(__AVX__)
    _mm256_stream_si256((void *)p, (__m256i)v);
#else
    vec_store(p, v);
#endif
}

static inline void vec_past_end(void)
{
#if defined(__AVX__)
    _mm_sfence();
#endif
}

/* Sum of the elements, pairwise: element i is added to element i + half, for half = VL/2 .. 1. */
static inline real vec_sum(vec v)
{
    typedef real half __attribute__((vector_size(VEC_BYTES / 2)));
    half part[2];
    memcpy(part, &v, sizeof v);
    half s = part[0] + part[1];
    real sum[VL / 2];
    memcpy(sum, &s, sizeof s);
    for (int width = VL / 4; width; width /= 2)
        for (int i = 0; i < width; i++) sum[i] += sum[i + width];
    return sum[0];
}

/* 1 / v within two units in the last place. AVX-512's division of a register takes as long as sixteen multiplications.
 */
static inline vec vec_reciprocal(vec v)
{
#if defined(__AVX512F__) && !defined(DT_DOUBLE)
    vec r = (vec)_mm512_rcp14_ps((__m512)v);
    return r + r * (1 - v * r); /* one step of Newton's method doubles its 14 bits */
#else
    return 1 / v;
#endif
}

/* Keeps v in a register. Without it GCC prefers to load an operand again with every instruction that uses it, and then
 * the two load ports, not the two multipliers, set the speed. */
static inline vec vec_keep(vec v)
{
#if defined(__AVX512F__)
    __asm__("" : "+v"(v));
#elif defined(__x86_64__)
    __asm__("" : "+x"(v));
#elif defined(__aarch64__)
    __asm__("" : "+w"(v));
#endif
    return v;
}

/* __builtin_shuffle(a, b, which): GCC's, with places that need not be constants. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_shuffle)
#define VEC_HAS_SHUFFLE
#endif
#endif

/* Unrolls the loop that follows, so that its array of vectors lives in registers. */
#if defined(__clang__)
#define VEC_UNROLL _Pragma("unroll")
#else
#define VEC_UNROLL _Pragma("GCC unroll 16")
#endif

#endif
