/* Batches: images of bytes become columns of numbers. */
#ifndef DT_DATA_BATCH_H
#define DT_DATA_BATCH_H

#include "data/images.h"

/* The network's input: the image lies in the centre of height x width (the odd pixel more goes right and below), which
 * shows its middle if it is the larger one; byte p becomes low + (high - low) (p - mean) / 255, where the mean is that
 * of images->mean or else 0, and around the image all is `low`. LeCun et al. 1998, II.B: 32 x 32, white
 * (background) -0.1 and black 1.175, so that over MNIST the mean is about 0 and the variance about 1. */
typedef struct {
    int64_t height, width;
    real low, high;
} dt_frame;

/* Example j of the batch is image order[j]: x [channels,frame height,frame width,n], labels [n] (left as they are where
 * the images have none). Each order[j] is below images->count. */
void dt_batch_gather(const dt_images *images, const dt_frame *frame, const uint32_t *order, int64_t n, real *x,
                     int32_t *labels);

#endif
