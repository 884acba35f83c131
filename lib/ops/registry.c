#include "ops/op.h"

const dt_op *const dt_ops[] = {
    &dt_conv_op,        &dt_linear_op,    &dt_maxpool_op,   &dt_avgpool_op,   &dt_subsample_op, &dt_activation_op,
    &dt_rbf_op,         &dt_lrn_op,       &dt_add_op,       &dt_concat_op,    &dt_dropout_op,   &dt_softmax_xent_op,
    &dt_map_loss_op,    &dt_mse_op,       &dt_batchnorm_op, &dt_recurrent_op, &dt_context_op,   &dt_embedding_op,
    &dt_linear_xent_op, &dt_last_cell_op, &dt_reverse_op,   &dt_columns_op,   &dt_attend_op,    NULL};
