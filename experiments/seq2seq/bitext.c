/* Texts in two languages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/sha256.h"
#include "experiments/seq2seq/parts.h"

const dt_text_set multi30k = {
    "multi30k",
    (const char *const[]){"train.lc.norm.tok.de", "train.lc.norm.tok.en", "val.lc.norm.tok.de", "val.lc.norm.tok.en",
                          "test_2016_flickr.lc.norm.tok.de", "test_2016_flickr.lc.norm.tok.en", NULL},
    "8275095a3bb3ab8ac0be7a832e382de9c01d0744c8c333274cc110789826a017"};

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for a text");
    return memory;
}

/* Leaves the first `lines` lines. */
static void shorten(dt_corpus *text, int64_t lines)
{
    int64_t at = 0;
    for (; lines > 0 && at < text->count; at++) lines -= text->bytes[at] == '\n';
    if (lines == 0 && at > 0) text->count = at;
}

static char **lines_of(const dt_corpus *text, int64_t count)
{
    char **line = need(calloc((size_t)count + 1, sizeof *line));
    const uint8_t *s = text->bytes, *end = text->bytes + text->count;
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *after = memchr(s, '\n', (size_t)(end - s));
        if (!after) after = end;
        line[i] = need(strndup((const char *)s, (size_t)(after - s)));
        s = after + (after < end);
    }
    return line;
}

/* A text with its words cut to pieces, if they are to be. */
static dt_status cut(const bitext *b, int side, dt_corpus *text, dt_error *err)
{
    dt_corpus pieces;
    if (!b->pieces[side]) return DT_OK;
    dt_status status = dt_bpe_cut(b->pieces[side], text, &pieces, err);
    if (status != DT_OK) return status;
    dt_corpus_free(text);
    *text = pieces;
    return DT_OK;
}

dt_status bitext_add(bitext *b, int part, dt_corpus text[SIDES], const bitext_options *o, dt_error *err)
{
    dt_status status = DT_OK;
    dt_corpus plain = {0};
    if (o->lines > 0) shorten(&text[SOURCE], o->lines), shorten(&text[TARGET], o->lines);
    status = dt_corpus_copy(text[TARGET].path, text[TARGET].bytes, text[TARGET].count, &plain, err);
    for (int side = 0; side < SIDES && status == DT_OK; side++) {
        status = cut(b, side, &text[side], err);
        if (status == DT_OK) status = dt_sentences_read(&b->words[side], &text[side], &b->text[part][side], err);
    }
    if (status == DT_OK) status = dt_sentences_check_pair(&b->text[part][SOURCE], &b->text[part][TARGET], err);
    if (status == DT_OK) b->reference[part] = lines_of(&plain, b->text[part][TARGET].count);
    dt_corpus_free(&plain);
    return status;
}

dt_status bitext_learn(bitext *b, dt_corpus train[SIDES], const bitext_options *o, dt_error *err)
{
    *b = (bitext){0};
    snprintf(b->path, sizeof b->path, "%s", train[SOURCE].path);
    dt_status status = dt_sha256(train[SOURCE].sha256, 64, train[TARGET].sha256, 64, b->sha256, err);
    for (int side = 0; side < SIDES && status == DT_OK; side++) {
        dt_corpus text;
        if (o->lines > 0) shorten(&train[side], o->lines);
        if (o->merges > 0) status = dt_bpe_learn(&train[side], o->merges, &b->pieces[side], err);
        if (status == DT_OK)
            status = dt_corpus_copy(train[side].path, train[side].bytes, train[side].count, &text, err);
        if (status != DT_OK) break;
        const dt_word_options words = {.least = o->least, .unknown = true, .line_ends = true};
        status = cut(b, side, &text, err);
        if (status == DT_OK) status = dt_vocabulary_words(&text, &words, &b->words[side], err);
        dt_corpus_free(&text);
    }
    if (status == DT_OK) status = bitext_add(b, TRAIN, train, o, err);
    if (status != DT_OK) bitext_free(b);
    return status;
}

void bitext_free(bitext *b)
{
    for (int part = 0; part < PARTS; part++) {
        for (int64_t i = 0; b->reference[part] && i < b->text[part][TARGET].count; i++) free(b->reference[part][i]);
        free(b->reference[part]);
        for (int side = 0; side < SIDES; side++) dt_sentences_free(&b->text[part][side]);
    }
    for (int side = 0; side < SIDES; side++) {
        dt_vocabulary_free(&b->words[side]);
        dt_bpe_free(b->pieces[side]);
    }
    *b = (bitext){0};
}

/* ---- files */

static void free_texts(dt_corpus text[SIDES])
{
    for (int side = 0; side < SIDES; side++) dt_corpus_free(&text[side]);
}

/* One part of Multi30k. */
static dt_status read_files(const dt_trial *trial, bool from_english, int part, dt_corpus text[SIDES], dt_error *err)
{
    char path[512];
    dt_status status = DT_OK;
    memset(text, 0, SIDES * sizeof *text);
    for (int side = 0; side < SIDES && status == DT_OK; side++) {
        const char *file = multi30k.files[2 * part + (side == SOURCE ? from_english : !from_english)];
        status = dt_corpus_read(dt_trial_text_path(trial, file, path, sizeof path), &text[side], err);
    }
    if (status != DT_OK) free_texts(text);
    return status;
}

dt_status bitext_read_multi30k(const dt_trial *trial, bool from_english, const bitext_options *o, bitext *b,
                               dt_error *err)
{
    dt_corpus text[SIDES];
    dt_status status = read_files(trial, from_english, TRAIN, text, err);
    if (status != DT_OK) return status;
    status = bitext_learn(b, text, o, err);
    free_texts(text);
    if (status != DT_OK) return status;
    status = read_files(trial, from_english, VALID, text, err);
    if (status == DT_OK) status = bitext_add(b, VALID, text, o, err);
    free_texts(text);
    if (status != DT_OK) bitext_free(b);
    return status;
}

dt_status bitext_open_test(const dt_trial *trial, bool from_english, const bitext_options *o, bitext *b, dt_error *err)
{
    dt_corpus text[SIDES];
    const bool chooses = dt_flag_on(dt_trial_flags(trial), "validate");
    dt_status status = read_files(trial, from_english, chooses ? VALID : TEST, text, err);
    if (status == DT_OK) status = bitext_add(b, TEST, text, o, err);
    free_texts(text);
    return status;
}

static int64_t count_lines(const dt_corpus *text)
{
    int64_t count = 0;
    for (int64_t i = 0; i < text->count; i++) count += text->bytes[i] == '\n' || i + 1 == text->count;
    return count;
}

/* What lies behind the first `lines` lines. */
static dt_status rest_of(const dt_corpus *text, int64_t lines, dt_corpus *out, dt_error *err)
{
    dt_corpus head = *text;
    shorten(&head, lines);
    return dt_corpus_copy(text->path, text->bytes + head.count, text->count - head.count, out, err);
}

/* Both files are checked whole, line against line, before they are cut. */
static dt_status check_lines(const dt_corpus text[SIDES], dt_error *err)
{
    dt_sentences side[SIDES] = {{0}};
    for (int i = 0; i < SIDES; i++) {
        side[i].count = count_lines(&text[i]);
        snprintf(side[i].path, sizeof side[i].path, "%s", text[i].path);
    }
    dt_status status = dt_sentences_check_pair(&side[SOURCE], &side[TARGET], err);
    if (status == DT_OK && side[SOURCE].count < 20)
        status = dt_error_set(err, DT_ERR_DATA, text[SOURCE].path, -1, "give a longer text",
                              "%lld lines are too few to hold some back", (long long)side[SOURCE].count);
    return status;
}

dt_status bitext_read_own(const dt_trial *trial, const bitext_options *o, bitext *b, dt_error *err)
{
    static const char *const names[SIDES] = {"source", "target"};
    dt_corpus text[SIDES] = {{0}}, held[SIDES] = {{0}};
    dt_status status = DT_OK;
    *b = (bitext){0};
    for (int side = 0; side < SIDES && status == DT_OK; side++) {
        const char *path = dt_flag_text(dt_trial_flags(trial), names[side]);
        status = path ? dt_corpus_read(path, &text[side], err)
                      : dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "give both files", "--%s is missing", names[side]);
    }
    if (status == DT_OK) status = check_lines(text, err);
    const int64_t lines = status == DT_OK ? count_lines(&text[SOURCE]) : 0;
    const int64_t back = lines / 20 < 1000 ? lines / 20 : 1000;
    for (int side = 0; side < SIDES && status == DT_OK; side++) {
        status = rest_of(&text[side], lines - back, &held[side], err);
        shorten(&text[side], lines - back);
    }
    if (status == DT_OK) status = bitext_learn(b, text, o, err);
    if (status == DT_OK) status = bitext_add(b, VALID, held, o, err);
    if (status != DT_OK) bitext_free(b);
    free_texts(text);
    free_texts(held);
    return status;
}

char *bitext_line(const bitext *b, int side, const int32_t *id, int64_t count)
{
    char *text;
    size_t size;
    FILE *out = need(open_memstream(&text, &size));
    for (int64_t i = 0; i < count; i++) {
        int64_t bytes;
        const uint8_t *word = dt_vocabulary_unit(&b->words[side], id[i], &bytes);
        fprintf(out, "%s%.*s", i ? " " : "", (int)bytes, (const char *)word);
    }
    DT_REQUIRE(fclose(out) == 0, "out of memory for a line");
    if (b->pieces[side]) dt_bpe_join(text);
    return text;
}
