#include "models/parity.h"

#include <math.h>

void parity_init(parity *m, dt_params *params, int64_t bits, int64_t hidden)
{
    dt_linear_init(&m->hidden, params, "hidden", bits, hidden);
    dt_linear_init(&m->out, params, "out", hidden, 1);
}

dt_var *parity_forward(const parity *m, dt_var *x)
{
    x = dt_sigmoid(dt_linear(&m->hidden, x)); /* [H,N] */
    return dt_sigmoid(dt_linear(&m->out, x)); /* [1,N] */
}

void parity_patterns(int64_t bits, real *x, real *t)
{
    int64_t n = (int64_t)1 << bits;
    for (int64_t i = 0; i < n; i++) {
        t[i] = 0;
        for (int64_t b = 0; b < bits; b++) {
            real bit = (real)(i >> b & 1);
            x[b * n + i] = bit;
            t[i] = bit != t[i]; /* exclusive or, bit by bit */
        }
    }
}

double parity_worst(const dt_var *y, const real *t)
{
    double worst = 0;
    for (int64_t i = 0; i < y->count; i++) {
        double off = fabs((double)y->value[i] - (double)t[i]);
        if (isnan(off)) return off;
        worst = fmax(worst, off);
    }
    return worst;
}

void parity_backward(dt_var *y, const real *t)
{
    real *dy = dt_arena_alloc(y->tape->arena, (size_t)y->count * sizeof *dy);
    for (int64_t i = 0; i < y->count; i++) dy[i] = (y->value[i] - t[i]) / (real)y->count;
    dt_backward_from(y, dy);
}
