/* n-grams of short sequences of numbers, and how many two of them share: what BLEU and chrF count. Private to data/. */
#ifndef DT_DATA_GRAMS_H
#define DT_DATA_GRAMS_H

#include "core/real.h"

enum { DT_GRAMS_MOST = 6 };

/* A sequence of words or characters as numbers, those of all compared sequences by one list. */
typedef struct {
    const int32_t *unit;
    int64_t count;
} gram_sequence;

/* How many n-grams of `a` are matched by one of a sequence in `with`: an n-gram that `a` has c times and the sequence
 * that has it most often r times counts min(c, r) times (Papineni et al. 2002, section 2.1.1). n is at most
 * DT_GRAMS_MOST. */
int64_t grams_shared(gram_sequence a, const gram_sequence *with, int sequences, int n);

static inline int64_t grams_in(gram_sequence a, int n)
{
    return a.count >= n ? a.count - n + 1 : 0;
}

#endif
