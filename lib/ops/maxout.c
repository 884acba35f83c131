/* y[u] = the greatest of the pieces x[u pieces] .. x[u pieces + pieces - 1]; its gradient goes to the piece that was
 * it. To the kernels this is max-pooling over columns of pieces, so they are its kernels. */
#include "ops/op.h"

typedef struct {
    dt_pool_shape s;
    uint8_t *which;
} maxout_saved;

dt_var *dt_maxout(dt_var *x, int64_t pieces)
{
    DT_REQUIRE(pieces >= 1 && pieces <= 15 && x->dim[0] % pieces == 0,
               "maxout: the input %s cannot be cut into units of %lld pieces (1 to 15)", SHAPE(x), (long long)pieces);
    int64_t dim[DT_MAX_RANK];
    for (int i = 0; i < x->rank; i++) dim[i] = x->dim[i];
    dim[0] /= pieces;
    dt_var *y = dt_record(&dt_maxout_op, 1, &x, x->rank, dim);
    maxout_saved *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = (maxout_saved){.s = {.channels = dim[0],
                                  .in_h = pieces,
                                  .in_w = 1,
                                  .out_h = 1,
                                  .out_w = 1,
                                  .size = pieces,
                                  .stride = pieces,
                                  .n = y->count / dim[0]},
                            .which = dt_arena_alloc(y->tape->arena, (size_t)y->count)};
    KERNEL(y, maxpool_forward)(&saved->s, x->value, y->value, saved->which);
    return y;
}

static void backward(const dt_var *y)
{
    const maxout_saved *saved = y->saved;
    real beta, *dx = dt_gradient(y->input[0], &beta);
    if (dx) KERNEL(y, maxpool_backward)(&saved->s, y->gradient, saved->which, beta, dx);
}

static dt_cost cost(const dt_var *y)
{
    const int64_t uses = dt_features(y->input[0]);
    return (dt_cost){uses, (double)uses};
}

const dt_op dt_maxout_op = {"maxout", "y = max over the pieces of each unit", backward, cost};
