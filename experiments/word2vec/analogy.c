/* Questions "Athens is to Greece as Baghdad is to ?". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/word2vec/parts.h"

enum { BATCH = 512 };

/* Questions that are answered together. */
typedef struct {
    const space *s;
    const dt_backend *backend;
    score *out;
    int n;
    int32_t word[BATCH][4];
    int at[BATCH]; /* the section */
    real *query;   /* [BATCH][dims] */
    real *cosine;  /* [BATCH][size] */
} exam;

static int32_t answer(const exam *e, int question)
{
    const real *cosine = e->cosine + question * e->s->size;
    const int32_t *w = e->word[question];
    int32_t best = -1;
    for (int32_t i = 0; i < e->s->size; i++)
        if ((best < 0 || cosine[i] > cosine[best]) && i != w[0] && i != w[1] && i != w[2]) best = i;
    return best;
}

static void answer_all(exam *e)
{
    const space *s = e->s;
    for (int q = 0; q < e->n; q++)
        for (int64_t k = 0; k < s->dims; k++)
            e->query[q * s->dims + k] = s->unit[e->word[q][1] * s->dims + k] - s->unit[e->word[q][0] * s->dims + k] +
                                        s->unit[e->word[q][2] * s->dims + k];
    if (e->n) dt_kernel(e->backend, gemm)(false, true, e->n, s->size, s->dims, e->query, s->unit, 0, e->cosine);
    for (int q = 0; q < e->n; q++) e->out->of[e->at[q]].right += answer(e, q) == e->word[q][3];
    e->n = 0;
}

static dt_status begin_section(score *out, const char *name, const char *path, dt_error *err)
{
    if (out->n == SECTIONS)
        return dt_error_set(err, DT_ERR_DATA, path, -1, NULL, "has more than %d sections", SECTIONS - TOTALS);
    section *now = &out->of[out->n++];
    snprintf(now->name, sizeof now->name, "%s", name);
    now->syntactic = strncmp(name, "gram", 4) == 0;
    return DT_OK;
}

/* A line that is no section: four words. */
static dt_status read_question(exam *e, const char *line, const char *path, int number, dt_error *err)
{
    char word[4][128];
    int32_t id[4];
    score *out = e->out;
    if (sscanf(line, "%127s %127s %127s %127s", word[0], word[1], word[2], word[3]) != 4 || out->n == TOTALS)
        return dt_error_set(err, DT_ERR_DATA, path, -1, "fetch it again: datasets/fetch word2vec_eval",
                            "line %d is no question of four words in a section", number);
    out->of[out->n - 1].questions++;
    for (int i = 0; i < 4; i++)
        if ((id[i] = space_find(e->s, word[i], (int64_t)strlen(word[i]))) < 0) return DT_OK;
    out->of[out->n - 1].seen++;
    memcpy(e->word[e->n], id, sizeof id);
    e->at[e->n++] = out->n - 1;
    if (e->n == BATCH) answer_all(e);
    return DT_OK;
}

static void add_up(score *out)
{
    for (int i = TOTALS; i < out->n; i++)
        for (int k = 0; k < 2; k++) {
            section *sum = &out->of[k == 0 ? TOTAL : out->of[i].syntactic ? SYNTACTIC : SEMANTIC];
            sum->questions += out->of[i].questions;
            sum->seen += out->of[i].seen;
            sum->right += out->of[i].right;
        }
}

dt_status analogy_score(const dt_backend *backend, const space *s, const char *path, score *out, dt_error *err)
{
    char line[512], name[64];
    *out = (score){.of = {{.name = "total"}, {.name = "semantic"}, {.name = "syntactic"}}, .n = TOTALS};
    FILE *file = fopen(path, "r");
    if (!file) return dt_error_set(err, DT_ERR_IO, path, -1, "run: datasets/fetch word2vec_eval", "cannot be read");
    exam *e = calloc(1, sizeof *e);
    DT_REQUIRE(e, "out of memory for questions");
    *e = (exam){.s = s, .backend = backend, .out = out};
    e->query = malloc((size_t)(BATCH * s->dims) * sizeof *e->query);
    e->cosine = malloc((size_t)(BATCH * s->size) * sizeof *e->cosine);
    DT_REQUIRE(e->query && e->cosine, "out of memory for questions");
    dt_status status = DT_OK;
    for (int number = 1; status == DT_OK && fgets(line, sizeof line, file); number++)
        status = sscanf(line, ": %63s", name) == 1 ? begin_section(out, name, path, err)
                                                   : read_question(e, line, path, number, err);
    answer_all(e);
    add_up(out);
    free(e->query);
    free(e->cosine);
    free(e);
    fclose(file);
    return status;
}

double percent(const section *s)
{
    return s->seen ? 100 * (double)s->right / (double)s->seen : 0;
}

dt_status judge_space(dt_trial *trial, const space *s, score *out, dt_error *err)
{
    char path[512];
    return analogy_score(dt_trial_backend(trial), s, dt_trial_exam_path(trial, eval_texts.files[0], path, sizeof path),
                         out, err);
}

dt_status judge(dt_trial *trial, const word2vec *m, score *out, dt_error *err)
{
    space s;
    space_of(&s, m);
    const dt_status status = judge_space(trial, &s, out, err);
    space_free(&s);
    return status;
}
