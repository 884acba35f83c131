#include "run/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "optim/max_norm.h"
#include "run/blobs.h"
#include "run/breakdown.h"

void dt_trainer_init(dt_trainer *t, dt_network *net, const dt_backend *backend, const dt_images *images,
                     const dt_recipe *recipe, uint64_t seed)
{
    int64_t examples = recipe->examples ? recipe->examples : images->count;
    DT_REQUIRE(recipe->epochs > 0 && recipe->batch > 0, "recipe of %s: %lld epochs, batches of %lld", net->task->id,
               (long long)recipe->epochs, (long long)recipe->batch);
    DT_REQUIRE(examples <= images->count, "recipe of %s: %lld examples, there are %lld", net->task->id,
               (long long)examples, (long long)images->count);
    *t = (dt_trainer){
        .net = net, .backend = backend, .images = images, .recipe = *recipe, .seed = seed, .order_epoch = -1};
    t->recipe.examples = examples;
    t->recipe.schedule.epochs = (double)recipe->epochs;
    t->batches = (examples + recipe->batch - 1) / recipe->batch;
    t->recipe.schedule.batches = (double)t->batches;
    dt_optimizer_init(&t->optimizer, net->params, &recipe->optimizer);
    if (recipe->averaged) dt_average_init(&t->average, net->params, recipe->average_decay, 0);
    (recipe->one_lane ? dt_shards_init_one_lane : dt_shards_init)(&t->shards, backend, net->params, recipe->batch,
                                                                  recipe->shard);
    t->order = malloc((size_t)examples * sizeof *t->order);
    t->losses = malloc((size_t)recipe->batch * sizeof *t->losses);
    t->labels = malloc((size_t)recipe->batch * sizeof *t->labels);
    t->answers = malloc((size_t)recipe->batch * sizeof *t->answers);
    t->in_turn = malloc((size_t)recipe->batch * sizeof *t->in_turn);
    DT_REQUIRE(t->order && t->losses && t->labels && t->answers && t->in_turn, "dt_trainer_init: out of memory");
    for (int64_t i = 0; i < recipe->batch; i++) t->in_turn[i] = (uint32_t)i;
}

void dt_trainer_read_by(dt_trainer *t, dt_batch_reader read, const void *source)
{
    const dt_images *s = t->images;
    t->read = read;
    t->source = source;
    t->window = *s;
    t->window.count = t->recipe.batch;
    t->window.labels = NULL;
    t->window.pixels = malloc((size_t)(t->recipe.batch * s->channels * s->height * s->width));
    DT_REQUIRE(t->window.pixels, "dt_trainer_read_by: out of memory");
}

void dt_trainer_free(dt_trainer *t)
{
    dt_optimizer_free(&t->optimizer);
    if (t->recipe.averaged) dt_average_free(&t->average);
    dt_shards_free(&t->shards);
    free(t->order);
    free(t->losses);
    free(t->labels);
    free(t->answers);
    free(t->in_turn);
    free(t->window.pixels);
    *t = (dt_trainer){0};
}

int64_t dt_trainer_steps(const dt_trainer *t)
{
    return t->recipe.epochs * t->batches;
}

int dt_trainer_blobs(const dt_trainer *t, dt_blob blobs[DT_TRAINER_BLOBS])
{
    int n = dt_blobs_of(t->net->params, &t->optimizer, blobs);
    if (t->recipe.averaged) {
        blobs[n++] = (dt_blob){"average", t->average.values, (size_t)t->net->params->size * sizeof(real)};
        blobs[n++] = (dt_blob){"average/steps", (void *)(uintptr_t)&t->average.steps, sizeof t->average.steps};
    }
    blobs[n++] = (dt_blob){"state", (void *)(uintptr_t)&t->state, sizeof t->state};
    return n;
}

bool dt_trainer_finished(const dt_trainer *t)
{
    bool patient = t->recipe.patience == 0 || t->state.best_epoch == 0 ||
                   t->state.epoch - t->state.best_epoch < t->recipe.patience;
    return t->state.epoch == t->recipe.epochs || (t->state.batch == 0 && !patient);
}

void dt_trainer_validated(dt_trainer *t, double error)
{
    DT_REQUIRE(t->state.batch == 0 && t->state.epoch > 0, "dt_trainer_validated: within epoch %lld",
               (long long)t->state.epoch + 1);
    if (t->state.best_epoch > 0 && !(error < t->state.best_error)) return;
    t->state.best_epoch = t->state.epoch;
    t->state.best_error = error;
}

int64_t dt_trainer_result(const dt_trainer *t)
{
    return t->state.best_epoch > 0 ? t->state.best_epoch : t->state.epoch;
}

void dt_trainer_swap(dt_trainer *t)
{
    if (t->recipe.averaged) dt_average_swap(&t->average, t->net->params);
}

static bool distorts(const dt_distortion *d)
{
    return d->translate != 0 || d->scale != 0 || d->squeeze != 0 || d->shear != 0;
}

/* The image of an example as this epoch shows it, into `to`; `room` is as large. */
static void alter(const dt_trainer *t, uint32_t example, const uint8_t *image, uint8_t *room, uint8_t *to)
{
    const dt_images *from = t->images;
    const int64_t plane = from->height * from->width;
    const uint64_t epoch = (uint64_t)t->state.epoch;
    const bool moves = t->recipe.jitter.shift > 0 || t->recipe.jitter.mirror;
    if (distorts(&t->recipe.distortion)) {
        uint8_t *distorted = moves ? room : to;
        for (int64_t c = 0; c < from->channels; c++)
            dt_distort(&t->recipe.distortion, dt_rng_stream(t->seed, "distortion", epoch), example, image + c * plane,
                       from->height, from->width, distorted + c * plane);
        image = distorted;
    }
    if (moves)
        dt_jitter_image(&t->recipe.jitter, dt_rng_stream(t->seed, "jitter", epoch), example, image, from->channels,
                        from->height, from->width, to);
}

typedef struct {
    dt_trainer *t;
    const uint32_t *order; /* the examples of this batch */
    int64_t n;
} step;

/* The examples first .. first + n - 1 of the batch as this epoch's network input. */
static void gather(const step *s, int64_t first, int64_t n, dt_var *x)
{
    const dt_trainer *t = s->t;
    const dt_frame *frame = &t->net->task->frame;
    const dt_images *from = t->read ? &t->window : t->images;
    const uint32_t *example = s->order + first, *place = t->read ? t->in_turn + first : example;
    int32_t *labels = t->labels + first;
    if (!distorts(&t->recipe.distortion) && t->recipe.jitter.shift == 0 && !t->recipe.jitter.mirror) {
        dt_batch_gather(from, frame, place, n, x->value, labels);
        return;
    }
    const int64_t size = from->channels * from->height * from->width;
    dt_images altered = *from;
    altered.pixels = dt_arena_alloc(x->tape->arena, (size_t)((n + 1) * size));
    altered.labels = NULL;
    for (int64_t i = 0; i < n; i++) {
        if (from->labels) labels[i] = from->labels[place[i]];
        alter(t, example[i], from->pixels + place[i] * size, altered.pixels + n * size, altered.pixels + i * size);
    }
    dt_batch_gather(&altered, frame, t->in_turn, n, x->value, labels);
}

static dt_var *shard_loss(const step *s, dt_tape *tape, int64_t first, int64_t count)
{
    dt_trainer *t = s->t;
    const dt_task *task = t->net->task;
    dt_var *x = dt_input(tape, 4, (int64_t[]){t->images->channels, task->frame.height, task->frame.width, count});
    gather(s, first, count, x);
    dt_var *output = task->model->forward(t->net->model, dt_dropout(x, t->recipe.input_dropout));
    dt_network_answers(t->net, output, t->answers + first);
    dt_var *loss = task->loss(output, t->labels + first);
    memcpy(t->losses + first, loss->value, (size_t)count * sizeof *loss->value);
    return loss;
}

static void run_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const step *s = context;
    uint64_t number = (uint64_t)(s->t->state.epoch * s->t->batches + s->t->state.batch);
    dt_tape_noise(tape, dt_rng_stream(s->t->seed, "dropout", number), first, count);
    tape->dropout = s->t->recipe.dropout;
    dt_backward(shard_loss(s, tape, first, count), 1 / (real)s->n);
}

/* Runs the batch again, shard by shard, to name the op where it broke down. */
static void find_culprit(const step *s, char *buf, size_t size)
{
    dt_trainer *t = s->t;
    dt_tape *tape = t->shards.tape[0];
    step again = *s;
    for (int64_t first = 0; first < s->n; first += t->shards.size) {
        int64_t left = s->n - first;
        dt_tape_reset(tape);
        run_shard(&again, tape, first, left < t->shards.size ? left : t->shards.size);
        if (dt_tape_culprit(tape, buf, size)) return;
    }
}

static dt_status not_a_number(const step *s, dt_error *err)
{
    const dt_trainer *t = s->t;
    char culprit[128];
    find_culprit(s, culprit, sizeof culprit);
    const dt_breakdown at = {
        t->net->task->title, t->state.epoch, t->state.batch, culprit, t->step_loss, t->gradient_norm, t->lr,
    };
    return dt_broke_down(&at, err);
}

dt_status dt_trainer_step(dt_trainer *t, dt_error *err)
{
    DT_REQUIRE(!dt_trainer_finished(t), "dt_trainer_step: the training of %s is finished", t->net->task->id);
    if (t->order_epoch != t->state.epoch) {
        dt_rng_permutation(dt_rng_stream(t->seed, "shuffle", (uint64_t)t->state.epoch), t->order,
                           (uint32_t)t->recipe.examples);
        t->order_epoch = t->state.epoch;
    }
    int64_t first = t->state.batch * t->recipe.batch, left = t->recipe.examples - first;
    step s = {t, t->order + first, left < t->recipe.batch ? left : t->recipe.batch};
    dt_status status = t->read ? t->read(t->source, s.order, s.n, t->window.pixels, t->labels, err) : DT_OK;
    if (status != DT_OK) return status;
    t->lr = dt_schedule_at(&t->recipe.schedule, (double)t->state.epoch + (double)t->state.batch / (double)t->batches);
    dt_shards_run(&t->shards, s.n, true, run_shard, &s);

    double loss = 0;
    int64_t wrong = 0;
    for (int64_t i = 0; i < s.n; i++) {
        loss += (double)t->losses[i];
        wrong += t->answers[i] != t->labels[i];
    }
    t->step_loss = loss / (double)s.n;
    t->gradient_norm = dt_params_clip(t->net->params, t->backend, t->recipe.clip);
    if (!isfinite(loss) || !isfinite(t->gradient_norm)) return not_a_number(&s, err);
    dt_optimizer_step(&t->optimizer, t->backend, t->net->params, t->lr);
    dt_max_norm(t->net->params, t->backend, t->recipe.max_norm);
    if (t->recipe.averaged) dt_average_step(&t->average, t->backend, t->net->params);

    if (t->state.batch == 0) t->state.loss = 0, t->state.wrong = 0;
    t->state.loss += loss;
    t->state.wrong += wrong;
    if (++t->state.batch == t->batches) {
        t->state.batch = 0;
        t->state.epoch++;
    }
    return DT_OK;
}
