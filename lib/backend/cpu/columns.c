#include "backend/cpu/kernels.h"
#include "core/threads.h"

enum { FEATURES = 16 };

typedef struct {
    int64_t n, count;
    const real *const *step;
    real *const *dstep;
    const int64_t *column;
    const real *dy;
    real *y;
} job;

static void forward_features(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t f = first; f < end; f++)
        for (int64_t i = 0; i < j->count; i++)
            j->y[f * j->count + i] = j->step[j->column[i] / j->n][f * j->n + j->column[i] % j->n];
}

/* A column may have been taken twice: one thread adds all there is to a feature, in order. */
static void backward_features(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t f = first; f < end; f++)
        for (int64_t i = 0; i < j->count; i++) {
            real *to = j->dstep[j->column[i] / j->n];
            if (to) to[f * j->n + j->column[i] % j->n] += j->dy[f * j->count + i];
        }
}

void dt_cpu_columns_forward(int64_t features, int64_t n, int64_t count, const real *const *step, const int64_t *column,
                            real *y)
{
    job j = {.n = n, .count = count, .step = step, .column = column, .y = y};
    dt_parallel_ranges(features, FEATURES, forward_features, &j);
}

void dt_cpu_columns_backward(int64_t features, int64_t n, int64_t count, const real *dy, const int64_t *column,
                             real *const *dstep)
{
    job j = {.n = n, .count = count, .dy = dy, .column = column, .dstep = dstep};
    dt_parallel_ranges(features, FEATURES, backward_features, &j);
}
