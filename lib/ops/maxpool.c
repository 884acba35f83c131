/* y = the greatest of each window; its gradient goes to the element that was the greatest (the first of equals). */
#include "ops/op.h"

typedef struct {
    dt_pool_shape s;
    uint8_t *which;
} maxpool_saved;

dt_var *dt_maxpool_of(dt_var *x, dt_pool_how how)
{
    dt_pool_shape s = pool_shape(x, how, "maxpool");
    dt_var *y = dt_record(&dt_maxpool_op, 1, &x, 4, (int64_t[]){s.channels, s.out_h, s.out_w, s.n});
    maxpool_saved *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = (maxpool_saved){s, dt_arena_alloc(y->tape->arena, (size_t)y->count)};
    KERNEL(y, maxpool_forward)(&s, x->value, y->value, saved->which);
    return y;
}

static void backward(const dt_var *y)
{
    const maxpool_saved *saved = y->saved;
    real beta, *dx = dt_gradient(y->input[0], &beta);
    if (dx) KERNEL(y, maxpool_backward)(&saved->s, y->gradient, saved->which, beta, dx);
}

static dt_cost cost(const dt_var *y)
{
    const maxpool_saved *saved = y->saved;
    int64_t uses = pool_uses(&saved->s);
    return (dt_cost){uses, (double)uses};
}

const dt_op dt_maxpool_op = {"maxpool", "y = max over the window of x", backward, cost};
