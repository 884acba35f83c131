/* y_i = sum over f of (x_f - centre_if)^2                                              (LeCun et al. 1998, eq. 7)
 *
 * dx_f = sum over i of 2 (x_f - centre_if) dy_i; the centres are constants. */
#include "ops/op.h"

dt_var *dt_rbf(dt_var *x, const real *centre, int64_t units)
{
    DT_REQUIRE(x->rank == 2, "rbf: the input has shape %s, must be [features,batch]", SHAPE(x));
    dt_var *y = dt_record(&dt_rbf_op, 1, &x, 2, (int64_t[]){units, x->dim[1]});
    const real **saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = centre;
    KERNEL(y, rbf_forward)(units, x->dim[0], x->dim[1], x->value, centre, y->value);
    return y;
}

static void backward(const dt_var *y)
{
    const dt_var *x = y->input[0];
    const real *const *centre = y->saved;
    real beta, *dx = dt_gradient(y->input[0], &beta);
    if (dx) KERNEL(y, rbf_backward)(y->dim[0], x->dim[0], x->dim[1], x->value, *centre, y->gradient, beta, dx);
}

static dt_cost cost(const dt_var *y)
{
    int64_t uses = y->dim[0] * y->input[0]->dim[0];
    return (dt_cost){uses, 3.0 * (double)uses};
}

const dt_op dt_rbf_op = {"rbf", "y_i = sum_f (x_f - centre_if)^2", backward, cost};
