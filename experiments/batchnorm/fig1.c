/* Ioffe & Szegedy 2015, figure 1: three hidden layers of 100 sigmoid units on binary MNIST, batches of 60, 50,000
 * steps, with and without batch normalisation. Nothing is chosen by the test set: the parameters are kept at marks on
 * the way, and all are judged after the training. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/batchnorm/parts.h"

enum { WATCHED = 1000, MOST_MARKS = 128, PERCENTILES = 3, NETS = 2, WITHOUT = 0, WITH = 1 };
static const int percent[PERCENTILES] = {15, 50, 85};
static const char *const series[PERCENTILES] = {"15th percentile", "median", "85th percentile"};
static const char *const nets[NETS] = {"without", "with"};

typedef struct {
    int64_t marks, step[MOST_MARKS];
    real *values[MOST_MARKS];    /* the parameters there */
    double accuracy[MOST_MARKS]; /* in percent */
    int64_t units;
    double *input[MOST_MARKS]; /* [units][PERCENTILES]: of what goes into the last hidden layer's sigmoids */
} course;

/* Steps 1, 2, 5, 10, ... up to a fiftieth of all, then each fiftieth. */
static void set_marks(course *c, int64_t steps)
{
    static const int64_t rising[3] = {1, 2, 5};
    int64_t fiftieth = steps / 50 > 0 ? steps / 50 : 1;
    c->marks = 0;
    for (int64_t ten = 1, i = 0; ten * rising[i] < fiftieth; i == 2 ? ten *= 10, i = 0 : i++)
        c->step[c->marks++] = ten * rising[i];
    for (int64_t step = fiftieth; step <= steps; step += fiftieth) c->step[c->marks++] = step;
}

static int ascending(const void *a, const void *b)
{
    real x = *(const real *)a, y = *(const real *)b;
    return (x > y) - (x < y);
}

/* The percentiles of each unit of the last hidden layer's s over the first images, normalised as one batch, as in
 * training. */
static void look(const dt_network *network, const dt_images *images, dt_tape *tape, double *input)
{
    deep_mlp net = *(const deep_mlp *)network->model;
    const int64_t n = images->count < WATCHED ? images->count : WATCHED;
    uint32_t order[WATCHED];
    int32_t labels[WATCHED];
    dt_var *s[DEEP_MLP_MOST], *z[DEEP_MLP_MOST];
    for (int64_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    for (int64_t i = 0; i < net.depth; i++) net.norm[i].of_batch = true;
    dt_tape_reset(tape);
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, images->height, images->width, n});
    dt_batch_gather(images, &network->task->frame, order, n, x->value, labels);
    deep_mlp_watch(&net, x, s, z);
    const dt_var *last = s[net.depth - 1];
    for (int64_t u = 0; u < last->dim[0]; u++) {
        qsort(last->value + u * n, (size_t)n, sizeof(real), ascending);
        for (int p = 0; p < PERCENTILES; p++)
            input[u * PERCENTILES + p] = (double)last->value[u * n + (n - 1) * percent[p] / 100];
    }
}

static void *memory(int64_t count, size_t size)
{
    void *p = malloc((size_t)count * size);
    DT_REQUIRE(p, "fig1: out of memory");
    return p;
}

static dt_status train(dt_trial *trial, int with, const dt_images *images, dt_training *t, dt_task *task, lesson *l,
                       course *c, dt_error *err)
{
    static const int64_t steps[DT_PRESETS] = {300, 50000, 50000};
    *l = (lesson){.name = nets[with],
                  .shape = {.depth = 3,
                            .width = 100,
                            .activation = dt_sigmoid,
                            WEIGHTS,
                            .place = with ? DEEP_MLP_NORM_BEFORE : DEEP_MLP_PLAIN},
                  .batch = dt_flag_int(dt_trial_flags(trial), "batch"),
                  .steps = steps[dt_trial_preset(trial)],
                  .lr = RATE,
                  .before = 0.5 * with,
                  .share = 0.5};
    set_marks(c, lesson_begin(t, trial, task, l, images));
    c->units = l->shape.width;
    dt_tape *tape = dt_tape_new(dt_trial_backend(trial), t->net.params, NULL);
    tape->recording = false;
    dt_status status = DT_OK;
    for (int64_t m = 0; m < c->marks && status == DT_OK; m++) {
        status = dt_training_until(t, c->step[m], NULL, err);
        c->values[m] = memory(t->net.params->size, sizeof(real));
        c->input[m] = memory(c->units * PERCENTILES, sizeof(double));
        memcpy(c->values[m], t->net.params->values, (size_t)t->net.params->size * sizeof(real));
        look(&t->net, images, tape, c->input[m]);
    }
    dt_tape_free(tape);
    return status;
}

static void judge(dt_training *t, const dt_images *exam, course *c)
{
    const dt_backend *backend = dt_trial_backend(t->trial);
    for (int64_t m = 0; m < c->marks && !dt_trial_stopped(t->trial); m++) {
        memcpy(t->net.params->values, c->values[m], (size_t)t->net.params->size * sizeof(real));
        c->accuracy[m] = 100 - dt_network_error(&t->net, backend, exam);
    }
}

/* How far the median of a unit's input travels in training, in units of the mean distance between its 15th and 85th
 * percentile; the mean over the units. */
static double drift(const course *c)
{
    double sum = 0;
    for (int64_t u = 0; u < c->units; u++) {
        double low = INFINITY, high = -INFINITY, width = 0;
        for (int64_t m = 0; m < c->marks; m++) {
            const double *p = c->input[m] + u * PERCENTILES;
            low = fmin(low, p[1]), high = fmax(high, p[1]);
            width += (p[2] - p[0]) / (double)c->marks;
        }
        sum += (high - low) / width;
    }
    return sum / (double)c->units;
}

/* The first mark from which on the accuracy is never below `level`, over the last mark; 1 if there is none. */
static double reached(const course *c, double level)
{
    int64_t m = c->marks;
    while (m > 0 && c->accuracy[m - 1] >= level) m--;
    return (double)c->step[m < c->marks ? m : c->marks - 1] / (double)c->step[c->marks - 1];
}

/* Panels as in the paper, (a) of all seeds, (b) and (c) of one unit, the first, of the first seed; and the end of (a).
 */
static dt_status rows(dt_trial *trial, const course c[NETS], dt_error *err)
{
    static const char *const panels[NETS] = {"(b) inputs of one unit, without", "(c) inputs of one unit, with"};
    bool shown = (int64_t)dt_trial_seed(trial) == dt_flag_int(dt_trial_flags(trial), "seed");
    dt_status status = DT_OK;
    for (int end = 0; end < 2; end++)
        for (int net = 0; net < NETS; net++)
            for (int64_t m = 0; m < c[net].marks && status == DT_OK; m++)
                if (!end || 10 * c[net].step[m] >= c[net].step[c[net].marks - 1])
                    status = dt_trial_point(trial, end ? "(a) from a tenth of the steps on" : "(a) test accuracy (%)",
                                            nets[net], (double)c[net].step[m], c[net].accuracy[m], err);
    for (int net = 0; net < NETS && shown; net++)
        for (int p = 0; p < PERCENTILES; p++)
            for (int64_t m = 0; m < c[net].marks && status == DT_OK; m++)
                status = dt_trial_point(trial, panels[net], series[p], (double)c[net].step[m], c[net].input[m][p], err);
    return status;
}

static dt_status claims(dt_trial *trial, const course c[NETS], dt_error *err)
{
    double without = c[WITHOUT].accuracy[c[WITHOUT].marks - 1], with = c[WITH].accuracy[c[WITH].marks - 1];
    dt_status status = dt_trial_value(trial, "fig1_without", without, err);
    if (status == DT_OK) status = dt_trial_value(trial, "fig1_with", with, err);
    if (status == DT_OK) status = dt_trial_value(trial, "fig1_gain", with - without, err);
    if (status == DT_OK) status = dt_trial_value(trial, "fig1_faster", reached(&c[WITH], without), err);
    return status == DT_OK ? dt_trial_value(trial, "fig1_drift", drift(&c[WITHOUT]) / drift(&c[WITH]), err) : status;
}

/* The test set, or with --validate the training images that are then held out. */
static dt_status read_exam(dt_trial *trial, const dt_images *images, dt_images *exam, dt_error *err)
{
    dt_images grey, rest;
    if (dt_flag_on(dt_trial_flags(trial), "validate")) {
        dt_images_hold_out(images, HELD_OUT, &rest, exam);
        return DT_OK;
    }
    dt_status status = dt_trial_exam(trial, &grey, err);
    if (status != DT_OK) return status;
    binary_images(&grey, preset_images(trial), exam);
    dt_images_free(&grey);
    return DT_OK;
}

dt_status fig1_run(dt_trial *trial, dt_error *err)
{
    course c[NETS] = {0};
    dt_training t[NETS] = {0};
    dt_task task[NETS];
    lesson l[NETS];
    dt_images images, train_images, exam = {0}, rest;
    binary_images(dt_trial_images(trial), preset_images(trial), &images);
    if (dt_flag_on(dt_trial_flags(trial), "validate"))
        dt_images_hold_out(&images, HELD_OUT, &train_images, &rest);
    else
        dt_images_split(&images, images.count, &train_images, &rest);
    dt_status status = DT_OK;
    int begun = 0;
    for (; begun < NETS && status == DT_OK; begun++)
        status = train(trial, begun, &train_images, &t[begun], &task[begun], &l[begun], &c[begun], err);
    if (status == DT_OK) status = read_exam(trial, &images, &exam, err);
    for (int net = 0; net < NETS && status == DT_OK; net++) judge(&t[net], &exam, &c[net]);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = rows(trial, c, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = claims(trial, c, err);
    for (int net = 0; net < begun; net++) {
        dt_training_free(&t[net]);
        for (int64_t m = 0; m < c[net].marks; m++) free(c[net].values[m]), free(c[net].input[m]);
    }
    dt_images_free(&exam);
    dt_images_free(&images);
    return status;
}
