/* From eval.tsv to the claims, result.json and the closing table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/columns.h"
#include "run/run.h"

dt_status dt_eval_read(const dt_run *s, dt_eval_row **rows, int *n, dt_error *err)
{
    enum { MODEL, SEED, EPOCH, TRAIN_ERROR, TEST_ERROR, COLUMNS };
    char path[1024];
    dt_columns table;
    *rows = NULL;
    *n = 0;
    dt_status status = dt_columns_read(dt_record_path(s->program.record, "eval.tsv", path, sizeof path), &table, err);
    if (status != DT_OK) return status;
    if (table.columns != COLUMNS) { /* their names tell how the last one was judged */
        dt_columns_free(&table);
        return dt_error_set(err, DT_ERR_DATA, path, -1, "remove the run's folder and run it again",
                            "has %lld columns instead of %d", (long long)table.columns, COLUMNS);
    }
    *n = (int)table.rows;
    *rows = calloc((size_t)table.rows + 1, sizeof **rows);
    DT_REQUIRE(*rows, "out of memory");
    for (int i = 0; i < *n; i++) {
        dt_eval_row *row = &(*rows)[i];
        snprintf(row->model, sizeof row->model, "%s", dt_columns_at(&table, i, MODEL));
        row->seed = strtoull(dt_columns_at(&table, i, SEED), NULL, 10);
        row->epoch = (int)dt_columns_number(&table, i, EPOCH);
        row->train_error = dt_columns_number(&table, i, TRAIN_ERROR);
        row->test_error = dt_columns_number(&table, i, TEST_ERROR);
    }
    dt_columns_free(&table);
    return DT_OK;
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

dt_status dt_run_report(dt_run *s, bool finished, dt_error *err)
{
    dt_claims *claims = NULL;
    dt_eval_row *rows = NULL;
    int n;
    dt_status status = dt_program_claims(&s->program, &claims, err);
    if (status == DT_OK) status = dt_eval_read(s, &rows, &n, err);
    if (status != DT_OK) {
        dt_claims_free(claims);
        return status;
    }
    fill(claims, rows, n);
    if (s->program.dataset != s->experiment->about.datasets) forget_published(claims);
    free(rows);
    json_t *result;
    status = dt_program_report(&s->program, claims, finished, &result, err);
    if (status == DT_OK && finished) status = dt_run_figures(s, result, err);
    if (status == DT_OK && !finished)
        printf("\ninterrupted: %d of %d trainings are done; go on with: %s\n", s->job, s->n_jobs, s->program.command);
    json_decref(result);
    dt_claims_free(claims);
    return status;
}
