/* The recurrent rows of the table: Mikolov et al. 2014 (simple recurrent network, LSTM, SCRN) and Zaremba et al. 2014.
 * Each network reads the training text in streams whose state is carried on (run/sequence_trainer.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "experiments/wordlm/recurrent.h"

typedef struct {
    dt_trial *trial;
    recurrent_row row;
    const corpus *text;
    dt_sequence_net net;
    dt_sequence_trainer trainer;
    double valid; /* perplexity of the validation text after the last epoch; before the first, the vocabulary's size */
} recurrent_run;

static dt_status keep(recurrent_run *run, bool load, dt_error *err)
{
    dt_blob blobs[1 + DT_SEQUENCE_BLOBS];
    blobs[0] = (dt_blob){"trial", &run->valid, sizeof run->valid};
    const int n = 1 + dt_sequence_trainer_blobs(&run->trainer, blobs + 1);
    return load ? dt_trial_load(run->trial, blobs, n, err) : dt_trial_keep(run->trial, blobs, n, err);
}

/* ---- recipes */

/* A recipe's `lr` is the rate of the gradient of the sum of the losses of all words of a step, its `clip` bounds the
 * norm of the gradient of the sum over the steps and the mean over the streams, as Zaremba et al. say them. The
 * trainer's gradient is that of the mean over both. */
static dt_sequence_recipe in_means(const recurrent_row *row)
{
    dt_sequence_recipe r = row->recipe;
    if (r.optimizer.kind == DT_SGD) r.schedule.lr *= (double)(row->batch * row->unroll);
    r.clip /= (double)row->unroll;
    return r;
}

static recurrent_row with_flags(const dt_trial *trial, recurrent_row row)
{
    row.batch = dt_trial_int(trial, "batch", row.batch);
    row.unroll = dt_trial_int(trial, "unroll", row.unroll);
    row.recipe.epochs = dt_trial_int(trial, "epochs", row.recipe.epochs);
    row.recipe.schedule.lr = dt_trial_real(trial, "lr", row.recipe.schedule.lr);
    row.recipe.dropout = dt_trial_real(trial, "dropout", row.recipe.dropout);
    return row;
}

/* ---- reading */

enum { PIECE = 640 }; /* words at a time */

typedef struct {
    const recurrent_run *run;
    dt_tape *tape;
    real *state;
    int32_t x[PIECE], next[PIECE];
} reader;

/* `n` parts of `steps` words each, one behind the other from word `from` on, side by side: each word is guessed from
 * the one before it and the state. */
static void read_parts(reader *r, const ids *text, int64_t from, int64_t n, int64_t steps, double *p)
{
    const dt_sequence_net *net = &r->run->net;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t i = 0; i < n; i++) {
            const int64_t at = from + i * steps + t;
            r->x[t * n + i] = at > 0 ? text->id[at - 1] : r->run->text->words.end;
            r->next[t * n + i] = text->id[at];
        }
    dt_tape_reset(r->tape);
    const dt_var *loss = net->kind->loss(net->model, r->tape, (dt_symbols){r->x, steps, n}, r->next, r->state);
    for (int64_t t = 0; t < steps; t++)
        for (int64_t i = 0; i < n; i++) p[from + i * steps + t] = exp(-(double)loss->value[t * n + i]);
}

/* p of each word; before the text's first one there is <eos>. The text is one stream; with `every` above 0, at most
 * PIECE, the state is set to 0 before each `every` words. */
static void recurrent_p(const recurrent_run *run, const ids *text, int64_t every, double *p)
{
    const dt_sequence_net *net = &run->net;
    const int64_t states = net->kind->states(net->model, every ? PIECE / every : 1);
    reader r = {.run = run, .tape = dt_tape_new(run->trainer.backend, net->params, NULL)};
    r.tape->recording = false;
    r.state = calloc((size_t)states, sizeof *r.state);
    DT_REQUIRE(r.state, "out of memory for a network's states");
    for (int64_t from = 0, n, steps; from < text->count; from += n * steps) {
        const int64_t left = text->count - from, most = every ? every : PIECE;
        steps = left < most ? left : most;
        n = every ? (left < PIECE ? left : PIECE) / steps : 1;
        if (every) memset(r.state, 0, (size_t)states * sizeof *r.state);
        read_parts(&r, text, from, n, steps, p);
    }
    dt_tape_free(r.tape);
    free(r.state);
}

/* ---- training */

static dt_status after_epoch(recurrent_run *run, double *p, dt_error *err)
{
    dt_sequence_trainer *t = &run->trainer;
    const ids *valid = &run->text->valid;
    const double epoch = (double)t->state.epoch;
    recurrent_p(run, valid, 0, p);
    run->valid = perplexity(p, valid->count);
    dt_sequence_trainer_judge(t, log(run->valid));
    dt_status status =
        dt_trial_point(run->trial, "training", run->row.title, epoch, exp(t->state.loss / (double)t->text.steps), err);
    return status == DT_OK ? dt_trial_point(run->trial, "validation", run->row.title, epoch, run->valid, err) : status;
}

static void show(recurrent_run *run, double tokens_a_second)
{
    const dt_sequence_trainer *t = &run->trainer;
    const int64_t done = dt_sequence_trainer_done(t), all = dt_sequence_trainer_steps(t);
    const int64_t epoch = (done - 1) / t->text.steps, step = done - epoch * t->text.steps;
    dt_trial_progress(run->trial, (double)done / (double)all,
                      "%s, epoch %lld/%lld  perplexity %.1f  validation %.1f  %.0f tokens/s", run->row.title,
                      (long long)epoch + 1, (long long)t->recipe.epochs, exp(t->state.loss / (double)step), run->valid,
                      tokens_a_second);
}

static dt_status train(recurrent_run *run, double *p, bool *stopped, dt_error *err)
{
    dt_sequence_trainer *t = &run->trainer;
    dt_status status = DT_OK;
    double seconds = 0;
    int64_t tokens = 0;
    while (status == DT_OK && !*stopped && !dt_sequence_trainer_finished(t)) {
        const double start = dt_seconds();
        status = dt_sequence_trainer_step(t, err);
        seconds += dt_seconds() - start;
        tokens += t->text.batch * t->text.unroll;
        if (status == DT_OK && t->state.step == 0) status = after_epoch(run, p, err);
        if (status == DT_OK) show(run, (double)tokens / seconds);
        *stopped = dt_trial_stopped(run->trial);
        if (status == DT_OK) status = keep(run, false, err);
    }
    if (status == DT_OK && !*stopped && tokens > 0)
        dt_trial_say(run->trial, "%s: %lld parameters, validation perplexity %.1f, %.0f tokens/s", run->row.title,
                     (long long)dt_params_count(run->net.params), run->valid, (double)tokens / seconds);
    return status;
}

/* ---- the exam */

/* The perplexity where the state is set to 0 every k words, k = 1, 2, 4 .. 64: what it knows without its memory. */
static dt_status memory_points(recurrent_run *run, double *p, dt_error *err)
{
    const ids *test = &run->text->test;
    dt_status status = DT_OK;
    for (int64_t k = 1; k <= 64 && status == DT_OK; k *= 2) {
        recurrent_p(run, test, k, p);
        status = dt_trial_point(run->trial, "memory", run->row.title, (double)k, perplexity(p, test->count), err);
    }
    return status;
}

static dt_status exam(recurrent_run *run, dt_error *err)
{
    const ids *test = &run->text->test;
    double *p = probabilities(test);
    recurrent_p(run, test, 0, p);
    dt_status status = dt_trial_value(run->trial, run->row.claim, perplexity(p, test->count), err);
    if (status == DT_OK) status = frequency_points(run->trial, run->row.title, run->text, test, p, err);
    if (status == DT_OK) status = memory_points(run, p, err);
    free(p);
    return status;
}

static dt_status train_and_examine(recurrent_run *run, corpus *c, dt_error *err)
{
    double *p = probabilities(&c->valid);
    bool stopped = false;
    dt_status status = dt_trial_kept(run->trial) ? keep(run, true, err) : DT_OK;
    if (status == DT_OK) status = train(run, p, &stopped, err);
    if (status == DT_OK && !stopped) {
        status = ptb_open_test(run->trial, c, err);
        if (status == DT_OK) status = exam(run, err);
    }
    free(p);
    return status;
}

dt_status recurrent_row_run(dt_trial *trial, const recurrent_row *plan, dt_error *err)
{
    corpus c;
    dt_streams streams;
    char path[512];
    dt_status status = ptb_read(trial, &c, err);
    if (status != DT_OK) return status;
    recurrent_run run = {.trial = trial, .text = &c, .row = with_flags(trial, *plan), .valid = (double)c.words.size};
    *run.row.vocabulary = c.words.size;
    dt_tokens train_text = c.owned[0];
    train_text.count = c.train.count;
    status = dt_streams_cut(&train_text, run.row.batch, run.row.unroll,
                            dt_trial_text_path(trial, ptb_files.files[0], path, sizeof path), &streams, err);
    if (status == DT_OK) {
        const dt_sequence_recipe recipe = in_means(&run.row);
        const uint64_t seed = dt_trial_seed(trial);
        dt_sequence_net_init(&run.net, run.row.title, run.row.kind, run.row.shape, seed);
        dt_sequence_trainer_init(&run.trainer, &run.net, dt_trial_backend(trial), &streams, &recipe, seed);
        status = train_and_examine(&run, &c, err);
        dt_sequence_trainer_free(&run.trainer);
        dt_sequence_net_free(&run.net);
    }
    corpus_free(&c);
    return status;
}
