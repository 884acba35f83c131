#include "optim/average.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

void dt_average_init(dt_average *a, const dt_params *params, double decay, int64_t from)
{
    DT_REQUIRE(decay >= 0 && decay < 1 && from >= 0,
               "dt_average_init: decay %g must be at least 0 and below 1, and from %lld at least 0", decay,
               (long long)from);
    size_t bytes = (size_t)params->size * sizeof(real);
    *a = (dt_average){.decay = decay, .from = from, .values = aligned_alloc(64, bytes)};
    DT_REQUIRE(a->values, "dt_average_init: out of memory");
    memset(a->values, 0, bytes);
}

void dt_average_free(dt_average *a)
{
    free(a->values);
    *a = (dt_average){0};
}

/* Both averages are average += rate_t (w_t - average), with rate_1 = 1. */
void dt_average_step(dt_average *a, const dt_backend *backend, const dt_params *params)
{
    DT_REQUIRE(!a->swapped, "dt_average_step: the parameters are swapped for their averages");
    if (++a->steps <= a->from) return;
    double t = (double)(a->steps - a->from), rate = a->decay == 0 ? 1 / t : (1 - a->decay) / (1 - pow(a->decay, t));
    if (t == 1)
        dt_kernel(backend, copy)(params->size, params->values, 0, a->values);
    else
        dt_kernel(backend, average_step)(params->size, (real)rate, params->values, a->values);
}

void dt_average_swap(dt_average *a, dt_params *params)
{
    if (!a->swapped && a->steps <= a->from) memcpy(a->values, params->values, (size_t)params->size * sizeof *a->values);
    real *values = params->values;
    params->values = a->values;
    a->values = values;
    a->swapped = !a->swapped;
}
