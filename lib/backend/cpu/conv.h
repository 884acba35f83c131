/* What the convolution kernels share: which taps of the kernel an output position uses. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_CONV_H
#define DT_BACKEND_CPU_CONV_H

#include "backend/backend.h"

/* Height or width: output p uses input p stride + tap - pad for each tap in 0 .. kernel-1 where that lies in 0 .. in-1.
 */
typedef struct {
    int64_t out, in, kernel, pad, stride;
} dt_conv_axis;

/* at / stride, without the division where there is none: it is asked for in the loops over rows. */
static inline int64_t dt_conv_steps(const dt_conv_axis *a, int64_t at)
{
    return a->stride == 1 ? at : at / a->stride;
}

/* Outputs up to `end` that use the same taps: tap .. tap+taps-1; the first of them starts at input `in`. */
typedef struct {
    int64_t end, tap, taps, in;
} dt_conv_span;

/* The span that starts at output p: all outputs whose taps are all inside, or one output near an edge. */
static inline dt_conv_span dt_conv_span_at(const dt_conv_axis *a, int64_t p)
{
    const int64_t at = p * a->stride, first = at < a->pad ? a->pad - at : 0, inside = a->in + a->pad - at;
    const int64_t end = inside < a->kernel ? inside : a->kernel, taps = end > first ? end - first : 0;
    const int64_t last = dt_conv_steps(a, a->in + a->pad - a->kernel) + 1;
    const int64_t span_end = taps < a->kernel ? p + 1 : last < a->out ? last : a->out;
    return (dt_conv_span){span_end, first, taps, at + first - a->pad};
}

/* The shape of one group of maps alone, with strides to the next group's part of x, w (and dw), y. */
typedef struct {
    dt_conv_shape shape;
    int64_t x, w, y;
} dt_conv_group;
dt_conv_group dt_conv_group_of(const dt_conv_shape *s);

/* dx of one group where the stride is beyond 1: the inputs that share their taps do not lie side by side. */
void dt_conv_backward_strided(const dt_conv_shape *s, const real *dy, const real *w, real beta, real *dx,
                              dt_arena *arena);

/* Where a column has fewer examples than a vector has elements, the runs must go on from column to column: returns a
 * copy of x [rows, w.in, n] with the padding of its rows written out as zeros, and changes the axis to match. Otherwise
 * returns x. */
const real *dt_conv_pad(dt_conv_axis *w, int64_t rows, int64_t n, const real *x, dt_arena *arena);

/* Winograd's algorithm (winograd.c), where its transforms pay, for y and dx or for dw. Its sums are others than the
 * definition's, and some ten times less exact: within 5e-5 of the largest result in float. */
bool dt_winograd_pays(const dt_conv_shape *s);
bool dt_winograd_pays_for_weights(const dt_conv_shape *s);

/* Weights through their strides: that of map o, channel c and tap (i, k) is at[o map + c channel + i row + k tap]. */
typedef struct {
    const real *at;
    int64_t map, channel, row, tap;
} dt_winograd_weights;

/* y[o] = start + sum over c of x[c] correlated with w[o][c]; start is y itself (`add`), bias[o] or 0. */
void dt_winograd_correlate(const dt_conv_axis *h, const dt_conv_axis *w, int64_t n, int64_t channels, int64_t maps,
                           const real *x, const dt_winograd_weights *weights, const real *bias, bool add, real *y,
                           dt_arena *arena);

/* dw += its gradient. */
void dt_winograd_backward_weights(const dt_conv_shape *s, const real *x, const real *dy, real *dw, dt_arena *arena);

/* The kernels for one group, each in its direct form or by Winograd's algorithm; a dense convolution is a matrix
 * product in any case. */
void dt_conv_forward_group(const dt_conv_shape *s, bool winograd, const real *x, const real *w, const real *bias,
                           real *y, dt_arena *arena);
void dt_conv_backward_input_group(const dt_conv_shape *s, bool winograd, const real *dy, const real *w, real beta,
                                  real *dx, dt_arena *arena);
void dt_conv_backward_weights_group(const dt_conv_shape *s, bool winograd, const real *x, const real *dy, real *dw,
                                    dt_arena *arena);

/* One output position that sees all of the input, and one group: the convolution is a matrix product, w [out_c, in_c
 * kernel_h kernel_w] x. */
bool dt_conv_is_dense(const dt_conv_shape *s);

#endif
