#include "core/rng.h"

#include <math.h>

static const double two_pi = 6.283185307179586476925;

uint32_t dt_rng_purpose(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

dt_rng dt_rng_stream(uint64_t seed, const char *purpose, uint64_t step)
{
    return (dt_rng){seed, dt_rng_purpose(purpose), step};
}

void dt_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u; /* the golden ratio and sqrt(3) - 1: the paper's Weyl sequence */
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* Four words for a block of the stream. The seed is the key; the purpose is mixed into the step, which fills the upper
 * half of the counter: purposes are few and named, so 64 mixed bits keep their streams apart. */
void dt_rng_block(dt_rng stream, uint64_t block, uint32_t out[4])
{
    uint64_t upper = stream.step ^ ((uint64_t)stream.purpose << 32);
    uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)upper, (uint32_t)(upper >> 32)};
    uint32_t key[2] = {(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)};
    dt_philox4x32(counter, key, out);
}

uint32_t dt_rng_bits(dt_rng stream, uint64_t index)
{
    uint32_t words[4];
    dt_rng_block(stream, index / 4, words);
    return words[index % 4];
}

static double to_unit(uint32_t bits)
{
    return ((double)bits + 0.5) * 0x1p-32;
}

double dt_rng_uniform(dt_rng stream, uint64_t index)
{
    return to_unit(dt_rng_bits(stream, index));
}

void dt_rng_normal_pair(dt_rng stream, uint64_t pair, double out[2])
{
    uint32_t words[4];
    dt_rng_block(stream, pair, words);
    double radius = sqrt(-2 * log(to_unit(words[0])));
    double angle = two_pi * to_unit(words[1]);
    out[0] = radius * cos(angle);
    out[1] = radius * sin(angle);
}

double dt_rng_normal(dt_rng stream, uint64_t index)
{
    double pair[2];
    dt_rng_normal_pair(stream, index / 2, pair);
    return pair[index % 2];
}

uint32_t dt_rng_below(dt_rng stream, uint64_t index, uint32_t n)
{
    uint32_t words[4];
    dt_rng_block(stream, index / 2, words);
    uint32_t high = words[index % 2 * 2], low = words[index % 2 * 2 + 1];
    uint64_t bits = (uint64_t)high << 32 | low;
    return (uint32_t)(((bits >> 32) * n + ((bits & UINT32_MAX) * n >> 32)) >> 32); /* bits * n / 2^64 */
}

void dt_rng_permutation(dt_rng stream, uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = dt_rng_below(stream, i, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}
