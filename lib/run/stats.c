#include "run/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

dt_stats dt_stats_of(const double *values, int n)
{
    dt_stats s = {.n = n, .mean = NAN, .sd = NAN, .ci95 = NAN};
    if (n < 1) return s;
    double sum = 0;
    for (int i = 0; i < n; i++) sum += values[i];
    s.mean = sum / n;
    if (n < 2) return s;
    double squares = 0;
    for (int i = 0; i < n; i++) squares += (values[i] - s.mean) * (values[i] - s.mean);
    s.sd = sqrt(squares / (n - 1));
    s.ci95 = gsl_cdf_tdist_Pinv(0.975, n - 1) * s.sd / sqrt(n);
    return s;
}
