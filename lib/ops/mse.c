/* loss = 1/2 sum over i of (y_i - t_i)^2, t_i = high for the label and low for the others; dy_i = dloss (y_i - t_i). */
#include "ops/op.h"

typedef struct {
    const int32_t *labels;
    real low, high;
} mse_saved;

dt_var *dt_mse(dt_var *y, const int32_t *labels, real low, real high)
{
    check_labels(y, labels, "mse");
    dt_var *loss = dt_record(&dt_mse_op, 1, &y, 1, (int64_t[]){dt_batch(y)});
    mse_saved *saved = loss->saved = dt_arena_alloc(loss->tape->arena, sizeof *saved);
    *saved = (mse_saved){labels, low, high};
    KERNEL(loss, mse_forward)(y->dim[0], y->dim[1], y->value, labels, low, high, loss->value);
    return loss;
}

static void backward(const dt_var *loss)
{
    const mse_saved *saved = loss->saved;
    const dt_var *y = loss->input[0];
    real beta, *dy = dt_gradient(loss->input[0], &beta);
    int64_t classes = y->dim[0], n = y->dim[1];
    real low = saved->low, high = saved->high;
    if (dy) KERNEL(loss, mse_backward)(classes, n, y->value, saved->labels, low, high, loss->gradient, beta, dy);
}

const dt_op dt_mse_op = {"mse", "loss = 1/2 sum_i (y_i - target_i)^2", backward, NULL};
