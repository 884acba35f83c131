/* libditto: everything that a model or an experiment needs. */
#ifndef DITTO_H
#define DITTO_H

#include "backend/backend.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/rng.h"
#include "core/threads.h"
#include "layers/layers.h"
#include "ops/ops.h"
#include "optim/average.h"
#include "optim/lbfgs.h"
#include "optim/max_norm.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "tape/shards.h"
#include "tape/tape.h"

/* Programmer errors name the line of the model or experiment: each op notes its place first. */
#define DT_HERE dt_at(__FILE__, __LINE__)
#define dt_conv(...) (DT_HERE, dt_conv(__VA_ARGS__))
#define dt_conv_transposed(...) (DT_HERE, dt_conv_transposed(__VA_ARGS__))
#define dt_linear(...) (DT_HERE, dt_linear(__VA_ARGS__))
#define dt_subsample(...) (DT_HERE, dt_subsample(__VA_ARGS__))
#define dt_flatten(...) (DT_HERE, dt_flatten(__VA_ARGS__))
#define dt_maxpool_of(...) (DT_HERE, dt_maxpool_of(__VA_ARGS__))
#define dt_avgpool_of(...) (DT_HERE, dt_avgpool_of(__VA_ARGS__))
#define dt_global_avgpool(...) (DT_HERE, dt_global_avgpool(__VA_ARGS__))
#define dt_lrn_of(...) (DT_HERE, dt_lrn_of(__VA_ARGS__))
#define dt_add(...) (DT_HERE, dt_add(__VA_ARGS__))
#define dt_recurrent_attend_of(...) (DT_HERE, dt_recurrent_attend_of(__VA_ARGS__))
#define dt_recurrent_attend(...) (DT_HERE, dt_recurrent_attend(__VA_ARGS__))
#define dt_dropout(...) (DT_HERE, dt_dropout(__VA_ARGS__))
#define dt_recurrent_of(...) (DT_HERE, dt_recurrent_of(__VA_ARGS__))
#define dt_recurrent_of_symbols(...) (DT_HERE, dt_recurrent_of_symbols(__VA_ARGS__))
#define dt_embedding_of(...) (DT_HERE, dt_embedding_of(__VA_ARGS__))
#define dt_linear_xent_of(...) (DT_HERE, dt_linear_xent_of(__VA_ARGS__))
#define dt_recurrent(...) (DT_HERE, dt_recurrent(__VA_ARGS__))
#define dt_recurrent_symbols(...) (DT_HERE, dt_recurrent_symbols(__VA_ARGS__))
#define dt_embedding(...) (DT_HERE, dt_embedding(__VA_ARGS__))
#define dt_linear_xent(...) (DT_HERE, dt_linear_xent(__VA_ARGS__))
#define dt_context_of(...) (DT_HERE, dt_context_of(__VA_ARGS__))
#define dt_reverse(...) (DT_HERE, dt_reverse(__VA_ARGS__))
#define dt_columns(...) (DT_HERE, dt_columns(__VA_ARGS__))
#define dt_step(...) (DT_HERE, dt_step(__VA_ARGS__))
#define dt_last_cell(...) (DT_HERE, dt_last_cell(__VA_ARGS__))
#define dt_attend_of(...) (DT_HERE, dt_attend_of(__VA_ARGS__))
#define dt_attention(...) (DT_HERE, dt_attention(__VA_ARGS__))
#define dt_attention_keys(...) (DT_HERE, dt_attention_keys(__VA_ARGS__))
#define dt_linear_xent_smooth(...) (DT_HERE, dt_linear_xent_smooth(__VA_ARGS__))
#define dt_concat_features(...) (DT_HERE, dt_concat_features(__VA_ARGS__))
#define dt_concat(...) (DT_HERE, dt_concat(__VA_ARGS__))
#define dt_batchnorm_with(...) (DT_HERE, dt_batchnorm_with(__VA_ARGS__))
#define dt_maxout(...) (DT_HERE, dt_maxout(__VA_ARGS__))
#define dt_bernoulli_nll(...) (DT_HERE, dt_bernoulli_nll(__VA_ARGS__))
#define dt_gaussian_nll(...) (DT_HERE, dt_gaussian_nll(__VA_ARGS__))
#define dt_gaussian_kl(...) (DT_HERE, dt_gaussian_kl(__VA_ARGS__))
#define dt_gaussian_sample(...) (DT_HERE, dt_gaussian_sample(__VA_ARGS__))
#define dt_linear_transposed_of(...) (DT_HERE, dt_linear_transposed_of(__VA_ARGS__))
#define dt_contraction(...) (DT_HERE, dt_contraction(__VA_ARGS__))
#define dt_rbf(...) (DT_HERE, dt_rbf(__VA_ARGS__))
#define dt_softmax_xent(...) (DT_HERE, dt_softmax_xent(__VA_ARGS__))
#define dt_map_loss(...) (DT_HERE, dt_map_loss(__VA_ARGS__))
#define dt_mse(...) (DT_HERE, dt_mse(__VA_ARGS__))

#endif
