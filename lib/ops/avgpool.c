/* y = the mean of each window; each of its elements gets dy / their number. */
#include "ops/op.h"

dt_var *dt_avgpool_of(dt_var *x, dt_pool_how how)
{
    dt_pool_shape s = pool_shape(x, how, "avgpool");
    dt_var *y = dt_record(&dt_avgpool_op, 1, &x, 4, (int64_t[]){s.channels, s.out_h, s.out_w, s.n});
    dt_pool_shape *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = s;
    KERNEL(y, sumpool_forward)(&s, true, x->value, y->value);
    return y;
}

/* One window over all, clipped where the map is not square. */
dt_var *dt_global_avgpool(dt_var *x)
{
    DT_REQUIRE(x->rank == 4, "global_avgpool: the input has shape %s, must be [channels,height,width,batch]", SHAPE(x));
    const int64_t side = x->dim[1] > x->dim[2] ? x->dim[1] : x->dim[2];
    return dt_flatten(dt_avgpool(x, side, .clipped = true));
}

static void backward(const dt_var *y)
{
    real beta, *dx = dt_gradient(y->input[0], &beta);
    if (dx) KERNEL(y, sumpool_backward)(y->saved, true, y->gradient, beta, dx);
}

static dt_cost cost(const dt_var *y)
{
    int64_t uses = pool_uses(y->saved);
    return (dt_cost){uses, (double)uses};
}

const dt_op dt_avgpool_op = {"avgpool", "y = mean over the window of x", backward, cost};
