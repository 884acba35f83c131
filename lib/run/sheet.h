/* Files of a run's folder that are made in memory and written whole or not at all: text of any kind, and image sheets,
 * tiles in rows with their pixels beside them (plots/README.md). */
#ifndef DT_RUN_SHEET_H
#define DT_RUN_SHEET_H

#include <stdio.h>

#include "core/real.h"
#include "data/images.h"
#include "run/record.h"

/* Not to be moved while it is open. */
typedef struct {
    FILE *file; /* print here */
    char *bytes;
    size_t size;
    char name[64];
} dt_buffer;

void dt_buffer_open(dt_buffer *b, const char *name);

/* Closes it, into the folder. Errors: DT_ERR_IO. */
dt_status dt_buffer_write(dt_buffer *b, const dt_run_record *record, dt_error *err);

/* For plots/confusion.gp: how often images of each class (a row) got each answer [images->count] (a column). `classes`
 * are their names. */
void dt_confusion_print(FILE *out, const char *const *classes, const dt_images *images, const int32_t *answer);

typedef struct {
    dt_buffer table, pixels;
    int tiles;
    bool grouped;
} dt_sheet;

/* NAME.tsv and NAME.f32; `grouped`: each row of tiles has a name. */
void dt_sheet_open(dt_sheet *sheet, const char *name, bool grouped);

/* One tile [height,width], whose pixels are x[i * stride]: stride n for one example of a batch of n. */
void dt_sheet_tile(dt_sheet *sheet, int row, int column, int64_t height, int64_t width, const char *caption,
                   const char *group, const real *x, int64_t stride);

/* The same in colour, for sheets with palette=rgb: x is [3,height,width], red, green, blue. */
void dt_sheet_colours(dt_sheet *sheet, int row, int column, int64_t height, int64_t width, const char *caption,
                      const char *group, const real *x);

/* Closes it, into the folder. Errors: DT_ERR_IO. */
dt_status dt_sheet_close(dt_sheet *sheet, const dt_run_record *record, dt_error *err);

#endif
