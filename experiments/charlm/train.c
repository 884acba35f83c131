/* One network after another in training, with its curves, and where to go on after an interruption. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "experiments/charlm/parts.h"

DT_SEQUENCE_MODEL(recurrent_lm);

enum { POINTS = 25, SAMPLE_COUNT = 300 };

dt_status train_begin(char_run *run, dt_trial *trial, const char_text *text, int nets, dt_error *err)
{
    *run = (char_run){.trial = trial, .text = text, .nets = nets, .loads = dt_trial_kept(trial)};
    snprintf(run->at.text, sizeof run->at.text, "%s", text->sha256);
    if (!run->loads) return DT_OK;
    dt_status status = dt_trial_load(trial, &(dt_blob){"trial", &run->at, sizeof run->at}, 1, err);
    if (status == DT_OK && strcmp(run->at.text, text->sha256) != 0)
        status = dt_error_set(err, DT_ERR_CONFIG, text->path, -1, "give that text, or another folder with --out",
                              "the unfinished run there was trained on another text");
    return status;
}

void train_end(char_run *run)
{
    dt_sequence_net_free(&run->net);
}

char_net train_flags(const dt_trial *trial, char_net net)
{
    static const struct {
        const char *name;
        dt_cell cell;
    } cells[] = {{"rnn", DT_CELL_TANH}, {"lstm", DT_CELL_LSTM}, {"gru", DT_CELL_GRU}};
    const char *cell = dt_flag_text(dt_trial_flags(trial), "cell");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (strcmp(cell, cells[i].name) == 0) net.shape.cell = cells[i].cell;
    net.shape.layers = (int)dt_trial_int(trial, "layers", net.shape.layers);
    net.shape.hidden = dt_trial_int(trial, "hidden", net.shape.hidden);
    return net;
}

/* What flags change of any network's recipe. */
static char_net with_flags(const dt_trial *trial, char_net net)
{
    net.batch = dt_trial_int(trial, "batch", net.batch);
    net.unroll = dt_trial_int(trial, "unroll", net.unroll);
    net.recipe.epochs = dt_trial_int(trial, "epochs", net.recipe.epochs);
    net.recipe.schedule.lr = dt_trial_real(trial, "lr", net.recipe.schedule.lr);
    net.recipe.dropout = dt_trial_real(trial, "dropout", net.recipe.dropout);
    if (dt_flag_given(dt_trial_flags(trial), "clip") && net.recipe.clip + net.recipe.clamp > 0) {
        net.recipe.clip = dt_flag_real(dt_trial_flags(trial), "clip");
        net.recipe.clamp = 0;
    }
    return net;
}

static dt_status keep(char_run *run, const dt_sequence_trainer *t, bool load, dt_error *err)
{
    dt_blob blobs[1 + DT_SEQUENCE_BLOBS];
    blobs[0] = (dt_blob){"trial", &run->at, sizeof run->at};
    const int n = 1 + dt_sequence_trainer_blobs(t, blobs + 1);
    return load ? dt_trial_load(run->trial, blobs, n, err) : dt_trial_keep(run->trial, blobs, n, err);
}

/* A point of the curves: the mean loss of the steps since the last one, and that on the validation text. */
static dt_status point(char_run *run, const dt_sequence_trainer *t, const char_net *net, dt_error *err)
{
    const double epochs = (double)dt_sequence_trainer_done(t) / (double)t->text.steps, steps = (double)run->at.steps;
    const double loss = dt_sequence_loss(&run->net, t->backend, &run->text->valid, run->text->judges, net->unroll);
    dt_status status =
        dt_trial_point(run->trial, "training loss (nats)", net->series, epochs, run->at.loss / steps, err);
    if (status == DT_OK) status = dt_trial_point(run->trial, "validation loss (nats)", net->series, epochs, loss, err);
    if (status == DT_OK && net->norms)
        status = dt_trial_point(run->trial, "gradient norm: mean", net->series, epochs, run->at.norm / steps, err);
    if (status == DT_OK && net->norms)
        status = dt_trial_point(run->trial, "gradient norm: greatest", net->series, epochs, run->at.most, err);
    run->at.steps = 0;
    run->at.loss = run->at.norm = run->at.most = 0;
    return status;
}

/* What it writes after a line end, or after the most frequent character where there are no lines. */
static void sample(char_run *run, int which)
{
    const dt_vocabulary *v = &run->text->vocabulary;
    int32_t first = dt_vocabulary_id(v, "\n", 1);
    if (first < 0) first = 0;
    FILE *out = fmemopen(run->at.sample[which], CHAR_SAMPLE_BYTES, "w");
    DT_REQUIRE(out, "out of memory for a sample");
    sample_print(out, run->net.model, run->net.params, dt_trial_backend(run->trial), v, &(dt_tokens){&first, 1, 0},
                 SAMPLE_COUNT, 1, dt_rng_stream(dt_trial_seed(run->trial), "sample", (uint64_t)which));
    fclose(out);
}

/* Whether so many steps are the share `k` of `parts` of all, for the first time. */
static bool reached(const dt_sequence_trainer *t, int64_t k, int64_t parts)
{
    const int64_t all = dt_sequence_trainer_steps(t);
    return dt_sequence_trainer_done(t) == (all * k + parts - 1) / parts;
}

static dt_status after_step(char_run *run, const dt_sequence_trainer *t, const char_net *net, dt_error *err)
{
    dt_status status = DT_OK;
    run->at.steps++;
    run->at.loss += t->step_loss;
    run->at.norm += t->gradient_norm;
    run->at.most = fmax(run->at.most, t->gradient_norm);
    bool due = false;
    for (int k = 1; k <= POINTS; k++) due |= reached(t, k, POINTS);
    if (due) status = point(run, t, net, err);
    if (net->samples && dt_trial_first(run->trial)) {
        static const int64_t shares[CHAR_SAMPLES] = {1, 10, 100};
        for (int i = 0; i < CHAR_SAMPLES; i++)
            if (reached(t, shares[i], 100)) sample(run, i);
    }
    return status;
}

static void show(const char_run *run, const dt_sequence_trainer *t, const char_net *net)
{
    const int64_t done = dt_sequence_trainer_done(t), all = dt_sequence_trainer_steps(t);
    const int64_t epoch = (done - 1) / t->text.steps + 1;
    dt_trial_progress(run->trial, ((double)run->at.net + (double)done / (double)all) / run->nets,
                      "%s, epoch %lld/%lld  loss %.3f nats  %.0f characters/s", net->series, (long long)epoch,
                      (long long)t->recipe.epochs, t->step_loss, run->speed);
}

static dt_status train(char_run *run, dt_sequence_trainer *t, const char_net *net, bool *stopped, dt_error *err)
{
    dt_status status = DT_OK;
    const double start = dt_seconds();
    const int64_t from = dt_sequence_trainer_done(t);
    while (status == DT_OK && !*stopped && !dt_sequence_trainer_finished(t)) {
        status = dt_sequence_trainer_step(t, err);
        if (status == DT_OK) status = after_step(run, t, net, err);
        const int64_t steps = dt_sequence_trainer_done(t) - from;
        run->speed = (double)(steps * t->text.batch * t->text.unroll) / (dt_seconds() - start);
        if (status == DT_OK) show(run, t, net);
        *stopped = dt_trial_stopped(run->trial);
        if (status == DT_OK) status = keep(run, t, false, err);
    }
    return status;
}

dt_status train_net(char_run *run, int number, const char_net *plan, bool *stopped, dt_error *err)
{
    if (*stopped || number < run->at.net) return DT_OK;
    char_net net = with_flags(run->trial, *plan);
    const uint64_t seed = dt_trial_seed(run->trial);
    const dt_backend *backend = dt_trial_backend(run->trial);
    dt_streams streams;
    dt_sequence_trainer t;
    dt_status status = dt_streams_cut(&run->text->train, net.batch, net.unroll, run->text->path, &streams, err);
    if (status != DT_OK) return status;
    train_end(run);
    net.shape.vocabulary = run->text->vocabulary.size;
    dt_sequence_net_init(&run->net, net.series, &recurrent_lm_sequence, &net.shape, seed);
    dt_sequence_trainer_init(&t, &run->net, backend, &streams, &net.recipe, seed);
    if (run->loads) status = keep(run, &t, true, err);
    run->loads = false;
    if (status == DT_OK) status = train(run, &t, &net, stopped, err);
    if (status == DT_OK && !*stopped) {
        const char_text *text = run->text;
        run->at.valid[number] = dt_sequence_loss(&run->net, backend, &text->valid, text->judges, net.unroll);
        if (text->test.count >= 2)
            run->at.test[number] = dt_sequence_loss(&run->net, backend, &text->test, text->judges, net.unroll);
        run->at.net++;
        dt_trial_say(run->trial, "%s: %lld parameters, validation loss %.4f nats, %.0f characters/s", net.series,
                     (long long)dt_params_count(run->net.params), run->at.valid[number], run->speed);
    }
    dt_sequence_trainer_free(&t);
    return status;
}
