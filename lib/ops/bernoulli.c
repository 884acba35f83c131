/* loss = - sum over f of x_f log p_f + (1 - x_f) log(1 - p_f) with p = sigmoid(logits)   (Kingma & Welling 2014, eq.
 * 11) = sum over f of log(1 + exp(a_f)) - x_f a_f,  a = logits
 *
 * dlogits = dloss (p - x). */
#include "ops/op.h"

dt_var *dt_bernoulli_nll(const dt_var *x, dt_var *logits)
{
    DT_REQUIRE(same_shape(x, logits), "bernoulli_nll: x has shape %s, its logits %s", SHAPE(x), SHAPE(logits));
    dt_var *loss = dt_record(&dt_bernoulli_nll_op, 1, &logits, 1, (int64_t[]){dt_batch(logits)});
    loss->saved = x->value;
    KERNEL(loss, bernoulli_nll_forward)
    (dt_features(logits), dt_batch(logits), x->value, logits->value, loss->value);
    return loss;
}

static void backward(const dt_var *loss)
{
    dt_var *logits = loss->input[0];
    real beta, *d = dt_gradient(logits, &beta);
    if (d) KERNEL(loss, bernoulli_nll_backward)
    (dt_features(logits), dt_batch(logits), loss->saved, logits->value, loss->gradient, beta, d);
}

const dt_op dt_bernoulli_nll_op = {"bernoulli_nll", "loss = sum_f log(1 + exp(a_f)) - x_f a_f", backward, NULL};
