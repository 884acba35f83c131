#include "backend/backend.h"

#include "core/error.h"

void dt_missing_kernel(const char *backend, const char *kernel)
{
    dt_misuse("the backend \"%s\" has no kernel \"%s\"; run with --device cpu", backend, kernel);
}

double dt_sum_squares(int64_t count, const real *x)
{
    enum { SUMS = 16 }; /* side by side, for the compiler to put into registers */
    double sum[SUMS] = {0}, total = 0;
    int64_t i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (int k = 0; k < SUMS; k++) sum[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < count; i++) total += (double)x[i] * (double)x[i];
    for (int k = 0; k < SUMS; k++) total += sum[k];
    return total;
}
