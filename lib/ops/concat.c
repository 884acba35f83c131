/* y = [a; b] along the first dimension; da and db are the halves of dy. */
#include "ops/op.h"

dt_var *dt_concat(dt_var *a, dt_var *b)
{
    bool same = a->rank == b->rank;
    for (int i = 1; same && i < a->rank; i++) same = a->dim[i] == b->dim[i];
    DT_REQUIRE(same, "concat: %s and %s differ beyond their first dimension", SHAPE(a), SHAPE(b));
    int64_t dim[DT_MAX_RANK] = {a->dim[0] + b->dim[0], a->dim[1], a->dim[2], a->dim[3], a->dim[4]};
    dt_var *y = dt_record(&dt_concat_op, 2, (dt_var *[]){a, b}, a->rank, dim);
    KERNEL(y, copy)(a->count, a->value, 0, y->value);
    KERNEL(y, copy)(b->count, b->value, 0, y->value + a->count);
    return y;
}

static void backward(const dt_var *y)
{
    const real *dy = y->gradient;
    for (int i = 0; i < 2; dy += y->input[i++]->count) {
        real beta, *d = dt_gradient(y->input[i], &beta);
        if (d) KERNEL(y, copy)(y->input[i]->count, dy, beta, d);
    }
}

const dt_op dt_concat_op = {"concat", "y = [a; b]", backward, NULL};
