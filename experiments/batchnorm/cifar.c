/* Ioffe & Szegedy 2015, section 4.2 and figures 2 and 3, in small: cuda-convnet's layers-80sec on CIFAR-10 in place of
 * Inception on ImageNet. How many steps does it take, with batch normalisation and at higher rates, to what the network
 * without it reaches? Judged by training images that are held out; the test set is not read. */
#include <stdlib.h>

#include "experiments/batchnorm/parts.h"
#include "models/cifarnet.h"

DT_MODEL(cifarnet);

enum { SIDE = 32, BATCH = 128, FIFTH = 5, WAYS = 4 };

/* The paper's names. BN-x5 and BN-x30 also have a fifth of the weight decay (section 4.2.1). */
static const struct {
    const char *name, *claim;
    cifarnet shape;
    double lr, decay; /* times the baseline's */
} ways[WAYS] = {{"layers-80sec", NULL, {0}, 1, 1},
                {"BN-Baseline", "cifar_baseline", {.batchnorm = true}, 1, 1},
                {"BN-x5", "cifar_x5", {.batchnorm = true}, 5, 0.2},
                {"BN-x30", "cifar_x30", {.batchnorm = true}, 30, 0.2}};

/* The accuracy on the held-out images in percent after so many steps each; to where it broke down, if it did. */
typedef struct {
    int64_t every, marks;
    double *accuracy; /* [marks], and room for all */
} curve;

/* What all networks train on and are judged by. */
typedef struct {
    dt_images train, held_out; /* views */
    real *mean;                /* of `train`: taken away from each image */
    double conv1_sd;           /* not the definition's 1e-4, with which the first layer stalls: see the lab page */
    int64_t steps, every;
    int used; /* the first so many of ways[] */
} lesson_plan;

static void plan_init(lesson_plan *p, const dt_trial *trial)
{
    static const int64_t steps[DT_PRESETS] = {20, 1000, 2500}, every[DT_PRESETS] = {10, 50, 50},
                         images[DT_PRESETS] = {1000, 0, 0}, judges[DT_PRESETS] = {500, 5000, 5000};
    static const int used[DT_PRESETS] = {3, 3, WAYS};
    const dt_preset preset = dt_trial_preset(trial);
    *p = (lesson_plan){.mean = malloc(3 * SIDE * SIDE * sizeof *p->mean),
                       .conv1_sd = dt_trial_real(trial, "sd", 0.01),
                       .steps = dt_trial_int(trial, "steps", steps[preset]),
                       .every = every[preset],
                       .used = used[preset]};
    DT_REQUIRE(p->mean, "cifar: out of memory");
    if (p->every > p->steps) p->every = p->steps;
    dt_images_hold_out(dt_trial_images(trial), FIFTH, &p->train, &p->held_out);
    if (images[preset]) p->train.count = images[preset];
    p->held_out.count = judges[preset]; /* the others were there to choose the first weights by */
    dt_images_mean(&p->train, p->mean);
    p->train.mean = p->held_out.mean = p->mean;
}

/* By cuda-convnet's recipe, at its first rate throughout. */
static void train_way(dt_trial *trial, const lesson_plan *p, int net, curve *c)
{
    cifarnet shape = ways[net].shape;
    shape.conv1_sd = p->conv1_sd;
    const dt_task task = {.id = ways[net].name,
                          .title = ways[net].name,
                          .model = &cifarnet_model,
                          .shape = &shape,
                          .loss = dt_softmax_xent,
                          .frame = {SIDE, SIDE, 0, 255}};
    const int64_t batches = (p->train.count + BATCH - 1) / BATCH;
    const dt_recipe recipe = {.epochs = (p->steps + batches - 1) / batches,
                              .batch = BATCH,
                              .optimizer = {.momentum = 0.9, .weight_decay = 0.004 * ways[net].decay},
                              .schedule.lr = dt_trial_real(trial, "lr", 0.001) * ways[net].lr};
    dt_training t;
    dt_training_init(&t, trial, ways[net].name, &task, &p->train, &recipe);
    t.before = net / (double)p->used, t.share = 1.0 / p->used;
    *c = (curve){.every = p->every, .accuracy = malloc((size_t)(p->steps / p->every) * sizeof *c->accuracy)};
    DT_REQUIRE(c->accuracy, "cifar: out of memory");
    while (c->marks < p->steps / p->every && !dt_trial_stopped(trial)) {
        if (dt_training_until(&t, (c->marks + 1) * p->every, NULL, NULL) != DT_OK) break; /* a result here */
        c->accuracy[c->marks++] = 100 - dt_network_error(&t.net, dt_trial_backend(trial), &p->held_out);
    }
    dt_training_free(&t);
}

static double best(const curve *c)
{
    double most = 0;
    for (int64_t m = 0; m < c->marks; m++)
        if (c->accuracy[m] > most) most = c->accuracy[m];
    return most;
}

/* Steps to the first mark with at least this accuracy; 0: there is none. */
static int64_t steps_to(const curve *c, double level)
{
    for (int64_t m = 0; m < c->marks; m++)
        if (c->accuracy[m] >= level) return (m + 1) * c->every;
    return 0;
}

/* The paper's measure (figure 3): steps to the best accuracy of the network without, without / with; 0 if the one with
 * does not get there. */
static double ratio(const curve *without, const curve *with)
{
    const double level = best(without);
    const int64_t steps = steps_to(with, level);
    return steps ? (double)steps_to(without, level) / (double)steps : 0;
}

static dt_status points(dt_trial *trial, const char *name, const curve *c, dt_error *err)
{
    dt_status status = DT_OK;
    for (int64_t m = 0; m < c->marks && status == DT_OK; m++)
        status = dt_trial_point(trial, "accuracy (%)", name, (double)((m + 1) * c->every), c->accuracy[m], err);
    return status;
}

/* Figure 2, with the level that counts as a series of its own, and the claims. It makes that series of c[0]. */
static dt_status report(dt_trial *trial, int used, curve *c, dt_error *err)
{
    dt_status status = DT_OK;
    for (int net = 0; net < used && status == DT_OK; net++) status = points(trial, ways[net].name, &c[net], err);
    for (int net = 1; net < used && status == DT_OK; net++)
        status = dt_trial_value(trial, ways[net].claim, ratio(&c[0], &c[net]), err);
    const double level = best(&c[0]);
    for (int64_t m = 0; m < c[0].marks; m++) c[0].accuracy[m] = level;
    return status == DT_OK ? points(trial, "the best of layers-80sec", &c[0], err) : status;
}

dt_status cifar_run(dt_trial *trial, dt_error *err)
{
    lesson_plan p;
    curve c[WAYS] = {{0}};
    plan_init(&p, trial);
    for (int net = 0; net < p.used && !dt_trial_stopped(trial); net++) train_way(trial, &p, net, &c[net]);
    dt_status status = dt_trial_stopped(trial) ? DT_OK : report(trial, p.used, c, err);
    for (int net = 0; net < p.used; net++) free(c[net].accuracy);
    free(p.mean);
    return status;
}
