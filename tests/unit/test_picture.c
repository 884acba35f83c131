#include <math.h>

#include "core/rng.h"
#include "data/picture.h"
#include "picture_files.h"

static dt_status read_bytes(test_folder *f, const void *bytes, size_t count, dt_picture *out, dt_error *err)
{
    return dt_picture_read(folder_write(f, "picture", bytes, count), 1, out, err);
}

static void check_pixels(const char *bytes, size_t count, int width, int height, const uint8_t *grey)
{
    test_folder f = folder_new();
    dt_picture p;
    dt_error err = {.message = ""};
    cr_assert(eq(int, read_bytes(&f, bytes, count, &p, &err), DT_OK), "%s", err.message);
    cr_assert(p.width == width && p.height == height);
    for (int i = 0; i < width * height; i++) cr_expect(eq(u8, p.pixels[i], grey[i]), "pixel %d", i);
    dt_picture_free(&p);
    cr_expect(p.pixels == NULL);
    folder_remove(&f);
}

static void check_refused(const char *bytes, size_t count, int64_t offset, const char *message)
{
    test_folder f = folder_new();
    dt_picture p;
    dt_error err;
    cr_expect(eq(int, read_bytes(&f, bytes, count, &p, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, offset), "%s", err.message);
    cr_expect(strstr(err.message, message) != NULL, "message: %s", err.message);
    cr_expect(p.pixels == NULL);
    folder_remove(&f);
}

#define BYTES(text) text, sizeof text - 1

Test(picture, reads_pgm)
{
    static const uint8_t grey[] = {0, 255, 128, 64, 1, 10};
    check_pixels(BYTES("P2 3 2 255 0 255 128 64 1 10"), 3, 2, grey);
    check_pixels(BYTES("P2\n# a comment\n3#another\n2\r\n255\n0 255#here\n128\t64 # 99\n1 10\n"), 3, 2, grey);
    check_pixels(BYTES("P5\n3 2\n255\n\0\xff\x80\x40\x01\x0a"), 3, 2, grey);
    check_pixels(BYTES("P5 3 2 255 \0\xff\x80\x40\x01\x0aP5 a second picture"), 3, 2, grey);
}

Test(picture, reads_pgm_of_other_depths)
{
    check_pixels(BYTES("P2 4 1 3 0 1 2 3"), 4, 1, (uint8_t[]){0, 85, 170, 255});
    check_pixels(BYTES("P5 3 1 65535\n\0\0\x80\x00\xff\xff"), 3, 1, (uint8_t[]){0, 128, 255});
    check_pixels(BYTES("P2 2 1 1 1 0"), 2, 1, (uint8_t[]){255, 0});
}

Test(picture, refuses_bad_pgm)
{
    check_refused(BYTES("P2"), 2, "width is missing");
    check_refused(BYTES("P2 x"), 3, "width is missing");
    check_refused(BYTES("P2 -1 2 255 0 0"), 3, "width is missing");
    check_refused(BYTES("P2 3"), 4, "height is missing");
    check_refused(BYTES("P2 1 1 0 0"), 7, "maximum");
    check_refused(BYTES("P2 1 1 65536 0"), 7, "maximum");
    check_refused(BYTES("P2 2 1 9 1 10"), 11, "above the PGM's maximum");
    check_refused(BYTES("P2 2 1 9 1 a "), 11, "missing or not a number");
    check_refused(BYTES("P5 2 1 9\n\x01\x0a"), 10, "above the PGM's maximum");
    check_refused(BYTES("P5 2 2 9\n\1\1\1"), 12, "too short");
    check_refused(BYTES("P5 2 1 999\n\1\1\1"), 14, "too short");
    check_refused(BYTES("P2 2 2 9 1 1 1"), 14, "too short");
    check_refused(BYTES("P2 2 2 9 11 1 1 "), 9, "above");
    check_refused(BYTES("P2 2 2 99 11 1 1   "), 19, "missing or not a number");
    check_refused(BYTES("P2 0 5 255 "), -1, "is 0x5");
    check_refused(BYTES("P5 10001 1 255 "), -1, "is 10001x1, not within 1x1 .. 10000x10000");
    check_refused(BYTES("P5 10000 10000 255 "), 19, "too short");
    check_refused(BYTES("P5 99999999999999999999 1 255 "), 3, "width");
}

Test(picture, says_what_else_a_file_is)
{
    check_refused(BYTES("GIF89a"), 0, "is none of PNG, JPEG, PGM and PPM but GIF data");
    check_refused(BYTES("P1 1 1 0"), 0, "but PBM data");
    check_refused(BYTES("hello"), 0, "is none of PNG, JPEG, PGM and PPM");
    check_refused(BYTES("P"), 0, "is none of PNG, JPEG, PGM and PPM");
    check_refused(BYTES("P\0 1 1 255 0"), 0, "is none of PNG, JPEG, PGM and PPM");
    check_refused(BYTES(""), 0, "empty");
}

Test(picture, refuses_what_is_no_file)
{
    test_folder f = folder_new();
    dt_picture p;
    dt_error err;
    cr_expect(eq(int, dt_picture_read(f.dir, 1, &p, &err), DT_ERR_IO));
    cr_expect(strstr(err.message, "is a folder") != NULL);
    snprintf(f.path, sizeof f.path, "%s/missing.png", f.dir);
    cr_expect(eq(int, dt_picture_read(f.path, 1, &p, &err), DT_ERR_IO));
    folder_remove(&f);
}

Test(picture, reads_png_of_any_colour_type)
{
    uint8_t file[1024];
    static const uint8_t grey[] = {0, 1, 77, 128, 254, 255};
    size_t n = encode_png(PNG_FORMAT_GRAY, 3, 2, grey, file, sizeof file);
    check_pixels((char *)file, n, 3, 2, grey);
    static const uint8_t rgb[] = {0, 0, 0, 255, 255, 255, 99, 99, 99};
    n = encode_png(PNG_FORMAT_RGB, 3, 1, rgb, file, sizeof file);
    check_pixels((char *)file, n, 3, 1, (uint8_t[]){0, 255, 99});
    static const uint8_t grey_alpha[] = {0, 255, 0, 0, 200, 255, 200, 0};
    n = encode_png(PNG_FORMAT_GA, 4, 1, grey_alpha, file, sizeof file);
    check_pixels((char *)file, n, 4, 1, (uint8_t[]){0, 255, 200, 255});
    static const uint8_t rgba[] = {0, 0, 0, 255, 0, 0, 0, 0, 50, 50, 50, 255};
    n = encode_png(PNG_FORMAT_RGBA, 3, 1, rgba, file, sizeof file);
    check_pixels((char *)file, n, 3, 1, (uint8_t[]){0, 255, 50});
}

Test(picture, half_transparent_black_is_between_black_and_white)
{
    uint8_t file[256];
    size_t n = encode_png(PNG_FORMAT_GA, 1, 1, (uint8_t[]){0, 128}, file, sizeof file);
    test_folder f = folder_new();
    dt_picture p;
    cr_assert(eq(int, read_bytes(&f, file, n, &p, NULL), DT_OK));
    cr_expect(p.pixels[0] > 100 && p.pixels[0] < 200, "%d", p.pixels[0]);
    dt_picture_free(&p);
    folder_remove(&f);
}

/* A picture of 6 x 5 as PNG and as the two kinds of PGM, for damage. */
static size_t sample_file(int kind, uint8_t *to, size_t room)
{
    uint8_t pixels[30];
    for (int i = 0; i < 30; i++) pixels[i] = (uint8_t)(7 * i * i);
    if (kind == 0) return encode_png(PNG_FORMAT_GRAY, 6, 5, pixels, to, room);
    size_t n = (size_t)snprintf((char *)to, room, kind == 1 ? "P5\n6 5\n255\n" : "P2\n# c\n6 5\n255\n");
    for (int i = 0; i < 30; i++) {
        if (kind == 1)
            to[n++] = pixels[i];
        else
            n += (size_t)snprintf((char *)to + n, room - n, "%d ", pixels[i]);
    }
    return n;
}

/* Reads it, and looks at every pixel where it can be read. */
static dt_status read_and_touch(test_folder *f, const uint8_t *bytes, size_t count)
{
    dt_picture p;
    dt_error err = {.message = ""};
    dt_status status = read_bytes(f, bytes, count, &p, &err);
    if (status) {
        cr_assert(p.pixels == NULL && err.message[0] != '\0' && err.status == status);
    } else {
        uint8_t digit[784];
        dt_status blank = dt_picture_to_digit(&p, digit, &err);
        cr_assert(blank == DT_OK || blank == DT_ERR_DATA);
    }
    dt_picture_free(&p);
    return status;
}

Test(picture, survives_every_truncation)
{
    test_folder f = folder_new();
    uint8_t file[1024];
    for (int kind = 0; kind < 3; kind++) {
        size_t n = sample_file(kind, file, sizeof file), last_chunks = kind == 0 ? 16 : kind == 1 ? 0 : 3;
        cr_assert(eq(int, read_and_touch(&f, file, n), DT_OK));
        /* The end of a PNG (its IEND, and the CRC of the pixels) and of the last number of a text may be missing. */
        for (size_t cut = 0; cut < n; cut++) {
            dt_status status = read_and_touch(&f, file, cut);
            if (cut < n - last_chunks)
                cr_expect(eq(int, status, DT_ERR_DATA), "kind %d cut at %zu of %zu", kind, cut, n);
        }
    }
    folder_remove(&f);
}

Test(picture, survives_bit_flips)
{
    test_folder f = folder_new();
    uint8_t file[1024], bytes[1024];
    dt_rng rng = dt_rng_stream(2, "picture flips", 0);
    for (int kind = 0; kind < 3; kind++) {
        size_t n = sample_file(kind, file, sizeof file);
        int refused = 0;
        for (uint32_t i = 0; i < 10000; i++) {
            memcpy(bytes, file, n);
            uint32_t bit = dt_rng_below(rng, i, (uint32_t)(8 * n));
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            refused += read_and_touch(&f, bytes, n) != DT_OK;
        }
        /* Most of a PNG is under a CRC; a flip among a P5's pixels is another picture. */
        cr_expect(kind == 0 ? refused > 7500 : refused > 500, "kind %d: %d of 10000 refused", kind, refused);
    }
    folder_remove(&f);
}

static dt_picture blank_picture(int64_t height, int64_t width, uint8_t grey)
{
    dt_picture p = {.height = height, .width = width, .channels = 1, .pixels = malloc((size_t)(height * width))};
    memset(p.pixels, grey, (size_t)(height * width));
    return p;
}

Test(digit, keeps_a_digit_that_is_mnists_already)
{
    dt_picture p = blank_picture(28, 28, 0);
    for (int i = 0; i < 784; i++) p.pixels[i] = i / 28 > 3 && i / 28 < 20 && i % 28 > 3 && i % 28 < 20 ? (uint8_t)i : 0;
    uint8_t digit[784];
    cr_assert(eq(int, dt_picture_to_digit(&p, digit, NULL), DT_OK));
    cr_expect(memcmp(digit, p.pixels, 784) == 0);
    dt_picture_free(&p);
}

/* A dark bar, off the middle of light paper: 20 rows high, a quarter of it wide, its centre of mass on the pixel of
 * index 14. */
Test(digit, normalises_a_bar_on_paper)
{
    dt_picture p = blank_picture(300, 400, 220);
    for (int i = 30; i < 230; i++) memset(p.pixels + i * 400 + 300, 40, 50);
    uint8_t digit[784];
    cr_assert(eq(int, dt_picture_to_digit(&p, digit, NULL), DT_OK));
    for (int i = 0; i < 784; i++) {
        int row = i / 28, column = i % 28;
        bool inside = row >= 4 && row < 24 && column >= 12 && column < 17;
        cr_expect(eq(u8, digit[i], inside ? 255 : 0), "row %d column %d", row, column);
    }
    dt_picture_free(&p);
}

/* Dark paper and light ink give the same digit as the inverse picture, and grey noise in the paper is not ink. */
Test(digit, does_not_care_for_paper)
{
    dt_picture dark = blank_picture(60, 60, 0), light = blank_picture(60, 60, 255), grey = blank_picture(60, 60, 0);
    dt_rng rng = dt_rng_stream(3, "paper", 0);
    for (int i = 0; i < 3600; i++) {
        int y = i / 60 - 30, x = i % 60 - 25, r = x * x + y * y;
        bool ring = (r > 100 && r < 225) || (y > 0 && y < 15 && x > 0 && x < 6);
        dark.pixels[i] = ring ? 255 : 0;
        light.pixels[i] = ring ? 0 : 255;
        grey.pixels[i] = (uint8_t)((ring ? 60 : 190) + (int)dt_rng_below(rng, (uint64_t)i, 9));
    }
    uint8_t a[784], b[784], c[784];
    cr_assert(eq(int, dt_picture_to_digit(&dark, a, NULL), DT_OK));
    cr_assert(eq(int, dt_picture_to_digit(&light, b, NULL), DT_OK));
    cr_assert(eq(int, dt_picture_to_digit(&grey, c, NULL), DT_OK));
    cr_expect(memcmp(a, b, 784) == 0);
    for (int i = 0; i < 784; i++) cr_expect(abs(a[i] - c[i]) <= 20, "pixel %d: %d, on noisy paper %d", i, a[i], c[i]);
    dt_picture_free(&dark);
    dt_picture_free(&light);
    dt_picture_free(&grey);
}

/* A line one pixel wide of a large picture stays visible. */
Test(digit, keeps_a_thin_pen)
{
    dt_picture p = blank_picture(2000, 2000, 255);
    for (int i = 200; i < 1800; i++) p.pixels[i * 2000 + i] = 0;
    uint8_t digit[784], most = 0;
    cr_assert(eq(int, dt_picture_to_digit(&p, digit, NULL), DT_OK));
    for (int i = 0; i < 784; i++) most = digit[i] > most ? digit[i] : most;
    cr_expect(eq(u8, most, 255));
    cr_expect(digit[4 * 28 + 4] > 200 && digit[23 * 28 + 23] > 200 && digit[4 * 28 + 23] == 0);
    dt_picture_free(&p);
}

Test(digit, refuses_a_blank_picture)
{
    static const int sizes[][2] = {{1, 1}, {1, 50}, {50, 1}, {40, 40}, {28, 28}};
    for (int i = 0; i < 5; i++) {
        dt_picture p = blank_picture(sizes[i][0], sizes[i][1], 230);
        p.pixels[0] = 240;
        uint8_t digit[784];
        dt_error err;
        cr_expect(eq(int, dt_picture_to_digit(&p, digit, &err), DT_ERR_DATA), "size %d", i);
        cr_expect(strstr(err.message, "blank") != NULL);
        dt_picture_free(&p);
    }
}
