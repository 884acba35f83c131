#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

enum { GRAIN = 16384 }; /* elements a piece */

/* Random words, each in the lower half of a lane of 64 bits; the upper half holds anything. So both halves of Philox's
 * product come from one multiplication. */
typedef uint64_t words __attribute__((vector_size(VEC_BYTES)));
enum { LANES = VEC_BYTES / sizeof(uint64_t) };
typedef uint8_t flags __attribute__((vector_size(VEC_BYTES / sizeof(uint64_t))));

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

typedef struct {
    const dt_noise *noise;
    uint64_t threshold; /* keep from this word on */
    int64_t features, n;
    uint8_t *keep;
} draw;

/* Four features of a register of examples: `c` are their counters. */
static inline void draw_block(const draw *d, words c[4], int64_t feature, int64_t example)
{
    uint32_t key[2] = {(uint32_t)d->noise->stream.seed, (uint32_t)(d->noise->stream.seed >> 32)};
    philox(c, key);
    int64_t left = d->n - example;
    for (int i = 0; i < 4 && feature + i < d->features; i++) {
        uint8_t *to = d->keep + (feature + i) * d->n + example;
        flags keep = __builtin_convertvector((c[i] & UINT32_MAX) >= d->threshold, flags) & 1;
        if (left >= LANES)
            memcpy(to, &keep, LANES);
        else
            for (int64_t j = 0; j < left; j++) to[j] = keep[j];
    }
}

/* Blocks first .. end-1 of four features each. The words of a stream's block are those of core/rng.c. */
static void draw_range(void *context, int64_t first, int64_t end)
{
    const draw *d = context;
    const dt_noise *noise = d->noise;
    uint64_t upper = noise->stream.step ^ (uint64_t)noise->stream.purpose << 32;
    words lane = {0};
    for (int i = 0; i < LANES; i++) lane[i] = (uint64_t)i;
    for (int64_t four = first; four < end; four++) {
        uint64_t row = ((uint64_t)noise->op << 26 | (uint64_t)four) << 20 | (uint64_t)noise->first;
        for (int64_t j = 0; j < d->n; j += LANES) {
            words block = row + (uint64_t)j + lane, none = {0};
            words c[4] = {block, block >> 32, none + upper, none + (upper >> 32)};
            draw_block(d, c, 4 * four, j);
        }
    }
}

void dt_cpu_dropout_mask(const dt_noise *noise, double p, int64_t features, int64_t n, uint8_t *keep)
{
    draw d = {noise, (uint64_t)(p * 0x1p32), features, n, keep};
    dt_parallel_ranges((features + 3) / 4, 1 + GRAIN / (4 * n), draw_range, &d);
}

typedef struct {
    real scale, beta;
    const uint8_t *keep;
    const real *x;
    real *y;
} product;

/* A product, not a choice: what is not a number stays so where it is left out, and shows. */
static void apply_range(void *context, int64_t first, int64_t end)
{
    const product *p = context;
    const uint8_t *restrict keep = p->keep;
    const real *restrict x = p->x, scale = p->scale;
    real *restrict y = p->y;
    if (p->beta != 0)
        for (int64_t i = first; i < end; i++) y[i] += (real)keep[i] * scale * x[i];
    else
        for (int64_t i = first; i < end; i++) y[i] = (real)keep[i] * scale * x[i];
}

void dt_cpu_dropout_apply(int64_t count, real scale, const uint8_t *keep, const real *x, real beta, real *y)
{
    product p = {scale, beta, keep, x, y};
    dt_parallel_ranges(count, GRAIN, apply_range, &p);
}
