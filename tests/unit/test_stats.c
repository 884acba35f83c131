#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "run/stats.h"

Test(stats, by_hand)
{
    const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
    dt_stats s = dt_stats_of(x, 8);
    cr_assert(eq(int, s.n, 8));
    cr_assert(epsilon_eq(dbl, s.mean, 5.0, 1e-14));
    cr_assert(epsilon_eq(dbl, s.sd, sqrt(32.0 / 7), 1e-14));
}

/* Two-sided 95 % quantiles of Student's t from the printed tables, for 1, 2, 4, 9, 29 and 63 degrees of freedom. */
Test(stats, student_t)
{
    static const struct {
        int n;
        double t;
    } table[] = {{2, 12.706}, {3, 4.303}, {5, 2.776}, {10, 2.262}, {30, 2.045}, {64, 1.998}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double x[64];
        for (int j = 0; j < table[i].n; j++) x[j] = j % 2;
        dt_stats s = dt_stats_of(x, table[i].n);
        cr_assert(epsilon_eq(dbl, s.ci95 * sqrt(table[i].n) / s.sd, table[i].t, 6e-4));
    }
}

Test(stats, one_value_has_no_interval)
{
    dt_stats s = dt_stats_of((const double[]){3.5}, 1);
    cr_assert(eq(dbl, s.mean, 3.5));
    cr_assert(isnan(s.sd) && isnan(s.ci95));
    s = dt_stats_of(NULL, 0);
    cr_assert(eq(int, s.n, 0));
    cr_assert(isnan(s.mean) && isnan(s.sd) && isnan(s.ci95));
}

Test(stats, equal_values_and_large_offsets)
{
    dt_stats s = dt_stats_of((const double[]){0.1, 0.1, 0.1}, 3);
    cr_assert(epsilon_eq(dbl, s.ci95, 0, 1e-15));
    s = dt_stats_of((const double[]){1e9 + 1, 1e9 + 2, 1e9 + 3}, 3);
    cr_assert(epsilon_eq(dbl, s.sd, 1, 1e-12));
}

Test(stats, what_is_not_a_number_shows)
{
    cr_assert(isnan(dt_stats_of((const double[]){1, NAN, 2}, 3).mean));
}
