/* The distortions with which LeCun, Bottou, Bengio and Haffner 1998, section III.A, enlarge their training set: planar
 * affine transformations that combine horizontal and vertical translation, scaling, squeezing (one axis shorter, the
 * other longer) and horizontal shearing. How far each goes is the caller's choice. */
#ifndef DT_DATA_DISTORT_H
#define DT_DATA_DISTORT_H

#include "core/rng.h"

/* Each parameter is uniform within plus and minus its range; 0 leaves it out. */
typedef struct {
    real translate; /* pixels, each axis for itself */
    real scale;     /* fraction: both axes grow by 1 + s */
    real squeeze;   /* fraction: the width grows by 1 + q, the height shrinks by it; below 1 */
    real shear;     /* columns by which a row is shifted, a row away from the centre */
} dt_distortion;

/* dst [height,width] = src [height,width] distorted about its centre, bilinear between pixels, 0 outside. `stream`
 * names the epoch; `example` chooses its five numbers 5 example .. 5 example + 4, so neither the order of calls nor the
 * number of threads matters. dst is not src. */
void dt_distort(const dt_distortion *ranges, dt_rng stream, uint32_t example, const uint8_t *src, int64_t height,
                int64_t width, uint8_t *dst);

/* dst [height,width] = src [height,width] turned about its centre by `angle`, in radians and counter-clockwise as the
 * image is seen; bilinear between pixels, 0 outside. dst is not src. */
void dt_rotate(double angle, const uint8_t *src, int64_t height, int64_t width, uint8_t *dst);

#endif
