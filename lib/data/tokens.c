/* Texts as ids. */
#include <stdlib.h>

#include "data/units.h"

static dt_status lacking(const dt_vocabulary *v, const dt_corpus *text, const uint8_t *bytes, int64_t count,
                         dt_error *err)
{
    char shown[32] = "";
    for (int64_t i = 0; i < count && i < 24; i++) shown[i] = (char)(bytes[i] < ' ' || bytes[i] > 126 ? '?' : bytes[i]);
    const bool plain = count == 1 && bytes[0] > ' ' && bytes[0] < 127;
    if (v->unit != DT_WORDS && !plain)
        return dt_error_set(err, DT_ERR_DATA, text->path, bytes - text->bytes, "leave it out",
                            "the character of %lld byte%s that begins with %02x is not in the vocabulary",
                            (long long)count, count == 1 ? "" : "s", bytes[0]);
    return dt_error_set(err, DT_ERR_DATA, text->path, bytes - text->bytes, "leave it out",
                        "\"%s\" is not in the vocabulary", shown);
}

dt_status dt_tokens_read(const dt_vocabulary *v, const dt_corpus *text, dt_tokens *out, dt_error *err)
{
    *out = (dt_tokens){0};
    dt_status status = units_check(text, v->unit, err);
    if (status != DT_OK) return status;
    dt_units u = {.text = text, .unit = v->unit, .line_ends = v->end >= 0};
    const uint8_t *bytes;
    int64_t length, room = 0;
    while (status == DT_OK && (bytes = units_next(&u, &length))) {
        if (out->count == room) {
            room = room ? 2 * room : 1024;
            int32_t *grown = realloc(out->id, (size_t)room * sizeof *grown);
            DT_REQUIRE(grown, "out of memory for %lld tokens", (long long)room);
            out->id = grown;
        }
        const int32_t id = dt_vocabulary_id(v, bytes, length);
        if (id < 0) status = lacking(v, text, bytes, length, err);
        out->id[out->count++] = id;
        out->unknown += id == v->unknown;
    }
    if (status == DT_OK && out->count == 0)
        status = dt_error_set(err, DT_ERR_DATA, text->path, 0, "give a file with text in it", "has no word in it");
    if (status != DT_OK) dt_tokens_free(out);
    return status;
}

void dt_tokens_free(dt_tokens *tokens)
{
    free(tokens->id);
    *tokens = (dt_tokens){0};
}
