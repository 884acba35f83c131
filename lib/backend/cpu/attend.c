/* Attention goes along registers of examples, which do not meet: each piece of the work is one register of columns,
 * through all steps and positions. What positions hold for a piece, some hundred KB, passes through the L2 cache once a
 * step. */
#include <math.h>

#include "backend/cpu/cut.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/vecmath.h"
#include "core/threads.h"

typedef struct {
    const dt_attend_shape *s;
    const real *q, *k, *v, *h, *dy;
    real *weights, *y;
    const dt_attend_gradients *d;
    real *dv; /* [pieces,depth,VL]: each piece's part */
    real *de; /* [pieces,positions,VL] */
} job;

/* Row `row` of an array of rows of n examples, in the piece that begins with example `at`. */
static inline vec get(const job *j, const real *rows, int64_t row, int64_t at)
{
    return vec_load_row(rows + row * j->s->n, at, j->s->n);
}

static inline void put(const job *j, real *rows, int64_t row, int64_t at, vec x)
{
    vec_store_row(rows + row * j->s->n, at, j->s->n, x);
}

static inline void add(const job *j, real *rows, int64_t row, int64_t at, vec x)
{
    put(j, rows, row, at, get(j, rows, row, at) + x);
}

static vec score(const job *j, int64_t t, int64_t p, int64_t at)
{
    const int64_t depth = j->s->depth;
    vec e = {0};
    if (j->v)
        for (int64_t f = 0; f < depth; f++)
            e += j->v[f] * vec_tanh(get(j, j->q, t * depth + f, at) + get(j, j->k, p * depth + f, at));
    else
        for (int64_t f = 0; f < depth; f++) e += get(j, j->q, t * depth + f, at) * get(j, j->k, p * depth + f, at);
    return e;
}

static void forward_piece(void *context, int64_t piece)
{
    const job *j = context;
    const int64_t positions = j->s->positions, values = j->s->values, at = piece * VL;
    for (int64_t t = 0; t < j->s->steps; t++) {
        const int64_t first = t * positions;
        vec most = vec_set(-INFINITY), sum = {0};
        for (int64_t p = 0; p < positions; p++) {
            const vec e = score(j, t, p, at);
            put(j, j->weights, first + p, at, e);
            most = vec_select(e > most, e, most);
        }
        for (int64_t p = 0; p < positions; p++) {
            const vec a = vec_exp(get(j, j->weights, first + p, at) - most);
            put(j, j->weights, first + p, at, a);
            sum += a;
        }
        for (int64_t p = 0; p < positions; p++)
            put(j, j->weights, first + p, at, get(j, j->weights, first + p, at) / sum);
        for (int64_t f = 0; f < values; f++) {
            vec c = {0};
            for (int64_t p = 0; p < positions; p++)
                c += get(j, j->weights, first + p, at) * get(j, j->h, p * values + f, at);
            put(j, j->y, t * values + f, at, c);
        }
    }
}

/* The gradients of the scores of one step, into de. */
static void scores_back(const job *j, int64_t t, int64_t at, real *de)
{
    const int64_t positions = j->s->positions, values = j->s->values;
    vec mean = {0};
    for (int64_t p = 0; p < positions; p++) {
        vec da = {0};
        for (int64_t f = 0; f < values; f++) da += get(j, j->h, p * values + f, at) * get(j, j->dy, t * values + f, at);
        vec_store(de + p * VL, da);
        mean += get(j, j->weights, t * positions + p, at) * da;
    }
    for (int64_t p = 0; p < positions; p++)
        vec_store(de + p * VL, get(j, j->weights, t * positions + p, at) * (vec_load(de + p * VL) - mean));
}

static void values_back(const job *j, int64_t t, int64_t at)
{
    const int64_t positions = j->s->positions, values = j->s->values;
    for (int64_t p = 0; p < positions; p++) {
        const vec a = get(j, j->weights, t * positions + p, at);
        for (int64_t f = 0; f < values; f++) add(j, j->d->h, p * values + f, at, a * get(j, j->dy, t * values + f, at));
    }
}

static void score_back(const job *j, int64_t t, int64_t p, int64_t at, vec de, real *dv)
{
    const int64_t depth = j->s->depth;
    for (int64_t f = 0; f < depth; f++) {
        const vec q = get(j, j->q, t * depth + f, at), k = get(j, j->k, p * depth + f, at);
        vec dq = de * k, dk = de * q;
        if (j->v) {
            const vec u = vec_tanh(q + k);
            dq = dk = de * j->v[f] * (1 - u * u);
            vec_store(dv + f * VL, vec_load(dv + f * VL) + de * u);
        }
        if (j->d->q) add(j, j->d->q, t * depth + f, at, dq);
        if (j->d->k) add(j, j->d->k, p * depth + f, at, dk);
    }
}

static void backward_piece(void *context, int64_t piece)
{
    const job *j = context;
    const int64_t positions = j->s->positions, at = piece * VL;
    real *de = j->de + piece * positions * VL, *dv = j->dv ? j->dv + piece * j->s->depth * VL : NULL;
    if (dv) memset(dv, 0, (size_t)(j->s->depth * VL) * sizeof *dv);
    for (int64_t t = 0; t < j->s->steps; t++) {
        scores_back(j, t, at, de);
        for (int64_t p = 0; p < positions; p++) score_back(j, t, p, at, vec_load(de + p * VL), dv);
        if (j->d->h) values_back(j, t, at);
    }
}

void dt_cpu_attend_forward(const dt_attend_shape *s, const real *q, const real *k, const real *v, const real *h,
                           real *weights, real *y)
{
    job j = {.s = s, .q = q, .k = k, .v = v, .h = h, .weights = weights, .y = y};
    dt_parallel_for(pieces_of(s->n, VL), forward_piece, &j);
}

void dt_cpu_attend_backward(const dt_attend_shape *s, const real *q, const real *k, const real *v, const real *h,
                            const real *weights, const real *dy, const dt_attend_gradients *d, dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    const int64_t pieces = pieces_of(s->n, VL);
    job j = {.s = s, .q = q, .k = k, .v = v, .h = h, .weights = (real *)(uintptr_t)weights, .dy = dy, .d = d};
    j.de = dt_arena_reals(arena, pieces * s->positions * VL);
    if (v) j.dv = dt_arena_reals(arena, pieces * s->depth * VL);
    dt_parallel_for(pieces, backward_piece, &j);
    for (int64_t f = 0; d->v && f < s->depth; f++) {
        vec sum = {0};
        for (int64_t i = 0; i < pieces; i++) sum += vec_load(j.dv + (i * s->depth + f) * VL);
        d->v[f] += vec_sum(sum);
    }
    dt_arena_rewind(arena, mark);
}
