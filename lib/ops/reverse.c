/* y_t = x_(T+1-t): a sequence from its end to its beginning. dx is dy from its end to its beginning. */
#include "ops/op.h"

dt_var *dt_reverse(dt_var *x)
{
    DT_REQUIRE(x->rank == 3, "reverse: %s must be a sequence, [steps,features,batch]", SHAPE(x));
    dt_var *y = dt_record(&dt_reverse_op, 1, &x, 3, x->dim);
    const int64_t last = x->dim[0] - 1, size = x->count / x->dim[0];
    for (int64_t t = 0; t <= last; t++) KERNEL(y, copy)(size, x->value + (last - t) * size, 0, y->value + t * size);
    return y;
}

static void backward(const dt_var *y)
{
    const int64_t last = y->dim[0] - 1, size = y->count / y->dim[0];
    real beta, *dx = dt_gradient(y->input[0], &beta);
    for (int64_t t = 0; dx && t <= last; t++)
        KERNEL(y, copy)(size, y->gradient + (last - t) * size, beta, dx + t * size);
}

const dt_op dt_reverse_op = {"reverse", "y_t = x_(T+1-t)", backward, NULL};
