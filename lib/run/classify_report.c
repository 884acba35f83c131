/* From eval.tsv to the claims, result.json and the closing table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "run/atomic.h"
#include "run/report.h"
#include "run/run.h"

dt_status dt_eval_read(const dt_run *s, dt_eval_row **rows, int *n, dt_error *err)
{
    char path[1024], line[512];
    *rows = NULL;
    *n = 0;
    FILE *file = fopen(dt_record_path(s->record, "eval.tsv", path, sizeof path), "r");
    if (!file) return dt_error_set(err, DT_ERR_IO, path, -1, "run the experiment first", "the table cannot be read");
    int room = 0;
    for (int at = 0; fgets(line, sizeof line, file); at++) {
        if (at == 0) continue;
        if (*n == room) {
            room = room ? 2 * room : 64;
            *rows = realloc(*rows, (size_t)room * sizeof **rows);
            DT_REQUIRE(*rows, "out of memory");
        }
        dt_eval_row *row = &(*rows)[*n];
        unsigned long long seed;
        if (sscanf(line, "%47[^\t]\t%llu\t%d\t%lf\t%lf", row->model, &seed, &row->epoch, &row->train_error,
                   &row->test_error) != 5) {
            fclose(file);
            return dt_error_set(err, DT_ERR_DATA, path, -1, "remove the run's folder and run it again",
                                "line %d is not a row of it", at + 1);
        }
        row->seed = seed;
        ++*n;
    }
    fclose(file);
    return DT_OK;
}

double dt_run_clock(const dt_run *s, int64_t bytes)
{
    char path[1024], line[512] = "", seconds[32] = "0";
    FILE *file = fopen(dt_record_path(s->record, "train.tsv", path, sizeof path), "r");
    if (!file) return 0;
    if (bytes > (int64_t)sizeof line && fseek(file, (long)bytes - (long)sizeof line, SEEK_SET) == 0) {
        size_t got = fread(line, 1, sizeof line - 1, file);
        line[got] = '\0';
        for (char *end = line + got; end > line && end[-1] == '\n';) *--end = '\0';
        const char *last = strrchr(line, '\t');
        if (last) snprintf(seconds, sizeof seconds, "%.31s", last + 1);
    }
    fclose(file);
    return strtod(seconds, NULL);
}

/* Each claim whose id is a network's gets that network's test error after its last epoch, seed by seed. */
static void fill(dt_claims *claims, const dt_eval_row *rows, int n)
{
    for (int c = 0; c < claims->n; c++)
        for (int i = 0; i < n; i++) {
            bool last = i + 1 == n || rows[i + 1].seed != rows[i].seed || strcmp(rows[i + 1].model, rows[i].model) != 0;
            if (last && strcmp(rows[i].model, claims->claim[c].id) == 0)
                dt_claims_add(claims, claims->claim[c].id, rows[i].test_error);
        }
}

/* Numbers of other data say nothing about these. */
static void forget_published(dt_claims *claims)
{
    for (int c = 0; c < claims->n; c++) {
        claims->claim[c].published = NAN;
        claims->claim[c].low = -INFINITY;
        claims->claim[c].high = INFINITY;
    }
}

dt_status dt_run_claims(const dt_run *s, dt_claims **claims, dt_error *err)
{
    char path[256];
    snprintf(path, sizeof path, "experiments/%s/published.tsv", s->experiment->name);
    return dt_claims_load(path, claims, err);
}

dt_status dt_run_report(dt_run *s, bool finished, dt_error *err)
{
    dt_claims *claims = NULL;
    dt_eval_row *rows = NULL;
    int n;
    dt_status status = dt_run_claims(s, &claims, err);
    if (status == DT_OK) status = dt_eval_read(s, &rows, &n, err);
    if (status != DT_OK) {
        dt_claims_free(claims);
        return status;
    }
    fill(claims, rows, n);
    if (s->dataset != s->experiment->datasets) forget_published(claims);
    free(rows);
    s->info.seconds = dt_seconds() - s->start;
    json_t *result = dt_result_json(&s->info, claims);
    if (finished) status = dt_record_json(s->record, "result.json", result, err);
    if (status == DT_OK) status = dt_report(stdout, result, err);
    if (status == DT_OK && finished) status = dt_run_figures(s, result, err);
    if (status == DT_OK && !finished)
        printf("\ninterrupted: %d of %d trainings are done; go on with: %s\n", s->job, s->n_jobs, s->command);
    json_decref(result);
    dt_claims_free(claims);
    return status;
}

const char *dt_run_path(const dt_run *s, const char *name, char *buf, size_t size)
{
    const char *out = dt_flag_text(s->flags, "out");
    if (out)
        snprintf(buf, size, "%s/%s", out, name);
    else
        snprintf(buf, size, "runs/%s/%s/%s", s->name, dt_flag_text(s->flags, "preset"), name);
    return buf;
}

dt_status dt_run_report_again(const dt_run *s, dt_error *err)
{
    char path[1024];
    json_t *result;
    dt_status status = dt_json_load(dt_run_path(s, "result.json", path, sizeof path), &result, err);
    if (status != DT_OK) return status;
    status = dt_report(stdout, result, err);
    json_decref(result);
    return status;
}
