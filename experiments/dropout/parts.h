/* The trials of this experiment: regularisers.c (Srivastava's table 9, Hinton's three networks), amount.c (how much
 * dropout, and for how many images: figs. 9 and 10), features.c (what hidden units become: figs. 7 and 8), early.c
 * (early stopping). */
#ifndef EXPERIMENTS_DROPOUT_PARTS_H
#define EXPERIMENTS_DROPOUT_PARTS_H

#include "models/deep_mlp.h"
#include "run/training.h"

dt_status table9_run(dt_trial *trial, dt_error *err);
dt_status hinton_run(dt_trial *trial, dt_error *err);
dt_status amount_run(dt_trial *trial, dt_error *err);
dt_status size_run(dt_trial *trial, dt_error *err);
dt_status features_run(dt_trial *trial, dt_error *err);
dt_status early_run(dt_trial *trial, dt_error *err);

DT_MODEL(deep_mlp);

/* A network of rectified units, from pixels that are 0 to 1. */
#define RECTIFIED(...)                                               \
    {                                                                \
        .activation = dt_relu, .init = DT_INIT_STANDARD, __VA_ARGS__ \
    }
#define TASK(network)                                                                                             \
    {                                                                                                             \
        .id = "mlp", .title = "the network", .model = &deep_mlp_model, .shape = network, .loss = dt_softmax_xent, \
        .frame = {                                                                                                \
            28,                                                                                                   \
            28,                                                                                                   \
            0,                                                                                                    \
            1                                                                                                     \
        }                                                                                                         \
    }

/* The paper's p is the probability of keeping a unit: 0.8 of the inputs, 0.5 of the hidden units (appendix B.1). */
#define DROPOUT .dropout = 1 - 0.5, .input_dropout = 1 - 0.8

/* Trains to the end and judges: on the test set, or with --validate on images that were held out. Rows are the
 * caller's. With ^C, *error is NAN. */
dt_status train_and_judge(dt_training *t, double *error, dt_error *err);

#endif
