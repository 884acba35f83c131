/* Pairs of words in the plane of their first two principal components (Mikolov et al. 2013b, fig. 2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/word2vec/parts.h"

enum { PAIRS = 12 };

static const struct {
    const char *panel;
    const char *pair[PAIRS][2];
} panels[] = {
    {"countries and capitals",
     {{"china", "beijing"},
      {"japan", "tokyo"},
      {"russia", "moscow"},
      {"france", "paris"},
      {"germany", "berlin"},
      {"italy", "rome"},
      {"spain", "madrid"},
      {"greece", "athens"},
      {"turkey", "ankara"},
      {"poland", "warsaw"},
      {"portugal", "lisbon"},
      {"egypt", "cairo"}}},
    {"gender",
     {{"man", "woman"},
      {"king", "queen"},
      {"he", "she"},
      {"father", "mother"},
      {"son", "daughter"},
      {"brother", "sister"},
      {"husband", "wife"},
      {"actor", "actress"},
      {"uncle", "aunt"},
      {"prince", "princess"}}},
    {"tense",
     {{"walk", "walked"},
      {"play", "played"},
      {"go", "went"},
      {"take", "took"},
      {"see", "saw"},
      {"write", "wrote"},
      {"say", "said"},
      {"run", "ran"},
      {"begin", "began"},
      {"fly", "flew"}}},
};
enum { PANELS = sizeof panels / sizeof *panels };

/* The pairs of panel p whose words are both known, in the plane of all their words. */
static void print_panel(FILE *out, const space *s, int p)
{
    const char *const *known[PAIRS];
    double xy[4 * PAIRS];
    int64_t n = 0;
    real *vectors = malloc((size_t)(2 * PAIRS * s->dims) * sizeof *vectors);
    DT_REQUIRE(vectors, "out of memory for a figure");
    for (int i = 0; i < PAIRS && panels[p].pair[i][0]; i++) {
        int32_t id[2];
        for (int k = 0; k < 2; k++) id[k] = space_find(s, panels[p].pair[i][k], (int64_t)strlen(panels[p].pair[i][k]));
        if (id[0] < 0 || id[1] < 0) continue;
        known[n] = panels[p].pair[i];
        for (int k = 0; k < 2; k++)
            memcpy(vectors + (2 * n + k) * s->dims, s->unit + id[k] * s->dims, (size_t)s->dims * sizeof *vectors);
        n++;
    }
    if (n > 0 && s->dims > 1) principal_components(vectors, 2 * n, s->dims, xy);
    for (int64_t i = 0; i < n && s->dims > 1; i++)
        fprintf(out, "%s\t%s\t%.5f\t%.5f\t%s\t%.5f\t%.5f\n", panels[p].panel, known[i][0], xy[4 * i], xy[4 * i + 1],
                known[i][1], xy[4 * i + 2], xy[4 * i + 3]);
    free(vectors);
}

dt_status draw_pairs(dt_trial *trial, const space *s, dt_error *err)
{
    for (int p = 0; p < PANELS; p++) {
        static const char *const files[PANELS] = {"capitals.tsv", "gender.tsv", "tense.tsv"};
        dt_buffer b;
        dt_buffer_open(&b, files[p]);
        fprintf(b.file, "panel\tfrom\tx1\ty1\tto\tx2\ty2\n");
        print_panel(b.file, s, p);
        dt_status status = dt_trial_buffer(trial, &b, err);
        if (status != DT_OK) return status;
    }
    return DT_OK;
}
