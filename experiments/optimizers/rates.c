/* The learning rate: how large (a sweep for each method), and how it should end (decay, or averages of the weights). */
#include <math.h>
#include <stdlib.h>

#include "experiments/optimizers/parts.h"
#include "optim/average.h"

enum { SMOKE_IMAGES = 2000 };

static dt_images training_images(const dt_trial *trial)
{
    dt_images images = *dt_trial_images(trial);
    images.view = true;
    if (dt_trial_preset(trial) == DT_SMOKE && images.count > SMOKE_IMAGES) images.count = SMOKE_IMAGES;
    return images;
}

/* ---- the sweep: 1e-4 to 10 */

enum { RATES = 11, SAMPLE = 10000 };

typedef struct {
    const dt_images *judged;
    double loss;
} outcome;

static void judge_end(void *context, const dt_trainer *t)
{
    outcome *o = context;
    if (dt_trainer_finished(t)) dt_network_judge(t->net, t->backend, o->judged, &o->loss);
}

/* The loss of the first training images after the last pass; INFINITY: it broke down. */
static double loss_at(dt_trial *trial, const method *m, double lr, double done)
{
    dt_images images = training_images(trial), judged = images;
    if (judged.count > SAMPLE) judged.count = SAMPLE;
    outcome o = {&judged, INFINITY};
    course c;
    lesson l = {.task = &hidden_task,
                .images = &images,
                .name = m->name,
                .done = done,
                .after_step = judge_end,
                .context = &o,
                .recipe = {.epochs = dt_trial_preset(trial) == DT_PAPER ? 5 : 1,
                           .batch = 128,
                           .optimizer = m->recipe,
                           .schedule = {.kind = DT_CONSTANT, .lr = lr}}};
    train(trial, &l, &c);
    return isfinite(o.loss) ? o.loss : INFINITY;
}

/* The highest rate that is of use, over the best one: beyond it, the loss ends above that of equal scores for all
 * classes. */
static double edge(const double rate[RATES], const double loss[RATES])
{
    int best = 0, highest = 0;
    for (int i = 0; i < RATES; i++) {
        if (loss[i] < loss[best]) best = i;
        if (loss[i] < log(10)) highest = i;
    }
    return rate[highest] / rate[best];
}

dt_status sweep_run(dt_trial *trial, dt_error *err)
{
    double rate[RATES], loss[RATES];
    dt_status status = DT_OK;
    for (int i = 0; i < RATES; i++) rate[i] = pow(10, -4 + i / 2.0);
    for (int m = 0; m < METHODS && status == DT_OK; m++) {
        for (int i = 0; i < RATES && status == DT_OK && !dt_trial_stopped(trial); i++) {
            loss[i] = loss_at(trial, &methods[m], rate[i], (m + (double)i / RATES) / METHODS);
            status = dt_trial_point(trial, "training loss", methods[m].name, rate[i], loss[i], err);
        }
        if (m == SGD && status == DT_OK && !dt_trial_stopped(trial))
            status = dt_trial_value(trial, "sweep_edge", edge(rate, loss), err);
    }
    return status;
}

/* ---- decay, and averages */

enum { CONSTANT, EXPONENTIAL, STEP, LINEAR, INVERSE, DECAYS, MEAN = DECAYS, MOVING, CURVES };
static const char *const curve_names[CURVES] = {
    "constant", "exponential", "steps", "linear", "1 / (1+t)", "mean, constant", "moving average, constant"};
static const double first_rate = 0.3, moving_decay = 0.999;

/* The exponential one and the steps end at a hundredth of the first rate, the linear one at 0; 1 / (1 + t) falls most
 * of its way at once, and ends at a tenth. */
static dt_schedule schedule_of(int which, double passes)
{
    dt_schedule s[DECAYS] = {
        [CONSTANT] = {.kind = DT_CONSTANT},
        [EXPONENTIAL] = {.kind = DT_EXPONENTIAL, .factor = pow(0.01, 1 / passes)},
        [STEP] = {.kind = DT_STEP, .factor = 0.1, .every = passes / 3},
        [LINEAR] = {.kind = DT_LINEAR},
        [INVERSE] = {.kind = DT_INVERSE, .factor = 9 / passes},
    };
    s[which].lr = first_rate;
    s[which].epochs = passes;
    return s[which];
}

typedef struct {
    dt_trial *trial;
    const dt_images *validation;
    int which;
    dt_average mean, moving; /* only with the constant rate */
    bool ready;
    double error[CURVES]; /* after the last pass so far */
    dt_status status;
    dt_error *err;
} watch;

static void note(watch *w, int curve, const dt_trainer *t)
{
    double pass = (double)t->state.epoch;
    double loss;
    w->error[curve] = dt_network_judge(t->net, t->backend, w->validation, &loss);
    if (w->status == DT_OK)
        w->status = dt_trial_point(w->trial, "validation error (%)", curve_names[curve], pass, w->error[curve], w->err);
    if (w->status == DT_OK)
        w->status = dt_trial_point(w->trial, "validation loss", curve_names[curve], pass, loss, w->err);
}

static void note_average(watch *w, int curve, dt_average *a, const dt_trainer *t)
{
    dt_average_swap(a, t->net->params);
    note(w, curve, t);
    dt_average_swap(a, t->net->params);
}

static void after_step(void *context, const dt_trainer *t)
{
    watch *w = context;
    if (w->which == CONSTANT) {
        if (!w->ready) {
            dt_average_init(&w->mean, t->net->params, 0, dt_trainer_steps(t) / 2);
            dt_average_init(&w->moving, t->net->params, moving_decay, 0);
            w->ready = true;
        }
        dt_average_step(&w->mean, t->backend, t->net->params);
        dt_average_step(&w->moving, t->backend, t->net->params);
    }
    if (t->state.batch != 0) return;
    note(w, w->which, t);
    if (w->status == DT_OK)
        w->status = dt_trial_point(w->trial, "rate", curve_names[w->which], (double)t->state.epoch, t->lr, w->err);
    if (w->which != CONSTANT) return;
    if (w->mean.steps > w->mean.from) note_average(w, MEAN, &w->mean, t);
    note_average(w, MOVING, &w->moving, t);
}

dt_status decay_run(dt_trial *trial, dt_error *err)
{
    static const int64_t passes[DT_PRESETS] = {2, 10, 30};
    dt_images all = training_images(trial), images, validation;
    hold_out(&all, 0, &images, &validation);
    watch w = {.trial = trial, .validation = &validation, .err = err};
    for (int i = 0; i < CURVES; i++) w.error[i] = NAN;
    int64_t n = passes[dt_trial_preset(trial)];
    for (w.which = 0; w.which < DECAYS && w.status == DT_OK; w.which++) {
        course c;
        lesson l = {.task = &hidden_task,
                    .images = &images,
                    .name = curve_names[w.which],
                    .done = (double)w.which / DECAYS,
                    .after_step = after_step,
                    .context = &w,
                    .recipe = {.epochs = n, .batch = 32, .schedule = schedule_of(w.which, (double)n)}};
        train(trial, &l, &c);
        if (isinf(c.loss[n - 1])) w.error[w.which] = NAN;
    }
    if (w.ready) dt_average_free(&w.mean), dt_average_free(&w.moving);
    if (w.status != DT_OK || dt_trial_stopped(trial)) return w.status;
    double best = INFINITY;
    for (int i = CONSTANT + 1; i < DECAYS; i++) best = fmin(best, w.error[i]);
    dt_status status = dt_trial_value(trial, "decay_average", w.error[MOVING] - w.error[CONSTANT], err);
    if (status == DT_OK) status = dt_trial_value(trial, "decay_linear", w.error[LINEAR] - w.error[CONSTANT], err);
    return status == DT_OK ? dt_trial_value(trial, "average_or_decay", w.error[MOVING] - best, err) : status;
}
