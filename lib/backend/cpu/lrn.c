#include "backend/cpu/kernels.h"
#include "backend/cpu/vecmath.h"
#include "core/threads.h"

/* Local response normalisation. Both kinds sum over windows along an axis: across maps along the channels, within a map
 * along the columns and then, these sums, along the rows. An axis is `outer` times `length` places, each `inner`
 * numbers long; a piece of work is up to PIECE of these for all places of one `outer`. */
enum { PIECE = 64 * VL, GRAIN = 8192 };

typedef struct {
    int64_t outer, length, inner, half; /* `half`: places on each side that a window takes in */
    bool squares;                       /* of x are summed, not x itself */
    const real *x;
    real *y;
} axis;

/* y[i] = the sum of x[i - half .. i + half] along the axis, as far as they are there; in order, since a running sum
 * would keep the rounding errors of what has left it. */
static void sum_piece(void *context, int64_t piece)
{
    const axis *a = context;
    const int64_t pieces = (a->inner + PIECE - 1) / PIECE, first = piece % pieces * PIECE;
    const int64_t end = first + PIECE < a->inner ? first + PIECE : a->inner;
    const real *x = a->x + piece / pieces * a->length * a->inner;
    real *y = a->y + piece / pieces * a->length * a->inner;
    for (int64_t i = 0; i < a->length; i++) {
        const int64_t from = i > a->half ? i - a->half : 0, to = i + a->half < a->length ? i + a->half : a->length - 1;
        for (int64_t j = first; j < end; j += VL) {
            vec sum = {0};
            for (int64_t k = from; k <= to; k++) {
                vec v = vec_load_row(x + k * a->inner, j, end);
                sum += a->squares ? v * v : v;
            }
            vec_store_row(y + i * a->inner, j, end, sum);
        }
    }
}

static void sum_axis(axis a)
{
    dt_parallel_for(a.outer * ((a.inner + PIECE - 1) / PIECE), sum_piece, &a);
}

/* sums = of x or of its squares over each number's window */
static void sum_windows(const dt_lrn_shape *s, bool squares, const real *x, real *sums, dt_arena *arena)
{
    const int64_t half = s->size / 2, plane = s->height * s->width * s->n;
    if (s->kind == DT_LRN_ACROSS_MAPS) {
        sum_axis((axis){1, s->channels, plane, half, squares, x, sums});
        return;
    }
    const dt_arena_mark mark = dt_arena_tell(arena);
    real *rows = dt_arena_reals(arena, s->channels * plane);
    sum_axis((axis){s->channels * s->height, s->width, s->n, half, squares, x, rows});
    sum_axis((axis){s->channels, s->height, s->width * s->n, half, false, rows, sums});
    dt_arena_rewind(arena, mark);
}

typedef struct {
    const dt_lrn_shape *s;
    real *scale, *y, *sums; /* `sums`: of the ratios, over each window */
    const real *x, *dy;
    real beta, *dx;
} job;

/* scale holds the sums of squares, and becomes k + alpha times them. */
static void normalise(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i += VL) {
        vec scale = j->s->k + j->s->alpha * vec_load_row(j->scale, i, end);
        vec_store_row(j->scale, i, end, scale);
        vec_store_row(j->y, i, end, vec_load_row(j->x, i, end) * vec_power(scale, -j->s->beta));
    }
}

void dt_cpu_lrn_forward(const dt_lrn_shape *s, const real *x, real *scale, real *y, dt_arena *arena)
{
    sum_windows(s, true, x, scale, arena);
    dt_parallel_ranges(s->channels * s->height * s->width * s->n, GRAIN, normalise,
                       &(job){.s = s, .x = x, .scale = scale, .y = y});
}

static void ratios(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i += VL)
        vec_store_row(j->sums, i, end,
                      vec_load_row(j->dy, i, end) * vec_load_row(j->y, i, end) / vec_load_row(j->scale, i, end));
}

static void combine(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const real factor = 2 * j->s->alpha * j->s->beta;
    for (int64_t i = first; i < end; i += VL) {
        vec d = vec_load_row(j->dy, i, end) * vec_power(vec_load_row(j->scale, i, end), -j->s->beta) -
                factor * vec_load_row(j->x, i, end) * vec_load_row(j->sums, i, end);
        if (j->beta != 0) d += vec_load_row(j->dx, i, end);
        vec_store_row(j->dx, i, end, d);
    }
}

void dt_cpu_lrn_backward(const dt_lrn_shape *s, const real *x, const real *scale, const real *y, const real *dy,
                         real beta, real *dx, dt_arena *arena)
{
    const int64_t count = s->channels * s->height * s->width * s->n;
    const dt_arena_mark mark = dt_arena_tell(arena);
    real *own = dt_arena_reals(arena, count), *sums = dt_arena_reals(arena, count);
    job j = {.s = s, .x = x, .scale = (real *)(uintptr_t)scale, .y = (real *)(uintptr_t)y, .dy = dy, .sums = own};
    dt_parallel_ranges(count, GRAIN, ratios, &j);
    sum_windows(s, false, own, sums, arena);
    j.sums = sums;
    j.beta = beta;
    j.dx = dx;
    dt_parallel_ranges(count, GRAIN, combine, &j);
    dt_arena_rewind(arena, mark);
}
