#include "optim/sgd.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

void dt_sgd_init(dt_sgd *sgd, const dt_params *params, double momentum, bool nesterov, double weight_decay)
{
    size_t bytes = (size_t)params->size * sizeof(real);
    *sgd = (dt_sgd){momentum, weight_decay, nesterov, aligned_alloc(64, bytes)};
    DT_REQUIRE(sgd->velocity, "dt_sgd_init: out of memory");
    memset(sgd->velocity, 0, bytes);
}

void dt_sgd_free(dt_sgd *sgd)
{
    free(sgd->velocity);
    *sgd = (dt_sgd){0};
}

void dt_sgd_step(dt_sgd *sgd, const dt_backend *backend, dt_params *params, double lr)
{
    dt_sgd_update update = {(real)lr, (real)sgd->momentum, 0, sgd->nesterov};
    for (int i = 0; i < params->n; i++) {
        const dt_param *p = params->list[i];
        update.weight_decay = p->decays ? (real)sgd->weight_decay : 0;
        dt_kernel(backend, sgd_step)(&update, p->count, params->gradients + p->offset, sgd->velocity + p->offset,
                                     params->values + p->offset);
    }
}
