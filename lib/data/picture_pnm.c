/* PGM and PPM: grey and colour pictures as plain numbers, in text (P2, P3) or in bytes (P5, P6). */
#include "data/picture_reader.h"

#include <errno.h>
#include <string.h>

/* What the header says. */
typedef struct {
    int64_t width, height, maxval, samples; /* of a pixel: 1 or 3 */
    bool text;
} header;

static const char *kind(const header *h)
{
    return h->samples == 1 ? "PGM" : "PPM";
}

static int next_byte(dt_picture_reader *r)
{
    int c = getc_unlocked(r->file);
    if (c != EOF) r->offset++;
    return c;
}

/* The next decimal number; white space and comments (# to the end of the line) before it are skipped, and the one byte
 * after it is consumed. Returns -1, and *at its offset, where there is none below 10^6. */
static int64_t next_number(dt_picture_reader *r, int64_t *at)
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

static dt_status read_header(dt_picture_reader *r, header *h)
{
    static const char *const what[] = {"width is missing or not a number", "height is missing or not a number",
                                       "maximum is missing or not within 1 .. 65535"};
    int64_t at, *const to[] = {&h->width, &h->height, &h->maxval};
    next_byte(r);
    const int digit = next_byte(r);
    *h = (header){.text = digit < '5', .samples = digit == '3' || digit == '6' ? 3 : 1};
    for (int i = 0; i < 3; i++) {
        *to[i] = next_number(r, &at);
        if (*to[i] < 0 || (i == 2 && (h->maxval == 0 || h->maxval > 65535)))
            return dt_error_set(r->err, DT_ERR_DATA, r->path, at, dt_picture_convert, "the %s's %s", kind(h), what[i]);
    }
    return DT_OK;
}

/* The next sample as 0 .. 255. */
static dt_status read_sample(dt_picture_reader *r, const header *h, int64_t i, uint8_t *sample)
{
    int64_t at = r->offset, value;
    if (h->text) {
        value = next_number(r, &at);
    } else {
        int high = h->maxval > 255 ? next_byte(r) : 0, low = next_byte(r);
        value = high == EOF || low == EOF ? -1 : high << 8 | low;
    }
    *sample = (uint8_t)((value * 255 + h->maxval / 2) / h->maxval);
    if (value >= 0 && value <= h->maxval) return DT_OK;
    if (value < 0 && ferror(r->file))
        return dt_error_set(r->err, DT_ERR_IO, r->path, at, NULL, "cannot be read: %s", strerror(errno));
    return dt_error_set(r->err, DT_ERR_DATA, r->path, at, dt_picture_convert, "pixel %lld of %lld is %s%s%s",
                        (long long)(i / h->samples), (long long)(h->width * h->height),
                        value < 0 ? "missing or not a number" : "above the ", value < 0 ? "" : kind(h),
                        value < 0 ? "" : "'s maximum");
}

dt_status dt_picture_read_pnm(dt_picture_reader *r, dt_picture *out)
{
    header h;
    dt_status status = read_header(r, &h);
    if (status) return status;
    /* The shortest text sample is a digit and a space, the last one without. */
    const int64_t needed = h.width * h.height * h.samples * (h.text || h.maxval > 255 ? 2 : 1) - (h.text ? 1 : 0);
    if (h.width <= DT_PICTURE_MOST && h.height <= DT_PICTURE_MOST && needed > r->size - r->offset)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, r->size, dt_picture_convert,
                            "the file is too short for the %s's width and height", kind(&h));
    status = dt_picture_alloc(r, h.width, h.height, out);
    uint8_t *to = out->pixels, sample[3];
    const int64_t count = h.width * h.height * h.samples;
    for (int64_t i = 0; i < count && status == DT_OK; i += h.samples) {
        for (int64_t c = 0; c < h.samples && status == DT_OK; c++) status = read_sample(r, &h, i + c, &sample[c]);
        if (h.samples == 1) sample[1] = sample[2] = sample[0];
        if (r->channels == 1)
            *to++ = h.samples == 1 ? sample[0] : dt_picture_luma(sample[0], sample[1], sample[2]);
        else
            memcpy(to, sample, 3), to += 3;
    }
    return status;
}
