/* A claim of result.json as all tables show it: on the terminal, in RESULTS.md and on the report's page. */
#ifndef DT_RUN_CLAIM_ROW_H
#define DT_RUN_CLAIM_ROW_H

#include <jansson.h>
#include <stdbool.h>

enum { DT_CLAIM_WHAT, DT_CLAIM_PUBLISHED, DT_CLAIM_OURS, DT_CLAIM_BAND, DT_CLAIM_VERDICT, DT_CLAIM_COLUMNS };

typedef struct {
    char cell[DT_CLAIM_COLUMNS][384]; /* UTF-8; what is absent is "-" or says so */
    const char *source;               /* the claim's */
    const json_t *claim;
} dt_claim_row;

/* False: it lacks a field, or has one of another type. */
bool dt_claim_row_of(const json_t *claim, dt_claim_row *row);

#endif
