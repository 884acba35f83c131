/* A table that a run wrote: tab-separated text under a line of column names (run/record.h). */
#ifndef DT_RUN_COLUMNS_H
#define DT_RUN_COLUMNS_H

#include "core/error.h"

typedef struct {
    char *text;  /* the file, cut into cells */
    char **cell; /* [1+rows][columns]; the first row holds the names */
    int64_t rows, columns;
} dt_columns;

/* A missing file is DT_ERR_IO (its run is not finished, says the hint); a row with another number of cells than the
 * first is DT_ERR_DATA, with its line. */
dt_status dt_columns_read(const char *path, dt_columns *table, dt_error *err);
void dt_columns_free(dt_columns *table);

/* The column of that name, or -1. */
int64_t dt_columns_find(const dt_columns *table, const char *name);

/* The same for a column that must be there: DT_ERR_DATA names the file and what it lacks. */
dt_status dt_columns_need(const dt_columns *table, const char *path, const char *name, int64_t *column, dt_error *err);

/* The cell of row 0 .. rows-1. */
static inline const char *dt_columns_at(const dt_columns *table, int64_t row, int64_t column)
{
    return table->cell[(row + 1) * table->columns + column];
}

/* The number in that cell; NaN where it is none. */
double dt_columns_number(const dt_columns *table, int64_t row, int64_t column);

#endif
