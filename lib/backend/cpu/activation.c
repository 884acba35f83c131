#include "backend/cpu/kernels.h"
#include "backend/cpu/vecmath.h"
#include "core/error.h"
#include "core/threads.h"

enum { GRAIN = 8192 }; /* elements a piece: 32 KiB of float */

static const real MOST = (real)3e38; /* from 2^25 on softsign rounds to 1 anyway */

typedef struct {
    const dt_activation *f;
    const real *x, *y, *dy;
    real beta;
    real *out;
} job;

/* The functions below are inlined with a constant kind, so that the loops do not choose. */
#define INLINE static inline __attribute__((always_inline))

INLINE vec magnitude(vec x)
{
    return vec_select(x < 0, -x, x);
}

/* x / (1 + |x|), also at the infinite ends. */
INLINE vec softsign(vec x)
{
    vec size = magnitude(x), y = x / (1 + size);
    return vec_select(size > MOST, vec_select(x < 0, vec_set(-1), vec_set(1)), y);
}

INLINE vec value(dt_activation_kind kind, const dt_activation *f, vec x)
{
    switch (kind) {
    case DT_TANH:
        return f->amplitude * vec_tanh(f->slope * x);
    case DT_SIGMOID:
        return 1 / (1 + vec_exp(-x));
    case DT_RELU:
        return vec_select(x <= 0, vec_set(0), x); /* in this order a NaN stays one */
    case DT_SOFTSIGN:
        return softsign(x);
    case DT_LEAKY_RELU:
        return vec_select(x <= 0, f->slope * x, x);
    }
    return x;
}

/* The derivative from the value: for tanh, a s (1 - (y/a)^2) = s a - (s/a) y^2. */
INLINE vec slope(dt_activation_kind kind, const dt_activation *f, vec y)
{
    switch (kind) {
    case DT_TANH:
        return f->slope * f->amplitude - (f->slope / f->amplitude) * (y * y);
    case DT_SIGMOID:
        return y * (1 - y);
    case DT_RELU:
        return vec_select(y > 0, vec_set(1), vec_set(0));
    case DT_SOFTSIGN:
        return (1 - magnitude(y)) * (1 - magnitude(y));
    case DT_LEAKY_RELU:
        return vec_select(y > 0, vec_set(1), vec_set(f->slope));
    }
    return y;
}

INLINE void forward_as(dt_activation_kind kind, const job *j, int64_t first, int64_t end)
{
    int64_t i = first;
    for (; i + VL <= end; i += VL) vec_store(j->out + i, value(kind, j->f, vec_load(j->x + i)));
    if (i < end) vec_store_part(j->out + i, value(kind, j->f, vec_load_part(j->x + i, end - i)), end - i);
}

INLINE void backward_as(dt_activation_kind kind, bool add, const job *j, int64_t first, int64_t end)
{
    int64_t i = first;
    for (; i + VL <= end; i += VL) {
        vec dx = vec_load(j->dy + i) * slope(kind, j->f, vec_load(j->y + i));
        vec_store(j->out + i, add ? dx + vec_load(j->out + i) : dx);
    }
    if (i < end) {
        vec dx = vec_load_part(j->dy + i, end - i) * slope(kind, j->f, vec_load_part(j->y + i, end - i));
        vec_store_part(j->out + i, add ? dx + vec_load_part(j->out + i, end - i) : dx, end - i);
    }
}

static void forward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    switch (j->f->kind) {
    case DT_TANH:
        forward_as(DT_TANH, j, first, end);
        return;
    case DT_SIGMOID:
        forward_as(DT_SIGMOID, j, first, end);
        return;
    case DT_RELU:
        forward_as(DT_RELU, j, first, end);
        return;
    case DT_SOFTSIGN:
        forward_as(DT_SOFTSIGN, j, first, end);
        return;
    case DT_LEAKY_RELU:
        forward_as(DT_LEAKY_RELU, j, first, end);
        return;
    }
    dt_misuse("activation: unknown kind %d", (int)j->f->kind);
}

static void backward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    bool add = j->beta != 0;
    switch (j->f->kind) {
    case DT_TANH:
        add ? backward_as(DT_TANH, true, j, first, end) : backward_as(DT_TANH, false, j, first, end);
        return;
    case DT_SIGMOID:
        backward_as(DT_SIGMOID, add, j, first, end);
        return;
    case DT_RELU:
        add ? backward_as(DT_RELU, true, j, first, end) : backward_as(DT_RELU, false, j, first, end);
        return;
    case DT_SOFTSIGN:
        backward_as(DT_SOFTSIGN, add, j, first, end);
        return;
    case DT_LEAKY_RELU:
        backward_as(DT_LEAKY_RELU, add, j, first, end);
        return;
    }
    dt_misuse("activation: unknown kind %d", (int)j->f->kind);
}

void dt_cpu_activation_forward(const dt_activation *f, int64_t count, const real *x, real *y)
{
    job j = {.f = f, .x = x, .out = y};
    dt_parallel_ranges(count, GRAIN, forward_range, &j);
}

void dt_cpu_activation_backward(const dt_activation *f, int64_t count, const real *y, const real *dy, real beta,
                                real *dx)
{
    job j = {.f = f, .y = y, .dy = dy, .beta = beta, .out = dx};
    dt_parallel_ranges(count, GRAIN, backward_range, &j);
}
