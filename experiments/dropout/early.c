/* Early stopping: a network without any regulariser on few images, watched on held-out ones. */
#include <math.h>

#include "experiments/dropout/parts.h"

/* The loss and error on the held-out images, and the lowest loss so far, as curves. */
typedef struct {
    dt_images exam;
    double best, last;
    int64_t best_epoch;
} watch;

static dt_status look(dt_training *t, watch *w, dt_error *err)
{
    const int64_t epoch = t->trainer.state.epoch;
    double error = dt_network_judge(&t->net, t->trainer.backend, &w->exam, &w->last);
    if (w->last < w->best) w->best = w->last, w->best_epoch = epoch;
    const struct {
        const char *panel, *series;
        double value;
    } rows[] = {
        {"loss", "training", dt_training_loss(t)},
        {"loss", "validation", w->last},
        {"loss", "best so far", w->best},
        {"error (share of images)", "training", (double)t->trainer.state.wrong / (double)t->trainer.recipe.examples},
        {"error (share of images)", "validation", error / 100}};
    dt_status status = DT_OK;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && status == DT_OK; i++)
        status = dt_trial_point(t->trial, rows[i].panel, rows[i].series, (double)epoch, rows[i].value, err);
    return status;
}

dt_status early_run(dt_trial *trial, dt_error *err)
{
    static const int64_t epochs[DT_PRESETS] = {3, 80, 80}, examples[DT_PRESETS] = {500, 5000, 5000},
                         width[DT_PRESETS] = {50, 500, 500};
    dt_preset preset = dt_trial_preset(trial);
    const dt_images *images = dt_trial_images(trial);
    const deep_mlp shape = RECTIFIED(.depth = 1, .width = dt_trial_int(trial, "width", width[preset]));
    const dt_task task = TASK(&shape);
    dt_recipe r = {.epochs = dt_trial_int(trial, "epochs", epochs[preset]),
                   .batch = 100,
                   .schedule.lr = dt_trial_real(trial, "lr", 0.05),
                   .optimizer.momentum = 0.9,
                   .examples = examples[preset] < images->count ? examples[preset] : images->count};
    watch w = {.best = INFINITY};
    dt_images rest;
    dt_images_hold_out(images, 6, &rest, &w.exam);
    dt_training t;
    dt_training_init(&t, trial, "no regulariser", &task, images, &r);
    dt_status status = DT_OK;
    while (!dt_trainer_finished(&t.trainer) && status == DT_OK && !dt_trial_stopped(trial)) {
        status = dt_training_until(&t, (t.trainer.state.epoch + 1) * t.trainer.batches, NULL, err);
        if (status == DT_OK && t.trainer.state.batch == 0) status = look(&t, &w, err);
    }
    const dt_trial_result results[] = {
        {"early_loss", 100 * w.last / w.best}, {"early_epoch", 100 * (double)w.best_epoch / (double)r.epochs}, {0}};
    if (status == DT_OK && !dt_trial_stopped(trial)) status = dt_trial_values(trial, results, err);
    dt_training_free(&t);
    return status;
}
