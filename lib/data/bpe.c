#include "data/bpe.h"

#include <stdio.h>
#include <stdlib.h>

#include "data/units.h"
#include "data/vocabulary_parts.h"

static const char JOINT[] = "@@";
enum { WORD_END = ' ' }; /* behind the last character of a word; no word has a blank in it */

/* Counts or ranks by pair of symbols: a hash table with open addresses. */
typedef struct {
    int32_t left, right;
    int64_t value;
    bool used;
} slot;

typedef struct {
    slot *slots;
    int64_t size, used; /* size: a power of two */
} pair_table;

struct dt_bpe {
    vocabulary_maker symbols; /* all that occurred or were made, as bytes */
    pair_table ranks;         /* of the merged pairs */
    int32_t (*merge)[3];      /* [merges]: left, right, and what they became */
    int64_t merges, room;
};

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for a byte-pair encoding");
    return memory;
}

static slot *find(const pair_table *t, int32_t left, int32_t right)
{
    uint64_t hash = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) * UINT64_C(0x9e3779b97f4a7c15);
    int64_t i = (int64_t)(hash >> 32) & (t->size - 1);
    while (t->slots[i].used && (t->slots[i].left != left || t->slots[i].right != right)) i = (i + 1) & (t->size - 1);
    return &t->slots[i];
}

/* The value of a pair, a new one of 0 if it was not there. */
static int64_t *value_of(pair_table *t, int32_t left, int32_t right)
{
    if (2 * t->used >= t->size) {
        const pair_table old = *t;
        t->size = old.size ? 2 * old.size : 1024;
        t->slots = need(calloc((size_t)t->size, sizeof *t->slots));
        for (int64_t i = 0; i < old.size; i++)
            if (old.slots[i].used) *find(t, old.slots[i].left, old.slots[i].right) = old.slots[i];
        free(old.slots);
    }
    slot *s = find(t, left, right);
    t->used += !s->used;
    if (!s->used) *s = (slot){left, right, 0, true};
    return &s->value;
}

/* ---- words as symbols */

typedef struct {
    int32_t *symbol; /* of all words */
    int64_t *start;  /* [words]: word i begins here, */
    int64_t *length; /* [words]: and has so many */
    int64_t *count;  /* [words]: how often it occurs */
    int64_t words;
} word_list;

/* The code points of a word as symbols, at most one a byte. Returns how many. */
static int64_t spell(dt_bpe *bpe, const uint8_t *word, int64_t bytes, int32_t *symbol)
{
    int64_t count = 0;
    for (int64_t i = 0, length; i < bytes; i += length) {
        uint8_t unit[5];
        length = dt_utf8_length(word + i, bytes - i);
        memcpy(unit, word + i, (size_t)length);
        const bool last = i + length == bytes;
        if (last) unit[length] = WORD_END;
        symbol[count++] = vocabulary_add(&bpe->symbols, unit, length + last, 1);
    }
    return count;
}

static word_list words_of(dt_bpe *bpe, const dt_vocabulary *v)
{
    const int64_t all = v->start[v->size];
    word_list w = {.words = v->size};
    w.symbol = need(malloc((size_t)all * sizeof *w.symbol));
    w.start = need(malloc((size_t)v->size * sizeof *w.start));
    w.length = need(malloc((size_t)v->size * sizeof *w.length));
    w.count = need(malloc((size_t)v->size * sizeof *w.count));
    for (int64_t i = 0; i < v->size; i++) {
        w.start[i] = v->start[i];
        w.count[i] = v->count[i];
        w.length[i] = spell(bpe, v->bytes + v->start[i], v->start[i + 1] - v->start[i], w.symbol + w.start[i]);
    }
    return w;
}

static void free_words(word_list *w)
{
    free(w->symbol), free(w->start), free(w->length), free(w->count);
}

/* Replaces each left, right by `now`, from the left. Returns the length that remains. */
static int64_t replace(int32_t *symbol, int64_t length, int32_t left, int32_t right, int32_t now)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < length; i++) {
        const bool here = i + 1 < length && symbol[i] == left && symbol[i + 1] == right;
        symbol[kept++] = here ? now : symbol[i];
        i += here;
    }
    return kept;
}

/* ---- learning */

static void add_pairs(pair_table *counts, const word_list *w, int64_t i, int64_t times)
{
    const int32_t *s = w->symbol + w->start[i];
    for (int64_t k = 0; k + 1 < w->length[i]; k++) *value_of(counts, s[k], s[k + 1]) += times;
}

static const slot *most_frequent(const pair_table *counts)
{
    const slot *best = NULL;
    for (const slot *s = counts->slots; s < counts->slots + counts->size; s++) {
        if (!s->used || s->value < 2) continue;
        const bool earlier = best && (s->left < best->left || (s->left == best->left && s->right < best->right));
        if (!best || s->value > best->value || (s->value == best->value && earlier)) best = s;
    }
    return best;
}

static int32_t add_merge(dt_bpe *bpe, int32_t left, int32_t right)
{
    const dt_vocabulary *v = &bpe->symbols.v;
    const int64_t before = v->start[left + 1] - v->start[left], after = v->start[right + 1] - v->start[right];
    uint8_t *joined = need(malloc((size_t)(before + after)));
    memcpy(joined, v->bytes + v->start[left], (size_t)before);
    memcpy(joined + before, v->bytes + v->start[right], (size_t)after);
    const int32_t now = vocabulary_add(&bpe->symbols, joined, before + after, 1);
    free(joined);
    if (bpe->merges == bpe->room) {
        bpe->room = bpe->room ? 2 * bpe->room : 256;
        bpe->merge = need(realloc(bpe->merge, (size_t)bpe->room * sizeof *bpe->merge));
    }
    *value_of(&bpe->ranks, left, right) = bpe->merges + 1;
    bpe->merge[bpe->merges][0] = left, bpe->merge[bpe->merges][1] = right;
    bpe->merge[bpe->merges++][2] = now;
    return now;
}

static bool has_pair(const word_list *w, int64_t i, int32_t left, int32_t right)
{
    const int32_t *s = w->symbol + w->start[i];
    for (int64_t k = 0; k + 1 < w->length[i]; k++)
        if (s[k] == left && s[k + 1] == right) return true;
    return false;
}

/* Algorithm 1; the counts are mended where a merge changes a word, not counted again. */
static void learn(dt_bpe *bpe, word_list *w, int64_t merges)
{
    pair_table counts = {0};
    for (int64_t i = 0; i < w->words; i++) add_pairs(&counts, w, i, w->count[i]);
    while (bpe->merges < merges) {
        const slot *best = counts.size ? most_frequent(&counts) : NULL;
        if (!best) break;
        const int32_t left = best->left, right = best->right, now = add_merge(bpe, left, right);
        for (int64_t i = 0; i < w->words; i++) {
            if (!has_pair(w, i, left, right)) continue;
            add_pairs(&counts, w, i, -w->count[i]);
            w->length[i] = replace(w->symbol + w->start[i], w->length[i], left, right, now);
            add_pairs(&counts, w, i, w->count[i]);
        }
    }
    free(counts.slots);
}

dt_status dt_bpe_learn(const dt_corpus *text, int64_t merges, dt_bpe **out, dt_error *err)
{
    *out = NULL;
    dt_vocabulary v;
    dt_status status = dt_vocabulary_words(text, &(dt_word_options){0}, &v, err);
    if (status != DT_OK) return status;
    dt_bpe *bpe = need(calloc(1, sizeof *bpe));
    word_list words = words_of(bpe, &v);
    learn(bpe, &words, merges);
    free_words(&words);
    dt_vocabulary_free(&v);
    *out = bpe;
    return DT_OK;
}

void dt_bpe_free(dt_bpe *bpe)
{
    if (!bpe) return;
    dt_vocabulary_free(&bpe->symbols.v);
    free(bpe->ranks.slots);
    free(bpe->merge);
    free(bpe);
}

int64_t dt_bpe_merges(const dt_bpe *bpe)
{
    return bpe->merges;
}

/* ---- cutting */

/* Merges the pair of the lowest rank until there is none. Returns the length. */
static int64_t merge_word(const dt_bpe *bpe, int32_t *symbol, int64_t length)
{
    for (;;) {
        int64_t best = INT64_MAX;
        for (int64_t k = 0; k + 1 < length && bpe->ranks.size; k++) {
            const slot *s = find(&bpe->ranks, symbol[k], symbol[k + 1]);
            if (s->used && s->value < best) best = s->value;
        }
        if (best == INT64_MAX) return length;
        const int32_t *merge = bpe->merge[best - 1];
        length = replace(symbol, length, merge[0], merge[1], merge[2]);
    }
}

static void print_word(FILE *out, dt_bpe *bpe, const uint8_t *word, int64_t bytes, bool first)
{
    int32_t *symbol = need(malloc((size_t)bytes * sizeof *symbol));
    const int64_t length = merge_word(bpe, symbol, spell(bpe, word, bytes, symbol));
    const dt_vocabulary *v = &bpe->symbols.v;
    for (int64_t k = 0; k < length; k++) {
        const int64_t start = v->start[symbol[k]], end = v->start[symbol[k] + 1];
        const bool last = k + 1 == length;
        if (k > 0 || !first) putc(' ', out);
        fwrite(v->bytes + start, 1, (size_t)(end - start - last), out);
        if (!last) fputs(JOINT, out);
    }
    free(symbol);
}

dt_status dt_bpe_cut(dt_bpe *bpe, const dt_corpus *text, dt_corpus *out, dt_error *err)
{
    *out = (dt_corpus){0};
    dt_status status = units_check(text, DT_WORDS, err);
    if (status != DT_OK) return status;
    char *cut;
    size_t size;
    FILE *f = need(open_memstream(&cut, &size));
    for (int64_t at = 0; at < text->count;) {
        const uint8_t *end = memchr(text->bytes + at, '\n', (size_t)(text->count - at));
        const int64_t count = end ? end - text->bytes - at : text->count - at;
        const dt_corpus line = {.bytes = text->bytes + at, .count = count};
        dt_units u = {.text = &line, .unit = DT_WORDS};
        int64_t bytes;
        bool first = true;
        for (const uint8_t *word; (word = units_next(&u, &bytes)); first = false)
            print_word(f, bpe, word, bytes, first);
        putc('\n', f);
        at += count + 1;
    }
    DT_REQUIRE(fclose(f) == 0, "out of memory for a text");
    status = dt_corpus_copy(text->path, cut, (int64_t)size, out, err);
    free(cut);
    return status;
}

void dt_bpe_join(char *line)
{
    char *to = line;
    for (const char *s = line; *s;) {
        if (strncmp(s, "@@ ", 3) == 0)
            s += 3;
        else if (strcmp(s, JOINT) == 0)
            s += 2;
        else
            *to++ = *s++;
    }
    *to = '\0';
}

/* ---- as text */

char *dt_bpe_text(const dt_bpe *bpe)
{
    char *text;
    size_t size;
    FILE *out = need(open_memstream(&text, &size));
    const dt_vocabulary *v = &bpe->symbols.v;
    for (int64_t i = 0; i < bpe->merges; i++)
        for (int k = 0; k < 2; k++) {
            const int32_t s = bpe->merge[i][k];
            fwrite(v->bytes + v->start[s], 1, (size_t)(v->start[s + 1] - v->start[s]), out);
            putc(k ? '\n' : '\t', out);
        }
    DT_REQUIRE(fclose(out) == 0, "out of memory for a byte-pair encoding");
    return text;
}

dt_status dt_bpe_parse(const char *path, const char *text, dt_bpe **out, dt_error *err)
{
    dt_bpe *bpe = need(calloc(1, sizeof *bpe));
    *out = NULL;
    for (const char *line = text; *line;) {
        const char *end = strchr(line, '\n'), *tab = end ? memchr(line, '\t', (size_t)(end - line)) : NULL;
        if (!tab || tab == line || tab + 1 == end) {
            dt_bpe_free(bpe);
            return dt_error_set(err, DT_ERR_DATA, path, line - text, "the file is damaged, or of another kind",
                                "is no byte-pair encoding from here on");
        }
        const int32_t left = vocabulary_add(&bpe->symbols, (const uint8_t *)line, tab - line, 1);
        const int32_t right = vocabulary_add(&bpe->symbols, (const uint8_t *)tab + 1, end - tab - 1, 1);
        add_merge(bpe, left, right);
        line = end + 1;
    }
    *out = bpe;
    return DT_OK;
}
