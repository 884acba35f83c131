#include <string.h>

#include "backend/cpu/conv.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/tile.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

/* Output maps in one piece of work: they share the rows of x in the L1 cache. */
enum { MAPS_IN_GROUP = 32 };

/* What forward and backward_input have in common: y[o] = start + sum over c of x[c] correlated with w[o][c], strides 1.
 */
typedef struct {
    dt_conv_axis h, w;
    int64_t n, channels, maps;
    int64_t w_map, w_channel, w_row, w_tap; /* strides of the weights */
    const real *x, *weights, *bias;
    real *y;
    bool add;
} correlation;

/* One output row of one group of maps: column ranges with the same taps are runs of whole vectors, so padding costs
 * nothing. With a stride beyond 1 each column is a run of its own, since the inputs of the next one do not follow. */
static void correlate_row(void *context, int64_t i)
{
    const correlation *c = context;
    const int64_t oh = i % c->h.out, o = i / c->h.out * MAPS_IN_GROUP;
    const int64_t maps = c->maps - o < MAPS_IN_GROUP ? c->maps - o : MAPS_IN_GROUP;
    const int64_t x_row = c->w.in * c->n, y_row = c->w.out * c->n;
    const dt_conv_span row = dt_conv_span_at(&c->h, oh);
    dt_conv_span column;
    for (int64_t ow = 0; ow < c->w.out; ow = column.end) {
        column = dt_conv_span_at(&c->w, ow);
        dt_tile_sum sum = {.loop = {{c->channels, c->h.in * x_row, c->w_channel},
                                    {row.taps, x_row, c->w_row},
                                    {column.taps, c->n, c->w_tap}},
                           .w_map = c->w_map,
                           .y_map = c->h.out * y_row,
                           .add = c->add};
        if (c->channels >= 2 * column.taps) { /* a long innermost loop: the end of a short one is often mispredicted */
            dt_tile_loop channels = sum.loop[0];
            sum.loop[0] = sum.loop[2];
            sum.loop[2] = channels;
        }
        const int64_t columns = c->w.stride == 1 ? column.end - ow : 1;
        for (int64_t k = 0; k < column.end - ow; k += columns)
            dt_tile_run(&sum, maps, columns * c->n, c->x + row.in * x_row + (column.in + k * c->w.stride) * c->n,
                        c->weights + o * c->w_map + row.tap * c->w_row + column.tap * c->w_tap,
                        c->bias ? c->bias + o : NULL, c->y + (o * c->h.out + oh) * y_row + (ow + k) * c->n);
    }
}

static void correlate(correlation *c, bool winograd, dt_arena *arena)
{
    if (winograd) {
        const dt_winograd_weights weights = {c->weights, c->w_map, c->w_channel, c->w_row, c->w_tap};
        dt_winograd_correlate(&c->h, &c->w, c->n, c->channels, c->maps, c->x, &weights, c->bias, c->add, c->y, arena);
        return;
    }
    dt_arena_mark mark = dt_arena_tell(arena);
    if (c->w.stride == 1) c->x = dt_conv_pad(&c->w, c->channels * c->h.in, c->n, c->x, arena);
    const int64_t groups = (c->maps + MAPS_IN_GROUP - 1) / MAPS_IN_GROUP;
    dt_parallel_for(groups * c->h.out, correlate_row, c);
    dt_arena_rewind(arena, mark);
}

void dt_conv_forward_group(const dt_conv_shape *s, bool winograd, const real *x, const real *w, const real *bias,
                           real *y, dt_arena *arena)
{
    const int64_t area = s->kernel_h * s->kernel_w;
    if (dt_conv_is_dense(s)) {
        dt_cpu_gemm(false, false, s->out_c, s->n, s->in_c * area, w, x, 0, y);
        if (bias) dt_cpu_add_bias(s->out_c, s->n, bias, y);
        return;
    }
    correlation c = {.h = {s->out_h, s->in_h, s->kernel_h, s->pad, s->stride},
                     .w = {s->out_w, s->in_w, s->kernel_w, s->pad, s->stride},
                     .n = s->n,
                     .channels = s->in_c,
                     .maps = s->out_c,
                     .w_map = s->in_c * area,
                     .w_channel = area,
                     .w_row = s->kernel_w,
                     .w_tap = 1,
                     .x = x,
                     .weights = w,
                     .bias = bias,
                     .y = y};
    correlate(&c, winograd, arena);
}

void dt_cpu_conv_forward(const dt_conv_shape *s, const real *x, const real *w, const real *bias, real *y,
                         dt_arena *arena)
{
    const dt_conv_group g = dt_conv_group_of(s);
    for (int64_t i = 0; i < s->groups; i++)
        dt_conv_forward_group(&g.shape, dt_winograd_pays(&g.shape), x + i * g.x, w + i * g.w,
                              bias ? bias + i * g.shape.out_c : NULL, y + i * g.y, arena);
}

/* dx[c] = sum over o of dy[o] correlated with w[o][c] turned by 180 degrees, and padded so that each input gets its
 * taps. */
void dt_conv_backward_input_group(const dt_conv_shape *s, bool winograd, const real *dy, const real *w, real beta,
                                  real *dx, dt_arena *arena)
{
    const int64_t area = s->kernel_h * s->kernel_w;
    if (dt_conv_is_dense(s)) {
        dt_cpu_gemm(true, false, s->in_c * area, s->n, s->out_c, w, dy, beta, dx);
        return;
    }
    if (s->stride > 1) {
        dt_conv_backward_strided(s, dy, w, beta, dx, arena);
        return;
    }
    correlation c = {.h = {s->in_h, s->out_h, s->kernel_h, s->kernel_h - 1 - s->pad, 1},
                     .w = {s->in_w, s->out_w, s->kernel_w, s->kernel_w - 1 - s->pad, 1},
                     .n = s->n,
                     .channels = s->out_c,
                     .maps = s->in_c,
                     .w_map = area,
                     .w_channel = s->in_c * area,
                     .w_row = -s->kernel_w,
                     .w_tap = -1,
                     .x = dy,
                     .weights = w + area - 1,
                     .y = dx,
                     .add = beta != 0};
    correlate(&c, winograd, arena);
}

void dt_cpu_conv_backward_input(const dt_conv_shape *s, const real *dy, const real *w, real beta, real *dx,
                                dt_arena *arena)
{
    const dt_conv_group g = dt_conv_group_of(s);
    for (int64_t i = 0; i < s->groups; i++)
        dt_conv_backward_input_group(&g.shape, dt_winograd_pays(&g.shape), dy + i * g.y, w + i * g.w, beta,
                                     dx + i * g.x, arena);
}

bool dt_conv_is_dense(const dt_conv_shape *s)
{
    return s->in_h == s->kernel_h && s->in_w == s->kernel_w && s->pad == 0 && s->groups == 1;
}

dt_conv_group dt_conv_group_of(const dt_conv_shape *s)
{
    dt_conv_group g = {.shape = *s};
    g.shape.in_c /= s->groups;
    g.shape.out_c /= s->groups;
    g.shape.groups = 1;
    g.x = g.shape.in_c * s->in_h * s->in_w * s->n;
    g.w = g.shape.out_c * g.shape.in_c * s->kernel_h * s->kernel_w;
    g.y = g.shape.out_c * s->out_h * s->out_w * s->n;
    return g;
}

const real *dt_conv_pad(dt_conv_axis *w, int64_t rows, int64_t n, const real *x, dt_arena *arena)
{
    if (n >= VL || w->pad <= 0) return x;
    const int64_t in = w->in * n, margin = w->pad * n, width = in + 2 * margin;
    real *padded = dt_arena_reals(arena, rows * width);
    for (int64_t r = 0; r < rows; r++) {
        real *row = padded + r * width;
        memset(row, 0, (size_t)margin * sizeof(real));
        memcpy(row + margin, x + r * in, (size_t)in * sizeof(real));
        memset(row + margin + in, 0, (size_t)margin * sizeof(real));
    }
    w->in += 2 * w->pad;
    w->pad = 0;
    return padded;
}
