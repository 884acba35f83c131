#include "run/compare.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "run/atomic.h"
#include "run/columns.h"

enum { NAME = 256, LONGEST = 60 };

typedef struct {
    const char *folder;
    json_t *config; /* its settings, flat: {"lr": 0.1, "recipes.lenet5.batch": 32} */
    char label[NAME];
} compared;

/* ---- what differs in their configurations */

/* Adds what `json` holds to `flat`, under names with dots. */
static void flatten(const json_t *json, const char *name, json_t *flat)
{
    const char *key;
    json_t *value;
    if (!json_is_object(json)) {
        json_object_set(flat, name, (json_t *)json);
        return;
    }
    json_object_foreach((json_t *)json, key, value)
    {
        char longer[NAME];
        const bool top = strcmp(name, "") == 0 || strcmp(name, "flags") == 0;
        snprintf(longer, sizeof longer, "%s%s%s", top ? "" : name, top ? "" : ".", key);
        flatten(value, longer, flat);
    }
}

static bool differs(const compared *runs, int n, const char *key)
{
    const json_t *first = json_object_get(runs[0].config, key);
    for (int i = 1; i < n; i++) {
        const json_t *other = json_object_get(runs[i].config, key);
        if (!first != !other || (first && !json_equal(first, other))) return true;
    }
    return false;
}

static void append(char *label, const char *text)
{
    snprintf(label + strlen(label), NAME - strlen(label), "%s", text);
}

/* Adds "lr=0.1, optimizer=adam": the settings of the recipes, or the others. */
static void name_settings(compared *run, const compared *runs, int n, bool recipes)
{
    const char *key;
    json_t *value;
    json_object_foreach(run->config, key, value)
    {
        const bool is_recipe = strncmp(key, "recipes.", strlen("recipes.")) == 0;
        if (is_recipe != recipes || json_is_null(value) || !differs(runs, n, key)) continue;
        char *text = json_is_string(value) ? strdup(json_string_value(value))
                                           : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
        DT_REQUIRE(text, "dt_compare: out of memory");
        if (run->label[0]) append(run->label, ", ");
        append(run->label, key);
        append(run->label, "=");
        append(run->label, text);
        free(text);
    }
}

/* By what was set, or else by the recipes that were made of it; by its folder where that says nothing, or too much. */
static void name_run(compared *run, const compared *runs, int n)
{
    name_settings(run, runs, n, false);
    if (!run->label[0]) name_settings(run, runs, n, true);
    if (run->label[0] && strlen(run->label) <= LONGEST) return;
    run->label[0] = '\0';
    append(run->label, run->folder);
}

static dt_status read_config(compared *run, dt_error *err)
{
    char path[1024];
    json_t *config;
    snprintf(path, sizeof path, "%s/config.json", run->folder);
    dt_status status = dt_json_load(path, &config, err);
    if (status != DT_OK) return status;
    run->config = json_object();
    flatten(config, "", run->config);
    json_decref(config);
    return DT_OK;
}

/* ---- where the measure stands */

typedef struct {
    const char *metric, *x;
    char known[NAME];        /* what else could have been asked for */
    const dt_columns *clock; /* train.tsv, which has the time; NULL: there is none */
} question;

static void note(question *q, const char *name)
{
    static const char *const others[] = {"seed", "model", "series", "panel", "x", "value", "trial", "claim"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0) return;
    const char *there = strstr(q->known, name);
    const size_t length = strlen(name);
    if (there && (there[length] == ',' || !there[length]) && (there == q->known || there[-1] == ' ')) return;
    if (q->known[0]) append(q->known, ", ");
    append(q->known, name);
}

static void print_point(FILE *out, const compared *run, const char *what, const question *q, const char *x,
                        const char *value)
{
    fprintf(out, "%s\t%s%s%s\t%s\t%s\n", q->metric, run->label, what[0] ? ": " : "", what, x, value);
}

/* Whether these rows of two tables agree in the columns `keys`; NULL ends them. */
static bool agree(const dt_columns *a, int64_t i, const dt_columns *b, int64_t j, const char *const *keys)
{
    for (; *keys; keys++) {
        const int64_t mine = dt_columns_find(a, *keys), its = dt_columns_find(b, *keys);
        if (mine < 0 || its < 0 || strcmp(dt_columns_at(a, i, mine), dt_columns_at(b, j, its)) != 0) return false;
    }
    return true;
}

/* The x of a row of t into buf: its own, or else the clock's at the end of that epoch, the mean over the seeds so that
 * they can be drawn as one curve. False: there is none. */
static bool x_of(const dt_columns *t, int64_t row, const question *q, char *buf, size_t size)
{
    static const char *const point[] = {"model", "epoch", NULL}, *const lap[] = {"model", "seed", "epoch", NULL};
    const dt_columns *clock = q->clock;
    const int64_t own = dt_columns_find(t, q->x), x = clock ? dt_columns_find(clock, q->x) : -1;
    if (own >= 0) snprintf(buf, size, "%s", dt_columns_at(t, row, own));
    if (own >= 0 || x < 0) return own >= 0;
    double sum = 0;
    int seeds = 0;
    for (int64_t i = 0; i < clock->rows; i++) {
        if (!agree(t, row, clock, i, point)) continue;
        if (i + 1 < clock->rows && agree(clock, i, clock, i + 1, lap)) continue;
        sum += strtod(dt_columns_at(clock, i, x), NULL);
        seeds++;
    }
    snprintf(buf, size, "%.6g", sum / seeds);
    return seeds > 0;
}

/* A table with the measure as a column, one row for each seed and time. */
static bool print_column(FILE *out, const compared *run, const dt_columns *t, question *q)
{
    const int64_t value = dt_columns_find(t, q->metric), model = dt_columns_find(t, "model");
    if (dt_columns_find(t, "epoch") < 0) return false;
    for (int64_t i = 0; i < t->columns; i++) note(q, t->cell[i]);
    bool found = false;
    for (int64_t i = 0; value >= 0 && i < t->rows; i++) {
        char x[64];
        if (!x_of(t, i, q, x, sizeof x)) continue;
        print_point(out, run, model < 0 ? "" : dt_columns_at(t, i, model), q, x, dt_columns_at(t, i, value));
        found = true;
    }
    return found;
}

/* Curves with the measure as a panel. */
static bool print_panel(FILE *out, const compared *run, const dt_columns *t, question *q)
{
    const int64_t panel = dt_columns_find(t, "panel"), series = dt_columns_find(t, "series"),
                  x = dt_columns_find(t, "x"), value = dt_columns_find(t, "value");
    bool found = false;
    if (panel < 0 || series < 0 || x < 0 || value < 0) return false;
    for (int64_t i = 0; i < t->rows; i++) {
        note(q, dt_columns_at(t, i, panel));
        if (strcmp(dt_columns_at(t, i, panel), q->metric) != 0) continue;
        print_point(out, run, dt_columns_at(t, i, series), q, dt_columns_at(t, i, x), dt_columns_at(t, i, value));
        found = true;
    }
    return found;
}

static int is_table(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".tsv") == 0;
}

/* The first table of the folder, in the order of the names, that has the measure. */
static dt_status print_run(FILE *out, const compared *run, question *q, dt_error *err)
{
    struct dirent **entry;
    char path[1024];
    dt_columns clock;
    snprintf(path, sizeof path, "%s/train.tsv", run->folder);
    q->clock = dt_columns_read(path, &clock, NULL) == DT_OK ? &clock : NULL;
    const int n = scandir(run->folder, &entry, is_table, alphasort);
    bool found = false;
    for (int i = 0; i < n; i++) {
        dt_columns table;
        snprintf(path, sizeof path, "%s/%s", run->folder, entry[i]->d_name);
        if (!found && dt_columns_read(path, &table, NULL) == DT_OK) {
            found = print_column(out, run, &table, q) || print_panel(out, run, &table, q);
            dt_columns_free(&table);
        }
        free(entry[i]);
    }
    if (n >= 0) free(entry);
    if (q->clock) dt_columns_free(&clock);
    if (found) return DT_OK;
    char hint[NAME + 32];
    snprintf(hint, sizeof hint, "it has %s", q->known);
    return dt_error_set(err, DT_ERR_CONFIG, run->folder, -1, hint, "no table has '%s' against '%s'", q->metric, q->x);
}

dt_status dt_compare(FILE *out, const char *const folders[], int n, const char *metric, const char *x, dt_error *err)
{
    compared *runs = calloc((size_t)n, sizeof *runs);
    DT_REQUIRE(runs, "dt_compare: out of memory");
    dt_status status = DT_OK;
    for (int i = 0; i < n && status == DT_OK; i++) {
        runs[i].folder = folders[i];
        status = read_config(&runs[i], err);
    }
    for (int i = 0; i < n && status == DT_OK; i++) name_run(&runs[i], runs, n);
    if (status == DT_OK) fputs("panel\tseries\tx\tvalue\n", out);
    for (int i = 0; i < n && status == DT_OK; i++) {
        question q = {.metric = metric, .x = x};
        status = print_run(out, &runs[i], &q, err);
    }
    for (int i = 0; i < n; i++) json_decref(runs[i].config);
    free(runs);
    return status;
}
