#include "data/sentences.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/units.h"

static void *resized(void *old, int64_t count, size_t size)
{
    void *now = realloc(old, (size_t)count * size);
    DT_REQUIRE(now, "out of memory for %lld words of sentences", (long long)count);
    return now;
}

typedef struct {
    dt_sentences *out;
    int64_t words, word_room, line_room;
} reader;

static void add_word(reader *r, int32_t id)
{
    if (r->words == r->word_room) {
        r->word_room = r->word_room ? 2 * r->word_room : 1024;
        r->out->id = resized(r->out->id, r->word_room, sizeof *r->out->id);
    }
    r->out->id[r->words++] = id;
}

static void end_line(reader *r)
{
    dt_sentences *s = r->out;
    if (s->count + 1 >= r->line_room) {
        r->line_room = r->line_room ? 2 * r->line_room : 1024;
        s->start = resized(s->start, r->line_room, sizeof *s->start);
    }
    s->start[0] = 0;
    s->start[++s->count] = r->words;
}

/* The words of one line, bytes first .. first + count - 1 of the text. */
static dt_status read_line(const dt_vocabulary *v, const dt_corpus *text, int64_t first, int64_t count, reader *r,
                           dt_error *err)
{
    const dt_corpus line = {.bytes = text->bytes + first, .count = count};
    dt_units u = {.text = &line, .unit = DT_WORDS};
    int64_t bytes;
    for (const uint8_t *word; (word = units_next(&u, &bytes));) {
        int32_t id = dt_vocabulary_id(v, word, bytes);
        if (id == v->end) id = v->unknown;
        if (id < 0)
            return dt_error_set(err, DT_ERR_DATA, text->path, word - text->bytes, "leave it out",
                                "\"%.*s\" is not in the vocabulary", bytes < 40 ? (int)bytes : 40, (const char *)word);
        add_word(r, id);
        r->out->unknown += id == v->unknown;
    }
    return DT_OK;
}

dt_status dt_sentences_read(const dt_vocabulary *v, const dt_corpus *text, dt_sentences *out, dt_error *err)
{
    DT_REQUIRE(v->unit == DT_WORDS, "dt_sentences_read: a vocabulary of words is needed");
    *out = (dt_sentences){0};
    dt_status status = units_check(text, DT_WORDS, err);
    if (status != DT_OK) return status;
    snprintf(out->path, sizeof out->path, "%s", text->path);
    reader r = {.out = out};
    for (int64_t first = 0; first < text->count && status == DT_OK;) {
        const uint8_t *end = memchr(text->bytes + first, '\n', (size_t)(text->count - first));
        const int64_t count = end ? end - text->bytes - first : text->count - first;
        status = read_line(v, text, first, count, &r, err);
        if (status == DT_OK) end_line(&r);
        first += count + 1;
    }
    if (status != DT_OK) dt_sentences_free(out);
    return status;
}

void dt_sentences_free(dt_sentences *s)
{
    free(s->id);
    free(s->start);
    *s = (dt_sentences){0};
}

dt_status dt_sentences_check_pair(const dt_sentences *a, const dt_sentences *b, dt_error *err)
{
    if (a->count == b->count) return DT_OK;
    const dt_sentences *longer = a->count > b->count ? a : b, *shorter = a->count > b->count ? b : a;
    return dt_error_set(err, DT_ERR_DATA, longer->path, -1,
                        "each line of one must be the translation of that of the other",
                        "line %lld has no counterpart: it has %lld lines, %s has %lld", (long long)shorter->count + 1,
                        (long long)longer->count, shorter->path, (long long)shorter->count);
}
