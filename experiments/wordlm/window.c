/* The training of a network that sees the n - 1 words before (models/nplm.h), and its probabilities. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "experiments/wordlm/parts.h"

window_recipe window_recipe_of(const dt_trial *trial, const int64_t epochs[DT_PRESETS])
{
    const bool paper = dt_trial_preset(trial) == DT_PAPER;
    const int64_t batch = dt_trial_int(trial, "batch", paper ? 32 : 256);
    const double lr = dt_trial_real(trial, "lr", paper ? 1e-3 * (double)batch : 1e-3);
    window_recipe r = {.epochs = dt_trial_int(trial, "epochs", epochs[dt_trial_preset(trial)]),
                       .batch = batch,
                       .optimizer = {DT_USUAL_ADAM},
                       .schedule = {.kind = DT_LINEAR, .lr = lr},
                       .dropout = dt_flag_real(dt_trial_flags(trial), "dropout")};
    if (paper) {
        r.optimizer = (dt_optimizer_recipe){.kind = DT_SGD};
        r.schedule = (dt_schedule){.kind = DT_INVERSE, .lr = lr};
    }
    r.optimizer.weight_decay = dt_trial_real(trial, "weight-decay", paper ? 1e-4 : 0);
    return r;
}

void window_init(window_training *w, dt_trial *trial, const char *name, const corpus *text, const nplm *shape,
                 const window_recipe *recipe)
{
    DT_REQUIRE(text->train.count >= 1 && recipe->batch >= 1 && recipe->epochs >= 1, "%s: batches of %lld", name,
               (long long)recipe->batch);
    *w = (window_training){
        .trial = trial, .name = name, .text = text, .recipe = *recipe, .net = *shape, .best = INFINITY};
    w->params = dt_params_new(dt_trial_seed(trial));
    w->net.vocabulary = text->words.size;
    nplm_init(&w->net, w->params);
    w->recipe.schedule.epochs = (double)recipe->epochs;
    if (recipe->schedule.kind == DT_INVERSE) w->recipe.schedule.factor = 1e-8 * (double)text->train.count;
    dt_optimizer_init(&w->optimizer, w->params, &recipe->optimizer);
    /* One shard: the softmax is nearly all of the work, and within its op the threads share out the words. */
    dt_shards_init(&w->shards, dt_trial_backend(trial), w->params, recipe->batch, recipe->batch);
    w->order = malloc((size_t)text->train.count * sizeof *w->order);
    w->losses = malloc((size_t)recipe->batch * sizeof *w->losses);
    w->best_values = malloc((size_t)w->params->size * sizeof *w->best_values);
    DT_REQUIRE(w->order && w->losses && w->best_values, "%s: out of memory", name);
}

void window_free(window_training *w)
{
    dt_shards_free(&w->shards);
    dt_optimizer_free(&w->optimizer);
    dt_params_free(w->params);
    free(w->order);
    free(w->losses);
    free(w->best_values);
    *w = (window_training){0};
}

/* The loss of the tokens at `place` of a text; NULL: of the n tokens from `first` on. */
static dt_var *token_loss(const window_training *w, dt_tape *tape, const ids *text, const uint32_t *place,
                          int64_t first, int64_t n)
{
    const int64_t context = w->net.context;
    int32_t *before = dt_arena_alloc(tape->arena, (size_t)(context * n) * sizeof *before);
    int32_t *label = dt_arena_alloc(tape->arena, (size_t)n * sizeof *label);
    for (int64_t j = 0; j < n; j++) {
        const int64_t i = place ? place[first + j] : first + j;
        for (int64_t k = 0; k < context; k++) before[k * n + j] = i > k ? text->id[i - 1 - k] : w->text->words.end;
        label[j] = text->id[i];
    }
    return nplm_loss(&w->net, tape, (dt_symbols){before, context, n}, label);
}

typedef struct {
    window_training *w;
    const uint32_t *place; /* of this batch */
    int64_t n;
} step;

static void train_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const step *s = context;
    dt_tape_noise(tape, dt_rng_stream(dt_trial_seed(s->w->trial), "dropout", (uint64_t)s->w->optimizer.steps), first,
                  count);
    tape->dropout = s->w->recipe.dropout;
    dt_var *loss = token_loss(s->w, tape, &s->w->text->train, s->place, first, count);
    memcpy(s->w->losses + first, loss->value, (size_t)count * sizeof *loss->value);
    dt_backward(loss, 1 / (real)s->n);
}

/* One update; *loss is the sum over its tokens. */
static dt_status take_step(step *s, double epoch, double *loss, dt_error *err)
{
    window_training *w = s->w;
    dt_shards_run(&w->shards, s->n, true, train_shard, s);
    *loss = 0;
    for (int64_t i = 0; i < s->n; i++) *loss += (double)w->losses[i];
    const double norm = dt_params_clip(w->params, w->shards.backend, 0);
    const double lr = dt_schedule_at(&w->recipe.schedule, epoch);
    if (!isfinite(*loss) || !isfinite(norm))
        return dt_error_set(err, DT_ERR_DATA, NULL, -1, "lower --lr",
                            "the training of %s broke down in epoch %lld: not a number (loss %g, gradient norm %g, lr "
                            "%g)",
                            w->name, (long long)w->epoch + 1, *loss / (double)s->n, norm, lr);
    dt_optimizer_step(&w->optimizer, w->shards.backend, w->params, lr);
    return DT_OK;
}

dt_status window_epoch(window_training *w, dt_error *err)
{
    const int64_t count = w->text->train.count;
    const double start = dt_seconds();
    double sum = 0;
    dt_status status = DT_OK;
    dt_rng_permutation(dt_rng_stream(dt_trial_seed(w->trial), "shuffle", (uint64_t)w->epoch), w->order,
                       (uint32_t)count);
    for (int64_t first = 0; first < count && status == DT_OK && !dt_trial_stopped(w->trial); first += w->recipe.batch) {
        step s = {w, w->order + first, count - first < w->recipe.batch ? count - first : w->recipe.batch};
        const double part = (double)first / (double)count;
        double loss;
        status = take_step(&s, (double)w->epoch + part, &loss, err);
        sum += loss;
        dt_trial_progress(w->trial, ((double)w->epoch + part) / (double)w->recipe.epochs,
                          "%s, epoch %lld/%lld  perplexity %.1f  %.0f tokens/s", w->name, (long long)w->epoch + 1,
                          (long long)w->recipe.epochs, exp(sum / (double)(first + s.n)),
                          (double)(first + s.n) / (dt_seconds() - start));
    }
    w->epoch++;
    w->loss = sum / (double)count;
    return status;
}

void window_validated(window_training *w, double valid)
{
    if (valid >= w->best) return;
    w->best = valid;
    memcpy(w->best_values, w->params->values, (size_t)w->params->size * sizeof *w->best_values);
}

void window_best(window_training *w)
{
    if (isfinite(w->best)) memcpy(w->params->values, w->best_values, (size_t)w->params->size * sizeof *w->best_values);
}

typedef struct {
    const window_training *w;
    const ids *text;
    int64_t first;
    double *p;
} reading;

static void read_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const reading *r = context;
    const dt_var *loss = token_loss(r->w, tape, r->text, NULL, r->first + first, count);
    for (int64_t i = 0; i < count; i++) r->p[r->first + first + i] = exp(-(double)loss->value[i]);
}

void window_p(window_training *w, const ids *text, double *p)
{
    for (int64_t first = 0; first < text->count && !dt_trial_stopped(w->trial); first += w->recipe.batch) {
        reading r = {w, text, first, p};
        dt_shards_run(&w->shards, text->count - first < w->recipe.batch ? text->count - first : w->recipe.batch, false,
                      read_shard, &r);
    }
}
