#include <string.h>

#include "backend/cpu/conv.h"
#include "backend/cpu/tile.h"
#include "core/threads.h"

/* The gradient with respect to the input where the stride is beyond 1. Input i was used by output p at the tap i + pad
 * - p stride, so its taps are those that leave the same remainder as i + pad, and while they go up by the stride, the
 * outputs go down by one:
 *
 *     dx[c][i] = sum over o and these taps of w[o][c][tap] dy[o][(i + pad - tap) / stride].
 *
 * Each input position is a run of its own, n long. */

typedef struct {
    const dt_conv_shape *s;
    const real *w;
    real *packed;
} packing;

static void pack_tap(void *context, int64_t tap)
{
    const packing *j = context;
    const int64_t area = j->s->kernel_h * j->s->kernel_w, count = j->s->out_c * j->s->in_c;
    for (int64_t k = 0; k < count; k++) j->packed[tap * count + k] = j->w[k * area + tap];
}

/* A copy of the weights as [kernel_h,kernel_w,out_c,in_c]: each input goes through all weights of its taps, whose
 * neighbours are those that are used together then. */
static const real *pack(const dt_conv_shape *s, const real *w, dt_arena *arena)
{
    const int64_t area = s->kernel_h * s->kernel_w;
    packing j = {s, w, dt_arena_reals(arena, area * s->in_c * s->out_c)};
    dt_parallel_for(area, pack_tap, &j);
    return j.packed;
}

/* Channels of dx in one piece of work. */
enum { CHANNELS = 32 };

typedef struct {
    const dt_conv_shape *s;
    const real *dy, *w; /* w: packed */
    real *dx;
    bool add;
} strided;

/* The taps of one input along one axis: tap, tap + stride, ... at the outputs out, out - 1, ... */
typedef struct {
    int64_t tap, out, count;
} tap_range;

static tap_range taps_of(int64_t i, int64_t outputs, int64_t kernel, int64_t pad, int64_t stride)
{
    const int64_t at = i + pad, last = at / stride;
    int64_t out = last < outputs ? last : outputs - 1;
    const int64_t tap = at - out * stride, left = tap < kernel ? (kernel - 1 - tap) / stride + 1 : 0;
    return (tap_range){tap, out, left < out + 1 ? left : out + 1};
}

static void one_row(void *context, int64_t i)
{
    const strided *j = context;
    const dt_conv_shape *s = j->s;
    const int64_t ih = i % s->in_h, c = i / s->in_h * CHANNELS, tap = s->in_c * s->out_c;
    const int64_t channels = s->in_c - c < CHANNELS ? s->in_c - c : CHANNELS;
    const int64_t y_row = s->out_w * s->n;
    const tap_range row = taps_of(ih, s->out_h, s->kernel_h, s->pad, s->stride);
    for (int64_t iw = 0; iw < s->in_w; iw++) {
        const tap_range column = taps_of(iw, s->out_w, s->kernel_w, s->pad, s->stride);
        if (row.count == 0 || column.count == 0) { /* no window reaches here */
            if (!j->add)
                for (int64_t k = 0; k < channels; k++)
                    memset(j->dx + (((c + k) * s->in_h + ih) * s->in_w + iw) * s->n, 0, (size_t)s->n * sizeof(real));
            continue;
        }
        const dt_tile_sum sum = {.loop = {{row.count, -y_row, s->stride * s->kernel_w * tap},
                                          {column.count, -s->n, s->stride * tap},
                                          {s->out_c, s->out_h * y_row, s->in_c}},
                                 .w_map = 1,
                                 .y_map = s->in_h * s->in_w * s->n,
                                 .add = j->add};
        dt_tile_run(&sum, channels, s->n, j->dy + row.out * y_row + column.out * s->n,
                    j->w + (row.tap * s->kernel_w + column.tap) * tap + c, NULL,
                    j->dx + ((c * s->in_h + ih) * s->in_w + iw) * s->n);
    }
}

void dt_conv_backward_strided(const dt_conv_shape *s, const real *dy, const real *w, real beta, real *dx,
                              dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    const real *packed = pack(s, w, arena);
    dt_parallel_for((s->in_c + CHANNELS - 1) / CHANNELS * s->in_h, one_row,
                    &(strided){.s = s, .dy = dy, .w = packed, .dx = dx, .add = beta != 0});
    dt_arena_rewind(arena, mark);
}
