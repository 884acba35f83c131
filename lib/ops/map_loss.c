/* With penalties y and the rubbish class's constant penalty j:
 *
 * loss = y_label + log(exp(-j) + sum over i of exp(-y_i))                                (LeCun et al. 1998, eq. 9)
 *
 * dy_i = dloss ([i = label] - q_i), with q_i = exp(-y_i) / (exp(-j) + sum of exp(-y)). The rubbish class keeps the
 * penalties of the wrong classes from being pushed up without bound. */
#include "ops/op.h"

typedef struct {
    const int32_t *labels;
    real *q;
} map_saved;

dt_var *dt_map_loss(dt_var *penalties, const int32_t *labels, real rubbish)
{
    check_labels(penalties, labels, "map_loss");
    dt_var *loss = dt_record(&dt_map_loss_op, 1, &penalties, 1, (int64_t[]){dt_batch(penalties)});
    map_saved *saved = loss->saved = dt_arena_alloc(loss->tape->arena, sizeof *saved);
    *saved = (map_saved){labels, dt_arena_reals(loss->tape->arena, penalties->count)};
    int64_t classes = penalties->dim[0], n = penalties->dim[1];
    KERNEL(loss, map_forward)(classes, n, penalties->value, labels, rubbish, saved->q, loss->value);
    return loss;
}

static void backward(const dt_var *loss)
{
    const map_saved *saved = loss->saved;
    const dt_var *y = loss->input[0];
    real beta, *dy = dt_gradient(loss->input[0], &beta);
    if (dy) KERNEL(loss, map_backward)(y->dim[0], y->dim[1], saved->q, saved->labels, loss->gradient, beta, dy);
}

const dt_op dt_map_loss_op = {"map_loss", "loss = y_label + log(exp(-j) + sum_i exp(-y_i))", backward, NULL};
