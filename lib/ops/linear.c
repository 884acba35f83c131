/* y = w x + bias, with one example a column
 *
 * dx = w' dy        dw = dy x'        dbias = the row sums of dy */
#include "ops/op.h"

dt_var *dt_linear_of(dt_var *x, dt_var *w, dt_var *bias)
{
    DT_REQUIRE(x->rank == 2, "linear: the input of %s has shape %s, must be [features,batch] (dt_flatten makes it so)",
               w->name, SHAPE(x));
    DT_REQUIRE(w->rank == 2 && w->dim[1] == x->dim[0], "linear: the input %s does not fit %s %s", SHAPE(x), w->name,
               SHAPE(w));
    DT_REQUIRE(!bias || bias->count == w->dim[0], "linear: %s has %lld biases for %lld outputs", bias->name,
               (long long)bias->count, (long long)w->dim[0]);
    int64_t out = w->dim[0], in = w->dim[1], n = x->dim[1];
    dt_var *y = dt_record(&dt_linear_op, bias ? 3 : 2, (dt_var *[]){x, w, bias}, 2, (int64_t[]){out, n});
    KERNEL(y, gemm)(false, false, out, n, in, w->value, x->value, 0, y->value);
    if (bias) KERNEL(y, add_bias)(out, n, bias->value, y->value);
    return y;
}

static void backward(const dt_var *y)
{
    dt_var *x = y->input[0], *w = y->input[1];
    int64_t out = w->dim[0], in = w->dim[1], n = x->dim[1];
    real beta, *d;
    if ((d = dt_gradient(x, &beta))) KERNEL(y, gemm)(true, false, in, n, out, w->value, y->gradient, beta, d);
    if ((d = dt_gradient(w, &beta))) KERNEL(y, gemm)(false, true, out, in, n, y->gradient, x->value, beta, d);
    if (y->n_inputs == 3 && (d = dt_gradient_sum(y->input[2]))) KERNEL(y, sum_rows)(out, n, y->gradient, d);
}

static dt_cost cost(const dt_var *y)
{
    int64_t weights = y->input[1]->count, biases = y->n_inputs == 3 ? y->input[2]->count : 0;
    return (dt_cost){weights + biases, 2.0 * (double)weights};
}

const dt_op dt_linear_op = {"linear", "y = w x + bias", backward, cost};
