#include "data/distort.h"

#include <math.h>

#include "core/error.h"

/* From a place in dst (relative to the centre) to the one in src: x' = xx x + xy y + x0, y' = yy y + y0. */
typedef struct {
    float xx, xy, x0, yy, y0;
} mapping;

static double draw(dt_rng stream, uint32_t example, int which, real range)
{
    double u = dt_rng_uniform(stream, 5 * (uint64_t)example + (uint64_t)which);
    return (2 * u - 1) * (double)range;
}

/* The forward transformation shears (x + k y), scales and squeezes ((1+s)(1+q), (1+s)/(1+q)), then translates; this is
 * its inverse. */
static mapping inverse(const dt_distortion *ranges, dt_rng stream, uint32_t example)
{
    double tx = draw(stream, example, 0, ranges->translate), ty = draw(stream, example, 1, ranges->translate);
    double s = 1 + draw(stream, example, 2, ranges->scale), q = 1 + draw(stream, example, 3, ranges->squeeze);
    double k = draw(stream, example, 4, ranges->shear);
    double xx = 1 / (s * q), yy = q / s;
    return (mapping){.xx = (float)xx,
                     .xy = (float)(-k * yy),
                     .x0 = (float)(-tx * xx + k * ty * yy),
                     .yy = (float)yy,
                     .y0 = (float)(-ty * yy)};
}

static float pixel(const uint8_t *src, int64_t height, int64_t width, int64_t y, int64_t x)
{
    return y >= 0 && y < height && x >= 0 && x < width ? (float)src[y * width + x] : 0;
}

/* src at the place (y, x), in pixels counted from the centre of pixel (0, 0). */
static float sample(const uint8_t *src, int64_t height, int64_t width, float y, float x)
{
    if (!(y > -1 && y < (float)height && x > -1 && x < (float)width)) return 0;
    int64_t row = (int64_t)(y + 1) - 1, column = (int64_t)(x + 1) - 1; /* floor, as both are above -1 */
    float v = y - (float)row, u = x - (float)column, a, b, c, d;
    if (row >= 0 && row + 1 < height && column >= 0 && column + 1 < width) {
        const uint8_t *p = src + row * width + column;
        a = p[0], b = p[1], c = p[width], d = p[width + 1];
    } else {
        a = pixel(src, height, width, row, column), b = pixel(src, height, width, row, column + 1);
        c = pixel(src, height, width, row + 1, column), d = pixel(src, height, width, row + 1, column + 1);
    }
    return (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d);
}

void dt_distort(const dt_distortion *ranges, dt_rng stream, uint32_t example, const uint8_t *src, int64_t height,
                int64_t width, uint8_t *dst)
{
    DT_REQUIRE(ranges->scale >= 0 && ranges->scale < 1 && ranges->squeeze >= 0 && ranges->squeeze < 1,
               "dt_distort: the ranges of scale (%g) and squeeze (%g) must lie within 0 .. 1", (double)ranges->scale,
               (double)ranges->squeeze);
    mapping m = inverse(ranges, stream, example);
    float cy = (float)(height - 1) / 2, cx = (float)(width - 1) / 2;
    for (int64_t i = 0; i < height; i++) {
        float dy = (float)i - cy, y = m.yy * dy + m.y0 + cy, x_start = m.xy * dy + m.x0 + cx;
        for (int64_t j = 0; j < width; j++) {
            float x = m.xx * ((float)j - cx) + x_start;
            dst[i * width + j] = (uint8_t)(sample(src, height, width, y, x) + 0.5f);
        }
    }
}

void dt_rotate(double angle, const uint8_t *src, int64_t height, int64_t width, uint8_t *dst)
{
    const float c = (float)cos(angle), s = (float)sin(angle), cy = (float)(height - 1) / 2, cx = (float)(width - 1) / 2;
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < width; j++) {
            const float dy = (float)i - cy, dx = (float)j - cx; /* rows go down: from here back by the angle */
            const float y = s * dx + c * dy + cy, x = c * dx - s * dy + cx;
            dst[i * width + j] = (uint8_t)(sample(src, height, width, y, x) + 0.5f);
        }
}
