/* What the files of ops share. Private to ops/. */
#ifndef DT_OPS_OP_H
#define DT_OPS_OP_H

#include "core/error.h"
#include "ops/ops.h"

extern const dt_op dt_conv_op, dt_linear_op, dt_maxpool_op, dt_avgpool_op, dt_subsample_op, dt_activation_op, dt_rbf_op,
    dt_lrn_op, dt_recurrent_op, dt_recurrent_attend_op, dt_last_cell_op, dt_context_op, dt_embedding_op,
    dt_linear_xent_op, dt_add_op, dt_concat_op, dt_reverse_op, dt_columns_op, dt_attend_op, dt_dropout_op,
    dt_batchnorm_op, dt_softmax_xent_op, dt_map_loss_op, dt_mse_op, dt_conv_transposed_op, dt_maxout_op,
    dt_bernoulli_nll_op, dt_gaussian_nll_op, dt_gaussian_kl_op, dt_gaussian_sample_op, dt_linear_transposed_op,
    dt_contraction_op;

/* A shape as text that lives to the end of the statement, for messages. */
#define SHAPE(x) dt_shape_text((x), true, (char[DT_NAME_SIZE]){0}, DT_NAME_SIZE)

/* kernel(y, gemm)(...): the kernel of y's backend. */
#define KERNEL(y, kernel) dt_kernel((y)->tape->backend, kernel)

/* Whether b can be added to a: one shape, but b may have fewer maps. */
static inline bool covers(const dt_var *a, const dt_var *b)
{
    bool fits = a->rank == b->rank && b->dim[0] <= a->dim[0];
    for (int i = 1; fits && i < a->rank; i++) fits = a->dim[i] == b->dim[i];
    return fits;
}

static inline bool same_shape(const dt_var *a, const dt_var *b)
{
    return covers(a, b) && a->dim[0] == b->dim[0];
}

/* How many windows fit one side of the input. */
static inline int64_t pool_windows(int64_t in, int64_t size, int64_t stride, bool clipped)
{
    if (!clipped) return (in - size) / stride + 1;
    const int64_t all = in <= size ? 1 : (in - size + stride - 1) / stride + 1, inside = (in + stride - 1) / stride;
    return all < inside ? all : inside; /* the last one begins inside */
}

static inline dt_pool_shape pool_shape(const dt_var *x, dt_pool_how how, const char *op)
{
    const int64_t size = how.size, stride = how.stride ? how.stride : size;
    DT_REQUIRE(x->rank == 4, "%s: the input has shape %s, must be [channels,height,width,batch]", op, SHAPE(x));
    DT_REQUIRE(size >= 1 && size <= 15 && stride >= 1 && (how.clipped || (size <= x->dim[1] && size <= x->dim[2])),
               "%s: windows of %lld x %lld at every %lld do not fit the input %s", op, (long long)size, (long long)size,
               (long long)stride, SHAPE(x));
    return (dt_pool_shape){.channels = x->dim[0],
                           .in_h = x->dim[1],
                           .in_w = x->dim[2],
                           .out_h = pool_windows(x->dim[1], size, stride, how.clipped),
                           .out_w = pool_windows(x->dim[2], size, stride, how.clipped),
                           .size = size,
                           .stride = stride,
                           .n = x->dim[3]};
}

/* Numbers of the input that the windows of one example see, each counted once for each window. */
static inline int64_t pool_uses(const dt_pool_shape *s)
{
    int64_t rows = 0, columns = 0;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        rows += s->in_h - oh * s->stride < s->size ? s->in_h - oh * s->stride : s->size;
    for (int64_t ow = 0; ow < s->out_w; ow++)
        columns += s->in_w - ow * s->stride < s->size ? s->in_w - ow * s->stride : s->size;
    return s->channels * rows * columns;
}

/* A loss of [classes,N] against labels: checks them. */
static inline void check_labels(const dt_var *y, const int32_t *labels, const char *op)
{
    DT_REQUIRE(y->rank == 2, "%s: the input has shape %s, must be [classes,batch]", op, SHAPE(y));
    for (int64_t i = 0; i < y->dim[1]; i++)
        DT_REQUIRE(labels[i] >= 0 && labels[i] < y->dim[0], "%s: label %d of example %lld is not one of %lld classes",
                   op, labels[i], (long long)i, (long long)y->dim[0]);
}

/* Symbols of 0 .. kinds-1: checks them. */
static inline void check_symbols(dt_symbols x, int64_t kinds, const char *op)
{
    DT_REQUIRE(x.steps > 0 && x.n > 0, "%s: %lld steps of %lld symbols", op, (long long)x.steps, (long long)x.n);
    for (int64_t i = 0; i < x.steps * x.n; i++)
        DT_REQUIRE(x.id[i] >= 0 && x.id[i] < kinds, "%s: symbol %d of step %lld is not one of %lld", op, x.id[i],
                   (long long)(i / x.n), (long long)kinds);
}

#endif
