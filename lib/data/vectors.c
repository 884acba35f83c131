#include "data/vectors.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/units.h"
#include "data/vocabulary_parts.h"

/* ---- reading */

typedef struct {
    const dt_corpus *file;
    int64_t at;
    int64_t words, dims;
    vocabulary_maker maker;
    float *value;
} parser;

static const char whole_hint[] = "was the file copied whole? Expected are vectors in word2vec's text or binary format";

static dt_status wrong(const parser *p, dt_error *err, const char *what)
{
    return dt_error_set(err, DT_ERR_DATA, p->file->path, p->at, whole_hint, "%s", what);
}

/* A whole number above 0 and what ends it. */
static bool read_count(parser *p, int64_t *count)
{
    const int64_t first = p->at;
    for (*count = 0; p->at < p->file->count && p->at - first < 10; p->at++) {
        const uint8_t c = p->file->bytes[p->at];
        if (c < '0' || c > '9') break;
        *count = 10 * *count + (c - '0');
    }
    return *count > 0 && *count < INT32_MAX && p->at < p->file->count;
}

static dt_status read_header(parser *p, dt_error *err)
{
    const uint8_t *s = p->file->bytes;
    bool good = read_count(p, &p->words) && s[p->at++] == ' ' && read_count(p, &p->dims);
    while (good && p->at < p->file->count && s[p->at] != '\n' && units_blank(s[p->at])) p->at++;
    good = good && p->at < p->file->count && s[p->at++] == '\n';
    if (!good) return wrong(p, err, "does not begin with the number of words and of dimensions");
    /* Before memory is asked for: a number takes a byte at least. */
    if (p->words > p->file->count / (p->dims + 1))
        return dt_error_set(err, DT_ERR_DATA, p->file->path, p->file->count, whole_hint,
                            "is too short for %lld words of %lld numbers", (long long)p->words, (long long)p->dims);
    return DT_OK;
}

/* The next word without the blank after it. */
static dt_status read_word(parser *p, dt_error *err)
{
    const uint8_t *s = p->file->bytes;
    const int64_t end = p->file->count;
    while (p->at < end && (s[p->at] == '\n' || s[p->at] == '\r')) p->at++;
    const int64_t first = p->at;
    while (p->at < end && s[p->at] != ' ' && s[p->at] != '\n') p->at++;
    if (p->at >= end)
        return dt_error_set(err, DT_ERR_DATA, p->file->path, p->at, whole_hint, "ends after %lld of %lld words",
                            (long long)p->maker.v.size, (long long)p->words);
    if (s[p->at] == '\n' || p->at == first) return wrong(p, err, "there is no word, or no number after it");
    const int64_t before = p->maker.v.size;
    vocabulary_add(&p->maker, s + first, p->at - first, 1);
    if (p->maker.v.size > before) return DT_OK;
    p->at = first;
    return wrong(p, err, "a word occurs twice");
}

/* The numbers of one word in text; the file's bytes are followed by a NUL (see dt_vectors_read). */
static dt_status read_text(parser *p, float *value, dt_error *err)
{
    for (int64_t i = 0; i < p->dims; i++) {
        const char *from = (const char *)p->file->bytes + p->at;
        if (*from != ' ') return wrong(p, err, "a number is missing");
        char *end;
        value[i] = strtof(from, &end);
        const char *first = from + strspn(from, " ");
        if (end == from || memchr(from, '\n', (size_t)(first - from + 1))) return wrong(p, err, "a number is missing");
        p->at += end - from;
    }
    while (p->at < p->file->count && (p->file->bytes[p->at] == ' ' || p->file->bytes[p->at] == '\r')) p->at++;
    if (p->at < p->file->count && p->file->bytes[p->at] != '\n')
        return wrong(p, err, "there are more numbers than dimensions");
    return DT_OK;
}

static dt_status read_binary(parser *p, float *value, dt_error *err)
{
    const int64_t bytes = p->dims * (int64_t)sizeof *value;
    p->at++;
    if (p->file->count - p->at < bytes)
        return dt_error_set(err, DT_ERR_DATA, p->file->path, p->file->count, whole_hint,
                            "ends in the vector of word %lld of %lld", (long long)p->maker.v.size, (long long)p->words);
    memcpy(value, p->file->bytes + p->at, (size_t)bytes);
    p->at += bytes;
    return DT_OK;
}

/* Whether what follows the first word are numbers as text: in binary some byte of some float tells. */
static bool is_text(const parser *p)
{
    const uint8_t *s = p->file->bytes;
    int64_t i = p->at;
    while (i < p->file->count && s[i] != ' ') i++;
    for (; i < p->file->count && s[i] != '\n'; i++)
        if (!s[i] || !strchr("0123456789+-.eE \rnaifNAIF", s[i])) return false;
    return true;
}

static dt_status read_all(parser *p, dt_error *err)
{
    dt_status status = read_header(p, err);
    if (status != DT_OK) return status;
    const bool text = is_text(p);
    p->value = malloc((size_t)(p->words * p->dims) * sizeof *p->value);
    if (!p->value)
        return dt_error_set(err, DT_ERR_SYSTEM, p->file->path, -1, NULL, "out of memory for %lld words of %lld numbers",
                            (long long)p->words, (long long)p->dims);
    for (int64_t i = 0; i < p->words; i++) {
        float *value = p->value + i * p->dims;
        status = read_word(p, err);
        if (status == DT_OK) status = text ? read_text(p, value, err) : read_binary(p, value, err);
        if (status != DT_OK) return status;
        for (int64_t k = 0; k < p->dims; k++)
            if (!isfinite(value[k])) return wrong(p, err, "a number is not finite");
    }
    while (p->at < p->file->count && units_blank(p->file->bytes[p->at])) p->at++;
    return p->at < p->file->count ? wrong(p, err, "goes on after the last word") : DT_OK;
}

dt_status dt_vectors_read(const char *path, dt_vectors *out, dt_error *err)
{
    dt_corpus file;
    *out = (dt_vectors){0};
    dt_status status = dt_corpus_read(path, &file, err);
    if (status != DT_OK) return status;
    uint8_t *ended = realloc(file.bytes, (size_t)file.count + 1);
    DT_REQUIRE(ended, "out of memory for word vectors");
    file.bytes = ended;
    ended[file.count] = 0;
    parser p = {.file = &file, .maker.v.unit = DT_WORDS};
    status = read_all(&p, err);
    if (status == DT_OK)
        status = vocabulary_finish(&p.maker, path, &out->words, err);
    else
        dt_vocabulary_free(&p.maker.v);
    dt_corpus_free(&file);
    out->words.unknown = -1; /* "<unk>" among them is a word like others */
    out->dims = p.dims;
    out->value = p.value;
    if (status != DT_OK) dt_vectors_free(out);
    return status;
}

void dt_vectors_free(dt_vectors *v)
{
    dt_vocabulary_free(&v->words);
    free(v->value);
    *v = (dt_vectors){0};
}

/* ---- writing */

static void write_word(FILE *file, bool binary, const dt_vocabulary *words, int32_t id, int64_t dims, const real *value)
{
    int64_t bytes;
    const uint8_t *word = dt_vocabulary_unit(words, id, &bytes);
    fwrite(word, 1, (size_t)bytes, file);
    if (binary) putc(' ', file);
    for (int64_t i = 0; i < dims; i++) {
        const float number = (float)value[i];
        if (binary)
            fwrite(&number, sizeof number, 1, file);
        else
            fprintf(file, " %.9g", (double)number);
    }
    putc('\n', file);
}

dt_status dt_vectors_write(const char *path, bool binary, const dt_vocabulary *words, int64_t dims, const real *value,
                           dt_error *err)
{
    FILE *file = fopen(path, "wb");
    if (!file) return dt_error_set(err, DT_ERR_IO, path, -1, NULL, "cannot be written: %s", strerror(errno));
    fprintf(file, "%lld %lld\n", (long long)words->size, (long long)dims);
    for (int64_t i = 0; i < words->size && !ferror(file); i++)
        write_word(file, binary, words, (int32_t)i, dims, value + i * dims);
    const bool failed = ferror(file) != 0;
    if (fclose(file) == 0 && !failed) return DT_OK;
    const int why = errno;
    unlink(path);
    return dt_error_set(err, DT_ERR_IO, path, -1, "is the disk full?", "cannot be written: %s", strerror(why));
}
