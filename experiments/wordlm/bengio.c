/* Bengio, Ducharme, Vincent, Jauvin 2003, table 1: on the Brown corpus, the interpolated trigram, Kneser-Ney back-off
 * n-grams, the network without direct connections (MLP9: n = 5, 100 hidden units, 30 features), and the mean of its and
 * the trigram's probabilities (MLP10). */
#include <math.h>
#include <stdlib.h>

#include "experiments/wordlm/parts.h"
#include "models/kneser_ney.h"
#include "models/trigram.h"

typedef struct {
    dt_trial *trial;
    corpus text;
    double *valid, *test, *trigram_valid, *trigram_test; /* p */
} bengio;

static dt_status row(const bengio *b, const char *model, double published, double valid, double test, dt_error *err)
{
    return dt_trial_row(b->trial, err, "%s\t%g\t%llu\t%.6g\t%.6g", model, published,
                        (unsigned long long)dt_trial_seed(b->trial), valid, test);
}

/* The weights are adapted to the validation text, as in the paper. */
static dt_status interpolated_trigram(const bengio *b, double *test, dt_error *err)
{
    enum { STEPS = 5 };
    const corpus *c = &b->text;
    trigram m;
    trigram_init(&m, c->train.id, c->train.count, c->words.size, -1);
    for (int i = 0; i < STEPS; i++) trigram_adapt(&m, c->valid.id, c->valid.count);
    trigram_text(&m, c->valid.id, c->valid.count, b->trigram_valid);
    trigram_text(&m, c->test.id, c->test.count, b->trigram_test);
    trigram_free(&m);
    *test = perplexity(b->trigram_test, c->test.count);
    dt_status status = row(b, "interpolated trigram", 336, perplexity(b->trigram_valid, c->valid.count), *test, err);
    return status == DT_OK ? dt_trial_value(b->trial, "brown_trigram", *test, err) : status;
}

static dt_status kneser_ney_row(const bengio *b, const char *title, double published, int order,
                                kneser_ney_options options, double *test, dt_error *err)
{
    const corpus *c = &b->text;
    kneser_ney m;
    kneser_ney_init(&m, c->train.id, c->train.count, c->words.size, -1, order, options);
    kneser_ney_text(&m, c->valid.id, c->valid.count, b->valid);
    kneser_ney_text(&m, c->test.id, c->test.count, b->test);
    kneser_ney_free(&m);
    *test = perplexity(b->test, c->test.count);
    return row(b, title, published, perplexity(b->valid, c->valid.count), *test, err);
}

/* The paper's, by the toolkit that it names, back off and leave out longer n-grams that occur once; and one that does
 * neither, as on the Penn Treebank. *best: of the paper's. */
static dt_status kneser_ney_rows(const bengio *b, double *best, dt_error *err)
{
    static const struct {
        const char *id, *title;
        double published;
    } rows[] = {{"brown_kn3", "Kneser-Ney, n = 3", 323},
                {"brown_kn4", "Kneser-Ney, n = 4", 321},
                {"brown_kn5", "Kneser-Ney, n = 5", 321}};
    static const kneser_ney_options paper = {.modified = true, .back_off = true, .least = 2};
    dt_status status = DT_OK;
    double test;
    *best = INFINITY;
    for (int i = 0; i < 3 && status == DT_OK; i++) {
        status = kneser_ney_row(b, rows[i].title, rows[i].published, 3 + i, paper, &test, err);
        if (status == DT_OK) status = dt_trial_value(b->trial, rows[i].id, test, err);
        *best = fmin(*best, test);
    }
    if (status == DT_OK)
        status = kneser_ney_row(b, "interpolated, n = 5", (double)NAN, 5, (kneser_ney_options){.modified = true}, &test,
                                err);
    return status;
}

static void curve_point(const dt_buffer *curve, const char *series, int64_t epoch, double value)
{
    if (curve->file) fprintf(curve->file, "epochs\t%s\t%lld\t%.6g\n", series, (long long)epoch, value);
}

/* The curve goes into a file of its own, for the first seed. */
static dt_status train(window_training *w, const bengio *b, dt_error *err)
{
    dt_buffer curve = {0};
    if (dt_trial_first(b->trial)) {
        dt_buffer_open(&curve, "bengio_epochs.tsv");
        fprintf(curve.file, "panel\tseries\tx\tvalue\n");
    }
    dt_status status = DT_OK;
    while (w->epoch < w->recipe.epochs && status == DT_OK && !dt_trial_stopped(b->trial)) {
        status = window_epoch(w, err);
        window_p(w, &b->text.valid, b->valid);
        window_validated(w, perplexity(b->valid, b->text.valid.count));
        curve_point(&curve, "MLP9, training", w->epoch, exp(w->loss));
        curve_point(&curve, "MLP9, validation", w->epoch, perplexity(b->valid, b->text.valid.count));
        mix(b->valid, b->trigram_valid, b->text.valid.count);
        curve_point(&curve, "MLP10, validation", w->epoch, perplexity(b->valid, b->text.valid.count));
    }
    window_best(w);
    const dt_status written = curve.file ? dt_trial_buffer(b->trial, &curve, err) : DT_OK;
    return status == DT_OK ? written : status;
}

static dt_status network_rows(const bengio *b, double *mlp9, double *mlp10, dt_error *err)
{
    const corpus *c = &b->text;
    const int64_t small = dt_trial_preset(b->trial) == DT_SMOKE ? 10 : 0;
    const nplm shape = {.context = dt_trial_int(b->trial, "before", 4),
                        .features = dt_trial_int(b->trial, "features", small ? small : 30),
                        .hidden = dt_trial_int(b->trial, "hidden", small ? small : 100)};
    const window_recipe recipe = window_recipe_of(b->trial, (int64_t[DT_PRESETS]){1, 3, 20});
    window_training w;
    window_init(&w, b->trial, "MLP9", c, &shape, &recipe);
    dt_status status = train(&w, b, err);
    if (status == DT_OK && !dt_trial_stopped(b->trial)) {
        window_p(&w, &c->valid, b->valid);
        window_p(&w, &c->test, b->test);
        *mlp9 = perplexity(b->test, c->test.count);
        status = row(b, "MLP9", 276, perplexity(b->valid, c->valid.count), *mlp9, err);
        mix(b->valid, b->trigram_valid, c->valid.count);
        mix(b->test, b->trigram_test, c->test.count);
        *mlp10 = perplexity(b->test, c->test.count);
        if (status == DT_OK) status = row(b, "MLP10", 252, perplexity(b->valid, c->valid.count), *mlp10, err);
    }
    window_free(&w);
    return status;
}

/* The table's order, as ratios. */
static dt_status order(const bengio *b, double trigram_, double best_kneser_ney, double mlp9, double mlp10,
                       dt_error *err)
{
    const dt_trial_result results[] = {{"brown_mlp9", mlp9},
                                       {"brown_mlp10", mlp10},
                                       {"brown_mixture", 100 * (mlp9 / mlp10 - 1)},
                                       {"brown_network", 100 * (best_kneser_ney / mlp9 - 1)},
                                       {"brown_kneser_ney", 100 * (trigram_ / best_kneser_ney - 1)},
                                       {"brown_gap", 100 * (fmin(trigram_, best_kneser_ney) / mlp10 - 1)},
                                       {0}};
    return dt_trial_values(b->trial, results, err);
}

dt_status bengio_run(dt_trial *trial, dt_error *err)
{
    bengio b = {.trial = trial};
    double trigram_ = 0, best = 0, mlp9 = 0, mlp10 = 0;
    dt_status status = brown_read(trial, &b.text, err);
    if (status != DT_OK) return status;
    b.valid = probabilities(&b.text.valid);
    b.test = probabilities(&b.text.test);
    b.trigram_valid = probabilities(&b.text.valid);
    b.trigram_test = probabilities(&b.text.test);
    status = interpolated_trigram(&b, &trigram_, err);
    if (status == DT_OK) status = kneser_ney_rows(&b, &best, err);
    if (status == DT_OK) status = network_rows(&b, &mlp9, &mlp10, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = order(&b, trigram_, best, mlp9, mlp10, err);
    free(b.valid);
    free(b.test);
    free(b.trigram_valid);
    free(b.trigram_test);
    corpus_free(&b.text);
    return status;
}
