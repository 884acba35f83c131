/* What forward and backward of recurrent layers share. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_RECURRENT_H
#define DT_BACKEND_CPU_RECURRENT_H

#include "backend/backend.h"
#include "core/threads.h"

/* GRU keeps the part n of w behind q, the bias of which stands last: the rows of w whose products stand first. */
static inline int64_t dt_recurrent_leading(const dt_recurrent_shape *s)
{
    return s->cell == DT_CELL_GRU ? 2 * s->hidden : dt_cell_parts(s->cell) * s->hidden;
}

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

/* One row of gates as it begins: bias in the gates' order. */
const real *dt_recurrent_bias_row(const dt_recurrent_shape *s, const real *bias, dt_arena *arena);

/* Rows of w [.,w_row], of which `depth` numbers each count, packed for products with rows of examples. */
const real *dt_recurrent_pack(int64_t depth, int64_t columns, const real *w, int64_t w_row, dt_arena *arena);

/* The initial state [hidden,n], or zeros, as rows of examples. */
void dt_recurrent_start(const dt_recurrent_shape *s, const real *state, real *rows);

/* The cells of the examples first .. end-1 in step t, forward. */
void dt_recurrent_cells(const dt_recurrent_shape *s, const dt_recurrent_kept *kept, int64_t t, int64_t first,
                        int64_t end);

/* Where backward is in a layer: rows of examples. */
typedef struct {
    real *dh, *dc;               /* [n,hidden] */
    real *d_input, *d_recurrent; /* [steps,n,units]: of w x + bias and of u h; LSTM and RNN: both are kept->gates */
    const real *packed_u;
} dt_recurrent_back;

/* dh and dc behind the last step, and u packed. */
dt_recurrent_back dt_recurrent_open(const dt_recurrent_shape *s, const dt_recurrent_kept *kept, const real *u,
                                    const real *last_c, dt_arena *arena);

/* Step t of the examples first .. end-1, backward: from dh behind the step to what flows out of the cells, and to dh
 * before it. */
void dt_recurrent_cells_back(const dt_recurrent_shape *s, const dt_recurrent_kept *kept, const dt_recurrent_back *b,
                             int64_t t, int64_t first, int64_t end);

/* What all steps give for w, u and bias. */
void dt_recurrent_weights(const dt_recurrent_shape *s, const dt_recurrent_input *in, const dt_recurrent_kept *kept,
                          const dt_recurrent_back *b, const dt_recurrent_gradients *d, dt_arena *arena);

/* sum[r of which[row]][j] += from[row][j] over the rows in their order; without `which`, r is 0. */
typedef struct {
    int64_t rows, columns, stride;
    const real *from;
    const int32_t *which;
    real *sum;
} dt_column_sums;

void dt_sum_columns(const dt_column_sums *sums);

real *dt_zeros(int64_t count, dt_arena *arena);

#endif
