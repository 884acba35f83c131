/* Back-propagation through time. First each thread takes its examples back through the steps: the cell, then the
 * product of the gates' gradients with u, which gives the gradient of the state before. What the gates' gradients of
 * all steps give for the weights and for the input are large products at the end. */
#include "backend/cpu/cells.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/recurrent.h"
#include "backend/cpu/rows.h"
#include "backend/cpu/transpose.h"

enum { UNITS = 64 }; /* summed over all rows by one thread */

typedef struct {
    const dt_recurrent_shape *s;
    const dt_recurrent_input *in;
    const dt_recurrent_kept *kept;
    const dt_recurrent_gradients *d;
    const real *dy, *packed_w;
    dt_recurrent_back back;
    real *x_rows; /* [steps,n,in] */
    int64_t share;
} job;

dt_recurrent_back dt_recurrent_open(const dt_recurrent_shape *s, const dt_recurrent_kept *kept, const real *u,
                                    const real *last_c, dt_arena *arena)
{
    const int64_t units = dt_recurrent_units(s), rows = s->steps * s->n, states = s->n * s->hidden;
    dt_recurrent_back b = {.d_input = kept->gates, .d_recurrent = kept->gates};
    if (s->cell == DT_CELL_GRU) {
        b.d_input = dt_arena_reals(arena, rows * units);
        b.d_recurrent = dt_arena_reals(arena, rows * units);
    }
    b.dh = dt_zeros(states, arena);
    if (s->cell == DT_CELL_LSTM) b.dc = dt_zeros(states, arena);
    if (last_c) dt_transpose(s->hidden, s->n, last_c, s->n, false, b.dc, s->hidden);
    real *packed = dt_arena_reals(arena, dt_packed_reals(units, s->hidden));
    dt_pack(false, units, s->hidden, u, s->hidden, packed);
    b.packed_u = packed;
    return b;
}

void dt_recurrent_cells_back(const dt_recurrent_shape *s, const dt_recurrent_kept *kept, const dt_recurrent_back *b,
                             int64_t t, int64_t first, int64_t end)
{
    const int64_t row = dt_recurrent_row(s), units = dt_recurrent_units(s), hidden = s->hidden, n = s->n;
    for (int64_t k = first; k < end; k++) {
        const int64_t at = t * n + k;
        dt_cell_row r = {.cell = s->cell,
                         .hidden = hidden,
                         .gates = kept->gates + at * row,
                         .h_before = kept->h + at * hidden,
                         .h = kept->h + (at + n) * hidden,
                         .dh = b->dh + k * hidden,
                         .d_input = b->d_input + at * units,
                         .d_recurrent = b->d_recurrent + at * units};
        if (s->cell == DT_CELL_LSTM) {
            r.c_before = kept->c + at * hidden;
            r.c = kept->c + (at + n) * hidden;
            r.dc = b->dc + k * hidden;
        }
        dt_cell_backward(&r);
    }
    real *dh = b->dh + first * hidden;
    dt_multiply_rows(&(dt_rows_product){.depth = units,
                                        .columns = hidden,
                                        .a = b->d_recurrent + (t * n + first) * units,
                                        .a_row = units,
                                        .a_step = 1,
                                        .packed = b->packed_u,
                                        .start = s->cell == DT_CELL_GRU ? dh : NULL,
                                        .start_row = hidden,
                                        .c = dh,
                                        .c_row = hidden},
                     end - first);
}

static void run_examples(void *context, int64_t i)
{
    const job *b = context;
    const dt_recurrent_shape *s = b->s;
    const int64_t hidden = s->hidden, n = s->n, first = i * b->share, end = n - first < b->share ? n : first + b->share;
    for (int64_t t = s->steps - 1; t >= 0; t--) {
        dt_transpose(hidden, end - first, b->dy + t * hidden * n + first, n, true, b->back.dh + first * hidden, hidden);
        dt_recurrent_cells_back(s, b->kept, &b->back, t, first, end);
    }
}

static void input_of_step(void *context, int64_t t)
{
    const job *b = context;
    const dt_recurrent_shape *s = b->s;
    const int64_t units = dt_recurrent_units(s), size = s->n * s->in;
    if (!b->in->w) {
        dt_transpose(s->n, units, b->back.d_input + t * size, units, b->d->add_x, b->d->x + t * size, s->n);
        return;
    }
    real *rows = b->x_rows + t * size;
    dt_multiply_rows(&(dt_rows_product){.depth = units,
                                        .columns = s->in,
                                        .a = b->back.d_input + t * s->n * units,
                                        .a_row = units,
                                        .a_step = 1,
                                        .packed = b->packed_w,
                                        .c = rows,
                                        .c_row = s->in},
                     s->n);
    dt_transpose(s->n, s->in, rows, s->in, b->d->add_x, b->d->x + t * size, s->n);
}

static void sum_some_columns(void *context, int64_t i)
{
    const dt_column_sums *c = context;
    const int64_t first = i * UNITS, end = c->columns - first < UNITS ? c->columns : first + UNITS;
    for (int64_t r = 0; r < c->rows; r++) {
        const real *from = c->from + r * c->stride;
        real *sum = c->sum + (c->which ? c->which[r] * c->columns : 0);
        for (int64_t j = first; j < end; j++) sum[j] += from[j];
    }
}

void dt_sum_columns(const dt_column_sums *c)
{
    dt_column_sums sums = *c;
    dt_parallel_for((c->columns + UNITS - 1) / UNITS, sum_some_columns, &sums);
}

void dt_recurrent_weights(const dt_recurrent_shape *s, const dt_recurrent_input *in, const dt_recurrent_kept *kept,
                          const dt_recurrent_back *b, const dt_recurrent_gradients *d, dt_arena *arena)
{
    const int64_t units = dt_recurrent_units(s), rows = s->steps * s->n;
    if (d->u) dt_cpu_gemm(true, false, units, s->hidden, rows, b->d_recurrent, kept->h, d->add_u ? 1 : 0, d->u);
    if (d->w && !in->symbols) dt_cpu_gemm(true, false, units, s->in, rows, b->d_input, kept->x, d->add_w ? 1 : 0, d->w);
    if (d->w && in->symbols) {
        real *columns = dt_zeros(s->in * units, arena);
        dt_sum_columns(&(dt_column_sums){rows, units, units, b->d_input, in->symbols, columns});
        dt_transpose(s->in, units, columns, units, d->add_w, d->w, s->in);
    }
    if (!d->bias) return;
    dt_sum_columns(&(dt_column_sums){rows, units, units, b->d_input, NULL, d->bias});
    if (s->cell == DT_CELL_GRU)
        dt_sum_columns(
            &(dt_column_sums){rows, s->hidden, units, b->d_recurrent + 2 * s->hidden, NULL, d->bias + units});
}

real *dt_zeros(int64_t count, dt_arena *arena)
{
    real *p = dt_arena_reals(arena, count);
    memset(p, 0, (size_t)count * sizeof *p);
    return p;
}

void dt_cpu_recurrent_backward(const dt_recurrent_shape *s, const dt_recurrent_input *in, const real *dy,
                               const dt_recurrent_kept *kept, const dt_recurrent_gradients *d, dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    const int64_t units = dt_recurrent_units(s), rows = s->steps * s->n;
    job b = {.s = s, .in = in, .kept = kept, .d = d, .dy = dy, .share = dt_recurrent_share(s)};
    b.back = dt_recurrent_open(s, kept, in->u, d->last_c, arena);
    dt_parallel_for(dt_recurrent_shares(s), run_examples, &b);
    if (d->h) dt_transpose(s->n, s->hidden, b.back.dh, s->hidden, true, d->h, s->n);
    if (d->c) dt_transpose(s->n, s->hidden, b.back.dc, s->hidden, true, d->c, s->n);
    if (d->x && in->w) {
        real *packed = dt_arena_reals(arena, dt_packed_reals(units, s->in));
        dt_pack(false, units, s->in, in->w, s->in, packed);
        b.packed_w = packed;
        b.x_rows = dt_arena_reals(arena, rows * s->in);
    }
    if (d->x) dt_parallel_for(s->steps, input_of_step, &b);
    dt_recurrent_weights(s, in, kept, &b.back, d, arena);
    dt_arena_rewind(arena, mark);
}
