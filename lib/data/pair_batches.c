/* Pairs of sentences, batched by length (data/sentences.h). */
#include <stdlib.h>

#include "data/sentences.h"

typedef struct {
    int64_t words[2];
    uint32_t rank, pair; /* rank: among those of the same lengths */
} entry;

static int by_length(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    for (int i = 0; i < 2; i++)
        if (x->words[i] != y->words[i]) return x->words[i] < y->words[i] ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static void *room_for(int64_t count, size_t size)
{
    void *p = malloc((size_t)(count > 0 ? count : 1) * size);
    DT_REQUIRE(p, "out of memory for %lld pairs of sentences", (long long)count);
    return p;
}

/* The pairs by length, those of the same lengths by rank[place in b->pair]. */
static void sort(dt_pair_batches *b, const uint32_t *rank)
{
    entry *entries = room_for(b->pairs, sizeof *entries);
    for (int64_t i = 0; i < b->pairs; i++) {
        const uint32_t pair = b->pair[i];
        entries[i] = (entry){{dt_sentence_words(b->source, pair), dt_sentence_words(b->target, pair)}, rank[i], pair};
    }
    qsort(entries, (size_t)b->pairs, sizeof *entries, by_length);
    for (int64_t i = 0; i < b->pairs; i++) b->pair[i] = entries[i].pair;
    free(entries);
}

/* A batch ends where it is full or the source's length changes; into b->first, unless NULL. Returns how many. */
static int64_t cut(const dt_pair_batches *b)
{
    int64_t count = 0, first = 0;
    for (int64_t i = 1; i <= b->pairs; i++) {
        if (i < b->pairs && i - first < b->batch &&
            dt_sentence_words(b->source, b->pair[i]) == dt_sentence_words(b->source, b->pair[first]))
            continue;
        if (b->first) b->first[count] = first;
        count++;
        first = i;
    }
    if (b->first) b->first[count] = b->pairs;
    return count;
}

dt_status dt_pair_batches_cut(const dt_sentences *source, const dt_sentences *target, int64_t batch, int64_t most,
                              bool reverse, const int32_t ends[2], dt_pair_batches *out, dt_error *err)
{
    DT_REQUIRE(source->count == target->count && batch > 0 && most > 0,
               "dt_pair_batches_cut: %lld and %lld lines, batches of %lld of up to %lld words",
               (long long)source->count, (long long)target->count, (long long)batch, (long long)most);
    dt_pair_batches b = {.source = source, .target = target, .batch = batch, .most = most, .reverse = reverse};
    b.ends[0] = ends[0], b.ends[1] = ends[1];
    b.pair = room_for(source->count, sizeof *b.pair);
    uint32_t *rank = room_for(source->count, sizeof *rank);
    for (int64_t i = 0; i < source->count; i++) {
        if (dt_sentence_words(source, i) > most || dt_sentence_words(target, i) > most) continue;
        rank[b.pairs] = (uint32_t)b.pairs;
        b.pair[b.pairs++] = (uint32_t)i;
    }
    sort(&b, rank);
    free(rank);
    b.count = cut(&b);
    b.first = room_for(b.count + 1, sizeof *b.first);
    cut(&b);
    b.order = room_for(b.count, sizeof *b.order);
    for (int64_t i = 0; i < b.count; i++) b.order[i] = (uint32_t)i;
    *out = b;
    if (b.pairs > 0) return DT_OK;
    dt_pair_batches_free(out);
    return dt_error_set(err, DT_ERR_DATA, source->path, -1, "give shorter sentences",
                        "none of its %lld lines has at most %lld words, and its translation too",
                        (long long)source->count, (long long)most);
}

void dt_pair_batches_free(dt_pair_batches *b)
{
    free(b->first);
    free(b->pair);
    free(b->order);
    *b = (dt_pair_batches){0};
}

/* The ranks go to the pairs in the order of their lines, so that what was dealt before does not matter. */
static int by_line(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void dt_pair_batches_deal(dt_pair_batches *b, dt_rng stream)
{
    uint32_t *rank = room_for(b->pairs, sizeof *rank);
    qsort(b->pair, (size_t)b->pairs, sizeof *b->pair, by_line);
    dt_rng_permutation(stream, rank, (uint32_t)b->pairs);
    sort(b, rank);
    free(rank);
    stream.purpose ^= dt_rng_purpose("batches");
    dt_rng_permutation(stream, b->order, (uint32_t)b->count);
}

/* ---- one batch */

static void reserve(dt_pair_batch *x, int64_t source, int64_t target)
{
    if (source > x->room[0]) {
        free(x->source);
        x->source = room_for(source, sizeof *x->source);
        x->room[0] = source;
    }
    if (target <= x->room[1]) return;
    free(x->previous), free(x->next), free(x->column);
    x->previous = room_for(target, sizeof *x->previous);
    x->next = room_for(target, sizeof *x->next);
    x->column = room_for(target, sizeof *x->column);
    x->room[1] = target;
}

static int32_t word_of(const dt_sentences *s, int64_t line, int64_t t)
{
    return s->id[s->start[line] + t];
}

void dt_pair_batches_at(const dt_pair_batches *b, int64_t k, dt_pair_batch *x)
{
    const int64_t first = b->first[b->order[k]], n = b->first[b->order[k] + 1] - first;
    x->pair = b->pair + first;
    x->n = n;
    x->positions = dt_sentence_words(b->source, x->pair[0]) + 1;
    x->steps = x->words = 0;
    for (int64_t i = 0; i < n; i++) {
        const int64_t words = dt_sentence_words(b->target, x->pair[i]) + 1;
        if (words > x->steps) x->steps = words;
    }
    reserve(x, x->positions * n, x->steps * n);
    for (int64_t s = 0; s < x->positions; s++)
        for (int64_t i = 0; i < n; i++) {
            const int64_t at = b->reverse ? x->positions - 2 - s : s;
            x->source[s * n + i] = s + 1 == x->positions ? b->ends[0] : word_of(b->source, x->pair[i], at);
        }
    for (int64_t t = 0; t < x->steps; t++)
        for (int64_t i = 0; i < n; i++) {
            const int64_t words = dt_sentence_words(b->target, x->pair[i]);
            x->previous[t * n + i] = t > 0 && t <= words ? word_of(b->target, x->pair[i], t - 1) : b->ends[1];
            if (t > words) continue;
            x->column[x->words] = t * n + i;
            x->next[x->words++] = t < words ? word_of(b->target, x->pair[i], t) : b->ends[1];
        }
}

void dt_pair_batch_free(dt_pair_batch *x)
{
    free(x->source);
    free(x->previous);
    free(x->next);
    free(x->column);
    *x = (dt_pair_batch){0};
}
