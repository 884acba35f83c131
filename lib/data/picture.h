/* A picture in a file, and what is made of it: a digit like MNIST's, or a square for a network of photographs. */
#ifndef DT_DATA_PICTURE_H
#define DT_DATA_PICTURE_H

#include "core/error.h"

typedef struct {
    int64_t height, width, channels;
    uint8_t *pixels; /* [height][width][channels] as in the files: grey, or red, green and blue; 0 is black */
} dt_picture;

enum { DT_PICTURE_MOST = 10000, DT_DIGIT_SIDE = 28 };

/* Reads a PNG (what is transparent shows white paper), a JPEG (grey, colour or CMYK), a PGM or a PPM (P2, P3, P5, P6,
 * any maxval; the first picture of the file) of at most 10000 x 10000; the first bytes tell which it is, whatever its
 * name says. `channels` is 1 or 3: colour is made grey, grey becomes three equal channels. A JPEG with anything that
 * libjpeg warns of, a missing end for one, is damaged. DT_ERR_IO: it cannot be read; DT_ERR_DATA: it is something else,
 * damaged or too large; DT_ERR_SYSTEM: out of memory. On error *out is all zero. */
dt_status dt_picture_read(const char *path, int64_t channels, dt_picture *out, dt_error *err);

void dt_picture_free(dt_picture *picture);

/* digit [28,28] from a grey picture of one digit, by MNIST's own recipe (LeCun et al. 1998, section III.A): scaled into
 * 20x20 pixels with its aspect ratio kept, anti-aliased, and moved by whole pixels such that its centre of mass is in
 * the middle of the 28x28 field. Before it, what the camera adds is taken away: dark ink on a light border is inverted,
 * and grey levels are stretched from the border's to the ink's (after shrinking once more, so that a thin pen stays
 * black). A 28x28 picture with a dark border is copied as it is. DT_ERR_DATA: the picture is blank. DT_ERR_SYSTEM: out
 * of memory. */
dt_status dt_picture_to_digit(const dt_picture *picture, uint8_t digit[DT_DIGIT_SIDE * DT_DIGIT_SIDE], dt_error *err);

/* square [channels,side,side] from a picture (Krizhevsky, Sutskever, Hinton 2012, section 2): its shorter side is
 * scaled to `side`, and the middle is cut out (the odd pixel more is left out right or below). Each new pixel is the
 * mean over the area that it covers; in a picture that is enlarged, the old pixels are seen as little squares.
 * DT_ERR_SYSTEM: out of memory. */
dt_status dt_picture_to_square(const dt_picture *picture, int64_t side, uint8_t *square, dt_error *err);

#endif
