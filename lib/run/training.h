/* A network in training within a trial (run/trials.h). It starts from the trial's seed, and so do its batches and its
 * noise: what one seed trains by different recipes differs by these alone. */
#ifndef DT_RUN_TRAINING_H
#define DT_RUN_TRAINING_H

#include "run/trainer.h"
#include "run/trials.h"

typedef struct {
    dt_trial *trial;
    const char *name; /* for progress */
    dt_network net;
    dt_trainer trainer;
    double before, share; /* of the trial: what was done before this training, and its part */
} dt_training;

/* Not to be moved. The name, the task with its shape, and the images outlive it. The share is 1. */
void dt_training_init(dt_training *t, dt_trial *trial, const char *name, const dt_task *task, const dt_images *images,
                      const dt_recipe *recipe);
void dt_training_free(dt_training *t);

/* Steps taken. */
int64_t dt_training_steps(const dt_training *t);

/* Trains until so many steps have been taken, the training is finished, or ^C (dt_trial_stopped). *loss, unless NULL:
 * the mean of the steps' losses, NAN if there was none. Errors are those of dt_trainer_step. */
dt_status dt_training_until(dt_training *t, int64_t steps, double *loss, dt_error *err);

/* The mean loss of the last whole epoch, each example before its update. */
double dt_training_loss(const dt_training *t);

/* The network's error in percent: on the test set, which is read only here, or with `held_out`, for choosing, on the
 * training images behind the recipe's examples. */
dt_status dt_training_exam(const dt_training *t, bool held_out, double *error, dt_error *err);

#endif
