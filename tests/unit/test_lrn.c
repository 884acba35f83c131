/* Local response normalisation against its formula, in double, over odd sizes; and the powers that it takes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/cpu/vecmath.h"
#include "core/threads.h"
#include "guarded.h"

static const dt_lrn_shape shapes[] = {
    {DT_LRN_ACROSS_MAPS, 9, 3, 2, 5, 5, 2, (real)0.1, (real)0.75},
    {DT_LRN_ACROSS_MAPS, 2, 1, 1, 1, 9, 1, 1, 1},
    {DT_LRN_ACROSS_MAPS, 4, 2, 3, 33, 1, 1, (real)0.5, (real)0.5},
    {DT_LRN_ACROSS_MAPS, 3, 33, 35, 2, 3, 1, (real)1e-3, (real)0.75},
    {DT_LRN_WITHIN_MAP, 3, 5, 7, 3, 3, 1, (real)0.05, (real)0.75},
    {DT_LRN_WITHIN_MAP, 2, 4, 3, 17, 9, 1, (real)0.2, (real)0.75},
    {DT_LRN_WITHIN_MAP, 1, 1, 1, 1, 3, 3, 1, 2},
    {DT_LRN_WITHIN_MAP, 2, 6, 40, 32, 5, 1, (real)0.01, (real)0.75},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static int64_t count_of(const dt_lrn_shape *s)
{
    return s->channels * s->height * s->width * s->n;
}

/* Whether number j is in the window around number i. */
static bool in_window(const dt_lrn_shape *s, int64_t i, int64_t j)
{
    const int64_t half = s->size / 2, row = s->width * s->n, map = s->height * row;
    if (i % s->n != j % s->n) return false;
    const int64_t maps = llabs(i / map - j / map), rows = llabs(i % map / row - j % map / row);
    const int64_t columns = llabs(i % row / s->n - j % row / s->n);
    return s->kind == DT_LRN_ACROSS_MAPS ? maps <= half && !rows && !columns : !maps && rows <= half && columns <= half;
}

/* The numbers whose windows could hold i lie near it; all others are skipped unseen. */
static void naive(const dt_lrn_shape *s, const real *x, const real *dy, double *scale, double *y, double *dx)
{
    const int64_t count = count_of(s);
    for (int64_t i = 0; i < count; i++) {
        scale[i] = (double)s->k;
        for (int64_t j = i % s->n; j < count; j += s->n)
            if (in_window(s, i, j)) scale[i] += (double)s->alpha * (double)x[j] * (double)x[j];
        y[i] = (double)x[i] * pow(scale[i], -(double)s->beta);
    }
    for (int64_t i = 0; i < count; i++) {
        double sum = 0;
        for (int64_t j = i % s->n; j < count; j += s->n)
            if (in_window(s, i, j)) sum += (double)dy[j] * y[j] / scale[j];
        dx[i] = (double)dy[i] * pow(scale[i], -(double)s->beta) -
                2 * (double)s->alpha * (double)s->beta * (double)x[i] * sum;
    }
}

static void expect_close(const char *what, int shape, const real *got, const double *wanted, double more, int64_t count)
{
    int64_t bad = -1;
    for (int64_t i = 0; bad < 0 && i < count; i++)
        if (!is_close((double)got[i], wanted[i] + more, 3e-6)) bad = i;
    cr_expect(bad < 0, "%s of shape %d: element %d is %.9g, not %.9g", what, shape, (int)bad,
              bad < 0 ? 0. : (double)got[bad], bad < 0 ? 0. : wanted[bad] + more);
    cr_expect(marks_intact(got, count), "%s of shape %d wrote outside", what, shape);
}

Test(lrn, every_window_of_every_shape)
{
    dt_arena *arena = dt_arena_new();
    for (int k = 0; k < N_SHAPES; k++) {
        const dt_lrn_shape *s = &shapes[k];
        const int64_t count = count_of(s);
        real *x = uniforms_new(count, 3, 1), *dy = uniforms_new(count, 1, 2);
        real *scale = output_new(count, (real)NAN), *y = output_new(count, (real)NAN),
             *dx = output_new(count, (real)NAN);
        double *wanted = malloc(3 * (size_t)count * sizeof *wanted);
        naive(s, x, dy, wanted, wanted + count, wanted + 2 * count);
        dt_cpu.lrn_forward(s, x, scale, y, arena);
        expect_close("scale", k, scale, wanted, 0, count);
        expect_close("y", k, y, wanted + count, 0, count);
        dt_cpu.lrn_backward(s, x, scale, y, dy, 0, dx, arena);
        expect_close("dx", k, dx, wanted + 2 * count, 0, count);
        for (int64_t i = 0; i < count; i++) dx[i] = 7;
        dt_cpu.lrn_backward(s, x, scale, y, dy, 1, dx, arena);
        expect_close("dx, beta 1", k, dx, wanted + 2 * count, 7, count);
        guarded_free(x), guarded_free(dy), guarded_free(scale), guarded_free(y), guarded_free(dx), free(wanted);
    }
    dt_arena_free(arena);
}

Test(lrn, same_bits_for_any_number_of_threads)
{
    dt_arena *arena = dt_arena_new();
    for (int k = 0; k < N_SHAPES; k++) {
        const int64_t count = count_of(&shapes[k]);
        real *x = uniforms_new(count, 3, 1), *scale = output_new(count, 0), *y[2];
        for (int many = 0; many < 2; many++) {
            y[many] = output_new(count, 0);
            dt_threads_set(many ? 3 : 1);
            dt_cpu.lrn_forward(&shapes[k], x, scale, y[many], arena);
        }
        dt_threads_set(1);
        cr_expect(eq(int, memcmp(y[0], y[1], (size_t)count * sizeof(real)), 0), "shape %d", k);
        guarded_free(x), guarded_free(scale), guarded_free(y[0]), guarded_free(y[1]);
    }
    dt_arena_free(arena);
}

Test(lrn, powers_and_logarithms)
{
    for (double x = 1e-30; x < 1e30; x *= 1.0137) {
        vec v = vec_set((real)x);
        double at = (double)(real)x, log_x = (double)vec_log(v)[0];
        cr_expect(fabs(log_x - log(at)) <= 3e-7 * fmax(fabs(log(at)), 1e-30), "log %.9g is %.9g", at, log_x);
        if (x > 0.2 && x < 500) {
            double power = (double)vec_power(v, (real)-0.75)[0];
            cr_expect(fabs(power / pow(at, -0.75) - 1) < 1e-6, "%.9g to the -0.75 is %.9g", at, power);
        }
    }
    cr_expect(vec_log(vec_set(1))[0] == 0 && vec_power(vec_set(1), (real)-0.75)[0] == 1);
    cr_expect(vec_power(vec_set(0), (real)0.5)[0] == 0);
}
