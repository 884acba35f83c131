/* Cutting work into pieces. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_CUT_H
#define DT_BACKEND_CPU_CUT_H

#include "core/real.h"

static inline int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How many pieces of at most `most` make up `total`. */
static inline int64_t pieces_of(int64_t total, int64_t most)
{
    return (total + most - 1) / most;
}

#endif
