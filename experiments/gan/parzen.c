/* The Parzen window estimate of a log-likelihood: with samples s_1 .. s_m,
 *
 *     log p(x) = log 1/m sum over j of exp(-|x - s_j|^2 / (2 sigma^2)) - D log(sigma sqrt(2 pi)),      D = 784 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "experiments/gan/parts.h"

enum { WIDTHS = 10, CHOOSING = 1000, BATCH = 100 };

typedef struct {
    dt_trial *trial;
    const real *samples;
    int64_t count;
    double *norm; /* |s_j|^2 */
    const double *sigma;
    int widths;
    /* of the images first .. first + n - 1 */
    int64_t n;
    const real *x, *products; /* [784,n], [n,count] */
    double *log_p;            /* [n,widths] */
} estimate;

static double square_of(const real *column, int64_t stride)
{
    double sum = 0;
    for (int64_t f = 0; f < PIXELS; f++) sum += (double)column[f * stride] * (double)column[f * stride];
    return sum;
}

/* |x - s|^2 = |x|^2 - 2 x s + |s|^2 */
static void one_image(void *context, int64_t i)
{
    const estimate *e = context;
    const double norm = square_of(e->x + i, e->n);
    const real *product = e->products + i * e->count;
    double nearest = INFINITY;
    for (int64_t j = 0; j < e->count; j++) nearest = fmin(nearest, norm + e->norm[j] - 2 * (double)product[j]);
    for (int w = 0; w < e->widths; w++) {
        const double sigma = e->sigma[w], scale = 1 / (2 * sigma * sigma);
        double sum = 0;
        for (int64_t j = 0; j < e->count; j++)
            sum += exp((nearest - (norm + e->norm[j] - 2 * (double)product[j])) * scale);
        e->log_p[i * e->widths + w] =
            log(sum / (double)e->count) - nearest * scale - PIXELS * log(sigma * sqrt(8 * atan(1)));
    }
}

/* mean[widths] and variance of the images' log-likelihoods, for each width. */
static void measure(estimate *e, const dt_images *images, int64_t most, double *mean, double *variance)
{
    const dt_frame frame = {28, 28, 0, 1};
    const int64_t total = images->count < most ? images->count : most;
    real *x = malloc(PIXELS * BATCH * sizeof *x), *products = malloc((size_t)(BATCH * e->count) * sizeof *products);
    double *log_p = malloc((size_t)(BATCH * e->widths) * sizeof *log_p), square[WIDTHS] = {0};
    DT_REQUIRE(x && products && log_p, "parzen: out of memory");
    for (int w = 0; w < e->widths; w++) mean[w] = 0;
    for (int64_t first = 0; first < total && !dt_trial_stopped(e->trial); first += BATCH) {
        uint32_t order[BATCH];
        int32_t labels[BATCH];
        e->n = total - first < BATCH ? total - first : BATCH;
        for (int64_t i = 0; i < e->n; i++) order[i] = (uint32_t)(first + i);
        dt_batch_gather(images, &frame, order, e->n, x, labels);
        dt_kernel(dt_trial_backend(e->trial), gemm)(true, false, e->n, e->count, PIXELS, x, e->samples, 0, products);
        e->x = x;
        e->products = products;
        e->log_p = log_p;
        dt_parallel_for(e->n, one_image, e);
        for (int64_t i = 0; i < e->n; i++)
            for (int w = 0; w < e->widths; w++) {
                mean[w] += log_p[i * e->widths + w] / (double)total;
                square[w] += log_p[i * e->widths + w] * log_p[i * e->widths + w] / (double)total;
            }
        dt_trial_progress(e->trial, 1, "Parzen window: image %lld of %lld", (long long)(first + e->n),
                          (long long)total);
    }
    for (int w = 0; w < e->widths; w++) variance[w] = fmax(0, square[w] - mean[w] * mean[w]);
    free(x);
    free(products);
    free(log_p);
}

parzen_score parzen(dt_trial *trial, const real *samples, int64_t count, const dt_images *choosing,
                    const dt_images *images)
{
    double sigma[WIDTHS], mean[WIDTHS], variance[WIDTHS];
    estimate e = {.trial = trial, .samples = samples, .count = count, .sigma = sigma, .widths = WIDTHS};
    e.norm = malloc((size_t)count * sizeof *e.norm);
    DT_REQUIRE(e.norm, "parzen: out of memory");
    for (int64_t j = 0; j < count; j++) e.norm[j] = square_of(samples + j, count);
    for (int w = 0; w < WIDTHS; w++) sigma[w] = pow(10, -1 + (double)w / (WIDTHS - 1));
    measure(&e, choosing, CHOOSING, mean, variance);
    int best = 0;
    for (int w = 1; w < WIDTHS; w++)
        if (mean[w] > mean[best]) best = w;
    e.sigma = &sigma[best];
    e.widths = 1;
    measure(&e, images, images->count, mean, variance);
    free(e.norm);
    return (parzen_score){mean[0], sqrt(variance[0] / (double)images->count), sigma[best]};
}
