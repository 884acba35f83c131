/* The convolution and its gradients by their definition, for the tests of the kernels. */
#ifndef DT_TESTS_NAIVE_CONV_H
#define DT_TESTS_NAIVE_CONV_H

#include "backend/backend.h"

static inline dt_conv_shape strided(int64_t in_c, int64_t in_h, int64_t in_w, int64_t out_c, int64_t kernel_h,
                                    int64_t kernel_w, int64_t pad, int64_t n, int64_t stride, int64_t groups)
{
    return (dt_conv_shape){.in_c = in_c,
                           .in_h = in_h,
                           .in_w = in_w,
                           .out_c = out_c,
                           .out_h = (in_h + 2 * pad - kernel_h) / stride + 1,
                           .out_w = (in_w + 2 * pad - kernel_w) / stride + 1,
                           .kernel_h = kernel_h,
                           .kernel_w = kernel_w,
                           .pad = pad,
                           .n = n,
                           .stride = stride,
                           .groups = groups};
}

static inline dt_conv_shape shape(int64_t in_c, int64_t in_h, int64_t in_w, int64_t out_c, int64_t kernel_h,
                                  int64_t kernel_w, int64_t pad, int64_t n)
{
    return strided(in_c, in_h, in_w, out_c, kernel_h, kernel_w, pad, n, 1, 1);
}

typedef enum { FORWARD, BACKWARD_INPUT, BACKWARD_WEIGHTS } direction;

/* Adds to y (from x and w), to x (from y and w) or to w (from x and y). */
static inline void naive(const dt_conv_shape *s, direction what, real *x, real *w, real *y)
{
    const int64_t in = s->in_c / s->groups, out = s->out_c / s->groups;
    for (int64_t o = 0; o < s->out_c; o++)
        for (int64_t c = o / out * in; c < (o / out + 1) * in; c++)
            for (int64_t kh = 0; kh < s->kernel_h; kh++)
                for (int64_t kw = 0; kw < s->kernel_w; kw++)
                    for (int64_t oh = 0; oh < s->out_h; oh++)
                        for (int64_t ow = 0; ow < s->out_w; ow++) {
                            int64_t ih = oh * s->stride + kh - s->pad, iw = ow * s->stride + kw - s->pad;
                            if (ih < 0 || ih >= s->in_h || iw < 0 || iw >= s->in_w) continue;
                            real *xp = x + ((c * s->in_h + ih) * s->in_w + iw) * s->n;
                            real *yp = y + ((o * s->out_h + oh) * s->out_w + ow) * s->n;
                            real *wp = w + ((o * in + c % in) * s->kernel_h + kh) * s->kernel_w + kw;
                            for (int64_t j = 0; j < s->n; j++) {
                                if (what == FORWARD) yp[j] += *wp * xp[j];
                                if (what == BACKWARD_INPUT) xp[j] += *wp * yp[j];
                                if (what == BACKWARD_WEIGHTS) *wp += xp[j] * yp[j];
                            }
                        }
}

typedef struct {
    int64_t x, w, y;
} counts;

static inline counts sizes(const dt_conv_shape *s)
{
    return (counts){s->in_c * s->in_h * s->in_w * s->n, s->out_c * s->in_c / s->groups * s->kernel_h * s->kernel_w,
                    s->out_c * s->out_h * s->out_w * s->n};
}

#endif
