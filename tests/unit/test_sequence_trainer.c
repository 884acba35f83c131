/* Training on streams of text, and evaluation, each beside the loop written out; and stopping anywhere. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "misuse.h"
#include "models/recurrent_lm.h"
#include "run/sequence_trainer.h"

DT_SEQUENCE_MODEL(recurrent_lm);

enum { SYMBOLS = 5, COUNT = 67, STREAMS = 3, UNROLL = 4, STEPS = 5, EPOCHS = 3 };

static const recurrent_lm shape = {
    .vocabulary = SYMBOLS, .hidden = 9, .layers = 2, .cell = DT_CELL_LSTM, .bound = 0.3, .forget_bias = 1};

static const dt_sequence_recipe recipe = {.epochs = EPOCHS,
                                          .schedule = {DT_LINEAR, .lr = 0.05},
                                          .optimizer = {DT_USUAL_RMSPROP},
                                          .clip = 1,
                                          .clamp = 0.5,
                                          .dropout = 0.25};

typedef struct {
    int32_t id[COUNT];
    dt_tokens tokens;
    dt_streams streams;
    dt_sequence_net net;
    dt_sequence_trainer trainer;
} training;

static void start_like(training *t, const recurrent_lm *like, const dt_sequence_recipe *how, uint64_t seed)
{
    for (int i = 0; i < COUNT; i++) t->id[i] = (int32_t)((i / 3 + i * i) % SYMBOLS);
    t->tokens = (dt_tokens){t->id, COUNT, 0};
    dt_error err;
    cr_assert(eq(int, (int)dt_streams_cut(&t->tokens, STREAMS, UNROLL, "text", &t->streams, &err), DT_OK));
    cr_assert(eq(i64, t->streams.steps, STEPS));
    dt_sequence_net_init(&t->net, "LSTM", &recurrent_lm_sequence, like, seed);
    dt_sequence_trainer_init(&t->trainer, &t->net, &dt_cpu, &t->streams, how, seed);
}

static void start(training *t, const dt_sequence_recipe *how, uint64_t seed)
{
    start_like(t, &shape, how, seed);
}

static void step(training *t)
{
    dt_error err;
    dt_status status = dt_sequence_trainer_step(&t->trainer, &err);
    cr_assert(eq(int, (int)status, DT_OK), "%s", err.message);
}

static void finish(training *t)
{
    while (!dt_sequence_trainer_finished(&t->trainer)) step(t);
}

static void end(training *t)
{
    dt_sequence_trainer_free(&t->trainer);
    dt_sequence_net_free(&t->net);
}

static bool same(const training *a, const training *b)
{
    dt_blob x[DT_SEQUENCE_BLOBS], y[DT_SEQUENCE_BLOBS];
    int n = dt_sequence_trainer_blobs(&a->trainer, x);
    if (n != dt_sequence_trainer_blobs(&b->trainer, y)) return false;
    for (int i = 0; i < n; i++)
        if (x[i].bytes != y[i].bytes || memcmp(x[i].data, y[i].data, x[i].bytes) != 0) return false;
    return true;
}

/* `after` goes on where `before` is, with nothing but its blobs: not even the parameters that it began with. */
static void resume(training *after, const training *before)
{
    dt_blob from[DT_SEQUENCE_BLOBS], to[DT_SEQUENCE_BLOBS];
    memset(after->net.params->values, 0, (size_t)after->net.params->size * sizeof(real));
    int n = dt_sequence_trainer_blobs(&before->trainer, from);
    cr_assert(eq(int, dt_sequence_trainer_blobs(&after->trainer, to), n));
    for (int i = 0; i < n; i++) {
        cr_assert(strcmp(from[i].name, to[i].name) == 0 && from[i].bytes == to[i].bytes);
        memcpy(to[i].data, from[i].data, to[i].bytes);
    }
}

/* Stops at every step, most of them within an epoch, and goes on from there in another trainer. */
static void check_resuming(const dt_optimizer_recipe *optimizer)
{
    dt_sequence_recipe how = recipe;
    how.optimizer = *optimizer;
    training whole;
    start(&whole, &how, 1);
    finish(&whole);
    for (int64_t stop = 0; stop < dt_sequence_trainer_steps(&whole.trainer); stop++) {
        training before, after;
        start(&before, &how, 1);
        for (int64_t i = 0; i < stop; i++) step(&before);
        start(&after, &how, 1);
        resume(&after, &before);
        end(&before);
        finish(&after);
        cr_expect(same(&whole, &after), "kind %d, stopped after %d steps", (int)optimizer->kind, (int)stop);
        end(&after);
    }
    end(&whole);
}

Test(sequence_trainer, resuming_gives_the_same_bits)
{
    check_resuming(&(dt_optimizer_recipe){0});
    check_resuming(&(dt_optimizer_recipe){DT_USUAL_RMSPROP});
    check_resuming(&(dt_optimizer_recipe){DT_USUAL_ADAM});
}

Test(sequence_trainer, any_number_of_threads_gives_the_same_bits)
{
    /* large enough for the threads to share a step */
    recurrent_lm large = shape;
    large.hidden = 180;
    dt_sequence_recipe how = recipe;
    how.epochs = 1;
    training one, other, many;
    dt_threads_set(1);
    start_like(&one, &large, &how, 1);
    finish(&one);
    for (int threads = 2; threads <= 4; threads++) {
        dt_threads_set(threads);
        start_like(&many, &large, &how, 1);
        finish(&many);
        cr_expect(same(&one, &many), "%d threads", threads);
        end(&many);
    }
    dt_threads_set(1);
    start_like(&other, &large, &how, 2);
    finish(&other);
    cr_expect(same(&one, &other) == false, "another seed is another training");
    end(&one), end(&other);
}

/* The training written out: no trainer, no streams, one step after another. */
typedef struct {
    recurrent_lm model;
    dt_params *params;
    dt_tape *tape;
    dt_optimizer optimizer;
    recurrent_lm_state state;
} by_hand;

static void hand_begin(by_hand *h, const dt_sequence_recipe *how, uint64_t seed)
{
    h->model = shape;
    h->params = dt_params_new(seed);
    recurrent_lm_init(&h->model, h->params);
    h->tape = dt_tape_new(&dt_cpu, h->params, NULL);
    dt_optimizer_init(&h->optimizer, h->params, &how->optimizer);
    recurrent_lm_state_init(&h->state, &h->model, STREAMS);
}

/* Step k of an epoch, number `count` of the training. Returns the mean loss. */
static double hand_step(by_hand *h, const training *t, const dt_sequence_recipe *how, int k, int count)
{
    const int length = COUNT / STREAMS;
    int32_t id[(UNROLL + 1) * STREAMS];
    for (int s = 0; s <= UNROLL; s++)
        for (int n = 0; n < STREAMS; n++) id[s * STREAMS + n] = t->id[n * length + k * UNROLL + s];
    if (k == 0) memset(h->state.block, 0, (size_t)h->state.count * sizeof(real));
    dt_tape_reset(h->tape);
    dt_params_zero_gradients(h->params);
    dt_tape_noise(h->tape, dt_rng_stream(1, "dropout", (uint64_t)count), 0, STREAMS);
    h->tape->dropout = how->dropout;
    dt_var *loss = recurrent_lm_loss(&h->model, h->tape, (dt_symbols){id, UNROLL, STREAMS}, id + STREAMS, &h->state);
    double sum = 0;
    for (int64_t i = 0; i < loss->count; i++) sum += (double)loss->value[i];
    dt_backward(loss, (real)1 / (UNROLL * STREAMS));
    dt_params_clip(h->params, &dt_cpu, how->clip);
    if (how->clamp > 0) dt_params_clamp(h->params, &dt_cpu, how->clamp);
    double lr = how->schedule.lr * (1 - (double)count / (EPOCHS * STEPS));
    dt_optimizer_step(&h->optimizer, &dt_cpu, h->params, lr);
    return sum / (UNROLL * STREAMS);
}

static void check_by_hand(const dt_sequence_recipe *how)
{
    training t;
    by_hand h;
    start(&t, how, 1);
    hand_begin(&h, how, 1);
    for (int count = 0; count < EPOCHS * STEPS; count++) {
        cr_expect(eq(i64, dt_sequence_trainer_done(&t.trainer), count));
        cr_expect(eq(i64, t.trainer.state.epoch, count / STEPS));
        step(&t);
        double loss = hand_step(&h, &t, how, count % STEPS, count);
        cr_expect(fabs(t.trainer.step_loss - loss) < 1e-12, "step %d: %g, not %g", count, t.trainer.step_loss, loss);
        cr_expect(memcmp(t.net.params->values, h.params->values, (size_t)h.params->size * sizeof(real)) == 0,
                  "parameters after step %d", count);
        cr_expect(memcmp(t.trainer.carried, h.state.block, (size_t)h.state.count * sizeof(real)) == 0,
                  "state after step %d", count);
    }
    cr_expect(dt_sequence_trainer_finished(&t.trainer));
    EXPECT_MISUSE("dt_sequence_trainer_step: the training of LSTM is finished",
                  dt_sequence_trainer_step(&t.trainer, NULL));
    recurrent_lm_state_free(&h.state);
    dt_optimizer_free(&h.optimizer);
    dt_tape_free(h.tape);
    dt_params_free(h.params);
    end(&t);
}

Test(sequence_trainer, does_what_the_loop_by_hand_does)
{
    check_by_hand(&recipe);
    /* bounds that bind */
    dt_sequence_recipe how = recipe;
    how.clip = 0.01;
    how.clamp = 0.0005;
    check_by_hand(&how);
    how.clip = how.clamp = how.dropout = 0;
    check_by_hand(&how);
}

/* An epoch's sum begins anew with the epoch, and the norm is told as it was before it was bounded. */
Test(sequence_trainer, sums_an_epoch_and_tells_the_norm)
{
    training t, free;
    dt_sequence_recipe how = recipe;
    how.clip = 0.001;
    start(&t, &how, 1);
    how.clip = how.clamp = 0;
    start(&free, &how, 1);
    step(&t), step(&free);
    cr_expect(t.trainer.gradient_norm > 0.01);
    cr_expect(eq(dbl, t.trainer.gradient_norm, free.trainer.gradient_norm));
    for (int epoch = 0; epoch < 2; epoch++) {
        double sum = epoch == 0 ? t.trainer.step_loss : 0;
        for (int k = epoch == 0; k < STEPS; k++) {
            step(&t);
            sum += t.trainer.step_loss;
        }
        cr_expect(eq(dbl, t.trainer.state.loss, sum));
    }
    end(&t), end(&free);
}

/* The rate falls where a judgement is no better than all before, and another training goes on with it. */
Test(sequence_trainer, the_rate_falls_when_the_validation_loss_does_not)
{
    static const double losses[] = {3, 2, 2, 2.5, 1.9, (double)NAN, 1.8};
    static const double factors[] = {1, 1, 0.5, 0.25, 0.25, 0.125, 0.125};
    dt_sequence_recipe how = recipe;
    how.schedule.kind = DT_CONSTANT;
    how.shrink = 2;
    training t, other;
    start(&t, &how, 1), start(&other, &how, 1);
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        step(&t);
        dt_sequence_trainer_judge(&t.trainer, losses[i]);
        resume(&other, &t);
        step(&other), step(&t);
        cr_expect(eq(dbl, t.trainer.lr, 0.05 * factors[i]), "judgement %d", (int)i);
        cr_expect(eq(dbl, other.trainer.lr, 0.05 * factors[i]), "resumed, judgement %d", (int)i);
    }
    cr_expect(same(&t, &other));
    cr_expect(eq(dbl, t.trainer.state.best, 1.8));
    end(&t), end(&other);
    start(&t, &recipe, 1); /* without shrink */
    dt_sequence_trainer_judge(&t.trainer, 1);
    dt_sequence_trainer_judge(&t.trainer, 2);
    step(&t);
    cr_expect(eq(dbl, t.trainer.lr, 0.05));
    end(&t);
}

Test(sequence_trainer, learns_a_text_by_heart)
{
    training t;
    dt_sequence_recipe how = {.epochs = 150, .schedule.lr = 0.02, .optimizer = {DT_USUAL_ADAM}, .clip = 5};
    recurrent_lm larger = shape;
    larger.hidden = 24;
    start_like(&t, &larger, &how, 1);
    double before = dt_sequence_loss(&t.net, &dt_cpu, &t.tokens, STREAMS, UNROLL);
    finish(&t);
    double after = dt_sequence_loss(&t.net, &dt_cpu, &t.tokens, STREAMS, UNROLL);
    cr_expect(fabs(before - log(SYMBOLS)) < 0.3 && after < 0.2, "from %g to %g nats", before, after);
    end(&t);
}

/* After a step that broke down all is as it was before it. */
Test(sequence_trainer, a_breakdown_leaves_no_trace)
{
    training t, before;
    dt_sequence_recipe how = recipe;
    dt_error err;
    start(&t, &how, 1), start(&before, &how, 1);
    for (int i = 0; i < 7; i++) step(&t), step(&before);
    real *weight = &t.net.params->values[t.net.params->list[0]->offset];
    const real kept = *weight;
    *weight = (real)NAN;
    cr_expect(eq(int, (int)dt_sequence_trainer_step(&t.trainer, &err), DT_ERR_DATA));
    const char *wanted =
        "the training of LSTM broke down in epoch 2, step 3: not a number in the value of recurrent layer1";
    cr_expect(strstr(err.message, wanted) != NULL, "%s", err.message);
    cr_expect(eq(str, err.path, ""));
    *weight = kept;
    cr_expect(same(&t, &before));
    step(&t), step(&before);
    cr_expect(same(&t, &before));
    end(&t), end(&before);
}

/* The mean loss of `count` symbols from `first` on as one sequence. */
static double hand_loss(const training *t, int first, int count)
{
    dt_tape *tape = dt_tape_new(&dt_cpu, t->net.params, NULL);
    tape->recording = false;
    recurrent_lm_state state;
    recurrent_lm_state_init(&state, t->net.model, 1);
    double sum = 0;
    for (int i = 0; i + 1 < count; i++) {
        dt_tape_reset(tape);
        dt_var *loss =
            recurrent_lm_loss(t->net.model, tape, (dt_symbols){t->id + first + i, 1, 1}, t->id + first + i + 1, &state);
        sum += (double)loss->value[0];
    }
    recurrent_lm_state_free(&state);
    dt_tape_free(tape);
    return sum / (count - 1);
}

Test(sequence_loss, is_that_of_symbol_after_symbol)
{
    training t;
    start(&t, &recipe, 1);
    finish(&t);
    const double whole = hand_loss(&t, 0, COUNT);
    static const int unrolls[] = {1, 4, 22, 66, 500};
    for (size_t i = 0; i < sizeof unrolls / sizeof *unrolls; i++) {
        const double loss = dt_sequence_loss(&t.net, &dt_cpu, &t.tokens, 1, unrolls[i]);
        cr_expect(fabs(loss - whole) < 1e-6, "%d at a time: %.9g, not %.9g", unrolls[i], loss, whole);
    }
    /* 3 streams of 22 symbols: the 67th is not read */
    double parts = 0;
    for (int n = 0; n < STREAMS; n++) parts += hand_loss(&t, n * 22, 22) / STREAMS;
    for (size_t i = 0; i < sizeof unrolls / sizeof *unrolls; i++) {
        const double loss = dt_sequence_loss(&t.net, &dt_cpu, &t.tokens, STREAMS, unrolls[i]);
        cr_expect(fabs(loss - parts) < 1e-6, "%d at a time: %.9g, not %.9g", unrolls[i], loss, parts);
    }
    end(&t);
}

Test(sequence_loss, takes_fewer_streams_of_a_short_text)
{
    training t;
    start(&t, &recipe, 1);
    dt_tokens five = {t.id, 5, 0}, one = {t.id, 1, 0};
    const double wanted = (hand_loss(&t, 0, 2) + hand_loss(&t, 2, 2)) / 2;
    const double loss = dt_sequence_loss(&t.net, &dt_cpu, &five, 10, 8);
    cr_expect(fabs(loss - wanted) < 1e-6, "%g, not %g", loss, wanted);
    EXPECT_MISUSE("dt_sequence_loss: 1 symbols in 10 streams, 8 at a time",
                  dt_sequence_loss(&t.net, &dt_cpu, &one, 10, 8));
    end(&t);
}

/* Dropout is for training alone, and judging a network changes nothing in its training. */
Test(sequence_loss, leaves_the_training_alone)
{
    training t, other;
    start(&t, &recipe, 1), start(&other, &recipe, 1);
    step(&t), step(&other);
    const double first = dt_sequence_loss(&t.net, &dt_cpu, &t.tokens, STREAMS, UNROLL);
    cr_expect(eq(dbl, first, dt_sequence_loss(&t.net, &dt_cpu, &t.tokens, STREAMS, UNROLL)));
    step(&t), step(&other);
    cr_expect(same(&t, &other));
    end(&t), end(&other);
}
