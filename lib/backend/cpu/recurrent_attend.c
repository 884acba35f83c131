/* Forward of a recurrent layer that attends. What can be done for all steps at once is: w's part for x, and the keys
 * and places by examples, so that those of one lie in the first cache while it attends. Then each thread takes its
 * examples through the steps: a product for the queries, the attention example by example, products with w's part for
 * the attention's mean and with u, the cells. */
#include <math.h>

#include "backend/cpu/cut.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/recurrent.h"
#include "backend/cpu/rows.h"
#include "backend/cpu/transpose.h"
#include "backend/cpu/vecmath.h"

typedef struct {
    const dt_recurrent_attend_shape *s;
    const dt_recurrent_attend_input *in;
    const dt_recurrent_attend_kept *kept;
    const real *packed[2][2]; /* of w: its parts for x and for the mean; the leading rows, and GRU's n */
    const real *packed_u, *packed_query, *bias;
    real *scores; /* [n,positions] */
    real *y;
    int64_t share;
} job;

/* Numbers of x. */
static int64_t inputs_of(const dt_recurrent_attend_shape *s)
{
    return s->layer.in - s->attend.values;
}

static void places_by_example(void *context, int64_t p)
{
    const job *j = context;
    const dt_attend_shape *a = &j->s->attend;
    dt_transpose(a->depth, a->n, j->in->keys + p * a->depth * a->n, a->n, false, j->kept->keys + p * a->depth,
                 a->positions * a->depth);
    dt_transpose(a->values, a->n, j->in->places + p * a->values * a->n, a->n, false, j->kept->places + p * a->values,
                 a->positions * a->values);
}

/* gates = start + w's part 0 or 1 times its part of what the layer sees, for some rows; start_row 0: the bias. */
static void add_products(const job *j, int part, int64_t first_row, int64_t rows, const real *start, int64_t start_row)
{
    const dt_recurrent_shape *l = &j->s->layer;
    const int64_t row = dt_recurrent_row(l), lead = dt_recurrent_leading(l), behind = row - l->hidden;
    real *gates = j->kept->layer.gates + first_row * row;
    dt_rows_product p = {.depth = part ? j->s->attend.values : inputs_of(j->s), .columns = lead, .a_step = 1};
    p.a = j->kept->layer.x + first_row * l->in + (part ? inputs_of(j->s) : 0), p.a_row = l->in;
    p.packed = j->packed[part][0], p.start = start, p.start_row = start_row, p.c = gates, p.c_row = row;
    dt_multiply_rows(&p, rows);
    if (l->cell != DT_CELL_GRU) return;
    p.columns = l->hidden, p.packed = j->packed[part][1], p.start = start + behind, p.c = gates + behind;
    dt_multiply_rows(&p, rows);
}

static void project_step(void *context, int64_t t)
{
    const job *j = context;
    const dt_recurrent_shape *l = &j->s->layer;
    const int64_t inputs = inputs_of(j->s), row = dt_recurrent_row(l), lead = dt_recurrent_leading(l);
    dt_transpose(inputs, l->n, j->in->layer.x + t * inputs * l->n, l->n, false, j->kept->layer.x + t * l->n * l->in,
                 l->in);
    add_products(j, 0, t * l->n, l->n, j->bias, 0);
    if (l->cell != DT_CELL_GRU) return;
    for (int64_t at = t * l->n; at < (t + 1) * l->n; at++)
        memcpy(j->kept->layer.gates + at * row + lead, j->bias + lead, (size_t)l->hidden * sizeof(real));
}

static real score(const dt_attend_shape *a, const real *v, const real *q, const real *k)
{
    vec e = {0};
    for (int64_t f = 0; f < a->depth; f += VL)
        e += vec_load_row(v, f, a->depth) * vec_tanh(vec_load_row(q, f, a->depth) + vec_load_row(k, f, a->depth));
    return vec_sum(e);
}

/* Scores become their softmax. */
static void softmax(int64_t count, real *e)
{
    real most = e[0], sum = 0;
    for (int64_t p = 1; p < count; p++)
        if (e[p] > most) most = e[p];
    for (int64_t p = 0; p < count; p += VL) vec_store_row(e, p, count, vec_exp(vec_load_row(e, p, count) - most));
    for (int64_t p = 0; p < count; p++) sum += e[p];
    for (int64_t p = 0; p < count; p++) e[p] /= sum;
}

static void attend(const job *j, int64_t t, int64_t i)
{
    const dt_attend_shape *a = &j->s->attend;
    const int64_t row = t * a->n + i;
    const real *keys = j->kept->keys + i * a->positions * a->depth;
    const real *places = j->kept->places + i * a->positions * a->values;
    real *e = j->scores + i * a->positions, *mean = j->kept->layer.x + row * j->s->layer.in + inputs_of(j->s);
    for (int64_t p = 0; p < a->positions; p++)
        e[p] = score(a, j->in->v, j->kept->q + row * a->depth, keys + p * a->depth);
    softmax(a->positions, e);
    for (int64_t p = 0; p < a->positions; p++) j->kept->weights[(t * a->positions + p) * a->n + i] = e[p];
    for (int64_t f = 0; f < a->values; f += VL) {
        vec sum = {0};
        for (int64_t p = 0; p < a->positions; p++) sum += e[p] * vec_load_row(places + p * a->values, f, a->values);
        vec_store_row(mean, f, a->values, sum);
    }
}

static void queries(const job *j, int64_t t, int64_t first, int64_t end)
{
    const int64_t hidden = j->s->layer.hidden, depth = j->s->attend.depth, at = t * j->s->layer.n + first;
    dt_multiply_rows(&(dt_rows_product){.depth = hidden,
                                        .columns = depth,
                                        .a = j->kept->layer.h + at * hidden,
                                        .a_row = hidden,
                                        .a_step = 1,
                                        .packed = j->packed_query,
                                        .start = j->in->query_bias,
                                        .c = j->kept->q + at * depth,
                                        .c_row = depth},
                     end - first);
}

static void run_examples(void *context, int64_t i)
{
    const job *j = context;
    const dt_recurrent_shape *l = &j->s->layer;
    const int64_t row = dt_recurrent_row(l), hidden = l->hidden, n = l->n, values = j->s->attend.values;
    const int64_t first = i * j->share, end = least(n, first + j->share);
    for (int64_t t = 0; t < l->steps; t++) {
        const int64_t at = t * n + first;
        real *gates = j->kept->layer.gates + at * row, *y = j->y + t * (hidden + values) * n + first;
        const real *before = j->kept->layer.h + at * hidden;
        queries(j, t, first, end);
        for (int64_t k = first; k < end; k++) attend(j, t, k);
        add_products(j, 1, at, end - first, gates, row);
        dt_multiply_rows(&(dt_rows_product){.depth = hidden,
                                            .columns = dt_recurrent_units(l),
                                            .a = before,
                                            .a_row = hidden,
                                            .a_step = 1,
                                            .packed = j->packed_u,
                                            .start = gates,
                                            .start_row = row,
                                            .c = gates,
                                            .c_row = row},
                         end - first);
        dt_recurrent_cells(l, &j->kept->layer, t, first, end);
        dt_transpose(end - first, hidden, before + n * hidden, hidden, false, y, n);
        dt_transpose(end - first, values, j->kept->layer.x + at * l->in + l->in - values, l->in, false, y + hidden * n,
                     n);
    }
}

void dt_cpu_recurrent_attend_forward(const dt_recurrent_attend_shape *s, const dt_recurrent_attend_input *in,
                                     const real *h, const real *c, const dt_recurrent_attend_kept *kept, real *y,
                                     dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    const dt_recurrent_shape *l = &s->layer;
    const int64_t lead = dt_recurrent_leading(l), rest = dt_recurrent_units(l) - lead, inputs = inputs_of(s);
    job j = {.s = s, .in = in, .kept = kept, .y = y, .share = dt_recurrent_share(l)};
    j.bias = dt_recurrent_bias_row(l, in->layer.bias, arena);
    for (int part = 0; part < 2; part++) {
        const real *w = in->layer.w + (part ? inputs : 0);
        const int64_t depth = part ? s->attend.values : inputs;
        j.packed[part][0] = dt_recurrent_pack(depth, lead, w, l->in, arena);
        if (rest) j.packed[part][1] = dt_recurrent_pack(depth, rest, w + lead * l->in, l->in, arena);
    }
    j.packed_u = dt_recurrent_pack(l->hidden, dt_recurrent_units(l), in->layer.u, l->hidden, arena);
    j.packed_query = dt_recurrent_pack(l->hidden, s->attend.depth, in->query, l->hidden, arena);
    j.scores = dt_arena_reals(arena, l->n * s->attend.positions);
    dt_recurrent_start(l, h, kept->layer.h);
    if (l->cell == DT_CELL_LSTM) dt_recurrent_start(l, c, kept->layer.c);
    dt_parallel_for(s->attend.positions, places_by_example, &j);
    dt_parallel_for(l->steps, project_step, &j);
    dt_parallel_for(dt_recurrent_shares(l), run_examples, &j);
    dt_arena_rewind(arena, mark);
}
