/* Going through a text unit by unit: what counting and encoding share. Private to data/. */
#ifndef DT_DATA_UNITS_H
#define DT_DATA_UNITS_H

#include <string.h>

#include "data/vocabulary.h"

#define DT_UNKNOWN_WORD "<unk>"
#define DT_END_WORD "<eos>"

/* A checked text (units_check), and how far it was gone through. */
typedef struct {
    const dt_corpus *text;
    dt_unit unit;
    bool line_ends;
    int64_t at;
    bool in_line; /* the line has begun and has not ended */
} dt_units;

static inline bool units_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether the text has the form that its units ask for. */
static inline dt_status units_check(const dt_corpus *text, dt_unit unit, dt_error *err)
{
    if (unit == DT_BYTES) return DT_OK;
    const uint8_t *nul = unit == DT_WORDS ? memchr(text->bytes, 0, (size_t)text->count) : NULL;
    dt_status status = dt_corpus_check_utf8(text,
                                            unit == DT_WORDS ? "convert the text to UTF-8, say with iconv"
                                                             : "convert it to UTF-8, or let characters be bytes",
                                            err);
    if (status == DT_OK && nul)
        status = dt_error_set(err, DT_ERR_DATA, text->path, nul - text->bytes, "is this a text file?",
                              "a NUL byte is part of no word");
    return status;
}

/* The next unit, `*bytes` of them; NULL: there is none left. A line end is DT_END_WORD. */
static inline const uint8_t *units_next(dt_units *u, int64_t *bytes)
{
    const uint8_t *s = u->text->bytes;
    const int64_t end = u->text->count;
    if (u->unit != DT_WORDS) {
        if (u->at >= end) return NULL;
        *bytes = u->unit == DT_BYTES ? 1 : dt_utf8_length(s + u->at, end - u->at);
        u->at += *bytes;
        return s + u->at - *bytes;
    }
    while (u->at < end && units_blank(s[u->at]) && !(u->line_ends && s[u->at] == '\n')) u->at++;
    if (u->at < end && s[u->at] != '\n') {
        const int64_t first = u->at;
        while (u->at < end && !units_blank(s[u->at])) u->at++;
        u->in_line = u->line_ends;
        *bytes = u->at - first;
        return s + first;
    }
    if (u->at >= end && !u->in_line) return NULL;
    if (u->at < end) u->at++;
    u->in_line = false;
    *bytes = (int64_t)strlen(DT_END_WORD);
    return (const uint8_t *)DT_END_WORD;
}

#endif
