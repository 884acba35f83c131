/* The convolution kernels against naive loops. All numbers are small integers, so every sum is exact in float whatever
 * its order, and the results must be equal, not close. (Where Winograd's algorithm is chosen, they are only close:
 * test_winograd.c.) */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/threads.h"
#include "guarded.h"
#include "naive_conv.h"

static uint64_t seed = 1;

static real *new_input(int64_t count)
{
    return integers_new(count, 3, seed++);
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
    real *y = output_new(k.y, (real)NAN), *wanted = output_new(k.y, 0);
    if (with_bias)
        for (int64_t i = 0; i < k.y; i++) wanted[i] = bias[i / (s->out_h * s->out_w * s->n)];
    naive(s, FORWARD, x, w, wanted);
    dt_cpu.conv_forward(s, x, w, with_bias ? bias : NULL, y, arena);
    expect_equal(s, "conv_forward", y, wanted, k.y);
    guarded_free(x), guarded_free(w), guarded_free(bias), guarded_free(y), guarded_free(wanted);
}

static void check_backward_input(const dt_conv_shape *s, real beta, dt_arena *arena)
{
    counts k = sizes(s);
    real *dy = new_input(k.y), *w = new_input(k.w);
    real *dx = output_new(k.x, beta != 0 ? 5 : (real)NAN), *wanted = output_new(k.x, beta != 0 ? 5 : 0);
    naive(s, BACKWARD_INPUT, wanted, w, dy);
    dt_cpu.conv_backward_input(s, dy, w, beta, dx, arena);
    expect_equal(s, beta != 0 ? "conv_backward_input, beta 1" : "conv_backward_input, beta 0", dx, wanted, k.x);
    guarded_free(dy), guarded_free(w), guarded_free(dx), guarded_free(wanted);
}

static void check_backward_weights(const dt_conv_shape *s, dt_arena *arena)
{
    counts k = sizes(s);
    real *x = new_input(k.x), *dy = new_input(k.y), *dw = output_new(k.w, 7), *wanted = output_new(k.w, 7);
    naive(s, BACKWARD_WEIGHTS, x, wanted, dy);
    dt_cpu.conv_backward_weights(s, x, dy, dw, arena);
    expect_equal(s, "conv_backward_weights", dw, wanted, k.w);
    guarded_free(x), guarded_free(dy), guarded_free(dw), guarded_free(wanted);
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
        guarded_free(x), guarded_free(w), guarded_free(dy), free(one), free(two);
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
