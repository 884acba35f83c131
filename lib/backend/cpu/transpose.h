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

/* Element l of the result is the sum of the elements of r[l], added in the order of vec_sum: a transposition that adds
 * on the way, which takes three instructions a sum where vec_sum takes eight. */
static inline __attribute__((always_inline)) vec vec_sums(const vec in[VL])
{
#ifdef VEC_HAS_SHUFFLE
    vec r[VL];
    VEC_UNROLL
    for (int i = 0; i < VL; i++) r[i] = in[i];
    VEC_UNROLL
    for (int half = VL / 2; half; half /= 2) {
        vec_mask low, high;
        VEC_UNROLL
        for (int l = 0; l < VL; l++) {
            low[l] = l & half ? VL + l - half : l;
            high[l] = l & half ? VL + l : l + half;
        }
        VEC_UNROLL
        for (int i = 0; i < half; i++)
            r[i] = __builtin_shuffle(r[i], r[i + half], low) + __builtin_shuffle(r[i], r[i + half], high);
    }
    return r[0];
#else
    vec sum = {0};
    for (int i = 0; i < VL; i++) sum[i] = vec_sum(in[i]);
    return sum;
#endif
}

/* to[l][i] = from[i][l] (+ to[l][i], with `add`) for i < rows, l < columns; from_row and to_row are the distances
 * between rows. */
void dt_transpose(int64_t rows, int64_t columns, const real *from, int64_t from_row, bool add, real *to,
                  int64_t to_row);

#endif
