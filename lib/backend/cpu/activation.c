#include "backend/cpu/kernels.h"
#include "backend/cpu/vecmath.h"
#include "core/error.h"
#include "core/threads.h"

enum { GRAIN = 16384 }; /* elements a piece: 64 KiB of float */

typedef struct {
    const dt_activation *f;
    const real *x, *y, *dy;
    real beta;
    real *out;
} job;

static vec value(const dt_activation *f, vec x)
{
    switch (f->kind) {
    case DT_TANH: return f->amplitude * vec_tanh(f->slope * x);
    case DT_SIGMOID: return 1 / (1 + vec_exp(-x));
    case DT_RELU: return vec_select(x > 0, x, vec_set(0));
    }
    dt_misuse("activation: unknown kind %d", (int)f->kind);
}

/* The derivative from the value: for tanh, a s (1 - (y/a)^2) = s (a - y^2 / a). */
static vec slope(const dt_activation *f, vec y)
{
    switch (f->kind) {
    case DT_TANH: return f->slope * (f->amplitude - y * y / f->amplitude);
    case DT_SIGMOID: return y * (1 - y);
    case DT_RELU: return vec_select(y > 0, vec_set(1), vec_set(0));
    }
    dt_misuse("activation: unknown kind %d", (int)f->kind);
}

static void forward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    int64_t i = first;
    for (; i + VL <= end; i += VL) vec_store(j->out + i, value(j->f, vec_load(j->x + i)));
    if (i < end) vec_store_part(j->out + i, value(j->f, vec_load_part(j->x + i, end - i)), end - i);
}

static void backward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    int64_t i = first;
    for (; i + VL <= end; i += VL) {
        vec dx = vec_load(j->dy + i) * slope(j->f, vec_load(j->y + i));
        vec_store(j->out + i, j->beta != 0 ? dx + vec_load(j->out + i) : dx);
    }
    if (i < end) {
        vec dx = vec_load_part(j->dy + i, end - i) * slope(j->f, vec_load_part(j->y + i, end - i));
        vec_store_part(j->out + i, j->beta != 0 ? dx + vec_load_part(j->out + i, end - i) : dx, end - i);
    }
}

void dt_cpu_activation_forward(const dt_activation *f, int64_t count, const real *x, real *y)
{
    job j = {.f = f, .x = x, .out = y};
    dt_parallel_ranges(count, GRAIN, forward_range, &j);
}

void dt_cpu_activation_backward(const dt_activation *f, int64_t count, const real *y, const real *dy, real beta, real *dx)
{
    job j = {.f = f, .y = y, .dy = dy, .beta = beta, .out = dx};
    dt_parallel_ranges(count, GRAIN, backward_range, &j);
}
