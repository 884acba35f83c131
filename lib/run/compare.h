/* One measure of several runs, of any experiments, as the curves of one figure. */
#ifndef DT_RUN_COMPARE_H
#define DT_RUN_COMPARE_H

#include <stdio.h>

#include "core/error.h"

/* Writes a table for plots/bands.gp: panel, series, x, value, one row for each point of each seed. `metric` is a column
 * of a table that each run wrote ("test_error", "loss"), or a panel of its curves ("error (%)"); `x` the column against
 * which it is drawn ("epoch", "step", "seconds"; curves: what they have). A series is named by what differs in its
 * configuration, or by its folder; where a run has several networks, by these too.
 * Errors: a folder without config.json (DT_ERR_IO), or in which nothing is called so: the hint lists what there is
 * (DT_ERR_CONFIG). */
dt_status dt_compare(FILE *out, const char *const folders[], int n, const char *metric, const char *x, dt_error *err);

#endif
