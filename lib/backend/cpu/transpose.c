#include "backend/cpu/transpose.h"

#ifdef VEC_HAS_SHUFFLE

/* One square, of which `rows` x `columns` exist. Inlined with constants for a whole one. */
static inline __attribute__((always_inline)) void square(int64_t rows, int64_t columns, const real *from,
                                                         int64_t from_row, bool add, real *to, int64_t to_row)
{
    vec r[VL];
    VEC_UNROLL
    for (int i = 0; i < VL; i++) r[i] = i < rows ? vec_load_row(from + i * from_row, 0, columns) : (vec){0};
    vec_transpose(r);
    VEC_UNROLL
    for (int l = 0; l < VL; l++)
        if (l < columns) {
            real *at = to + l * to_row;
            vec_store_row(at, 0, rows, add ? r[l] + vec_load_row(at, 0, rows) : r[l]);
        }
}

void dt_transpose(int64_t rows, int64_t columns, const real *from, int64_t from_row, bool add, real *to, int64_t to_row)
{
    for (int64_t i = 0; i < rows; i += VL)
        for (int64_t l = 0; l < columns; l += VL) {
            const real *part = from + i * from_row + l;
            real *at = to + l * to_row + i;
            if (rows - i >= VL && columns - l >= VL)
                square(VL, VL, part, from_row, add, at, to_row);
            else
                square(rows - i, columns - l, part, from_row, add, at, to_row);
        }
}

#else

void dt_transpose(int64_t rows, int64_t columns, const real *from, int64_t from_row, bool add, real *to, int64_t to_row)
{
    for (int64_t l = 0; l < columns; l++)
        for (int64_t i = 0; i < rows; i++) to[l * to_row + i] = from[i * from_row + l] + (add ? to[l * to_row + i] : 0);
}

#endif
