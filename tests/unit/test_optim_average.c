/* Averages of the parameters, and max-norm. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "core/threads.h"
#include "guarded.h"
#include "misuse.h"
#include "optim/average.h"
#include "optim/max_norm.h"

static dt_params *three_numbers(void)
{
    dt_params *params = dt_params_new(1);
    dt_params_add(params, "w", 1, (int64_t[]){3}, (dt_init){.kind = DT_INIT_CONSTANT, .value = 7});
    return params;
}

static void take_in(dt_average *a, dt_params *params, real value)
{
    for (int i = 0; i < 3; i++) params->values[i] = value + (real)i;
    dt_average_step(a, &dt_cpu, params);
}

static void expect_average(dt_average *a, dt_params *params, double wanted)
{
    real former[3];
    memcpy(former, params->values, sizeof former);
    dt_average_swap(a, params);
    for (int i = 0; i < 3; i++)
        cr_expect(is_close((double)params->values[i], wanted + i, 1e-6), "after %d: number %d is %g, not %g",
                  (int)a->steps, i, (double)params->values[i], wanted + i);
    EXPECT_MISUSE("the parameters are swapped", dt_average_step(a, &dt_cpu, params));
    dt_average_swap(a, params);
    cr_expect(memcmp(params->values, former, sizeof former) == 0, "the parameters are not as they were");
}

/* From the third step on: 8, (8 + 2) / 2, (8 + 2 + 5) / 3. */
Test(average, mean_by_hand)
{
    dt_params *params = three_numbers();
    dt_average a;
    dt_average_init(&a, params, 0, 2);
    take_in(&a, params, 100);
    expect_average(&a, params, 100);
    take_in(&a, params, 200);
    expect_average(&a, params, 200);
    take_in(&a, params, 8);
    expect_average(&a, params, 8);
    take_in(&a, params, 2);
    expect_average(&a, params, 5);
    take_in(&a, params, 5);
    expect_average(&a, params, 5);
    take_in(&a, params, 1);
    expect_average(&a, params, 4);
    dt_average_free(&a);
    cr_expect(a.values == NULL);
    dt_params_free(params);
}

/* Decay 1/2, from the third step on: 8, (8/4 + 2/2) / (3/4) = 4, (8/8 + 2/4 + 5/2) / (7/8) = 32/7. */
Test(average, exponential_by_hand)
{
    dt_params *params = three_numbers();
    dt_average a;
    dt_average_init(&a, params, 0.5, 2);
    take_in(&a, params, 100);
    take_in(&a, params, 200);
    take_in(&a, params, 8);
    expect_average(&a, params, 8);
    take_in(&a, params, 2);
    expect_average(&a, params, 4);
    take_in(&a, params, 5);
    expect_average(&a, params, 32.0 / 7);
    dt_average_free(&a);
    dt_params_free(params);
}

/* To look at the averages, also before there are any, changes nothing. */
Test(average, evaluating_does_not_change_bits)
{
    dt_params *params = three_numbers();
    dt_average seen, unseen;
    dt_average_init(&seen, params, 0.9, 2);
    dt_average_init(&unseen, params, 0.9, 2);
    for (int t = 0; t < 6; t++) {
        for (int i = 0; i < 3; i++) params->values[i] = (real)((t % 2 ? 1e6 : 0.1) / (1 + i));
        dt_average_step(&seen, &dt_cpu, params);
        dt_average_step(&unseen, &dt_cpu, params);
        dt_average_swap(&seen, params);
        dt_average_swap(&seen, params);
    }
    cr_expect(memcmp(seen.values, unseen.values, 3 * sizeof(real)) == 0);
    dt_average_free(&seen), dt_average_free(&unseen);
    dt_params_free(params);
}

Test(average, refuses_numbers_out_of_range)
{
    dt_params *params = three_numbers();
    dt_average a;
    EXPECT_MISUSE("decay 1 must be", dt_average_init(&a, params, 1, 0));
    EXPECT_MISUSE("from -1 at least 0", dt_average_init(&a, params, 0, -1));
    dt_params_free(params);
}

Test(average_step, as_its_formula_with_any_number_of_threads)
{
    static const int64_t counts[] = {1, 15, 16, 17, 1000, 70001};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        int64_t n = counts[k], wrong = 0;
        real *x = uniforms_new(n, 1, 1), *one = output_new(n, (real)0.5), *many = output_new(n, (real)0.5);
        dt_threads_set(1);
        dt_cpu.average_step(n, (real)0.3, x, one);
        dt_threads_set(3);
        dt_cpu.average_step(n, (real)0.3, x, many);
        for (int64_t i = 0; i < n; i++) wrong += !is_close((double)one[i], 0.7 * 0.5 + 0.3 * (double)x[i], 1e-6);
        cr_expect(eq(i64, wrong, 0), "%d numbers", (int)n);
        cr_expect(memcmp(one, many, (size_t)n * sizeof *one) == 0, "%d numbers", (int)n);
        cr_expect(marks_intact(one, n) && marks_intact(many, n));
        guarded_free(x), guarded_free(one), guarded_free(many);
    }
}

/* ---- max-norm */

/* (3, 4) has norm 5, (0.3, 0.4) is short enough, (0, 0) has no direction. */
Test(clip_rows, by_hand)
{
    real *x = output_new(6, 0);
    static const real rows[6] = {3, 4, (real)0.3, (real)0.4, 0, 0};
    memcpy(x, rows, sizeof rows);
    dt_cpu.clip_rows(3, 2, (real)2.5, x);
    static const real wanted[6] = {(real)1.5, 2, (real)0.3, (real)0.4, 0, 0};
    for (int i = 0; i < 6; i++) cr_expect(eq(flt, x[i], wanted[i]), "number %d", i);
    cr_expect(marks_intact(x, 6));
    guarded_free(x);
}

/* Rows of all lengths; uniform numbers in +-1 have a norm of about sqrt(columns / 3), so that some are too long. */
Test(clip_rows, as_its_formula_with_any_number_of_threads)
{
    static const int64_t shapes[][2] = {{1, 1}, {5, 1}, {3, 15}, {17, 16}, {64, 33}, {301, 257}, {3, 40001}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        int64_t rows = shapes[k][0], columns = shapes[k][1], count = rows * columns, wrong = 0, clipped = 0;
        double most = sqrt((double)columns / 3);
        real *x = uniforms_new(count, 1, k), *one = output_new(count, 0), *many = output_new(count, 0);
        memcpy(one, x, (size_t)count * sizeof *x);
        memcpy(many, x, (size_t)count * sizeof *x);
        dt_threads_set(1);
        dt_cpu.clip_rows(rows, columns, (real)most, one);
        dt_threads_set(3);
        dt_cpu.clip_rows(rows, columns, (real)most, many);
        for (int64_t r = 0; r < rows; r++) {
            double squares = 0;
            for (int64_t i = r * columns; i < (r + 1) * columns; i++) squares += (double)x[i] * (double)x[i];
            bool too_long = sqrt(squares) > most;
            clipped += too_long;
            for (int64_t i = r * columns; i < (r + 1) * columns; i++)
                wrong +=
                    too_long ? !is_close((double)one[i], (double)x[i] * most / sqrt(squares), 1e-6) : one[i] != x[i];
        }
        cr_expect(eq(i64, wrong, 0), "%d rows of %d", (int)rows, (int)columns);
        cr_expect(rows < 10 || (clipped > 0 && clipped < rows), "%d of %d rows are too long", (int)clipped, (int)rows);
        cr_expect(memcmp(one, many, (size_t)count * sizeof *one) == 0, "%d rows of %d", (int)rows, (int)columns);
        cr_expect(marks_intact(one, count) && marks_intact(many, count));
        guarded_free(x), guarded_free(one), guarded_free(many);
    }
}

/* All numbers are 2: a row of 4 has norm 4, a filter of 2 x 2 x 2 has sqrt(32); biases are left alone. */
Test(max_norm, bounds_units_and_not_biases)
{
    dt_params *params = dt_params_new(1);
    dt_init two = {.kind = DT_INIT_CONSTANT, .value = 2};
    const dt_param *linear = dt_params_add(params, "linear", 2, (int64_t[]){3, 4}, two);
    const dt_param *bias = dt_params_add(params, "bias", 1, (int64_t[]){5}, two);
    const dt_param *conv = dt_params_add(params, "conv", 4, (int64_t[]){3, 2, 2, 2}, two);
    dt_max_norm(params, &dt_cpu, 0);
    for (int k = 0; k < params->n; k++) cr_expect(eq(flt, params->values[params->list[k]->offset], 2));
    dt_max_norm(params, &dt_cpu, 1);
    for (int i = 0; i < 12; i++) cr_expect(eq(flt, params->values[linear->offset + i], 0.5f));
    for (int i = 0; i < 5; i++) cr_expect(eq(flt, params->values[bias->offset + i], 2));
    for (int i = 0; i < 24; i++)
        cr_expect(is_close((double)params->values[conv->offset + i], 1 / sqrt(8), 1e-6), "number %d", i);
    dt_params_add(params, "linked", 3, (int64_t[]){3, 2, 2}, two);
    EXPECT_MISUSE("linked belongs to a convolution with a connection table", dt_max_norm(params, &dt_cpu, 1));
    dt_params_free(params);
}
