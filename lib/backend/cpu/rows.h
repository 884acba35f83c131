/* Products of rows with a matrix that is packed once and used many times, as the weights of a recurrent network are:
 *
 *     c[r][j] = start + sum over l of a[r][l] b[l][j],      l in 0 .. depth-1, j in 0 .. columns-1
 *
 * b is packed to panels of a few registers of columns, [panel][depth][DT_PANEL], each of which passes through the first
 * cache once for all rows. Each sum runs over l in order, whatever the number of rows, so the rows may be shared out
 * freely. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_ROWS_H
#define DT_BACKEND_CPU_ROWS_H

#include "backend/cpu/vec.h"

enum { DT_PANEL_VECTORS = VEC_REGISTERS == 32 ? 4 : 2, DT_PANEL = DT_PANEL_VECTORS * VL };

/* Reals that a packed b takes. */
int64_t dt_packed_reals(int64_t depth, int64_t columns);

/* The first column of a panel, or `columns` behind the last one: the registers are dealt out evenly. */
int64_t dt_panel_start(int64_t columns, int64_t panel);

/* Packs b[l][j] = w[l][j], whose rows are w_row apart, or with `transpose` w[j][l]; on all threads. */
void dt_pack(bool transpose, int64_t depth, int64_t columns, const real *w, int64_t w_row, real *packed);

typedef struct {
    int64_t depth, columns;
    const real *a;
    int64_t a_row, a_step;  /* from a[r][l] to a[r+1][l] and to a[r][l+1] */
    int64_t chunk, a_chunk; /* chunk > 0, a divisor of depth: a lies in chunks of so many l, a_chunk apart */
    const real *packed;
    const real *start; /* [columns] for each row; NULL: 0 */
    int64_t start_row; /* from one row's to the next one's; 0: the same for all */
    real *c;           /* may be start */
    int64_t c_row;
} dt_rows_product;

/* The product for `rows` rows, serially. */
void dt_multiply_rows(const dt_rows_product *p, int64_t rows);

#endif
