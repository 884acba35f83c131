/* The folder of a run, runs/NAME/PRESET/: config.json, train.tsv, eval.tsv, result.json, checkpoint and figures. One
 * run at a time may hold it. */
#ifndef DT_RUN_RECORD_H
#define DT_RUN_RECORD_H

#include <jansson.h>

#include "core/error.h"

typedef struct dt_run_record dt_run_record;
typedef struct dt_table dt_table;

/* Makes the folder `out` (NULL: runs/NAME/PRESET) with those above it, checks that files can be written there, and
 * locks it; call it before any training. DT_ERR_IO: not to be made or written. DT_ERR_CONFIG: another process holds it.
 */
dt_status dt_record_open(const char *out, const char *name, const char *preset, dt_run_record **record, dt_error *err);

/* Gives the lock back (so does the end of the process, however it ends). */
void dt_record_close(dt_run_record *record);

const char *dt_record_folder(const dt_run_record *record);

/* "FOLDER/NAME" into buf. Returns buf. A path longer than buf is a misuse error. */
const char *dt_record_path(const dt_run_record *record, const char *name, char *buf, size_t size);

/* Writes config.json or result.json whole or not at all. Errors: DT_ERR_IO. */
dt_status dt_record_json(const dt_run_record *record, const char *name, const json_t *json, dt_error *err);

/* Opens a table of tab-separated columns whose first line is `header`. resume_bytes 0 makes it anew; otherwise it is
 * the size that the checkpoint gives, and the table is cut to it: what was written after the checkpoint is written
 * again. DT_ERR_DATA: the table is shorter than that, has another header, or no row ends there. */
dt_status dt_table_open(const dt_run_record *record, const char *name, const char *header, int64_t resume_bytes,
                        dt_table **table, dt_error *err);
void dt_table_close(dt_table *table);

/* Writes one row, as many columns as the header has, with tabs between and without a newline. It is in the file when
 * the function returns. A full disk is DT_ERR_IO, and leaves no part of the row. */
dt_status dt_table_row(dt_table *table, dt_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The size to keep in the checkpoint, once the rows so far are on the disk. */
dt_status dt_table_offset(dt_table *table, int64_t *bytes, dt_error *err);

#endif
