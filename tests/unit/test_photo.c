/* Pictures in colour: the kinds of files that photographs come in, and squares of them. */
#include <math.h>

#include "core/rng.h"
#include "data/picture.h"
#include "picture_files.h"

enum { WIDTH = 20, HEIGHT = 12, COUNT = WIDTH * HEIGHT, ROOM = 20000 };

/* Soft colours, which a JPEG of the best quality keeps to a few grey levels; `samples` a pixel. */
static void paint(int samples, uint8_t *pixels)
{
    for (int i = 0; i < COUNT; i++)
        for (int c = 0; c < samples; c++)
            pixels[i * samples + c] = (uint8_t)(128 + 100 * sin(0.2 * (i % WIDTH) + 0.3 * (i / WIDTH) + 2 * c));
}

static dt_picture read_whole(const uint8_t *bytes, size_t n, int64_t channels)
{
    test_folder f = folder_new();
    dt_picture p;
    dt_error err = {.message = ""};
    cr_assert(eq(int, dt_picture_read(folder_write(&f, "photo.JPEG", bytes, n), channels, &p, &err), DT_OK), "%s",
              err.message);
    cr_assert(p.channels == channels && p.width == WIDTH && p.height == HEIGHT);
    folder_remove(&f);
    return p;
}

/* Whether all of them are within `most` of each other. */
static void expect_near(const uint8_t *a, const uint8_t *b, int count, int most)
{
    int worst = 0;
    for (int i = 0; i < count; i++) worst = abs(a[i] - b[i]) > worst ? abs(a[i] - b[i]) : worst;
    cr_expect(worst <= most, "%d grey levels apart", worst);
}

static int luma(const uint8_t *rgb)
{
    return (int)(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] + 0.5);
}

/* The file as colours, which are known, and as grey, which is their brightness. */
static void expect_colours(const uint8_t *bytes, size_t n, const uint8_t *rgb, int most)
{
    uint8_t grey[COUNT];
    for (int i = 0; i < COUNT; i++) grey[i] = (uint8_t)luma(rgb + 3 * i);
    dt_picture colour = read_whole(bytes, n, 3), plain = read_whole(bytes, n, 1);
    expect_near(colour.pixels, rgb, 3 * COUNT, most);
    expect_near(plain.pixels, grey, COUNT, most);
    dt_picture_free(&colour);
    dt_picture_free(&plain);
}

Test(photo, a_jpeg_in_colour)
{
    uint8_t rgb[3 * COUNT], file[ROOM];
    paint(3, rgb);
    for (int progressive = 0; progressive < 2; progressive++)
        expect_colours(file, encode_jpeg(JCS_RGB, progressive, WIDTH, HEIGHT, rgb, file, ROOM), rgb, 4);
}

/* Three equal channels. */
Test(photo, a_jpeg_in_grey)
{
    uint8_t grey[COUNT], rgb[3 * COUNT], file[ROOM];
    paint(1, grey);
    for (int i = 0; i < 3 * COUNT; i++) rgb[i] = grey[i / 3];
    size_t n = encode_jpeg(JCS_GRAYSCALE, false, WIDTH, HEIGHT, grey, file, ROOM);
    expect_colours(file, n, rgb, 2);
    dt_picture p = read_whole(file, n, 3);
    for (int i = 0; i < COUNT; i++)
        cr_expect(p.pixels[3 * i] == p.pixels[3 * i + 1] && p.pixels[3 * i] == p.pixels[3 * i + 2]);
    dt_picture_free(&p);
}

/* Each ink takes its part of the light; Adobe writes the light that is left, others the ink. */
Test(photo, a_jpeg_in_four_inks)
{
    uint8_t cmyk[4 * COUNT], rgb[3 * COUNT], file[ROOM];
    paint(4, cmyk);
    for (int adobe = 0; adobe < 2; adobe++) {
        for (int i = 0; i < 3 * COUNT; i++) {
            const int colour = cmyk[i / 3 * 4 + i % 3], black = cmyk[i / 3 * 4 + 3];
            rgb[i] = (uint8_t)((adobe ? colour * black : (255 - colour) * (255 - black)) / 255);
        }
        size_t n = encode_jpeg(JCS_CMYK, false, WIDTH, HEIGHT, cmyk, file, ROOM);
        if (!adobe) { /* another name than Adobe in its marker */
            uint8_t *name = memmem(file, n, "Adobe", 5);
            cr_assert(name != NULL);
            *name = 'X';
        }
        expect_colours(file, n, rgb, 4);
    }
}

/* What a file is, its first bytes say: all files here are called .JPEG. */
Test(photo, a_png_that_is_called_jpeg)
{
    uint8_t rgb[3 * COUNT], file[ROOM];
    paint(3, rgb);
    size_t n = encode_png(PNG_FORMAT_RGB, WIDTH, HEIGHT, rgb, file, ROOM);
    dt_picture p = read_whole(file, n, 3);
    cr_expect(memcmp(p.pixels, rgb, sizeof rgb) == 0);
    dt_picture_free(&p);
    n = encode_png(PNG_FORMAT_GRAY, WIDTH, HEIGHT, rgb, file, ROOM);
    p = read_whole(file, n, 3);
    for (int i = 0; i < 3 * COUNT; i++) cr_expect(eq(u8, p.pixels[i], rgb[i / 3]), "byte %d", i);
    dt_picture_free(&p);
}

Test(photo, a_ppm_in_text_and_in_bytes)
{
    uint8_t rgb[3 * COUNT], file[ROOM];
    paint(3, rgb);
    size_t n = (size_t)sprintf((char *)file, "P6 %d %d 255\n", WIDTH, HEIGHT);
    memcpy(file + n, rgb, sizeof rgb);
    expect_colours(file, n + sizeof rgb, rgb, 1);
    n = (size_t)sprintf((char *)file, "P3 %d %d 255\n", WIDTH, HEIGHT);
    for (int i = 0; i < 3 * COUNT; i++) n += (size_t)sprintf((char *)file + n, "%d ", rgb[i]);
    expect_colours(file, n, rgb, 1);
    n = (size_t)sprintf((char *)file, "P5 %d %d 255\n", WIDTH, HEIGHT);
    memcpy(file + n, rgb, COUNT);
    dt_picture p = read_whole(file, n + COUNT, 3);
    for (int i = 0; i < 3 * COUNT; i++) cr_expect(eq(u8, p.pixels[i], rgb[i / 3]), "byte %d", i);
    dt_picture_free(&p);
}

static dt_status read_bytes(test_folder *f, const uint8_t *bytes, size_t n, dt_error *err)
{
    dt_picture p;
    dt_status status = dt_picture_read(folder_write(f, "photo.JPEG", bytes, n), 3, &p, err);
    cr_assert(status == DT_OK ? p.pixels != NULL : p.pixels == NULL);
    unsigned sum = 0;
    for (int64_t i = 0; status == DT_OK && i < p.width * p.height * 3; i++) sum += p.pixels[i];
    cr_assert(status != DT_OK || sum < UINT32_MAX);
    dt_picture_free(&p);
    return status;
}

static void expect_damaged(test_folder *f, const uint8_t *bytes, size_t n, const char *message)
{
    dt_error err = {.message = ""};
    cr_expect(eq(int, read_bytes(f, bytes, n, &err), DT_ERR_DATA), "%s, %zu bytes", message, n);
    cr_expect(strstr(err.message, message) && strcmp(err.path, f->path) == 0, "\"%s\" is not in \"%s\"", message,
              err.message);
}

/* libjpeg fills what is missing with grey and only warns. */
Test(photo, a_truncated_jpeg_is_damaged)
{
    test_folder f = folder_new();
    uint8_t rgb[3 * COUNT], file[ROOM];
    paint(3, rgb);
    for (int progressive = 0; progressive < 2; progressive++) {
        const size_t n = encode_jpeg(JCS_RGB, progressive, WIDTH, HEIGHT, rgb, file, ROOM);
        for (size_t cut = 3; cut < n; cut++) expect_damaged(&f, file, cut, "is a damaged JPEG: ");
        expect_damaged(&f, file, n / 2, "Premature end of JPEG file");
        cr_expect(eq(int, read_bytes(&f, file, n, NULL), DT_OK));
    }
    const size_t n = encode_png(PNG_FORMAT_RGB, WIDTH, HEIGHT, rgb, file, ROOM);
    expect_damaged(&f, file, n / 2, "is a damaged PNG: ");
    folder_remove(&f);
}

Test(photo, bit_flips_in_a_jpeg_are_survived)
{
    test_folder f = folder_new();
    uint8_t rgb[3 * COUNT], file[ROOM], bytes[ROOM];
    paint(3, rgb);
    dt_rng rng = dt_rng_stream(4, "photo flips", 0);
    int refused = 0;
    for (int progressive = 0; progressive < 2; progressive++) {
        const size_t n = encode_jpeg(JCS_RGB, progressive, WIDTH, HEIGHT, rgb, file, ROOM);
        for (uint32_t i = 0; i < 2000; i++) {
            memcpy(bytes, file, n);
            const uint32_t bit = dt_rng_below(rng, i, (uint32_t)(8 * n));
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            refused += read_bytes(&f, bytes, n, NULL) != DT_OK;
        }
    }
    cr_expect(refused > 500, "%d of 4000 refused", refused);
    folder_remove(&f);
}

/* The size stands 5 bytes behind the marker of the frame. */
Test(photo, a_jpeg_that_is_too_large)
{
    test_folder f = folder_new();
    uint8_t rgb[3 * COUNT], file[ROOM];
    paint(3, rgb);
    const size_t n = encode_jpeg(JCS_RGB, false, WIDTH, HEIGHT, rgb, file, ROOM);
    uint8_t *frame = memmem(file, n, "\xff\xc0", 2);
    cr_assert(frame != NULL);
    frame[5] = 10001 / 256, frame[6] = 10001 % 256;
    expect_damaged(&f, file, n, "is 20x10001, not within 1x1 .. 10000x10000");
    folder_remove(&f);
}

/* ---- squares */

/* The mean over the area of the middle that new pixel (i, j) covers, by a sum over 60 x 60 points of it. */
static double mean_of(const dt_picture *p, int64_t side, int64_t i, int64_t j, int64_t c)
{
    enum { POINTS = 60 };
    const int64_t shorter = p->height < p->width ? p->height : p->width;
    const int64_t top = (p->height - shorter) / 2, left = (p->width - shorter) / 2;
    double sum = 0;
    for (int64_t k = 0; k < POINTS * POINTS; k++) {
        const double y = (double)i + ((double)(k / POINTS) + 0.5) / POINTS;
        const double x = (double)j + ((double)(k % POINTS) + 0.5) / POINTS;
        const int64_t row = top + (int64_t)(y * (double)shorter / (double)side);
        const int64_t column = left + (int64_t)(x * (double)shorter / (double)side);
        sum += p->pixels[(row * p->width + column) * p->channels + c];
    }
    return sum / (POINTS * POINTS);
}

/* Smaller and larger than the picture, upright and not, with an odd pixel more. */
Test(photo, a_square_is_the_scaled_middle)
{
    static const int sizes[][3] = {{12, 20, 4}, {20, 12, 5}, {13, 20, 6}, {7, 7, 7}, {5, 8, 10}, {1, 3, 2}, {31, 9, 3}};
    for (int k = 0; k < 7; k++) {
        const int64_t height = sizes[k][0], width = sizes[k][1], side = sizes[k][2];
        uint8_t pixels[3 * 512], square[3 * 100];
        for (uint32_t i = 0; i < 3 * height * width; i++)
            pixels[i] = (uint8_t)dt_rng_below(dt_rng_stream(6, "square", (uint64_t)k), i, 256);
        const dt_picture p = {height, width, 3, pixels};
        cr_assert(eq(int, dt_picture_to_square(&p, side, square, NULL), DT_OK));
        double worst = 0;
        for (int64_t i = 0; i < 3 * side * side; i++) {
            const double wanted = mean_of(&p, side, i / side % side, i % side, i / (side * side));
            worst = fmax(worst, fabs(wanted - square[i]));
        }
        cr_expect(worst < 3, "case %d: %g", k, worst);
    }
}

/* Of its own size nothing is changed but the order. */
Test(photo, a_square_of_the_same_size_is_a_copy)
{
    uint8_t rgb[3 * 16], square[3 * 16];
    for (int i = 0; i < 48; i++) rgb[i] = (uint8_t)(5 * i);
    const dt_picture p = {4, 4, 3, rgb};
    cr_assert(eq(int, dt_picture_to_square(&p, 4, square, NULL), DT_OK));
    for (int i = 0; i < 48; i++) cr_expect(eq(u8, square[i], rgb[i % 16 * 3 + i / 16]), "byte %d", i);
}
