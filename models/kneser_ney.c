#include "models/kneser_ney.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

static void *room(int64_t count, size_t size)
{
    void *p = calloc((size_t)count, size);
    DT_REQUIRE(p, "kneser_ney: out of memory");
    return p;
}

/* a: the counts of order k, or how many different words precede each k-gram. <s> alone is nothing to predict. */
static int32_t *adjusted_counts(const dt_ngrams *g, int k)
{
    const dt_ngram_level *l = &g->level[k];
    int32_t *a = room(l->n, sizeof *a);
    for (int64_t i = k == g->order ? 0 : l->begin; i < l->n; i++) a[i] = l->count[i];
    if (k < g->order)
        for (int64_t i = 0; i < g->level[k + 1].n; i++) a[g->level[k + 1].suffix[i]]++;
    if (k == 1) a[l->begin] = 0;
    return a;
}

/* D (Chen & Goodman, eq. 9 and 26) from n_i, how many n-grams have a = i. Where a small text lacks one of them, 1/2 and
 * the unmodified discount take its place. */
static void estimate_discounts(double discount[3], const int32_t *a, int64_t count, bool modified)
{
    double n[5] = {0};
    for (int64_t i = 0; i < count; i++)
        if (a[i] >= 1 && a[i] <= 4) n[a[i]]++;
    const double y = n[1] > 0 && n[2] > 0 ? n[1] / (n[1] + 2 * n[2]) : 0.5;
    for (int i = 1; i <= 3; i++) {
        const double d = n[i] > 0 ? i - (i + 1) * y * n[i + 1] / n[i] : 0;
        discount[i - 1] = modified && n[1] > 0 && n[2] > 0 && n[i] > 0 && n[i + 1] > 0 && d > 0 ? d : y;
    }
}

/* What is taken from a count: all of it from an n-gram that is too rare. */
static double discount_of(const kneser_ney *m, int k, int32_t a)
{
    if (k > 2 && a < m->options.least) return a;
    return a == 0 ? 0 : m->discount[k][a < 3 ? a - 1 : 2];
}

/* The single words' share that discounting freed goes to all alike. */
static double lower_p(const kneser_ney *m, int k, int32_t node)
{
    return k == 1 ? 1 / (double)m->grams.vocabulary : m->p[k - 1][m->grams.level[k].suffix[node]];
}

/* Where the context backs off: gamma = what is left for words that never followed it, over their share of p(.|h').
 * Those whose n-grams were left out (p is 0 as yet) are among them. */
static double back_off_weight(const kneser_ney *m, int k, int32_t first, int32_t end)
{
    double seen = 0, lower = 0;
    for (int32_t i = first; i < end; i++) {
        seen += m->p[k][i];
        if (m->p[k][i] > 0) lower += lower_p(m, k, i);
    }
    const double gamma = lower < 1 - 1e-9 ? (1 - seen) / (1 - lower) : 0;
    for (int32_t i = first; i < end; i++) {
        if (gamma == 0) m->p[k][i] /= seen; /* every word followed: nothing to back off for */
        if (m->p[k][i] == 0) m->p[k][i] = gamma * lower_p(m, k, i);
    }
    return gamma;
}

/* The distribution over the k-grams first .. end-1, which are all continuations of one context. Returns its gamma. */
static double distribute(const kneser_ney *m, int k, const int32_t *a, int32_t first, int32_t end)
{
    double total = 0, freed = 0;
    for (int32_t i = first; i < end; i++) {
        total += a[i];
        freed += discount_of(m, k, a[i]);
    }
    if (total == 0) return 1; /* nothing ever followed */
    const bool interpolated = !m->options.back_off || k == 1;
    const double gamma = freed / total;
    for (int32_t i = first; i < end; i++) {
        m->p[k][i] = (a[i] - discount_of(m, k, a[i])) / total;
        if (interpolated) m->p[k][i] += gamma * lower_p(m, k, i);
    }
    return interpolated ? gamma : back_off_weight(m, k, first, end);
}

void kneser_ney_init(kneser_ney *m, const int32_t *id, int64_t count, int64_t vocabulary, int32_t end, int order,
                     kneser_ney_options options)
{
    *m = (kneser_ney){.options = options};
    dt_ngrams_count(&m->grams, id, count, vocabulary, end, order);
    for (int k = 1; k <= order; k++) {
        const dt_ngram_level *contexts = &m->grams.level[k - 1];
        int32_t *a = adjusted_counts(&m->grams, k);
        estimate_discounts(m->discount[k], a, m->grams.level[k].n, options.modified);
        m->p[k] = room(m->grams.level[k].n, sizeof *m->p[k]);
        m->gamma[k - 1] = room(contexts->n, sizeof *m->gamma[k - 1]);
        for (int64_t c = 0; c < contexts->n; c++)
            m->gamma[k - 1][c] = distribute(m, k, a, contexts->first[c], contexts->first[c + 1]);
        free(a);
    }
}

void kneser_ney_free(kneser_ney *m)
{
    for (int k = 0; k <= m->grams.order; k++) {
        free(m->p[k]);
        if (k < m->grams.order) free(m->gamma[k]);
    }
    dt_ngrams_free(&m->grams);
}

double kneser_ney_p(const kneser_ney *m, const int32_t *context, int n, int32_t word)
{
    double weight = 1;
    for (int k = n < m->grams.order - 1 ? n : m->grams.order - 1; k >= 0; k--) {
        const int32_t node = dt_ngrams_find(&m->grams, context + n - k, k);
        if (node < 0) continue; /* the context never occurred */
        const int32_t gram = dt_ngrams_child(&m->grams, k, node, word);
        if (gram >= 0) return weight * m->p[k + 1][gram];
        weight *= m->gamma[k][node];
    }
    return weight / (double)m->grams.vocabulary;
}

void kneser_ney_text(const kneser_ney *m, const int32_t *id, int64_t count, double *p)
{
    int32_t context[DT_NGRAMS_MOST];
    for (int64_t i = 0; i < count; i++) {
        const int n = dt_ngrams_context(&m->grams, id, i, context);
        p[i] = kneser_ney_p(m, context, n, id[i]);
    }
}
