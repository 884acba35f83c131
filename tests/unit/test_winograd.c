/* Winograd's algorithm against the definition. Inputs are small integers, so that the definition's sums are exact. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/cpu/conv.h"
#include "core/threads.h"
#include "guarded.h"
#include "naive_conv.h"

/* Relative to the largest number of the result. */
#ifdef DT_DOUBLE
static const double tolerance = 1e-13;
#else
static const double tolerance = 5e-5;
#endif

static void expect_close(const dt_conv_shape *s, const char *what, const real *got, const real *wanted, int64_t count)
{
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < count; i++) {
        const double error = fabs((double)(got[i] - wanted[i]));
        largest = fmax(largest, fabs((double)wanted[i]));
        worst = error <= worst ? worst : error; /* NaN too */
    }
    cr_expect(worst <= tolerance * largest, "%s: x %d,%d,%d,%d, %d maps, kernel %d, pad %d: off by %g of %g", what,
              (int)s->in_c, (int)s->in_h, (int)s->in_w, (int)s->n, (int)s->out_c, (int)s->kernel_h, (int)s->pad, worst,
              largest);
}

static void check_forward(const dt_conv_shape *s, dt_arena *arena)
{
    const counts k = sizes(s);
    real *x = integers_new(k.x, 3, 1), *w = integers_new(k.w, 3, 2), *bias = integers_new(s->out_c, 3, 3);
    real *y = output_new(k.y, (real)NAN), *wanted = output_new(k.y, 0);
    for (int64_t i = 0; i < k.y; i++) wanted[i] = bias[i / (s->out_h * s->out_w * s->n)];
    naive(s, FORWARD, x, w, wanted);
    dt_conv_forward_group(s, true, x, w, bias, y, arena);
    expect_close(s, "y", y, wanted, k.y);
    cr_expect(marks_intact(y, k.y), "y: wrote outside its output");
    guarded_free(x), guarded_free(w), guarded_free(bias), guarded_free(y), guarded_free(wanted);
}

static void check_input(const dt_conv_shape *s, real beta, dt_arena *arena)
{
    const counts k = sizes(s);
    real *dy = integers_new(k.y, 3, 4), *w = integers_new(k.w, 3, 5);
    real *dx = output_new(k.x, beta != 0 ? 5 : (real)NAN), *wanted = output_new(k.x, beta != 0 ? 5 : 0);
    naive(s, BACKWARD_INPUT, wanted, w, dy);
    dt_conv_backward_input_group(s, true, dy, w, beta, dx, arena);
    expect_close(s, beta != 0 ? "dx +=" : "dx", dx, wanted, k.x);
    cr_expect(marks_intact(dx, k.x), "dx: wrote outside its output");
    guarded_free(dy), guarded_free(w), guarded_free(dx), guarded_free(wanted);
}

static void check_weights(const dt_conv_shape *s, dt_arena *arena)
{
    const counts k = sizes(s);
    real *x = integers_new(k.x, 3, 6), *dy = integers_new(k.y, 3, 7);
    real *dw = output_new(k.w, 7), *wanted = output_new(k.w, 7);
    naive(s, BACKWARD_WEIGHTS, x, wanted, dy);
    dt_conv_backward_weights_group(s, true, x, dy, dw, arena);
    expect_close(s, "dw", dw, wanted, k.w);
    cr_expect(marks_intact(dw, k.w), "dw: wrote outside its output");
    guarded_free(x), guarded_free(dy), guarded_free(dw), guarded_free(wanted);
}

static void check_all(const dt_conv_shape *s, dt_arena *arena)
{
    check_forward(s, arena);
    check_input(s, 0, arena);
    check_input(s, 1, arena);
    check_weights(s, arena);
}

/* Planes that are whole tiles and not, batches of whole vectors and not, few and odd numbers of channels and maps. */
Test(winograd, every_size)
{
    static const int64_t some[] = {1, 3, 16, 37, 100}, sides[] = {1, 4, 6, 9};
    dt_arena *arena = dt_arena_new();
    for (int64_t kernel = 3; kernel <= 5; kernel += 2)
        for (int64_t pad = 0; pad < kernel; pad++)
            for (int b = 0; b < 5; b++)
                for (int i = 0; i < 4; i++) {
                    const int64_t side = sides[i] + kernel - 1 - 2 * pad;
                    if (side < 1) continue;
                    const dt_conv_shape s = shape(3 + i, side, side + 2, 5 + 6 * i, kernel, kernel, pad, some[b]);
                    check_all(&s, arena);
                }
    dt_arena_free(arena);
}

/* Several blocks of tiles and of examples, several parts of the gradient. */
Test(winograd, large_shapes)
{
    dt_arena *arena = dt_arena_new();
    const dt_conv_shape large[] = {shape(16, 20, 20, 16, 3, 3, 1, 100), shape(64, 8, 8, 64, 3, 3, 1, 200),
                                   shape(40, 8, 8, 48, 5, 5, 2, 130), shape(33, 9, 7, 50, 5, 5, 2, 64)};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) check_all(&large[i], arena);
    dt_arena_free(arena);
}

/* The three kernels, as they are called: dx turns the weights round. */
static void run_all(const dt_conv_shape *s, real *x, real *w, real *y, real *out, dt_arena *arena)
{
    const counts k = sizes(s);
    memset(out, 0, (size_t)(k.x + k.w + k.y) * sizeof *out);
    dt_cpu.conv_forward(s, x, w, NULL, out, arena);
    dt_cpu.conv_backward_input(s, y, w, 1, out + k.y, arena);
    dt_cpu.conv_backward_weights(s, x, y, out + k.y + k.x, arena);
}

Test(winograd, is_chosen_and_agrees_on_any_number_of_threads)
{
    dt_arena *arena = dt_arena_new();
    const dt_conv_shape shapes[] = {shape(32, 16, 16, 32, 3, 3, 1, 64), shape(64, 8, 8, 64, 3, 3, 1, 128),
                                    shape(32, 8, 8, 64, 5, 5, 2, 37)};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const dt_conv_shape *s = &shapes[i];
        const counts k = sizes(s);
        const int64_t all = k.x + k.w + k.y;
        cr_expect(dt_winograd_pays(s), "shape %d does not take Winograd's algorithm", (int)i);
        real *x = integers_new(k.x, 3, 6), *w = integers_new(k.w, 3, 7), *dy = integers_new(k.y, 3, 8);
        real *one = output_new(all, 0), *two = output_new(all, 0), *wanted = output_new(all, 0);
        dt_threads_set(1);
        run_all(s, x, w, dy, one, arena);
        dt_threads_set(2);
        run_all(s, x, w, dy, two, arena);
        dt_threads_set(1);
        cr_expect(memcmp(one, two, (size_t)all * sizeof *one) == 0, "shape %d: 1 and 2 threads differ", (int)i);
        naive(s, FORWARD, x, w, wanted);
        naive(s, BACKWARD_INPUT, wanted + k.y, w, dy);
        naive(s, BACKWARD_WEIGHTS, x, wanted + k.y + k.x, dy);
        expect_close(s, "y", one, wanted, k.y);
        expect_close(s, "dx", one + k.y, wanted + k.y, k.x);
        expect_close(s, "dw", one + k.y + k.x, wanted + k.y + k.x, k.w);
        guarded_free(x), guarded_free(w), guarded_free(dy);
        guarded_free(one), guarded_free(two), guarded_free(wanted);
    }
    dt_arena_free(arena);
}

/* Where transforms, edges or partial vectors cost more than they save. */
Test(winograd, is_not_chosen)
{
    dt_conv_shape few = shape(3, 32, 32, 64, 3, 3, 1, 64), odd = shape(16, 13, 13, 16, 3, 3, 1, 64),
                  alone = shape(64, 16, 16, 64, 3, 3, 1, 1), wide = shape(32, 16, 16, 32, 7, 7, 3, 64),
                  strides = strided(64, 16, 16, 64, 3, 3, 1, 64, 2, 1), huge = shape(256, 13, 13, 384, 3, 3, 1, 32);
    const dt_conv_shape *direct[] = {&few, &odd, &alone, &wide, &strides, &huge};
    for (int i = 0; i < 6; i++) {
        const bool chosen = dt_winograd_pays(direct[i]) || dt_winograd_pays_for_weights(direct[i]);
        cr_expect(chosen == false, "shape %d", i);
    }
}
