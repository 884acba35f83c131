/* JPEG by libjpeg, whose way to report an error is a call that must not return: it jumps back here. */
#include "data/picture_reader.h" /* with stdio.h, which jpeglib.h needs */

#include <errno.h>
#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <string.h>

typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    char message[JMSG_LENGTH_MAX];
    jmp_buf back;
} decoder;

_Noreturn static void give_up(j_common_ptr jpeg)
{
    decoder *d = jpeg->client_data;
    jpeg->err->format_message(jpeg, d->message);
    longjmp(d->back, 1);
}

/* Where data are missing or wrong, libjpeg warns and goes on with grey: such a picture is damaged. Two warnings are of
 * markers alone. */
static void heed_warning(j_common_ptr jpeg, int level)
{
    const int code = jpeg->err->msg_code;
    if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM) give_up(jpeg);
}

/* One line of cyan, magenta, yellow and black; Adobe's programs write them inverted, 255 for no ink. */
static void convert_cmyk(const uint8_t *from, int64_t width, bool inverted, int64_t channels, uint8_t *to)
{
    for (int64_t i = 0; i < width; i++, from += 4) {
        int colour[3];
        for (int c = 0; c < 3; c++) {
            const int light = inverted ? from[c] : 255 - from[c], paper = inverted ? from[3] : 255 - from[3];
            colour[c] = (light * paper + 127) / 255;
        }
        if (channels == 1)
            *to++ = dt_picture_luma(colour[0], colour[1], colour[2]);
        else
            for (int c = 0; c < 3; c++) *to++ = (uint8_t)colour[c];
    }
}

/* May jump back at any call of libjpeg: it holds no memory but *out and libjpeg's own. */
static dt_status decode(decoder *d, const dt_picture_reader *r, dt_picture *out)
{
    struct jpeg_decompress_struct *j = &d->jpeg;
    jpeg_create_decompress(j);
    jpeg_stdio_src(j, r->file);
    jpeg_read_header(j, TRUE);
    dt_status status = dt_picture_alloc(r, j->image_width, j->image_height, out);
    if (status) return status;
    const bool cmyk = j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK;
    j->out_color_space = cmyk ? JCS_CMYK : r->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(j);
    const int64_t row = out->width * out->channels;
    JSAMPARRAY inks = cmyk ? j->mem->alloc_sarray((j_common_ptr)j, JPOOL_IMAGE, 4 * j->image_width, 1) : NULL;
    while (j->output_scanline < j->output_height) {
        uint8_t *to = out->pixels + j->output_scanline * row;
        jpeg_read_scanlines(j, cmyk ? inks : &to, 1);
        if (cmyk) convert_cmyk(inks[0], out->width, j->saw_Adobe_marker, out->channels, to);
    }
    jpeg_finish_decompress(j);
    return DT_OK;
}

dt_status dt_picture_read_jpeg(dt_picture_reader *r, dt_picture *out)
{
    decoder d = {.jpeg.client_data = &d};
    d.jpeg.err = jpeg_std_error(&d.errors);
    d.errors.error_exit = give_up;
    d.errors.emit_message = heed_warning;
    dt_status status;
    if (setjmp(d.back) == 0)
        status = decode(&d, r, out);
    else if (ferror(r->file))
        status = dt_error_set(r->err, DT_ERR_IO, r->path, -1, NULL, "cannot be read: %s", strerror(errno));
    else
        status = dt_error_set(r->err, d.errors.msg_code == JERR_OUT_OF_MEMORY ? DT_ERR_SYSTEM : DT_ERR_DATA, r->path,
                              -1, dt_picture_convert, "is a damaged JPEG: %s", d.message);
    jpeg_destroy_decompress(&d.jpeg);
    return status;
}
