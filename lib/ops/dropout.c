/* y = keep x / (1 - p) and dx = keep dy / (1 - p), where keep is 0 with probability p and 1 otherwise, drawn anew for
 * each unit, example and step. The mean of y over the masks is x, so a network that is tested leaves the op out. */
#include "ops/op.h"

typedef struct {
    real scale;
    uint8_t *keep;
} dropout_saved;

dt_var *dt_dropout(dt_var *x, double p)
{
    DT_REQUIRE(p >= 0 && p < 1, "dropout: units are left out with probability %g, must be in [0,1)", p);
    dt_noise noise;
    if (!dt_next_noise(x, &noise) || p == 0) return x;
    dt_var *y = dt_record(&dt_dropout_op, 1, &x, x->rank, x->dim);
    dropout_saved *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = (dropout_saved){(real)(1 / (1 - p)), dt_arena_alloc(y->tape->arena, (size_t)y->count)};
    KERNEL(y, dropout_mask)(&noise, p, dt_features(y), dt_batch(y), saved->keep);
    KERNEL(y, dropout_apply)(y->count, saved->scale, saved->keep, x->value, 0, y->value);
    return y;
}

dt_var *dt_hidden_dropout(dt_var *x)
{
    return dt_dropout(x, x->tape->dropout);
}

static void backward(const dt_var *y)
{
    const dropout_saved *saved = y->saved;
    real beta, *dx = dt_gradient(y->input[0], &beta);
    if (dx) KERNEL(y, dropout_apply)(y->count, saved->scale, saved->keep, y->gradient, beta, dx);
}

const dt_op dt_dropout_op = {"dropout", "y = keep x / (1 - p), keep = 0 with probability p, else 1", backward, NULL};
