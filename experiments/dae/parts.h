/* The parts of this experiment: variants.c makes the images, train.c trains a stack, stack.c compares stacks, noise.c
 * is the noise-level curve, filters.c looks at single autoencoders, manifold.c is the plane. */
#ifndef EXPERIMENTS_DAE_PARTS_H
#define EXPERIMENTS_DAE_PARTS_H

#include "models/sdae.h"
#include "run/training.h"

/* ---- variants.c */

enum { DIGITS = 10, SIDE = 28 };

typedef enum { BASIC, ROT, BG_RAND, BG_IMG, RECT, VARIANTS } variant_kind;

/* Test errors in % of Vincent et al. 2010, table 3, for SDAE-3 and SAE-3, and the noise of the former. */
typedef struct {
    const char *id, *claims; /* "bg-rand", "bg_rand": before the parts of a claim's id */
    int64_t train, valid, test, classes;
    double sdae, sae, level;
} variant;

extern const variant variants[VARIANTS];

/* The index-th image of a set [28][28], of which digit [28][28] is the digit; rect does without. Returns the
 * rectangle's label, 1 where it is wider than tall; otherwise 0. Random numbers depend on set and index alone. */
uint8_t variant_image(variant_kind kind, uint64_t index, const uint8_t *digit, uint8_t *image);

/* The images to learn from: first those to train on, *train of them, then those to validate by. In smoke they are few.
 * DT_ERR_CONFIG: the data set's images are not 28 x 28. The caller frees them. */
dt_status variant_learn(const dt_trial *trial, variant_kind kind, dt_images *images, int64_t *train, dt_error *err);

/* The first `most` test images, or as many as there are. The caller frees them. */
dt_status variant_exam(const dt_trial *trial, variant_kind kind, int64_t most, dt_images *images, dt_error *err);

/* ---- train.c */

/* How a stack is trained. */
typedef struct {
    const char *name; /* for progress */
    sdae shape;       /* its stage is that of the training */
    int64_t pretrain; /* passes for each layer; 0: the first weights are random */
    int64_t epochs;   /* passes with labels; of their ends the one with the fewest validation errors counts */
    int64_t batch;
    double lr, lr_pretrain, momentum;
    bool falls; /* the rates fall linearly to 0 */
} stack_plan;

typedef struct {
    dt_trial *trial;
    const dt_images *images; /* to train on and then to validate by */
    int64_t train;           /* how many to train on */
    stack_plan plan;
    double before, share; /* of the trial's progress */
    int64_t size;         /* of the parameters' block */
    real *values, *best;  /* that of the stage before, or at the end the result; the best so far */
    struct {
        int64_t stage;
        int64_t best_epoch; /* 0: none */
        double best_error;  /* %, on the images to validate by */
    } at;
} stack;

/* The plan with what the flags change. */
stack_plan stack_flags(const dt_trial *trial, stack_plan plan);

/* Not to be moved. Images and plan's name outlive it. */
void stack_init(stack *s, dt_trial *trial, const dt_images *images, int64_t train, const stack_plan *plan);
void stack_free(stack *s);

/* Trains to the end or to ^C (dt_trial_stopped). `own` is what the trial keeps beside it; `load`: it goes on from the
 * checkpoint, from which `own` was loaded already. */
dt_status stack_train(stack *s, const dt_blob *own, bool load, dt_error *err);

/* The trained stack's error in %: on the set's test images, which are made only here, in lab a part of them, VARIANTS:
 * on MNIST's own; with --validate on the images that it was chosen by. */
dt_status stack_judge(const stack *s, variant_kind kind, double *error, dt_error *err);

/* The task of a stage, for dt_training; the shape outlives it. */
dt_task stack_task(const sdae *shape);

/* The noise of the flags, or `level` for all layers. */
void stack_noise(const dt_trial *trial, sdae *shape, double level);

/* --noise; --level, or `level` where it was not given. */
dae_noise noise_flag(const dt_trial *trial);
double level_flag(const dt_trial *trial, double level);

/* --NAME, a whole number without a default, or `preset` where it was not given. */
int64_t size_flag(const dt_trial *trial, const char *name, int64_t preset);

/* ---- the trials */

dt_status stack_run(dt_trial *trial, dt_error *err);
dt_status documented_run(dt_trial *trial, dt_error *err);
dt_status noise_run(dt_trial *trial, dt_error *err);
dt_status filters_run(dt_trial *trial, dt_error *err);
dt_status manifold_run(dt_trial *trial, dt_error *err);

#endif
