#include "data/vocabulary.h"

#include <stdlib.h>

#include "data/units.h"
#include "data/vocabulary_parts.h"
#include "data/word_reader.h"

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const uint8_t *bytes, int64_t count)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (int64_t i = 0; i < count; i++) h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

/* The slot of this unit, or the free one where it belongs. */
static int64_t find_slot(const dt_vocabulary *v, const uint8_t *bytes, int64_t count)
{
    int64_t i = (int64_t)(hash_of(bytes, count) & (uint64_t)(v->slots - 1));
    for (; v->slot[i] >= 0; i = (i + 1) & (v->slots - 1)) {
        const int64_t *start = v->start + v->slot[i];
        if (start[1] - start[0] == count && memcmp(v->bytes + start[0], bytes, (size_t)count) == 0) break;
    }
    return i;
}

static void *resized(void *old, int64_t count, size_t size)
{
    void *now = realloc(old, (size_t)count * size);
    DT_REQUIRE(now, "out of memory for a vocabulary");
    return now;
}

/* Room for at least `size` units with `bytes` bytes in all, and a hash table at most half full. */
static void grow(vocabulary_maker *m, int64_t size, int64_t bytes)
{
    dt_vocabulary *v = &m->v;
    while (m->room < size || !v->count) {
        m->room = m->room ? 2 * m->room : 256;
        v->count = resized(v->count, m->room, sizeof *v->count);
        v->start = resized(v->start, m->room + 1, sizeof *v->start);
        v->slots = 2 * m->room;
        v->slot = resized(v->slot, v->slots, sizeof *v->slot);
        for (int64_t i = 0; i < v->slots; i++) v->slot[i] = -1;
        v->start[0] = 0;
        for (int32_t id = 0; id < v->size; id++)
            v->slot[find_slot(v, v->bytes + v->start[id], v->start[id + 1] - v->start[id])] = id;
    }
    if (m->byte_room >= bytes) return;
    m->byte_room = 2 * bytes;
    v->bytes = resized(v->bytes, m->byte_room, 1);
}

int32_t vocabulary_add(vocabulary_maker *m, const uint8_t *bytes, int64_t count, int64_t times)
{
    dt_vocabulary *v = &m->v;
    const int64_t used = v->size ? v->start[v->size] : 0;
    grow(m, v->size + 1, used + count);
    const int64_t slot = find_slot(v, bytes, count);
    if (v->slot[slot] < 0) {
        DT_REQUIRE(v->size < INT32_MAX, "a vocabulary of more than %d units", INT32_MAX);
        memcpy(v->bytes + used, bytes, (size_t)count);
        v->slot[slot] = (int32_t)v->size;
        v->count[v->size] = 0;
        v->start[++v->size] = used + count;
    }
    v->count[v->slot[slot]] += times;
    return v->slot[slot];
}

static int32_t id_of_word(const dt_vocabulary *v, const char *word)
{
    return v->unit == DT_WORDS ? v->slot[find_slot(v, (const uint8_t *)word, (int64_t)strlen(word))] : -1;
}

dt_status vocabulary_finish(vocabulary_maker *m, const char *path, dt_vocabulary *out, dt_error *err)
{
    static const char *const units[] = {"word", "byte", "character"};
    dt_vocabulary *v = &m->v;
    dt_status status = DT_OK;
    if (v->size < 2)
        status =
            dt_error_set(err, DT_ERR_DATA, path, -1, "give a text with at least two",
                         "has only %lld different %s: there is nothing to predict", (long long)v->size, units[v->unit]);
    if (status == DT_OK) {
        v->unknown = id_of_word(v, DT_UNKNOWN_WORD);
        v->end = id_of_word(v, DT_END_WORD);
        status = vocabulary_fingerprint(v, err);
    }
    if (status != DT_OK) dt_vocabulary_free(v);
    *out = *v;
    return status;
}

typedef struct {
    const uint8_t *bytes;
    int64_t length, count;
} entry;

static int by_frequency(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    const int64_t shorter = x->length < y->length ? x->length : y->length;
    const int order = memcmp(x->bytes, y->bytes, (size_t)shorter);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* `from` with the ids in their order. */
static void sort(const dt_vocabulary *from, vocabulary_maker *to)
{
    entry *entries = resized(NULL, from->size + 1, sizeof *entries);
    for (int64_t i = 0; i < from->size; i++)
        entries[i] = (entry){from->bytes + from->start[i], from->start[i + 1] - from->start[i], from->count[i]};
    qsort(entries, (size_t)from->size, sizeof *entries, by_frequency);
    for (int64_t i = 0; i < from->size; i++) vocabulary_add(to, entries[i].bytes, entries[i].length, entries[i].count);
    free(entries);
}

/* Every unit of the text with its count, in the order of first occurrence. */
static void count_units(const dt_corpus *text, dt_unit unit, bool line_ends, vocabulary_maker *m)
{
    dt_units u = {.text = text, .unit = unit, .line_ends = line_ends};
    const uint8_t *bytes;
    int64_t length;
    while ((bytes = units_next(&u, &length))) vocabulary_add(m, bytes, length, 1);
}

/* Those of `all` that are frequent enough; the others, and <unk> itself, together are <unk>. */
static void keep_frequent(const dt_vocabulary *all, const dt_word_options *o, vocabulary_maker *kept)
{
    const int32_t end = id_of_word(all, DT_END_WORD), unknown = id_of_word(all, DT_UNKNOWN_WORD);
    int64_t rare = 0;
    for (int32_t i = 0; i < all->size; i++) {
        if ((i == unknown && !o->leave_out) || (all->count[i] < o->least && i != end))
            rare += all->count[i];
        else
            vocabulary_add(kept, all->bytes + all->start[i], all->start[i + 1] - all->start[i], all->count[i]);
    }
    if (!o->leave_out && (rare > 0 || o->unknown))
        vocabulary_add(kept, (const uint8_t *)DT_UNKNOWN_WORD, (int64_t)strlen(DT_UNKNOWN_WORD), rare);
}

/* The vocabulary of counted words, which are freed. */
static dt_status choose_words(vocabulary_maker *all, const dt_word_options *options, const char *path,
                              dt_vocabulary *out, dt_error *err)
{
    vocabulary_maker kept = {.v.unit = DT_WORDS}, sorted = {.v.unit = DT_WORDS};
    const int64_t different = all->v.size;
    if (different) keep_frequent(&all->v, options, &kept);
    sort(&kept.v, &sorted);
    dt_vocabulary_free(&all->v);
    dt_vocabulary_free(&kept.v);
    if (sorted.v.size >= 2 || different < 2) {
        const dt_status status = vocabulary_finish(&sorted, path, out, err);
        if (options->leave_out) out->unknown = -1; /* "<unk>" in such a text is a word like others */
        return status;
    }
    const int64_t left = sorted.v.size;
    dt_vocabulary_free(&sorted.v);
    return dt_error_set(err, DT_ERR_DATA, path, -1, "ask for fewer occurrences, or give a longer text",
                        "of %lld different words %lld occur %lld times: there is nothing to predict",
                        (long long)different, (long long)left, (long long)options->least);
}

dt_status dt_vocabulary_words(const dt_corpus *text, const dt_word_options *options, dt_vocabulary *out, dt_error *err)
{
    *out = (dt_vocabulary){0};
    dt_status status = units_check(text, DT_WORDS, err);
    if (status != DT_OK) return status;
    vocabulary_maker all = {.v.unit = DT_WORDS};
    count_units(text, DT_WORDS, options->line_ends, &all);
    return choose_words(&all, options, text->path, out, err);
}

dt_status dt_vocabulary_read_words(const char *path, const dt_word_options *options, dt_vocabulary *out, dt_error *err)
{
    *out = (dt_vocabulary){0};
    dt_word_reader r;
    vocabulary_maker all = {.v.unit = DT_WORDS};
    dt_status status = dt_word_reader_open(&r, path, options->most, err);
    if (status != DT_OK) return status;
    while ((status = dt_word_reader_next(&r, err)) == DT_OK && r.word) {
        if (r.bytes)
            vocabulary_add(&all, r.word, r.bytes, 1);
        else if (options->line_ends)
            vocabulary_add(&all, (const uint8_t *)DT_END_WORD, (int64_t)strlen(DT_END_WORD), 1);
    }
    dt_word_reader_close(&r);
    if (status == DT_OK) return choose_words(&all, options, path, out, err);
    dt_vocabulary_free(&all.v);
    return status;
}

dt_status dt_vocabulary_characters(const dt_corpus *text, dt_unit unit, dt_vocabulary *out, dt_error *err)
{
    DT_REQUIRE(unit != DT_WORDS, "dt_vocabulary_characters: for words there is dt_vocabulary_words");
    *out = (dt_vocabulary){0};
    dt_status status = units_check(text, unit, err);
    if (status != DT_OK) return status;
    vocabulary_maker all = {.v.unit = unit}, sorted = {.v.unit = unit};
    count_units(text, unit, false, &all);
    sort(&all.v, &sorted);
    dt_vocabulary_free(&all.v);
    return vocabulary_finish(&sorted, text->path, out, err);
}

void dt_vocabulary_free(dt_vocabulary *v)
{
    free(v->count);
    free(v->bytes);
    free(v->start);
    free(v->slot);
    *v = (dt_vocabulary){0};
}

int32_t dt_vocabulary_id(const dt_vocabulary *v, const void *bytes, int64_t count)
{
    const int32_t id = v->slot[find_slot(v, bytes, count)];
    return id < 0 ? v->unknown : id;
}

const uint8_t *dt_vocabulary_unit(const dt_vocabulary *v, int32_t id, int64_t *count)
{
    DT_REQUIRE(id >= 0 && id < v->size, "dt_vocabulary_unit: %d of %lld", id, (long long)v->size);
    *count = v->start[id + 1] - v->start[id];
    return v->bytes + v->start[id];
}
