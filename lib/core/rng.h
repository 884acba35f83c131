/* Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"). A stream is named by (seed, purpose, step); its i-th number is a pure function of the stream and i, so
 * results depend neither on the number of threads nor on the order of calls, and a resumed run needs no saved state. */
#ifndef DT_CORE_RNG_H
#define DT_CORE_RNG_H

#include "core/real.h"

typedef struct {
    uint64_t seed;
    uint32_t purpose; /* dt_rng_purpose("shuffle") */
    uint64_t step;    /* epoch, update, example: whatever the purpose counts */
} dt_rng;

/* A stream's purpose from its name (FNV-1a hash). */
uint32_t dt_rng_purpose(const char *name);

dt_rng dt_rng_stream(uint64_t seed, const char *purpose, uint64_t step);

/* One Philox block: four 32-bit words of counter `counter` under `key`. Exposed for the published test vectors. */
void dt_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The numbers 4 block .. 4 block + 3 of the stream at once, for those who need many: 32 random bits each. */
void dt_rng_block(dt_rng stream, uint64_t block, uint32_t out[4]);

/* The index-th number of the stream: 32 random bits; uniform in (0, 1); standard normal (Box-Muller). */
uint32_t dt_rng_bits(dt_rng stream, uint64_t index);
double dt_rng_uniform(dt_rng stream, uint64_t index);
double dt_rng_normal(dt_rng stream, uint64_t index);

/* Numbers 2 pair and 2 pair + 1 of dt_rng_normal, for less than the price of two. */
void dt_rng_normal_pair(dt_rng stream, uint64_t pair, double out[2]);

/* Uniform in 0 .. n-1 (n < 2^32), by Lemire's multiplication of 64 bits: the bias is below 2^-32. */
uint32_t dt_rng_below(dt_rng stream, uint64_t index, uint32_t n);

/* A random permutation of 0 .. n-1 into order (Fisher-Yates, numbers 0 .. n-1 of the stream). */
void dt_rng_permutation(dt_rng stream, uint32_t *order, uint32_t n);

#endif
