/* The trials of this experiment: fig1.c (the paper's figure 1), ablation.c (one thing at a time), statistics.c (whose
 * means and variances in testing), cifar.c (the steps that it saves a convolutional network). What those on MNIST share
 * is in train.c. */
#ifndef EXPERIMENTS_BATCHNORM_PARTS_H
#define EXPERIMENTS_BATCHNORM_PARTS_H

#include "models/deep_mlp.h"
#include "run/training.h"

dt_status fig1_run(dt_trial *trial, dt_error *err);
dt_status rates_run(dt_trial *trial, dt_error *err);
dt_status depth_run(dt_trial *trial, dt_error *err);
dt_status batch_run(dt_trial *trial, dt_error *err);
dt_status place_run(dt_trial *trial, dt_error *err);
dt_status start_run(dt_trial *trial, dt_error *err);
dt_status statistics_run(dt_trial *trial, dt_error *err);
dt_status cifar_run(dt_trial *trial, dt_error *err);

/* The rate and the deviation of the first weights of figure 1, and so of all else where they are not varied. Chosen as
 * the lab page says. */
#define RATE 0.5
#define WEIGHTS .init = DT_INIT_NORMAL, .sd = 0.1

/* The first `most` images (0: all) in black and white: pixels of 128 and more become 255, others 0. The caller frees
 * them. */
void binary_images(const dt_images *from, int64_t most, dt_images *to);

/* How many images the preset takes; 0: all. */
int64_t preset_images(const dt_trial *trial);

/* One in so many is held out to judge by (dt_images_hold_out): of MNIST's training images the last 10,000. */
enum { HELD_OUT = 6 };

/* One training. What a flag gives (--steps, --lr, --sd, --depth) stands for what is here. */
typedef struct {
    const char *name;
    deep_mlp shape;
    int64_t batch, steps;
    double lr;
    double before, share; /* of the trial, for progress */
} lesson;

/* Begins the training on these images, fewer by what does not fill a batch. `task` and `l` outlive it. Returns how many
 * steps it is to take. */
int64_t lesson_begin(dt_training *t, dt_trial *trial, dt_task *task, lesson *l, const dt_images *images);

/* Trains on the images that are not held out. *error: the error on the others, in percent; where the training broke
 * down, of the parameters before the step that did. */
void lesson_error(dt_trial *trial, lesson l, const dt_images *images, double *error);

/* For dots.gp. */
dt_status dot(dt_trial *trial, const char *row, double value, dt_error *err);

#endif
