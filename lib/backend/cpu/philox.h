/* The counter-based random numbers of core/rng.c, a register of blocks at a time. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_PHILOX_H
#define DT_BACKEND_CPU_PHILOX_H

#include "backend/cpu/vec.h"
#include "core/rng.h"

/* Random words, each in the lower half of a lane of 64 bits; the upper half holds anything. So both halves of Philox's
 * product come from one multiplication. */
typedef uint64_t words __attribute__((vector_size(VEC_BYTES)));
enum { LANES = VEC_BYTES / sizeof(uint64_t) };

static inline words multiply(words a, uint32_t b)
{
#if defined(__AVX512F__)
    return (words)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(b));
#elif defined(__AVX2__)
    return (words)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(b));
#else
    return (a & UINT32_MAX) * b;
#endif
}

/* dt_philox4x32 for one counter a lane. */
static inline void philox(words c[4], const uint32_t key[2])
{
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        words p0 = multiply(c[0], 0xD2511F53u), p1 = multiply(c[2], 0xCD9E8D57u);
        c[0] = (p1 >> 32) ^ c[1] ^ k0;
        c[1] = p1;
        c[2] = (p0 >> 32) ^ c[3] ^ k1;
        c[3] = p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* Blocks first .. first + LANES - 1 of the stream (dt_rng_block): word i of each into c[i]. */
static inline void philox_blocks(dt_rng stream, uint64_t first, words c[4])
{
    const uint64_t upper = stream.step ^ (uint64_t)stream.purpose << 32;
    const uint32_t key[2] = {(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)};
    words block = {0}, none = {0};
    for (int i = 0; i < LANES; i++) block[i] = first + (uint64_t)i;
    c[0] = block;
    c[1] = block >> 32;
    c[2] = none + upper;
    c[3] = none + (upper >> 32);
    philox(c, key);
}

#endif
