/* The parts of this experiment: ring.c trains on a ring of eight Gaussians; images.c on digits, train.c is its loop;
 * parzen.c, classifier.c and latent.c look at what was trained. */
#ifndef EXPERIMENTS_GAN_PARTS_H
#define EXPERIMENTS_GAN_PARTS_H

#include "run/gan.h"
#include "run/training.h"

/* The recipe with what the flags change, and the numbers of noise. */
dt_gan_recipe gan_recipe(const dt_trial *trial, dt_gan_recipe recipe);
int64_t gan_latent(const dt_trial *trial, int64_t own);
/* Whether `step` of all is a share k / parts of them, for some k: when a point of a curve or a picture is due. */
bool share_reached(int64_t step, int64_t all, int64_t parts);

/* ---- parzen.c */

enum { PIXELS = 28 * 28 };

typedef struct {
    double mean, error; /* of the log-likelihoods, in nats: and the standard error of the mean */
    double sigma;       /* the chosen one */
} parzen_score;

/* The log-likelihood of `images`, with pixels from 0 to 1, under a Parzen window of Gaussians around `count` samples
 * [784,count], of the width that suits the first images of `choosing` best (Breuleux et al. 2011; Goodfellow et al.
 * 2014, section 5). Stops early at ^C. */
parzen_score parzen(dt_trial *trial, const real *samples, int64_t count, const dt_images *choosing,
                    const dt_images *images);

/* ---- classifier.c */

enum { DIGITS = 10 };

/* A LeNet-5 that was trained on the training images. */
typedef struct {
    dt_training training;
} classifier;

/* Not to be moved. Trained until ^C at most. */
dt_status classifier_train(classifier *c, dt_trial *trial, dt_error *err);
void classifier_free(classifier *c);

typedef struct {
    double score;         /* exp of the mean of KL(p(digit|x) || p(digit)): 1, all alike, to 10, all clear and in equal
                           * parts (Salimans et al. 2016, section 4, with this network for theirs) */
    double share[DIGITS]; /* of the samples, in % */
    int modes;            /* digits of a share of 1 % at least */
} digit_score;

/* `count` samples with pixels from 0 to 1, [784,count]. answer [count]: the likeliest digits, or NULL. */
digit_score classifier_judge(const classifier *c, const real *samples, int64_t count, int32_t *answer);

/* ---- train.c */

enum { FRAMES = 16, FILM_GRID = 8, FILM_SIDE = 28 * FILM_GRID };

/* Where the training stands: a blob of checkpoints. */
typedef struct {
    int64_t steps, frames;                   /* since the last point of the curves; of the film */
    double on_real, on_fake, d_loss, g_loss; /* summed over these steps */
    uint8_t film[FRAMES][FILM_SIDE * FILM_SIDE];
} picture_state;

/* A GAN on digits. */
typedef struct {
    dt_trial *trial;
    const char *id;
    dt_gan gan;
    dt_frame frame; /* how pixels are shown to the networks */
    const dt_images *images;
    int64_t examples, epochs; /* the first ones of the images; passes over them, or what is whole batches of them */
    uint32_t *order;
    int64_t order_epoch;
    int32_t *labels;
    classifier judge;
    picture_state at;
} picture_run;

/* The networks with their first parameters, and the judge. Trial, id, frame and epochs are set; the others are filled
 * in: five sixths of the images are trained on, in smoke a few. */
dt_status picture_start(picture_run *run, const dt_gan_task *task, const dt_gan_recipe *recipe, dt_error *err);
/* Trains to the end or to ^C (dt_trial_stopped), with curves and film. */
dt_status picture_train(picture_run *run, dt_error *err);
/* Also after an error in picture_start. */
void picture_free(picture_run *run);

/* `count` samples of the trained generator, pixels from 0 to 1, in columns [784,count]; z: their noise [latent,count],
 * drawn from the stream `purpose` of the trial's seed, or given. */
void picture_noise(const picture_run *run, const char *purpose, int64_t count, real *z);
void picture_make(const picture_run *run, const real *z, int64_t count, real *samples);

/* ---- latent.c */

/* The sheet NAME: rows of images on the way from one z to another, and arithmetic with z. */
dt_status latent_sheet(const picture_run *run, const char *name, dt_error *err);

/* ---- the trials */

dt_status mnist_run(dt_trial *trial, dt_error *err);
dt_status dcgan_run(dt_trial *trial, dt_error *err);
dt_status ring_run(dt_trial *trial, dt_error *err);

#endif
