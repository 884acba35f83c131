#include "backend/cpu/kernels.h"
#include "backend/cpu/philox.h"
#include "core/threads.h"

enum { GRAIN = 16384 }; /* elements a piece */

typedef uint8_t flags __attribute__((vector_size(VEC_BYTES / sizeof(uint64_t))));

typedef struct {
    const dt_noise *noise;
    uint64_t threshold; /* keep from this word on */
    int64_t features, n;
    uint8_t *keep;
} draw;

/* Four features of a register of examples: `c` are their words. */
static inline void draw_block(const draw *d, const words c[4], int64_t feature, int64_t example)
{
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
    for (int64_t four = first; four < end; four++) {
        uint64_t row = ((uint64_t)noise->op << 26 | (uint64_t)four) << 20 | (uint64_t)noise->first;
        for (int64_t j = 0; j < d->n; j += LANES) {
            words c[4];
            philox_blocks(noise->stream, row + (uint64_t)j, c);
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
