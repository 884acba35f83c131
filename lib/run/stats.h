/* What is said about several seeds: mean, sample standard deviation, 95 % confidence interval of the mean. */
#ifndef DT_RUN_STATS_H
#define DT_RUN_STATS_H

typedef struct {
    int n;
    double mean; /* NaN when n = 0 */
    double sd;   /* sqrt(sum (x - mean)^2 / (n - 1)); NaN when n < 2 */
    double ci95; /* half width: t(0.975, n - 1) sd / sqrt(n), Student 1908; NaN when n < 2: one run has no interval */
} dt_stats;

dt_stats dt_stats_of(const double *values, int n);

#endif
