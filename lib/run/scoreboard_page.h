/* The scoreboard as pieces of an HTML page (plots/report puts them together): made from result.json files alone. */
#ifndef DT_RUN_SCOREBOARD_PAGE_H
#define DT_RUN_SCOREBOARD_PAGE_H

#include "run/scoreboard.h"

/* How many claims have each verdict, as a list. */
void dt_page_counts(FILE *out, const dt_score *scores, int n);

/* A table row for each claim, with the bare numbers beside the texts, to sort by. */
void dt_page_rows(FILE *out, const dt_score *scores, int n);

/* The top of an experiment's section, from its records: name, title, paper, and the command of each. */
void dt_page_head(FILE *out, const dt_score *scores, int n);

#endif
