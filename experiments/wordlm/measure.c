/* From the probabilities that a model gives to the tokens of a text, whatever the model. */
#include <math.h>
#include <stdlib.h>

#include "experiments/wordlm/parts.h"

double *probabilities(const ids *text)
{
    double *p = malloc((size_t)text->count * sizeof *p);
    DT_REQUIRE(p, "out of memory for %lld probabilities", (long long)text->count);
    return p;
}

double perplexity(const double *p, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum -= log(p[i]);
    return exp(sum / (double)count);
}

void mix(double *p, const double *q, int64_t count)
{
    for (int64_t i = 0; i < count; i++) p[i] = (p[i] + q[i]) / 2;
}

dt_status frequency_points(dt_trial *trial, const char *series, const corpus *c, const ids *text, const double *p,
                           dt_error *err)
{
    enum { RANGES = 10, LEAST = 20 };
    double sum[RANGES] = {0};
    int64_t count[RANGES] = {0};
    for (int64_t i = 0; i < text->count; i++) {
        int range = 0;
        for (int64_t times = c->words.count[text->id[i]]; times >= 4 && range < RANGES - 1; times /= 4) range++;
        sum[range] -= log(p[i]);
        count[range]++;
    }
    dt_status status = DT_OK;
    for (int r = 0; r < RANGES && status == DT_OK; r++)
        if (count[r] >= LEAST)
            status = dt_trial_point(trial, "frequency", series, 2 * pow(4, r), exp(sum[r] / (double)count[r]), err);
    return status;
}
