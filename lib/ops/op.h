/* What the files of ops share. Private to ops/. */
#ifndef DT_OPS_OP_H
#define DT_OPS_OP_H

#include "core/error.h"
#include "ops/ops.h"

extern const dt_op dt_conv_op, dt_linear_op, dt_maxpool_op, dt_avgpool_op, dt_subsample_op, dt_activation_op, dt_rbf_op,
    dt_concat_op, dt_dropout_op, dt_softmax_xent_op, dt_map_loss_op, dt_mse_op;

/* A shape as text that lives to the end of the statement, for messages. */
#define SHAPE(x) dt_shape_text((x), true, (char[DT_NAME_SIZE]){0}, DT_NAME_SIZE)

/* kernel(y, gemm)(...): the kernel of y's backend. */
#define KERNEL(y, kernel) dt_kernel((y)->tape->backend, kernel)

/* The pooling that takes x [C,H,W,N] to windows of size x size side by side. */
static inline dt_pool_shape pool_shape(const dt_var *x, int64_t size, const char *op)
{
    DT_REQUIRE(x->rank == 4, "%s: the input has shape %s, must be [channels,height,width,batch]", op, SHAPE(x));
    DT_REQUIRE(size >= 1 && size <= 15 && size <= x->dim[1] && size <= x->dim[2],
               "%s: windows of %lld x %lld do not fit the input %s", op, (long long)size, (long long)size, SHAPE(x));
    return (dt_pool_shape){.channels = x->dim[0],
                           .in_h = x->dim[1],
                           .in_w = x->dim[2],
                           .out_h = x->dim[1] / size,
                           .out_w = x->dim[2] / size,
                           .size = size,
                           .stride = size,
                           .n = x->dim[3]};
}

/* A loss of [classes,N] against labels: checks them. */
static inline void check_labels(const dt_var *y, const int32_t *labels, const char *op)
{
    DT_REQUIRE(y->rank == 2, "%s: the input has shape %s, must be [classes,batch]", op, SHAPE(y));
    for (int64_t i = 0; i < y->dim[1]; i++)
        DT_REQUIRE(labels[i] >= 0 && labels[i] < y->dim[0], "%s: label %d of example %lld is not one of %lld classes",
                   op, labels[i], (long long)i, (long long)y->dim[0]);
}

#endif
