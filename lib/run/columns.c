#include "run/columns.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/atomic.h"

static dt_status read_text(const char *path, char **text, dt_error *err)
{
    FILE *file = fopen(path, "r");
    size_t size = 0;
    *text = NULL;
    if (file && getdelim(text, &size, '\0', file) < 0 && !ferror(file)) { /* an empty file */
        free(*text);
        *text = strdup("");
    }
    const bool failed = !file || ferror(file) || !*text;
    const int why = errno;
    if (file) fclose(file);
    if (!failed) return DT_OK;
    free(*text);
    *text = NULL;
    return dt_error_set(err, DT_ERR_IO, path, -1, dt_io_hint(why), "cannot be read: %s", strerror(why));
}

static int64_t times(const char *text, char c)
{
    int64_t n = 0;
    for (; *text; text++) n += *text == c;
    return n;
}

/* Cuts a line at its tabs. False: it has another number of cells. */
static bool cut(char *line, int64_t columns, char **cell)
{
    for (int64_t i = 0; i < columns; i++) {
        if (!line) return false;
        cell[i] = strsep(&line, "\t");
    }
    return !line;
}

dt_status dt_columns_read(const char *path, dt_columns *table, dt_error *err)
{
    *table = (dt_columns){0};
    dt_status status = read_text(path, &table->text, err);
    if (status != DT_OK) return status;
    char *rest = table->text, *end = strchr(rest, '\n');
    const int64_t lines = times(rest, '\n');
    if (end) *end = '\0';
    table->columns = times(rest, '\t') + 1;
    if (end) *end = '\n';
    table->cell = calloc((size_t)((lines + 1) * table->columns), sizeof *table->cell);
    DT_REQUIRE(table->cell, "dt_columns_read: out of memory for %lld lines", (long long)lines);
    for (int64_t i = 0; i < lines && status == DT_OK; i++)
        if (!cut(strsep(&rest, "\n"), table->columns, table->cell + i * table->columns))
            status = dt_error_set(err, DT_ERR_DATA, path, -1, "run the experiment again",
                                  "line %lld has not %lld cells as the first has", (long long)i + 1,
                                  (long long)table->columns);
    table->rows = lines - 1;
    if (status == DT_OK && lines == 0)
        status = dt_error_set(err, DT_ERR_DATA, path, -1, "run the experiment again", "has no line of column names");
    if (status != DT_OK) dt_columns_free(table);
    return status;
}

void dt_columns_free(dt_columns *table)
{
    free(table->text);
    free(table->cell);
    *table = (dt_columns){0};
}

int64_t dt_columns_find(const dt_columns *table, const char *name)
{
    for (int64_t i = 0; i < table->columns; i++)
        if (strcmp(table->cell[i], name) == 0) return i;
    return -1;
}

dt_status dt_columns_need(const dt_columns *table, const char *path, const char *name, int64_t *column, dt_error *err)
{
    *column = dt_columns_find(table, name);
    if (*column >= 0) return DT_OK;
    return dt_error_set(err, DT_ERR_DATA, path, -1, "remove the run's folder and run it again", "has no column '%s'",
                        name);
}

double dt_columns_number(const dt_columns *table, int64_t row, int64_t column)
{
    char *end;
    const char *cell = dt_columns_at(table, row, column);
    const double x = strtod(cell, &end);
    return end > cell && *end == '\0' ? x : NAN;
}
