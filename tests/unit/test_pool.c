/* The pools against naive loops over windows that lie side by side, overlap, or leave an edge out. Numbers are small
 * integers, so sums are exact, and ties between them are frequent. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/backend.h"
#include "core/threads.h"
#include "guarded.h"

/* Windows wholly inside. */
static dt_pool_shape pool(int64_t channels, int64_t in_h, int64_t in_w, int64_t size, int64_t stride, int64_t n)
{
    return (dt_pool_shape){channels, in_h,   in_w, (in_h - size) / stride + 1, (in_w - size) / stride + 1,
                           size,     stride, n};
}

/* All windows that begin inside. */
static dt_pool_shape clipped(int64_t channels, int64_t in_h, int64_t in_w, int64_t size, int64_t stride, int64_t n)
{
    return (dt_pool_shape){channels, in_h, in_w, (in_h - 1) / stride + 1, (in_w - 1) / stride + 1, size, stride, n};
}

static int64_t in_count(const dt_pool_shape *s)
{
    return s->channels * s->in_h * s->in_w * s->n;
}

static int64_t out_count(const dt_pool_shape *s)
{
    return s->channels * s->out_h * s->out_w * s->n;
}

/* Where position k of the window of output o lies in the input; -1: beyond it. */
static int64_t place(const dt_pool_shape *s, int64_t o, int64_t k)
{
    int64_t j = o % s->n, ow = o / s->n % s->out_w, oh = o / s->n / s->out_w % s->out_h,
            c = o / s->n / s->out_w / s->out_h;
    int64_t ih = oh * s->stride + k / s->size, iw = ow * s->stride + k % s->size;
    return ih < s->in_h && iw < s->in_w ? ((c * s->in_h + ih) * s->in_w + iw) * s->n + j : -1;
}

/* 1, or in a mean 1 / the positions of the window that lie inside. */
static real weight_of(const dt_pool_shape *s, bool mean, int64_t o)
{
    int inside = 0;
    for (int64_t k = 0; k < s->size * s->size; k++) inside += place(s, o, k) >= 0;
    return mean ? 1 / (real)inside : 1;
}

static void naive_max(const dt_pool_shape *s, const real *x, real *y, uint8_t *which)
{
    for (int64_t o = 0; o < out_count(s); o++) {
        int inside = 0; /* places of the window before k that lie inside the input */
        for (int64_t k = 0; k < s->size * s->size; k++) {
            if (place(s, o, k) < 0) continue;
            if (inside == 0 || x[place(s, o, k)] > y[o]) y[o] = x[place(s, o, k)], which[o] = (uint8_t)inside;
            inside++;
        }
    }
}

static void naive_sum(const dt_pool_shape *s, bool mean, const real *x, real *y)
{
    for (int64_t o = 0; o < out_count(s); o++) {
        y[o] = 0;
        for (int64_t k = 0; k < s->size * s->size; k++)
            if (place(s, o, k) >= 0) y[o] += x[place(s, o, k)];
        y[o] *= weight_of(s, mean, o);
    }
}

/* Adds to dx; which is NULL for the sum. */
static void naive_backward(const dt_pool_shape *s, bool mean, const real *dy, const uint8_t *which, real *dx)
{
    for (int64_t o = 0; o < out_count(s); o++)
        for (int64_t k = 0, inside = 0; k < s->size * s->size; k++)
            if (place(s, o, k) >= 0 && (!which || which[o] == inside++))
                dx[place(s, o, k)] += weight_of(s, mean, o) * dy[o];
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
    for (int mean = 0; mean < 2; mean++) {
        naive_sum(s, mean, x, wanted);
        dt_cpu.sumpool_forward(s, mean, x, y);
        expect_equal(s, mean ? "sumpool, mean" : "sumpool", y, wanted, count);
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
    for (int what = 0; what < 3; what++) { /* the sum, the mean, the greatest */
        for (int64_t i = 0; i < count; i++) {
            dx[i] = beta != 0 ? 7 : (real)NAN;
            wanted[i] = beta != 0 ? 7 : 0;
        }
        naive_backward(s, what == 1, dy, what == 2 ? which : NULL, wanted);
        if (what == 2)
            dt_cpu.maxpool_backward(s, dy, which, beta, dx);
        else
            dt_cpu.sumpool_backward(s, what == 1, dy, beta, dx);
        for (int64_t i = 0; what == 1 && i < count; i++) /* sums of thirds depend on their order */
            if (is_close((double)dx[i], (double)wanted[i], 1e-6)) dx[i] = wanted[i];
        expect_equal(s, what == 2 ? "maxpool backward" : "sumpool backward", dx, wanted, count);
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
                dt_pool_shape s = pool(2, 7, 6, size, stride, batches[b]),
                              all = clipped(2, 7, 6, size, stride, batches[b]);
                check(&s);
                check(&all);
            }
    dt_pool_shape side_by_side = pool(3, 6, 8, 2, 2, 16), one_window = pool(1, 5, 5, 5, 5, 5),
                  widest = pool(1, 16, 15, 15, 1, 3), beyond = clipped(2, 3, 5, 15, 15, 17);
    check(&beyond);
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
    dt_cpu.sumpool_forward(&s, true, x, one);
    dt_threads_set(3);
    dt_cpu.sumpool_forward(&s, true, x, many);
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
