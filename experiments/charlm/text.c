/* The texts, as characters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/charlm/parts.h"

enum { SMOKE_CHARACTERS = 30000, JUDGES = 10, STEPS = 50 };

const dt_text_set tiny_shakespeare = {"tinyshakespeare", (const char *const[]){"tinyshakespeare.txt", NULL},
                                      "8db075150584178142c745421b656b26d1ccd150490a8cecdbc2972ef0a98772"},
                  penn_treebank = {"ptb", (const char *const[]){"ptb.train.txt", "ptb.valid.txt", "ptb.test.txt", NULL},
                                   "aab72412d6f8e35b3b2158c3c77e1e100ed12c30c02f266c399496b5329a8b48"};

/* Takes the blanks at the ends of lines away, which the characters of the Penn Treebank do not have where they are
 * counted (Mikolov et al. 2012). */
static void trim(dt_corpus *text)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < text->count; i++) {
        const bool first = i == 0 || text->bytes[i - 1] == '\n';
        const bool last = i + 1 == text->count || text->bytes[i + 1] == '\n';
        if (text->bytes[i] != ' ' || !(first || last)) text->bytes[kept++] = text->bytes[i];
    }
    text->count = kept;
}

static dt_status read_file(const char *path, bool trimmed, dt_unit unit, int number, char_text *out, dt_error *err)
{
    dt_corpus corpus;
    dt_status status = dt_corpus_read(path, &corpus, err);
    if (status != DT_OK) return status;
    if (trimmed) trim(&corpus);
    if (number == 0) {
        snprintf(out->path, sizeof out->path, "%s", path);
        snprintf(out->sha256, sizeof out->sha256, "%s", corpus.sha256);
        status = dt_vocabulary_characters(&corpus, unit, &out->vocabulary, err);
    }
    if (status == DT_OK) status = dt_tokens_read(&out->vocabulary, &corpus, &out->files[number], err);
    dt_corpus_free(&corpus);
    return status;
}

static dt_tokens part(const dt_tokens *all, int64_t first, int64_t end)
{
    return (dt_tokens){all->id + first, end - first, 0};
}

dt_unit text_unit(const dt_flags *flags)
{
    return strcmp(dt_flag_text(flags, "units"), "bytes") == 0 ? DT_BYTES : DT_CODE_POINTS;
}

/* One file as three parts. */
static void cut(char_text *text, double train, double valid)
{
    const dt_tokens *all = &text->files[0];
    const int64_t first = (int64_t)(train * (double)all->count);
    const int64_t second = train + valid < 1 ? first + (int64_t)(valid * (double)all->count) : all->count;
    text->train = part(all, 0, first);
    text->valid = part(all, first, second);
    text->test = part(all, second, all->count);
}

/* One file as char-rnn's loader divides it: of each of `streams` equal parts the end is held back. All beginnings come
 * first, then all ends, so that as many streams are just those of char-rnn. */
static void deal(char_text *text, int64_t streams, int64_t unroll, double train)
{
    dt_tokens *all = &text->files[0];
    const int64_t steps = all->count / (streams * unroll), length = steps * unroll;
    const int64_t head = (int64_t)(train * (double)steps) * unroll, tail = length - head;
    int32_t *id = malloc((size_t)(streams * length + 1) * sizeof *id);
    DT_REQUIRE(id, "out of memory for a text");
    for (int64_t i = 0; i < streams; i++) {
        memcpy(id + i * head, all->id + i * length, (size_t)head * sizeof *id);
        memcpy(id + streams * head + i * tail, all->id + i * length + head, (size_t)tail * sizeof *id);
    }
    free(all->id);
    all->id = id;
    all->count = streams * length;
    text->train = part(all, 0, streams * head);
    text->valid = part(all, streams * head, all->count);
    text->judges = streams;
}

static void shorten(dt_tokens *tokens, int64_t count)
{
    if (tokens->count > count) tokens->count = count;
}

dt_status text_read(const dt_trial *trial, const dt_text_set *set, double train, double valid, int64_t streams,
                    char_text *out, dt_error *err)
{
    const dt_flags *flags = dt_trial_flags(trial);
    char path[512];
    dt_status status = DT_OK;
    *out = (char_text){.judges = JUDGES};
    if (!set) status = read_file(dt_flag_text(flags, "text"), false, text_unit(flags), 0, out, err);
    for (int i = 0; set && set->files[i] && status == DT_OK; i++)
        status = read_file(dt_trial_text_path(trial, set->files[i], path, sizeof path), set == &penn_treebank,
                           text_unit(flags), i, out, err);
    if (status == DT_OK && out->files[2].count > 0) {
        out->train = out->files[0];
        out->valid = out->files[1];
        out->test = out->files[2];
    } else if (status == DT_OK && streams > 0) {
        deal(out, streams, STEPS, train);
    } else if (status == DT_OK) {
        cut(out, train, valid);
    }
    if (dt_flag_on(flags, "validate")) out->test = out->valid;
    if (status == DT_OK && out->valid.count < 2)
        status = dt_error_set(err, DT_ERR_DATA, out->path, -1, "give a longer text",
                              "is too short to hold some of its %lld characters back", (long long)out->files[0].count);
    if (dt_trial_preset(trial) == DT_SMOKE) {
        shorten(&out->train, SMOKE_CHARACTERS);
        shorten(&out->valid, SMOKE_CHARACTERS / 10);
        shorten(&out->test, SMOKE_CHARACTERS / 10);
    }
    if (status != DT_OK) text_free(out);
    return status;
}

void text_free(char_text *text)
{
    for (int i = 0; i < 3; i++) dt_tokens_free(&text->files[i]);
    dt_vocabulary_free(&text->vocabulary);
    *text = (char_text){0};
}
