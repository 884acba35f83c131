/* Crops and reflections, with which Krizhevsky, Sutskever and Hinton 2012, section 4.1, enlarge their training set: an
 * image is moved by whole pixels and, half of the time, seen in a mirror. A frame smaller than the image (data/batch.h)
 * then shows a random crop of it: 24 x 24 of 32 x 32 with a shift of up to 4. */
#ifndef DT_DATA_JITTER_H
#define DT_DATA_JITTER_H

#include "core/rng.h"

typedef struct {
    int64_t shift; /* pixels at most, each axis for itself */
    bool mirror;   /* left and right exchanged, or not */
} dt_jitter;

/* dst [channels,height,width] = src moved down by `down` and to the right by `right`, 0 where nothing comes from, after
 * left and right were exchanged if `mirror`. dst is not src. */
void dt_move(const uint8_t *src, int64_t channels, int64_t height, int64_t width, int64_t down, int64_t right,
             bool mirror, uint8_t *dst);

/* The same by random: `stream` names the epoch; `example` chooses its three numbers 3 example .. 3 example + 2, so
 * neither the order of calls nor the number of threads matters. */
void dt_jitter_image(const dt_jitter *jitter, dt_rng stream, uint32_t example, const uint8_t *src, int64_t channels,
                     int64_t height, int64_t width, uint8_t *dst);

#endif
