/* Walks and sums in the space of the noise (Radford et al. 2016, sections 6.1 and 6.3.2). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/gan/parts.h"

enum { COLUMNS = 12, WALKS = 4, CANDIDATES = 2000, EXEMPLARS = 3 };

static real *reals(int64_t count)
{
    real *x = malloc((size_t)count * sizeof *x);
    DT_REQUIRE(x, "latent_sheet: out of memory");
    return x;
}

/* `count` images of z [latent,count] as one row of the sheet. */
static void add_row(const picture_run *run, dt_sheet *sheet, int row, const char *group, const char *const *captions,
                    const real *z, int count)
{
    real *samples = reals(PIXELS * count);
    picture_make(run, z, count, samples);
    for (int k = 0; k < count; k++)
        dt_sheet_tile(sheet, row, k, 28, 28, captions ? captions[k] : "", group, samples + k, count);
    free(samples);
}

/* From the first column of `ends` [latent,2] to the second, along a great circle: on a straight line the norm would
 * fall to what hardly any noise has. */
static void walk(int64_t latent, const real *ends, real *z)
{
    double product = 0, norm[2] = {0, 0};
    for (int64_t f = 0; f < latent; f++) {
        product += (double)ends[2 * f] * (double)ends[2 * f + 1];
        for (int e = 0; e < 2; e++) norm[e] += (double)ends[2 * f + e] * (double)ends[2 * f + e];
    }
    const double angle = acos(fmin(1, fmax(-1, product / sqrt(norm[0] * norm[1]))));
    for (int k = 0; k < COLUMNS; k++) {
        const double t = (double)k / (COLUMNS - 1);
        const double a = angle > 1e-6 ? sin((1 - t) * angle) / sin(angle) : 1 - t;
        const double b = angle > 1e-6 ? sin(t * angle) / sin(angle) : t;
        for (int64_t f = 0; f < latent; f++)
            z[f * COLUMNS + k] = (real)(a * (double)ends[2 * f] + b * (double)ends[2 * f + 1]);
    }
}

/* The candidates of one digit, those with the most ink (or the least) first: EXEMPLARS of them into `which`. False:
 * there are not enough. */
static bool extremes(const double *ink, const int32_t *answer, int32_t digit, bool most, int64_t *which)
{
    int found = 0;
    for (int64_t i = 0; i < CANDIDATES; i++) {
        if (answer[i] != digit) continue;
        int at = found < EXEMPLARS ? found++ : EXEMPLARS;
        while (at > 0 && (most ? ink[i] > ink[which[at - 1]] : ink[i] < ink[which[at - 1]])) {
            if (at < EXEMPLARS) which[at] = which[at - 1];
            at--;
        }
        if (at < EXEMPLARS) which[at] = i;
    }
    return found == EXEMPLARS;
}

/* Bold a - faint a + faint b, each the mean of three z, should be a bold b. */
static bool arithmetic(const picture_run *run, const real *z, const double *ink, const int32_t *answer, int32_t a,
                       int32_t b, real *four)
{
    int64_t which[3][EXEMPLARS];
    const int64_t latent = run->gan.task->latent;
    if (!extremes(ink, answer, a, true, which[0]) || !extremes(ink, answer, a, false, which[1]) ||
        !extremes(ink, answer, b, false, which[2]))
        return false;
    for (int64_t f = 0; f < latent; f++) {
        for (int term = 0; term < 3; term++) {
            four[f * 4 + term] = 0;
            for (int e = 0; e < EXEMPLARS; e++) four[f * 4 + term] += z[f * CANDIDATES + which[term][e]] / EXEMPLARS;
        }
        four[f * 4 + 3] = four[f * 4] - four[f * 4 + 1] + four[f * 4 + 2];
    }
    return true;
}

dt_status latent_sheet(const picture_run *run, const char *name, dt_error *err)
{
    static const char *const captions[4] = {"bold", "- faint", "+ faint", "="};
    static const int32_t pairs[][2] = {{1, 7}, {0, 3}, {6, 4}};
    const int64_t latent = run->gan.task->latent;
    real *ends = reals(2 * latent * WALKS), *z = reals(latent * CANDIDATES), *samples = reals(PIXELS * CANDIDATES),
         *row = reals(latent * COLUMNS);
    static double ink[CANDIDATES];
    static int32_t answer[CANDIDATES];
    int rows = 0;
    dt_sheet sheet;
    dt_sheet_open(&sheet, name, true);
    picture_noise(run, "walks", 2 * WALKS, ends);
    for (int i = 0; i < WALKS; i++) {
        walk(latent, ends + 2 * latent * i, row);
        add_row(run, &sheet, rows++, "a walk", NULL, row, COLUMNS);
    }
    picture_noise(run, "arithmetic", CANDIDATES, z);
    picture_make(run, z, CANDIDATES, samples);
    classifier_judge(&run->judge, samples, CANDIDATES, answer);
    for (int64_t i = 0; i < CANDIDATES; i++) {
        ink[i] = 0;
        for (int64_t p = 0; p < PIXELS; p++) ink[i] += (double)samples[p * CANDIDATES + i];
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char group[32];
        snprintf(group, sizeof group, "%d - %d + %d", (int)pairs[i][0], (int)pairs[i][0], (int)pairs[i][1]);
        if (arithmetic(run, z, ink, answer, pairs[i][0], pairs[i][1], row))
            add_row(run, &sheet, rows++, group, captions, row, 4);
    }
    free(ends);
    free(z);
    free(samples);
    free(row);
    return dt_trial_sheet(run->trial, &sheet, err);
}
