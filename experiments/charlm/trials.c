/* What is trained: the networks and recipes of each trial. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "experiments/charlm/parts.h"

/* char-rnn's rate: constant for ten epochs, then 3 % (Karpathy et al. 2016: 5 %) less in each. Rows for 50 epochs. */
enum { CONSTANT = 10, DECAYING = 41 };
typedef struct {
    dt_schedule_row row[1 + DECAYING];
} char_schedule;

static void decay(char_schedule *s, double factor)
{
    for (int i = 0; i < DECAYING; i++) s->row[i] = (dt_schedule_row){CONSTANT + i, pow(factor, i)};
    s->row[DECAYING] = (dt_schedule_row){0, pow(factor, DECAYING)};
}

/* char-rnn's defaults but for the number of epochs, and Karpathy's with another batch. */
static char_net char_rnn(const char *series, dt_cell cell, int layers, int64_t hidden, int64_t epochs,
                         const char_schedule *schedule)
{
    return (char_net){.series = series,
                      .shape = {.cell = cell, .layers = layers, .hidden = hidden, .bound = 0.08, .forget_bias = 1},
                      .recipe = {.epochs = epochs,
                                 .schedule = {.kind = DT_TABLE, .lr = 2e-3, .table = schedule->row},
                                 .optimizer = {.kind = DT_RMSPROP, .rho = 0.95, .epsilon = 1e-8},
                                 .clamp = 5},
                      .batch = 50,
                      .unroll = 50};
}

static dt_status write_samples(char_run *run, dt_error *err)
{
    static const char *const when[CHAR_SAMPLES] = {"1 %", "10 %", "all"};
    dt_buffer b;
    dt_buffer_open(&b, "samples.txt");
    for (int i = 0; i < CHAR_SAMPLES; i++)
        fprintf(b.file, "---- after %s of the training ----\n%s\n\n", when[i], run->at.sample[i]);
    return dt_trial_buffer(run->trial, &b, err);
}

/* One network, looked at when it is trained. */
static dt_status train_one(dt_trial *trial, const dt_text_set *set, const char *claim, const char_net *net,
                           dt_error *err)
{
    char_text text;
    char_run run;
    bool stopped = false;
    dt_status status = text_read(trial, set, 0.95, 0.05, set ? net->batch : 0, &text, err);
    if (status != DT_OK) return status;
    status = train_begin(&run, trial, &text, 1, err);
    if (status == DT_OK) status = train_net(&run, 0, net, &stopped, err);
    if (status == DT_OK && !stopped && claim) status = dt_trial_value(trial, claim, run.at.valid[0], err);
    if (status == DT_OK && !stopped && dt_trial_first(trial)) {
        const recurrent_lm *m = run.net.model;
        status = write_samples(&run, err);
        if (status == DT_OK && m->cell == DT_CELL_LSTM) status = look_at_gates(trial, m, run.net.params, &text, err);
        if (status == DT_OK && m->cell == DT_CELL_LSTM) status = look_at_cells(trial, m, run.net.params, &text, err);
        if (status == DT_OK) status = sample_save(trial, m, run.net.params, &text.vocabulary, err);
    }
    train_end(&run);
    text_free(&text);
    return status;
}

dt_status documented_run(dt_trial *trial, dt_error *err)
{
    static const int64_t hidden[DT_PRESETS] = {32, 128, 128}, epochs[DT_PRESETS] = {1, 12, 50};
    const dt_preset preset = dt_trial_preset(trial);
    char_schedule schedule;
    decay(&schedule, 0.97);
    char_net net = char_rnn("network", DT_CELL_LSTM, 2, hidden[preset], epochs[preset], &schedule);
    net.norms = net.samples = true;
    net = train_flags(trial, net);
    return train_one(trial, &tiny_shakespeare, "documented", &net, err);
}

dt_status own_text_run(dt_trial *trial, dt_error *err)
{
    static const int64_t hidden[DT_PRESETS] = {32, 128, 256}, epochs[DT_PRESETS] = {1, 10, 50};
    const dt_preset preset = dt_trial_preset(trial);
    char_schedule schedule;
    decay(&schedule, 0.97);
    char_net net = char_rnn("network", DT_CELL_LSTM, 2, hidden[preset], epochs[preset], &schedule);
    net.samples = true;
    net = train_flags(trial, net);
    return train_one(trial, NULL, NULL, &net, err);
}

/* ---- cells */

/* Parameters of a network of one layer. */
static int64_t parameters(dt_cell cell, int64_t vocabulary, int64_t hidden)
{
    return dt_cell_parts(cell) * hidden * (vocabulary + hidden) + dt_cell_biases(cell) * hidden +
           vocabulary * (hidden + 1);
}

/* Units of this cell, for as many parameters as `hidden` units of LSTM give, or nearly. */
static int64_t as_many(dt_cell cell, int64_t vocabulary, int64_t hidden)
{
    const int64_t wanted = parameters(DT_CELL_LSTM, vocabulary, hidden);
    int64_t units = 1;
    while (parameters(cell, vocabulary, units + 1) <= wanted) units++;
    const int64_t below = wanted - parameters(cell, vocabulary, units);
    return parameters(cell, vocabulary, units + 1) - wanted < below ? units + 1 : units;
}

dt_status cells_run(dt_trial *trial, dt_error *err)
{
    static const int64_t sizes[DT_PRESETS] = {16, 128, 128}, epochs[DT_PRESETS] = {1, 4, 50};
    enum { RNN, LSTM, GRU, DEEP };
    const dt_preset preset = dt_trial_preset(trial);
    const int64_t hidden = dt_trial_int(trial, "hidden", sizes[preset]);
    char_text text;
    char_run run;
    char_schedule schedule;
    bool stopped = false;
    dt_status status = text_read(trial, &tiny_shakespeare, 0.8, 0.1, 0, &text, err);
    if (status != DT_OK) return status;
    decay(&schedule, 0.95);
    const int64_t v = text.vocabulary.size;
    const char_net nets[CHAR_NETS] = {
        [RNN] = char_rnn("RNN", DT_CELL_TANH, 1, as_many(DT_CELL_TANH, v, hidden), epochs[preset], &schedule),
        [LSTM] = char_rnn("LSTM", DT_CELL_LSTM, 1, hidden, epochs[preset], &schedule),
        [GRU] = char_rnn("GRU", DT_CELL_GRU, 1, as_many(DT_CELL_GRU, v, hidden), epochs[preset], &schedule),
        [DEEP] = char_rnn("LSTM, two layers", DT_CELL_LSTM, 2, hidden, epochs[preset], &schedule),
    };
    status = train_begin(&run, trial, &text, CHAR_NETS, err);
    for (int i = 0; i < CHAR_NETS && status == DT_OK; i++) status = train_net(&run, i, &nets[i], &stopped, err);
    const double *test = run.at.test;
    if (status == DT_OK && !stopped)
        status = dt_trial_values(trial,
                                 (dt_trial_result[]){{"split", run.at.valid[DEEP]},
                                                     {"lstm_gain", test[RNN] - test[LSTM]},
                                                     {"gru_gain", test[RNN] - test[GRU]},
                                                     {"depth_gain", test[LSTM] - test[DEEP]},
                                                     {0}},
                                 err);
    train_end(&run);
    text_free(&text);
    return status;
}

/* ---- clipping */

dt_status clipping_run(dt_trial *trial, dt_error *err)
{
    static const int64_t sizes[DT_PRESETS] = {32, 100, 500}, epochs[DT_PRESETS] = {1, 3, 50},
                         most[DT_PRESETS] = {30000, 1000000, INT64_MAX};
    enum { WITHOUT, WITH, NETS };
    const dt_preset preset = dt_trial_preset(trial);
    char_text text;
    char_run run;
    bool stopped = false;
    dt_status status = text_read(trial, &penn_treebank, 0, 0, 0, &text, err);
    if (status != DT_OK) return status;
    if (text.train.count > most[preset]) text.train.count = most[preset];
    /* rates and bound: chosen on the validation text, as the lab page says; 30 is the best rate of either network */
    const char_net net = {.series = "without clipping",
                          .shape = {.cell = DT_CELL_SIGMOID,
                                    .layers = 1,
                                    .hidden = dt_trial_int(trial, "hidden", sizes[preset]),
                                    .bound = 0.1},
                          .recipe = {.epochs = epochs[preset], .schedule = {.kind = DT_LINEAR, .lr = 30}},
                          .batch = 10,
                          .unroll = 50,
                          .norms = true};
    char_net bounded = net;
    bounded.series = "with clipping";
    bounded.recipe.clip = 1;
    status = train_begin(&run, trial, &text, NETS, err);
    if (status == DT_OK) status = train_net(&run, WITHOUT, &net, &stopped, err);
    if (status == DT_OK) status = train_net(&run, WITH, &bounded, &stopped, err);
    const double without = run.at.test[WITHOUT] / log(2), with = run.at.test[WITH] / log(2);
    if (status == DT_OK && !stopped)
        status = dt_trial_values(
            trial,
            (dt_trial_result[]){{"clip_without", without}, {"clip_with", with}, {"clip_gain", without - with}, {0}},
            err);
    train_end(&run);
    text_free(&text);
    return status;
}
