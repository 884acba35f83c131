/* BLEU (Papineni, Roukos, Ward, Zhu 2002): how many of a translation's words, pairs, triples and quadruples of words
 * stand in a reference too. The number depends on how a line is cut into words, on upper and lower case, and on what is
 * done where nothing is shared; a BLEU is worth little without them (Post 2018, "A call for clarity in reporting BLEU
 * scores"). Two programs are reproduced here:
 *
 *     sacreBLEU, by default    dt_bleu_words_13a, DT_BLEU_SMOOTH_EXP
 *     multi-bleu.perl          words between blanks, DT_BLEU_NO_SMOOTHING */
#ifndef DT_DATA_BLEU_H
#define DT_DATA_BLEU_H

#include "core/real.h"

enum { DT_BLEU_ORDER = 4 };

/* Counts of all lines so far. */
typedef struct {
    int64_t match[DT_BLEU_ORDER], total[DT_BLEU_ORDER]; /* n-grams that are shared, and that the translations have */
    int64_t words, reference_words; /* in the translations, and in the references nearest in length */
} dt_bleu;

typedef enum {
    DT_BLEU_NO_SMOOTHING, /* 0 where an order has no match */
    DT_BLEU_SMOOTH_EXP    /* the k-th order without a match counts as 1 / 2^k of one (Chen, Cherry 2014, method 3) */
} dt_bleu_smoothing;

/* Adds a line: words between blanks, and `references` translations of the same sentence, at least one. */
void dt_bleu_add(dt_bleu *b, const char *translation, const char *const *reference, int references);

/* In percent. */
double dt_bleu_score(const dt_bleu *b, dt_bleu_smoothing smoothing);

/* A line cut into words as NIST's mteval-v13a does: punctuation but for the apostrophe and the hyphen stands alone, but
 * not a dot or comma between digits; some HTML is undone. The caller frees it. */
char *dt_bleu_words_13a(const char *line);

#endif
