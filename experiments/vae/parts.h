/* The parts of this experiment: judge.c measures a trained network, train.c trains one after another, bound.c is the
 * paper's figures 2 and 5, manifold.c its figure 4, marginal.c log p(x) by importance weights. */
#ifndef EXPERIMENTS_VAE_PARTS_H
#define EXPERIMENTS_VAE_PARTS_H

#include "models/vae.h"
#include "run/training.h"

/* ---- judge.c */

typedef struct {
    double bound;    /* L, mean over the images, with one sample for each, and the divergence in closed form */
    double marginal; /* the estimate of log p(x), likewise */
} vae_score;

/* By `samples` importance-weighted samples for each image (Burda et al. 2016, eq. 7; for one it is another estimate of
 * the bound). Random numbers are those of `seed`: the same for each network. */
vae_score judge(const vae *m, dt_params *params, const dt_backend *backend, const dt_images *images, int64_t samples,
                uint64_t seed);

/* The probabilities of ink for `count` latent vectors z [latent,count]: image [784,count]. */
void decode(const vae *m, dt_params *params, const dt_backend *backend, const real *z, int64_t count, real *image);

/* ---- train.c */

enum { VAE_NETS = 5, VAE_BATCH = 100 };

/* Pixels from 0 to 1. */
extern const dt_frame vae_frame;

/* The recipe of the paper's section 5 with what the flags change. Its examples leave the held-out images out; in smoke
 * they are few. */
dt_recipe vae_recipe(const dt_trial *trial, int64_t epochs);

/* The network of the paper's section 5; the first weights are N(0, 0.01), 0.01 being the variance, as elsewhere in the
 * paper. */
vae vae_of_paper(int64_t latent, int64_t hidden);

/* A task for dt_training; its shape outlives it. */
dt_task vae_task(const char *id, const vae *shape);

/* Images that judge along the way, in smoke a few: the last sixth of the training images, as a view. */
dt_images held_out(const dt_trial *trial);

/* What judges at the end: the test set, or with --validate the held-out images; at most `most` of them. The caller
 * frees it. */
dt_status exam_of(const dt_trial *trial, int64_t most, dt_images *exam, dt_error *err);

/* The training so far, and what the trial keeps beside it, into the checkpoint or out of it. */
dt_status keep(const dt_training *t, const dt_blob *own, bool load, dt_error *err);

/* ---- the trials */

dt_status bound_run(dt_trial *trial, dt_error *err);
dt_status manifold_run(dt_trial *trial, dt_error *err);
dt_status marginal_run(dt_trial *trial, dt_error *err);

#endif
