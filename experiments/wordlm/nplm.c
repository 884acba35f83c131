/* The feed-forward network on the Penn Treebank, beside the 5-gram, and what its word vectors have learned. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/wordlm/parts.h"
#include "models/kneser_ney.h"

/* ---- nearest neighbours in C */

enum { NEAREST = 6 };

/* The word's vector, of length one, into v [m]. */
static void unit_vector(const window_training *w, int32_t word, double *v)
{
    const int64_t m = w->net.features;
    const real *row = w->params->values + w->net.c.weight->offset + word * m;
    double squares = 0;
    for (int64_t d = 0; d < m; d++) {
        v[d] = (double)row[d];
        squares += v[d] * v[d];
    }
    for (int64_t d = 0; d < m; d++) v[d] /= sqrt(squares);
}

/* Those whose vectors have the greatest cosines with the word's, the nearest first, among the words that occur at least
 * 20 times. */
static void nearest(const window_training *w, int32_t word, int32_t best[NEAREST], double cosine[NEAREST])
{
    const dt_vocabulary *words = &w->text->words;
    double *own = malloc(2 * (size_t)w->net.features * sizeof *own), *other = own + w->net.features;
    DT_REQUIRE(own, "out of memory");
    unit_vector(w, word, own);
    for (int i = 0; i < NEAREST; i++) cosine[i] = -2, best[i] = -1;
    for (int32_t v = 0; v < words->size; v++) {
        if (v == word || words->count[v] < 20) continue;
        unit_vector(w, v, other);
        double c = 0;
        for (int64_t d = 0; d < w->net.features; d++) c += own[d] * other[d];
        for (int i = 0; i < NEAREST; i++)
            if (c > cosine[i]) {
                memmove(cosine + i + 1, cosine + i, (size_t)(NEAREST - 1 - i) * sizeof *cosine);
                memmove(best + i + 1, best + i, (size_t)(NEAREST - 1 - i) * sizeof *best);
                cosine[i] = c, best[i] = v;
                break;
            }
    }
    free(own);
}

static dt_status show_neighbours(const window_training *w, dt_error *err)
{
    static const char *const shown[] = {"monday", "january", "japan", "bank",      "shares", "million", "rose", "is",
                                        "would",  "he",      "mr.",   "president", "oil",    "good",    "N",    "in"};
    const dt_vocabulary *words = &w->text->words;
    dt_buffer b;
    dt_buffer_open(&b, "neighbours.tsv");
    fprintf(b.file, "word\tnearest\t2nd\t3rd\t4th\t5th\t6th\n");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const int32_t id = dt_vocabulary_id(words, shown[i], (int64_t)strlen(shown[i]));
        int32_t best[NEAREST];
        double cosine[NEAREST];
        if (id < 0 || id == words->unknown) continue;
        nearest(w, id, best, cosine);
        fprintf(b.file, "%s", shown[i]);
        for (int k = 0; k < NEAREST; k++) {
            int64_t length = 0;
            const char *word = best[k] < 0 ? "" : (const char *)dt_vocabulary_unit(words, best[k], &length);
            fprintf(b.file, "\t%.*s", (int)length, word);
        }
        fprintf(b.file, "\n");
    }
    return dt_trial_buffer(w->trial, &b, err);
}

/* ---- the row of the table */

static nplm shape_of(const dt_trial *trial)
{
    const int64_t units = dt_trial_preset(trial) == DT_SMOKE ? 10 : 100;
    return (nplm){.context = dt_trial_int(trial, "before", 4),
                  .features = dt_trial_int(trial, "features", units),
                  .hidden = dt_trial_int(trial, "hidden", units)};
}

static dt_status epoch_points(const window_training *w, double valid, double kneser_ney_valid, dt_error *err)
{
    const double x = (double)w->epoch;
    dt_status status = dt_trial_point(w->trial, "epochs", "training", x, exp(w->loss), err);
    if (status == DT_OK) status = dt_trial_point(w->trial, "epochs", "validation", x, valid, err);
    return status == DT_OK ? dt_trial_point(w->trial, "epochs", "5-gram, validation", x, kneser_ney_valid, err)
                           : status;
}

static dt_status train(window_training *w, double *p, double kneser_ney_valid, dt_error *err)
{
    const ids *valid = &w->text->valid;
    dt_status status = DT_OK;
    while (w->epoch < w->recipe.epochs && status == DT_OK && !dt_trial_stopped(w->trial)) {
        status = window_epoch(w, err);
        window_p(w, valid, p);
        window_validated(w, perplexity(p, valid->count));
        if (status == DT_OK) status = epoch_points(w, perplexity(p, valid->count), kneser_ney_valid, err);
    }
    window_best(w);
    return status;
}

/* The network, the 5-gram, and half of each. */
static dt_status exam(window_training *w, const kneser_ney *m, dt_error *err)
{
    const ids *test = &w->text->test;
    double *p = probabilities(test), *q = probabilities(test);
    window_p(w, test, p);
    kneser_ney_text(m, test->id, test->count, q);
    dt_status status = dt_trial_value(w->trial, "nplm", perplexity(p, test->count), err);
    if (status == DT_OK) status = frequency_points(w->trial, "network", w->text, test, p, err);
    if (status == DT_OK) status = frequency_points(w->trial, "Kneser-Ney 5-gram", w->text, test, q, err);
    mix(p, q, test->count);
    if (status == DT_OK) status = frequency_points(w->trial, "half of each", w->text, test, p, err);
    free(p);
    free(q);
    return status;
}

dt_status nplm_run(dt_trial *trial, dt_error *err)
{
    corpus c;
    dt_status status = ptb_read(trial, &c, err);
    if (status != DT_OK) return status;
    const nplm shape = shape_of(trial);
    const window_recipe recipe = window_recipe_of(trial, (int64_t[DT_PRESETS]){2, 4, 20});
    double *p = probabilities(&c.valid);
    kneser_ney m;
    kneser_ney_init(&m, c.train.id, c.train.count, c.words.size, c.words.end, 5,
                    (kneser_ney_options){.modified = true});
    kneser_ney_text(&m, c.valid.id, c.valid.count, p);
    const double kneser_ney_valid = perplexity(p, c.valid.count);
    window_training w;
    window_init(&w, trial, "network", &c, &shape, &recipe);
    status = train(&w, p, kneser_ney_valid, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) {
        status = ptb_open_test(trial, &c, err);
        if (status == DT_OK) status = exam(&w, &m, err);
        if (status == DT_OK && dt_trial_first(trial)) status = show_neighbours(&w, err);
    }
    window_free(&w);
    kneser_ney_free(&m);
    free(p);
    corpus_free(&c);
    return status;
}
