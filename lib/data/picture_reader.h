/* What the readers of the kinds of pictures share. Private to lib/data. */
#ifndef DT_DATA_PICTURE_READER_H
#define DT_DATA_PICTURE_READER_H

#include <stdio.h>

#include "data/picture.h"

typedef struct {
    const char *path;
    FILE *file;       /* at its beginning */
    int64_t size;     /* of the file, bytes */
    int64_t offset;   /* of the next byte (PGM and PPM only) */
    int64_t channels; /* wanted: 1 or 3 */
    dt_error *err;
} dt_picture_reader;

extern const char dt_picture_convert[]; /* the hint for a picture that cannot be read */

/* Checks the sizes and takes memory for the pixels of the wanted channels. */
dt_status dt_picture_alloc(const dt_picture_reader *r, int64_t width, int64_t height, dt_picture *out);

/* The brightness of a colour, by the weights of JPEG: those of the eye for red, green and blue. */
static inline uint8_t dt_picture_luma(int red, int green, int blue)
{
    return (uint8_t)((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
}

/* Each reads one kind; errors are those of dt_picture_read, and what *out holds is then freed by it. */
dt_status dt_picture_read_jpeg(dt_picture_reader *r, dt_picture *out);
dt_status dt_picture_read_pnm(dt_picture_reader *r, dt_picture *out);

#endif
