/* affine, rbf, copy, scale, sum_parts, sgd_step and the sum of squares against their formulas. Where all numbers are
 * small integers, the results must be equal. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/backend.h"
#include "core/threads.h"
#include "guarded.h"
#include "misuse.h"

static const int64_t lengths[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths };

Test(affine, forward)
{
    for (size_t k = 0; k < N_LENGTHS; k++)
        for (int64_t channels = 1; channels <= 5; channels++) {
            int64_t n = lengths[k], count = channels * n;
            real *x = integers_new(count, 5, 1), *a = integers_new(channels, 5, 2), *b = integers_new(channels, 5, 3);
            real *y = output_new(count, (real)NAN);
            dt_cpu.affine_forward(channels, n, x, a, b, y);
            for (int64_t i = 0; i < count; i++) cr_expect(y[i] == a[i / n] * x[i] + b[i / n], "element %d", (int)i);
            cr_expect(marks_intact(y, count));
            guarded_free(x), guarded_free(a), guarded_free(b), guarded_free(y);
        }
}

static void check_affine_backward(int64_t channels, int64_t n, real beta, bool with_dx)
{
    int64_t count = channels * n, wrong = 0;
    real *x = integers_new(count, 5, 1), *a = integers_new(channels, 5, 2), *dy = integers_new(count, 5, 4);
    real *dx = output_new(count, beta != 0 ? 5 : (real)NAN), *da = output_new(channels, 100),
         *db = output_new(channels, 200);
    dt_cpu.affine_backward(channels, n, x, a, dy, beta, with_dx ? dx : NULL, da, db);
    for (int64_t c = 0; c < channels; c++) {
        real sum = 200, sum_x = 100;
        for (int64_t i = c * n; i < (c + 1) * n; i++) {
            sum += dy[i];
            sum_x += dy[i] * x[i];
            wrong += with_dx && dx[i] != (beta != 0 ? 5 : 0) + a[c] * dy[i];
        }
        wrong += da[c] != sum_x || db[c] != sum;
    }
    cr_expect(eq(i64, wrong, 0), "%d channels of %d, beta %g", (int)channels, (int)n, (double)beta);
    cr_expect(marks_intact(dx, count) && marks_intact(da, channels) && marks_intact(db, channels));
    guarded_free(x), guarded_free(a), guarded_free(dy), guarded_free(dx), guarded_free(da), guarded_free(db);
}

Test(affine, backward)
{
    for (size_t k = 0; k < N_LENGTHS; k++)
        for (int64_t channels = 1; channels <= 5; channels += 2) {
            check_affine_backward(channels, lengths[k], 0, true);
            check_affine_backward(channels, lengths[k], 1, true);
            check_affine_backward(channels, lengths[k], 0, false);
        }
}

static void check_rbf(int64_t units, int64_t features, int64_t n, real beta)
{
    int64_t wrong = 0;
    real *x = integers_new(features * n, 3, 1), *centre = integers_new(units * features, 3, 2);
    real *dy = integers_new(units * n, 3, 3), *y = output_new(units * n, (real)NAN);
    real *dx = output_new(features * n, beta != 0 ? 5 : (real)NAN);
    dt_cpu.rbf_forward(units, features, n, x, centre, y);
    dt_cpu.rbf_backward(units, features, n, x, centre, dy, beta, dx);
    for (int64_t i = 0; i < units; i++)
        for (int64_t j = 0; j < n; j++) {
            real sum = 0;
            for (int64_t f = 0; f < features; f++) {
                real d = x[f * n + j] - centre[i * features + f];
                sum += d * d;
            }
            wrong += y[i * n + j] != sum;
        }
    for (int64_t f = 0; f < features; f++)
        for (int64_t j = 0; j < n; j++) {
            real sum = beta != 0 ? 5 : 0;
            for (int64_t i = 0; i < units; i++) sum += 2 * (x[f * n + j] - centre[i * features + f]) * dy[i * n + j];
            wrong += dx[f * n + j] != sum;
        }
    cr_expect(eq(i64, wrong, 0), "%d units, %d features, n %d, beta %g", (int)units, (int)features, (int)n,
              (double)beta);
    cr_expect(marks_intact(y, units * n) && marks_intact(dx, features * n));
    guarded_free(x), guarded_free(centre), guarded_free(dy), guarded_free(y), guarded_free(dx);
}

Test(rbf, forward_and_backward)
{
    for (size_t k = 0; k < N_LENGTHS; k++)
        for (int beta = 0; beta < 2; beta++) {
            check_rbf(10, 84, lengths[k], (real)beta);
            check_rbf(1, 1, lengths[k], (real)beta);
            check_rbf(3, 5, lengths[k], (real)beta);
        }
}

Test(copy, overwrites_or_adds)
{
    static const int64_t counts[] = {1, 5, 16, 33, 16384, 40000};
    for (size_t k = 0; k < 6; k++)
        for (int beta = 0; beta < 2; beta++) {
            int64_t n = counts[k];
            real *x = integers_new(n, 9, 1), *y = output_new(n, beta ? 100 : (real)NAN);
            dt_cpu.copy(n, x, (real)beta, y);
            int64_t wrong = 0;
            for (int64_t i = 0; i < n; i++) wrong += y[i] != x[i] + (beta ? 100 : 0);
            cr_expect(eq(i64, wrong, 0), "count %d, beta %d", (int)n, beta);
            cr_expect(marks_intact(y, n));
            guarded_free(x), guarded_free(y);
        }
}

Test(scale, multiplies_each)
{
    real *x = output_new(40000, 3);
    dt_cpu.scale(40000, (real)-0.5, x);
    for (int i = 0; i < 40000; i++) cr_assert(x[i] == (real)-1.5, "element %d", i);
    cr_expect(marks_intact(x, 40000));
    guarded_free(x);
}

/* In float (1e8 + 1) - 1e8 is 0 and (1e8 - 1e8) + 1 is 1: the order shows. */
Test(sum_parts, are_added_in_their_order)
{
    real large[3] = {100000000, 100000000, 1}, one[3] = {1, -100000000, 2}, minus[3] = {-100000000, 1, 3},
         sum[3] = {9, 9, 9};
    dt_cpu.sum_parts(3, 3, (const real *const[]){large, one, minus}, sum);
    cr_expect(eq(flt, sum[0], 0));
    cr_expect(eq(flt, sum[1], 1));
    cr_expect(eq(flt, sum[2], 6));
    dt_cpu.sum_parts(3, 1, (const real *const[]){one}, sum);
    cr_expect(eq(int, memcmp(sum, one, sizeof sum), 0));
}

Test(sum_parts, same_bits_for_any_number_of_threads)
{
    enum { N = 70001, PARTS = 5 };
    real *part[PARTS], *one = output_new(N, 7), *many = output_new(N, 8);
    for (int p = 0; p < PARTS; p++) part[p] = uniforms_new(N, 1, (uint64_t)p);
    dt_threads_set(1);
    dt_cpu.sum_parts(N, PARTS, (const real *const *)part, one);
    dt_threads_set(3);
    dt_cpu.sum_parts(N, PARTS, (const real *const *)part, many);
    cr_expect(eq(int, memcmp(one, many, N * sizeof *one), 0));
    for (int64_t i = 0; i < N; i += 101) {
        double sum = 0;
        for (int p = 0; p < PARTS; p++) sum += (double)part[p][i];
        cr_expect(is_close((double)one[i], sum, 1e-6));
    }
    cr_expect(marks_intact(one, N) && marks_intact(many, N));
    for (int p = 0; p < PARTS; p++) guarded_free(part[p]);
    guarded_free(one), guarded_free(many);
}

/* Three steps, so that the velocity is in motion, against the formulas of optim/optimizer.h in double. */
static void check_sgd(const dt_sgd_update *u, int64_t n)
{
    real *w = output_new(n, 0), *v = output_new(n, 0);
    double *wanted_w = malloc((size_t)n * sizeof *wanted_w), *wanted_v = calloc((size_t)n, sizeof *wanted_v);
    int64_t wrong = 0;
    for (int64_t i = 0; i < n; i++) wanted_w[i] = (double)(w[i] = (real)(1 + i % 13) / 4);
    for (uint64_t step = 0; step < 3; step++) {
        real *gradient = uniforms_new(n, 1, step);
        dt_cpu.sgd_step(u, n, gradient, v, w);
        for (int64_t i = 0; i < n; i++) {
            double g = (double)gradient[i] + (double)u->weight_decay * wanted_w[i];
            wanted_v[i] = (double)u->momentum * wanted_v[i] + g;
            wanted_w[i] -= (double)u->lr * (u->nesterov ? g + (double)u->momentum * wanted_v[i] : wanted_v[i]);
            wrong += !is_close((double)w[i], wanted_w[i], 1e-6);
            if (u->momentum != 0) wrong += !is_close((double)v[i], wanted_v[i], 1e-6);
        }
        guarded_free(gradient);
    }
    cr_expect(eq(i64, wrong, 0), "lr %g, momentum %g, decay %g, nesterov %d, %d numbers", (double)u->lr,
              (double)u->momentum, (double)u->weight_decay, u->nesterov, (int)n);
    cr_expect(marks_intact(w, n) && marks_intact(v, n));
    free(wanted_w), free(wanted_v);
    guarded_free(w), guarded_free(v);
}

Test(sgd_step, every_variant)
{
    static const int64_t counts[] = {1, 15, 16, 17, 1000, 33000};
    for (size_t k = 0; k < 6; k++)
        for (int variant = 0; variant < 8; variant++)
            check_sgd(
                &(dt_sgd_update){(real)0.1, variant & 1 ? (real)0.9 : 0, variant & 2 ? (real)0.01 : 0, variant & 4},
                counts[k]);
}

/* w = 1, gradient 2, lr 1/4, momentum 1/2: v = 2, 3, 3.5; w = 1 - 0.5 - 0.75 - 0.875. */
Test(sgd_step, momentum_by_hand)
{
    real w = 1, v = 0, g = 2;
    dt_sgd_update u = {.lr = (real)0.25, .momentum = (real)0.5};
    for (int i = 0; i < 3; i++) dt_cpu.sgd_step(&u, 1, &g, &v, &w);
    cr_expect(eq(flt, v, 3.5f));
    cr_expect(eq(flt, w, -1.125f));
    /* Nesterov looks ahead: w = 1 - (2 + 0.5 * 2) / 4. */
    w = 1, v = 0, u.nesterov = true;
    dt_cpu.sgd_step(&u, 1, &g, &v, &w);
    cr_expect(eq(flt, v, 2));
    cr_expect(eq(flt, w, 0.25f));
}

Test(backend, sum_of_squares)
{
    real *x = integers_new(1000, 9, 1);
    for (int64_t n = 0; n <= 40; n++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
        cr_expect(eq(dbl, dt_sum_squares(n, x), sum), "%d numbers", (int)n);
    }
    guarded_free(x);
    /* Squares that overflow a float do not overflow the sum. */
    real large[3] = {(real)3e30, 0, (real)4e30};
    cr_expect(is_close(sqrt(dt_sum_squares(3, large)) / 5e30, 1, 1e-6));
    cr_expect(isnan(dt_sum_squares(3, (real[]){1, (real)NAN, 1})));
}

Test(backend, a_missing_kernel_is_named)
{
    dt_backend bare = {.name = "toaster"};
    EXPECT_MISUSE("the backend \"toaster\" has no kernel \"copy\"", dt_kernel(&bare, copy)(0, NULL, 0, NULL));
    bare.copy = dt_cpu.copy;
    real x = 3, y = 0;
    dt_kernel(&bare, copy)(1, &x, 0, &y);
    cr_expect(eq(flt, y, 3));
}
