#include "models/trigram.h"

#include <math.h>
#include <stdlib.h>

#include "core/error.h"

/* The sum of the children's counts. */
static double *count_followers(const dt_ngrams *g, int k)
{
    const dt_ngram_level *l = &g->level[k], *above = &g->level[k + 1];
    double *followed = calloc((size_t)l->n, sizeof *followed);
    DT_REQUIRE(followed, "trigram: out of memory");
    for (int64_t i = 0; i < l->n; i++)
        for (int32_t c = l->first[i]; c < l->first[i + 1]; c++)
            if (above->word[c] < g->vocabulary) followed[i] += above->count[c];
    return followed;
}

void trigram_init(trigram *m, const int32_t *id, int64_t count, int64_t vocabulary, int32_t end)
{
    *m = (trigram){.length = count};
    dt_ngrams_count(&m->grams, id, count, vocabulary, end, TRIGRAM_PARTS - 1);
    for (int k = 0; k < TRIGRAM_PARTS - 1; k++) m->followed[k] = count_followers(&m->grams, k);
    for (int q = 0; q < TRIGRAM_BUCKETS; q++)
        for (int i = 0; i < TRIGRAM_PARTS; i++) m->alpha[q][i] = 1.0 / TRIGRAM_PARTS;
}

void trigram_free(trigram *m)
{
    for (int k = 0; k < TRIGRAM_PARTS - 1; k++) free(m->followed[k]);
    dt_ngrams_free(&m->grams);
}

/* p0 .. p3 of the word after the context, and its bucket. */
static int parts(const trigram *m, const int32_t *context, int n, int32_t word, double part[TRIGRAM_PARTS])
{
    const dt_ngrams *g = &m->grams;
    int64_t frequency = 0;
    part[0] = 1 / (double)g->vocabulary;
    for (int k = 0; k < TRIGRAM_PARTS - 1; k++) {
        const int32_t node = k <= n ? dt_ngrams_find(g, context + n - k, k) : -1;
        const double sum = node < 0 ? 0 : m->followed[k][node];
        part[k + 1] = part[k];
        if (sum == 0) continue;
        const int32_t gram = dt_ngrams_child(g, k, node, word);
        part[k + 1] = gram < 0 ? 0 : g->level[k + 1].count[gram] / sum;
        if (k == TRIGRAM_PARTS - 2) frequency = g->level[k].count[node];
    }
    const int q = (int)ceil(-log((1 + (double)frequency) / (double)m->length));
    return q < 0 ? 0 : q < TRIGRAM_BUCKETS ? q : TRIGRAM_BUCKETS - 1;
}

static double mixed(const trigram *m, int q, const double part[TRIGRAM_PARTS])
{
    double p = 0;
    for (int i = 0; i < TRIGRAM_PARTS; i++) p += m->alpha[q][i] * part[i];
    return p;
}

double trigram_adapt(trigram *m, const int32_t *id, int64_t count)
{
    double share[TRIGRAM_BUCKETS][TRIGRAM_PARTS] = {{0}}, bits = 0, part[TRIGRAM_PARTS];
    int32_t context[DT_NGRAMS_MOST];
    for (int64_t i = 0; i < count; i++) {
        const int n = dt_ngrams_context(&m->grams, id, i, context), q = parts(m, context, n, id[i], part);
        const double p = mixed(m, q, part);
        bits -= log(p);
        for (int k = 0; k < TRIGRAM_PARTS; k++) share[q][k] += m->alpha[q][k] * part[k] / p;
    }
    for (int q = 0; q < TRIGRAM_BUCKETS; q++) {
        double sum = 0;
        for (int k = 0; k < TRIGRAM_PARTS; k++) sum += share[q][k];
        for (int k = 0; k < TRIGRAM_PARTS && sum > 0; k++) m->alpha[q][k] = share[q][k] / sum;
    }
    return exp(bits / (double)count);
}

double trigram_p(const trigram *m, const int32_t *context, int n, int32_t word)
{
    double part[TRIGRAM_PARTS];
    const int q = parts(m, context, n, word, part);
    return mixed(m, q, part);
}

void trigram_text(const trigram *m, const int32_t *id, int64_t count, double *p)
{
    int32_t context[DT_NGRAMS_MOST];
    for (int64_t i = 0; i < count; i++) {
        const int n = dt_ngrams_context(&m->grams, id, i, context);
        p[i] = trigram_p(m, context, n, id[i]);
    }
}
