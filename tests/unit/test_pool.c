/* The pools against naive loops over windows that lie side by side, overlap, or leave an edge out. Numbers are small
 * integers, so sums are exact, and ties between them are frequent. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/backend.h"
#include "core/threads.h"
#include "guarded.h"

static dt_pool_shape pool(int64_t channels, int64_t in_h, int64_t in_w, int64_t size, int64_t stride, int64_t n)
{
    return (dt_pool_shape){channels, in_h,   in_w, (in_h - size) / stride + 1, (in_w - size) / stride + 1,
                           size,     stride, n};
}

static int64_t in_count(const dt_pool_shape *s)
{
    return s->channels * s->in_h * s->in_w * s->n;
}

static int64_t out_count(const dt_pool_shape *s)
{
    return s->channels * s->out_h * s->out_w * s->n;
}

/* Where position k of the window of output o lies in the input. */
static int64_t place(const dt_pool_shape *s, int64_t o, int64_t k)
{
    int64_t j = o % s->n, ow = o / s->n % s->out_w, oh = o / s->n / s->out_w % s->out_h,
            c = o / s->n / s->out_w / s->out_h;
    int64_t ih = oh * s->stride + k / s->size, iw = ow * s->stride + k % s->size;
    return ((c * s->in_h + ih) * s->in_w + iw) * s->n + j;
}

static void naive_max(const dt_pool_shape *s, const real *x, real *y, uint8_t *which)
{
    for (int64_t o = 0; o < out_count(s); o++) {
        which[o] = 0;
        for (int64_t k = 1; k < s->size * s->size; k++)
            if (x[place(s, o, k)] > x[place(s, o, which[o])]) which[o] = (uint8_t)k;
        y[o] = x[place(s, o, which[o])];
    }
}

static void naive_sum(const dt_pool_shape *s, real weight, const real *x, real *y)
{
    for (int64_t o = 0; o < out_count(s); o++) {
        y[o] = 0;
        for (int64_t k = 0; k < s->size * s->size; k++) y[o] += x[place(s, o, k)];
        y[o] *= weight;
    }
}

/* Adds to dx; which is NULL for the sum. */
static void naive_backward(const dt_pool_shape *s, real weight, const real *dy, const uint8_t *which, real *dx)
{
    for (int64_t o = 0; o < out_count(s); o++)
        for (int64_t k = 0; k < s->size * s->size; k++)
            if (!which || which[o] == k) dx[place(s, o, k)] += weight * dy[o];
}

static void expect_equal(const dt_pool_shape *s, const char *what, const real *got, const real *wanted, int64_t count)
{
    int64_t at = first_difference(got, wanted, count);
    cr_expect(at < 0, "%s: %d,%d,%d,%d by %d at every %d: element %d is %g, not %g", what, (int)s->channels,
              (int)s->in_h, (int)s->in_w, (int)s->n, (int)s->size, (int)s->stride, (int)at,
              at < 0 ? 0. : (double)got[at], at < 0 ? 0. : (double)wanted[at]);
    cr_expect(marks_intact(got, count), "%s wrote outside: size %d, stride %d, n %d", what, (int)s->size,
              (int)s->stride, (int)s->n);
}

static void check_forward(const dt_pool_shape *s)
{
    int64_t count = out_count(s);
    real *x = integers_new(in_count(s), 3, (uint64_t)count);
    real *y = output_new(count, (real)NAN), *wanted = output_new(count, 0);
    uint8_t *which = malloc((size_t)count + 64), *wanted_which = malloc((size_t)count);
    memset(which, 0xee, (size_t)count + 64);
    naive_max(s, x, wanted, wanted_which);
    dt_cpu.maxpool_forward(s, x, y, which);
    expect_equal(s, "maxpool", y, wanted, count);
    cr_expect(eq(int, memcmp(which, wanted_which, (size_t)count), 0), "the first of equals is chosen");
    for (int i = 0; i < 64; i++) cr_expect(which[count + i] == 0xee, "maxpool wrote beyond which");
    for (int k = 0; k < 2; k++) {
        real weight = k ? (real)0.25 : 1;
        naive_sum(s, weight, x, wanted);
        dt_cpu.sumpool_forward(s, weight, x, y);
        expect_equal(s, "sumpool", y, wanted, count);
    }
    free(which), free(wanted_which);
    guarded_free(x), guarded_free(y), guarded_free(wanted);
}

static void check_backward(const dt_pool_shape *s, real beta)
{
    int64_t count = in_count(s);
    real *x = integers_new(count, 3, (uint64_t)count), *dy = integers_new(out_count(s), 4, 1);
    real *y = output_new(out_count(s), 0), *dx = output_new(count, 0), *wanted = output_new(count, 0);
    uint8_t *which = malloc((size_t)out_count(s));
    naive_max(s, x, y, which);
    for (int maximum = 0; maximum < 2; maximum++) {
        for (int64_t i = 0; i < count; i++) {
            dx[i] = beta != 0 ? 7 : (real)NAN;
            wanted[i] = beta != 0 ? 7 : 0;
        }
        naive_backward(s, maximum ? 1 : (real)0.25, dy, maximum ? which : NULL, wanted);
        if (maximum)
            dt_cpu.maxpool_backward(s, dy, which, beta, dx);
        else
            dt_cpu.sumpool_backward(s, (real)0.25, dy, beta, dx);
        expect_equal(s, maximum ? "maxpool backward" : "sumpool backward", dx, wanted, count);
    }
    free(which);
    guarded_free(x), guarded_free(dy), guarded_free(y), guarded_free(dx), guarded_free(wanted);
}

static void each_shape(void (*check)(const dt_pool_shape *s))
{
    static const int64_t batches[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 40};
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
        for (int64_t size = 1; size <= 3; size++)
            for (int64_t stride = 1; stride <= 4; stride++) {
                dt_pool_shape s = pool(2, 7, 6, size, stride, batches[b]);
                check(&s);
            }
    dt_pool_shape side_by_side = pool(3, 6, 8, 2, 2, 16), one_window = pool(1, 5, 5, 5, 5, 5),
                  widest = pool(1, 16, 15, 15, 1, 3);
    check(&side_by_side);
    check(&one_window);
    check(&widest);
}

static void check_both_betas(const dt_pool_shape *s)
{
    check_backward(s, 0);
    check_backward(s, 1);
}

Test(pool, forward_of_every_window_and_batch)
{
    each_shape(check_forward);
}

Test(pool, backward_of_every_window_and_batch)
{
    each_shape(check_both_betas);
}

Test(pool, same_bits_for_any_number_of_threads)
{
    dt_pool_shape s = pool(13, 12, 12, 2, 2, 37);
    real *x = uniforms_new(in_count(&s), 1, 1), *one = output_new(out_count(&s), 0),
         *many = output_new(out_count(&s), 0);
    dt_threads_set(1);
    dt_cpu.sumpool_forward(&s, (real)0.3, x, one);
    dt_threads_set(3);
    dt_cpu.sumpool_forward(&s, (real)0.3, x, many);
    cr_expect(eq(int, memcmp(one, many, (size_t)out_count(&s) * sizeof *one), 0));
    guarded_free(x), guarded_free(one), guarded_free(many);
}

/* What is not a number must show in the loss, wherever in its window it lies. */
Test(pool, a_maximum_that_is_not_a_number_shows)
{
    for (int64_t n = 1; n <= 40; n++)
        for (int64_t at = 0; at < 4; at++) {
            dt_pool_shape s = pool(1, 2, 2, 2, 2, n);
            real x[4 * 40], y[40];
            uint8_t which[40];
            for (int64_t i = 0; i < 4 * n; i++) x[i] = i / n == at ? (real)NAN : (real)i;
            dt_cpu.maxpool_forward(&s, x, y, which);
            int64_t numbers = 0;
            for (int64_t j = 0; j < n; j++) numbers += !isnan(y[j]);
            cr_expect(eq(i64, numbers, 0), "n %d, NaN at %d", (int)n, (int)at);
        }
}
