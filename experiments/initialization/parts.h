/* The trials of this experiment: start.c and depth.c look at networks that nobody has trained, train.c trains some. */
#ifndef EXPERIMENTS_INITIALIZATION_PARTS_H
#define EXPERIMENTS_INITIALIZATION_PARTS_H

#include "data/batch.h"
#include "models/deep_mlp.h"
#include "run/trials.h"

dt_status start_run(dt_trial *trial, dt_error *err);
dt_status histograms_run(dt_trial *trial, dt_error *err);
dt_status jacobian_run(dt_trial *trial, dt_error *err);
dt_status depth_run(dt_trial *trial, dt_error *err);
dt_status saturation_run(dt_trial *trial, dt_error *err);
dt_status table1_run(dt_trial *trial, dt_error *err);
dt_status he_run(dt_trial *trial, dt_error *err);

/* A fresh network and one pass forward and back through it, over a minibatch of training images. All gradients are
 * those of the sum of the losses: column n of s[i]->gradient is what image n alone gives. */
enum { GLANCE_IMAGES = 300 };
typedef struct {
    deep_mlp net;
    dt_params *params;
    dt_tape *tape;
    int32_t labels[GLANCE_IMAGES];
    dt_var *x, *s[DEEP_MLP_MOST], *z[DEEP_MLP_MOST];
} glance;

void glance_init(glance *g, const dt_trial *trial, deep_mlp shape);
void glance_free(glance *g);

/* The pixels are 0 to 1. */
extern const dt_frame pixels;

/* For curves.gp: a line of its own for each seed, in the colour of its series. Begin each with curve_begin, which
 * leaves a gap; x is its first. */
dt_status curve_begin(dt_trial *trial, const char *panel, const char *series, double x, dt_error *err);
dt_status curve_point(dt_trial *trial, const char *panel, const char *series, double x, double y, dt_error *err);

#endif
