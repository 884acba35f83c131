/* Batch normalisation taken apart: one thing is varied at a time, with and without. Each number is the error on the
 * last 10,000 training images after a short training on the others; the test set is not read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "experiments/batchnorm/parts.h"

static const int64_t short_steps[DT_PRESETS] = {40, 3000, 50000};

/* Errors above this: it has not learned. */
static const double failed = 20;

enum { NETS = 2 };
static const char *const nets[NETS] = {"without", "with"};
static const deep_mlp_norm places[NETS] = {DEEP_MLP_PLAIN, DEEP_MLP_NORM_BEFORE};

enum { UNITS = 2, RELU = 1 };
static const struct {
    const char *name;
    dt_var *(*activation)(dt_var *s);
    double lr; /* with which it does best without batch normalisation */
} units[UNITS] = {{"sigmoid", dt_sigmoid, RATE}, {"ReLU", dt_relu, 0.1}};

/* What a trial trains, one after another. */
typedef struct {
    dt_trial *trial;
    dt_images images;
    int done, of;
} series;

static void series_init(series *s, dt_trial *trial, int of)
{
    *s = (series){.trial = trial, .of = of};
    binary_images(dt_trial_images(trial), preset_images(trial), &s->images);
}

static void series_free(series *s)
{
    dt_images_free(&s->images);
}

/* The error of the next one; what is 0 in `l` is the usual. */
static double next_error(series *s, lesson l)
{
    double error;
    if (l.batch == 0) l.batch = dt_flag_int(dt_trial_flags(s->trial), "batch");
    if (l.steps == 0) l.steps = short_steps[dt_trial_preset(s->trial)];
    if (l.lr == 0) l.lr = RATE;
    l.before = s->done / (double)s->of, l.share = 1.0 / s->of;
    lesson_error(s->trial, l, &s->images, &error);
    s->done++;
    return error;
}

/* ---- the learning rate. The claim, for ReLU: the highest that learns with, over the highest that learns without (at
 * least the lowest of them). */

dt_status rates_run(dt_trial *trial, dt_error *err)
{
    enum { RATES = 7 };
    static const double rates[RATES] = {0.01, 0.03, 0.1, 0.3, 1, 3, 10};
    double highest[UNITS][NETS] = {{0}};
    dt_status status = DT_OK;
    series s;
    series_init(&s, trial, UNITS * NETS * RATES);
    for (int u = 0; u < UNITS; u++)
        for (int net = 0; net < NETS; net++)
            for (int r = 0; r < RATES && status == DT_OK && !dt_trial_stopped(trial); r++) {
                char name[64];
                snprintf(name, sizeof name, "%s, %s", units[u].name, nets[net]);
                double error = next_error(&s, (lesson){.name = name,
                                                       .lr = rates[r],
                                                       .shape = {.depth = 3,
                                                                 .width = 100,
                                                                 .activation = units[u].activation,
                                                                 .init = DT_INIT_GLOROT,
                                                                 .place = places[net]}});
                if (error < failed) highest[u][net] = rates[r];
                status = dt_trial_point(trial, "error (%)", name, rates[r], error, err);
            }
    series_free(&s);
    if (status == DT_OK && !dt_trial_stopped(trial))
        status = dt_trial_value(trial, "rates_relu", highest[RELU][1] / fmax(highest[RELU][0], rates[0]), err);
    return status;
}

/* ---- depth */

dt_status depth_run(dt_trial *trial, dt_error *err)
{
    enum { DEPTHS = 6, CLAIMED = 8 };
    static const int64_t depths[DEPTHS] = {1, 2, 4, 6, 8, 10};
    static const char *const claims[NETS] = {"depth_without", "depth_with"};
    const int64_t only = dt_trial_int(trial, "depth", 0);
    const int n = only ? 1 : DEPTHS;
    dt_status status = DT_OK;
    series s;
    series_init(&s, trial, NETS * n);
    for (int net = 0; net < NETS; net++)
        for (int d = 0; d < n && status == DT_OK && !dt_trial_stopped(trial); d++) {
            const int64_t depth = only ? only : depths[d];
            double error = next_error(&s, (lesson){.name = nets[net],
                                                   .shape = {.depth = depth,
                                                             .width = 100,
                                                             .activation = dt_sigmoid,
                                                             .init = DT_INIT_GLOROT,
                                                             .place = places[net]}});
            if (dt_trial_stopped(trial)) break;
            status = dt_trial_point(trial, "error (%)", nets[net], (double)depth, error, err);
            if (status == DT_OK && depth == CLAIMED) status = dt_trial_value(trial, claims[net], error, err);
        }
    series_free(&s);
    return status;
}

/* ---- the batch's size, at an equal number of images */

dt_status batch_run(dt_trial *trial, dt_error *err)
{
    enum { SIZES = 8 };
    static const int64_t sizes[SIZES] = {2, 4, 8, 16, 32, 64, 128, 256}, images[DT_PRESETS] = {2000, 100000, 3000000};
    dt_status status = DT_OK;
    series s;
    series_init(&s, trial, NETS * SIZES);
    for (int net = 0; net < NETS; net++)
        for (int b = 0; b < SIZES && status == DT_OK && !dt_trial_stopped(trial); b++) {
            double error = next_error(
                &s,
                (lesson){.name = nets[net],
                         .batch = sizes[b],
                         .steps = images[dt_trial_preset(trial)] / sizes[b],
                         .shape = {.depth = 3, .width = 100, .activation = dt_sigmoid, WEIGHTS, .place = places[net]}});
            status = dt_trial_point(trial, "error (%)", nets[net], (double)sizes[b], error, err);
        }
    series_free(&s);
    return status;
}

/* ---- rows of dots: what a trial varies, for both units */

/* Before or after the nonlinearity, with gamma and beta or without. */
dt_status place_run(dt_trial *trial, dt_error *err)
{
    enum { WAYS = 6 };
    static const struct {
        const char *name;
        deep_mlp_norm place;
        bool no_gamma, no_beta;
    } ways[WAYS] = {{"without", DEEP_MLP_PLAIN, 0, 0},
                    {"before", DEEP_MLP_NORM_BEFORE, 0, 0},
                    {"after", DEEP_MLP_NORM_AFTER, 0, 0},
                    {"before, no gamma", DEEP_MLP_NORM_BEFORE, 1, 0},
                    {"before, no beta", DEEP_MLP_NORM_BEFORE, 0, 1},
                    {"before, neither", DEEP_MLP_NORM_BEFORE, 1, 1}};
    dt_status status = DT_OK;
    series s;
    series_init(&s, trial, UNITS * WAYS);
    for (int u = 0; u < UNITS; u++)
        for (int w = 0; w < WAYS && status == DT_OK && !dt_trial_stopped(trial); w++) {
            char name[64];
            snprintf(name, sizeof name, "%s, %s", units[u].name, ways[w].name);
            double error =
                next_error(&s, (lesson){.name = name,
                                        .lr = units[u].lr,
                                        .shape = {.depth = 3,
                                                  .width = 100,
                                                  .activation = units[u].activation,
                                                  .init = DT_INIT_GLOROT,
                                                  .place = ways[w].place,
                                                  .how = {.no_gamma = ways[w].no_gamma, .no_beta = ways[w].no_beta}}});
            status = dot(trial, name, error, err);
        }
    series_free(&s);
    return status;
}

/* The first weights. The claims: worst less best error of the three, for the unit for which that is more. */
dt_status start_run(dt_trial *trial, dt_error *err)
{
    enum { STARTS = 3 };
    static const struct {
        const char *name;
        dt_init_kind init;
        double sd;
    } starts[STARTS] = {{"N(0, 0.01²)", DT_INIT_NORMAL, 0.01}, {"Glorot", DT_INIT_GLOROT, 0}, {"He", DT_INIT_HE, 0}};
    static const char *const claims[NETS] = {"start_without", "start_with"};
    double spread[NETS] = {0};
    dt_status status = DT_OK;
    series s;
    series_init(&s, trial, NETS * UNITS * STARTS);
    for (int u = 0; u < UNITS; u++) {
        double worst[NETS] = {0, 0}, best[NETS] = {100, 100};
        for (int i = 0; i < STARTS * NETS && status == DT_OK && !dt_trial_stopped(trial); i++) {
            const int k = i / NETS, net = i % NETS;
            char name[64];
            snprintf(name, sizeof name, "%s, %s, %s", units[u].name, starts[k].name, nets[net]);
            double error = next_error(&s, (lesson){.name = name,
                                                   .lr = units[u].lr,
                                                   .shape = {.depth = 3,
                                                             .width = 100,
                                                             .activation = units[u].activation,
                                                             .init = starts[k].init,
                                                             .sd = starts[k].sd,
                                                             .place = places[net]}});
            worst[net] = fmax(worst[net], error), best[net] = fmin(best[net], error);
            status = dot(trial, name, error, err);
        }
        for (int net = 0; net < NETS; net++) spread[net] = fmax(spread[net], worst[net] - best[net]);
    }
    series_free(&s);
    for (int net = 0; net < NETS && status == DT_OK && !dt_trial_stopped(trial); net++)
        status = dt_trial_value(trial, claims[net], spread[net], err);
    return status;
}
