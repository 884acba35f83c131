#include "data/brown.h"

#include <string.h>

static bool blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Rewrites the bytes in place: a word and one blank or line end never take more room than word, tag and what follows
 * them. */
static dt_status strip_tags(dt_corpus *c, dt_error *err)
{
    const uint8_t *s = c->bytes, *end = s + c->count;
    uint8_t *to = c->bytes;
    bool in_paragraph = false;
    for (int lines = 0; s < end;) {
        if (blank(*s)) {
            lines += *s++ == '\n';
            continue;
        }
        const uint8_t *first = s, *stroke = NULL;
        for (; s < end && !blank(*s); s++)
            if (*s == '/') stroke = s;
        if (!stroke || stroke == first)
            return dt_error_set(err, DT_ERR_DATA, c->path, first - c->bytes, "is this the tagged Brown corpus?",
                                "a token without a tag (WORD/TAG)");
        if (in_paragraph) *to++ = lines > 1 ? '\n' : ' ';
        memmove(to, first, (size_t)(stroke - first));
        to += stroke - first;
        in_paragraph = true;
        lines = 0;
    }
    if (!in_paragraph)
        return dt_error_set(err, DT_ERR_DATA, c->path, 0, "is this the tagged Brown corpus?", "has no word in it");
    *to++ = '\n';
    c->count = to - c->bytes;
    return DT_OK;
}

dt_status dt_corpus_read_brown(const char *path, dt_corpus *out, dt_error *err)
{
    dt_status status = dt_corpus_read(path, out, err);
    if (status != DT_OK) return status;
    status = strip_tags(out, err);
    if (status != DT_OK) dt_corpus_free(out);
    return status;
}
