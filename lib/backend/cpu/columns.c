#include <string.h>

#include "backend/cpu/kernels.h"
#include "core/threads.h"

enum { FEATURES = 16 };

typedef struct {
    int64_t features, n, count;
    const int64_t *column;
    const real *x, *dy;
    real *dx, *y;
} job;

/* Where a column begins in a sequence. */
static inline int64_t place(const job *j, int64_t i)
{
    return j->column[i] / j->n * j->features * j->n + j->column[i] % j->n;
}

/* How many columns from the i-th on lie side by side. */
static int64_t run_of(const job *j, int64_t i)
{
    int64_t run = 1;
    while (i + run < j->count && j->column[i + run] == j->column[i] + run && j->column[i + run] % j->n) run++;
    return run;
}

static void forward_features(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = 0, run; i < j->count; i += run) {
        const real *from = j->x + place(j, i);
        run = run_of(j, i);
        for (int64_t f = first; f < end; f++)
            memcpy(j->y + f * j->count + i, from + f * j->n, (size_t)run * sizeof *from);
    }
}

/* A column may have been taken twice: one thread adds all there is to a feature, in order. */
static void backward_features(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = 0, run; i < j->count; i += run) {
        real *to = j->dx + place(j, i);
        run = run_of(j, i);
        for (int64_t f = first; f < end; f++)
            for (int64_t k = 0; k < run; k++) to[f * j->n + k] += j->dy[f * j->count + i + k];
    }
}

void dt_cpu_columns_forward(int64_t features, int64_t n, int64_t count, const real *x, const int64_t *column, real *y)
{
    job j = {.features = features, .n = n, .count = count, .x = x, .column = column, .y = y};
    dt_parallel_ranges(features, FEATURES, forward_features, &j);
}

void dt_cpu_columns_backward(int64_t features, int64_t n, int64_t count, const real *dy, const int64_t *column,
                             real *dx)
{
    job j = {.features = features, .n = n, .count = count, .dy = dy, .column = column, .dx = dx};
    dt_parallel_ranges(features, FEATURES, backward_features, &j);
}
