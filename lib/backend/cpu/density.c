#include "backend/cpu/cut.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/vecmath.h"
#include "core/threads.h"

/* Densities of [features,n]. Losses add up a register of examples over all features, in order; gradients are
 * elementwise, some rows of features at a time. */
enum { GRAIN = 8192 }; /* numbers in a piece of rows */

typedef struct {
    int64_t features, n;
    const real *x, *mean, *log_variance, *logits, *dloss;
    dt_gaussian_gradients d;
    real beta;
    real *out;
} job;

static vec row_or_0(const real *x, int64_t f, int64_t first, int64_t n)
{
    return x ? vec_load_row(x + f * n, first, n) : vec_set(0);
}

static void losses(const job *j, void (*piece)(void *context, int64_t i))
{
    dt_parallel_for(pieces_of(j->n, VL), piece, (void *)(uintptr_t)j);
}

static void gradients(const job *j, void (*rows)(void *context, int64_t first, int64_t end))
{
    dt_parallel_ranges(j->features, 1 + GRAIN / j->n, rows, (void *)(uintptr_t)j);
}

/* ---- Bernoulli */

/* log(1 + exp(a)) = max(a, 0) + log(1 + exp(-|a|)), where nothing overflows. */
static void bernoulli_piece(void *context, int64_t i)
{
    const job *j = context;
    const int64_t first = i * VL, n = j->n;
    vec sum = {0};
    for (int64_t f = 0; f < j->features; f++) {
        const vec a = vec_load_row(j->logits + f * n, first, n), x = vec_load_row(j->x + f * n, first, n);
        const vec above = vec_select(a <= 0, vec_set(0), a), size = vec_select(a < 0, -a, a);
        sum += above + vec_log(1 + vec_exp(-size)) - x * a;
    }
    vec_store_row(j->out, first, n, sum);
}

void dt_cpu_bernoulli_nll_forward(int64_t features, int64_t n, const real *x, const real *logits, real *loss)
{
    losses(&(job){.features = features, .n = n, .x = x, .logits = logits, .out = loss}, bernoulli_piece);
}

static void bernoulli_rows(void *context, int64_t f, int64_t end)
{
    const job *j = context;
    const int64_t n = j->n;
    for (; f < end; f++)
        for (int64_t first = 0; first < n; first += VL) {
            const vec p = vec_sigmoid(vec_load_row(j->logits + f * n, first, n));
            const vec d = p - vec_load_row(j->x + f * n, first, n);
            vec_add_row(j->out + f * n, first, n, vec_load_row(j->dloss, first, n) * d, j->beta);
        }
}

void dt_cpu_bernoulli_nll_backward(int64_t features, int64_t n, const real *x, const real *logits, const real *dloss,
                                   real beta, real *dlogits)
{
    gradients(
        &(job){.features = features, .n = n, .x = x, .logits = logits, .dloss = dloss, .beta = beta, .out = dlogits},
        bernoulli_rows);
}

/* ---- normal */

static void gaussian_piece(void *context, int64_t i)
{
    const job *j = context;
    const real log_2_pi = (real)1.8378770664093454836;
    const int64_t first = i * VL, n = j->n;
    vec sum = {0};
    for (int64_t f = 0; f < j->features; f++) {
        const vec v = row_or_0(j->log_variance, f, first, n);
        const vec e = vec_load_row(j->x + f * n, first, n) - row_or_0(j->mean, f, first, n);
        sum += log_2_pi + v + e * e * vec_exp(-v);
    }
    vec_store_row(j->out, first, n, sum / 2);
}

void dt_cpu_gaussian_nll_forward(int64_t features, int64_t n, const real *x, const real *mean, const real *log_variance,
                                 real *loss)
{
    losses(&(job){.features = features, .n = n, .x = x, .mean = mean, .log_variance = log_variance, .out = loss},
           gaussian_piece);
}

static void gaussian_rows(void *context, int64_t f, int64_t end)
{
    const job *j = context;
    const int64_t n = j->n;
    for (; f < end; f++)
        for (int64_t first = 0; first < n; first += VL) {
            const vec e = vec_load_row(j->x + f * n, first, n) - row_or_0(j->mean, f, first, n);
            const vec dloss = vec_load_row(j->dloss, first, n);
            const vec scaled = e * vec_exp(-row_or_0(j->log_variance, f, first, n)), dx = dloss * scaled;
            if (j->d.x) vec_add_row(j->d.x + f * n, first, n, dx, 1);
            if (j->d.mean) vec_add_row(j->d.mean + f * n, first, n, -dx, 1);
            if (j->d.log_variance) vec_add_row(j->d.log_variance + f * n, first, n, dloss * (1 - e * scaled) / 2, 1);
        }
}

void dt_cpu_gaussian_nll_backward(int64_t features, int64_t n, const real *x, const real *mean,
                                  const real *log_variance, const real *dloss, const dt_gaussian_gradients *d)
{
    gradients(
        &(job){
            .features = features, .n = n, .x = x, .mean = mean, .log_variance = log_variance, .dloss = dloss, .d = *d},
        gaussian_rows);
}

static void kl_piece(void *context, int64_t i)
{
    const job *j = context;
    const int64_t first = i * VL, n = j->n;
    vec sum = {0};
    for (int64_t f = 0; f < j->features; f++) {
        const vec m = vec_load_row(j->mean + f * n, first, n), v = vec_load_row(j->log_variance + f * n, first, n);
        sum += m * m + vec_exp(v) - v - 1;
    }
    vec_store_row(j->out, first, n, sum / 2);
}

void dt_cpu_gaussian_kl_forward(int64_t features, int64_t n, const real *mean, const real *log_variance, real *loss)
{
    losses(&(job){.features = features, .n = n, .mean = mean, .log_variance = log_variance, .out = loss}, kl_piece);
}

static void kl_rows(void *context, int64_t f, int64_t end)
{
    const job *j = context;
    const int64_t n = j->n;
    for (; f < end; f++)
        for (int64_t first = 0; first < n; first += VL) {
            const vec dloss = vec_load_row(j->dloss, first, n), v = vec_load_row(j->log_variance + f * n, first, n);
            if (j->d.mean) {
                const vec m = vec_load_row(j->mean + f * n, first, n);
                vec_add_row(j->d.mean + f * n, first, n, dloss * m, 1);
            }
            if (j->d.log_variance) vec_add_row(j->d.log_variance + f * n, first, n, dloss * (vec_exp(v) - 1) / 2, 1);
        }
}

void dt_cpu_gaussian_kl_backward(int64_t features, int64_t n, const real *mean, const real *log_variance,
                                 const real *dloss, const dt_gaussian_gradients *d)
{
    gradients(&(job){.features = features, .n = n, .mean = mean, .log_variance = log_variance, .dloss = dloss, .d = *d},
              kl_rows);
}
