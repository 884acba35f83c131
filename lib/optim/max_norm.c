#include "optim/max_norm.h"

#include "core/error.h"

void dt_max_norm(dt_params *params, const dt_backend *backend, double most)
{
    if (most == 0) return;
    for (int i = 0; i < params->n; i++) {
        const dt_param *p = params->list[i];
        if (p->rank == 1 || !p->decays) continue;
        DT_REQUIRE(p->rank != 3, "dt_max_norm: %s belongs to a convolution with a connection table", p->name);
        dt_kernel(backend, clip_rows)(p->dim[0], p->count / p->dim[0], (real)most, params->values + p->offset);
    }
}
