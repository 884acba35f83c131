#include "data/grams.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

typedef struct {
    int32_t unit[DT_GRAMS_MOST];
} gram;

static int compare(const void *a, const void *b)
{
    const gram *x = a, *y = b;
    for (int i = 0; i < DT_GRAMS_MOST; i++)
        if (x->unit[i] != y->unit[i]) return x->unit[i] < y->unit[i] ? -1 : 1;
    return 0;
}

/* The n-grams in order, those of equal units side by side. */
static gram *sorted(gram_sequence s, int n)
{
    const int64_t count = grams_in(s, n);
    gram *g = calloc((size_t)count + 1, sizeof *g);
    DT_REQUIRE(g, "out of memory for %lld n-grams", (long long)count);
    for (int64_t i = 0; i < count; i++) memcpy(g[i].unit, s.unit + i, (size_t)n * sizeof *s.unit);
    qsort(g, (size_t)count, sizeof *g, compare);
    return g;
}

/* Where the n-grams equal to g[i] end. */
static int64_t end_of(const gram *g, int64_t i, int64_t count)
{
    int64_t end = i + 1;
    while (end < count && compare(&g[i], &g[end]) == 0) end++;
    return end;
}

int64_t grams_shared(gram_sequence a, const gram_sequence *with, int sequences, int n)
{
    const int64_t count = grams_in(a, n);
    gram *own = sorted(a, n);
    int64_t *most = calloc((size_t)count + 1, sizeof *most); /* by the place of an n-gram's first copy */
    DT_REQUIRE(most, "out of memory for %lld n-grams", (long long)count);
    for (int s = 0; s < sequences; s++) {
        const int64_t others = grams_in(with[s], n);
        gram *other = sorted(with[s], n);
        for (int64_t i = 0, k = 0; i < count && k < others;) {
            const int order = compare(&own[i], &other[k]);
            const int64_t next_i = end_of(own, i, count), next_k = end_of(other, k, others);
            if (order == 0 && next_k - k > most[i]) most[i] = next_k - k;
            if (order <= 0) i = next_i;
            if (order >= 0) k = next_k;
        }
        free(other);
    }
    int64_t shared = 0;
    for (int64_t i = 0, end; i < count; i = end) {
        end = end_of(own, i, count);
        shared += most[i] < end - i ? most[i] : end - i;
    }
    free(own);
    free(most);
    return shared;
}
