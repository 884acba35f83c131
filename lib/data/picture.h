/* A user's own picture of a digit: read it, and make it look like MNIST. */
#ifndef DT_DATA_PICTURE_H
#define DT_DATA_PICTURE_H

#include "core/error.h"

typedef struct {
    int64_t height, width;
    uint8_t *grey; /* [height][width], 0 is black */
} dt_picture;

enum { DT_PICTURE_MOST = 10000, DT_DIGIT_SIDE = 28 };

/* Reads a PNG (any colour type, made grey; what is transparent shows white paper) or a PGM (P2 or P5, any maxval; the
 * first picture of the file) of at most 10000 x 10000. DT_ERR_IO: it cannot be read; DT_ERR_DATA: it is something else,
 * damaged or too large; DT_ERR_SYSTEM: out of memory. On error *out is all zero. */
dt_status dt_picture_read(const char *path, dt_picture *out, dt_error *err);

void dt_picture_free(dt_picture *picture);

/* digit [28,28] from a picture of one digit, by MNIST's own recipe (LeCun et al. 1998, section III.A): scaled into
 * 20x20 pixels with its aspect ratio kept, anti-aliased, and moved by whole pixels such that its centre of mass is in
 * the middle of the 28x28 field. Before it, what the camera adds is taken away: dark ink on a light border is inverted,
 * and grey levels are stretched from the border's to the ink's (after shrinking once more, so that a thin pen stays
 * black). A 28x28 picture with a dark border is copied as it is. DT_ERR_DATA: the picture is blank. DT_ERR_SYSTEM: out
 * of memory. */
dt_status dt_picture_to_digit(const dt_picture *picture, uint8_t digit[DT_DIGIT_SIDE * DT_DIGIT_SIDE], dt_error *err);

#endif
