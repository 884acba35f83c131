/* The random numbers: Philox against the vectors published with it, and the distributions drawn from it. All is
 * deterministic, so the bounds of the statistical checks (five standard deviations) either hold for good or do not. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"

/* Random123's kat_vectors, philox4x32 10. */
Test(rng, philox_known_answers)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } vectors[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t v = 0; v < sizeof vectors / sizeof *vectors; v++) {
        uint32_t out[4];
        dt_philox4x32(vectors[v].counter, vectors[v].key, out);
        for (int i = 0; i < 4; i++)
            cr_expect(out[i] == vectors[v].out[i], "vector %zu, word %d: %08x, not %08x", v, i, out[i],
                      vectors[v].out[i]);
    }
}

/* Landon Curt Noll's test values of 32-bit FNV-1a. */
Test(rng, purposes_are_fnv_1a_hashes)
{
    cr_expect(eq(u32, dt_rng_purpose(""), 0x811c9dc5u));
    cr_expect(eq(u32, dt_rng_purpose("a"), 0xe40c292cu));
    cr_expect(eq(u32, dt_rng_purpose("foobar"), 0xbf9cf968u));
}

/* What was recorded with a seed must come out of it again: a stream's words are those of Philox under the documented
 * counter. */
Test(rng, bits_are_the_words_of_consecutive_blocks)
{
    const uint64_t seed = 0x123456789abcdef0u, step = 77;
    dt_rng stream = dt_rng_stream(seed, "shuffle", step);
    for (uint32_t i = 0; i < 40; i++) {
        const uint32_t counter[4] = {i / 4, 0, (uint32_t)step, dt_rng_purpose("shuffle")};
        const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
        uint32_t out[4];
        dt_philox4x32(counter, key, out);
        cr_expect(eq(u32, dt_rng_bits(stream, i), out[i % 4]));
    }
}

/* Chi-square of `bins` equally likely counts, in standard deviations above its mean of bins - 1. */
static double excess_chi_square(const int64_t *count, int64_t bins, int64_t total)
{
    double expected = (double)total / (double)bins, chi = 0;
    for (int64_t i = 0; i < bins; i++) chi += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
    double freedom = (double)bins - 1;
    return (chi - freedom) / sqrt(2 * freedom);
}

Test(rng, uniform_numbers)
{
    enum { N = 400000, BINS = 100 };
    dt_rng stream = dt_rng_stream(5, "uniform", 0);
    int64_t count[BINS] = {0};
    double sum = 0, squares = 0, neighbours = 0, former = 0.5;
    for (uint64_t i = 0; i < N; i++) {
        double u = dt_rng_uniform(stream, i);
        cr_assert(u > 0 && u < 1);
        count[(int)(u * BINS)]++;
        sum += u - 0.5;
        squares += (u - 0.5) * (u - 0.5);
        neighbours += (u - 0.5) * (former - 0.5);
        former = u;
    }
    cr_expect(fabs(sum / N) < 5 * sqrt(1.0 / 12 / N), "the mean is off by %g", sum / N);
    cr_expect(fabs(squares / N - 1.0 / 12) < 5 * sqrt(1.0 / 180 / N), "the variance is %g", squares / N);
    cr_expect(fabs(neighbours / N) < 5 * (1.0 / 12) / sqrt(N), "neighbours correlate by %g", 12 * neighbours / N);
    cr_expect(fabs(excess_chi_square(count, BINS, N)) < 5);
}

Test(rng, normal_numbers)
{
    enum { N = 400000 };
    dt_rng stream = dt_rng_stream(6, "normal", 0);
    double moment[5] = {0}, pairs = 0;
    int64_t beyond[5] = {0}, below = 0;
    for (uint64_t i = 0; i < N; i++) {
        double z = dt_rng_normal(stream, i), power = 1;
        cr_assert(isfinite(z) && fabs(z) < 7);
        for (int k = 1; k < 5; k++) moment[k] += power *= z;
        for (int k = 1; k < 5; k++) beyond[k] += fabs(z) > k;
        below += z < 0;
        if (i % 2) pairs += z * dt_rng_normal(stream, i - 1);
    }
    /* The variances of z, z^2, z^3, z^4 are 1, 2, 15, 96. */
    static const double mean[5] = {0, 0, 1, 0, 3}, variance[5] = {0, 1, 2, 15, 96};
    for (int k = 1; k < 5; k++)
        cr_expect(fabs(moment[k] / N - mean[k]) < 5 * sqrt(variance[k] / N), "moment %d is %g", k, moment[k] / N);
    for (int k = 1; k < 5; k++) {
        double p = erfc(k / sqrt(2)), sd = sqrt(p * (1 - p) / N);
        cr_expect(fabs((double)beyond[k] / N - p) < 5 * sd, "%g lies beyond %d", (double)beyond[k] / N, k);
    }
    cr_expect(fabs((double)below / N - 0.5) < 5 * 0.5 / sqrt(N));
    cr_expect(fabs(pairs / (N / 2)) < 5 / sqrt(N / 2), "the two of a pair correlate by %g", pairs / (N / 2));
}

Test(rng, below_is_uniform)
{
    static const uint32_t ns[] = {2, 3, 7, 10, 64, 1000};
    for (size_t k = 0; k < sizeof ns / sizeof *ns; k++) {
        int64_t count[1000] = {0}, total = 200 * (int64_t)ns[k];
        dt_rng stream = dt_rng_stream(7, "below", k);
        for (int64_t i = 0; i < total; i++) {
            uint32_t j = dt_rng_below(stream, (uint64_t)i, ns[k]);
            cr_assert(j < ns[k]);
            count[j]++;
        }
        cr_expect(fabs(excess_chi_square(count, ns[k], total)) < 5, "below %u", ns[k]);
    }
}

Test(rng, below_at_the_ends)
{
    dt_rng stream = dt_rng_stream(8, "below", 0);
    const uint32_t most = UINT32_MAX;
    uint32_t least = most, greatest = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        cr_assert(eq(u32, dt_rng_below(stream, i, 1), 0));
        uint32_t j = dt_rng_below(stream, i, most);
        cr_assert(j < most);
        least = j < least ? j : least;
        greatest = j > greatest ? j : greatest;
    }
    cr_expect(least < most / 100 && greatest > most - most / 100, "%u to %u", least, greatest);
}

Test(rng, permutations_hold_each_number_once)
{
    enum { MOST = 1000 };
    for (uint32_t n = 0; n <= MOST; n = n < 5 ? n + 1 : n * 3 / 2) {
        uint32_t order[MOST + 1];
        bool seen[MOST] = {false};
        order[n] = 4711;
        dt_rng_permutation(dt_rng_stream(9, "shuffle", n), order, n);
        for (uint32_t i = 0; i < n; i++) {
            cr_assert(order[i] < n && !seen[order[i]], "n %u, place %u", n, i);
            seen[order[i]] = true;
        }
        cr_expect(eq(u32, order[n], 4711), "n %u: written beyond the end", n);
    }
}

Test(rng, permutations_of_four_are_equally_likely)
{
    enum { TOTAL = 24 * 500 };
    int64_t count[24] = {0};
    for (uint64_t step = 0; step < TOTAL; step++) {
        uint32_t p[4], code = 0;
        dt_rng_permutation(dt_rng_stream(10, "shuffle", step), p, 4);
        /* The Lehmer code: how many of those behind are smaller. */
        for (int i = 0, radix = 24; i < 4; i++) {
            radix /= 4 - i;
            for (int j = i + 1; j < 4; j++) code += p[j] < p[i] ? (uint32_t)radix : 0;
        }
        count[code]++;
    }
    cr_expect(fabs(excess_chi_square(count, 24, TOTAL)) < 5);
}

/* Bits in which two streams agree over n words: n * 32 / 2 where they have nothing to do with each other. */
static double agreement(dt_rng a, dt_rng b, int64_t n)
{
    int64_t same = 0;
    for (int64_t i = 0; i < n; i++)
        same += __builtin_popcount(~(dt_rng_bits(a, (uint64_t)i) ^ dt_rng_bits(b, (uint64_t)i)));
    return (double)same / (double)(32 * n);
}

Test(rng, streams_differ_by_seed_purpose_and_step)
{
    enum { N = 4096 };
    const double bound = 5 * 0.5 / sqrt(32.0 * N);
    dt_rng base = dt_rng_stream(1, "shuffle", 0);
    cr_expect(agreement(base, dt_rng_stream(1, "shuffle", 0), N) == 1);
    cr_expect(fabs(agreement(base, dt_rng_stream(2, "shuffle", 0), N) - 0.5) < bound);
    cr_expect(fabs(agreement(base, dt_rng_stream(1ull << 32 | 1, "shuffle", 0), N) - 0.5) < bound);
    cr_expect(fabs(agreement(base, dt_rng_stream(1, "distortion", 0), N) - 0.5) < bound);
    cr_expect(fabs(agreement(base, dt_rng_stream(1, "shuffle", 1), N) - 0.5) < bound);
    cr_expect(fabs(agreement(base, dt_rng_stream(1, "shuffle", 1ull << 32), N) - 0.5) < bound);
}
