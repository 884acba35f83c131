/* The scoreboard: the claims of all kept records in one document. It is made from their result.json files alone. */
#ifndef DT_RUN_SCOREBOARD_H
#define DT_RUN_SCOREBOARD_H

#include <stdio.h>

#include "core/error.h"
#include "run/claim_row.h"

/* One result.json; the texts are its own. */
typedef struct {
    json_t *json;
    const char *experiment, *title, *paper, *preset, *device, *command, *version, *dataset;
    int threads;
    double seconds;
    dt_claim_row *rows; /* n of them: the claims that were measured */
    int n;
} dt_score;

/* Errors: the file cannot be read (DT_ERR_IO), or lacks a field, as those of older versions may (DT_ERR_DATA). */
dt_status dt_score_read(const char *path, dt_score *score, dt_error *err);
void dt_score_free(dt_score *score);

/* How many claims of all records have this verdict. */
int dt_scoreboard_count(const dt_score *scores, int n, const char *verdict);

/* All claims in one table for the terminal, and how many were reproduced. */
void dt_scoreboard_terminal(FILE *out, const dt_score *scores, int n);

/* RESULTS.md, in Markdown: how many claims were reproduced, and a table for each record, in the order given. */
void dt_scoreboard_results(FILE *out, const dt_score *scores, int n);

/* The table of all experiments in README.md: what, whose, published and ours (its first claim), how many of its claims
 * were reproduced, and the minutes that it takes.
 * Of an experiment's records the first counts, so that `lab` belongs before `paper`. */
void dt_scoreboard_overview(FILE *out, const dt_score *scores, int n);

/* How many claims of each record have which verdict, as the table that plots/verdicts.gp draws. */
void dt_scoreboard_verdicts(FILE *out, const dt_score *scores, int n);

#endif
