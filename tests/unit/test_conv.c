/* The convolution kernels against naive loops. All numbers are small integers, so every sum is exact in float whatever
 * its order, and the results must be equal, not close. Inputs lie between NaNs and outputs between marks, so that a
 * read or a write beyond an array shows. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "core/threads.h"

enum { GUARD = 32, MARK = 12345 };

static uint32_t state = 1;

static real small_integer(void)
{
    state = state * 1664525u + 1013904223u;
    return (real)((int)(state >> 24) % 7 - 3);
}

/* count small integers between NaNs */
static real *new_input(int64_t count)
{
    cr_assert(count > 0);
    real *p = malloc((size_t)(count + 2 * GUARD) * sizeof *p);
    for (int64_t i = 0; i < count + 2 * GUARD; i++) p[i] = (real)NAN;
    for (int64_t i = 0; i < count; i++) p[GUARD + i] = small_integer();
    return p + GUARD;
}

/* count times `value` between marks */
static real *new_output(int64_t count, real value)
{
    cr_assert(count > 0);
    real *p = malloc((size_t)(count + 2 * GUARD) * sizeof *p);
    for (int64_t i = 0; i < count + 2 * GUARD; i++) p[i] = i < GUARD || i >= GUARD + count ? MARK : value;
    return p + GUARD;
}

static void discard(const real *p)
{
    free((real *)p - GUARD);
}

static bool marks_intact(const real *p, int64_t count)
{
    for (int64_t i = 1; i <= GUARD; i++)
        if (p[-i] != MARK || p[count - 1 + i] != MARK) return false;
    return true;
}

/* Index of the first difference, or -1. */
static int64_t first_difference(const real *a, const real *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!(a[i] == b[i])) return i;
    return -1;
}

static dt_conv_shape strided(int64_t in_c, int64_t in_h, int64_t in_w, int64_t out_c, int64_t kernel_h,
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

static dt_conv_shape shape(int64_t in_c, int64_t in_h, int64_t in_w, int64_t out_c, int64_t kernel_h, int64_t kernel_w,
                           int64_t pad, int64_t n)
{
    return strided(in_c, in_h, in_w, out_c, kernel_h, kernel_w, pad, n, 1, 1);
}

typedef enum { FORWARD, BACKWARD_INPUT, BACKWARD_WEIGHTS } direction;

/* Adds to y (from x and w), to x (from y and w) or to w (from x and y). */
static void naive(const dt_conv_shape *s, direction what, real *x, real *w, real *y)
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

static counts sizes(const dt_conv_shape *s)
{
    return (counts){s->in_c * s->in_h * s->in_w * s->n, s->out_c * s->in_c / s->groups * s->kernel_h * s->kernel_w,
                    s->out_c * s->out_h * s->out_w * s->n};
}

static void expect_equal(const dt_conv_shape *s, const char *what, const real *got, const real *wanted, int64_t count)
{
    int64_t at = first_difference(got, wanted, count);
    cr_expect(at < 0,
              "%s: x %d,%d,%d,%d, %d maps, kernel %dx%d, pad %d, stride %d, groups %d: element %d is %g, not %g", what,
              (int)s->in_c, (int)s->in_h, (int)s->in_w, (int)s->n, (int)s->out_c, (int)s->kernel_h, (int)s->kernel_w,
              (int)s->pad, (int)s->stride, (int)s->groups, (int)at, at < 0 ? 0. : (double)got[at],
              at < 0 ? 0. : (double)wanted[at]);
    cr_expect(marks_intact(got, count), "%s wrote outside its output: kernel %dx%d, pad %d, n %d", what,
              (int)s->kernel_h, (int)s->kernel_w, (int)s->pad, (int)s->n);
}

static void check_forward(const dt_conv_shape *s, bool with_bias, dt_arena *arena)
{
    counts k = sizes(s);
    real *x = new_input(k.x), *w = new_input(k.w), *bias = new_input(s->out_c);
    real *y = new_output(k.y, (real)NAN), *wanted = new_output(k.y, 0);
    if (with_bias)
        for (int64_t i = 0; i < k.y; i++) wanted[i] = bias[i / (s->out_h * s->out_w * s->n)];
    naive(s, FORWARD, x, w, wanted);
    dt_cpu.conv_forward(s, x, w, with_bias ? bias : NULL, y, arena);
    expect_equal(s, "conv_forward", y, wanted, k.y);
    discard(x), discard(w), discard(bias), discard(y), discard(wanted);
}

static void check_backward_input(const dt_conv_shape *s, real beta, dt_arena *arena)
{
    counts k = sizes(s);
    real *dy = new_input(k.y), *w = new_input(k.w);
    real *dx = new_output(k.x, beta != 0 ? 5 : (real)NAN), *wanted = new_output(k.x, beta != 0 ? 5 : 0);
    naive(s, BACKWARD_INPUT, wanted, w, dy);
    dt_cpu.conv_backward_input(s, dy, w, beta, dx, arena);
    expect_equal(s, beta != 0 ? "conv_backward_input, beta 1" : "conv_backward_input, beta 0", dx, wanted, k.x);
    discard(dy), discard(w), discard(dx), discard(wanted);
}

static void check_backward_weights(const dt_conv_shape *s, dt_arena *arena)
{
    counts k = sizes(s);
    real *x = new_input(k.x), *dy = new_input(k.y), *dw = new_output(k.w, 7), *wanted = new_output(k.w, 7);
    naive(s, BACKWARD_WEIGHTS, x, wanted, dy);
    dt_cpu.conv_backward_weights(s, x, dy, dw, arena);
    expect_equal(s, "conv_backward_weights", dw, wanted, k.w);
    discard(x), discard(dy), discard(dw), discard(wanted);
}

static void check_all(const dt_conv_shape *s, dt_arena *arena)
{
    check_forward(s, true, arena);
    check_forward(s, false, arena);
    check_backward_input(s, 0, arena);
    check_backward_input(s, 1, arena);
    check_backward_weights(s, arena);
}

static const int64_t batches[] = {1, 2, 3, 5, 16, 17, 32, 33, 64};
static const int64_t kernels[] = {1, 2, 3, 5, 7};
enum { N_BATCHES = sizeof batches / sizeof *batches, N_KERNELS = sizeof kernels / sizeof *kernels };

Test(conv, every_kernel_padding_and_batch)
{
    dt_arena *arena = dt_arena_new();
    for (int k = 0; k < N_KERNELS; k++)
        for (int64_t pad = 0; pad < kernels[k]; pad++)
            for (int b = 0; b < N_BATCHES; b++) {
                int64_t side = kernels[k] > 2 * pad ? kernels[k] - 2 * pad : 1;
                dt_conv_shape tight = shape(2, side, side + 1, 3, kernels[k], kernels[k], pad, batches[b]);
                dt_conv_shape wide = shape(3, side + 3, side + 5, 5, kernels[k], kernels[k], pad, batches[b]);
                check_all(&tight, arena);
                check_all(&wide, arena);
            }
    dt_arena_free(arena);
}

Test(conv, every_number_of_maps)
{
    dt_arena *arena = dt_arena_new();
    for (int64_t maps = 1; maps <= 17; maps++)
        for (int64_t pad = 0; pad < 3; pad++) {
            dt_conv_shape s = shape(18 - maps, 4, 6, maps, 3, 3, pad, 17),
                          larger = shape(1, 9, 6, 3 * maps, 5, 5, pad, 32);
            check_all(&s, arena);
            check_all(&larger, arena);
        }
    dt_arena_free(arena);
}

Test(conv, kernels_that_are_not_square)
{
    dt_arena *arena = dt_arena_new();
    const int64_t pairs[][2] = {{1, 4}, {4, 1}, {2, 6}, {3, 11}, {7, 2}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int b = 0; b < N_BATCHES; b += 2) {
            dt_conv_shape valid = shape(2, 12, 13, 4, pairs[i][0], pairs[i][1], 0, batches[b]);
            dt_conv_shape padded = shape(2, 12, 13, 4, pairs[i][0], pairs[i][1], 1, batches[b]);
            check_all(&valid, arena);
            check_all(&padded, arena);
        }
    dt_arena_free(arena);
}

/* Sizes that leave rows and columns over, kernels narrower and wider than the stride. */
Test(conv, every_stride)
{
    static const int64_t sides[] = {1, 2, 3, 5, 11}, some[] = {1, 5, 16, 37, 100};
    dt_arena *arena = dt_arena_new();
    for (int k = 0; k < 5; k++)
        for (int64_t stride = 2; stride <= 4; stride++)
            for (int64_t pad = 0; pad < sides[k] && pad < 4; pad++)
                for (int b = 0; b < 5; b++) {
                    dt_conv_shape tight =
                        strided(2, sides[k], sides[k] + 1, 3, sides[k], sides[k], pad, some[b], stride, 1);
                    dt_conv_shape wide =
                        strided(3, sides[k] + 6, sides[k] + 7, 5, sides[k], sides[k], pad, some[b], stride, 1);
                    check_all(&tight, arena);
                    check_all(&wide, arena);
                }
    dt_arena_free(arena);
}

Test(conv, groups)
{
    dt_arena *arena = dt_arena_new();
    static const int64_t some[] = {1, 16, 37};
    for (int64_t groups = 2; groups <= 4; groups++)
        for (int64_t stride = 1; stride <= 2; stride++)
            for (int b = 0; b < 3; b++) {
                dt_conv_shape s = strided(3 * groups, 6, 7, 5 * groups, 3, 3, 1, some[b], stride, groups);
                dt_conv_shape whole = strided(2 * groups, 3, 3, groups, 3, 3, 0, some[b], stride, groups);
                check_all(&s, arena);
                check_all(&whole, arena);
            }
    dt_arena_free(arena);
}

/* Rows longer than one block of the weight gradient, more maps than one group, and LeNet-5's own layers. */
Test(conv, large_shapes)
{
    dt_arena *arena = dt_arena_new();
    const dt_conv_shape shapes[] = {
        shape(1, 32, 32, 6, 5, 5, 0, 32),          shape(6, 14, 14, 16, 5, 5, 0, 33),
        shape(16, 5, 5, 120, 5, 5, 0, 8),          shape(9, 6, 40, 40, 3, 3, 1, 64),
        shape(2, 5, 70, 3, 5, 5, 2, 128),          strided(3, 23, 35, 40, 11, 11, 2, 32, 4, 1),
        strided(16, 9, 9, 70, 3, 3, 1, 100, 2, 2), strided(2, 7, 45, 5, 3, 3, 1, 100, 2, 1)};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) check_all(&shapes[i], arena);
    dt_arena_free(arena);
}

/* Real-valued numbers, so that another order of additions would show. */
static void run_all(const dt_conv_shape *s, const real *x, const real *w, const real *dy, real *out, dt_arena *arena)
{
    counts k = sizes(s);
    memset(out, 0, (size_t)(k.x + k.w + k.y) * sizeof *out);
    dt_cpu.conv_forward(s, x, w, NULL, out, arena);
    dt_cpu.conv_backward_input(s, dy, w, 0, out + k.y, arena);
    dt_cpu.conv_backward_weights(s, x, dy, out + k.y + k.x, arena);
}

Test(conv, same_bits_for_any_number_of_threads)
{
    dt_arena *arena = dt_arena_new();
    const dt_conv_shape shapes[] = {shape(6, 14, 14, 16, 5, 5, 0, 33), shape(20, 8, 8, 40, 3, 3, 1, 20),
                                    strided(8, 9, 9, 20, 3, 3, 1, 33, 2, 2)};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        counts k = sizes(&shapes[i]);
        size_t bytes = (size_t)(k.x + k.w + k.y) * sizeof(real);
        real *x = new_input(k.x), *w = new_input(k.w), *dy = new_input(k.y), *one = malloc(bytes), *two = malloc(bytes);
        for (int64_t j = 0; j < k.x; j++) x[j] /= 7;
        for (int64_t j = 0; j < k.w; j++) w[j] /= 11;
        dt_threads_set(1);
        run_all(&shapes[i], x, w, dy, one, arena);
        dt_threads_set(2);
        run_all(&shapes[i], x, w, dy, two, arena);
        dt_threads_set(1);
        cr_expect(memcmp(one, two, bytes) == 0, "shape %d: results differ between 1 and 2 threads", (int)i);
        discard(x), discard(w), discard(dy), free(one), free(two);
    }
    dt_arena_free(arena);
}

Test(conv, scratch_is_given_back)
{
    dt_arena *arena = dt_arena_new();
    (void)dt_arena_reals(arena, 1);
    dt_arena_mark before = dt_arena_tell(arena);
    dt_conv_shape s = shape(3, 6, 6, 4, 3, 3, 1, 2);
    check_all(&s, arena);
    dt_arena_mark after = dt_arena_tell(arena);
    cr_expect(before.chunk == after.chunk && before.used == after.used, "a kernel kept arena memory");
    dt_arena_free(arena);
}
