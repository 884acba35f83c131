/* y = w x + bias, with one example a column; of a sequence, step by step
 *
 * dx = w' dy        dw = dy x'        dbias = the row sums of dy */
#include "ops/op.h"

static int64_t steps_of(const dt_var *x)
{
    return x->rank == 3 ? x->dim[0] : 1;
}

dt_var *dt_linear_of(dt_var *x, dt_var *w, dt_var *bias)
{
    DT_REQUIRE(x->rank == 2 || x->rank == 3,
               "linear: the input of %s has shape %s, must be [features,batch] (dt_flatten makes it so) or "
               "[steps,features,batch]",
               w->name, SHAPE(x));
    const int64_t steps = steps_of(x), in = x->dim[x->rank - 2], n = dt_batch(x);
    DT_REQUIRE(w->rank == 2 && w->dim[1] == in, "linear: the input %s does not fit %s %s", SHAPE(x), w->name, SHAPE(w));
    DT_REQUIRE(!bias || bias->count == w->dim[0], "linear: %s has %lld biases for %lld outputs", bias->name,
               (long long)bias->count, (long long)w->dim[0]);
    const int64_t out = w->dim[0];
    dt_var *y = dt_record(&dt_linear_op, bias ? 3 : 2, (dt_var *[]){x, w, bias}, x->rank,
                          x->rank == 2 ? (int64_t[]){out, n} : (int64_t[]){steps, out, n});
    for (int64_t t = 0; t < steps; t++) {
        real *yt = y->value + t * out * n;
        KERNEL(y, gemm)(false, false, out, n, in, w->value, x->value + t * in * n, 0, yt);
        if (bias) KERNEL(y, add_bias)(out, n, bias->value, yt);
    }
    return y;
}

static void backward(const dt_var *y)
{
    dt_var *x = y->input[0], *w = y->input[1];
    const int64_t steps = steps_of(x), out = w->dim[0], in = w->dim[1], n = dt_batch(x);
    real beta_x, beta_w, *dx = dt_gradient(x, &beta_x), *dw = dt_gradient(w, &beta_w);
    real *dbias = y->n_inputs == 3 ? dt_gradient_sum(y->input[2]) : NULL;
    for (int64_t t = 0; t < steps; t++) {
        const real *dy = y->gradient + t * out * n, *xt = x->value + t * in * n;
        if (dx) KERNEL(y, gemm)(true, false, in, n, out, w->value, dy, beta_x, dx + t * in * n);
        if (dw) KERNEL(y, gemm)(false, true, out, in, n, dy, xt, t > 0 ? 1 : beta_w, dw);
        if (dbias) KERNEL(y, sum_rows)(out, n, dy, dbias);
    }
}

static dt_cost cost(const dt_var *y)
{
    const int64_t steps = steps_of(y), weights = y->input[1]->count;
    const int64_t biases = y->n_inputs == 3 ? y->input[2]->count : 0;
    return (dt_cost){steps * (weights + biases), 2.0 * (double)(steps * weights)};
}

const dt_op dt_linear_op = {"linear", "y = w x + bias", backward, cost};
