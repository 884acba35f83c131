#include "data/ngrams.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

static void *room(int64_t count, size_t size)
{
    void *p = malloc((size_t)(count > 0 ? count : 1) * size);
    DT_REQUIRE(p, "dt_ngrams_count: out of memory");
    return p;
}

/* The text with a <s> before each sentence, and the places where n-grams start, sorted by what follows them. */
typedef struct {
    const dt_ngrams *g;
    int64_t count;
    int32_t *id;      /* [count] */
    uint8_t *length;  /* [count]: how many words the n-gram that starts here has, at most the order */
    int32_t *start;   /* [count] */
    int32_t *scratch; /* [count] */
} marked_text;

static void mark(marked_text *t, const int32_t *id, int64_t count)
{
    const dt_ngrams *g = t->g;
    int64_t sentences = 1;
    for (int64_t i = 0; i < count; i++) {
        DT_REQUIRE(id[i] >= 0 && id[i] < g->vocabulary, "dt_ngrams_count: word %d of %lld", id[i],
                   (long long)g->vocabulary);
        sentences += id[i] == g->end;
    }
    DT_REQUIRE(count > 0 && count + sentences < INT32_MAX, "dt_ngrams_count: %lld words", (long long)count);
    t->id = room(count + sentences, sizeof *t->id);
    for (int64_t i = 0; i < count; i++) {
        if (i == 0 || id[i - 1] == g->end) t->id[t->count++] = (int32_t)g->vocabulary;
        t->id[t->count++] = id[i];
    }
    t->length = room(t->count, sizeof *t->length);
    for (int64_t i = t->count - 1, left = 0; i >= 0; i--) {
        left = t->id[i] == g->end || i == t->count - 1 ? 1 : left + 1;
        t->length[i] = (uint8_t)(left < g->order ? left : g->order);
    }
}

/* The word at depth d of the n-gram that starts at i, plus 1; 0 where it is over: shorter ones come first. */
static int64_t key_at(const marked_text *t, int32_t i, int d)
{
    return d < t->length[i] ? t->id[i + d] + 1 : 0;
}

/* Radix sort from the last word to the first. */
static void sort_starts(marked_text *t)
{
    const int64_t keys = t->g->vocabulary + 2;
    int64_t *place = room(keys + 1, sizeof *place);
    t->start = room(t->count, sizeof *t->start);
    t->scratch = room(t->count, sizeof *t->scratch);
    for (int64_t i = 0; i < t->count; i++) t->start[i] = (int32_t)i;
    for (int d = t->g->order - 1; d >= 0; d--) {
        memset(place, 0, (size_t)(keys + 1) * sizeof *place);
        for (int64_t i = 0; i < t->count; i++) place[key_at(t, t->start[i], d) + 1]++;
        for (int64_t k = 0; k < keys; k++) place[k + 1] += place[k];
        for (int64_t i = 0; i < t->count; i++) t->scratch[place[key_at(t, t->start[i], d)]++] = t->start[i];
        int32_t *swap = t->start;
        t->start = t->scratch;
        t->scratch = swap;
    }
    free(place);
}

/* From which depth on the i-th n-gram in order differs from the one before it. */
static int first_difference(const marked_text *t, int64_t i)
{
    int d = 0;
    if (i == 0) return 0;
    while (d < t->length[t->start[i]] && key_at(t, t->start[i - 1], d) == key_at(t, t->start[i], d)) d++;
    return d;
}

static void make_levels(dt_ngrams *g, const marked_text *t)
{
    int64_t n[DT_NGRAMS_MOST + 2] = {1};
    for (int64_t i = 0; i < t->count; i++)
        for (int d = first_difference(t, i); d < t->length[t->start[i]]; d++) n[d + 1]++;
    for (int k = 0; k <= g->order; k++) {
        dt_ngram_level *l = &g->level[k];
        l->word = room(n[k], sizeof *l->word);
        l->count = room(n[k], sizeof *l->count);
        l->suffix = room(n[k], sizeof *l->suffix);
        l->first = k < g->order ? room(n[k] + 1, sizeof *l->first) : NULL;
        memset(l->count, 0, (size_t)n[k] * sizeof *l->count);
    }
    g->level[0].n = 1;
    g->level[0].word[0] = -1;
    g->level[0].suffix[0] = -1;
    g->level[0].first[0] = 0;
}

/* One sweep over the sorted n-grams: a new one at every level from the first difference on. */
static void fill_levels(dt_ngrams *g, const marked_text *t)
{
    for (int64_t i = 0; i < t->count; i++) {
        const int32_t start = t->start[i];
        for (int d = first_difference(t, i); d < t->length[start]; d++) {
            dt_ngram_level *l = &g->level[d + 1];
            l->word[l->n] = t->id[start + d];
            if (d + 1 < g->order) l->first[l->n] = (int32_t)g->level[d + 2].n;
            l->n++;
        }
        for (int d = 0; d <= t->length[start]; d++) g->level[d].count[g->level[d].n - 1]++;
    }
    for (int k = 0; k < g->order; k++) g->level[k].first[g->level[k].n] = (int32_t)g->level[k + 1].n;
}

/* The suffix of a child is the child, by the same word, of its parent's suffix. */
static void link_suffixes(dt_ngrams *g)
{
    for (int64_t i = 0; i < g->level[1].n; i++) g->level[1].suffix[i] = 0;
    for (int k = 1; k < g->order; k++)
        for (int32_t parent = 0; parent < g->level[k].n; parent++)
            for (int32_t c = g->level[k].first[parent]; c < g->level[k].first[parent + 1]; c++)
                g->level[k + 1].suffix[c] =
                    dt_ngrams_child(g, k - 1, g->level[k].suffix[parent], g->level[k + 1].word[c]);
    g->level[1].begin = (int32_t)g->level[1].n - 1; /* the greatest word */
    for (int k = 2; k <= g->order; k++) g->level[k].begin = g->level[k - 1].first[g->level[k - 1].begin];
}

void dt_ngrams_count(dt_ngrams *g, const int32_t *id, int64_t count, int64_t vocabulary, int32_t end, int order)
{
    DT_REQUIRE(order >= 1 && order <= DT_NGRAMS_MOST && vocabulary > 0 && vocabulary < INT32_MAX - 2,
               "dt_ngrams_count: order %d with %lld words", order, (long long)vocabulary);
    *g = (dt_ngrams){.order = order, .vocabulary = vocabulary, .end = end};
    marked_text t = {.g = g};
    mark(&t, id, count);
    sort_starts(&t);
    make_levels(g, &t);
    fill_levels(g, &t);
    link_suffixes(g);
    free(t.id);
    free(t.length);
    free(t.start);
    free(t.scratch);
}

void dt_ngrams_free(dt_ngrams *g)
{
    for (int k = 0; k <= g->order; k++) {
        free(g->level[k].word);
        free(g->level[k].count);
        free(g->level[k].suffix);
        free(g->level[k].first);
    }
    *g = (dt_ngrams){0};
}

int32_t dt_ngrams_child(const dt_ngrams *g, int k, int32_t node, int32_t word)
{
    const int32_t *words = g->level[k + 1].word;
    int32_t low = g->level[k].first[node], end = g->level[k].first[node + 1];
    while (low < end) {
        const int32_t middle = low + (end - low) / 2;
        if (words[middle] == word) return middle;
        if (words[middle] < word)
            low = middle + 1;
        else
            end = middle;
    }
    return -1;
}

int32_t dt_ngrams_find(const dt_ngrams *g, const int32_t *words, int k)
{
    int32_t node = 0;
    for (int i = 0; i < k && node >= 0; i++) node = dt_ngrams_child(g, i, node, words[i]);
    return node;
}

int dt_ngrams_context(const dt_ngrams *g, const int32_t *id, int64_t i, int32_t context[DT_NGRAMS_MOST])
{
    int n = 0;
    while (n < g->order - 1) {
        const bool begins = i - n == 0 || id[i - n - 1] == g->end;
        n++;
        context[g->order - 1 - n] = begins ? (int32_t)g->vocabulary : id[i - n];
        if (begins) break;
    }
    memmove(context, context + g->order - 1 - n, (size_t)n * sizeof *context);
    return n;
}
