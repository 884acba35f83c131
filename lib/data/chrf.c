#include "data/chrf.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "data/corpus.h"
#include "data/grams.h"

/* The characters but for blanks, each as its bytes in one number. The caller frees it. */
static int32_t *characters(const char *line, gram_sequence *out)
{
    const int64_t bytes = (int64_t)strlen(line);
    int32_t *unit = malloc((size_t)(bytes + 1) * sizeof *unit);
    DT_REQUIRE(unit, "out of memory for %lld characters", (long long)bytes);
    *out = (gram_sequence){unit, 0};
    for (int64_t i = 0, length; i < bytes; i += length) {
        const uint8_t *s = (const uint8_t *)line + i;
        uint32_t number = 0;
        length = dt_utf8_length(s, bytes - i);
        if (length == 0) length = 1;
        if (length == 1 && strchr(" \t\r\n\v\f", s[0])) continue;
        for (int64_t k = 0; k < length; k++) number = number << 8 | s[k];
        unit[out->count++] = (int32_t)number;
    }
    return unit;
}

void dt_chrf_add(dt_chrf *c, const char *translation, const char *reference)
{
    gram_sequence own, other;
    int32_t *const a = characters(translation, &own), *const b = characters(reference, &other);
    for (int n = 1; n <= DT_CHRF_ORDER; n++) {
        const int64_t there = grams_in(other, n);
        c->match[n - 1] += grams_shared(own, &other, 1, n);
        c->reference[n - 1] += there;
        if (there > 0) c->translation[n - 1] += grams_in(own, n); /* a short reference is not held against it */
    }
    free(a);
    free(b);
}

double dt_chrf_score(const dt_chrf *c, double beta)
{
    double precision = 0, recall = 0;
    int orders = 0;
    for (int n = 0; n < DT_CHRF_ORDER; n++) {
        if (c->translation[n] == 0 || c->reference[n] == 0) continue;
        precision += (double)c->match[n] / (double)c->translation[n];
        recall += (double)c->match[n] / (double)c->reference[n];
        orders++;
    }
    if (orders == 0 || precision + recall == 0) return 0;
    const double square = beta * beta;
    return 100 * (1 + square) * precision * recall / (square * precision + recall) / orders;
}
