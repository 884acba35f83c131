/* y = a + b, where the maps that b lacks count as zeros: a shortcut that goes around layers (He et al. 2016, eq. 1, and
 * for fewer maps option A of section 3.3). da = dy, db = dy's first maps. */
#include "ops/op.h"

dt_var *dt_add(dt_var *a, dt_var *b)
{
    DT_REQUIRE(covers(a, b), "add: %s does not fit %s", SHAPE(b), SHAPE(a));
    dt_var *y = dt_record(&dt_add_op, 2, (dt_var *[]){a, b}, a->rank, a->dim);
    KERNEL(y, sum_parts)(b->count, 2, (const real *[]){a->value, b->value}, y->value);
    if (b->count < a->count) KERNEL(y, copy)(a->count - b->count, a->value + b->count, 0, y->value + b->count);
    return y;
}

static void backward(const dt_var *y)
{
    real beta, *da = dt_gradient(y->input[0], &beta);
    if (da) KERNEL(y, copy)(y->count, y->gradient, beta, da);
    dt_gradient_pass(y, y->input[1]);
}

const dt_op dt_add_op = {"add", "y = a + b", backward, NULL};
