/* y = w' x + bias, with one example a column: the weights of a linear layer used the other way, as in the decoder of an
 * autoencoder with tied weights
 *
 * dx = w dy        dw = x dy'        dbias = the row sums of dy */
#include "ops/op.h"

dt_var *dt_linear_transposed_of(dt_var *x, dt_var *w, dt_var *bias)
{
    DT_REQUIRE(x->rank == 2, "linear_transposed: the input of %s has shape %s, must be [features,batch]", w->name,
               SHAPE(x));
    DT_REQUIRE(w->rank == 2 && w->dim[0] == x->dim[0], "linear_transposed: the input %s does not fit %s %s", SHAPE(x),
               w->name, SHAPE(w));
    DT_REQUIRE(!bias || bias->count == w->dim[1], "linear_transposed: %s has %lld biases for %lld outputs", bias->name,
               (long long)bias->count, (long long)w->dim[1]);
    const int64_t in = w->dim[0], out = w->dim[1], n = dt_batch(x);
    dt_var *y = dt_record(&dt_linear_transposed_op, bias ? 3 : 2, (dt_var *[]){x, w, bias}, 2, (int64_t[]){out, n});
    KERNEL(y, gemm)(true, false, out, n, in, w->value, x->value, 0, y->value);
    if (bias) KERNEL(y, add_bias)(out, n, bias->value, y->value);
    return y;
}

static void backward(const dt_var *y)
{
    dt_var *x = y->input[0], *w = y->input[1];
    const int64_t in = w->dim[0], out = w->dim[1], n = dt_batch(x);
    real beta, *dx = dt_gradient(x, &beta);
    if (dx) KERNEL(y, gemm)(false, false, in, n, out, w->value, y->gradient, beta, dx);
    real *dw = dt_gradient(w, &beta);
    if (dw) KERNEL(y, gemm)(false, true, in, out, n, x->value, y->gradient, beta, dw);
    real *dbias = y->n_inputs == 3 ? dt_gradient_sum(y->input[2]) : NULL;
    if (dbias) KERNEL(y, sum_rows)(out, n, y->gradient, dbias);
}

static dt_cost cost(const dt_var *y)
{
    const int64_t weights = y->input[1]->count, biases = y->n_inputs == 3 ? y->input[2]->count : 0;
    return (dt_cost){weights + biases, 2.0 * (double)weights};
}

const dt_op dt_linear_transposed_op = {"linear_transposed", "y = w' x + bias", backward, cost};
