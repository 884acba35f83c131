/* y's column i is column `column[i]` of a sequence, whose gradient gets that of each column that was taken of it. */
#include "ops/op.h"

dt_var *dt_columns(dt_var *x, const int64_t *column, int64_t count)
{
    DT_REQUIRE(x->rank == 3, "columns: %s must be a sequence, [steps,features,batch]", SHAPE(x));
    DT_REQUIRE(count > 0, "columns: none of %s is asked for", SHAPE(x));
    for (int64_t i = 0; i < count; i++)
        DT_REQUIRE(column[i] >= 0 && column[i] < x->dim[0] * x->dim[2],
                   "columns: there is no column %lld in %lld of %lld", (long long)column[i], (long long)x->dim[0],
                   (long long)x->dim[2]);
    dt_var *y = dt_record(&dt_columns_op, 1, &x, 2, (int64_t[]){x->dim[1], count});
    y->saved = (void *)(uintptr_t)column; /* it is only read */
    KERNEL(y, columns_forward)(x->dim[1], x->dim[2], count, x->value, column, y->value);
    return y;
}

dt_var *dt_step(dt_var *x, int64_t t)
{
    DT_REQUIRE(x->rank == 3 && t >= 0 && t < x->dim[0], "step %lld of %s", (long long)t, SHAPE(x));
    const int64_t n = dt_batch(x);
    int64_t *column = dt_arena_alloc(x->tape->arena, (size_t)n * sizeof *column);
    for (int64_t i = 0; i < n; i++) column[i] = t * n + i;
    return dt_columns(x, column, n);
}

static void backward(const dt_var *y)
{
    dt_var *x = y->input[0];
    real *dx = dt_gradient_sum(x);
    if (dx) KERNEL(y, columns_backward)(x->dim[1], x->dim[2], y->dim[1], y->gradient, y->saved, dx);
}

const dt_op dt_columns_op = {"columns", "y_i = column column_i of a sequence", backward, NULL};
