/* Normal densities with m = mean and v = log variance for each number (Kingma & Welling 2014, sections 2.4 and 3,
 * appendices B and C.2).
 *
 * -log density of x    loss = 1/2 sum of log(2 pi) + v + (x - m)^2 exp(-v)
 *     dx = dloss (x - m) exp(-v)      dm = -dx      dv = dloss/2 (1 - (x - m)^2 exp(-v))
 *
 * KL from N(0, 1)      loss = 1/2 sum of m^2 + exp(v) - v - 1
 *     dm = dloss m      dv = dloss/2 (exp(v) - 1)
 *
 * a sample             z = m + exp(v/2) e, e a standard normal number
 *     dm = dz      dv = dz exp(v/2) e / 2 */
#include "ops/op.h"

typedef struct {
    dt_var *mean, *log_variance; /* of dt_gaussian_nll; either may be NULL */
} nll_saved;

static const real *value_of(const dt_var *x)
{
    return x ? x->value : NULL;
}

static real *sum_of(dt_var *x)
{
    return x ? dt_gradient_sum(x) : NULL;
}

dt_var *dt_gaussian_nll(dt_var *x, dt_var *mean, dt_var *log_variance)
{
    DT_REQUIRE(!mean || same_shape(x, mean), "gaussian_nll: x has shape %s, the mean %s", SHAPE(x), SHAPE(mean));
    DT_REQUIRE(!log_variance || same_shape(x, log_variance), "gaussian_nll: x has shape %s, the log variance %s",
               SHAPE(x), SHAPE(log_variance));
    dt_var *inputs[3] = {x};
    int n = 1;
    if (mean) inputs[n++] = mean;
    if (log_variance) inputs[n++] = log_variance;
    dt_var *loss = dt_record(&dt_gaussian_nll_op, n, inputs, 1, (int64_t[]){dt_batch(x)});
    nll_saved *saved = loss->saved = dt_arena_alloc(loss->tape->arena, sizeof *saved);
    *saved = (nll_saved){mean, log_variance};
    KERNEL(loss, gaussian_nll_forward)
    (dt_features(x), dt_batch(x), x->value, value_of(mean), value_of(log_variance), loss->value);
    return loss;
}

static void nll_backward(const dt_var *loss)
{
    const nll_saved *saved = loss->saved;
    dt_var *x = loss->input[0];
    const dt_gaussian_gradients d = {dt_gradient_sum(x), sum_of(saved->mean), sum_of(saved->log_variance)};
    KERNEL(loss, gaussian_nll_backward)
    (dt_features(x), dt_batch(x), x->value, value_of(saved->mean), value_of(saved->log_variance), loss->gradient, &d);
}

const dt_op dt_gaussian_nll_op = {"gaussian_nll", "loss = 1/2 sum_f log(2 pi) + v_f + (x_f - m_f)^2 exp(-v_f)",
                                  nll_backward, NULL};

dt_var *dt_gaussian_kl(dt_var *mean, dt_var *log_variance)
{
    DT_REQUIRE(same_shape(mean, log_variance), "gaussian_kl: the mean has shape %s, the log variance %s", SHAPE(mean),
               SHAPE(log_variance));
    dt_var *loss = dt_record(&dt_gaussian_kl_op, 2, (dt_var *[]){mean, log_variance}, 1, (int64_t[]){dt_batch(mean)});
    KERNEL(loss, gaussian_kl_forward)
    (dt_features(mean), dt_batch(mean), mean->value, log_variance->value, loss->value);
    return loss;
}

static void kl_backward(const dt_var *loss)
{
    dt_var *mean = loss->input[0], *log_variance = loss->input[1];
    const dt_gaussian_gradients d = {NULL, dt_gradient_sum(mean), dt_gradient_sum(log_variance)};
    KERNEL(loss, gaussian_kl_backward)
    (dt_features(mean), dt_batch(mean), mean->value, log_variance->value, loss->gradient, &d);
}

const dt_op dt_gaussian_kl_op = {"gaussian_kl", "loss = 1/2 sum_f m_f^2 + exp(v_f) - v_f - 1", kl_backward, NULL};

dt_var *dt_gaussian_sample(dt_var *mean, dt_var *log_variance, dt_var *noise)
{
    DT_REQUIRE(same_shape(mean, log_variance) && same_shape(mean, noise),
               "gaussian_sample: the mean has shape %s, the log variance %s, the noise %s", SHAPE(mean),
               SHAPE(log_variance), SHAPE(noise));
    dt_var *z = dt_record(&dt_gaussian_sample_op, 2, (dt_var *[]){mean, log_variance}, mean->rank, mean->dim);
    z->saved = noise->value;
    KERNEL(z, gaussian_sample_forward)(z->count, mean->value, log_variance->value, noise->value, z->value);
    return z;
}

static void sample_backward(const dt_var *z)
{
    dt_var *log_variance = z->input[1];
    real beta, *d = dt_gradient(log_variance, &beta);
    if (d) KERNEL(z, gaussian_sample_backward)(z->count, log_variance->value, z->saved, z->gradient, beta, d);
    dt_gradient_pass(z, z->input[0]);
}

const dt_op dt_gaussian_sample_op = {"gaussian_sample", "z = m + exp(v/2) e, e a standard normal number",
                                     sample_backward, NULL};
