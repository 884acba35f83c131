/* Krizhevsky, Sutskever, Hinton 2012, fig. 1: a four-layer convolutional network with ReLU and with tanh, without
 * regularisation, each at the rate with which it trains fastest: passes until the training error is 25 %. */
#include <math.h>

#include "experiments/alexnet/parts.h"

enum { UNITS = 2 };
static const double goal = 25;

static const struct {
    const char *name;
    dt_var *(*activation)(dt_var *s);
    double lr; /* chosen as the lab page says */
} units[UNITS] = {{"ReLU", dt_relu, 0.004}, {"tanh", dt_tanh, 0.032}};

static const struct {
    int64_t images, maps, passes;
} sizes[DT_PRESETS] = {{2000, 4, 2}, {10000, 16, 80}, {0, 32, 80}};

/* Between two passes on the straight line; *before is the error of the pass before, NAN: there was none. */
static double crossing(double pass, double before, double error)
{
    return isnan(before) ? pass : pass - (goal - error) / (before - error);
}

/* Trains until the goal or the last pass. *reached: when that was, in passes; INFINITY: not yet. */
static dt_status train(dt_training *t, const char *name, double *reached, dt_error *err)
{
    const dt_trainer *tr = &t->trainer;
    dt_status status = DT_OK;
    double before = NAN;
    *reached = INFINITY;
    for (int64_t pass = 1; pass <= tr->recipe.epochs && isinf(*reached) && status == DT_OK; pass++) {
        status = dt_training_until(t, pass * tr->batches, NULL, err);
        if (status != DT_OK || dt_trial_stopped(t->trial)) return status;
        const double error = pass_error(t);
        if (error <= goal) *reached = crossing((double)pass, before, error);
        before = error;
        status = dt_trial_point(t->trial, "training error (%)", name, (double)pass, error, err);
    }
    return status;
}

/* What tanh takes over what ReLU takes; where tanh has not arrived, at least `passes` over that. NAN: ReLU has not. */
static double ratio(const double reached[UNITS], int64_t most)
{
    if (isinf(reached[0])) return NAN;
    return fmin(reached[1], (double)most) / reached[0];
}

dt_status fig1_run(dt_trial *trial, dt_error *err)
{
    const dt_preset preset = dt_trial_preset(trial);
    double reached[UNITS] = {0};
    int64_t most = 0;
    dt_status status = DT_OK;
    for (int u = 0; u < UNITS && status == DT_OK && !dt_trial_stopped(trial); u++) {
        const cifarnet shape = {.maps = sizes[preset].maps, .no_fc64 = true, .activation = units[u].activation};
        lesson l;
        dt_training t;
        lesson_init(&l, trial, units[u].name, &shape, sizes[preset].images, (passes){.whole = sizes[preset].passes},
                    units[u].lr);
        l.recipe.optimizer.weight_decay = 0;
        most = l.recipe.epochs;
        dt_training_init(&t, trial, units[u].name, &l.task, &l.images, &l.recipe);
        t.before = u / (double)UNITS, t.share = 1.0 / UNITS;
        status = train(&t, units[u].name, &reached[u], err);
        dt_training_free(&t);
        lesson_free(&l);
    }
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    return dt_trial_value(trial, "fig1", ratio(reached, most), err);
}
