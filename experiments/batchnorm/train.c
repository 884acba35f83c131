/* What the trials share. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/batchnorm/parts.h"

DT_MODEL(deep_mlp);

int64_t preset_images(const dt_trial *trial)
{
    return dt_trial_preset(trial) == DT_SMOKE ? 2000 : 0;
}

void binary_images(const dt_images *from, int64_t most, dt_images *to)
{
    *to = *from;
    to->view = false;
    if (most > 0 && to->count > most) to->count = most;
    const size_t labels = (size_t)to->count, pixels = labels * (size_t)(to->channels * to->height * to->width);
    to->pixels = malloc(pixels);
    to->labels = malloc(labels);
    DT_REQUIRE(to->pixels && to->labels, "binary_images: out of memory");
    memcpy(to->labels, from->labels, labels);
    for (size_t i = 0; i < pixels; i++) to->pixels[i] = from->pixels[i] >= 128 ? 255 : 0;
}

int64_t lesson_begin(dt_training *t, dt_trial *trial, dt_task *task, lesson *l, const dt_images *images)
{
    const double sd = dt_trial_real(trial, "sd", 0);
    l->steps = dt_trial_int(trial, "steps", l->steps);
    l->shape.depth = dt_trial_int(trial, "depth", l->shape.depth);
    l->lr = dt_trial_real(trial, "lr", l->lr);
    if (sd > 0) l->shape.init = DT_INIT_NORMAL, l->shape.sd = sd;
    if (l->batch > images->count) l->batch = images->count;
    const int64_t batches = images->count / l->batch;
    *task = (dt_task){.id = l->name,
                      .title = l->name,
                      .model = &deep_mlp_model,
                      .shape = &l->shape,
                      .loss = dt_softmax_xent,
                      .frame = {28, 28, 0, 1}};
    dt_recipe recipe = {.epochs = (l->steps + batches - 1) / batches,
                        .batch = l->batch,
                        .examples = batches * l->batch,
                        .schedule.lr = l->lr};
    dt_training_init(t, trial, l->name, task, images, &recipe);
    t->before = l->before, t->share = l->share;
    return l->steps;
}

void lesson_error(dt_trial *trial, lesson l, const dt_images *images, double *error)
{
    dt_images train, held_out;
    dt_training t;
    dt_task task;
    dt_images_hold_out(images, HELD_OUT, &train, &held_out);
    int64_t steps = lesson_begin(&t, trial, &task, &l, &train);
    dt_training_until(&t, steps, NULL, NULL); /* it fails where it breaks down, which is a result here */
    *error = dt_network_error(&t.net, dt_trial_backend(trial), &held_out);
    dt_training_free(&t);
}

dt_status dot(dt_trial *trial, const char *row, double value, dt_error *err)
{
    return dt_trial_row(trial, err, "%llu\t%s\t%.6g\tnan", (unsigned long long)dt_trial_seed(trial), row, value);
}
