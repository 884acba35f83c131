#include "data/picture.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/file.h"
#include "data/picture_reader.h"
#include "data/resample.h"

const char dt_picture_convert[] = "save it anew as PNG or JPEG";

dt_status dt_picture_alloc(const dt_picture_reader *r, int64_t width, int64_t height, dt_picture *out)
{
    if (width < 1 || height < 1 || width > DT_PICTURE_MOST || height > DT_PICTURE_MOST)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, -1, "crop or shrink it",
                            "is %lldx%lld, not within 1x1 .. %dx%d", (long long)width, (long long)height,
                            DT_PICTURE_MOST, DT_PICTURE_MOST);
    *out = (dt_picture){.height = height, .width = width, .channels = r->channels};
    out->pixels = malloc((size_t)(width * height * r->channels));
    if (out->pixels) return DT_OK;
    return dt_error_set(r->err, DT_ERR_SYSTEM, r->path, -1, NULL, "out of memory for %lldx%lld pixels",
                        (long long)width, (long long)height);
}

static dt_status read_png(const dt_picture_reader *r, dt_picture *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_stdio(&image, r->file))
        return dt_error_set(r->err, DT_ERR_DATA, r->path, -1, dt_picture_convert, "is a damaged PNG: %s",
                            image.message);
    dt_status status = dt_picture_alloc(r, image.width, image.height, out);
    if (status) {
        png_image_free(&image);
        return status;
    }
    /* Numbers of 16 bits without a gamma are taken as the usual ones, like those of 8 bits. */
    image.format = r->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    static const png_color white = {255, 255, 255};
    if (!png_image_finish_read(&image, &white, out->pixels, 0, NULL))
        return dt_error_set(r->err, DT_ERR_DATA, r->path, -1, dt_picture_convert, "is a damaged PNG: %s",
                            image.message);
    return DT_OK;
}

/* What a file that cannot be read probably is, from its first bytes. */
static dt_status refuse(const dt_picture_reader *r, const uint8_t *head, size_t got)
{
    static const struct {
        const char *start;
        size_t length;
        const char *what;
    } kinds[] = {{"GIF8", 4, "GIF"},    {"BM", 2, "BMP"},        {"RIFF", 4, "WebP"},  {"P1", 2, "PBM"},
                 {"P4", 2, "PBM"},      {"II*\0", 4, "TIFF"},    {"MM\0*", 4, "TIFF"}, {"%PDF", 4, "PDF"},
                 {"PK\3\4", 4, "ZIP"},  {"\x1f\x8b", 2, "gzip"}, {"<svg", 4, "SVG"},   {"<?xml", 5, "XML"},
                 {"\0\0\x08", 3, "IDX"}};
    const char *what = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !what; i++)
        if (got >= kinds[i].length && memcmp(head, kinds[i].start, kinds[i].length) == 0) what = kinds[i].what;
    return dt_error_set(r->err, DT_ERR_DATA, r->path, 0, dt_picture_convert, "is none of PNG, JPEG, PGM and PPM%s%s%s",
                        what ? " but " : "", what ? what : "", what ? " data" : "");
}

/* By its first bytes. */
static dt_status read_any(dt_picture_reader *r, dt_picture *out)
{
    static const uint8_t png_start[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t head[8];
    const size_t got = fread(head, 1, sizeof head, r->file);
    rewind(r->file);
    if (got == 8 && memcmp(head, png_start, 8) == 0) return read_png(r, out);
    if (got >= 3 && memcmp(head, "\xff\xd8\xff", 3) == 0) return dt_picture_read_jpeg(r, out);
    if (got >= 2 && head[0] == 'P' && memchr("2356", head[1], 4)) return dt_picture_read_pnm(r, out);
    return refuse(r, head, got);
}

dt_status dt_picture_read(const char *path, int64_t channels, dt_picture *out, dt_error *err)
{
    DT_REQUIRE(channels == 1 || channels == 3, "dt_picture_read: %lld channels", (long long)channels);
    *out = (dt_picture){0};
    dt_picture_reader r = {.path = path, .channels = channels, .err = err};
    int fd;
    dt_status status = dt_file_open(path, "name a PNG, JPEG, PGM or PPM picture", &fd, &r.size, err);
    if (status) return status;
    r.file = fdopen(fd, "rb");
    if (!r.file) {
        close(fd);
        return dt_error_set(err, DT_ERR_SYSTEM, path, -1, NULL, "cannot be opened: %s", strerror(errno));
    }
    status = read_any(&r, out);
    fclose(r.file);
    if (status) dt_picture_free(out);
    return status;
}

void dt_picture_free(dt_picture *picture)
{
    free(picture->pixels);
    *picture = (dt_picture){0};
}

dt_status dt_picture_to_square(const dt_picture *p, int64_t side, uint8_t *square, dt_error *err)
{
    DT_REQUIRE(side > 0, "dt_picture_to_square: a side of %lld", (long long)side);
    const int64_t shorter = p->height < p->width ? p->height : p->width, size = p->height * p->width;
    const double step = (double)shorter / (double)side;
    const dt_grid rows = {(double)((p->height - shorter) / 2), step, side};
    const dt_grid columns = {(double)((p->width - shorter) / 2), step, side};
    uint8_t *plane = malloc((size_t)size);
    double *line = malloc((size_t)p->width * sizeof *line);
    dt_status status = DT_OK;
    if (!plane || !line)
        status = dt_error_set(err, DT_ERR_SYSTEM, NULL, -1, NULL, "out of memory for %lld pixels", (long long)size);
    for (int64_t c = 0; c < p->channels && status == DT_OK; c++) {
        for (int64_t i = 0; i < size; i++) plane[i] = p->pixels[i * p->channels + c];
        dt_resample_area(plane, p->height, p->width, rows, columns, square + c * side * side, line);
    }
    free(line);
    free(plane);
    return status;
}
