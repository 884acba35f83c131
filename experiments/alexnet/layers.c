/* The two networks of cuda-convnet, layers-80sec and layers-18pct, as they were published, or as the flags change them.
 */
#include <stdlib.h>
#include <string.h>

#include "experiments/alexnet/parts.h"

enum { FIFTH = 5, SMOKE_EXAM = 1000 };

static bool chosen(const dt_trial *trial, const char *flag, const char *choice)
{
    return strcmp(dt_flag_text(dt_trial_flags(trial), flag), choice) == 0;
}

/* The flags' ablations, upon the published network. */
static void change_shape(const dt_trial *trial, cifarnet *m)
{
    if (!chosen(trial, "lrn", "net")) m->lrn = chosen(trial, "lrn", "on");
    if (chosen(trial, "pools", "plain")) m->plain_pools = true;
    if (chosen(trial, "pooling", "max")) m->pooling = CIFARNET_MAX;
    if (chosen(trial, "pooling", "average")) m->pooling = CIFARNET_AVERAGE;
    if (!chosen(trial, "crops", "none")) m->side = CROP;
}

static void change_recipe(const dt_trial *trial, dt_recipe *r)
{
    r->dropout = dt_flag_real(dt_trial_flags(trial), "dropout");
    if (!chosen(trial, "crops", "none")) r->jitter = (dt_jitter){.shift = (SIDE - CROP) / 2, .mirror = true};
}

/* The test set, or with --validate the training images that were held out; their mean is that of the others. */
static dt_status open_exam(const dt_trial *trial, const lesson *l, dt_images *exam, dt_error *err)
{
    dt_images seen;
    dt_status status = DT_OK;
    if (dt_flag_on(dt_trial_flags(trial), "validate"))
        dt_images_hold_out(dt_trial_images(trial), FIFTH, &seen, exam);
    else
        status = dt_trial_exam(trial, exam, err);
    exam->mean = l->mean;
    if (dt_trial_preset(trial) == DT_SMOKE && exam->count > SMOKE_EXAM) exam->count = SMOKE_EXAM;
    return status;
}

/* All passes. The parameters after each of them into `kept` [epochs][params->size]; a row with the training error. */
static dt_status train(dt_training *t, const char *name, real *kept, dt_error *err)
{
    const dt_trainer *tr = &t->trainer;
    const size_t size = (size_t)t->net.params->size;
    dt_status status = DT_OK;
    for (int64_t pass = 1; pass <= tr->recipe.epochs && status == DT_OK; pass++) {
        status = dt_training_until(t, pass * tr->batches, NULL, err);
        if (status != DT_OK || dt_trial_stopped(t->trial)) return status;
        memcpy(kept + (size_t)(pass - 1) * size, t->net.params->values, size * sizeof *kept);
        char series[64];
        snprintf(series, sizeof series, "%s, training", name);
        status = dt_trial_point(t->trial, "error (%)", series, (double)pass, pass_error(t), err);
    }
    return status;
}

/* The exam after each pass. Leaves the network as it was after the last one, whose error goes into *last. */
static dt_status judge(dt_training *t, const char *name, const real *kept, const dt_images *exam, bool ten,
                       double *last, dt_error *err)
{
    const size_t size = (size_t)t->net.params->size;
    char series[64];
    snprintf(series, sizeof series, "%s, test", name);
    dt_status status = DT_OK;
    for (int64_t pass = 1; pass <= t->trainer.recipe.epochs && status == DT_OK; pass++) {
        if (dt_trial_stopped(t->trial)) return DT_OK;
        memcpy(t->net.params->values, kept + (size_t)(pass - 1) * size, size * sizeof *kept);
        *last = exam_error(t, exam, ten);
        status = dt_trial_point(t->trial, "error (%)", series, (double)pass, *last, err);
    }
    return status;
}

typedef struct {
    const char *title, *claim;
    cifarnet shape;
    passes passes[DT_PRESETS];
    int64_t images[DT_PRESETS];
    bool pictured;
} net;

/* The rate is that of the definitions: epsW 0.001. */
static dt_status run(dt_trial *trial, const net *n, dt_error *err)
{
    const dt_preset preset = dt_trial_preset(trial);
    const bool ten = chosen(trial, "crops", "ten"), validate = dt_flag_on(dt_trial_flags(trial), "validate");
    const int64_t all = dt_trial_images(trial)->count, most = all - (validate ? all / FIFTH : 0),
                  wanted = n->images[preset];
    cifarnet shape = n->shape;
    change_shape(trial, &shape);
    lesson l;
    dt_training t;
    dt_images exam = {0};
    lesson_init(&l, trial, n->title, &shape, wanted && wanted < most ? wanted : most, n->passes[preset], 0.001);
    change_recipe(trial, &l.recipe);
    dt_training_init(&t, trial, n->title, &l.task, &l.images, &l.recipe);
    t.share = 0.9;
    real *kept = malloc((size_t)(l.recipe.epochs * t.net.params->size) * sizeof *kept);
    DT_REQUIRE(kept, "run: out of memory");
    double last = 0;
    dt_status status = train(&t, n->title, kept, err);
    const bool stopped = dt_trial_stopped(trial);
    if (status == DT_OK && !stopped) status = open_exam(trial, &l, &exam, err);
    if (status == DT_OK && !stopped) status = judge(&t, n->title, kept, &exam, ten, &last, err);
    if (status == DT_OK && n->pictured && dt_trial_first(trial) && !dt_trial_stopped(trial))
        status = look(&t, &exam, ten, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = dt_trial_value(trial, n->claim, last, err);
    dt_images_free(&exam);
    free(kept);
    dt_training_free(&t);
    lesson_free(&l);
    return status;
}

dt_status layers80sec_run(dt_trial *trial, dt_error *err)
{
    static const net n = {.title = "layers-80sec",
                          .claim = "layers80sec",
                          .passes = {{1, 0, 0}, {8, 2, 0}, {8, 2, 0}},
                          .images = {2000, 0, 0},
                          .pictured = true};
    return run(trial, &n, err);
}

dt_status layers18pct_run(dt_trial *trial, dt_error *err)
{
    static const net n = {.title = "layers-18pct",
                          .claim = "layers18pct",
                          .shape = {.no_fc64 = true, .lrn = true},
                          .passes = {{1, 0, 0}, {4, 1, 0}, {120, 10, 10}},
                          .images = {2000, 0, 0}};
    return run(trial, &n, err);
}
