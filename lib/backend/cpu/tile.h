/* The micro-kernel of convolution and of matrix products: a tile of y in registers, summed over three nested loops,
 *
 *     y[o][j] = start + sum over the loops of w[o] x[j],      o in 0 .. maps-1, j in 0 .. run-1,
 *
 * where x moves along contiguous runs (full vectors) and each w is one number, broadcast. For a convolution the loops
 * are (channel, kernel row, kernel column) and a step of the last one moves x by one column, which is n reals; for a
 * matrix product there is one loop, over k; the others turn once. Nothing is packed: w is read where it lies, through
 * its strides, which are negative where the kernel is flipped. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_TILE_H
#define DT_BACKEND_CPU_TILE_H

#include "core/real.h"

/* One loop of the sum: `count` turns, each moving x and w on. */
typedef struct {
    int64_t count, x_step, w_step;
} dt_tile_loop;

typedef struct {
    dt_tile_loop loop[3]; /* outermost first */
    int64_t w_map, y_map; /* distance from one map (row of y) to the next, in w and in y */
    bool add;             /* y starts from itself, or else from bias[o], or from 0 when bias is NULL */
    const real
        *ahead; /* what is fetched into the L2 cache meanwhile, one line a turn of the last loop; NULL: nothing */
    int64_t ahead_step;
} dt_tile_sum;

/* Computes y[0 .. maps-1][0 .. run-1], serially. */
void dt_tile_run(const dt_tile_sum *sum, int64_t maps, int64_t run, const real *x, const real *w, const real *bias,
                 real *y);

#endif
