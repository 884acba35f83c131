#include "backend/backend.h"

#include "core/error.h"

void dt_missing_kernel(const char *backend, const char *kernel)
{
    dt_misuse("the backend \"%s\" has no kernel \"%s\"; run with --device cpu", backend, kernel);
}

double dt_sum_squares(int64_t count, const real *x)
{
    double sum[8] = {0};
    for (int64_t i = 0; i < count; i++) sum[i % 8] += (double)x[i] * (double)x[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}
