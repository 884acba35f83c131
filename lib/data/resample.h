/* Resampling by area: each new pixel is the mean over the rectangle that it covers, so shrinking is anti-aliased. */
#ifndef DT_DATA_RESAMPLE_H
#define DT_DATA_RESAMPLE_H

#include "core/real.h"

/* A grid of `count` intervals on the axis of the source: interval i is start + i step .. start + (i + 1) step, in
 * pixels (pixel k covers k .. k + 1). It may reach outside the source. */
typedef struct {
    double start, step;
    int64_t count;
} dt_grid;

/* dst [rows.count][columns.count] from src [height][width]; outside src all is 0. `line` is scratch for `width`
 * doubles. */
void dt_resample_area(const uint8_t *src, int64_t height, int64_t width, dt_grid rows, dt_grid columns, uint8_t *dst,
                      double *line);

#endif
