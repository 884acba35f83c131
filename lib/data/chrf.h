/* chrF (Popović 2015): the F-score of shared n-grams of characters, n from 1 to 6; blanks do not count. As sacreBLEU
 * computes it by default ("chrF2": nc 6, nw 0, beta 2): counts of all lines, then the means over the orders that occur.
 */
#ifndef DT_DATA_CHRF_H
#define DT_DATA_CHRF_H

#include "core/real.h"

enum { DT_CHRF_ORDER = 6 };

typedef struct {
    int64_t match[DT_CHRF_ORDER], translation[DT_CHRF_ORDER],
        reference[DT_CHRF_ORDER]; /* n-grams of all lines so far */
} dt_chrf;

/* Both are UTF-8; bytes that are not count as a character each. */
void dt_chrf_add(dt_chrf *c, const char *translation, const char *reference);

/* In percent; recall counts beta times as much as precision (2). */
double dt_chrf_score(const dt_chrf *c, double beta);

#endif
