/* Kingma & Ba 2015, figures 1 and 2a: training cost against passes, each method with the rate that suits it best. */
#include <math.h>

#include "experiments/optimizers/parts.h"

enum { SMOKE_IMAGES = 2000 };

/* The paper gives neither the size of its L2 penalty nor its dropout rate. */
static const double penalty = 1e-4, dropout = 0.5;

/* Section 6.2's widths, and those for machines with less time. */
static const deep_mlp wide = {.depth = 2, .width = 1000, .activation = dt_relu, .init = DT_INIT_HE},
                      narrow = {.depth = 2, .width = 128, .activation = dt_relu, .init = DT_INIT_HE};

/* The rate is searched by trainings of `search` passes, and the best goes on to `passes`; where both are equal, the
 * search has done it. */
typedef struct {
    const dt_task *task;
    const char *panel;
    int64_t passes, search;
    double weight_decay, dropout;
    dt_schedule_kind schedule;
    const int *who;
    int n;
} contest;

/* Trains all, into best[METHODS], and writes their curves. */
static dt_status compete(dt_trial *trial, const contest *c, course *best, dt_error *err)
{
    dt_images images = *dt_trial_images(trial);
    images.view = true;
    if (dt_trial_preset(trial) == DT_SMOKE && images.count > SMOKE_IMAGES) images.count = SMOKE_IMAGES;
    dt_status status = DT_OK;
    for (int i = 0; i < c->n && status == DT_OK && !dt_trial_stopped(trial); i++) {
        const method *m = &methods[c->who[i]];
        course *b = &best[c->who[i]];
        lesson l = {.task = c->task, .images = &images, .name = m->name, .done = (double)i / c->n};
        l.recipe =
            (dt_recipe){.epochs = c->search, .batch = 128, .shard = 128, .optimizer = m->recipe, .dropout = c->dropout};
        l.recipe.optimizer.weight_decay = c->weight_decay;
        l.recipe.schedule.kind = c->schedule;
        train_best(trial, &l, m->usual, b);
        if (c->passes > c->search) {
            l.recipe.epochs = c->passes;
            l.recipe.schedule.lr = b->lr;
            train(trial, &l, b);
        }
        for (int64_t p = 0; p < b->passes && status == DT_OK; p++)
            status =
                dt_trial_row(trial, err, "%llu\t%s\t%s\t%.4g\t%lld\t%.6g", (unsigned long long)dt_trial_seed(trial),
                             c->panel, m->name, b->lr, (long long)p + 1, b->loss[p]);
    }
    return status;
}

static double last(const course *c)
{
    return c->passes ? c->loss[c->passes - 1] : NAN;
}

dt_status fig1_run(dt_trial *trial, dt_error *err)
{
    static const int all[] = {SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADADELTA, ADAM};
    static const int64_t passes[DT_PRESETS] = {2, 15, 45};
    int64_t p = passes[dt_trial_preset(trial)];
    contest c = {&softmax_task, "training loss", p, p, penalty, 0, DT_SQRT, all, METHODS};
    course best[METHODS] = {{0}};
    dt_status status = compete(trial, &c, best, err);
    if (status == DT_OK)
        status = dt_trial_value(trial, "fig1_nesterov", last(&best[ADAM]) / last(&best[NESTEROV]), err);
    if (status != DT_OK) return status;
    return dt_trial_value(trial, "fig1_adagrad", last(&best[ADAGRAD]) / last(&best[ADAM]), err);
}

dt_status fig2_run(dt_trial *trial, dt_error *err)
{
    static const int five[] = {ADAGRAD, RMSPROP, NESTEROV, ADADELTA, ADAM};
    static const int64_t passes[DT_PRESETS] = {1, 10, 200}, search[DT_PRESETS] = {1, 10, 20};
    dt_preset preset = dt_trial_preset(trial);
    const dt_task task = {.id = "mlp",
                          .title = "fig. 2's network",
                          .model = &deep_mlp_model,
                          .shape = preset == DT_PAPER ? &wide : &narrow,
                          .loss = dt_softmax_xent,
                          .frame = PIXELS};
    contest c = {&task, "training cost, with dropout", passes[preset], search[preset], 0, dropout, DT_CONSTANT,
                 five,  sizeof five / sizeof *five};
    course best[METHODS] = {{0}};
    dt_status status = compete(trial, &c, best, err);
    if (status != DT_OK) return status;
    double other = INFINITY;
    for (int i = 0; i < c.n; i++)
        if (five[i] != ADAM) other = fmin(other, last(&best[five[i]]));
    return dt_trial_value(trial, "fig2_margin", 100 * last(&best[ADAM]) / other, err);
}
