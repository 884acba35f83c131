#include "backend/cpu/cut.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

/* The contractive penalty of units [units,n] with weights [units,in]: norms and gradients unit by unit, losses a
 * register of examples over all units, in order. */
enum { GRAIN = 8192 }; /* numbers in a piece of units */

typedef struct {
    int64_t units, in, n;
    const real *h, *w, *dloss;
    const real *norm;
    real beta;
    real *out;
} job;

static vec load_slope(const job *j, int64_t unit, int64_t first, vec *h)
{
    *h = vec_load_row(j->h + unit * j->n, first, j->n);
    return *h * (1 - *h);
}

static void norm_range(void *context, int64_t unit, int64_t end)
{
    const job *j = context;
    for (; unit < end; unit++) {
        vec sum = {0};
        for (int64_t i = 0; i < j->in; i += VL) {
            const vec w = vec_load_row(j->w + unit * j->in, i, j->in);
            sum += w * w;
        }
        j->out[unit] = vec_sum(sum);
    }
}

static void loss_piece(void *context, int64_t i)
{
    const job *j = context;
    const int64_t first = i * VL;
    vec sum = {0}, h;
    for (int64_t unit = 0; unit < j->units; unit++) {
        const vec a = load_slope(j, unit, first, &h);
        sum += a * a * j->norm[unit];
    }
    vec_store_row(j->out, first, j->n, sum);
}

void dt_cpu_contraction_forward(int64_t units, int64_t in, int64_t n, const real *h, const real *w, real *norm,
                                real *loss)
{
    job j = {.units = units, .in = in, .n = n, .h = h, .w = w, .norm = norm, .out = norm};
    dt_parallel_ranges(units, 1 + GRAIN / in, norm_range, &j);
    j.out = loss;
    dt_parallel_for(pieces_of(n, VL), loss_piece, &j);
}

static void units_range(void *context, int64_t unit, int64_t end)
{
    const job *j = context;
    for (; unit < end; unit++)
        for (int64_t first = 0; first < j->n; first += VL) {
            vec h;
            const vec a = load_slope(j, unit, first, &h), dloss = vec_load_row(j->dloss, first, j->n);
            vec_add_row(j->out + unit * j->n, first, j->n, dloss * 2 * a * (1 - 2 * h) * j->norm[unit], j->beta);
        }
}

void dt_cpu_contraction_units_backward(int64_t units, int64_t n, const real *h, const real *norm, const real *dloss,
                                       real beta, real *dh)
{
    job j = {.units = units, .n = n, .h = h, .norm = norm, .dloss = dloss, .beta = beta, .out = dh};
    dt_parallel_ranges(units, 1 + GRAIN / n, units_range, &j);
}

static void weights_range(void *context, int64_t unit, int64_t end)
{
    const job *j = context;
    for (; unit < end; unit++) {
        vec sum = {0}, h;
        for (int64_t first = 0; first < j->n; first += VL) {
            const vec a = load_slope(j, unit, first, &h);
            sum += vec_load_row(j->dloss, first, j->n) * a * a;
        }
        const real factor = 2 * vec_sum(sum);
        for (int64_t i = 0; i < j->in; i += VL)
            vec_add_row(j->out + unit * j->in, i, j->in, factor * vec_load_row(j->w + unit * j->in, i, j->in), j->beta);
    }
}

void dt_cpu_contraction_weights_backward(int64_t units, int64_t in, int64_t n, const real *h, const real *w,
                                         const real *dloss, real beta, real *dw)
{
    job j = {.units = units, .in = in, .n = n, .h = h, .w = w, .dloss = dloss, .beta = beta, .out = dw};
    dt_parallel_ranges(units, 1 + GRAIN / (in + n), weights_range, &j);
}
