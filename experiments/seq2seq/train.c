/* One network after another in training, with its curves, and where to go on after an interruption. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "experiments/seq2seq/parts.h"
#include "run/blobs.h"
#include "run/breakdown.h"

typedef struct {
    seq2seq_run *run;
    dt_pair_batches batches;
    dt_pair_batch batch;
    dt_shards shards;
    dt_optimizer optimizer;
    seq2seq_decoder decoder; /* for scheduled sampling */
    int64_t dealt;           /* the epoch whose batches are dealt */
    double lr, step_loss, gradient_norm;
} training;

dt_status train_begin(seq2seq_run *run, dt_trial *trial, int nets, dt_error *err)
{
    DT_REQUIRE(nets <= NETS, "%d networks in a trial", nets);
    *run = (seq2seq_run){.trial = trial, .nets = nets, .loads = dt_trial_kept(trial)};
    if (!run->loads) return DT_OK;
    return dt_trial_load(trial, &(dt_blob){"trial", &run->at, sizeof run->at}, 1, err);
}

void train_end(seq2seq_run *run)
{
    if (run->params) dt_params_free(run->params);
    run->params = NULL;
}

static dt_status keep(seq2seq_run *run, const training *t, bool load, dt_error *err)
{
    dt_blob blobs[1 + DT_BLOBS];
    blobs[0] = (dt_blob){"trial", &run->at, sizeof run->at};
    const int n = 1 + dt_blobs_of(run->params, &t->optimizer, blobs + 1);
    return load ? dt_trial_load(run->trial, blobs, n, err) : dt_trial_keep(run->trial, blobs, n, err);
}

/* ---- a step */

static int64_t steps_done(const training *t)
{
    return t->run->at.epoch * t->batches.count + t->run->at.step;
}

static dt_symbols source_of(const dt_pair_batch *b)
{
    return (dt_symbols){b->source, b->positions, b->n};
}

static seq2seq_target target_of(const dt_pair_batch *b)
{
    return (seq2seq_target){{b->previous, b->steps, b->n}, b->column, b->next, b->words};
}

static double sum_of(const dt_var *loss)
{
    double sum = 0;
    for (int64_t i = 0; i < loss->count; i++) sum += (double)loss->value[i];
    return sum;
}

static void forward_backward(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    training *t = context;
    const net_plan *plan = &t->run->plan;
    dt_tape_noise(tape, dt_rng_stream(dt_trial_seed(t->run->trial), "dropout", (uint64_t)steps_done(t)), first, count);
    tape->dropout = plan->dropout;
    const seq2seq_target target = target_of(&t->batch);
    dt_var *loss = seq2seq_loss(&t->run->model, tape, source_of(&t->batch), &target, plan->smooth);
    t->step_loss = sum_of(loss) / (double)loss->count;
    dt_backward(loss, 1 / (real)loss->count);
}

static dt_status not_a_number(const training *t, dt_error *err)
{
    char culprit[128];
    dt_tape_culprit(t->shards.tape[0], culprit, sizeof culprit);
    const progress *done = &t->run->at;
    const dt_breakdown at = {
        t->run->plan.series, done->epoch, done->step, culprit, t->step_loss, t->gradient_norm, t->lr,
    };
    return dt_broke_down(&at, err);
}

/* The words that stand before, some of them the network's own: their share grows from 0 to `sampling`. */
static void sample(training *t, double done)
{
    const uint64_t step = (uint64_t)steps_done(t);
    seq2seq_decoder_sample(&t->decoder, source_of(&t->batch), t->batch.previous, t->batch.steps,
                           done * t->run->plan.sampling, dt_rng_stream(dt_trial_seed(t->run->trial), "sampling", step));
}

static dt_status step(training *t, dt_error *err)
{
    seq2seq_run *run = t->run;
    progress *at = &run->at;
    const net_plan *plan = &run->plan;
    const dt_backend *backend = dt_trial_backend(run->trial);
    const double epoch = (double)at->epoch + (double)at->step / (double)t->batches.count;
    if (t->dealt != at->epoch)
        dt_pair_batches_deal(&t->batches, dt_rng_stream(dt_trial_seed(run->trial), "pairs", (uint64_t)at->epoch));
    t->dealt = at->epoch;
    dt_pair_batches_at(&t->batches, at->step, &t->batch);
    if (plan->sampling > 0) sample(t, epoch / (double)plan->epochs);
    dt_shards_run(&t->shards, t->batch.n, true, forward_backward, t);
    t->lr = dt_schedule_at(&run->plan.schedule, epoch);
    t->gradient_norm = dt_params_clip(run->params, backend, plan->clip);
    if (!isfinite(t->step_loss) || !isfinite(t->gradient_norm)) return not_a_number(t, err);
    dt_optimizer_step(&t->optimizer, backend, run->params, t->lr);
    if (at->step == 0) at->loss = 0, at->words = 0;
    at->loss += t->step_loss * (double)t->batch.words;
    at->words += t->batch.words;
    if (++at->step == t->batches.count) {
        at->step = 0;
        at->epoch++;
    }
    return DT_OK;
}

/* ---- judging */

double train_loss(const seq2seq_run *run, int part, bool own)
{
    enum { BATCH = 64 };
    const int32_t ends[SIDES] = {run->text->words[SOURCE].end, run->text->words[TARGET].end};
    const dt_sentences *text = run->text->text[part];
    dt_pair_batches batches;
    dt_pair_batch batch = {0};
    if (dt_pair_batches_cut(&text[SOURCE], &text[TARGET], BATCH, run->plan.most, run->plan.reverse, ends, &batches,
                            NULL) != DT_OK)
        return NAN;
    dt_tape *tape = dt_tape_new(dt_trial_backend(run->trial), run->params, NULL);
    tape->recording = false;
    seq2seq_decoder decoder;
    seq2seq_decoder_init(&decoder, &run->model, run->params, tape->backend);
    double sum = 0;
    int64_t words = 0;
    for (int64_t k = 0; k < batches.count; k++) {
        dt_pair_batches_at(&batches, k, &batch);
        if (own) seq2seq_decoder_sample(&decoder, source_of(&batch), batch.previous, batch.steps, 1, (dt_rng){0});
        const seq2seq_target target = target_of(&batch);
        dt_tape_reset(tape);
        sum += sum_of(seq2seq_loss(&run->model, tape, source_of(&batch), &target, 0));
        words += batch.words;
    }
    seq2seq_decoder_free(&decoder);
    dt_tape_free(tape);
    dt_pair_batch_free(&batch);
    dt_pair_batches_free(&batches);
    return sum / (double)words;
}

static dt_status after_epoch(const training *t, dt_error *err)
{
    const seq2seq_run *run = t->run;
    const double epoch = (double)run->at.epoch;
    dt_status status = dt_trial_point(run->trial, "training perplexity", run->plan.series, epoch,
                                      exp(run->at.loss / (double)run->at.words), err);
    if (status == DT_OK)
        status = dt_trial_point(run->trial, "validation perplexity", run->plan.series, epoch,
                                exp(train_loss(run, VALID, false)), err);
    return status;
}

static void show(const training *t)
{
    const seq2seq_run *run = t->run;
    const double all = (double)(run->plan.epochs * t->batches.count), done = (double)steps_done(t);
    const int64_t epoch = (steps_done(t) - 1) / t->batches.count + 1;
    dt_trial_progress(run->trial, ((double)run->at.net + done / all) / run->nets,
                      "%s, epoch %lld/%lld  loss %.3f nats  %.0f words/s", run->plan.series, (long long)epoch,
                      (long long)run->plan.epochs, t->step_loss, run->speed);
}

/* ---- a network */

static dt_status train(training *t, bool curves, bool *stopped, dt_error *err)
{
    seq2seq_run *run = t->run;
    dt_status status = DT_OK;
    double seconds = 0;
    int64_t words = 0;
    while (status == DT_OK && !*stopped && run->at.epoch < run->plan.epochs) {
        const double start = dt_seconds();
        status = step(t, err);
        seconds += dt_seconds() - start;
        words += t->batch.words;
        run->speed = (double)words / seconds;
        if (status == DT_OK && curves && run->at.step == 0) status = after_epoch(t, err);
        if (status == DT_OK) show(t);
        *stopped = dt_trial_stopped(run->trial);
        if (status == DT_OK) status = keep(run, t, false, err);
    }
    return status;
}

/* The scores' biases begin as the logarithms of how frequent the words are in the text. Else the hidden units learn
 * that first, all together, and a network with attention stays there for many passes (README.md). */
static void start_from_frequencies(const seq2seq_run *run)
{
    const dt_sentences *text = &run->text->text[TRAIN][TARGET];
    const int64_t words = run->model.target;
    real *bias = run->params->values + run->model.out.bias->offset;
    double *count = calloc((size_t)words, sizeof *count), sum = 0;
    DT_REQUIRE(count, "out of memory for %lld words", (long long)words);
    for (int64_t i = 0; i < text->count; i++) {
        const int64_t length = dt_sentence_words(text, i);
        for (int64_t k = 0; k < length; k++) count[text->id[text->start[i] + k]]++;
        count[run->text->words[TARGET].end]++;
        sum += (double)length + 1;
    }
    for (int64_t w = 0; w < words; w++) bias[w] = (real)log((count[w] + 1) / (sum + (double)words));
    free(count);
}

static dt_status open_training(training *t, seq2seq_run *run, dt_error *err)
{
    const net_plan *plan = &run->plan;
    const bitext *text = run->text;
    const dt_backend *backend = dt_trial_backend(run->trial);
    const int32_t ends[SIDES] = {text->words[SOURCE].end, text->words[TARGET].end};
    *t = (training){.run = run, .dealt = -1};
    dt_status status = dt_pair_batches_cut(&text->text[TRAIN][SOURCE], &text->text[TRAIN][TARGET], plan->batch,
                                           plan->most, plan->reverse, ends, &t->batches, err);
    if (status != DT_OK) return status;
    train_end(run);
    run->params = dt_params_new(dt_trial_seed(run->trial));
    run->model = plan->shape;
    seq2seq_init(&run->model, run->params);
    start_from_frequencies(run);
    run->plan.schedule.epochs = (double)plan->epochs;
    run->plan.schedule.batches = (double)t->batches.count;
    dt_shards_init_one_lane(&t->shards, backend, run->params, plan->batch, plan->batch);
    dt_optimizer_init(&t->optimizer, run->params, &plan->optimizer);
    seq2seq_decoder_init(&t->decoder, &run->model, run->params, backend);
    return DT_OK;
}

static void close_training(training *t)
{
    if (t->shards.params) {
        dt_shards_free(&t->shards);
        dt_optimizer_free(&t->optimizer);
        seq2seq_decoder_free(&t->decoder);
    }
    dt_pair_batch_free(&t->batch);
    dt_pair_batches_free(&t->batches);
}

dt_status train_net(seq2seq_run *run, int number, const net_plan *plan, const bitext *text, bool curves, bool *trained,
                    bool *stopped, dt_error *err)
{
    *trained = false;
    if (*stopped || number < run->at.net) return DT_OK;
    if (run->loads && strcmp(run->at.text, text->sha256) != 0)
        return dt_error_set(err, DT_ERR_CONFIG, text->path, -1, "give those texts, or another folder with --out",
                            "the unfinished run there was trained on other texts");
    training t;
    run->plan = *plan;
    run->text = text;
    run->plan.shape.source = text->words[SOURCE].size;
    run->plan.shape.target = text->words[TARGET].size;
    snprintf(run->at.text, sizeof run->at.text, "%s", text->sha256);
    dt_status status = open_training(&t, run, err);
    if (status == DT_OK && run->loads) status = keep(run, &t, true, err);
    const int64_t left_out = text->text[TRAIN][SOURCE].count - t.batches.pairs;
    if (status == DT_OK && !run->loads && left_out > 0)
        dt_trial_say(run->trial, "%s: %lld pairs with more than %lld words are left out", plan->series,
                     (long long)left_out, (long long)plan->most);
    run->loads = false;
    if (status == DT_OK) status = train(&t, curves, stopped, err);
    *trained = status == DT_OK && !*stopped;
    if (*trained)
        dt_trial_say(run->trial, "%s: %lld parameters, validation perplexity %.2f, %.0f words/s", plan->series,
                     (long long)dt_params_count(run->params), exp(train_loss(run, VALID, false)), run->speed);
    close_training(&t);
    return status;
}

void train_done(seq2seq_run *run)
{
    run->at.net++;
    run->at.epoch = run->at.step = 0;
}
