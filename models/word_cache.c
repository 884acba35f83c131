#include "models/word_cache.h"

#include <stdlib.h>

#include "core/error.h"

void word_cache_mix(const int32_t *id, int64_t count, int64_t vocabulary, int64_t size, double lambda, double *p)
{
    DT_REQUIRE(size > 0 && lambda >= 0 && lambda <= 1, "word_cache_mix: %lld words with weight %g", (long long)size,
               lambda);
    int64_t *times = calloc((size_t)vocabulary, sizeof *times);
    DT_REQUIRE(times, "word_cache_mix: out of memory");
    for (int64_t i = 0; i < count; i++) {
        const int64_t held = i < size ? i : size;
        if (held > 0) p[i] = (1 - lambda) * p[i] + lambda * (double)times[id[i]] / (double)held;
        times[id[i]]++;
        if (i >= size) times[id[i - size]]--;
    }
    free(times);
}
