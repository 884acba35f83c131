/* Whose means and variances? One network, trained with batches of 60, answers for the held-out images: by its running
 * averages; by the statistics of the test batch, for batches of many sizes, mixed or of one class each. */
#include <stdio.h>
#include <stdlib.h>

#include "experiments/batchnorm/parts.h"

enum { MOST_BATCH = 1000 };

/* How many of the n images are answered wrongly. */
static int64_t answers(const dt_network *network, const dt_images *images, const uint32_t *order, int64_t n,
                       dt_tape *tape)
{
    int32_t labels[MOST_BATCH], answer[MOST_BATCH];
    int64_t wrong = 0;
    dt_tape_reset(tape);
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, images->height, images->width, n});
    dt_batch_gather(images, &network->task->frame, order, n, x->value, labels);
    dt_network_answers(network, deep_mlp_forward(network->model, x), answer);
    for (int64_t i = 0; i < n; i++) wrong += answer[i] != labels[i];
    return wrong;
}

/* The error in percent in batches of `n`, in this order; what does not fill a batch is left out. */
static double error_in_batches(const dt_network *network, const dt_backend *backend, const dt_images *images,
                               const uint32_t *order, int64_t n)
{
    dt_tape *tape = dt_tape_new(backend, network->params, NULL);
    tape->recording = false;
    int64_t wrong = 0, first = 0;
    for (; first + n <= images->count; first += n) wrong += answers(network, images, order + first, n, tape);
    dt_tape_free(tape);
    return 100.0 * (double)wrong / (double)first;
}

/* The images of class 0, then those of class 1, ... */
static void sort_by_class(const dt_images *images, uint32_t *order)
{
    int64_t at = 0;
    for (int class = 0; class < images->classes; class ++)
        for (int64_t i = 0; i < images->count; i++)
            if (images->labels[i] == class) order[at++] = (uint32_t)i;
}

static dt_status judge(dt_training *t, const dt_images *images, uint32_t *order, dt_error *err)
{
    static const int64_t sizes[] = {2, 4, 8, 16, 32, 60, 125, 250, 1000};
    static const char *const kinds[] = {"its running averages", "test batch, mixed", "test batch, of one class"};
    double usual = 0;
    dt_status status = DT_OK;
    deep_mlp *net = t->net.model;
    for (int kind = 0; kind < 3 && status == DT_OK; kind++) {
        for (int64_t i = 0; i < net->depth; i++) net->norm[i].of_batch = kind > 0;
        for (int64_t i = 0; i < images->count; i++) order[i] = (uint32_t)i;
        if (kind == 2) sort_by_class(images, order);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes && status == DT_OK; k++) {
            if (sizes[k] > images->count) continue;
            double error = error_in_batches(&t->net, dt_trial_backend(t->trial), images, order, sizes[k]);
            status = dt_trial_point(t->trial, "error (%)", kinds[kind], (double)sizes[k], error, err);
            if (kind == 0) usual = error;
            if (kind == 1 && sizes[k] == 2 && status == DT_OK)
                status = dt_trial_value(t->trial, "statistics_2", error - usual, err);
            if (kind == 1 && sizes[k] == 250 && status == DT_OK)
                status = dt_trial_value(t->trial, "statistics_250", error - usual, err);
        }
    }
    return status;
}

dt_status statistics_run(dt_trial *trial, dt_error *err)
{
    static const int64_t steps[DT_PRESETS] = {40, 5000, 50000};
    dt_images images, train, held_out;
    dt_training t;
    dt_task task;
    lesson l = {.name = "with",
                .shape = {.depth = 3, .width = 100, .activation = dt_sigmoid, WEIGHTS, .place = DEEP_MLP_NORM_BEFORE},
                .batch = dt_flag_int(dt_trial_flags(trial), "batch"),
                .steps = steps[dt_trial_preset(trial)],
                .lr = RATE,
                .share = 1};
    binary_images(dt_trial_images(trial), preset_images(trial), &images);
    dt_images_hold_out(&images, HELD_OUT, &train, &held_out);
    uint32_t *order = malloc((size_t)held_out.count * sizeof *order);
    DT_REQUIRE(order, "statistics: out of memory");
    int64_t until = lesson_begin(&t, trial, &task, &l, &train);
    dt_status status = dt_training_until(&t, until, NULL, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = judge(&t, &held_out, order, err);
    dt_training_free(&t);
    free(order);
    dt_images_free(&images);
    return status;
}
