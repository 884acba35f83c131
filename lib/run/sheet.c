#include "run/sheet.h"

#include <stdlib.h>

#include "run/atomic.h"

/* The stream keeps the addresses of b's fields. */
void dt_buffer_open(dt_buffer *b, const char *name)
{
    *b = (dt_buffer){0};
    snprintf(b->name, sizeof b->name, "%s", name);
    b->file = open_memstream(&b->bytes, &b->size);
    DT_REQUIRE(b->file, "out of memory");
}

dt_status dt_buffer_write(dt_buffer *b, const dt_run_record *record, dt_error *err)
{
    char path[1024];
    dt_atomic file;
    fclose(b->file);
    dt_status status = dt_atomic_open(&file, dt_record_path(record, b->name, path, sizeof path), err);
    if (status == DT_OK) status = dt_atomic_write(&file, b->bytes, b->size, err);
    if (status == DT_OK) status = dt_atomic_commit(&file, err);
    free(b->bytes);
    return status;
}

void dt_confusion_print(FILE *out, const char *const *classes, const dt_images *images, const int32_t *answer)
{
    for (int64_t c = 0; c < images->classes; c++) fprintf(out, "%s%s", c ? "\t" : "", classes[c]);
    fputc('\n', out);
    for (int64_t truth = 0; truth < images->classes; truth++) {
        for (int64_t guess = 0; guess < images->classes; guess++) {
            int count = 0;
            for (int64_t i = 0; i < images->count; i++) count += images->labels[i] == truth && answer[i] == guess;
            fprintf(out, "%s%d", guess ? "\t" : "", count);
        }
        fputc('\n', out);
    }
}

void dt_sheet_open(dt_sheet *sheet, const char *name, bool grouped)
{
    char file[64];
    snprintf(file, sizeof file, "%s.tsv", name);
    dt_buffer_open(&sheet->table, file);
    snprintf(file, sizeof file, "%s.f32", name);
    dt_buffer_open(&sheet->pixels, file);
    sheet->tiles = 0;
    sheet->grouped = grouped;
    fprintf(sheet->table.file, "tile\trow\tcolumn\theight\twidth\tcaption%s\n", grouped ? "\tgroup" : "");
}

static void add_row(dt_sheet *sheet, int row, int column, int64_t height, int64_t width, const char *caption,
                    const char *group)
{
    fprintf(sheet->table.file, "%d\t%d\t%d\t%lld\t%lld\t%s%s%s\n", sheet->tiles++, row, column, (long long)height,
            (long long)width, caption, sheet->grouped ? "\t" : "", group);
}

void dt_sheet_tile(dt_sheet *sheet, int row, int column, int64_t height, int64_t width, const char *caption,
                   const char *group, const real *x, int64_t stride)
{
    add_row(sheet, row, column, height, width, caption, group);
    for (int64_t i = 0; i < height * width; i++)
        fwrite(&(float){(float)x[i * stride]}, sizeof(float), 1, sheet->pixels.file);
}

void dt_sheet_colours(dt_sheet *sheet, int row, int column, int64_t height, int64_t width, const char *caption,
                      const char *group, const real *x)
{
    const int64_t plane = height * width;
    add_row(sheet, row, column, height, width, caption, group);
    for (int64_t i = 0; i < plane; i++)
        fwrite((float[]){(float)x[i], (float)x[plane + i], (float)x[2 * plane + i]}, sizeof(float), 3,
               sheet->pixels.file);
}

dt_status dt_sheet_close(dt_sheet *sheet, const dt_run_record *record, dt_error *err)
{
    dt_status status = dt_buffer_write(&sheet->table, record, err),
              second = dt_buffer_write(&sheet->pixels, record, err);
    return status != DT_OK ? status : second;
}
