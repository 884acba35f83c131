#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

typedef struct {
    int64_t columns;
    const real *x, *coefficient, *bias, *dy;
    real beta;
    real *y, *dx, *dcoefficient, *dbias;
} job;

static void forward_channel(void *context, int64_t c)
{
    const job *j = context;
    const real *x = j->x + c * j->columns;
    real *y = j->y + c * j->columns, a = j->coefficient[c], b = j->bias[c];
    for (int64_t i = 0; i < j->columns; i++) y[i] = a * x[i] + b;
}

static void backward_channel(void *context, int64_t c)
{
    const job *j = context;
    const real *x = j->x + c * j->columns, *dy = j->dy + c * j->columns;
    real *dx = j->dx ? j->dx + c * j->columns : NULL, a = j->coefficient[c];
    vec sum = {0}, sum_x = {0};
    for (int64_t i = 0; i < j->columns; i += VL) {
        vec d = vec_load_row(dy, i, j->columns);
        sum += d;
        sum_x += d * vec_load_row(x, i, j->columns);
    }
    j->dbias[c] += vec_sum(sum);
    j->dcoefficient[c] += vec_sum(sum_x);
    if (dx && j->beta != 0)
        for (int64_t i = 0; i < j->columns; i++) dx[i] += a * dy[i];
    else if (dx)
        for (int64_t i = 0; i < j->columns; i++) dx[i] = a * dy[i];
}

void dt_cpu_affine_forward(int64_t channels, int64_t columns, const real *x, const real *coefficient, const real *bias,
                           real *y)
{
    job j = {.columns = columns, .x = x, .coefficient = coefficient, .bias = bias, .y = y};
    dt_parallel_for(channels, forward_channel, &j);
}

void dt_cpu_affine_backward(int64_t channels, int64_t columns, const real *x, const real *coefficient, const real *dy,
                            real beta, real *dx, real *dcoefficient, real *dbias)
{
    job j = {.columns = columns,
             .x = x,
             .coefficient = coefficient,
             .dy = dy,
             .beta = beta,
             .dx = dx,
             .dcoefficient = dcoefficient,
             .dbias = dbias};
    dt_parallel_for(channels, backward_channel, &j);
}
