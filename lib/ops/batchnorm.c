/* For each unit or map, over its m numbers in the batch (Ioffe & Szegedy 2015, algorithm 1):
 *
 * mean = 1/m sum x      variance = 1/m sum (x - mean)^2      h = (x - mean) / sqrt(variance + epsilon)
 * y = gamma h + beta
 *
 * The gradient of a mean and a variance that depend on all m numbers (the paper's section 3, put together):
 *
 * dbeta = sum dy      dgamma = sum dy h      dx = gamma / sqrt(variance + epsilon) (dy - dbeta / m - h dgamma / m)
 *
 * In testing, mean and variance are running averages (algorithm 2, line 10), of the variance times m / (m - 1). */
#include <math.h>

#include "ops/op.h"

typedef struct {
    real epsilon;
    real *mean, *variance;
    dt_var *gamma, *beta, *running;
} batchnorm_saved;

static void check(const dt_var *x, const dt_var *gamma, const dt_var *beta, const dt_var *running, double epsilon)
{
    const int64_t channels = x->dim[0];
    const dt_var *part = gamma ? gamma : beta ? beta : running;
    const char *layer = part ? part->name : "no layer";
    DT_REQUIRE(x->rank == 2 || x->rank == 4,
               "batchnorm: the input of %s has shape %s, must be [units,batch] or [maps,height,width,batch]", layer,
               SHAPE(x));
    DT_REQUIRE((!gamma || gamma->count == channels) && (!beta || beta->count == channels) &&
                   (!running || running->count == 2 * channels),
               "batchnorm: %s is not for the %lld units or maps of the input %s", layer, (long long)channels, SHAPE(x));
    DT_REQUIRE(epsilon > 0, "batchnorm: epsilon of %s is %g, must be above 0", layer, epsilon);
}

/* y = gamma / sqrt(variance + epsilon) x + (beta - gamma mean / sqrt(variance + epsilon)) */
static void test(const dt_var *y, const dt_var *x, const batchnorm_saved *s)
{
    const int64_t channels = x->dim[0];
    dt_arena *arena = y->tape->arena;
    dt_arena_mark mark = dt_arena_tell(arena);
    real *coefficient = dt_arena_reals(arena, channels), *bias = dt_arena_reals(arena, channels);
    for (int64_t c = 0; c < channels; c++) {
        real gamma = s->gamma ? s->gamma->value[c] : 1, beta = s->beta ? s->beta->value[c] : 0;
        coefficient[c] = gamma / (real)sqrt((double)(s->running->value[channels + c] + s->epsilon));
        bias[c] = beta - coefficient[c] * s->running->value[c];
    }
    KERNEL(y, affine_forward)(channels, x->count / channels, x->value, coefficient, bias, y->value);
    dt_arena_rewind(arena, mark);
}

dt_var *dt_batchnorm_of(dt_var *x, dt_var *gamma, dt_var *beta, dt_var *running, double epsilon, bool of_batch)
{
    check(x, gamma, beta, running, epsilon);
    dt_var *inputs[4] = {x};
    int n = 1;
    if (gamma) inputs[n++] = gamma;
    if (beta) inputs[n++] = beta;
    if (running) inputs[n++] = running;
    dt_var *y = dt_record(&dt_batchnorm_op, n, inputs, x->rank, x->dim);
    const int64_t channels = x->dim[0], m = x->count / channels;
    dt_arena *arena = y->tape->arena;
    batchnorm_saved *s = y->saved = dt_arena_alloc(arena, sizeof *s);
    *s = (batchnorm_saved){(real)epsilon, NULL, NULL, gamma, beta, running};
    if (running && !of_batch && !y->tape->recording) {
        test(y, x, s);
        return y;
    }
    DT_REQUIRE(m > 1, "batchnorm: the input %s has one number a unit or map, whose variance says nothing", SHAPE(x));
    s->mean = dt_arena_reals(arena, channels);
    s->variance = dt_arena_reals(arena, channels);
    KERNEL(y, batchnorm_forward)
    (channels, m, s->epsilon, x->value, gamma ? gamma->value : NULL, beta ? beta->value : NULL, s->mean, s->variance,
     y->value);
    return y;
}

/* The running averages' gradients, average - observation. */
static void observe(const dt_var *running, const batchnorm_saved *s, int64_t channels, int64_t m, real *d)
{
    const real unbiased = (real)m / (real)(m - 1);
    for (int64_t c = 0; c < channels; c++) {
        d[c] += running->value[c] - s->mean[c];
        d[channels + c] += running->value[channels + c] - unbiased * s->variance[c];
    }
}

static void backward(const dt_var *y)
{
    const batchnorm_saved *s = y->saved;
    dt_var *x = y->input[0];
    const int64_t channels = x->dim[0], m = x->count / channels;
    real add, *dx = dt_gradient(x, &add), *drunning = s->running ? dt_gradient_sum(s->running) : NULL;
    real *dgamma = s->gamma ? dt_gradient_sum(s->gamma) : NULL, *dbeta = s->beta ? dt_gradient_sum(s->beta) : NULL;
    KERNEL(y, batchnorm_backward)
    (channels, m, s->epsilon, x->value, s->gamma ? s->gamma->value : NULL, s->mean, s->variance, y->gradient, add, dx,
     dgamma, dbeta);
    if (drunning) observe(s->running, s, channels, m, drunning);
}

/* As in testing: a product and a sum for each number. */
static dt_cost cost(const dt_var *y)
{
    const batchnorm_saved *s = y->saved;
    int64_t features = dt_features(y);
    return (dt_cost){((s->gamma != NULL) + (s->beta != NULL)) * features, 2.0 * (double)features};
}

const dt_op dt_batchnorm_op = {"batchnorm", "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, over the batch",
                               backward, cost};
