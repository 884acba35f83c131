/* The published numbers that an experiment sets out to reproduce, each with a band fixed before the run, and the
 * verdicts on our own.
 *
 * The file experiments/NAME/published.tsv: tab-separated UTF-8; a header line; blank lines and lines that begin with #
 * are skipped. Columns:
 * - id: one word, used by the program
 * - what: what is measured, as the closing table says it
 * - published: the paper's number, or - where it gives none
 * - unit: "%", "perplexity", ... or nothing
 * - low, high: the band in which the mean of our seeds must lie; - leaves that end open
 * - better: lower or higher
 * - preset: the presets whose results count as this claim: lab, paper or lab,paper (smoke makes no claim), or - for a
 *   number that is shown where it was measured and makes no claim
 * - marks: where the number comes from: V seen in the source, S seen in lecture slides, M from memory
 * - source: author, year, table or figure
 * - note: anything else, or nothing */
#ifndef DT_RUN_CLAIMS_H
#define DT_RUN_CLAIMS_H

#include <jansson.h>
#include <stdio.h>

#include "core/error.h"

enum { DT_CLAIM_VALUES = 64 };

typedef struct {
    char *id, *what, *unit, *preset, *marks, *source, *note;
    double published; /* NaN: none */
    double low, high; /* -INFINITY and INFINITY: open */
    bool lower_is_better;
    double values[DT_CLAIM_VALUES]; /* ours, one for each seed */
    int n;
} dt_claim;

typedef struct {
    dt_claim *claim;
    int n;
} dt_claims;

/* Errors: the file cannot be read (DT_ERR_IO); a bad row, whose line number follows the path (DT_ERR_DATA). */
dt_status dt_claims_load(const char *path, dt_claims **out, dt_error *err);
void dt_claims_free(dt_claims *claims);

/* Adds one seed's value of claim `id`, in the claim's unit. An id that the file lacks, or more than DT_CLAIM_VALUES
 * values, is a misuse error. */
void dt_claims_add(dt_claims *claims, const char *id, double value);

/* "reproduced": the mean over seeds lies in the band. "close": it does not, but its 95 % confidence interval reaches
 * the band. "not reproduced": neither (a mean that is not a number included). "no claim": nothing was measured, the
 * preset is not among the claim's, or the data are not the paper's. */
const char *dt_claim_verdict(const dt_claim *claim, const char *preset, bool same_data);

/* The "claims" of result.json, without those that are another preset's and were not measured: an array of objects
 * {"id", "what", "published", "unit", "source", "marks", "better", "band", "values", "mean", "sd", "ci95", "verdict",
 * "note"}; what is absent, open or not a number is null. The caller frees it. */
json_t *dt_claims_json(const dt_claims *claims, const char *preset, bool same_data);

/* For plots/bars.gp: each claim with a published number, ours beside it where it was measured. What stands before a
 * colon in `what` ("PTB: LSTM") is the group. */
void dt_claims_bars(FILE *out, const dt_claims *claims);

#endif
