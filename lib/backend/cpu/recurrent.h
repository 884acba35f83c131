/* What forward and backward of recurrent layers share. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_RECURRENT_H
#define DT_BACKEND_CPU_RECURRENT_H

#include "backend/backend.h"
#include "core/threads.h"

/* The examples of a sequence do not meet within it, so each thread takes some of them through all steps, and the
 * threads meet only at the end. How many is no matter for the bits. */
static inline int64_t dt_recurrent_share(const dt_recurrent_shape *s)
{
    const int64_t threads = dt_threads_free(true);
    return (s->n + threads - 1) / threads;
}

static inline int64_t dt_recurrent_shares(const dt_recurrent_shape *s)
{
    const int64_t share = dt_recurrent_share(s);
    return (s->n + share - 1) / share;
}

/* Numbers in a row of kept gates, and rows of w and u. */
static inline int64_t dt_recurrent_row(const dt_recurrent_shape *s)
{
    return dt_cell_biases(s->cell) * s->hidden;
}

static inline int64_t dt_recurrent_units(const dt_recurrent_shape *s)
{
    return dt_cell_parts(s->cell) * s->hidden;
}

#endif
