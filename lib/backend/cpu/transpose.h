/* Transposing, a square of registers at a time. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_TRANSPOSE_H
#define DT_BACKEND_CPU_TRANSPOSE_H

#include "backend/cpu/vec.h"

#ifdef VEC_HAS_SHUFFLE
/* Swaps the off-diagonal quarters, then those of each quarter, and so on: log2(VL) rounds of shuffles. */
static inline __attribute__((always_inline)) void vec_transpose(vec r[VL])
{
    VEC_UNROLL
    for (int half = VL / 2; half; half /= 2) {
        vec_mask low, high;
        VEC_UNROLL
        for (int l = 0; l < VL; l++) {
            low[l] = l & half ? VL + l - half : l;
            high[l] = l & half ? VL + l : l + half;
        }
        VEC_UNROLL
        for (int i = 0; i < VL; i++)
            if (!(i & half)) {
                vec first = r[i], second = r[i + half];
                r[i] = __builtin_shuffle(first, second, low);
                r[i + half] = __builtin_shuffle(first, second, high);
            }
    }
}
#endif

/* to[l][i] = from[i][l] (+ to[l][i], with `add`) for i < rows, l < columns; from_row and to_row are the distances
 * between rows. */
void dt_transpose(int64_t rows, int64_t columns, const real *from, int64_t from_row, bool add, real *to,
                  int64_t to_row);

#endif
