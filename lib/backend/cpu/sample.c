#include "backend/cpu/kernels.h"
#include "backend/cpu/vecmath.h"
#include "core/threads.h"

enum { GRAIN = 8192 }; /* numbers in a piece */

typedef struct {
    const dt_noise *noise;
    int64_t features, n;
    real *x;
} fill;

/* Pairs first .. end-1 of features: both numbers of a block of the stream, for each example. */
static void fill_range(void *context, int64_t first, int64_t end)
{
    const fill *j = context;
    const dt_noise *noise = j->noise;
    for (int64_t pair = first; pair < end; pair++) {
        const uint64_t row = (((uint64_t)noise->op << 27) + (uint64_t)pair) << 20;
        for (int64_t k = 0; k < j->n; k++) {
            double two[2];
            dt_rng_normal_pair(noise->stream, row + (uint64_t)(noise->first + k), two);
            for (int64_t f = 2 * pair; f < 2 * pair + 2 && f < j->features; f++)
                j->x[f * j->n + k] = (real)two[f - 2 * pair];
        }
    }
}

void dt_cpu_normal_fill(const dt_noise *noise, int64_t features, int64_t n, real *x)
{
    fill j = {noise, features, n, x};
    dt_parallel_ranges((features + 1) / 2, 1 + GRAIN / (16 * n), fill_range, &j); /* one costs as much as 16 products */
}

typedef struct {
    const real *mean, *log_variance, *noise, *dz;
    real beta;
    real *out;
} job;

static void forward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i += VL) {
        const vec deviation = vec_exp(vec_load_row(j->log_variance, i, end) / 2);
        vec_store_row(j->out, i, end, vec_load_row(j->mean, i, end) + deviation * vec_load_row(j->noise, i, end));
    }
}

void dt_cpu_gaussian_sample_forward(int64_t count, const real *mean, const real *log_variance, const real *noise,
                                    real *z)
{
    job j = {.mean = mean, .log_variance = log_variance, .noise = noise, .out = z};
    dt_parallel_ranges(count, GRAIN, forward_range, &j);
}

static void backward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i += VL) {
        const vec deviation = vec_exp(vec_load_row(j->log_variance, i, end) / 2);
        const vec slope = deviation * vec_load_row(j->noise, i, end) / 2;
        vec_add_row(j->out, i, end, vec_load_row(j->dz, i, end) * slope, j->beta);
    }
}

void dt_cpu_gaussian_sample_backward(int64_t count, const real *log_variance, const real *noise, const real *dz,
                                     real beta, real *dlog_variance)
{
    job j = {.log_variance = log_variance, .noise = noise, .dz = dz, .beta = beta, .out = dlog_variance};
    dt_parallel_ranges(count, GRAIN, backward_range, &j);
}
