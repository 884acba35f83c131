#include <math.h>

#include "backend/cpu/kernels.h"
#include "core/threads.h"

enum { GRAIN = 8192 }; /* numbers in a piece */

typedef struct {
    const dt_sgd_update *u;
    int64_t parts, columns;
    const real *const *part;
    const real *in;
    real factor;
    real *velocity, *out;
} job;

static void sum_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i++) j->out[i] = j->part[0][i];
    for (int64_t p = 1; p < j->parts; p++)
        for (int64_t i = first; i < end; i++) j->out[i] += j->part[p][i];
}

static void copy_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    if (j->factor == 0)
        for (int64_t i = first; i < end; i++) j->out[i] = j->in[i];
    else
        for (int64_t i = first; i < end; i++) j->out[i] += j->in[i];
}

static void scale_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i++) j->out[i] *= j->factor;
}

static void average_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i++) j->out[i] += j->factor * (j->in[i] - j->out[i]);
}

/* first .. end are rows of `columns` numbers. */
static void clip_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t r = first; r < end; r++) {
        real *row = j->out + r * j->columns;
        double norm = sqrt(dt_sum_squares(j->columns, row));
        if (!(norm > (double)j->factor)) continue;
        real factor = (real)((double)j->factor / norm);
        for (int64_t i = 0; i < j->columns; i++) row[i] *= factor;
    }
}

static void clamp_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const real most = j->factor;
    for (int64_t i = first; i < end; i++) {
        real x = j->out[i] > most ? most : j->out[i];
        j->out[i] = x < -most ? -most : x;
    }
}

static void sgd_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const real lr = j->u->lr, momentum = j->u->momentum, decay = j->u->weight_decay;
    const real *restrict gradient = j->in;
    real *restrict velocity = j->velocity, *restrict weights = j->out;
    if (momentum == 0) {
        for (int64_t i = first; i < end; i++) weights[i] -= lr * (gradient[i] + decay * weights[i]);
    } else if (j->u->nesterov) {
        for (int64_t i = first; i < end; i++) {
            real g = gradient[i] + decay * weights[i];
            velocity[i] = momentum * velocity[i] + g;
            weights[i] -= lr * (g + momentum * velocity[i]);
        }
    } else {
        for (int64_t i = first; i < end; i++) {
            velocity[i] = momentum * velocity[i] + (gradient[i] + decay * weights[i]);
            weights[i] -= lr * velocity[i];
        }
    }
}

void dt_cpu_sum_parts(int64_t count, int64_t parts, const real *const *part, real *sum)
{
    job j = {.parts = parts, .part = part, .out = sum};
    dt_parallel_ranges(count, GRAIN, sum_range, &j);
}

void dt_cpu_copy(int64_t count, const real *x, real beta, real *y)
{
    job j = {.in = x, .factor = beta, .out = y};
    dt_parallel_ranges(count, GRAIN, copy_range, &j);
}

void dt_cpu_clamp(int64_t count, real most, real *x)
{
    job j = {.factor = most, .out = x};
    dt_parallel_ranges(count, GRAIN, clamp_range, &j);
}

void dt_cpu_scale(int64_t count, real factor, real *x)
{
    job j = {.factor = factor, .out = x};
    dt_parallel_ranges(count, GRAIN, scale_range, &j);
}

void dt_cpu_average_step(int64_t count, real rate, const real *x, real *average)
{
    job j = {.in = x, .factor = rate, .out = average};
    dt_parallel_ranges(count, GRAIN, average_range, &j);
}

void dt_cpu_clip_rows(int64_t rows, int64_t columns, real most, real *x)
{
    job j = {.columns = columns, .factor = most, .out = x};
    dt_parallel_ranges(rows, columns < GRAIN ? GRAIN / columns : 1, clip_range, &j);
}

void dt_cpu_sgd_step(const dt_sgd_update *u, int64_t count, const real *gradient, real *velocity, real *weights)
{
    job j = {.u = u, .in = gradient, .velocity = velocity, .out = weights};
    dt_parallel_ranges(count, GRAIN, sgd_range, &j);
}
