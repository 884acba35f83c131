/* A text laid out for truncated backpropagation through time (Zaremba, Sutskever, Vinyals 2014, section 4.1, and the
 * code published with it): N streams that are trained side by side, each a contiguous part of the text, in steps of T
 * tokens, so that the state after one step is where the next one begins. */
#ifndef DT_DATA_STREAMS_H
#define DT_DATA_STREAMS_H

#include "data/vocabulary.h"

typedef struct {
    const int32_t *id;
    int64_t batch, length; /* N streams of so many tokens; what is left over at the text's end is not used */
    int64_t unroll;        /* T */
    int64_t steps;         /* (length - 1) / T: what fills no step at a stream's end is not used either */
} dt_streams;

/* The tokens outlive it. DT_ERR_DATA: they are too few for one step of T tokens and their successors in each of N
 * streams. `path` is for the message. */
dt_status dt_streams_cut(const dt_tokens *tokens, int64_t batch, int64_t unroll, const char *path, dt_streams *out,
                         dt_error *err);

/* Step k: x [T,N], token t of each stream, and y [T,N], what follows it. 0 <= k < steps. */
void dt_streams_at(const dt_streams *s, int64_t k, int32_t *x, int32_t *y);

#endif
