#include "data/resample.h"

#include <math.h>
#include <string.h>

/* The pixels first .. end-1 of an axis of n pixels that the interval low .. high touches. */
static void touched(double low, double high, int64_t n, int64_t *first, int64_t *end)
{
    *first = low <= 0 ? 0 : low >= (double)n ? n : (int64_t)low;
    *end = high <= 0 ? 0 : high >= (double)n ? n : (int64_t)ceil(high);
}

/* The length of low .. high within pixel k. */
static double overlap(double low, double high, int64_t k)
{
    double from = low > (double)k ? low : (double)k, to = high < (double)(k + 1) ? high : (double)(k + 1);
    return to > from ? to - from : 0;
}

void dt_resample_area(const uint8_t *src, int64_t height, int64_t width, dt_grid rows, dt_grid columns, uint8_t *dst,
                      double *line)
{
    double area = rows.step * columns.step;
    for (int64_t i = 0; i < rows.count; i++) {
        double top = rows.start + (double)i * rows.step, bottom = top + rows.step;
        int64_t first, end;
        touched(top, bottom, height, &first, &end);
        memset(line, 0, (size_t)width * sizeof *line);
        for (int64_t k = first; k < end; k++) {
            double weight = overlap(top, bottom, k);
            for (int64_t x = 0; x < width; x++) line[x] += weight * src[k * width + x];
        }
        for (int64_t j = 0; j < columns.count; j++) {
            double left = columns.start + (double)j * columns.step, right = left + columns.step, sum = 0;
            touched(left, right, width, &first, &end);
            for (int64_t k = first; k < end; k++) sum += overlap(left, right, k) * line[k];
            /* Half up, after removing what rounding left: 0.5 must come out the same on every machine. */
            double mean = sum / area + 0.5 + 1e-9;
            dst[i * columns.count + j] = mean < 255 ? (uint8_t)mean : 255;
        }
    }
}
