/* The trials of this experiment: kingma.c (Kingma & Ba's figures 1 and 2), rates.c (the learning rate's size and
 * decay), second_order.c (whole batches against SGD), surfaces.c (two surfaces that can be drawn). What they share is
 * in train.c. */
#ifndef EXPERIMENTS_OPTIMIZERS_PARTS_H
#define EXPERIMENTS_OPTIMIZERS_PARTS_H

#include "models/deep_mlp.h"
#include "run/training.h"

dt_status fig1_run(dt_trial *trial, dt_error *err);
dt_status fig2_run(dt_trial *trial, dt_error *err);
dt_status second_order_run(dt_trial *trial, dt_error *err);
dt_status bowl_paths_run(dt_trial *trial, dt_error *err);
dt_status bowl_run(dt_trial *trial, dt_error *err);
dt_status saddle_run(dt_trial *trial, dt_error *err);
dt_status sweep_run(dt_trial *trial, dt_error *err);
dt_status decay_run(dt_trial *trial, dt_error *err);

/* The methods that are compared, in the order of the figures' colours. */
enum { SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADADELTA, ADAM, METHODS };
typedef struct {
    const char *name;
    dt_optimizer_recipe recipe;
    double usual; /* rate, at which the search for a good one begins */
} method;
extern const method methods[METHODS];

/* One training: all methods of one seed see the same (run/training.h). */
enum { MOST_PASSES = 512 };
typedef struct {
    const dt_task *task;
    const dt_images *images;
    dt_recipe recipe;
    const char *name; /* for progress */
    double done;      /* of the trial, from 0 to 1, for progress */
    void (*after_step)(void *context, const dt_trainer *t);
    void *context;
} lesson;

/* loss[p]: the mean over pass p + 1, each example before its update; INFINITY where the training broke down. */
typedef struct {
    double lr;
    int64_t passes;
    double loss[MOST_PASSES];
} course;

/* Trains. A loss or gradient that is not a number is a result here, not an error. Ends early if the trial is stopped.
 */
void train(dt_trial *trial, const lesson *l, course *c);

/* Walks from `usual` in factors of sqrt(10) towards lower costs until both neighbours cost more, at most MOST_WALK
 * factors away. Returns the best rate. */
enum { MOST_WALK = 8 };
double best_rate(double usual, double (*cost)(void *context, double lr), void *context);

/* The training with the rate that ends with the lowest loss, into *best. */
void train_best(dt_trial *trial, const lesson *l, double usual, course *best);

/* The last sixth of the training images (of MNIST: 10,000) to validate with, and the others; at most `most` (0: all)
 * of each. Views. */
void hold_out(const dt_images *images, int64_t most, dt_images *train, dt_images *validation);

/* Shared pieces of tasks: pixels from 0 to 1; 784-100-10 with rectified units. */
DT_MODEL(deep_mlp);
extern const dt_task softmax_task, hidden_task;
#define PIXELS       \
    {                \
        28, 28, 0, 1 \
    }

#endif
