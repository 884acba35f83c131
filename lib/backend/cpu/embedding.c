#include "backend/cpu/kernels.h"
#include "core/threads.h"

enum { FEATURES = 16 }; /* a cache line of a row; one thread adds to it in the order of the symbols */

typedef struct {
    int64_t steps, features, n;
    const int32_t *id;
    const real *table, *dy;
    real *y, *dtable;
} job;

static void forward_step(void *context, int64_t t)
{
    const job *j = context;
    for (int64_t i = 0; i < j->n; i++) {
        const real *row = j->table + j->id[t * j->n + i] * j->features;
        real *y = j->y + t * j->features * j->n + i;
        for (int64_t f = 0; f < j->features; f++) y[f * j->n] = row[f];
    }
}

static void backward_features(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t t = 0; t < j->steps; t++)
        for (int64_t i = 0; i < j->n; i++) {
            real *row = j->dtable + j->id[t * j->n + i] * j->features;
            const real *dy = j->dy + t * j->features * j->n + i;
            for (int64_t f = first; f < end; f++) row[f] += dy[f * j->n];
        }
}

void dt_cpu_embedding_forward(int64_t steps, int64_t features, int64_t n, const int32_t *id, const real *table, real *y)
{
    job j = {.steps = steps, .features = features, .n = n, .id = id, .table = table, .y = y};
    dt_parallel_for(steps, forward_step, &j);
}

void dt_cpu_embedding_backward(int64_t steps, int64_t features, int64_t n, const int32_t *id, const real *dy,
                               real *dtable)
{
    job j = {.steps = steps, .features = features, .n = n, .id = id, .dy = dy, .dtable = dtable};
    dt_parallel_ranges(features, FEATURES, backward_features, &j);
}
