/* The closing table: published and ours. It is made from result.json alone, as documents are, so that all say the same.
 */
#ifndef DT_RUN_REPORT_H
#define DT_RUN_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "core/error.h"
#include "run/claim_row.h"

/* Writes the table, the sources, the differences from the paper, time and threads, and the command that repeats the
 * run, in lines of at most 120 columns (UTF-8). A published number from memory is shown as "~3.6 [from memory]".
 * `result` is a loaded result.json; one that lacks a field is DT_ERR_DATA, and then nothing is written. */
dt_status dt_report(FILE *out, const json_t *result, dt_error *err);

/* The table alone. */
void dt_report_table(FILE *out, const dt_claim_row *rows, size_t n);

#endif
