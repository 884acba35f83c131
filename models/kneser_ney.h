/* Kneser-Ney smoothed n-grams (Kneser & Ney 1995), exactly as Chen & Goodman 1999, "An empirical study of smoothing
 * techniques for language modeling", define them: eq. 8 to 10 with one discount for each order, and modified, eq. 17
 * to 26, with three; interpolated, or backing off.
 *
 *     p(w|h) = (a(hw) - D(a(hw))) / sum_v a(hv)  +  gamma(h) p(w|h')      h': h without its first word
 *
 * a(hw) is the n-gram's count at the highest order, and below it the number of different words that precede hw
 * (of n-grams that begin a sentence, which nothing precedes, it is the count). gamma(h) makes the sum over w one; the
 * single words are interpolated with the uniform distribution. */
#ifndef MODELS_KNESER_NEY_H
#define MODELS_KNESER_NEY_H

#include "data/ngrams.h"

typedef struct {
    bool modified; /* a discount each for counts of 1, 2, and 3 or more, instead of one for all */
    bool back_off; /* p(w|h') counts only where hw did not occur (Chen & Goodman, section 2.7) */
    int32_t least; /* n-grams of three and more words with a(hw) below this count as if they had not occurred, as in the
                    * SRILM toolkit, where it is 2 (Stolcke 2002); 0: all count */
} kneser_ney_options;

typedef struct {
    dt_ngrams grams;
    kneser_ney_options options;
    double discount[DT_NGRAMS_MOST + 1][3]; /* [order][count - 1], for 3 and more the last */
    double *p[DT_NGRAMS_MOST + 1];          /* [order][n-gram]: p(its last word | those before) */
    double *gamma[DT_NGRAMS_MOST];          /* [order][context]: the weight of p(.|h') */
} kneser_ney;

/* From a text of ids, as for dt_ngrams_count. */
void kneser_ney_init(kneser_ney *m, const int32_t *id, int64_t count, int64_t vocabulary, int32_t end, int order,
                     kneser_ney_options options);
void kneser_ney_free(kneser_ney *m);

/* p(word | context), `n` words of which the last order - 1 count. */
double kneser_ney_p(const kneser_ney *m, const int32_t *context, int n, int32_t word);

/* p [count]: the probability of each token of a text, given those before it in its sentence. */
void kneser_ney_text(const kneser_ney *m, const int32_t *id, int64_t count, double *p);

#endif
