#include <string.h>

#include "backend/cpu/conv.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

/* The gradient with respect to the weights, dw[o][c][kh][kw] += sum over oh, j of dy[o][oh][j] x[c][oh + kh][j + kw n]:
 * a few maps and the taps of one kernel row have their sums in registers and sweep along the runs of both images. */
#if defined(__AVX512F__) || defined(__aarch64__)
enum { MAX_MAPS = 4 };
#define FOR_EACH_SWEEP(S) S(1) S(2) S(3) S(4)
#else
enum { MAX_MAPS = 2 };
#define FOR_EACH_SWEEP(S) S(1) S(2)
#endif
enum {
    MAX_TAPS = 5,
    CHANNELS = 8,                           /* input channels in one piece of work */
    BLOCK_REALS = 24576 / (int)sizeof(real) /* of dy in the L1 cache, half of which is left for x */
};

/* Rows of x and dy that lie under the same taps. After each `jump_after` of them, both jump. */
typedef struct {
    int64_t rows, run, tap;        /* `tap`: distance in x from one tap to the next */
    int64_t x_row, dy_row, dy_map; /* strides */
    int64_t jump_after, x_jump, dy_jump;
} sweep_shape;

typedef void sweep_kernel(const sweep_shape *s, const real *x, const real *dy, vec *sums);

/* sums[tap][map] += dy[map] x[tap] over all rows, inlined with constant MAPS and TAPS. */
static inline __attribute__((always_inline)) void sweep(const int MAPS, const int TAPS, const sweep_shape *s,
                                                        const real *x, const real *dy, vec *sums)
{
    vec sum[MAX_TAPS][MAX_MAPS];
    VEC_UNROLL
    for (int t = 0; t < TAPS; t++) {
        VEC_UNROLL
        for (int o = 0; o < MAPS; o++) sum[t][o] = sums[t * MAX_MAPS + o];
    }
    const int64_t tap = s->tap, map = s->dy_map, run = s->run;
    int64_t jump = s->jump_after;
    for (int64_t row = 0; row < s->rows; row++, x += s->x_row, dy += s->dy_row) {
        if (row == jump) {
            x += s->x_jump;
            dy += s->dy_jump;
            jump += s->jump_after;
        }
        int64_t j = 0;
        for (; j + VL <= run; j += VL) {
            vec d[MAX_MAPS];
            VEC_UNROLL
            for (int o = 0; o < MAPS; o++) d[o] = vec_keep(vec_load(dy + o * map + j));
            VEC_UNROLL
            for (int t = 0; t < TAPS; t++) {
                vec xv = vec_keep(vec_load(x + t * tap + j));
                VEC_UNROLL
                for (int o = 0; o < MAPS; o++) sum[t][o] += d[o] * xv;
            }
        }
        if (j == run) continue;
        VEC_UNROLL
        for (int t = 0; t < TAPS; t++) {
            vec xv = vec_load_part(x + t * tap + j, run - j);
            VEC_UNROLL
            for (int o = 0; o < MAPS; o++) sum[t][o] += vec_load_part(dy + o * map + j, run - j) * xv;
        }
    }
    VEC_UNROLL
    for (int t = 0; t < TAPS; t++) {
        VEC_UNROLL
        for (int o = 0; o < MAPS; o++) sums[t * MAX_MAPS + o] = sum[t][o];
    }
}

#define DEFINE(maps, taps)                                                                            \
    static void sweep_##maps##x##taps(const sweep_shape *s, const real *x, const real *dy, vec *sums) \
    {                                                                                                 \
        sweep(maps, taps, s, x, dy, sums);                                                            \
    }
#define DEFINE_ALL(maps) DEFINE(maps, 1) DEFINE(maps, 2) DEFINE(maps, 3) DEFINE(maps, 4) DEFINE(maps, 5)
FOR_EACH_SWEEP(DEFINE_ALL)

/* kernels[maps - 1][taps - 1] */
#define ENTRY(maps) {sweep_##maps##x1, sweep_##maps##x2, sweep_##maps##x3, sweep_##maps##x4, sweep_##maps##x5},
static sweep_kernel *const kernels[MAX_MAPS][MAX_TAPS] = {FOR_EACH_SWEEP(ENTRY)};

typedef struct {
    dt_conv_axis h, w;
    int64_t n, in_c, out_c, maps; /* `maps`: in one piece of work */
    int64_t run; /* reals of each map, in one or several rows, that stay in the L1 cache while the channels pass by */
    const real *x, *dy;
    real *dw;
    vec *sums; /* [out_c / maps][in_c][kernel_h][kernel_w][MAX_MAPS] */
} weight_gradient;

/* The part of dy that one piece of work is sweeping over: rows first .. end-1, `length` reals of each from y_column on,
 * under x_column of the input at the first tap. */
typedef struct {
    int64_t first, end, y_column, x_column, length, tap, taps;
} dy_block;

/* How many of the output rows 0, 1, ... lie at inputs, counted from row 0's first one, before `at`. */
static int64_t rows_before(const dt_conv_axis *h, int64_t at)
{
    return at <= 0 ? 0 : dt_conv_steps(h, at + h->stride - 1);
}

/* Sums of one kernel row, which begins at `from` in x and `under` in dy, over the rows that `s` says. */
static void sweep_taps(const sweep_shape *s, int64_t taps, int64_t maps, const real *from, const real *under, vec *to)
{
    for (int64_t tap = 0; tap < taps;) {
        const int64_t left = taps - tap, pieces = 1 + (left - 1) / MAX_TAPS, size = (left + pieces - 1) / pieces;
        kernels[maps - 1][size - 1](s, from + tap * s->tap, under, to + tap * MAX_MAPS);
        tap += size;
    }
}

/* Sums of all kernel rows over one block, for one channel and some maps. With a stride beyond 1, what a sweep calls
 * rows are the columns of one row, and it jumps to the next one: the runs of columns lie side by side in dy, but not in
 * x. */
static void add_block(const weight_gradient *g, const dy_block *b, int64_t maps, const real *x, const real *dy,
                      vec *sums)
{
    const int64_t x_row = g->w.in * g->n, dy_row = g->w.out * g->n, map = g->h.out * dy_row, stride = g->h.stride;
    for (int64_t kh = 0; kh < g->h.kernel; kh++) {
        const int64_t low = rows_before(&g->h, g->h.pad - kh), high = rows_before(&g->h, g->h.in + g->h.pad - kh);
        const int64_t first = b->first > low ? b->first : low, end = b->end < high ? b->end : high;
        if (first >= end) continue;
        const real *from = x + (first * stride + kh - g->h.pad) * x_row + b->x_column;
        const real *under = dy + first * dy_row + b->y_column;
        vec *to = sums + (kh * g->w.kernel + b->tap) * MAX_MAPS;
        sweep_shape s = {end - first, b->length, g->n, x_row, dy_row, map, INT64_MAX, 0, 0};
        if (stride > 1) {
            const int64_t columns = b->length / g->n;
            s = (sweep_shape){.rows = (end - first) * columns,
                              .run = g->n,
                              .tap = g->n,
                              .x_row = stride * g->n,
                              .dy_row = g->n,
                              .dy_map = map,
                              .jump_after = columns,
                              .x_jump = stride * (x_row - b->length),
                              .dy_jump = dy_row - b->length};
        }
        sweep_taps(&s, b->taps, maps, from, under, to);
    }
}

/* The gradient of the kernels between a few output maps and some input channels. All maps pass by while the channels'
 * part of x stays in the L2 cache. */
static void one_piece(void *context, int64_t i)
{
    const weight_gradient *g = context;
    const int64_t groups = (g->out_c + g->maps - 1) / g->maps;
    const int64_t o = i % groups * g->maps, c = i / groups * CHANNELS;
    const int64_t maps = g->out_c - o < g->maps ? g->out_c - o : g->maps;
    const int64_t c_end = c + CHANNELS < g->in_c ? c + CHANNELS : g->in_c;
    const int64_t area = g->h.kernel * g->w.kernel, x_map = g->h.in * g->w.in * g->n;
    const real *dy = g->dy + o * g->h.out * g->w.out * g->n;
    vec *sums = g->sums + (i % groups * g->in_c + c) * area * MAX_MAPS;
    memset(sums, 0, (size_t)((c_end - c) * area * MAX_MAPS) * sizeof(vec));
    dt_conv_span span;
    for (int64_t ow = 0; ow < g->w.out; ow = span.end) {
        span = dt_conv_span_at(&g->w, ow);
        const int64_t length = (span.end - ow) * g->n, run = length < g->run ? length : g->run, stride = g->w.stride;
        const int64_t blocks = (g->h.out * run + g->run - 1) / g->run, rows = (g->h.out + blocks - 1) / blocks;
        for (int64_t row = 0; row < g->h.out; row += rows)
            for (int64_t j = 0; j < length; j += run) {
                dy_block b = {.first = row,
                              .end = row + rows < g->h.out ? row + rows : g->h.out,
                              .y_column = ow * g->n + j,
                              .x_column = span.in * g->n + j * stride,
                              .length = length - j < run ? length - j : run,
                              .tap = span.tap,
                              .taps = span.taps};
                for (int64_t k = c; k < c_end; k++)
                    add_block(g, &b, maps, g->x + k * x_map, dy, sums + (k - c) * area * MAX_MAPS);
            }
    }
    for (int64_t m = 0; m < maps; m++)
        for (int64_t k = 0; k < (c_end - c) * area; k++)
            g->dw[((o + m) * g->in_c + c) * area + k] += vec_sum(sums[k * MAX_MAPS + m]);
}

void dt_conv_backward_weights_group(const dt_conv_shape *s, bool winograd, const real *x, const real *dy, real *dw,
                                    dt_arena *arena)
{
    if (dt_conv_is_dense(s)) {
        dt_cpu_gemm(false, true, s->out_c, s->in_c * s->kernel_h * s->kernel_w, s->n, dy, x, 1, dw);
        return;
    }
    if (winograd) {
        dt_winograd_backward_weights(s, x, dy, dw, arena);
        return;
    }
    dt_arena_mark mark = dt_arena_tell(arena);
    weight_gradient g = {.h = {s->out_h, s->in_h, s->kernel_h, s->pad, s->stride},
                         .w = {s->out_w, s->in_w, s->kernel_w, s->pad, s->stride},
                         .n = s->n,
                         .in_c = s->in_c,
                         .out_c = s->out_c,
                         .dy = dy,
                         .dw = dw};
    g.x = s->stride == 1 ? dt_conv_pad(&g.w, s->in_c * s->in_h, s->n, x, arena) : x;
    int64_t groups = (s->out_c + MAX_MAPS - 1) / MAX_MAPS;
    g.maps = (s->out_c + groups - 1) / groups;
    groups = (s->out_c + g.maps - 1) / g.maps;
    g.run = BLOCK_REALS / g.maps / VL * VL;
    if (s->stride > 1) g.run = g.run > s->n ? g.run / s->n * s->n : s->n; /* whole columns */
    g.sums = dt_arena_alloc(arena, (size_t)(groups * s->in_c * s->kernel_h * s->kernel_w * MAX_MAPS) * sizeof(vec));
    dt_parallel_for(groups * ((s->in_c + CHANNELS - 1) / CHANNELS), one_piece, &g);
    dt_arena_rewind(arena, mark);
}

void dt_cpu_conv_backward_weights(const dt_conv_shape *s, const real *x, const real *dy, real *dw, dt_arena *arena)
{
    const dt_conv_group g = dt_conv_group_of(s);
    for (int64_t i = 0; i < s->groups; i++)
        dt_conv_backward_weights_group(&g.shape, dt_winograd_pays_for_weights(&g.shape), x + i * g.x, dy + i * g.y,
                                       dw + i * g.w, arena);
}
