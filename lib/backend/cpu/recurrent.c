/* Forward of recurrent layers. First w x + bias of all steps, as products of many rows with the packed w; or where the
 * input is symbols, as copies of the columns of w; or as x + bias where there is no w. Then each thread takes its
 * examples through the steps: a product with u, packed once for the sequence, then the cell, while the step's gates are
 * in the cache. */
#include "backend/cpu/recurrent.h"

#include "backend/cpu/cells.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/rows.h"
#include "backend/cpu/transpose.h"

typedef struct {
    const dt_recurrent_shape *s;
    const dt_recurrent_input *in;
    const dt_recurrent_kept *kept;
    const real *packed_w, *packed_n, *packed_u; /* GRU: w without and with its part n only */
    const real *table;                          /* [in, row]: the columns of w, with bias */
    const real *bias;                           /* one row of gates */
    real *y;
    int64_t share;
} forward;

/* x + bias of one step: x [units,n], gates [n,row]. */
static void add_input(const forward *f, const real *x, real *gates)
{
    const dt_recurrent_shape *s = f->s;
    const int64_t row = dt_recurrent_row(s), lead = dt_recurrent_leading(s), rest = dt_recurrent_units(s) - lead;
    for (int64_t i = 0; i < s->n; i++) memcpy(gates + i * row, f->bias, (size_t)row * sizeof *gates);
    dt_transpose(lead, s->n, x, s->n, true, gates, row);
    dt_transpose(rest, s->n, x + lead * s->n, s->n, true, gates + row - rest, row);
}

static void project_step(void *context, int64_t t)
{
    const forward *f = context;
    const dt_recurrent_shape *s = f->s;
    const int64_t row = dt_recurrent_row(s), lead = dt_recurrent_leading(s), n = s->n;
    real *gates = f->kept->gates + t * n * row;
    if (f->table) {
        for (int64_t i = 0; i < n; i++)
            memcpy(gates + i * row, f->table + f->in->symbols[t * n + i] * row, (size_t)row * sizeof(real));
        return;
    }
    if (!f->in->w) {
        add_input(f, f->in->x + t * n * s->in, gates);
        return;
    }
    real *x = f->kept->x + t * n * s->in;
    dt_transpose(s->in, n, f->in->x + t * n * s->in, n, false, x, s->in);
    dt_rows_product p = {.depth = s->in, .columns = lead, .a = x, .a_row = s->in, .a_step = 1};
    p.packed = f->packed_w, p.start = f->bias, p.c = gates, p.c_row = row;
    dt_multiply_rows(&p, n);
    if (!f->packed_n) return;
    const int64_t behind = row - s->hidden;
    p.columns = s->hidden, p.packed = f->packed_n, p.start += behind, p.c += behind;
    dt_multiply_rows(&p, n);
    for (int64_t i = 0; i < n; i++) memcpy(gates + i * row + lead, f->bias + lead, (size_t)s->hidden * sizeof(real));
}

void dt_recurrent_cells(const dt_recurrent_shape *s, const dt_recurrent_kept *kept, int64_t t, int64_t first,
                        int64_t end)
{
    const int64_t row = dt_recurrent_row(s), hidden = s->hidden, n = s->n;
    for (int64_t at = t * n + first; at < t * n + end; at++) {
        dt_cell_row r = {.cell = s->cell,
                         .hidden = hidden,
                         .gates = kept->gates + at * row,
                         .h_before = kept->h + at * hidden,
                         .h = kept->h + (at + n) * hidden};
        if (s->cell == DT_CELL_LSTM) {
            r.c_before = kept->c + at * hidden;
            r.c = kept->c + (at + n) * hidden;
        }
        dt_cell_forward(&r);
    }
}

static void run_examples(void *context, int64_t i)
{
    const forward *f = context;
    const dt_recurrent_shape *s = f->s;
    const int64_t row = dt_recurrent_row(s), hidden = s->hidden, first = i * f->share;
    const int64_t end = s->n - first < f->share ? s->n : first + f->share;
    for (int64_t t = 0; t < s->steps; t++) {
        real *gates = f->kept->gates + (t * s->n + first) * row;
        const real *before = f->kept->h + (t * s->n + first) * hidden;
        dt_multiply_rows(&(dt_rows_product){.depth = hidden,
                                            .columns = dt_recurrent_units(s),
                                            .a = before,
                                            .a_row = hidden,
                                            .a_step = 1,
                                            .packed = f->packed_u,
                                            .start = gates,
                                            .start_row = row,
                                            .c = gates,
                                            .c_row = row},
                         end - first);
        dt_recurrent_cells(s, f->kept, t, first, end);
        dt_transpose(end - first, hidden, before + s->n * hidden, hidden, false, f->y + t * hidden * s->n + first,
                     s->n);
    }
}

void dt_recurrent_start(const dt_recurrent_shape *s, const real *state, real *rows)
{
    if (state)
        dt_transpose(s->hidden, s->n, state, s->n, false, rows, s->hidden);
    else
        memset(rows, 0, (size_t)(s->hidden * s->n) * sizeof *rows);
}

const real *dt_recurrent_bias_row(const dt_recurrent_shape *s, const real *from, dt_arena *arena)
{
    const int64_t row = dt_recurrent_row(s), hidden = s->hidden;
    real *bias = dt_arena_reals(arena, row);
    memset(bias, 0, (size_t)row * sizeof *bias);
    if (from) memcpy(bias, from, (size_t)row * sizeof *bias);
    if (from && s->cell == DT_CELL_GRU) {
        memcpy(bias + 2 * hidden, from + 3 * hidden, (size_t)hidden * sizeof *bias);
        memcpy(bias + 3 * hidden, from + 2 * hidden, (size_t)hidden * sizeof *bias);
    }
    return bias;
}

static const real *table_of(const forward *f, dt_arena *arena)
{
    const dt_recurrent_shape *s = f->s;
    const int64_t row = dt_recurrent_row(s), lead = dt_recurrent_leading(s), rest = dt_recurrent_units(s) - lead;
    real *table = dt_arena_reals(arena, s->in * row);
    for (int64_t i = 0; i < s->in; i++) memcpy(table + i * row, f->bias, (size_t)row * sizeof *table);
    dt_transpose(lead, s->in, f->in->w, s->in, true, table, row);
    dt_transpose(rest, s->in, f->in->w + lead * s->in, s->in, true, table + row - rest, row);
    return table;
}

const real *dt_recurrent_pack(int64_t depth, int64_t columns, const real *w, int64_t w_row, dt_arena *arena)
{
    real *to = dt_arena_reals(arena, dt_packed_reals(depth, columns));
    dt_pack(true, depth, columns, w, w_row, to);
    return to;
}

void dt_cpu_recurrent_forward(const dt_recurrent_shape *s, const dt_recurrent_input *in, const real *h, const real *c,
                              const dt_recurrent_kept *kept, real *y, dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    const int64_t lead = dt_recurrent_leading(s), rest = dt_recurrent_units(s) - lead;
    forward f = {.s = s, .in = in, .kept = kept, .y = y, .share = dt_recurrent_share(s)};
    f.bias = dt_recurrent_bias_row(s, in->bias, arena);
    if (in->symbols) {
        f.table = table_of(&f, arena);
    } else if (in->w) {
        f.packed_w = dt_recurrent_pack(s->in, lead, in->w, s->in, arena);
        if (rest) f.packed_n = dt_recurrent_pack(s->in, rest, in->w + lead * s->in, s->in, arena);
    }
    f.packed_u = dt_recurrent_pack(s->hidden, dt_recurrent_units(s), in->u, s->hidden, arena);
    dt_recurrent_start(s, h, kept->h);
    if (s->cell == DT_CELL_LSTM) dt_recurrent_start(s, c, kept->c);
    dt_parallel_for(s->steps, project_step, &f);
    dt_parallel_for(dt_recurrent_shares(s), run_examples, &f);
    dt_arena_rewind(arena, mark);
}
