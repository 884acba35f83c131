/* Backward of a recurrent layer that attends. Each thread takes its examples back through the steps: the cells, the
 * gradient of the attention's mean, the attention example by example, and what its queries give to the state before.
 * What all steps give for the weights, the input and the places waits for the end; only the keys' gradients are added
 * up on the way, because the tanh that they need is computed anyway. */
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
    const dt_recurrent_attend_gradients *d;
    const real *dy, *packed_mean, *packed_query, *packed_x; /* of w and of the query */
    dt_recurrent_back back;
    real *d_mean;        /* [steps,n,values] */
    real *dq;            /* [steps,n,depth] */
    real *de;            /* [n,positions] */
    real *dkeys, *dv;    /* [n,positions,depth], [n,depth] */
    real *rows, *places; /* [steps,n,.] of x, [positions,n,values] */
    int64_t share;
} job;

/* The gradients of the scores of one example and step. */
static void scores_back(const job *j, int64_t t, int64_t i, real *de)
{
    const dt_attend_shape *a = &j->s->attend;
    const real *weights = j->kept->weights + t * a->positions * a->n + i;
    const real *places = j->kept->places + i * a->positions * a->values;
    const real *dy = j->d_mean + (t * a->n + i) * a->values;
    real mean = 0;
    for (int64_t p = 0; p < a->positions; p++) {
        vec da = {0};
        for (int64_t f = 0; f < a->values; f += VL)
            da += vec_load_row(places + p * a->values, f, a->values) * vec_load_row(dy, f, a->values);
        de[p] = vec_sum(da);
        mean += weights[p * a->n] * de[p];
    }
    for (int64_t p = 0; p < a->positions; p++) de[p] = weights[p * a->n] * (de[p] - mean);
}

/* With u = tanh(q + k): g = de v (1 - u^2) goes into q and k, de u into v. */
static void attend_back(const job *j, int64_t t, int64_t i)
{
    const dt_attend_shape *a = &j->s->attend;
    const int64_t depth = a->depth, row = t * a->n + i;
    const real *q = j->kept->q + row * depth, *keys = j->kept->keys + i * a->positions * depth;
    real *dkeys = j->dkeys + i * a->positions * depth, *de = j->de + i * a->positions, *dv = j->dv + i * depth;
    scores_back(j, t, i, de);
    for (int64_t f = 0; f < depth; f += VL) {
        const vec query = vec_load_row(q, f, depth), v = vec_load_row(j->in->v, f, depth);
        vec sum_q = {0}, sum_v = vec_load_row(dv, f, depth);
        for (int64_t p = 0; p < a->positions; p++) {
            const vec u = vec_tanh(query + vec_load_row(keys + p * depth, f, depth));
            const vec g = de[p] * v * (1 - u * u);
            sum_q += g;
            sum_v += de[p] * u;
            vec_store_row(dkeys + p * depth, f, depth, vec_load_row(dkeys + p * depth, f, depth) + g);
        }
        vec_store_row(j->dq + row * depth, f, depth, sum_q);
        vec_store_row(dv, f, depth, sum_v);
    }
}

/* The gradient of the means of step t: what comes from above, and through the gates. */
static void means_back(const job *j, int64_t t, int64_t first, int64_t end)
{
    const dt_recurrent_shape *l = &j->s->layer;
    const int64_t values = j->s->attend.values, units = dt_recurrent_units(l), n = l->n, at = t * n + first;
    real *d_mean = j->d_mean + at * values;
    dt_transpose(values, end - first, j->dy + (t * (l->hidden + values) + l->hidden) * n + first, n, false, d_mean,
                 values);
    dt_multiply_rows(&(dt_rows_product){.depth = units,
                                        .columns = values,
                                        .a = j->back.d_input + at * units,
                                        .a_row = units,
                                        .a_step = 1,
                                        .packed = j->packed_mean,
                                        .start = d_mean,
                                        .start_row = values,
                                        .c = d_mean,
                                        .c_row = values},
                     end - first);
}

static void run_examples(void *context, int64_t i)
{
    const job *j = context;
    const dt_recurrent_shape *l = &j->s->layer;
    const int64_t hidden = l->hidden, n = l->n, depth = j->s->attend.depth;
    const int64_t first = i * j->share, end = least(n, first + j->share);
    for (int64_t t = l->steps - 1; t >= 0; t--) {
        real *dh = j->back.dh + first * hidden;
        dt_transpose(hidden, end - first, j->dy + t * (hidden + j->s->attend.values) * n + first, n, true, dh, hidden);
        dt_recurrent_cells_back(l, &j->kept->layer, &j->back, t, first, end);
        means_back(j, t, first, end);
        for (int64_t k = first; k < end; k++) attend_back(j, t, k);
        dt_multiply_rows(&(dt_rows_product){.depth = depth,
                                            .columns = hidden,
                                            .a = j->dq + (t * n + first) * depth,
                                            .a_row = depth,
                                            .a_step = 1,
                                            .packed = j->packed_query,
                                            .start = dh,
                                            .start_row = hidden,
                                            .c = dh,
                                            .c_row = hidden},
                         end - first);
    }
}

static void input_of_step(void *context, int64_t t)
{
    const job *j = context;
    const dt_recurrent_shape *l = &j->s->layer;
    const int64_t units = dt_recurrent_units(l), inputs = l->in - j->s->attend.values, n = l->n;
    real *rows = j->rows + t * n * inputs;
    dt_multiply_rows(&(dt_rows_product){.depth = units,
                                        .columns = inputs,
                                        .a = j->back.d_input + t * n * units,
                                        .a_row = units,
                                        .a_step = 1,
                                        .packed = j->packed_x,
                                        .c = rows,
                                        .c_row = inputs},
                     n);
    dt_transpose(n, inputs, rows, inputs, j->d->layer.add_x, j->d->layer.x + t * inputs * n, n);
}

static void position_back(void *context, int64_t p)
{
    const job *j = context;
    const dt_attend_shape *a = &j->s->attend;
    const int64_t n = a->n, values = a->values;
    if (j->d->keys)
        dt_transpose(n, a->depth, j->dkeys + p * a->depth, a->positions * a->depth, true, j->d->keys + p * a->depth * n,
                     n);
    if (!j->d->places) return;
    real *rows = j->places + p * n * values;
    for (int64_t i = 0; i < n; i++)
        for (int64_t f = 0; f < values; f += VL) {
            vec sum = {0};
            for (int64_t t = 0; t < a->steps; t++)
                sum += j->kept->weights[(t * a->positions + p) * n + i] *
                       vec_load_row(j->d_mean + (t * n + i) * values, f, values);
            vec_store_row(rows + i * values, f, values, sum);
        }
    dt_transpose(n, values, rows, values, true, j->d->places + p * values * n, n);
}

static const real *packed(const dt_recurrent_attend_shape *s, const real *w, int64_t columns, dt_arena *arena)
{
    const int64_t units = dt_recurrent_units(&s->layer);
    real *to = dt_arena_reals(arena, dt_packed_reals(units, columns));
    dt_pack(false, units, columns, w, s->layer.in, to);
    return to;
}

static void query_gradients(const job *j)
{
    const dt_recurrent_attend_gradients *d = j->d;
    const int64_t depth = j->s->attend.depth, hidden = j->s->layer.hidden, rows = j->s->layer.steps * j->s->layer.n;
    if (d->query)
        dt_cpu_gemm(true, false, depth, hidden, rows, j->dq, j->kept->layer.h, d->add_query ? 1 : 0, d->query);
    if (d->query_bias) dt_sum_columns(&(dt_column_sums){rows, depth, depth, j->dq, NULL, d->query_bias});
    if (d->v) dt_sum_columns(&(dt_column_sums){j->s->layer.n, depth, depth, j->dv, NULL, d->v});
}

void dt_cpu_recurrent_attend_backward(const dt_recurrent_attend_shape *s, const dt_recurrent_attend_input *in,
                                      const real *dy, const dt_recurrent_attend_kept *kept,
                                      const dt_recurrent_attend_gradients *d, dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    const dt_recurrent_shape *l = &s->layer;
    const dt_attend_shape *a = &s->attend;
    const int64_t inputs = l->in - a->values, rows = l->steps * l->n;
    job j = {.s = s, .in = in, .kept = kept, .d = d, .dy = dy, .share = dt_recurrent_share(l)};
    j.back = dt_recurrent_open(l, &kept->layer, in->layer.u, NULL, arena);
    j.packed_mean = packed(s, in->layer.w + inputs, a->values, arena);
    real *packed_query = dt_arena_reals(arena, dt_packed_reals(a->depth, l->hidden));
    dt_pack(false, a->depth, l->hidden, in->query, l->hidden, packed_query);
    j.packed_query = packed_query;
    j.d_mean = dt_arena_reals(arena, rows * a->values);
    j.dq = dt_arena_reals(arena, rows * a->depth);
    j.de = dt_arena_reals(arena, l->n * a->positions);
    j.dkeys = dt_zeros(l->n * a->positions * a->depth, arena);
    j.dv = dt_zeros(l->n * a->depth, arena);
    dt_parallel_for(dt_recurrent_shares(l), run_examples, &j);
    if (d->layer.h) dt_transpose(l->n, l->hidden, j.back.dh, l->hidden, true, d->layer.h, l->n);
    if (d->layer.c) dt_transpose(l->n, l->hidden, j.back.dc, l->hidden, true, d->layer.c, l->n);
    if (d->layer.x) {
        j.packed_x = packed(s, in->layer.w, inputs, arena);
        j.rows = dt_arena_reals(arena, rows * inputs);
        dt_parallel_for(l->steps, input_of_step, &j);
    }
    if (d->places) j.places = dt_arena_reals(arena, a->positions * l->n * a->values);
    dt_parallel_for(a->positions, position_back, &j);
    query_gradients(&j);
    dt_recurrent_weights(l, &in->layer, &kept->layer, &j.back, &d->layer, arena);
    dt_arena_rewind(arena, mark);
}
