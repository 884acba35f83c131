#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

typedef struct {
    int64_t units, features, n;
    const real *x, *centre, *dy;
    real beta;
    real *out;
} job;

static void forward_unit(void *context, int64_t unit)
{
    const job *j = context;
    const real *centre = j->centre + unit * j->features;
    for (int64_t i = 0; i < j->n; i += VL) {
        vec sum = {0};
        for (int64_t f = 0; f < j->features; f++) {
            vec distance = vec_load_row(j->x + f * j->n, i, j->n) - centre[f];
            sum += distance * distance;
        }
        vec_store_row(j->out + unit * j->n, i, j->n, sum);
    }
}

static void backward_feature(void *context, int64_t f)
{
    const job *j = context;
    real *dx = j->out + f * j->n;
    for (int64_t i = 0; i < j->n; i += VL) {
        vec x = vec_load_row(j->x + f * j->n, i, j->n), sum = {0};
        for (int64_t unit = 0; unit < j->units; unit++)
            sum += (x - j->centre[unit * j->features + f]) * vec_load_row(j->dy + unit * j->n, i, j->n);
        vec_store_row(dx, i, j->n, j->beta != 0 ? 2 * sum + vec_load_row(dx, i, j->n) : 2 * sum);
    }
}

void dt_cpu_rbf_forward(int64_t units, int64_t features, int64_t n, const real *x, const real *centre, real *y)
{
    job j = {.units = units, .features = features, .n = n, .x = x, .centre = centre, .out = y};
    dt_parallel_for(units, forward_unit, &j);
}

void dt_cpu_rbf_backward(int64_t units, int64_t features, int64_t n, const real *x, const real *centre, const real *dy,
                         real beta, real *dx)
{
    job j = {units, features, n, x, centre, dy, beta, dx};
    dt_parallel_for(features, backward_feature, &j);
}
