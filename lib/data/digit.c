/* dt_picture_to_digit: from a picture of a digit to MNIST's form of it. */
#include <stdlib.h>
#include <string.h>

#include "data/picture.h"
#include "data/resample.h"

enum { SIDE = DT_DIGIT_SIDE, BOX = 20 };

/* Ink fainter than this (of 255) does not widen the box around the digit; nor is anything seen in a picture whose
 * contrast is below it. */
enum { FAINT = 32 };

/* How often each grey level occurs on the picture's outermost pixels. */
static int64_t border_histogram(const dt_picture *p, int64_t histogram[256])
{
    int64_t total = 0;
    memset(histogram, 0, 256 * sizeof *histogram);
    for (int64_t i = 0; i < p->height; i++) {
        int64_t step = i == 0 || i == p->height - 1 || p->width == 1 ? 1 : p->width - 1;
        for (int64_t j = 0; j < p->width; j += step, total++) histogram[p->pixels[i * p->width + j]]++;
    }
    return total;
}

static int quantile(const int64_t histogram[256], int64_t rank)
{
    int level = 0;
    for (int64_t below = histogram[0]; below <= rank; below += histogram[level]) level++;
    return level;
}

/* For each grey level of the picture how much ink it is, 0 .. 255: what 95 % of the border reaches is paper, the
 * strongest level is ink. Returns false if the picture is blank. */
static bool ink_of_levels(const dt_picture *p, bool light_paper, const int64_t border[256], int64_t total,
                          uint8_t ink[256])
{
    int darkest = 255, lightest = 0;
    for (int64_t i = 0; i < p->height * p->width; i++) {
        if (p->pixels[i] < darkest) darkest = p->pixels[i];
        if (p->pixels[i] > lightest) lightest = p->pixels[i];
    }
    int middle = quantile(border, total / 2);
    int paper = quantile(border, light_paper ? total / 20 : total - 1 - total / 20);
    int full = light_paper ? darkest : lightest;
    /* Where the digit runs over the border, the 95 % are no longer paper. */
    if (abs(paper - middle) > abs(full - middle) / 2) paper = middle;
    int contrast = abs(full - paper);
    for (int level = 0; level < 256; level++) {
        int above = light_paper ? paper - level : level - paper;
        if (above < 0) above = 0;
        if (above > contrast) above = contrast;
        ink[level] = (uint8_t)(contrast ? (above * 255 + contrast / 2) / contrast : 0);
    }
    return contrast >= FAINT;
}

typedef struct {
    int64_t top, left, height, width;
} box;

static box bounding_box(const uint8_t *ink, int64_t height, int64_t width)
{
    int64_t top = height, bottom = -1, left = width, right = -1;
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < width; j++)
            if (ink[i * width + j] >= FAINT) {
                if (top > i) top = i;
                if (left > j) left = j;
                if (right < j) right = j;
                bottom = i;
            }
    return (box){top, left, bottom - top + 1, right - left + 1};
}

/* The place of the first of `size` pixels such that their centre of mass falls onto the pixel of index 14 (which is
 * where MNIST's images have theirs, to the nearest pixel), as far as the digit stays inside. `mass_centre` counts from
 * the edge. A tie goes up or left: there a symmetric digit is in the middle of the field. */
static int64_t centred(double mass_centre, int64_t size)
{
    double middle = SIDE / 2 + 0.5;
    int64_t start = (int64_t)(middle - mass_centre + 0.5 - 1e-6 + SIDE) - SIDE;
    if (start < 0) return 0;
    return start > SIDE - size ? SIDE - size : start;
}

/* Returns false if there is no ink. */
static bool place_digit(const uint8_t small[BOX * BOX], int64_t height, int64_t width, uint8_t digit[SIDE * SIDE])
{
    double mass = 0, y = 0, x = 0;
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < width; j++) {
            double m = small[i * width + j];
            mass += m;
            y += m * ((double)i + 0.5);
            x += m * ((double)j + 0.5);
        }
    if (mass == 0) return false;
    int64_t top = centred(y / mass, height), left = centred(x / mass, width);
    memset(digit, 0, SIDE * SIDE);
    for (int64_t i = 0; i < height; i++) memcpy(digit + (top + i) * SIDE + left, small + i * width, (size_t)width);
    return true;
}

/* Shrinking makes a thin pen's line faint; as in MNIST, the strongest pixel shall be (nearly) full ink. */
static void stretch(uint8_t *pixels, int64_t count)
{
    int most = 1;
    for (int64_t i = 0; i < count; i++)
        if (pixels[i] > most) most = pixels[i];
    for (int64_t i = 0; i < count; i++) pixels[i] = (uint8_t)((pixels[i] * 255 + most / 2) / most);
}

/* `size` pixels of a box whose longer side becomes BOX pixels. */
static int64_t fitted(int64_t size, int64_t longer)
{
    int64_t n = (size * BOX + longer / 2) / longer;
    return n < 1 ? 1 : n;
}

/* Returns false if there is no ink. */
static bool normalise(const uint8_t *ink, int64_t height, int64_t width, double *line, uint8_t digit[SIDE * SIDE])
{
    box b = bounding_box(ink, height, width);
    int64_t longer = b.height > b.width ? b.height : b.width;
    dt_grid rows = {.start = (double)b.top, .count = fitted(b.height, longer)};
    dt_grid columns = {.start = (double)b.left, .count = fitted(b.width, longer)};
    rows.step = (double)b.height / (double)rows.count;
    columns.step = (double)b.width / (double)columns.count;
    uint8_t small[BOX * BOX];
    dt_resample_area(ink, height, width, rows, columns, small, line);
    stretch(small, rows.count * columns.count);
    return place_digit(small, rows.count, columns.count, digit);
}

static dt_status blank(dt_error *err)
{
    return dt_error_set(err, DT_ERR_DATA, NULL, -1,
                        "draw one digit, dark on light or light on dark, away from the edges",
                        "the picture is blank: nothing stands out from its border");
}

dt_status dt_picture_to_digit(const dt_picture *picture, uint8_t digit[SIDE * SIDE], dt_error *err)
{
    DT_REQUIRE(picture->channels == 1, "dt_picture_to_digit: a picture of %lld channels", (long long)picture->channels);
    int64_t border[256], total = border_histogram(picture, border), count = picture->height * picture->width;
    bool light_paper = quantile(border, total / 2) >= 128;
    uint8_t levels[256];
    if (!ink_of_levels(picture, light_paper, border, total, levels)) return blank(err);
    if (!light_paper && picture->height == SIDE && picture->width == SIDE) {
        memcpy(digit, picture->pixels, SIDE * SIDE);
        return DT_OK;
    }
    uint8_t *ink = malloc((size_t)count);
    double *line = malloc((size_t)picture->width * sizeof *line);
    dt_status status = DT_OK;
    if (!ink || !line) {
        status = dt_error_set(err, DT_ERR_SYSTEM, NULL, -1, NULL, "out of memory for %lld pixels", (long long)count);
    } else {
        for (int64_t i = 0; i < count; i++) ink[i] = levels[picture->pixels[i]];
        if (!normalise(ink, picture->height, picture->width, line, digit)) status = blank(err);
    }
    free(line);
    free(ink);
    return status;
}
