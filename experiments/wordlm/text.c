/* What the trials read. */
#include "data/brown.h"
#include "experiments/wordlm/parts.h"

const dt_text_set ptb_files = {.name = "ptb",
                               .files = (const char *const[]){"ptb.train.txt", "ptb.valid.txt", "ptb.test.txt", NULL},
                               .sha256 = "aab72412d6f8e35b3b2158c3c77e1e100ed12c30c02f266c399496b5329a8b48"};
const dt_text_set brown_files = {.name = "brown",
                                 .files = (const char *const[]){"brown.txt", NULL},
                                 .sha256 = "6d148792b973fb432a0c5c36317c2296d62867bda4a3c1bfc6313f553f062dda"};

/* In `smoke` a little of it will do. */
static ids part(const dt_trial *trial, const dt_tokens *t, int64_t first, int64_t end, int64_t smoke)
{
    if (dt_trial_preset(trial) == DT_SMOKE && end - first > smoke) end = first + smoke;
    return (ids){t->id + first, end - first};
}

enum { SMOKE_TRAIN = 20000, SMOKE_EXAM = 2000 };

static dt_status read_tokens(const dt_trial *trial, const char *file, const dt_vocabulary *words, dt_tokens *out,
                             dt_error *err)
{
    char path[512];
    dt_corpus text;
    dt_status status = dt_corpus_read(dt_trial_text_path(trial, file, path, sizeof path), &text, err);
    if (status == DT_OK) status = dt_tokens_read(words, &text, out, err);
    dt_corpus_free(&text);
    return status;
}

dt_status ptb_read(const dt_trial *trial, corpus *c, dt_error *err)
{
    char path[512];
    dt_corpus text;
    *c = (corpus){0};
    dt_status status = dt_corpus_read(dt_trial_text_path(trial, ptb_files.files[0], path, sizeof path), &text, err);
    if (status == DT_OK) status = dt_vocabulary_words(&text, &(dt_word_options){.line_ends = true}, &c->words, err);
    if (status == DT_OK) status = dt_tokens_read(&c->words, &text, &c->owned[0], err);
    dt_corpus_free(&text);
    if (status == DT_OK) status = read_tokens(trial, ptb_files.files[1], &c->words, &c->owned[1], err);
    if (status != DT_OK) {
        corpus_free(c);
        return status;
    }
    c->train = part(trial, &c->owned[0], 0, c->owned[0].count, SMOKE_TRAIN);
    c->valid = part(trial, &c->owned[1], 0, c->owned[1].count, SMOKE_EXAM);
    return DT_OK;
}

/* For choosing, --validate puts the validation text in the place of the test text. */
static bool choosing(const dt_trial *trial)
{
    return dt_flag_on(dt_trial_flags(trial), "validate");
}

dt_status ptb_open_test(const dt_trial *trial, corpus *c, dt_error *err)
{
    c->test = c->valid;
    if (choosing(trial)) return DT_OK;
    dt_status status = read_tokens(trial, ptb_files.files[2], &c->words, &c->owned[2], err);
    if (status == DT_OK) c->test = part(trial, &c->owned[2], 0, c->owned[2].count, SMOKE_EXAM);
    return status;
}

dt_status brown_read(const dt_trial *trial, corpus *c, dt_error *err)
{
    char path[512];
    dt_corpus text;
    *c = (corpus){0};
    dt_status status =
        dt_corpus_read_brown(dt_trial_text_path(trial, brown_files.files[0], path, sizeof path), &text, err);
    if (status == DT_OK)
        status = dt_vocabulary_words(&text, &(dt_word_options){.least = 4, .line_ends = true}, &c->words, err);
    if (status == DT_OK) status = dt_tokens_read(&c->words, &text, &c->owned[0], err);
    dt_corpus_free(&text);
    if (status != DT_OK) {
        corpus_free(c);
        return status;
    }
    /* Other texts are cut in the same proportions. */
    const int64_t all = c->owned[0].count, train = all > 1000000 ? 800000 : all * 2 / 3;
    const int64_t valid = all > 1000000 ? 1000000 : all * 5 / 6;
    c->train = part(trial, &c->owned[0], 0, train, SMOKE_TRAIN);
    c->valid = part(trial, &c->owned[0], train, valid, SMOKE_EXAM);
    c->test = choosing(trial) ? c->valid : part(trial, &c->owned[0], valid, all, SMOKE_EXAM);
    return DT_OK;
}

void corpus_free(corpus *c)
{
    dt_vocabulary_free(&c->words);
    for (int i = 0; i < 3; i++) dt_tokens_free(&c->owned[i]);
    *c = (corpus){0};
}
