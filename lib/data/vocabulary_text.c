/* Vocabularies as text, and whether two are the same. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/sha256.h"
#include "data/units.h"
#include "data/vocabulary_parts.h"

static const char *const unit_names[] = {"words", "bytes", "code points"};

static bool written_plainly(const dt_vocabulary *v, uint8_t c)
{
    return c > ' ' && c != '\\' && c != 0x7f && (c < 0x80 || v->unit != DT_BYTES);
}

/* Into *text, which the caller frees. */
static void print(const dt_vocabulary *v, bool counts, char **text, size_t *size)
{
    FILE *out = open_memstream(text, size);
    DT_REQUIRE(out, "out of memory for a vocabulary");
    fprintf(out, "%s\n", unit_names[v->unit]);
    for (int32_t id = 0; id < v->size; id++) {
        if (counts) fprintf(out, "%" PRId64 "\t", v->count[id]);
        for (int64_t i = v->start[id]; i < v->start[id + 1]; i++) {
            if (written_plainly(v, v->bytes[i]))
                fputc(v->bytes[i], out);
            else
                fprintf(out, "\\x%02x", v->bytes[i]);
        }
        fputc('\n', out);
    }
    DT_REQUIRE(fclose(out) == 0, "out of memory for a vocabulary");
}

dt_status vocabulary_fingerprint(dt_vocabulary *v, dt_error *err)
{
    char *text;
    size_t size;
    print(v, false, &text, &size);
    dt_status status = dt_sha256(text, size, NULL, 0, v->fingerprint, err);
    free(text);
    return status;
}

char *dt_vocabulary_text(const dt_vocabulary *v, int64_t *size)
{
    char *text;
    size_t bytes;
    print(v, true, &text, &bytes);
    *size = (int64_t)bytes;
    return text;
}

/* The value of two hexadecimal digits, or -1. */
static int hexadecimal(const char *s)
{
    int value = 0;
    for (int i = 0; i < 2; i++) {
        const char *digits = "0123456789abcdef", *d = s[i] ? strchr(digits, s[i]) : NULL;
        if (!d) return -1;
        value = 16 * value + (int)(d - digits);
    }
    return value;
}

/* One line "COUNT<tab>UNIT" into the vocabulary; false: it is none. */
static bool parse_line(const char *line, const char *end, vocabulary_maker *m)
{
    int64_t count = 0, length = 0;
    const char *s = line;
    for (; s < end && *s >= '0' && *s <= '9' && count < INT64_MAX / 10 - 1; s++) count = 10 * count + (*s - '0');
    if (s == line || s >= end || *s != '\t') return false;
    uint8_t *unit = malloc((size_t)(end - s));
    DT_REQUIRE(unit, "out of memory for a vocabulary");
    bool good = true;
    for (s++; good && s < end; s++) {
        int c = *s == '\\' ? (end - s >= 4 && s[1] == 'x' ? hexadecimal(s + 2) : -1) : (uint8_t)*s;
        good = c >= 0;
        if (good && *s == '\\') s += 3;
        if (good) unit[length++] = (uint8_t)c;
    }
    const int64_t before = m->v.size;
    good = good && length > 0;
    if (good) vocabulary_add(m, unit, length, count);
    free(unit);
    return good && m->v.size > before;
}

dt_status dt_vocabulary_parse(const char *path, const char *text, int64_t size, dt_vocabulary *out, dt_error *err)
{
    *out = (dt_vocabulary){0};
    vocabulary_maker m = {{0}, 0, 0};
    const char *end = text + size;
    bool good = false;
    const char *line = text, *after = memchr(text, '\n', (size_t)size);
    for (int unit = DT_WORDS; after && unit <= DT_CODE_POINTS && !good; unit++) {
        const size_t length = strlen(unit_names[unit]);
        good = (size_t)(after - text) == length && memcmp(text, unit_names[unit], length) == 0;
        m.v.unit = (dt_unit)unit;
    }
    while (good && after + 1 < end) {
        line = after + 1;
        after = memchr(line, '\n', (size_t)(end - line));
        good = after && parse_line(line, after, &m);
    }
    if (good) return vocabulary_finish(&m, path, out, err);
    dt_vocabulary_free(&m.v);
    return dt_error_set(err, DT_ERR_DATA, path, line - text, "the file is damaged, or of another kind",
                        "is not a vocabulary from here on");
}

dt_status dt_vocabulary_check(const dt_vocabulary *v, const char *fingerprint, const char *path, dt_error *err)
{
    if (strcmp(v->fingerprint, fingerprint) == 0) return DT_OK;
    return dt_error_set(err, DT_ERR_CONFIG, path, -1, "give the text that it was trained on",
                        "the checkpoint was made with another vocabulary (%.12s...), not with this one of %lld %s "
                        "(%.12s...)",
                        fingerprint, (long long)v->size, unit_names[v->unit], v->fingerprint);
}
