#include <criterion/criterion.h>

#include "gradcheck.h"
#include "ops/op.h"

static const int32_t labels[40] = {3, 0, 1, 2, 4, 4, 0, 1, 3, 2, 0, 1, 2, 3, 4, 1, 1, 2, 0, 4};

static dt_var *conv(dt_var **in)
{
    return dt_conv_of(in[0], in[1], in[2], (dt_conv_how){0});
}
static dt_var *conv_pad1(dt_var **in)
{
    return dt_conv_of(in[0], in[1], in[2], (dt_conv_how){.pad = 1});
}
static dt_var *conv_pad2(dt_var **in)
{
    return dt_conv_of(in[0], in[1], in[2], (dt_conv_how){.pad = 2});
}
static dt_var *conv_bare(dt_var **in)
{
    return dt_conv_of(in[0], in[1], NULL, (dt_conv_how){0});
}
static dt_var *conv_strided(dt_var **in)
{
    return dt_conv_of(in[0], in[1], in[2], (dt_conv_how){.pad = 1, .stride = 2});
}
static dt_var *conv_groups(dt_var **in)
{
    return dt_conv_of(in[0], in[1], in[2], (dt_conv_how){.stride = 3, .groups = 2});
}
static dt_var *conv_table(dt_var **in)
{
    static const char *const table[3] = {"XX.X", ".XX.", "X..X"};
    return dt_conv_of(in[0], in[1], in[2], (dt_conv_how){.table = table});
}
static dt_var *transposed(dt_var **in)
{
    return dt_conv_transposed_of(in[0], in[1], in[2], (dt_conv_how){0});
}
static dt_var *transposed_pad1(dt_var **in)
{
    return dt_conv_transposed_of(in[0], in[1], in[2], (dt_conv_how){.pad = 1});
}
static dt_var *transposed_strided(dt_var **in)
{
    return dt_conv_transposed_of(in[0], in[1], in[2], (dt_conv_how){.pad = 1, .stride = 2});
}
static dt_var *transposed_bare(dt_var **in)
{
    return dt_conv_transposed_of(in[0], in[1], NULL, (dt_conv_how){.stride = 3});
}
static dt_var *linear(dt_var **in)
{
    return dt_linear_of(in[0], in[1], in[2]);
}
static dt_var *linear_bare(dt_var **in)
{
    return dt_linear_of(in[0], in[1], NULL);
}
static dt_var *linear_transposed(dt_var **in)
{
    return dt_linear_transposed_of(in[0], in[1], in[2]);
}
/* Weights that are used both ways, and whose gradients add up. */
static dt_var *tied(dt_var **in)
{
    return dt_linear_transposed_of(dt_linear_of(in[0], in[1], NULL), in[1], NULL);
}
static dt_var *contraction(dt_var **in)
{
    return dt_contraction(in[0], in[1]);
}
static dt_var *maxpool2(dt_var **in)
{
    return dt_maxpool(in[0], 2);
}
static dt_var *maxpool3(dt_var **in)
{
    return dt_maxpool(in[0], 3);
}
static dt_var *avgpool2(dt_var **in)
{
    return dt_avgpool(in[0], 2);
}
static dt_var *avgpool3(dt_var **in)
{
    return dt_avgpool(in[0], 3);
}
static dt_var *maxpool_overlapping(dt_var **in)
{
    return dt_maxpool(in[0], 3, .stride = 2);
}
static dt_var *maxpool_clipped(dt_var **in)
{
    return dt_maxpool(in[0], 3, .stride = 2, .clipped = true);
}
static dt_var *avgpool_clipped(dt_var **in)
{
    return dt_avgpool(in[0], 3, .stride = 2, .clipped = true);
}
static dt_var *every_second(dt_var **in)
{
    return dt_avgpool(in[0], 1, .stride = 2);
}
static dt_var *subsample(dt_var **in)
{
    return dt_subsample_of(in[0], in[1], in[2], 2);
}
static dt_var *tanh_(dt_var **in)
{
    return dt_tanh(in[0]);
}
static dt_var *scaled_tanh(dt_var **in)
{
    return dt_scaled_tanh(in[0]);
}
static dt_var *sigmoid(dt_var **in)
{
    return dt_sigmoid(in[0]);
}
static dt_var *relu(dt_var **in)
{
    return dt_relu(in[0]);
}
static dt_var *softsign(dt_var **in)
{
    return dt_softsign(in[0]);
}
static dt_var *leaky_relu(dt_var **in)
{
    return dt_leaky_relu(in[0], 0.2);
}
static dt_var *maxout5(dt_var **in)
{
    return dt_maxout(in[0], 5);
}
static dt_var *maxout2(dt_var **in)
{
    return dt_maxout(in[0], 2);
}
static dt_var *bernoulli_nll(dt_var **in)
{
    real *x = dt_arena_reals(in[0]->tape->arena, in[0]->count);
    for (int64_t i = 0; i < in[0]->count; i++) x[i] = (real)(i % 4) / 3;
    return dt_bernoulli_nll(dt_constant(in[0]->tape, in[0]->rank, in[0]->dim, x), in[0]);
}
static dt_var *gaussian_nll(dt_var **in)
{
    return dt_gaussian_nll(in[0], in[1], in[2]);
}
static dt_var *gaussian_nll_of_mean(dt_var **in)
{
    return dt_gaussian_nll(in[0], in[1], NULL);
}
static dt_var *gaussian_nll_of_variance(dt_var **in)
{
    return dt_gaussian_nll(in[0], NULL, in[1]);
}
static dt_var *gaussian_nll_standard(dt_var **in)
{
    return dt_gaussian_nll(in[0], NULL, NULL);
}
static dt_var *gaussian_kl(dt_var **in)
{
    return dt_gaussian_kl(in[0], in[1]);
}
/* Each call draws the same noise. */
static dt_var *gaussian_sample(dt_var **in)
{
    dt_tape_noise(in[0]->tape, dt_rng_stream(5, "noise", 3), 11, dt_batch(in[0]));
    return dt_gaussian_sample(in[0], in[1], dt_normal_input(in[0]->tape, in[0]->rank, in[0]->dim));
}
/* Each call draws the same mask. */
static dt_var *dropout(dt_var **in)
{
    dt_tape_noise(in[0]->tape, dt_rng_stream(5, "dropout", 3), 11, dt_batch(in[0]));
    return dt_dropout(in[0], 0.4);
}
/* Running averages are neither read nor differentiated where the batch's own numbers are used. */
static dt_var *batchnorm(dt_var **in)
{
    static const real averages[6] = {9, 9, 9, 9, 9, 9};
    dt_var *running = dt_constant(in[0]->tape, 2, (int64_t[]){2, in[0]->dim[0]}, averages);
    return dt_batchnorm_of(in[0],
                           (dt_batchnorm_how){.gamma = in[1], .beta = in[2], .running = running, .epsilon = 0.01});
}
static dt_var *batchnorm_gamma(dt_var **in)
{
    return dt_batchnorm_of(in[0], (dt_batchnorm_how){.gamma = in[1], .epsilon = 1e-5});
}
static dt_var *batchnorm_beta(dt_var **in)
{
    return dt_batchnorm_of(in[0], (dt_batchnorm_how){.beta = in[1], .epsilon = 0.5});
}
static dt_var *batchnorm_bare(dt_var **in)
{
    return dt_batchnorm_of(in[0], (dt_batchnorm_how){.epsilon = 1e-5});
}
static dt_var *batchnorm_relu(dt_var **in)
{
    return dt_batchnorm_of(in[0], (dt_batchnorm_how){.gamma = in[1], .beta = in[2], .epsilon = 0.01, .relu = true});
}
static dt_var *batchnorm_add(dt_var **in)
{
    return dt_batchnorm_of(in[0], (dt_batchnorm_how){.gamma = in[1], .epsilon = 0.01, .add = in[2]});
}
static dt_var *batchnorm_add_relu(dt_var **in)
{
    return dt_batchnorm_of(
        in[0], (dt_batchnorm_how){.gamma = in[1], .beta = in[2], .epsilon = 0.01, .add = in[3], .relu = true});
}
/* x is its own shortcut, and this one's result that of a second one, so that gradients are passed on twice. */
static dt_var *batchnorm_of_itself(dt_var **in)
{
    dt_var *y = dt_batchnorm_of(in[0], (dt_batchnorm_how){.gamma = in[1], .epsilon = 0.01, .add = in[0], .relu = true});
    return dt_batchnorm_of(in[0], (dt_batchnorm_how){.beta = in[2], .epsilon = 0.01, .add = y, .relu = true});
}
static dt_var *rbf(dt_var **in)
{
    static const real centre[3 * 4] = {1, -1, 1, 1, -1, -1, 1, -1, (real)0.5, 1, 0, -1};
    return dt_rbf(in[0], centre, 3);
}
static dt_var *lrn_across(dt_var **in)
{
    return dt_lrn(in[0], 5, .k = 2, .alpha = 0.3, .beta = 0.75);
}
static dt_var *lrn_within(dt_var **in)
{
    return dt_lrn(in[0], 3, DT_LRN_WITHIN_MAP, .k = 1, .alpha = 0.2, .beta = 0.6);
}
static dt_var *recurrent(dt_var **in)
{
    return dt_recurrent_of(DT_CELL_LSTM, in[0], (dt_recurrent_parts){in[1], in[2], in[3], in[4], in[5]});
}
static dt_var *embedding(dt_var **in)
{
    return dt_embedding_of((dt_symbols){labels, 4, 5}, in[0]);
}
static dt_var *context(dt_var **in)
{
    return dt_context_of(in[0], 0.7, in[1]);
}
static dt_var *linear_xent(dt_var **in)
{
    return dt_linear_xent_of(in[0], in[1], in[2], labels);
}
static dt_var *linear_xent_bare(dt_var **in)
{
    return dt_linear_xent_of(in[0], in[1], NULL, labels);
}
static dt_var *linear_xent_smooth(dt_var **in)
{
    return dt_linear_xent_smooth_of(in[0], in[1], in[2], labels, 0.3);
}
static dt_var *last_cell(dt_var **in)
{
    return dt_last_cell(dt_recurrent_of(DT_CELL_LSTM, in[0], (dt_recurrent_parts){.w = in[1], .u = in[2], .c = in[3]}));
}
static dt_var *reverse(dt_var **in)
{
    return dt_reverse(in[0]);
}
/* One column twice and some never. */
static dt_var *columns(dt_var **in)
{
    static const int64_t column[7] = {0, 11, 5, 5, 8, 2, 9};
    return dt_columns(in[0], column, 7);
}
static dt_var *step(dt_var **in)
{
    return dt_step(in[0], 1);
}
static dt_var *attend(dt_var **in)
{
    return dt_attend_of(in[0], in[1], in[2], in[3]);
}
static dt_var *attend_dot(dt_var **in)
{
    return dt_attend_of(in[0], in[1], in[2], NULL);
}
static dt_var *attend_dot_itself(dt_var **in)
{
    return dt_attend_of(in[0], in[1], in[1], NULL);
}
static dt_var *recurrent_attend(dt_var **in)
{
    return dt_recurrent_attend_of(DT_CELL_GRU, in[0], (dt_recurrent_parts){in[1], in[2], in[3], in[4], NULL},
                                  (dt_recurrent_attend_parts){in[5], in[6], in[7], in[8], in[9]});
}
static dt_var *recurrent_attend_lstm(dt_var **in)
{
    return dt_recurrent_attend_of(DT_CELL_LSTM, in[0], (dt_recurrent_parts){in[1], in[2], in[3], in[4], in[5]},
                                  (dt_recurrent_attend_parts){in[6], in[7], in[8], in[9], in[10]});
}
static dt_var *recurrent_attend_bare(dt_var **in)
{
    return dt_recurrent_attend_of(DT_CELL_TANH, in[0], (dt_recurrent_parts){.w = in[1], .u = in[2]},
                                  (dt_recurrent_attend_parts){in[3], NULL, in[4], in[5], in[6]});
}
static dt_var *add(dt_var **in)
{
    return dt_add(in[0], in[1]);
}
static dt_var *concat(dt_var **in)
{
    return dt_concat(in[0], in[1]);
}
static dt_var *concat_features(dt_var **in)
{
    return dt_concat_features(in[0], in[1]);
}
static dt_var *softmax_xent(dt_var **in)
{
    return dt_softmax_xent(in[0], labels);
}
static dt_var *map_loss(dt_var **in)
{
    return dt_map_loss(in[0], labels, (real)0.7);
}
static dt_var *mse(dt_var **in)
{
    return dt_mse(in[0], labels, -1, 1);
}

/* Odd sizes, batches of 1, below and above a register, with and without padding. */
static const gradient_case cases[] = {
    {"conv", &dt_conv_op, conv, {{4, {2, 5, 6, 3}}, {4, {3, 2, 3, 2}}, {1, {3}}}},
    {"conv, batch 1", &dt_conv_op, conv, {{4, {1, 7, 9, 1}}, {4, {2, 1, 5, 5}}, {1, {2}}}},
    {"conv, batch 17", &dt_conv_op, conv, {{4, {2, 4, 4, 17}}, {4, {9, 2, 3, 3}}, {1, {9}}}},
    {"conv, kernel covers input", &dt_conv_op, conv, {{4, {3, 5, 5, 8}}, {4, {2, 3, 5, 5}}, {1, {2}}}},
    {"conv, padding 1", &dt_conv_op, conv_pad1, {{4, {2, 4, 3, 16}}, {4, {3, 2, 3, 3}}, {1, {3}}}},
    {"conv by Winograd's algorithm", &dt_conv_op, conv_pad1, {{4, {16, 4, 4, 8}}, {4, {32, 16, 3, 3}}, {1, {32}}}},
    {"conv, padding 2, batch 1", &dt_conv_op, conv_pad2, {{4, {1, 4, 5, 1}}, {4, {2, 1, 5, 5}}, {1, {2}}}},
    {"conv, padding 2", &dt_conv_op, conv_pad2, {{4, {2, 4, 4, 11}}, {4, {3, 2, 5, 3}}, {1, {3}}}},
    {"conv without bias", &dt_conv_op, conv_bare, {{4, {2, 4, 4, 5}}, {4, {2, 2, 2, 2}}}},
    {"conv, stride 2", &dt_conv_op, conv_strided, {{4, {2, 6, 5, 5}}, {4, {3, 2, 3, 3}}, {1, {3}}}},
    {"conv, stride 3, 2 groups", &dt_conv_op, conv_groups, {{4, {4, 5, 8, 3}}, {4, {6, 2, 2, 4}}, {1, {6}}}},
    {"conv with a table", &dt_conv_op, conv_table, {{4, {3, 4, 4, 3}}, {3, {7, 3, 3}}, {1, {4}}}},
    {"conv_transposed", &dt_conv_transposed_op, transposed, {{4, {2, 3, 4, 3}}, {4, {2, 3, 3, 2}}, {1, {3}}}},
    {"conv_transposed, padding 1",
     &dt_conv_transposed_op,
     transposed_pad1,
     {{4, {3, 3, 2, 17}}, {4, {3, 2, 3, 3}}, {1, {2}}}},
    {"conv_transposed, one place",
     &dt_conv_transposed_op,
     transposed,
     {{4, {3, 1, 1, 5}}, {4, {3, 2, 3, 4}}, {1, {2}}}},
    {"conv_transposed, stride 2",
     &dt_conv_transposed_op,
     transposed_strided,
     {{4, {2, 3, 4, 5}}, {4, {2, 3, 4, 4}}, {1, {3}}}},
    {"conv_transposed, stride 3, batch 1",
     &dt_conv_transposed_op,
     transposed_bare,
     {{4, {2, 2, 3, 1}}, {4, {2, 1, 2, 4}}}},
    {"linear", &dt_linear_op, linear, {{2, {7, 5}}, {2, {3, 7}}, {1, {3}}}},
    {"linear, batch 1", &dt_linear_op, linear, {{2, {13, 1}}, {2, {6, 13}}, {1, {6}}}},
    {"linear, one output", &dt_linear_op, linear, {{2, {9, 17}}, {2, {1, 9}}, {1, {1}}}},
    {"linear without bias", &dt_linear_op, linear_bare, {{2, {4, 33}}, {2, {5, 4}}}},
    {"linear, sequence", &dt_linear_op, linear, {{3, {3, 4, 5}}, {2, {2, 4}}, {1, {2}}}},
    {"maxpool 2", &dt_maxpool_op, maxpool2, {{4, {2, 5, 4, 3}}}},
    {"maxpool 2, batch 19", &dt_maxpool_op, maxpool2, {{4, {1, 4, 4, 19}}}},
    {"maxpool 3", &dt_maxpool_op, maxpool3, {{4, {2, 6, 7, 9}}}},
    {"avgpool 2", &dt_avgpool_op, avgpool2, {{4, {2, 4, 5, 3}}}},
    {"avgpool 3", &dt_avgpool_op, avgpool3, {{4, {1, 6, 6, 17}}}},
    {"maxpool, overlapping", &dt_maxpool_op, maxpool_overlapping, {{4, {2, 5, 8, 3}}}},
    {"maxpool, clipped", &dt_maxpool_op, maxpool_clipped, {{4, {2, 4, 6, 17}}}},
    {"avgpool, clipped", &dt_avgpool_op, avgpool_clipped, {{4, {2, 4, 5, 3}}}},
    {"avgpool, one of two", &dt_avgpool_op, every_second, {{4, {2, 4, 5, 3}}}},
    {"subsample", &dt_subsample_op, subsample, {{4, {3, 4, 6, 5}}, {1, {3}}, {1, {3}}}},
    {"subsample, batch 16", &dt_subsample_op, subsample, {{4, {2, 2, 2, 16}}, {1, {2}}, {1, {2}}}},
    {"tanh", &dt_activation_op, tanh_, {{2, {3, 7}}}},
    {"scaled tanh", &dt_activation_op, scaled_tanh, {{4, {2, 3, 2, 9}}}},
    {"sigmoid", &dt_activation_op, sigmoid, {{2, {5, 11}}}},
    {"relu", &dt_activation_op, relu, {{2, {6, 6}}}},
    {"softsign", &dt_activation_op, softsign, {{2, {5, 7}}}},
    {"leaky relu", &dt_activation_op, leaky_relu, {{2, {6, 7}}}},
    {"linear_transposed", &dt_linear_transposed_op, linear_transposed, {{2, {7, 5}}, {2, {7, 3}}, {1, {3}}}},
    {"linear_transposed, batch 1", &dt_linear_transposed_op, linear_transposed, {{2, {4, 1}}, {2, {4, 6}}, {1, {6}}}},
    {"linear_transposed, tied", &dt_linear_transposed_op, tied, {{2, {5, 17}}, {2, {3, 5}}}},
    {"contraction", &dt_contraction_op, contraction, {{2, {5, 19}}, {2, {5, 18}}}},
    {"contraction, batch 1", &dt_contraction_op, contraction, {{2, {3, 1}}, {2, {3, 17}}}},
    {"maxout", &dt_maxout_op, maxout5, {{2, {15, 7}}}},
    {"maxout, batch 1", &dt_maxout_op, maxout2, {{2, {6, 1}}}},
    {"maxout, maps", &dt_maxout_op, maxout2, {{4, {4, 2, 3, 17}}}},
    {"dropout", &dt_dropout_op, dropout, {{2, {7, 5}}}},
    {"dropout, batch 1", &dt_dropout_op, dropout, {{2, {13, 1}}}},
    {"dropout, maps", &dt_dropout_op, dropout, {{4, {3, 2, 3, 17}}}},
    {"batchnorm", &dt_batchnorm_op, batchnorm, {{2, {3, 7}}, {1, {3}}, {1, {3}}}},
    {"batchnorm, batch 2", &dt_batchnorm_op, batchnorm, {{2, {2, 2}}, {1, {2}}, {1, {2}}}},
    {"batchnorm, maps", &dt_batchnorm_op, batchnorm, {{4, {2, 3, 2, 5}}, {1, {2}}, {1, {2}}}},
    {"batchnorm, maps, batch 1", &dt_batchnorm_op, batchnorm, {{4, {1, 2, 3, 1}}, {1, {1}}, {1, {1}}}},
    {"batchnorm without beta", &dt_batchnorm_op, batchnorm_gamma, {{2, {3, 17}}, {1, {3}}}},
    {"batchnorm without gamma", &dt_batchnorm_op, batchnorm_beta, {{2, {2, 33}}, {1, {2}}}},
    {"batchnorm without both", &dt_batchnorm_op, batchnorm_bare, {{4, {2, 1, 3, 6}}}},
    {"batchnorm, relu", &dt_batchnorm_op, batchnorm_relu, {{2, {3, 35}}, {1, {3}}, {1, {3}}}},
    {"batchnorm, relu, maps", &dt_batchnorm_op, batchnorm_relu, {{4, {2, 3, 2, 5}}, {1, {2}}, {1, {2}}}},
    {"batchnorm, sum", &dt_batchnorm_op, batchnorm_add, {{4, {3, 1, 2, 7}}, {1, {3}}, {4, {3, 1, 2, 7}}}},
    {"batchnorm, sum and relu",
     &dt_batchnorm_op,
     batchnorm_add_relu,
     {{4, {3, 3, 2, 7}}, {1, {3}}, {1, {3}}, {4, {3, 3, 2, 7}}}},
    {"batchnorm, sum of fewer maps and relu",
     &dt_batchnorm_op,
     batchnorm_add_relu,
     {{4, {3, 2, 2, 4}}, {1, {3}}, {1, {3}}, {4, {1, 2, 2, 4}}}},
    {"batchnorm, sum of itself and relu", &dt_batchnorm_op, batchnorm_of_itself, {{2, {3, 9}}, {1, {3}}, {1, {3}}}},
    {"rbf", &dt_rbf_op, rbf, {{2, {4, 5}}}},
    {"rbf, batch 1", &dt_rbf_op, rbf, {{2, {4, 1}}}},
    {"lrn across maps", &dt_lrn_op, lrn_across, {{4, {7, 2, 3, 3}}}},
    {"lrn across few maps, batch 17", &dt_lrn_op, lrn_across, {{4, {2, 1, 2, 17}}}},
    {"lrn within a map", &dt_lrn_op, lrn_within, {{4, {2, 4, 5, 3}}}},
    {"lrn within a map, batch 1", &dt_lrn_op, lrn_within, {{4, {1, 2, 2, 1}}}},
    {"recurrent", /* the others: test_recurrent.c */
     &dt_recurrent_op,
     recurrent,
     {{3, {3, 2, 4}}, {2, {12, 2}}, {2, {12, 3}}, {1, {12}}, {2, {3, 4}}, {2, {3, 4}}}},
    {"context", &dt_context_op, context, {{3, {4, 3, 2}}, {2, {3, 2}}}},
    {"embedding", &dt_embedding_op, embedding, {{2, {5, 3}}}},
    {"embedding, wide", &dt_embedding_op, embedding, {{2, {6, 35}}}},
    {"linear_xent", &dt_linear_xent_op, linear_xent, {{3, {3, 4, 5}}, {2, {7, 4}}, {1, {7}}}},
    {"linear_xent, one step", &dt_linear_xent_op, linear_xent, {{2, {3, 2}}, {2, {5, 3}}, {1, {5}}}},
    {"linear_xent, many classes", &dt_linear_xent_op, linear_xent, {{3, {1, 2, 2}}, {2, {521, 2}}, {1, {521}}}},
    {"linear_xent without bias", &dt_linear_xent_op, linear_xent_bare, {{3, {2, 9, 3}}, {2, {33, 9}}}},
    {"linear_xent, label smoothing", &dt_linear_xent_op, linear_xent_smooth, {{3, {2, 9, 3}}, {2, {33, 9}}, {1, {33}}}},
    {"last_cell", &dt_last_cell_op, last_cell, {{3, {3, 2, 4}}, {2, {12, 2}}, {2, {12, 3}}, {2, {3, 4}}}},
    {"reverse", &dt_reverse_op, reverse, {{3, {4, 3, 2}}}},
    {"columns", &dt_columns_op, columns, {{3, {4, 5, 3}}}},
    {"columns, wide", &dt_columns_op, columns, {{3, {3, 35, 4}}}},
    {"columns, a step", &dt_columns_op, step, {{3, {3, 2, 4}}}},
    {"attend, additive", &dt_attend_op, attend, {{3, {2, 3, 4}}, {3, {5, 3, 4}}, {3, {5, 2, 4}}, {1, {3}}}},
    {"attend, additive, batch 1", &dt_attend_op, attend, {{3, {1, 4, 1}}, {3, {3, 4, 1}}, {3, {3, 5, 1}}, {1, {4}}}},
    {"attend, additive, batch 19",
     &dt_attend_op,
     attend,
     {{3, {2, 2, 19}}, {3, {3, 2, 19}}, {3, {3, 3, 19}}, {1, {2}}}},
    {"attend, dot", &dt_attend_op, attend_dot, {{3, {3, 4, 5}}, {3, {2, 4, 5}}, {3, {2, 3, 5}}}},
    {"attend, dot, batch 17", &dt_attend_op, attend_dot, {{3, {1, 3, 17}}, {3, {4, 3, 17}}, {3, {4, 2, 17}}}},
    {"attend, keys are values", &dt_attend_op, attend_dot_itself, {{3, {2, 3, 4}}, {3, {5, 3, 4}}}},
    /* 3 steps, 2 numbers of x, 4 units, 5 places of 3 numbers, keys of 6; batches of 2, 1, 17 */
    {"recurrent_attend",
     &dt_recurrent_attend_op,
     recurrent_attend,
     {{3, {3, 2, 2}},
      {2, {12, 5}},
      {2, {12, 4}},
      {1, {16}},
      {2, {4, 2}},
      {2, {6, 4}},
      {1, {6}},
      {1, {6}},
      {3, {5, 6, 2}},
      {3, {5, 3, 2}}}},
    {"recurrent_attend, LSTM",
     &dt_recurrent_attend_op,
     recurrent_attend_lstm,
     {{3, {3, 2, 1}},
      {2, {16, 5}},
      {2, {16, 4}},
      {1, {16}},
      {2, {4, 1}},
      {2, {4, 1}},
      {2, {6, 4}},
      {1, {6}},
      {1, {6}},
      {3, {5, 6, 1}},
      {3, {5, 3, 1}}}},
    {"recurrent_attend, bare",
     &dt_recurrent_attend_op,
     recurrent_attend_bare,
     {{3, {2, 1, 17}}, {2, {3, 10}}, {2, {3, 3}}, {2, {9, 3}}, {1, {9}}, {3, {2, 9, 17}}, {3, {2, 9, 17}}}},
    {"add", &dt_add_op, add, {{4, {2, 3, 2, 3}}, {4, {2, 3, 2, 3}}}},
    {"add, fewer maps", &dt_add_op, add, {{4, {3, 3, 2, 3}}, {4, {1, 3, 2, 3}}}},
    {"concat", &dt_concat_op, concat, {{4, {2, 3, 2, 3}}, {4, {1, 3, 2, 3}}}},
    {"concat, features", &dt_concat_op, concat_features, {{3, {4, 3, 2}}, {3, {4, 1, 2}}}},
    {"concat, features of one step", &dt_concat_op, concat_features, {{3, {1, 2, 1}}, {3, {1, 3, 1}}}},
    {"softmax_xent", &dt_softmax_xent_op, softmax_xent, {{2, {5, 20}}}},
    {"softmax_xent, batch 1", &dt_softmax_xent_op, softmax_xent, {{2, {5, 1}}}},
    {"map_loss", &dt_map_loss_op, map_loss, {{2, {5, 20}}}},
    {"map_loss, batch 3", &dt_map_loss_op, map_loss, {{2, {5, 3}}}},
    {"mse", &dt_mse_op, mse, {{2, {5, 20}}}},
    {"bernoulli_nll", &dt_bernoulli_nll_op, bernoulli_nll, {{2, {7, 19}}}},
    {"bernoulli_nll, maps, batch 1", &dt_bernoulli_nll_op, bernoulli_nll, {{4, {2, 3, 2, 1}}}},
    {"gaussian_nll", &dt_gaussian_nll_op, gaussian_nll, {{2, {5, 19}}, {2, {5, 19}}, {2, {5, 19}}}},
    {"gaussian_nll, batch 1", &dt_gaussian_nll_op, gaussian_nll, {{2, {3, 1}}, {2, {3, 1}}, {2, {3, 1}}}},
    {"gaussian_nll, variance 1", &dt_gaussian_nll_op, gaussian_nll_of_mean, {{2, {5, 9}}, {2, {5, 9}}}},
    {"gaussian_nll, mean 0", &dt_gaussian_nll_op, gaussian_nll_of_variance, {{2, {5, 9}}, {2, {5, 9}}}},
    {"gaussian_nll, standard", &dt_gaussian_nll_op, gaussian_nll_standard, {{2, {5, 9}}}},
    {"gaussian_kl", &dt_gaussian_kl_op, gaussian_kl, {{2, {4, 19}}, {2, {4, 19}}}},
    {"gaussian_kl, batch 1", &dt_gaussian_kl_op, gaussian_kl, {{2, {3, 1}}, {2, {3, 1}}}},
    {"gaussian_sample", &dt_gaussian_sample_op, gaussian_sample, {{2, {5, 19}}, {2, {5, 19}}}},
    {"gaussian_sample, batch 1", &dt_gaussian_sample_op, gaussian_sample, {{2, {3, 1}}, {2, {3, 1}}}},
};

Test(gradients, every_case_passes)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *failure = check_case(&cases[i]);
        cr_expect(!failure, "%s", failure);
    }
}

Test(gradients, every_op_has_a_case_and_a_doc)
{
    int n = 0;
    for (; dt_ops[n]; n++) {
        bool found = false;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) found |= cases[i].op == dt_ops[n];
        cr_expect(found, "the op %s has no gradient check", dt_ops[n]->name);
        cr_expect(dt_ops[n]->doc && dt_ops[n]->doc[0], "the op %s has no doc line", dt_ops[n]->name);
    }
    cr_assert(n > 0);
}

/* The checker itself must be able to fail. */
static void wrong_backward(const dt_var *y)
{
    real beta, *dx = dt_gradient(y->input[0], &beta);
    for (int64_t i = 0; i < y->count; i++) dx[i] = (beta != 0 ? dx[i] : 0) + y->gradient[i];
}
static void silent_backward(const dt_var *y)
{
    dt_gradient_sum(y->input[0]);
}
static const dt_op wrong_op = {"wrong", "", wrong_backward, NULL}, silent_op = {"silent", "", silent_backward, NULL};

static dt_var *twice_x(const dt_op *op, dt_var *x)
{
    dt_var *y = dt_record(op, 1, &x, x->rank, x->dim);
    for (int64_t i = 0; i < x->count; i++) y->value[i] = 2 * x->value[i];
    return y;
}
static dt_var *wrong(dt_var **in)
{
    return twice_x(&wrong_op, in[0]);
}
static dt_var *silent(dt_var **in)
{
    return twice_x(&silent_op, in[0]);
}

Test(gradients, the_checker_refuses_wrong_and_silent_gradients)
{
    cr_assert(check_case(&(gradient_case){"wrong", &wrong_op, wrong, {{2, {3, 2}}}}));
    cr_assert(check_case(&(gradient_case){"silent", &silent_op, silent, {{2, {3, 2}}}}));
}
