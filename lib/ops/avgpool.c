/* y = the mean of each window; each of its elements gets dy / size^2. */
#include "ops/op.h"

dt_var *dt_avgpool(dt_var *x, int64_t size)
{
    dt_pool_shape s = pool_shape(x, size, "avgpool");
    dt_var *y = dt_record(&dt_avgpool_op, 1, &x, 4, (int64_t[]){s.channels, s.out_h, s.out_w, s.n});
    dt_pool_shape *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = s;
    KERNEL(y, sumpool_forward)(&s, 1 / (real)(size * size), x->value, y->value);
    return y;
}

static void backward(const dt_var *y)
{
    const dt_pool_shape *s = y->saved;
    real beta, *dx = dt_gradient(y->input[0], &beta);
    if (dx) KERNEL(y, sumpool_backward)(s, 1 / (real)(s->size * s->size), y->gradient, beta, dx);
}

static dt_cost cost(const dt_var *y)
{
    const dt_pool_shape *s = y->saved;
    int64_t uses = dt_features(y) * s->size * s->size;
    return (dt_cost){uses, (double)uses};
}

const dt_op dt_avgpool_op = {"avgpool", "y = mean over the window of x", backward, cost};
