/* Pairs of words whose likeness people have judged. */
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/word2vec/parts.h"

const char *const similarity_names[SIMILARITY_SETS] = {"WordSim-353", "SimLex-999", "MEN", "RG-65", "MC-30"};

enum { MOST = 4096 };

/* Set k. */
static dt_status correlate(const dt_trial *trial, const space *s, int k, double *rho, int64_t *pairs, int64_t *seen,
                           dt_error *err)
{
    char path[512], line[512], a[128], b[128];
    double cosine[MOST], said[MOST], work[2 * MOST], judged;
    dt_trial_exam_path(trial, eval_texts.files[k + 1], path, sizeof path); /* the first file has the questions */
    FILE *file = fopen(path, "r");
    if (!file) return dt_error_set(err, DT_ERR_IO, path, -1, "run: datasets/fetch word2vec_eval", "cannot be read");
    *pairs = *seen = 0;
    dt_status status = DT_OK;
    while (status == DT_OK && fgets(line, sizeof line, file)) {
        ++*pairs;
        if (sscanf(line, "%127s %127s %lf", a, b, &judged) != 3 || *pairs > MOST)
            status = dt_error_set(err, DT_ERR_DATA, path, -1, "fetch it again: datasets/fetch word2vec_eval",
                                  "line %lld is not two words and a number", (long long)*pairs);
        const int32_t x = space_find(s, a, (int64_t)strlen(a)), y = space_find(s, b, (int64_t)strlen(b));
        if (status != DT_OK || x < 0 || y < 0) continue;
        cosine[*seen] = space_cosine(s, x, y);
        said[(*seen)++] = judged;
    }
    fclose(file);
    *rho = *seen < 3 ? (double)NAN : gsl_stats_spearman(cosine, 1, said, 1, (size_t)*seen, work);
    return status;
}

dt_status judge_likeness(const dt_trial *trial, const space *s, likeness *out, dt_error *err)
{
    dt_status status = DT_OK;
    for (int k = 0; k < SIMILARITY_SETS && status == DT_OK; k++)
        status = correlate(trial, s, k, &out->rho[k], &out->pairs[k], &out->seen[k], err);
    return status;
}
