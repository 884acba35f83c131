#include "data/phrases.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/vocabulary_parts.h"
#include "data/word_reader.h"

/* The counts of words, and of pairs "a b", which no single word can be. */
typedef struct {
    vocabulary_maker counts;
    int64_t words;
    /* the word before the present one; 0 bytes: there is none in this line */
    uint8_t pair[2 * DT_WORD_MOST + 1];
    int64_t before;
} phrase_maker;

/* "before word" in m->pair. Returns how long it is. */
static int64_t join(phrase_maker *m, const dt_word_reader *r, uint8_t with)
{
    m->pair[m->before] = with;
    memcpy(m->pair + m->before + 1, r->word, (size_t)r->bytes);
    return m->before + 1 + r->bytes;
}

static void follow(phrase_maker *m, const dt_word_reader *r)
{
    memcpy(m->pair, r->word, (size_t)r->bytes);
    m->before = r->bytes;
}

static dt_status count_all(phrase_maker *m, const char *from, dt_error *err)
{
    dt_word_reader r;
    dt_status status = dt_word_reader_open(&r, from, 0, err);
    if (status != DT_OK) return status;
    while ((status = dt_word_reader_next(&r, err)) == DT_OK && r.word) {
        if (r.bytes) {
            vocabulary_add(&m->counts, r.word, r.bytes, 1);
            if (m->before) vocabulary_add(&m->counts, m->pair, join(m, &r, ' '), 1);
            m->words++;
        }
        follow(m, &r);
    }
    dt_word_reader_close(&r);
    return status;
}

static double count_of(const phrase_maker *m, const void *bytes, int64_t count)
{
    return (double)m->counts.v.count[dt_vocabulary_id(&m->counts.v, bytes, count)];
}

static bool is_phrase(phrase_maker *m, const dt_word_reader *r, const dt_phrase_options *o)
{
    if (m->before == 0) return false;
    const double least = (double)o->least, a = count_of(m, m->pair, m->before), b = count_of(m, r->word, r->bytes);
    if (a < least || b < least) return false;
    const double both = count_of(m, m->pair, join(m, r, ' '));
    return (both - least) / a / b * (double)m->words > o->threshold;
}

/* The second word of a phrase begins no other. */
static dt_status write_all(phrase_maker *m, const char *from, FILE *to, const dt_phrase_options *o, int64_t *joined,
                           dt_error *err)
{
    dt_word_reader r;
    bool in_line = false;
    dt_status status = dt_word_reader_open(&r, from, 0, err);
    if (status != DT_OK) return status;
    m->before = 0;
    while ((status = dt_word_reader_next(&r, err)) == DT_OK && r.word && !ferror(to)) {
        if (!r.bytes) {
            putc('\n', to);
            in_line = false;
            m->before = 0;
            continue;
        }
        const bool phrase = is_phrase(m, &r, o);
        if (in_line) putc(phrase ? '_' : ' ', to);
        fwrite(r.word, 1, (size_t)r.bytes, to);
        in_line = true;
        *joined += phrase;
        if (phrase)
            m->before = 0;
        else
            follow(m, &r);
    }
    dt_word_reader_close(&r);
    return status;
}

dt_status dt_phrases_write(const char *from, const char *to, const dt_phrase_options *options, int64_t *joined,
                           dt_error *err)
{
    static _Thread_local phrase_maker m;
    m = (phrase_maker){.counts.v.unit = DT_WORDS};
    *joined = 0;
    dt_status status = count_all(&m, from, err);
    if (status == DT_OK) {
        m.counts.v.unknown = -1;
        FILE *file = fopen(to, "wb");
        if (file) status = write_all(&m, from, file, options, joined, err);
        const bool failed = !file || ferror(file);
        if (file && fclose(file) != 0 && status == DT_OK) status = DT_ERR_IO;
        if (status == DT_ERR_IO || (status == DT_OK && failed))
            status =
                dt_error_set(err, DT_ERR_IO, to, -1, "is the disk full?", "cannot be written: %s", strerror(errno));
        if (status != DT_OK && file) unlink(to);
    }
    dt_vocabulary_free(&m.counts.v);
    return status;
}
