/* Models that only count: Kneser-Ney n-grams, and a cache beside them. Nothing is trained and nothing is random; only
 * the cache's size and weight are chosen, on validation data. */
#include <stdlib.h>
#include <string.h>

#include "experiments/wordlm/parts.h"
#include "models/kneser_ney.h"
#include "models/word_cache.h"

enum { ORDER = 5, SMOOTHINGS = 4 };

static const struct {
    const char *title;
    kneser_ney_options options;
} smoothings[SMOOTHINGS] = {
    {"modified", {.modified = true}},
    {"one discount", {.modified = false}},
    {"modified, backing off", {.modified = true, .back_off = true}},
    {"and without the rare", {.modified = true, .back_off = true, .least = 2}},
};

static void count_words(kneser_ney *m, const corpus *c, int order, kneser_ney_options options)
{
    kneser_ney_init(m, c->train.id, c->train.count, c->words.size, c->words.end, order, options);
}

/* Each smoothing and order, on the test text. */
static dt_status order_points(dt_trial *trial, const corpus *c, dt_error *err)
{
    double *p = probabilities(&c->test);
    dt_status status = DT_OK;
    for (int s = 0; s < SMOOTHINGS; s++)
        for (int order = 1; order <= ORDER && status == DT_OK && !dt_trial_stopped(trial); order++) {
            kneser_ney m;
            count_words(&m, c, order, smoothings[s].options);
            kneser_ney_text(&m, c->test.id, c->test.count, p);
            status =
                dt_trial_point(trial, "context", smoothings[s].title, order - 1, perplexity(p, c->test.count), err);
            kneser_ney_free(&m);
            dt_trial_progress(trial, (ORDER * s + order) / (double)(ORDER * SMOOTHINGS), "%s, n = %d",
                              smoothings[s].title, order);
        }
    free(p);
    return status;
}

typedef struct {
    int64_t size;
    double lambda, perplexity;
} cache;

/* The cache that helps most on the validation text, whose points are shown. */
static dt_status choose_cache(dt_trial *trial, const corpus *c, const kneser_ney *m, cache *best, dt_error *err)
{
    static const int64_t sizes[] = {25, 50, 100, 200, 400, 800, 1600, 3200};
    double *alone = probabilities(&c->valid), *p = probabilities(&c->valid);
    dt_status status = DT_OK;
    kneser_ney_text(m, c->valid.id, c->valid.count, alone);
    *best = (cache){0, 0, perplexity(alone, c->valid.count)};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && status == DT_OK; i++) {
        cache here = {sizes[i], 0, 1e300};
        for (int step = 1; step <= 15; step++) {
            const double lambda = 0.02 * step;
            memcpy(p, alone, (size_t)c->valid.count * sizeof *p);
            word_cache_mix(c->valid.id, c->valid.count, c->words.size, sizes[i], lambda, p);
            const double now = perplexity(p, c->valid.count);
            if (now < here.perplexity) here = (cache){sizes[i], lambda, now};
        }
        if (here.perplexity < best->perplexity) *best = here;
        status = dt_trial_point(trial, "cache", "with the best weight", (double)sizes[i], here.perplexity, err);
        if (status == DT_OK)
            status = dt_trial_point(trial, "weight", "best weight", (double)sizes[i], here.lambda, err);
    }
    free(alone);
    free(p);
    return status;
}

/* The two rows of the table, on the test text. */
static dt_status table_rows(dt_trial *trial, const corpus *c, const kneser_ney *m, const cache *chosen, dt_error *err)
{
    double *p = probabilities(&c->test);
    kneser_ney_text(m, c->test.id, c->test.count, p);
    dt_status status = dt_trial_value(trial, "kn5", perplexity(p, c->test.count), err);
    if (status == DT_OK) status = frequency_points(trial, "Kneser-Ney 5-gram", c, &c->test, p, err);
    if (chosen->size) word_cache_mix(c->test.id, c->test.count, c->words.size, chosen->size, chosen->lambda, p);
    if (status == DT_OK) status = dt_trial_value(trial, "kn5_cache", perplexity(p, c->test.count), err);
    if (status == DT_OK) status = frequency_points(trial, "and cache", c, &c->test, p, err);
    free(p);
    return status;
}

dt_status ngram_run(dt_trial *trial, dt_error *err)
{
    corpus c;
    kneser_ney m;
    cache chosen = {0};
    dt_status status = ptb_read(trial, &c, err);
    if (status != DT_OK) return status;
    count_words(&m, &c, ORDER, smoothings[0].options);
    status = choose_cache(trial, &c, &m, &chosen, err);
    if (status == DT_OK) status = ptb_open_test(trial, &c, err);
    if (status == DT_OK) status = table_rows(trial, &c, &m, &chosen, err);
    if (status == DT_OK) status = order_points(trial, &c, err);
    kneser_ney_free(&m);
    corpus_free(&c);
    return status;
}
