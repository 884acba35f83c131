/* What is trained, and what is noted of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/word2vec/parts.h"

/* ---- table: model x loss */

static const struct {
    const char *id, *model, *loss;
    bool cbow, hierarchical;
    double from, to; /* of the trial's time */
} nets[] = {{"cbow", "CBOW", "negative sampling", true, false, 0, 0.14},
            {"sg", "skip-gram", "negative sampling", false, false, 0.14, 0.36},
            {"cbow_hs", "CBOW", "hierarchical softmax", true, true, 0.36, 0.6},
            {"sg_hs", "skip-gram", "hierarchical softmax", false, true, 0.6, 1}};
enum { NETS = sizeof nets / sizeof *nets };

static dt_status note_sections(dt_trial *trial, const char *model, const char *loss, const score *s, dt_error *err)
{
    dt_status status = DT_OK;
    for (int i = 0; i < s->n && status == DT_OK; i++)
        status = dt_trial_row(trial, err, "%llu\t%s\t%s\t%s\t%lld\t%lld\t%lld\t%.2f",
                              (unsigned long long)dt_trial_seed(trial), model, loss, s->of[i].name,
                              (long long)s->of[i].questions, (long long)s->of[i].seen, (long long)s->of[i].right,
                              percent(&s->of[i]));
    return status;
}

static void say_score(dt_trial *trial, const char *name, const score *s, double seconds)
{
    dt_trial_say(trial, "%s: %.1f %% of %lld questions seen (of %lld); semantic %.1f, syntactic %.1f %%; %.1f s", name,
                 percent(&s->of[TOTAL]), (long long)s->of[TOTAL].seen, (long long)s->of[TOTAL].questions,
                 percent(&s->of[SEMANTIC]), percent(&s->of[SYNTACTIC]), seconds);
}

/* Accuracy by section, a column a net, and the seconds: what varies from run to run is in no other file. */
static dt_status write_sections(dt_trial *trial, const score *scores, const double *seconds, dt_error *err)
{
    dt_buffer b;
    dt_buffer_open(&b, "sections.tsv");
    fprintf(b.file, "section\tseen");
    for (int k = 0; k < NETS; k++) fprintf(b.file, "\t%s, %s", nets[k].model, nets[k].hierarchical ? "hs" : "ns");
    for (int i = 0; i < scores[0].n; i++) {
        fprintf(b.file, "\n%s\t%lld", scores[0].of[i].name, (long long)scores[0].of[i].seen);
        for (int k = 0; k < NETS; k++) fprintf(b.file, "\t%.1f %%", percent(&scores[k].of[i]));
    }
    fprintf(b.file, "\nseconds\t");
    for (int k = 0; k < NETS; k++) fprintf(b.file, "\t%.1f", seconds[k]);
    fprintf(b.file, "\n");
    return dt_trial_buffer(trial, &b, err);
}

/* For plots/bars.gp. */
static dt_status write_bars(dt_trial *trial, const score *scores, dt_error *err)
{
    dt_buffer b;
    dt_buffer_open(&b, "accuracy.tsv");
    fprintf(b.file, "label\tgroup\tpublished\tmean\tlow\thigh\tfrom_memory\n");
    for (int i = 0; i < TOTALS; i++)
        for (int k = 0; k < NETS; k++) {
            const double value = percent(&scores[k].of[i]);
            fprintf(b.file, "%s, %s\t%s\t\t%.2f\t%.2f\t%.2f\t0\n", nets[k].model, nets[k].loss, scores[k].of[i].name,
                    value, value, value);
        }
    return dt_trial_buffer(trial, &b, err);
}

static dt_status save_vectors(dt_trial *trial, const word2vec *m, dt_error *err)
{
    char path[1024];
    return dt_vectors_write(dt_trial_path(trial, "vectors.bin", path, sizeof path), true, m->words, m->recipe.dims,
                            m->stride, m->in, err);
}

static dt_status draw(dt_trial *trial, const word2vec *m, dt_error *err)
{
    space s;
    space_init(&s, m->words, FREQUENT, m->recipe.dims, m->stride, m->in);
    dt_status status = draw_pairs(trial, &s, err);
    if (status == DT_OK) status = draw_map(trial, &s, err);
    space_free(&s);
    return status;
}

static dt_status table_net(dt_trial *trial, const text *t, int k, score *s, double *seconds, dt_error *err)
{
    char name[64];
    word2vec m;
    const word2vec_recipe recipe = recipe_of(trial, nets[k].cbow, nets[k].hierarchical);
    snprintf(name, sizeof name, "%s, %s", nets[k].model, nets[k].loss);
    dt_status status = train(trial, name, t, &recipe, nets[k].from, nets[k].to, &m, seconds, err);
    if (status == DT_OK) status = judge(trial, &m, s, err);
    if (status == DT_OK) status = note_sections(trial, nets[k].model, nets[k].loss, s, err);
    if (status == DT_OK) status = dt_trial_value(trial, nets[k].id, percent(&s->of[TOTAL]), err);
    if (status == DT_OK) say_score(trial, name, s, *seconds);
    if (status == DT_OK && k == 0 && dt_trial_first(trial)) {
        status = save_vectors(trial, &m, err);
        if (status == DT_OK) status = draw(trial, &m, err);
    }
    word2vec_free(&m);
    return status;
}

dt_status table_run(dt_trial *trial, dt_error *err)
{
    text t;
    score scores[NETS];
    double seconds[NETS];
    dt_status status = text_read(trial, &t, err);
    if (status != DT_OK) return status;
    for (int k = 0; k < NETS && status == DT_OK && !dt_trial_stopped(trial); k++)
        status = table_net(trial, &t, k, &scores[k], &seconds[k], err);
    if (status == DT_OK && !dt_trial_stopped(trial) && dt_trial_first(trial)) {
        status = write_sections(trial, scores, seconds, err);
        if (status == DT_OK) status = write_bars(trial, scores, err);
    }
    text_free(&t);
    return status;
}

/* ---- demo */

/* The settings of the original's demo-word.sh; lab shortens it to 3 of 15 passes, which makes no claim. */
dt_status demo_run(dt_trial *trial, dt_error *err)
{
    static const int64_t passes[DT_PRESETS] = {1, 3, 15};
    text t;
    word2vec m;
    score s;
    double seconds;
    dt_status status = text_read(trial, &t, err);
    if (status != DT_OK) return status;
    word2vec_recipe recipe = recipe_of(trial, true, false);
    recipe.dims = dt_trial_int(trial, "dims", 200);
    recipe.window = dt_trial_int(trial, "window", 8);
    recipe.negatives = dt_trial_int(trial, "negatives", 25);
    recipe.passes = dt_trial_int(trial, "passes", passes[dt_trial_preset(trial)]);
    status = train(trial, "demo settings", &t, &recipe, 0, 1, &m, &seconds, err);
    if (status == DT_OK) status = judge(trial, &m, &s, err);
    if (status == DT_OK) status = note_sections(trial, "CBOW", "demo settings", &s, err);
    if (status == DT_OK)
        status = dt_trial_value(trial, recipe.passes == passes[DT_PAPER] ? "demo" : "demo_short", percent(&s.of[TOTAL]),
                                err);
    if (status == DT_OK) say_score(trial, "demo settings", &s, seconds);
    word2vec_free(&m);
    text_free(&t);
    return status;
}

/* ---- accuracy against one number of the recipe */

enum { MOST_VALUES = 8 };

/* CBOW with each value of a number of the recipe, at `field` in it, up to a 0. */
static dt_status sweep(dt_trial *trial, const int64_t *values, size_t field, const char *gain, dt_error *err)
{
    text t;
    int64_t all = 0, done = 0;
    double first = 0, last = 0;
    dt_status status = text_read(trial, &t, err);
    if (status != DT_OK) return status;
    for (int i = 0; values[i]; i++) all += values[i];
    for (int i = 0; values[i] && status == DT_OK && !dt_trial_stopped(trial); done += values[i++]) {
        char name[64];
        word2vec m;
        score s;
        double seconds;
        word2vec_recipe recipe = recipe_of(trial, true, false);
        memcpy((char *)&recipe + field, &values[i], sizeof values[i]);
        snprintf(name, sizeof name, "%lld dims, %lld passes", (long long)recipe.dims, (long long)recipe.passes);
        status = train(trial, name, &t, &recipe, (double)done / (double)all, (double)(done + values[i]) / (double)all,
                       &m, &seconds, err);
        if (status == DT_OK) status = judge(trial, &m, &s, err);
        for (int k = 0; k < TOTALS && status == DT_OK; k++)
            status = dt_trial_point(trial, "accuracy", s.of[k].name, (double)values[i], percent(&s.of[k]), err);
        if (status == DT_OK) say_score(trial, name, &s, seconds);
        last = percent(&s.of[TOTAL]);
        if (i == 0) first = last;
        word2vec_free(&m);
    }
    if (status == DT_OK) status = dt_trial_value(trial, gain, last - first, err);
    text_free(&t);
    return status;
}

dt_status dimension_run(dt_trial *trial, dt_error *err)
{
    static const int64_t dims[DT_PRESETS][MOST_VALUES] = {{5, 20}, {25, 50, 100, 200}, {25, 50, 100, 200, 300, 600}};
    return sweep(trial, dims[dt_trial_preset(trial)], offsetof(word2vec_recipe, dims), "dimension_gain", err);
}

dt_status passes_run(dt_trial *trial, dt_error *err)
{
    static const int64_t passes[DT_PRESETS][MOST_VALUES] = {{1, 2}, {1, 2, 5, 10}, {1, 2, 3, 5, 10, 20}};
    return sweep(trial, passes[dt_trial_preset(trial)], offsetof(word2vec_recipe, passes), "passes_gain", err);
}

/* ---- similarity: skip-gram, and counting */

static dt_status note_similarity(dt_trial *trial, const char *method, const space *s, double *ws353, dt_error *err)
{
    dt_status status = DT_OK;
    for (int k = 0; k < SIMILARITY_SETS && status == DT_OK; k++) {
        double rho;
        int64_t pairs, seen;
        status = similarity(trial, s, k, &rho, &pairs, &seen, err);
        if (k == 0) *ws353 = rho;
        if (status != DT_OK) break;
        status = dt_trial_row(trial, err, "%llu\t%s: %s\t%s\t%s\tnan\t%lld\t%lld\t%.4f",
                              (unsigned long long)dt_trial_seed(trial), similarity_names[k], method,
                              similarity_names[k], method, (long long)pairs, (long long)seen, rho);
        dt_trial_say(trial, "%s, %s: Spearman %.3f on %lld of %lld pairs", similarity_names[k], method, rho,
                     (long long)seen, (long long)pairs);
    }
    return status;
}

static dt_status compare(dt_trial *trial, const text *t, const word2vec *m, dt_error *err)
{
    char path[512];
    space s;
    score by_counting;
    double sgns, svd;
    const int64_t words = t->words.size < FREQUENT ? t->words.size : FREQUENT;
    space_init(&s, &t->words, words, m->recipe.dims, m->stride, m->in);
    dt_status status = note_similarity(trial, "skip-gram", &s, &sgns, err);
    space_free(&s);
    if (status != DT_OK) return status;
    real *vectors = svd_vectors(trial, t, &m->recipe, words);
    const int64_t dims = m->recipe.dims < words ? m->recipe.dims : words;
    space_init(&s, &t->words, words, dims, dims, vectors);
    free(vectors);
    status = note_similarity(trial, "SVD of PMI", &s, &svd, err);
    dt_trial_exam_path(trial, eval_texts.files[0], path, sizeof path);
    if (status == DT_OK) status = analogy_score(dt_trial_backend(trial), &s, path, &by_counting, err);
    space_free(&s);
    if (status != DT_OK) return status;
    dt_trial_say(trial, "SVD of PMI: %.1f %% of %lld questions", percent(&by_counting.of[TOTAL]),
                 (long long)by_counting.of[TOTAL].seen);
    return dt_trial_values(
        trial,
        (dt_trial_result[]){
            {"ws353", sgns}, {"ws353_gap", sgns - svd}, {"svd_analogies", percent(&by_counting.of[TOTAL])}, {0}},
        err);
}

dt_status similarity_run(dt_trial *trial, dt_error *err)
{
    text t;
    word2vec m;
    double seconds;
    dt_status status = text_read(trial, &t, err);
    if (status != DT_OK) return status;
    const word2vec_recipe recipe = recipe_of(trial, false, false);
    status = train(trial, "skip-gram", &t, &recipe, 0, 0.6, &m, &seconds, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = compare(trial, &t, &m, err);
    word2vec_free(&m);
    text_free(&t);
    return status;
}
