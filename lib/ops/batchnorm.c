/* For each unit or map, over its m numbers in the batch (Ioffe & Szegedy 2015, algorithm 1):
 *
 * mean = 1/m sum x      variance = 1/m sum (x - mean)^2      h = (x - mean) / sqrt(variance + epsilon)
 * y = gamma h + beta
 *
 * The gradient of a mean and a variance that depend on all m numbers (the paper's section 3, put together):
 *
 * dbeta = sum dy      dgamma = sum dy h      dx = gamma / sqrt(variance + epsilon) (dy - dbeta / m - h dgamma / m)
 *
 * In testing, mean and variance are running averages (algorithm 2, line 10), of the variance times m / (m - 1).
 *
 * What stands behind it in most networks is part of the op, as an array passes through the caches once less for each: y
 * = max(0, gamma h + beta + r). Then dy above is that of the sum, [y > 0] dy, which is dr, too. */
#include <math.h>

#include "ops/op.h"

typedef struct {
    dt_batchnorm_how how;
    dt_batchnorm_shape shape;
    real *mean, *variance;
} batchnorm_saved;

static const real *value_of(const dt_var *x)
{
    return x ? x->value : NULL;
}

static void check(const dt_var *x, const dt_batchnorm_how *how)
{
    const int64_t channels = x->dim[0];
    const dt_var *gamma = how->gamma, *beta = how->beta, *running = how->running;
    const dt_var *part = gamma ? gamma : beta ? beta : running;
    const char *layer = part ? part->name : "no layer";
    DT_REQUIRE(x->rank == 2 || x->rank == 4,
               "batchnorm: the input of %s has shape %s, must be [units,batch] or [maps,height,width,batch]", layer,
               SHAPE(x));
    DT_REQUIRE((!gamma || gamma->count == channels) && (!beta || beta->count == channels) &&
                   (!running || running->count == 2 * channels),
               "batchnorm: %s is not for the %lld units or maps of the input %s", layer, (long long)channels, SHAPE(x));
    DT_REQUIRE(how->epsilon > 0, "batchnorm: epsilon of %s is %g, must be above 0", layer, how->epsilon);
    DT_REQUIRE(!how->add || covers(x, how->add), "batchnorm: %s does not fit the input %s of %s", SHAPE(how->add),
               SHAPE(x), layer);
}

/* y = gamma / sqrt(variance + epsilon) x + (beta - gamma mean / sqrt(variance + epsilon)), and what is behind it */
static void test(const dt_var *y, const dt_var *x, const batchnorm_saved *s)
{
    const dt_batchnorm_how *how = &s->how;
    const int64_t channels = x->dim[0];
    dt_arena *arena = y->tape->arena;
    dt_arena_mark mark = dt_arena_tell(arena);
    real *coefficient = dt_arena_reals(arena, channels), *bias = dt_arena_reals(arena, channels);
    for (int64_t c = 0; c < channels; c++) {
        real gamma = how->gamma ? how->gamma->value[c] : 1, beta = how->beta ? how->beta->value[c] : 0;
        coefficient[c] = gamma / (real)sqrt((double)(how->running->value[channels + c] + s->shape.epsilon));
        bias[c] = beta - coefficient[c] * how->running->value[c];
    }
    KERNEL(y, affine_forward)(channels, x->count / channels, x->value, coefficient, bias, y->value);
    dt_arena_rewind(arena, mark);
    if (how->add) KERNEL(y, copy)(how->add->count, how->add->value, 1, y->value);
    if (how->relu) KERNEL(y, activation_forward)(&(dt_activation){.kind = DT_RELU}, y->count, y->value, y->value);
}

dt_var *dt_batchnorm_of(dt_var *x, dt_batchnorm_how how)
{
    check(x, &how);
    dt_var *inputs[DT_MAX_INPUTS] = {x}, *const others[] = {how.gamma, how.beta, how.running, how.add};
    int n = 1;
    for (int i = 0; i < 4; i++)
        if (others[i]) inputs[n++] = others[i];
    dt_var *y = dt_record(&dt_batchnorm_op, n, inputs, x->rank, x->dim);
    const int64_t channels = x->dim[0], m = x->count / channels;
    dt_arena *arena = y->tape->arena;
    batchnorm_saved *s = y->saved = dt_arena_alloc(arena, sizeof *s);
    *s = (batchnorm_saved){how, {channels, m, how.add ? how.add->dim[0] : 0, (real)how.epsilon, how.relu}, NULL, NULL};
    if (how.running && !how.of_batch && !y->tape->recording) {
        test(y, x, s);
        return y;
    }
    DT_REQUIRE(m > 1, "batchnorm: the input %s has one number a unit or map, whose variance says nothing", SHAPE(x));
    s->mean = dt_arena_reals(arena, channels);
    s->variance = dt_arena_reals(arena, channels);
    KERNEL(y, batchnorm_forward)
    (&s->shape, x->value, value_of(how.gamma), value_of(how.beta), value_of(how.add), s->mean, s->variance, y->value);
    return y;
}

/* The running averages' gradients, average - observation. */
static void observe(const batchnorm_saved *s)
{
    const int64_t channels = s->shape.channels, m = s->shape.columns;
    const real unbiased = (real)m / (real)(m - 1), *running = s->how.running->value;
    real *d = dt_gradient_sum(s->how.running);
    for (int64_t c = 0; d && c < channels; c++) {
        d[c] += running[c] - s->mean[c];
        d[channels + c] += running[channels + c] - unbiased * s->variance[c];
    }
}

static void backward(const dt_var *y)
{
    const batchnorm_saved *s = y->saved;
    const dt_batchnorm_how *how = &s->how;
    dt_var *x = y->input[0];
    real add, *dx = dt_gradient(x, &add);
    real *dgamma = how->gamma ? dt_gradient_sum(how->gamma) : NULL;
    real *dbeta = how->beta ? dt_gradient_sum(how->beta) : NULL;
    KERNEL(y, batchnorm_backward)
    (&s->shape, x->value, value_of(how->gamma), value_of(how->beta), s->mean, s->variance, how->add ? y->value : NULL,
     y->gradient, add, dx, dgamma, dbeta);
    if (how->running) observe(s);
    if (how->add) dt_gradient_pass(y, how->add);
}

/* As in testing: a product and a sum for each number, and the sum behind it. */
static dt_cost cost(const dt_var *y)
{
    const dt_batchnorm_how *how = &((const batchnorm_saved *)y->saved)->how;
    const int64_t features = dt_features(y), sums = how->add ? dt_features(how->add) : 0;
    return (dt_cost){((how->gamma != NULL) + (how->beta != NULL)) * features, 2.0 * (double)features + (double)sums};
}

const dt_op dt_batchnorm_op = {
    "batchnorm", "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, over the batch; plus r; max(0, .)", backward,
    cost};
