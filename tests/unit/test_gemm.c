/* Matrix products, bias and row sums against naive loops. As in test_conv.c the numbers are small integers, so that the
 * results must be exactly equal, inputs lie between NaNs and outputs between marks. */
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

static real *new_input(int64_t count)
{
    cr_assert(count > 0);
    real *p = malloc((size_t)(count + 2 * GUARD) * sizeof *p);
    for (int64_t i = 0; i < count + 2 * GUARD; i++) p[i] = (real)NAN;
    for (int64_t i = 0; i < count; i++) p[GUARD + i] = small_integer();
    return p + GUARD;
}

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

static void check_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, real beta)
{
    real *a = new_input(m * k), *b = new_input(k * n), *c = new_output(m * n, beta != 0 ? 5 : (real)NAN);
    dt_cpu.gemm(transpose_a, transpose_b, m, n, k, a, b, beta, c);
    int64_t wrong = 0;
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            real sum = beta != 0 ? 5 : 0;
            for (int64_t l = 0; l < k; l++)
                sum += (transpose_a ? a[l * m + i] : a[i * k + l]) * (transpose_b ? b[j * k + l] : b[l * n + j]);
            wrong += !(sum == c[i * n + j]);
        }
    cr_expect(wrong == 0, "gemm %c%c %dx%dx%d, beta %g: %d of %d elements are wrong", transpose_a ? 'T' : 'N',
              transpose_b ? 'T' : 'N', (int)m, (int)n, (int)k, (double)beta, (int)wrong, (int)(m * n));
    cr_expect(marks_intact(c, m * n), "gemm %dx%dx%d wrote outside c", (int)m, (int)n, (int)k);
    discard(a), discard(b), discard(c);
}

static void check_all(int64_t m, int64_t n, int64_t k)
{
    for (int i = 0; i < 8; i++) check_gemm(i & 1, i & 2, m, n, k, (real)(i >> 2));
}

Test(gemm, every_small_shape)
{
    const int64_t m[] = {1, 2, 3, 7, 8, 9, 17, 33}, n[] = {1, 2, 3, 5, 15, 16, 17, 32, 33, 48, 49, 64, 100};
    const int64_t k[] = {1, 2, 5, 15, 16, 31, 64};
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        for (size_t j = 0; j < sizeof n / sizeof *n; j++)
            for (size_t l = 0; l < sizeof k / sizeof *k; l++) check_all(m[i], n[j], k[l]);
}

Test(gemm, long_sums_are_taken_in_steps)
{
    const int64_t k[] = {159, 160, 161, 321, 784};
    for (size_t l = 0; l < sizeof k / sizeof *k; l++) {
        check_all(10, 32, k[l]);
        check_all(65, 70, k[l]);
        check_all(1, 33, k[l]);
        check_all(33, 1, k[l]);
    }
}

/* Both operands copied, several pieces, ragged ends on all sides, as one thread and as three cut them. */
Test(gemm, large_shapes)
{
    for (int threads = 1; threads <= 3; threads += 2) {
        dt_threads_set(threads);
        check_all(843, 67, 701);
        check_gemm(true, false, 1001, 53, 1051, 1);
        check_gemm(false, true, 53, 1001, 150, 0);
    }
    dt_threads_set(1);
}

Test(gemm, same_bits_for_any_number_of_threads)
{
    const int64_t m = 301, n = 130, k = 333;
    real *a = new_input(m * k), *b = new_input(k * n), *one = new_output(m * n, 0), *two = new_output(m * n, 0);
    for (int64_t i = 0; i < m * k; i++) a[i] /= 7;
    for (int t = 0; t < 4; t++) {
        dt_threads_set(1);
        dt_cpu.gemm(t & 1, t & 2, m, n, k, a, b, 0, one);
        dt_threads_set(2);
        dt_cpu.gemm(t & 1, t & 2, m, n, k, a, b, 0, two);
        dt_threads_set(1);
        cr_expect(memcmp(one, two, (size_t)(m * n) * sizeof(real)) == 0, "transposition %d: the bits differ", t);
    }
    discard(a), discard(b), discard(one), discard(two);
}

Test(bias, is_added_to_each_row)
{
    const int64_t columns[] = {1, 3, 16, 33, 20000};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const int64_t rows = 7, count = rows * columns[i];
        real *bias = new_input(rows), *y = new_output(count, 2);
        dt_cpu.add_bias(rows, columns[i], bias, y);
        int64_t wrong = 0;
        for (int64_t j = 0; j < count; j++) wrong += y[j] != 2 + bias[j / columns[i]];
        cr_expect(wrong == 0, "%d columns: %d elements are wrong", (int)columns[i], (int)wrong);
        cr_expect(marks_intact(y, count), "add_bias wrote outside y");
        discard(bias), discard(y);
    }
}

Test(sum_rows, adds_each_row_to_what_is_there)
{
    const int64_t columns[] = {1, 3, 15, 16, 63, 64, 65, 1025, 20000};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const int64_t rows = 9;
        real *y = new_input(rows * columns[i]), *sum = new_output(rows, 4);
        dt_cpu.sum_rows(rows, columns[i], y, sum);
        for (int64_t r = 0; r < rows; r++) {
            real wanted = 4;
            for (int64_t j = 0; j < columns[i]; j++) wanted += y[r * columns[i] + j];
            cr_expect(sum[r] == wanted, "%d columns, row %d: %g, not %g", (int)columns[i], (int)r, (double)sum[r],
                      (double)wanted);
        }
        cr_expect(marks_intact(sum, rows), "sum_rows wrote outside sum");
        discard(y), discard(sum);
    }
}

/* Ten million times 0.1: adding them one by one in float gives 1087937. */
Test(sum_rows, stays_accurate_over_long_rows)
{
    const int64_t columns = 10000000;
    real *y = malloc((size_t)columns * sizeof *y), sum = 0;
    for (int64_t j = 0; j < columns; j++) y[j] = (real)0.1;
    dt_cpu.sum_rows(1, columns, y, &sum);
    cr_expect(fabs((double)sum - 1e6) < 1, "sum %g, not 1e6", (double)sum);
    free(y);
}
