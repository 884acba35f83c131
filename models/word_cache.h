/* A cache: the words of the last few hundred are likely to come again (Kuhn & De Mori 1990; Jelinek, Merialdo, Roukos,
 * Strauss 1991). Its distribution is the relative frequency of each word among the last `size`; it is mixed with
 * another model's, p = (1 - lambda) p_model + lambda p_cache. */
#ifndef MODELS_WORD_CACHE_H
#define MODELS_WORD_CACHE_H

#include "core/real.h"

/* p [count] of another model's probabilities of a text's tokens -> their mixture with the cache's, which begins empty,
 * and until it holds a word leaves p as it is. `size` at least 1, lambda in 0 .. 1. */
void word_cache_mix(const int32_t *id, int64_t count, int64_t vocabulary, int64_t size, double lambda, double *p);

#endif
