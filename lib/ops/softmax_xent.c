/* p = softmax(scores), loss = -log p_label = log(sum of exp(scores)) - score_label; dscores = dloss (p -
 * onehot(label)). */
#include "ops/op.h"

typedef struct {
    const int32_t *labels;
    real *p;
} xent_saved;

dt_var *dt_softmax_xent(dt_var *scores, const int32_t *labels)
{
    check_labels(scores, labels, "softmax_xent");
    dt_var *loss = dt_record(&dt_softmax_xent_op, 1, &scores, 1, (int64_t[]){dt_batch(scores)});
    xent_saved *saved = loss->saved = dt_arena_alloc(loss->tape->arena, sizeof *saved);
    *saved = (xent_saved){labels, dt_arena_reals(loss->tape->arena, scores->count)};
    KERNEL(loss, softmax_xent_forward)(scores->dim[0], scores->dim[1], scores->value, labels, saved->p, loss->value);
    return loss;
}

static void backward(const dt_var *loss)
{
    const xent_saved *saved = loss->saved;
    const dt_var *scores = loss->input[0];
    real beta, *d = dt_gradient(loss->input[0], &beta);
    int64_t classes = scores->dim[0], n = scores->dim[1];
    if (d) KERNEL(loss, softmax_xent_backward)(classes, n, saved->p, saved->labels, loss->gradient, beta, d);
}

const dt_op dt_softmax_xent_op = {"softmax_xent", "loss = log sum_i exp(score_i) - score_label", backward, NULL};
