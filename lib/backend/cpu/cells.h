/* The cells of recurrent layers: what happens to one example in one step beside the products. Examples are rows.
 * Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_CELLS_H
#define DT_BACKEND_CPU_CELLS_H

#include "backend/backend.h"
#include "core/real.h"

/* One step of one example: rows of numbers. */
typedef struct {
    dt_cell cell;
    int64_t hidden;
    real *gates;          /* forward: the pre-activations; LSTM: i, f, o, g; GRU: r, z, q, n, q = u_n h + bias_q */
    const real *h_before; /* the state before the step */
    const real *c_before; /* LSTM */
    real *h, *c;          /* and after it; backward reads them */
    real *dh, *dc;        /* backward: the gradient of h after the step; of c, before and after; GRU: dh becomes
                           * what goes around the products */
    real *d_input, *d_recurrent; /* backward: gradients of the products; LSTM and RNN: both are `gates` */
} dt_cell_row;

void dt_cell_forward(const dt_cell_row *r);
void dt_cell_backward(const dt_cell_row *r);

#endif
