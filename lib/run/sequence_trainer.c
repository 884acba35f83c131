#include "run/sequence_trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/blobs.h"
#include "run/breakdown.h"

void dt_sequence_trainer_init(dt_sequence_trainer *t, dt_sequence_net *net, const dt_backend *backend,
                              const dt_streams *text, const dt_sequence_recipe *recipe, uint64_t seed)
{
    DT_REQUIRE(recipe->epochs > 0 && text->steps > 0, "recipe of %s: %lld epochs of %lld steps", net->title,
               (long long)recipe->epochs, (long long)text->steps);
    *t = (dt_sequence_trainer){.net = net, .backend = backend, .text = *text, .recipe = *recipe, .seed = seed};
    t->state.best = INFINITY;
    t->state.factor = 1;
    t->recipe.schedule.epochs = (double)recipe->epochs;
    t->recipe.schedule.batches = (double)text->steps;
    dt_optimizer_init(&t->optimizer, net->params, &recipe->optimizer);
    dt_shards_init_one_lane(&t->shards, backend, net->params, text->batch, text->batch);
    const size_t symbols = (size_t)(text->unroll * text->batch);
    t->states = net->kind->states(net->model, text->batch);
    t->carried = calloc((size_t)t->states, sizeof *t->carried);
    t->moved = calloc((size_t)t->states, sizeof *t->moved);
    t->x = malloc(symbols * sizeof *t->x);
    t->next = malloc(symbols * sizeof *t->next);
    DT_REQUIRE(t->carried && t->moved && t->x && t->next, "dt_sequence_trainer_init: out of memory");
}

void dt_sequence_trainer_free(dt_sequence_trainer *t)
{
    dt_optimizer_free(&t->optimizer);
    dt_shards_free(&t->shards);
    free(t->carried);
    free(t->moved);
    free(t->x);
    free(t->next);
    *t = (dt_sequence_trainer){0};
}

int64_t dt_sequence_trainer_steps(const dt_sequence_trainer *t)
{
    return t->recipe.epochs * t->text.steps;
}

int64_t dt_sequence_trainer_done(const dt_sequence_trainer *t)
{
    return t->state.epoch * t->text.steps + t->state.step;
}

void dt_sequence_trainer_judge(dt_sequence_trainer *t, double loss)
{
    if (loss < t->state.best)
        t->state.best = loss;
    else if (t->recipe.shrink > 0)
        t->state.factor /= t->recipe.shrink;
}

bool dt_sequence_trainer_finished(const dt_sequence_trainer *t)
{
    return t->state.epoch == t->recipe.epochs;
}

int dt_sequence_trainer_blobs(const dt_sequence_trainer *t, dt_blob blobs[DT_SEQUENCE_BLOBS])
{
    int n = dt_blobs_of(t->net->params, &t->optimizer, blobs);
    blobs[n++] = (dt_blob){"carried", t->carried, (size_t)t->states * sizeof(real)};
    blobs[n++] = (dt_blob){"state", (void *)(uintptr_t)&t->state, sizeof t->state};
    return n;
}

static void run(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    dt_sequence_trainer *t = context;
    dt_tape_noise(tape, dt_rng_stream(t->seed, "dropout", (uint64_t)dt_sequence_trainer_done(t)), first, count);
    tape->dropout = t->recipe.dropout;
    dt_var *loss =
        t->net->kind->loss(t->net->model, tape, (dt_symbols){t->x, t->text.unroll, count}, t->next, t->moved);
    double sum = 0;
    for (int64_t i = 0; i < loss->count; i++) sum += (double)loss->value[i];
    t->step_loss = sum / (double)loss->count;
    dt_backward(loss, 1 / (real)loss->count);
}

static dt_status not_a_number(const dt_sequence_trainer *t, dt_error *err)
{
    char culprit[128];
    dt_tape_culprit(t->shards.tape[0], culprit, sizeof culprit);
    const dt_breakdown at = {
        t->net->title, t->state.epoch, t->state.step, culprit, t->step_loss, t->gradient_norm, t->lr,
    };
    return dt_broke_down(&at, err);
}

dt_status dt_sequence_trainer_step(dt_sequence_trainer *t, dt_error *err)
{
    DT_REQUIRE(!dt_sequence_trainer_finished(t), "dt_sequence_trainer_step: the training of %s is finished",
               t->net->title);
    const size_t bytes = (size_t)t->states * sizeof *t->moved;
    if (t->state.step == 0)
        memset(t->moved, 0, bytes);
    else
        memcpy(t->moved, t->carried, bytes);
    dt_streams_at(&t->text, t->state.step, t->x, t->next);
    const double epoch = (double)t->state.epoch + (double)t->state.step / (double)t->text.steps;
    t->lr = t->state.factor * dt_schedule_at(&t->recipe.schedule, epoch);
    dt_shards_run(&t->shards, t->text.batch, true, run, t);

    t->gradient_norm = dt_params_clip(t->net->params, t->backend, t->recipe.clip);
    if (!isfinite(t->step_loss) || !isfinite(t->gradient_norm)) return not_a_number(t, err);
    if (t->recipe.clamp > 0) dt_params_clamp(t->net->params, t->backend, t->recipe.clamp);
    dt_optimizer_step(&t->optimizer, t->backend, t->net->params, t->lr);

    real *before = t->carried;
    t->carried = t->moved;
    t->moved = before;
    if (t->state.step == 0) t->state.loss = 0;
    t->state.loss += t->step_loss;
    if (++t->state.step == t->text.steps) {
        t->state.step = 0;
        t->state.epoch++;
    }
    return DT_OK;
}
