/* Which recurrent networks are trained, and how. */
#include "experiments/wordlm/recurrent.h"
#include "models/recurrent_lm.h"
#include "models/scrn.h"

DT_SEQUENCE_MODEL(recurrent_lm);
DT_SEQUENCE_MODEL(scrn);

/* ---- Mikolov, Joulin, Chopra, Mathieu, Ranzato 2014: 100 units, 32 streams. The code that they published adds up the
 * losses of all words of an update, so that its rate is one a word, and begins with weights of standard deviation 0.05:
 * here uniform in +-0.05 sqrt(3). `lab` has not the time for a hundred epochs and takes Adam, at the rate `adam`. */
enum { STREAMS = 32 };
static const double BOUND = 0.0866;

static recurrent_row mikolov(const dt_trial *trial, const char *claim, const char *title, int64_t unroll, double adam)
{
    static const int64_t epochs[DT_PRESETS] = {2, 5, 100};
    const dt_preset preset = dt_trial_preset(trial);
    recurrent_row row = {
        .claim = claim,
        .title = title,
        .batch = STREAMS,
        .unroll = unroll,
        .recipe = {.epochs = epochs[preset], .schedule = {.kind = DT_CONSTANT, .lr = 0.05}, .clip = 5}};
    if (preset == DT_PAPER) {
        row.recipe.shrink = 1.2;
    } else {
        row.recipe.optimizer = (dt_optimizer_recipe){DT_USUAL_ADAM};
        row.recipe.schedule = (dt_schedule){.kind = DT_LINEAR, .lr = adam};
    }
    return row;
}

static int64_t units(const dt_trial *trial, int64_t preset)
{
    return dt_trial_int(trial, "hidden", dt_trial_preset(trial) == DT_SMOKE ? 10 : preset);
}

static dt_status constrained_run(dt_trial *trial, const char *claim, const char *title, int64_t unroll, int64_t context,
                                 dt_error *err)
{
    scrn shape = {.hidden = units(trial, 100), .context = context, .alpha = 0.95, .bound = BOUND};
    recurrent_row row = mikolov(trial, claim, title, unroll, 0.01);
    row.kind = &scrn_sequence, row.shape = &shape, row.vocabulary = &shape.vocabulary;
    return recurrent_row_run(trial, &row, err);
}

dt_status srn_run(dt_trial *trial, dt_error *err)
{
    return constrained_run(trial, "srn100", "simple recurrent net", 10, 0, err);
}

dt_status scrn_run(dt_trial *trial, dt_error *err)
{
    return constrained_run(trial, "scrn100", "SCRN", 30, 40, err);
}

dt_status lstm_run(dt_trial *trial, dt_error *err)
{
    recurrent_lm shape = {.hidden = units(trial, 100), .layers = 1, .cell = DT_CELL_LSTM, .bound = BOUND};
    recurrent_row row = mikolov(trial, "lstm100", "LSTM, 100 units", 20, 0.005);
    row.kind = &recurrent_lm_sequence, row.shape = &shape, row.vocabulary = &shape.vocabulary;
    return recurrent_row_run(trial, &row, err);
}

/* ---- Zaremba, Sutskever, Vinyals 2014, section 4.1: two layers, 20 streams. They add up the losses over the steps and
 * take the mean over the streams, so that their rate of 1 is 1/20 for a word. */
static dt_status two_layers(dt_trial *trial, const char *claim, const char *title, recurrent_lm shape,
                            recurrent_row row, dt_error *err)
{
    shape.layers = 2, shape.cell = DT_CELL_LSTM, shape.embedding = shape.hidden;
    row.claim = claim, row.title = title, row.batch = 20;
    row.kind = &recurrent_lm_sequence, row.shape = &shape, row.vocabulary = &shape.vocabulary;
    row.recipe.schedule.kind = DT_HOLD, row.recipe.schedule.lr = 1.0 / 20, row.recipe.clip = 5;
    return recurrent_row_run(trial, &row, err);
}

dt_status zaremba_run(dt_trial *trial, dt_error *err)
{
    static const int64_t epochs[DT_PRESETS] = {2, 4, 13};
    const dt_preset preset = dt_trial_preset(trial);
    const recurrent_lm shape = {.hidden = units(trial, 200), .bound = 0.1};
    recurrent_row row = {.unroll = 20, .recipe = {.epochs = epochs[preset], .schedule = {.factor = 0.5, .every = 4}}};
    if (preset != DT_PAPER) /* ends sooner */
        row.recipe.schedule.factor = 0.35, row.recipe.schedule.every = 3;
    return two_layers(trial, "zaremba_small", "LSTM, 2 x 200 units", shape, row, err);
}

dt_status zaremba_medium_run(dt_trial *trial, dt_error *err)
{
    const recurrent_lm shape = {.hidden = units(trial, 650), .bound = 0.05};
    const recurrent_row row = {.unroll = 35,
                               .recipe = {.epochs = 39, .schedule = {.factor = 1 / 1.2, .every = 6}, .dropout = 0.5}};
    return two_layers(trial, "zaremba_medium", "LSTM with dropout, 2 x 650 units", shape, row, err);
}
