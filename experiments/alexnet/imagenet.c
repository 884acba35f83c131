/* The network of Krizhevsky, Sutskever, Hinton 2012 on a folder of images, for those who have ImageNet (or other
 * photographs), by the recipe of its section 5. */
#include <math.h>
#include <stdlib.h>

#include "experiments/alexnet/parts.h"
#include "models/alexnet.h"

/* Of a batch, 32 at a time go through the network, for the sake of memory. */
enum { BATCH = PHOTOGRAPHS, SHARD = 32, PASSES = 90 };
/* The part of the time for looking through the images, roughly. */
static const double looking = 0.01;

DT_MODEL(alexnet);

/* How many classes have a higher score than the right one; of equal ones, the first comes first. NaN is no answer. */
static int64_t place_of(const dt_var *scores, int64_t example, int32_t label)
{
    const int64_t n = dt_batch(scores);
    const real right = scores->value[label * n + example];
    int64_t place = 0;
    for (int64_t c = 0; c < scores->dim[0]; c++) {
        const real other = scores->value[c * n + example];
        if (c != label) place += !(other < right || (other == right && c > label));
    }
    return place;
}

/* Some held-out images. */
typedef struct {
    const dt_network *net;
    dt_images images; /* [BATCH] */
    uint32_t order[BATCH], in_turn[BATCH];
    int32_t labels[BATCH];
    int64_t place[BATCH]; /* of the right class among the answers */
} exam;

static void answer(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    exam *e = context;
    const dt_task *task = e->net->task;
    dt_var *x = dt_input(tape, 4, (int64_t[]){3, task->frame.height, task->frame.width, count});
    dt_batch_gather(&e->images, &task->frame, e->in_turn + first, count, x->value, e->labels + first);
    const dt_var *scores = task->model->forward(e->net->model, x);
    for (int64_t i = 0; i < count; i++) e->place[first + i] = place_of(scores, i, e->labels[first + i]);
}

/* The part of the held-out images, in percent, whose class is not the best answer, or not among the best five. */
static dt_status judge(dt_training *t, const photographs *p, double *top1, double *top5, dt_error *err)
{
    exam *e = calloc(1, sizeof *e);
    DT_REQUIRE(e, "imagenet: out of memory");
    int64_t beyond1 = 0, beyond5 = 0;
    dt_status status = DT_OK;
    e->net = &t->net;
    e->images = t->trainer.window;
    for (int64_t first = 0; first < p->exam.count && status == DT_OK && !dt_trial_stopped(t->trial); first += BATCH) {
        const int64_t left = p->exam.count - first, n = left < BATCH ? left : BATCH;
        for (int64_t i = 0; i < n; i++) e->order[i] = (uint32_t)(first + i), e->in_turn[i] = (uint32_t)i;
        status = photographs_read(&p->exam, e->order, n, e->images.pixels, e->labels, err);
        if (status == DT_OK) dt_shards_run(&t->trainer.shards, n, false, answer, e);
        for (int64_t i = 0; i < n; i++) beyond1 += e->place[i] >= 1, beyond5 += e->place[i] >= 5;
    }
    *top1 = 100.0 * (double)beyond1 / (double)p->exam.count;
    *top5 = 100.0 * (double)beyond5 / (double)p->exam.count;
    free(e);
    return status;
}

/* All passes, the held-out images after each. */
static dt_status train(dt_training *t, const photographs *p, dt_error *err)
{
    const dt_trainer *tr = &t->trainer;
    double top1 = NAN, top5 = NAN;
    dt_status status = DT_OK;
    for (int64_t pass = 1; pass <= tr->recipe.epochs && status == DT_OK; pass++) {
        status = dt_training_until(t, pass * tr->batches, NULL, err);
        if (status == DT_OK) status = judge(t, p, &top1, &top5, err);
        if (status != DT_OK || dt_trial_stopped(t->trial)) return status;
        status = dt_trial_point(t->trial, "error (%)", "training", (double)pass, pass_error(t), err);
        if (status == DT_OK) status = dt_trial_point(t->trial, "error (%)", "top-1", (double)pass, top1, err);
        if (status == DT_OK) status = dt_trial_point(t->trial, "error (%)", "top-5", (double)pass, top5, err);
    }
    if (status != DT_OK) return status;
    return dt_trial_values(t->trial, (dt_trial_result[]){{"top1", top1}, {"top5", top5}, {0}}, err);
}

/* Section 5: the rate is divided by ten three times, here after each quarter of the passes. Section 4: reflections and
 * crops of 227 x 227 within 14 pixels from the middle (256 - 227 is odd: 29 of the 30 places), dropout. */
static dt_recipe recipe_of(const dt_trial *trial, dt_schedule_row rates[4])
{
    const int64_t epochs = dt_trial_int(trial, "epochs", dt_trial_preset(trial) == DT_SMOKE ? 1 : PASSES);
    for (int k = 0; k < 4; k++) rates[k] = (dt_schedule_row){(double)((k + 1) * epochs) / 4, pow(0.1, k)};
    rates[3].until = 0;
    return (dt_recipe){.epochs = epochs,
                       .batch = BATCH,
                       .shard = SHARD,
                       .one_lane = true,
                       .optimizer = {.momentum = 0.9, .weight_decay = 0.0005},
                       .schedule = {.kind = DT_TABLE, .lr = dt_trial_real(trial, "lr", 0.01), .table = rates},
                       .dropout = 0.5,
                       .jitter = {.shift = (KEPT - ALEXNET_SIDE) / 2, .mirror = true}};
}

dt_status imagenet_run(dt_trial *trial, dt_error *err)
{
    photographs p;
    dt_status status = photographs_open(trial, looking, &p, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) {
        const alexnet shape = {.classes = p.train.classes};
        const dt_task task = {.id = "imagenet",
                              .title = "AlexNet",
                              .model = &alexnet_model,
                              .shape = &shape,
                              .loss = dt_softmax_xent,
                              .frame = {ALEXNET_SIDE, ALEXNET_SIDE, 0, 255}};
        const dt_images images = {.count = p.train.count,
                                  .channels = 3,
                                  .height = KEPT,
                                  .width = KEPT,
                                  .classes = p.train.classes,
                                  .mean = p.mean};
        dt_schedule_row rates[4];
        const dt_recipe recipe = recipe_of(trial, rates);
        dt_training t;
        dt_training_init(&t, trial, task.title, &task, &images, &recipe);
        dt_trainer_read_by(&t.trainer, photographs_read, &p.train);
        t.before = looking;
        t.share = 1 - looking;
        status = train(&t, &p, err);
        dt_training_free(&t);
    }
    photographs_close(&p);
    return status;
}
