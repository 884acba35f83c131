/* What is trained, and what is noted of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "experiments/word2vec/parts.h"

/* ---- table: model x loss */

static const struct {
    const char *id, *model, *loss;
    bool cbow, hierarchical;
    double from, to; /* of the trial's time */
} nets[] = {{"cbow", "CBOW", "negative sampling", true, false, 0, 0.12},
            {"sg", "skip-gram", "negative sampling", false, false, 0.12, 0.34},
            {"cbow_hs", "CBOW", "hierarchical softmax", true, true, 0.34, 0.54},
            {"sg_hs", "skip-gram", "hierarchical softmax", false, true, 0.54, 0.9}};
enum { NETS = sizeof nets / sizeof *nets, METHODS = NETS + 1 /* and counting */ };
static const char counting[] = "SVD of PMI";

/* What one method is worth. */
typedef struct {
    score questions;
    likeness like;
    double seconds;
} worth;

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

static const char *method_name(int k, char *buf, size_t size)
{
    snprintf(buf, size, "%s", counting);
    if (k < NETS) snprintf(buf, size, "%s, %s", nets[k].model, nets[k].loss);
    return buf;
}

static void say_score(dt_trial *trial, const char *name, const score *s, double seconds)
{
    dt_trial_say(trial, "%s: %.1f %% of %lld questions seen (of %lld); semantic %.1f, syntactic %.1f %%; %.1f s", name,
                 percent(&s->of[TOTAL]), (long long)s->of[TOTAL].seen, (long long)s->of[TOTAL].questions,
                 percent(&s->of[SEMANTIC]), percent(&s->of[SYNTACTIC]), seconds);
}

/* Accuracy by section, a column a method, and the seconds: what varies from run to run is in no other file. */
static dt_status write_sections(dt_trial *trial, const worth *of, dt_error *err)
{
    static const char *const columns[METHODS] = {"CBOW, ns", "skip-gram, ns", "CBOW, hs", "skip-gram, hs", counting};
    dt_buffer b;
    dt_buffer_open(&b, "sections.tsv");
    fprintf(b.file, "section\tseen");
    for (int k = 0; k < METHODS; k++) fprintf(b.file, "\t%s", columns[k]);
    for (int i = 0; i < of->questions.n; i++) {
        fprintf(b.file, "\n%s\t%lld", of->questions.of[i].name, (long long)of->questions.of[i].seen);
        for (int k = 0; k < METHODS; k++) fprintf(b.file, "\t%.1f %%", percent(&of[k].questions.of[i]));
    }
    fprintf(b.file, "\nseconds\t");
    for (int k = 0; k < METHODS; k++) fprintf(b.file, "\t%.1f", of[k].seconds);
    fprintf(b.file, "\n");
    return dt_trial_buffer(trial, &b, err);
}

/* For plots/bars.gp. */
static dt_status write_bars(dt_trial *trial, const worth *of, dt_error *err)
{
    char name[64];
    dt_buffer b;
    dt_buffer_open(&b, "accuracy.tsv");
    fprintf(b.file, "label\tgroup\tpublished\tmean\tlow\thigh\tfrom_memory\n");
    for (int i = 0; i < TOTALS; i++)
        for (int k = 0; k < METHODS; k++) {
            const double value = percent(&of[k].questions.of[i]);
            fprintf(b.file, "%s\t%s\t\t%.2f\t%.2f\t%.2f\t0\n", method_name(k, name, sizeof name),
                    of->questions.of[i].name, value, value, value);
        }
    return dt_trial_buffer(trial, &b, err);
}

/* For plots/dots.gp, which has no room for hierarchical softmax as well. */
static dt_status write_likeness(dt_trial *trial, const worth *of, dt_error *err)
{
    char name[64];
    dt_buffer b;
    dt_buffer_open(&b, "similarity.tsv");
    fprintf(b.file, "row\tset\tmethod\tpublished\tpairs\tseen\tvalue\n");
    for (int i = 0; i < SIMILARITY_SETS; i++)
        for (int k = 0; k < METHODS; k++) {
            if (k < NETS && nets[k].hierarchical) continue;
            method_name(k, name, sizeof name);
            fprintf(b.file, "%s: %s\t%s\t%s\tnan\t%lld\t%lld\t%.4f\n", similarity_names[i], name, similarity_names[i],
                    name, (long long)of[k].like.pairs[i], (long long)of[k].like.seen[i], of[k].like.rho[i]);
        }
    return dt_trial_buffer(trial, &b, err);
}

static dt_status save_vectors(dt_trial *trial, const word2vec *m, dt_error *err)
{
    char path[1024];
    real *vectors = word2vec_vectors(m);
    const dt_status status = dt_vectors_write(dt_trial_path(trial, "vectors.bin", path, sizeof path), true, m->words,
                                              m->recipe.dims, vectors, err);
    free(vectors);
    return status;
}

static dt_status draw(dt_trial *trial, const word2vec *m, dt_error *err)
{
    space s;
    space_of(&s, m);
    dt_status status = draw_pairs(trial, &s, err);
    if (status == DT_OK) status = draw_map(trial, &s, err);
    space_free(&s);
    return status;
}

/* Questions and likeness for the vectors of method k. */
static dt_status judge_method(dt_trial *trial, int k, const space *s, worth *w, dt_error *err)
{
    char name[64];
    method_name(k, name, sizeof name);
    dt_status status = judge_space(trial, s, &w->questions, err);
    if (status == DT_OK) status = judge_likeness(trial, s, &w->like, err);
    if (status == DT_OK)
        status = note_sections(trial, k < NETS ? nets[k].model : counting, k < NETS ? nets[k].loss : "-", &w->questions,
                               err);
    if (status != DT_OK) return status;
    say_score(trial, name, &w->questions, w->seconds);
    for (int i = 0; i < SIMILARITY_SETS; i++)
        dt_trial_say(trial, "%s, %s: Spearman %.3f on %lld of %lld pairs", name, similarity_names[i], w->like.rho[i],
                     (long long)w->like.seen[i], (long long)w->like.pairs[i]);
    return dt_trial_value(trial, k < NETS ? nets[k].id : "svd_analogies", percent(&w->questions.of[TOTAL]), err);
}

static dt_status table_net(dt_trial *trial, const text *t, int k, worth *w, dt_error *err)
{
    char name[64];
    word2vec m;
    space s;
    const word2vec_recipe recipe = recipe_of(trial, nets[k].cbow, nets[k].hierarchical);
    dt_status status =
        train(trial, method_name(k, name, sizeof name), t, &recipe, nets[k].from, nets[k].to, &m, &w->seconds, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) {
        space_of(&s, &m);
        status = judge_method(trial, k, &s, w, err);
        space_free(&s);
        if (status == DT_OK && k == 0 && dt_trial_first(trial)) status = save_vectors(trial, &m, err);
        if (status == DT_OK && k == 0 && dt_trial_first(trial)) status = draw(trial, &m, err);
    }
    word2vec_free(&m);
    return status;
}

/* Vectors by counting, with skip-gram's recipe. */
static dt_status table_svd(dt_trial *trial, const text *t, worth *w, dt_error *err)
{
    space s;
    const word2vec_recipe recipe = recipe_of(trial, false, false);
    const int64_t words = t->words.size < FREQUENT ? t->words.size : FREQUENT;
    const int64_t dims = recipe.dims < words ? recipe.dims : words;
    const double start = dt_seconds();
    real *vectors = svd_vectors(trial, t, &recipe, words);
    w->seconds = dt_seconds() - start;
    space_init(&s, &t->words, words, dims, vectors);
    free(vectors);
    const dt_status status = judge_method(trial, NETS, &s, w, err);
    space_free(&s);
    return status;
}

dt_status table_run(dt_trial *trial, dt_error *err)
{
    enum { SKIP_GRAM = 1 };
    text t;
    worth of[METHODS];
    dt_status status = text_read(trial, &t, err);
    if (status != DT_OK) return status;
    for (int k = 0; k < METHODS && status == DT_OK && !dt_trial_stopped(trial); k++)
        status = k < NETS ? table_net(trial, &t, k, &of[k], err) : table_svd(trial, &t, &of[k], err);
    text_free(&t);
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    if (dt_trial_first(trial)) {
        status = write_sections(trial, of, err);
        if (status == DT_OK) status = write_bars(trial, of, err);
        if (status == DT_OK) status = write_likeness(trial, of, err);
        if (status != DT_OK) return status;
    }
    return dt_trial_values(trial,
                           (dt_trial_result[]){{"ws353", of[SKIP_GRAM].like.rho[0]},
                                               {"ws353_gap", of[SKIP_GRAM].like.rho[0] - of[NETS].like.rho[0]},
                                               {0}},
                           err);
}

/* ---- demo */

/* The settings of the original's demo-word.sh; lab shortens it to 2 of 15 passes, which makes no claim. */
dt_status demo_run(dt_trial *trial, dt_error *err)
{
    static const int64_t passes[DT_PRESETS] = {1, 2, 15};
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

/* CBOW with each value of a number of the recipe, at `field` in it, up to a 0, and else so many passes. */
static dt_status sweep(dt_trial *trial, const int64_t *values, size_t field, int64_t passes, const char *gain,
                       dt_error *err)
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
        recipe.passes = dt_trial_int(trial, "passes", passes);
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
    if (status == DT_OK && !dt_trial_stopped(trial)) status = dt_trial_value(trial, gain, last - first, err);
    text_free(&t);
    return status;
}

dt_status dimension_run(dt_trial *trial, dt_error *err)
{
    static const int64_t dims[DT_PRESETS][MOST_VALUES] = {{5, 20}, {25, 50, 100}, {25, 50, 100, 200, 300, 600}};
    static const int64_t passes[DT_PRESETS] = {2, 3, 5};
    const dt_preset preset = dt_trial_preset(trial);
    return sweep(trial, dims[preset], offsetof(word2vec_recipe, dims), passes[preset], "dimension_gain", err);
}

dt_status passes_run(dt_trial *trial, dt_error *err)
{
    static const int64_t passes[DT_PRESETS][MOST_VALUES] = {{1, 2}, {1, 2, 5}, {1, 2, 3, 5, 10, 20}};
    return sweep(trial, passes[dt_trial_preset(trial)], offsetof(word2vec_recipe, passes), 0, "passes_gain", err);
}
