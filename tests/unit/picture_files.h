/* Pictures that the tests of lib/data encode for themselves. */
#ifndef TESTS_UNIT_PICTURE_FILES_H
#define TESTS_UNIT_PICTURE_FILES_H

#include "data_files.h" /* with stdio.h, which jpeglib.h needs */

#include <jpeglib.h>
#include <png.h>

/* Encodes pixels of a libpng format as a PNG; returns its size. */
static inline size_t encode_png(uint32_t format, int width, int height, const void *pixels, uint8_t *to, size_t room)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = (unsigned)width, .height = (unsigned)height, .format = format};
    png_alloc_size_t n = room;
    cr_assert(png_image_write_to_memory(&image, to, &n, 0, pixels, 0, NULL) != 0, "%s", image.message);
    return n;
}

/* Encodes pixels [height][width][samples] as a JPEG of the best quality; returns its size. `colours` is what they are,
 * JCS_CMYK (marked as Adobe's) for 4 samples, say. */
static inline size_t encode_jpeg(J_COLOR_SPACE colours, bool progressive, int width, int height, const uint8_t *pixels,
                                 uint8_t *to, size_t room)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long n = 0;
    j.err = jpeg_std_error(&errors);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &bytes, &n);
    j.image_width = (unsigned)width;
    j.image_height = (unsigned)height;
    j.input_components = colours == JCS_GRAYSCALE ? 1 : colours == JCS_CMYK ? 4 : 3;
    j.in_color_space = colours;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 100, TRUE);
    for (int c = 0; c < j.num_components; c++) j.comp_info[c].h_samp_factor = j.comp_info[c].v_samp_factor = 1;
    if (progressive) jpeg_simple_progression(&j);
    jpeg_start_compress(&j, TRUE);
    while (j.next_scanline < j.image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)j.next_scanline * j.image_width * j.input_components);
        jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    cr_assert(n <= room);
    memcpy(to, bytes, n);
    free(bytes);
    return n;
}

#endif
