/* Which networks are trained on which text, and what is claimed of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/seq2seq/parts.h"

/* ---- recipes */

/* What flags change of any network. */
static net_plan with_flags(const dt_trial *trial, net_plan plan)
{
    const dt_flags *flags = dt_trial_flags(trial);
    if (dt_flag_given(flags, "cell"))
        plan.shape.cell = strcmp(dt_flag_text(flags, "cell"), "lstm") == 0 ? DT_CELL_LSTM : DT_CELL_GRU;
    plan.shape.hidden = dt_trial_int(trial, "hidden", plan.shape.hidden);
    plan.shape.embedding = dt_trial_int(trial, "embedding", plan.shape.embedding);
    plan.epochs = dt_trial_int(trial, "epochs", plan.epochs);
    plan.batch = dt_trial_int(trial, "batch", plan.batch);
    plan.most = dt_flag_int(flags, "most");
    plan.schedule.lr = dt_trial_real(trial, "lr", plan.schedule.lr);
    plan.clip = dt_trial_real(trial, "clip", plan.clip);
    if (dt_flag_given(flags, "dropout")) plan.dropout = dt_flag_real(flags, "dropout");
    if (dt_flag_given(flags, "smooth")) plan.smooth = dt_flag_real(flags, "smooth");
    if (dt_flag_given(flags, "sampling")) plan.sampling = dt_flag_real(flags, "sampling");
    return plan;
}

/* --attention and --layers, of the networks that attend. */
static net_plan with_attention(const dt_trial *trial, net_plan plan)
{
    static const char *const names[] = {"none", "additive", "dot", "general"};
    const char *name = dt_flag_text(dt_trial_flags(trial), "attention");
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) plan.shape.attention = (seq2seq_attention)i;
    plan.shape.layers = (int)dt_trial_int(trial, "layers", plan.shape.layers);
    return plan;
}

static dt_status check_plan(const net_plan *plan, dt_error *err)
{
    if (plan->shape.attention != SEQ2SEQ_ADDITIVE || plan->shape.layers == 1) return DT_OK;
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "choose --attention none, dot or general",
                        "--layers %d: a network with additive attention has one layer", plan->shape.layers);
}

/* Without attention, with as many hidden units as give no more parameters than the network with it has. */
static net_plan without_attention(net_plan plan, const char *series, bool reverse, const bitext *text)
{
    seq2seq shape = plan.shape;
    shape.source = text->words[SOURCE].size, shape.target = text->words[TARGET].size;
    const int64_t wanted = seq2seq_parameters(&shape);
    shape.attention = SEQ2SEQ_NONE;
    while (seq2seq_parameters(&shape) <= wanted) shape.hidden++;
    shape.hidden--;
    plan.shape = shape;
    plan.series = series;
    plan.reverse = reverse;
    return plan;
}

static double alpha_of(const dt_trial *trial)
{
    return dt_flag_real(dt_trial_flags(trial), "alpha");
}

/* ---- tasks that are made up */

static net_plan task_plan(const dt_trial *trial)
{
    static const int64_t hidden[DT_PRESETS] = {8, 64, 128}, epochs[DT_PRESETS] = {1, 4, 20};
    const dt_preset preset = dt_trial_preset(trial);
    net_plan plan = {.series = "attention",
                     .shape = {.embedding = hidden[preset],
                               .hidden = hidden[preset],
                               .layers = 1,
                               .cell = DT_CELL_GRU,
                               .attention = SEQ2SEQ_ADDITIVE,
                               .bound = 0.5},
                     .epochs = epochs[preset],
                     .batch = 32,
                     .schedule = {.kind = DT_LINEAR, .lr = 4e-3},
                     .optimizer = {DT_USUAL_ADAM},
                     .clip = 1};
    return with_attention(trial, with_flags(trial, plan));
}

/* Accuracy against length; those of what training had last, 16 to 20 letters of copy and reverse, are kept. */
static dt_status task_exam(seq2seq_run *run, const task *t, int number, dt_error *err)
{
    translations found = exam_translate(run, TEST, 1, 1);
    dt_status status = DT_OK;
    double sum = 0;
    for (int words = 1; words <= 64 && status == DT_OK; words++) {
        const double right = exam_accuracy(run, TEST, &found, words);
        if (isnan(right)) continue;
        status = dt_trial_point(run->trial, t->title, run->plan.series, words, right, err);
        if (words > 15 && words <= 20) sum += right / 5;
    }
    run->at.result[number][0] = sum;
    run->at.result[number][1] = exam_accuracy(run, TEST, &found, 0);
    if (status == DT_OK)
        dt_trial_say(run->trial, "%s, %s: %.1f %% right", t->title, run->plan.series, run->at.result[number][1]);
    exam_free(&found);
    return status;
}

static dt_status task_nets(seq2seq_run *run, const task *t, int first, bool *stopped, dt_error *err)
{
    static const int64_t lines[DT_PRESETS] = {400, 16000, 50000}, exam[DT_PRESETS] = {2, 40, 100};
    const dt_preset preset = dt_trial_preset(run->trial);
    bitext text;
    dt_status status = task_make(t, lines[preset], exam[preset], dt_trial_seed(run->trial), &text, err);
    if (status != DT_OK) return status;
    const net_plan with = task_plan(run->trial);
    const net_plan plans[2] = {with, without_attention(with, "no attention", false, &text)};
    for (int i = 0; i < 2 && status == DT_OK && !*stopped; i++) {
        bool trained;
        status = train_net(run, first + i, &plans[i], &text, false, &trained, stopped, err);
        if (status == DT_OK && trained) status = task_exam(run, t, first + i, err);
        if (status == DT_OK && trained) train_done(run);
    }
    bitext_free(&text);
    return status;
}

dt_status synthetic_run(dt_trial *trial, dt_error *err)
{
    seq2seq_run run = {.trial = trial};
    bool stopped = false;
    const net_plan with = task_plan(trial);
    dt_status status = check_plan(&with, err);
    if (status == DT_OK) status = train_begin(&run, trial, 2 * TASKS, err);
    for (int i = 0; i < TASKS && status == DT_OK && !stopped; i++)
        if (run.at.net < 2 * i + 2) status = task_nets(&run, &tasks[i], 2 * i, &stopped, err);
    double gain = 0;
    for (int i = 0; i < 2; i++) gain += (run.at.result[2 * i][0] - run.at.result[2 * i + 1][0]) / 2;
    if (status == DT_OK && !stopped) status = dt_trial_value(trial, "long_gain", gain, err);
    train_end(&run);
    return status;
}

/* ---- Multi30k */

static net_plan multi30k_plan(const dt_trial *trial)
{
    static const int64_t hidden[DT_PRESETS] = {16, 128, 512}, embedding[DT_PRESETS] = {16, 128, 256};
    static const int64_t epochs[DT_PRESETS] = {1, 5, 10}, batch[DT_PRESETS] = {32, 64, 128};
    static const double lr[DT_PRESETS] = {2e-3, 4e-3, 1e-3}, dropout[DT_PRESETS] = {0, 0.2, 0.5};
    const dt_preset preset = dt_trial_preset(trial);
    net_plan plan = {.series = "attention",
                     .shape = {.embedding = embedding[preset],
                               .hidden = hidden[preset],
                               .layers = 1,
                               .cell = DT_CELL_GRU,
                               .attention = SEQ2SEQ_ADDITIVE,
                               .bound = 0.5},
                     .epochs = epochs[preset],
                     .batch = batch[preset],
                     .schedule = {.kind = preset == DT_PAPER ? DT_CONSTANT : DT_LINEAR, .lr = lr[preset]},
                     .optimizer = {DT_USUAL_ADAM},
                     .clip = 1,
                     .dropout = dropout[preset],
                     .sampling = preset == DT_PAPER ? 0.5 : 0};
    return with_attention(trial, with_flags(trial, plan));
}

static bitext_options multi30k_options(const dt_trial *trial)
{
    static const int64_t least[DT_PRESETS] = {2, 4, 2};
    const dt_preset preset = dt_trial_preset(trial);
    const dt_flags *flags = dt_trial_flags(trial);
    return (bitext_options){.least = dt_trial_int(trial, "least", least[preset]),
                            .merges = dt_flag_int(flags, "merges"),
                            .lines = preset == DT_SMOKE ? 600 : 0};
}

/* What is kept of a network: BLEU of all, of short and of long sentences, and the perplexity. */
enum { BLEU, BLEU_SHORT, BLEU_LONG, PERPLEXITY };
enum { SHORT = 9, LONG = 14 }; /* words of a source: the shorter and longer quarter of the test set, nearly */

/* BLEU against the source's length, in ranges of three words. */
static dt_status length_points(const seq2seq_run *run, const translations *t, dt_error *err)
{
    enum { FIRST = 6, RANGE = 3, LAST = 18, LEAST = 20 };
    dt_status status = DT_OK;
    for (int64_t from = FIRST; from <= LAST && status == DT_OK; from += RANGE) {
        int64_t pairs;
        const int64_t to = from == LAST ? INT64_MAX : from + RANGE - 1;
        const double bleu = exam_bleu(run, TEST, t, from == FIRST ? 0 : from, to, &pairs);
        if (pairs >= LEAST)
            status = dt_trial_point(run->trial, "BLEU", run->plan.series, (double)(from + 1), bleu, err);
    }
    return status;
}

static dt_status multi30k_exam(seq2seq_run *run, int number, dt_error *err)
{
    const dt_trial *trial = run->trial;
    const int64_t width = dt_trial_int(trial, "beam", 12);
    double *result = run->at.result[number];
    int64_t pairs;
    translations found = exam_translate(run, TEST, width, alpha_of(trial));
    result[BLEU] = exam_bleu(run, TEST, &found, 0, INT64_MAX, &pairs);
    result[BLEU_SHORT] = exam_bleu(run, TEST, &found, 0, SHORT, &pairs);
    result[BLEU_LONG] = exam_bleu(run, TEST, &found, LONG, INT64_MAX, &pairs);
    result[PERPLEXITY] = exp(train_loss(run, TEST, false));
    exam_say(run, TEST, &found, run->plan.series);
    dt_status status = length_points(run, &found, err);
    if (status == DT_OK && number == 0 && dt_trial_first(trial) && run->model.attention != SEQ2SEQ_NONE)
        status = look_at_attention(run, TEST, &found, err);
    exam_free(&found);
    return status;
}

/* The documented BLEU is that of a search without a beam, the perplexity that after the network's own words, which only
 * the documented recipe has shown to it in training. */
static dt_status documented_values(const seq2seq_run *run, dt_error *err)
{
    int64_t pairs;
    translations found = exam_translate(run, TEST, 1, 1);
    const double bleu = exam_bleu(run, TEST, &found, 0, INT64_MAX, &pairs);
    exam_free(&found);
    const dt_status status = dt_trial_value(run->trial, "documented", bleu, err);
    if (status != DT_OK || dt_trial_preset(run->trial) != DT_PAPER) return status;
    return dt_trial_value(run->trial, "perplexity", exp(train_loss(run, TEST, true)), err);
}

static dt_status multi30k_values(const seq2seq_run *run, bool from_english, dt_error *err)
{
    const double(*r)[RESULTS] = run->at.result;
    const double gain = r[0][BLEU] - r[1][BLEU];
    if (from_english) return dt_trial_value(run->trial, "attention_gain_de", gain, err);
    return dt_trial_values(run->trial,
                           (dt_trial_result[]){{"attention_gain", gain},
                                               {"reverse_gain", r[2][BLEU] - r[1][BLEU]},
                                               {"length_gain", (r[0][BLEU_LONG] - r[1][BLEU_LONG]) -
                                                                   (r[0][BLEU_SHORT] - r[1][BLEU_SHORT])},
                                               {"perplexity_gain", r[1][PERPLEXITY] - r[0][PERPLEXITY]},
                                               {0}},
                           err);
}

static dt_status multi30k_net(seq2seq_run *run, int number, const net_plan *plan, bitext *text, bool from_english,
                              bool *stopped, dt_error *err)
{
    const bitext_options options = multi30k_options(run->trial);
    bool trained;
    dt_status status = train_net(run, number, plan, text, true, &trained, stopped, err);
    if (status != DT_OK || !trained) return status;
    if (!text->reference[TEST]) status = bitext_open_test(run->trial, from_english, &options, text, err);
    if (status == DT_OK) status = multi30k_exam(run, number, err);
    if (status == DT_OK && number == 0 && !from_english) {
        status = documented_values(run, err);
        if (status == DT_OK && dt_trial_first(run->trial)) status = network_save(run, err);
    }
    if (status == DT_OK) train_done(run);
    return status;
}

static dt_status translate_multi30k(dt_trial *trial, bool from_english, dt_error *err)
{
    const bitext_options options = multi30k_options(trial);
    seq2seq_run run;
    bitext text;
    bool stopped = false;
    const net_plan with = multi30k_plan(trial);
    dt_status status = check_plan(&with, err);
    if (status == DT_OK) status = bitext_read_multi30k(trial, from_english, &options, &text, err);
    if (status != DT_OK) return status;
    const net_plan plans[3] = {with, without_attention(with, "no attention", false, &text),
                               without_attention(with, "no attention, reversed source", true, &text)};
    const int nets = from_english ? 2 : 3;
    status = train_begin(&run, trial, nets, err);
    for (int i = 0; i < nets && status == DT_OK && !stopped; i++)
        status = multi30k_net(&run, i, &plans[i], &text, from_english, &stopped, err);
    if (status == DT_OK && !stopped) status = multi30k_values(&run, from_english, err);
    train_end(&run);
    bitext_free(&text);
    return status;
}

dt_status multi30k_run(dt_trial *trial, dt_error *err)
{
    return translate_multi30k(trial, false, err);
}

dt_status into_german_run(dt_trial *trial, dt_error *err)
{
    return translate_multi30k(trial, true, err);
}

/* ---- the user's own texts */

dt_status own_text_run(dt_trial *trial, dt_error *err)
{
    const dt_flags *flags = dt_trial_flags(trial);
    const bitext_options options = {.least = dt_trial_int(trial, "least", 2), .merges = dt_flag_int(flags, "merges")};
    seq2seq_run run;
    bitext text;
    bool stopped = false, trained = false;
    net_plan plan = multi30k_plan(trial);
    dt_status status = check_plan(&plan, err);
    if (status == DT_OK) status = bitext_read_own(trial, &options, &text, err);
    if (status != DT_OK) return status;
    plan.reverse = dt_flag_on(flags, "reverse");
    plan.series = "network";
    status = train_begin(&run, trial, 1, err);
    if (status == DT_OK) status = train_net(&run, 0, &plan, &text, true, &trained, &stopped, err);
    if (status == DT_OK && trained) {
        translations found = exam_translate(&run, VALID, dt_trial_int(trial, "beam", 12), alpha_of(trial));
        exam_say(&run, VALID, &found, "held back");
        if (dt_trial_first(trial)) status = network_save(&run, err);
        if (status == DT_OK && dt_trial_first(trial) && run.model.attention != SEQ2SEQ_NONE)
            status = look_at_attention(&run, VALID, &found, err);
        exam_free(&found);
    }
    train_end(&run);
    bitext_free(&text);
    return status;
}
