/* The trials of this experiment: separable.c and overlap.c (linear units), xor.c (what they cannot do), softmax.c. */
#ifndef EXPERIMENTS_PERCEPTRON_PARTS_H
#define EXPERIMENTS_PERCEPTRON_PARTS_H

#include "run/trials.h"

dt_status novikoff_run(dt_trial *trial, dt_error *err);
dt_status overlap_run(dt_trial *trial, dt_error *err);
dt_status epochs_run(dt_trial *trial, dt_error *err);
dt_status lines_run(dt_trial *trial, dt_error *err);
dt_status losses_run(dt_trial *trial, dt_error *err);
dt_status dichotomies_run(dt_trial *trial, dt_error *err);
dt_status xor_run(dt_trial *trial, dt_error *err);
dt_status parity_run(dt_trial *trial, dt_error *err);
dt_status softmax_run(dt_trial *trial, dt_error *err);

/* Data sets, or first weights, for one seed: --runs, or else the preset's. */
int64_t runs_of(const dt_trial *trial);

#endif
