#include "data/picture.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/file.h"

static const char convert[] = "save it as PNG or as grey PGM";

typedef struct {
    const char *path;
    FILE *file;
    int64_t size;   /* of the file, bytes */
    int64_t offset; /* of the next byte (PGM only) */
    dt_error *err;
} reader;

static dt_status data_error(const reader *r, int64_t offset, const char *message)
{
    return dt_error_set(r->err, DT_ERR_DATA, r->path, offset, convert, "%s", message);
}

/* Checks the sizes and takes memory for the pixels. */
static dt_status take_memory(const reader *r, int64_t width, int64_t height, dt_picture *out)
{
    if (width < 1 || height < 1 || width > DT_PICTURE_MOST || height > DT_PICTURE_MOST)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, -1, "crop or shrink it",
                            "is %lldx%lld, not within 1x1 .. %dx%d", (long long)width, (long long)height,
                            DT_PICTURE_MOST, DT_PICTURE_MOST);
    out->width = width;
    out->height = height;
    out->grey = malloc((size_t)(width * height));
    if (out->grey) return DT_OK;
    return dt_error_set(r->err, DT_ERR_SYSTEM, r->path, -1, NULL, "out of memory for %lldx%lld pixels",
                        (long long)width, (long long)height);
}

static int next_byte(reader *r)
{
    int c = getc_unlocked(r->file);
    if (c != EOF) r->offset++;
    return c;
}

/* The next decimal number of a PGM; white space and comments (# to the end of the line) before it are skipped, and the
 * one byte after it is consumed. Returns -1, and *at its offset, where there is none below 10^6. */
static int64_t next_number(reader *r, int64_t *at)
{
    int c = next_byte(r);
    while (c == ' ' || (c >= '\t' && c <= '\r') || c == '#') {
        if (c == '#')
            while (c != '\n' && c != '\r' && c != EOF) c = next_byte(r);
        else
            c = next_byte(r);
    }
    *at = c == EOF ? r->offset : r->offset - 1;
    int64_t value = -1;
    for (; c >= '0' && c <= '9'; c = next_byte(r)) {
        value = (value < 0 ? 0 : value * 10) + (c - '0');
        if (value >= 1000000) return -1;
    }
    bool ended = c == EOF || c == ' ' || (c >= '\t' && c <= '\r') || c == '#';
    if (c == '#') ungetc(c, r->file), r->offset--;
    return ended ? value : -1;
}

static dt_status read_pgm_samples(reader *r, bool text, int64_t maxval, dt_picture *out)
{
    int64_t count = out->width * out->height;
    for (int64_t i = 0; i < count; i++) {
        int64_t at = r->offset, value;
        if (text) {
            value = next_number(r, &at);
        } else {
            int high = maxval > 255 ? next_byte(r) : 0, low = next_byte(r);
            value = high == EOF || low == EOF ? -1 : high << 8 | low;
        }
        if (value < 0 && ferror(r->file))
            return dt_error_set(r->err, DT_ERR_IO, r->path, at, NULL, "cannot be read: %s", strerror(errno));
        if (value < 0 || value > maxval)
            return dt_error_set(r->err, DT_ERR_DATA, r->path, at, convert,
                                value < 0 ? "pixel %lld of %lld is missing or not a number"
                                          : "pixel %lld of %lld is above the PGM's maximum",
                                (long long)i, (long long)count);
        out->grey[i] = (uint8_t)((value * 255 + maxval / 2) / maxval);
    }
    return DT_OK;
}

static dt_status read_pgm(reader *r, bool text, dt_picture *out)
{
    static const char *const names[] = {"the PGM's width is missing or not a number",
                                        "the PGM's height is missing or not a number",
                                        "the PGM's maximum is missing or not within 1 .. 65535"};
    int64_t header[3], at;
    r->offset = 2;
    for (int i = 0; i < 3; i++) {
        header[i] = next_number(r, &at);
        if (header[i] < 0 || (i == 2 && (header[i] == 0 || header[i] > 65535))) return data_error(r, at, names[i]);
    }
    /* The shortest text sample is a digit and a space, the last one without. */
    int64_t maxval = header[2], needed = header[0] * header[1] * (text || maxval > 255 ? 2 : 1) - (text ? 1 : 0);
    if (header[0] <= DT_PICTURE_MOST && header[1] <= DT_PICTURE_MOST && needed > r->size - r->offset)
        return data_error(r, r->size, "the file is too short for the PGM's width and height");
    dt_status status = take_memory(r, header[0], header[1], out);
    return status ? status : read_pgm_samples(r, text, maxval, out);
}

static dt_status read_png(reader *r, dt_picture *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    rewind(r->file);
    if (!png_image_begin_read_from_stdio(&image, r->file))
        return dt_error_set(r->err, DT_ERR_DATA, r->path, -1, convert, "is a damaged PNG: %s", image.message);
    dt_status status = take_memory(r, image.width, image.height, out);
    if (status) {
        png_image_free(&image);
        return status;
    }
    /* Grey of 16 bits without a gamma is taken as the usual one, like that of 8 bits. */
    image.format = PNG_FORMAT_GRAY;
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    static const png_color white = {255, 255, 255};
    if (!png_image_finish_read(&image, &white, out->grey, 0, NULL))
        return dt_error_set(r->err, DT_ERR_DATA, r->path, -1, convert, "is a damaged PNG: %s", image.message);
    return DT_OK;
}

/* What a file that cannot be read probably is, from its first bytes. */
static dt_status refuse(const reader *r, const uint8_t *head, size_t got)
{
    static const struct {
        const char *start;
        size_t length;
        const char *what;
    } kinds[] = {{"\xff\xd8\xff", 3, "JPEG"},
                 {"GIF8", 4, "GIF"},
                 {"BM", 2, "BMP"},
                 {"RIFF", 4, "WebP"},
                 {"P3", 2, "PPM"},
                 {"P6", 2, "PPM"},
                 {"P1", 2, "PBM"},
                 {"P4", 2, "PBM"},
                 {"II*\0", 4, "TIFF"},
                 {"MM\0*", 4, "TIFF"},
                 {"%PDF", 4, "PDF"},
                 {"\x1f\x8b", 2, "gzip"},
                 {"<svg", 4, "SVG"},
                 {"<?xml", 5, "XML"},
                 {"\0\0\x08", 3, "IDX"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (got >= kinds[i].length && memcmp(head, kinds[i].start, kinds[i].length) == 0)
            return dt_error_set(r->err, DT_ERR_DATA, r->path, 0, convert,
                                "is neither a PNG nor a PGM (P2, P5) but %s data", kinds[i].what);
    return data_error(r, 0, "is neither a PNG nor a PGM (P2, P5)");
}

dt_status dt_picture_read(const char *path, dt_picture *out, dt_error *err)
{
    static const uint8_t png_start[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    *out = (dt_picture){0};
    reader r = {.path = path, .err = err};
    int fd;
    dt_status status = dt_file_open(path, "name a PNG or PGM picture", &fd, &r.size, err);
    if (status) return status;
    r.file = fdopen(fd, "rb");
    if (!r.file) {
        close(fd);
        return dt_error_set(err, DT_ERR_SYSTEM, path, -1, NULL, "cannot be opened: %s", strerror(errno));
    }
    uint8_t head[8];
    size_t got = fread(head, 1, sizeof head, r.file);
    if (got == 8 && memcmp(head, png_start, 8) == 0)
        status = read_png(&r, out);
    else if (got >= 2 && head[0] == 'P' && (head[1] == '2' || head[1] == '5') && fseek(r.file, 2, SEEK_SET) == 0)
        status = read_pgm(&r, head[1] == '2', out);
    else
        status = refuse(&r, head, got);
    fclose(r.file);
    if (status) dt_picture_free(out);
    return status;
}

void dt_picture_free(dt_picture *picture)
{
    free(picture->grey);
    *picture = (dt_picture){0};
}
