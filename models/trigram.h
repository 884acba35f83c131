/* The interpolated trigram of Jelinek & Mercer 1980 (deleted interpolation), as Bengio, Ducharme, Vincent, Jauvin 2003,
 * section 4.2, describe it:
 *
 *     p(w|v,u) = alpha_0(q) / |V| + alpha_1(q) p1(w) + alpha_2(q) p2(w|v) + alpha_3(q) p3(w|v,u)
 *
 * with relative frequencies p1, p2, p3 of the training text and weights that depend on how often its context (u, v)
 * occurred: q = ceil(-log((1 + freq(u,v)) / T)), T being the training text's length. The weights are those most likely
 * on other text, by the EM algorithm. Where a context never occurred, the next shorter one's frequency takes its place,
 * so that the sum over w is one. */
#ifndef MODELS_TRIGRAM_H
#define MODELS_TRIGRAM_H

#include "data/ngrams.h"

enum { TRIGRAM_PARTS = 4, TRIGRAM_BUCKETS = 32 };

typedef struct {
    dt_ngrams grams;
    double *followed[TRIGRAM_PARTS - 1];          /* [order][context]: how often a word came after it */
    int64_t length;                               /* T */
    double alpha[TRIGRAM_BUCKETS][TRIGRAM_PARTS]; /* each row sums to one */
} trigram;

/* The frequencies, from a text of ids as for dt_ngrams_count; the weights are all alike as yet. */
void trigram_init(trigram *m, const int32_t *id, int64_t count, int64_t vocabulary, int32_t end);
void trigram_free(trigram *m);

/* One step of EM on a text that the frequencies do not come from. Returns its perplexity before the step. A bucket that
 * the text never meets keeps its weights. */
double trigram_adapt(trigram *m, const int32_t *id, int64_t count);

/* p(word | context): the last two of n words. */
double trigram_p(const trigram *m, const int32_t *context, int n, int32_t word);

/* p [count]: the probability of each token of a text. */
void trigram_text(const trigram *m, const int32_t *id, int64_t count, double *p);

#endif
