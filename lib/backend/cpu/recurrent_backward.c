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
    const real *dy, *packed_u, *packed_w;
    real *dh, *dc;               /* [n,hidden] */
    real *d_input, *d_recurrent; /* [steps,n,units]: of w x + bias and of u h; LSTM and RNN: both are kept->gates */
    real *x_rows;                /* [steps,n,in] */
    int64_t share;
} back;

static void run_examples(void *context, int64_t i)
{
    const back *b = context;
    const dt_recurrent_shape *s = b->s;
    const int64_t row = dt_recurrent_row(s), units = dt_recurrent_units(s), hidden = s->hidden, n = s->n;
    const int64_t first = i * b->share, end = n - first < b->share ? n : first + b->share;
    for (int64_t t = s->steps - 1; t >= 0; t--) {
        dt_transpose(hidden, end - first, b->dy + t * hidden * n + first, n, true, b->dh + first * hidden, hidden);
        for (int64_t k = first; k < end; k++) {
            const int64_t at = t * n + k;
            dt_cell_row r = {.cell = s->cell,
                             .hidden = hidden,
                             .gates = b->kept->gates + at * row,
                             .h_before = b->kept->h + at * hidden,
                             .h = b->kept->h + (at + n) * hidden,
                             .dh = b->dh + k * hidden,
                             .d_input = b->d_input + at * units,
                             .d_recurrent = b->d_recurrent + at * units};
            if (s->cell == DT_CELL_LSTM) {
                r.c_before = b->kept->c + at * hidden;
                r.c = b->kept->c + (at + n) * hidden;
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
}

static void input_of_step(void *context, int64_t t)
{
    const back *b = context;
    const dt_recurrent_shape *s = b->s;
    const int64_t units = dt_recurrent_units(s), size = s->n * s->in;
    if (!b->in->w) {
        dt_transpose(s->n, units, b->d_input + t * size, units, b->d->add_x, b->d->x + t * size, s->n);
        return;
    }
    real *rows = b->x_rows + t * size;
    dt_multiply_rows(&(dt_rows_product){.depth = units,
                                        .columns = s->in,
                                        .a = b->d_input + t * s->n * units,
                                        .a_row = units,
                                        .a_step = 1,
                                        .packed = b->packed_w,
                                        .c = rows,
                                        .c_row = s->in},
                     s->n);
    dt_transpose(s->n, s->in, rows, s->in, b->d->add_x, b->d->x + t * size, s->n);
}

/* sum[r of which[row]][j] += from[row][j] over the rows in their order; without `which`, r is 0. */
typedef struct {
    int64_t rows, columns, stride;
    const real *from;
    const int32_t *which;
    real *sum;
} column_sums;

static void sum_some_columns(void *context, int64_t i)
{
    const column_sums *c = context;
    const int64_t first = i * UNITS, end = c->columns - first < UNITS ? c->columns : first + UNITS;
    for (int64_t r = 0; r < c->rows; r++) {
        const real *from = c->from + r * c->stride;
        real *sum = c->sum + (c->which ? c->which[r] * c->columns : 0);
        for (int64_t j = first; j < end; j++) sum[j] += from[j];
    }
}

static void sum_columns(const column_sums *c)
{
    column_sums sums = *c;
    dt_parallel_for((c->columns + UNITS - 1) / UNITS, sum_some_columns, &sums);
}

static void bias_gradient(const back *b)
{
    const dt_recurrent_shape *s = b->s;
    const int64_t units = dt_recurrent_units(s), rows = s->steps * s->n;
    sum_columns(&(column_sums){rows, units, units, b->d_input, NULL, b->d->bias});
    if (s->cell == DT_CELL_GRU)
        sum_columns(&(column_sums){rows, s->hidden, units, b->d_recurrent + 2 * s->hidden, NULL, b->d->bias + units});
}

static void weight_gradients(const back *b, dt_arena *arena)
{
    const dt_recurrent_shape *s = b->s;
    const int64_t units = dt_recurrent_units(s), rows = s->steps * s->n;
    const dt_recurrent_gradients *d = b->d;
    if (d->u) dt_cpu_gemm(true, false, units, s->hidden, rows, b->d_recurrent, b->kept->h, d->add_u ? 1 : 0, d->u);
    if (d->w && !b->in->symbols)
        dt_cpu_gemm(true, false, units, s->in, rows, b->d_input, b->kept->x, d->add_w ? 1 : 0, d->w);
    if (d->w && b->in->symbols) {
        real *columns = dt_arena_reals(arena, s->in * units);
        memset(columns, 0, (size_t)(s->in * units) * sizeof *columns);
        sum_columns(&(column_sums){rows, units, units, b->d_input, b->in->symbols, columns});
        dt_transpose(s->in, units, columns, units, d->add_w, d->w, s->in);
    }
    if (d->bias) bias_gradient(b);
}

static real *zeros(int64_t count, dt_arena *arena)
{
    real *p = dt_arena_reals(arena, count);
    memset(p, 0, (size_t)count * sizeof *p);
    return p;
}

void dt_cpu_recurrent_backward(const dt_recurrent_shape *s, const dt_recurrent_input *in, const real *dy,
                               const dt_recurrent_kept *kept, const dt_recurrent_gradients *d, dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    const int64_t units = dt_recurrent_units(s), rows = s->steps * s->n, states = s->n * s->hidden;
    back b = {.s = s, .in = in, .kept = kept, .d = d, .dy = dy, .share = dt_recurrent_share(s)};
    b.d_input = b.d_recurrent = kept->gates;
    if (s->cell == DT_CELL_GRU) {
        b.d_input = dt_arena_reals(arena, rows * units);
        b.d_recurrent = dt_arena_reals(arena, rows * units);
    }
    b.dh = zeros(states, arena);
    if (s->cell == DT_CELL_LSTM) b.dc = zeros(states, arena);
    if (d->last_c) dt_transpose(s->hidden, s->n, d->last_c, s->n, false, b.dc, s->hidden);
    real *packed = dt_arena_reals(arena, dt_packed_reals(units, s->hidden));
    dt_pack(false, units, s->hidden, in->u, s->hidden, packed);
    b.packed_u = packed;
    dt_parallel_for(dt_recurrent_shares(s), run_examples, &b);
    if (d->h) dt_transpose(s->n, s->hidden, b.dh, s->hidden, true, d->h, s->n);
    if (d->c) dt_transpose(s->n, s->hidden, b.dc, s->hidden, true, d->c, s->n);
    if (d->x && in->w) {
        packed = dt_arena_reals(arena, dt_packed_reals(units, s->in));
        dt_pack(false, units, s->in, in->w, s->in, packed);
        b.packed_w = packed;
        b.x_rows = dt_arena_reals(arena, rows * s->in);
    }
    if (d->x) dt_parallel_for(s->steps, input_of_step, &b);
    weight_gradients(&b, arena);
    dt_arena_rewind(arena, mark);
}
