/* Drawing from any distribution over 0 .. n-1 with one random number: the alias method (Walker 1977; built in linear
 * time after Vose 1991). Of n equally likely cells, each belongs to its own outcome up to a limit, and to one other
 * above it. */
#ifndef DT_DATA_ALIAS_H
#define DT_DATA_ALIAS_H

#include "core/real.h"

typedef struct {
    uint32_t limit; /* of 2^32 */
    int32_t other;
} dt_alias_cell;

typedef struct {
    int64_t n;
    dt_alias_cell *cell; /* [n] */
} dt_alias;

/* Outcome i with a probability proportional to weight[i] >= 0, of which one is above 0. 1 <= n < 2^31. */
void dt_alias_init(dt_alias *a, const double *weight, int64_t n);
void dt_alias_free(dt_alias *a);

/* The outcome for 32 random bits, within 2^-32 of its probability. */
static inline int32_t dt_alias_draw(const dt_alias *a, uint32_t bits)
{
    const uint64_t place = (uint64_t)bits * (uint64_t)a->n;
    const int32_t i = (int32_t)(place >> 32);
    return (uint32_t)place <= a->cell[i].limit ? i : a->cell[i].other;
}

#endif
