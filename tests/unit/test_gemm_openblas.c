/* Our matrix product against OpenBLAS's, an independent implementation, on numbers that are no small integers. */
#include <cblas.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "core/rng.h"

static float *random_matrix(const char *name, int64_t count)
{
    float *m = malloc((size_t)count * sizeof *m);
    dt_rng stream = dt_rng_stream(5, name, 0);
    for (int64_t i = 0; i < count; i++) m[i] = (float)dt_rng_normal(stream, (uint64_t)i);
    return m;
}

static void compare(bool transpose_a, bool transpose_b, int m, int n, int k)
{
    float *a = random_matrix("a", m * k), *b = random_matrix("b", k * n), *ours = random_matrix("c", m * n),
          *theirs = random_matrix("c", m * n);
    dt_cpu.gemm(transpose_a, transpose_b, m, n, k, a, b, 1, ours);
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, m, n,
                k, 1, a, transpose_a ? m : k, b, transpose_b ? k : n, 1, theirs, n);
    double error = 0, size = 0;
    for (int64_t i = 0; i < m * n; i++) {
        error += pow((double)ours[i] - (double)theirs[i], 2);
        size += pow((double)theirs[i], 2);
    }
    cr_expect(error <= 1e-12 * size, "%d x %d x %d%s%s: normalised squared error %g", m, n, k,
              transpose_a ? ", a transposed" : "", transpose_b ? ", b transposed" : "", error / size);
    free(a);
    free(b);
    free(ours);
    free(theirs);
}

Test(gemm, agrees_with_openblas)
{
    static const int shape[][3] = {{120, 32, 400}, {400, 32, 120}, {84, 120, 32},  {10, 1, 784},
                                   {1, 300, 7},    {97, 131, 211}, {300, 64, 784}, {800, 784, 128}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        for (int t = 0; t < 4; t++) compare(t & 1, t & 2, shape[i][0], shape[i][1], shape[i][2]);
}
