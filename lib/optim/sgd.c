#include "optim/sgd.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

enum { ALIGN = 64 };

void dt_sgd_init(dt_sgd *sgd, const dt_params *params, double momentum, bool nesterov, double weight_decay)
{
    size_t bytes = (size_t)params->size * sizeof(real);
    *sgd = (dt_sgd){momentum, weight_decay, nesterov, aligned_alloc(ALIGN, bytes)};
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
    /* Neighbours that are treated alike are one call. */
    for (int i = 0; i < params->n;) {
        const dt_param *first = params->list[i];
        while (i < params->n && (sgd->weight_decay == 0 || params->list[i]->decays == first->decays)) i++;
        int64_t end = i < params->n ? params->list[i]->offset : params->size;
        update.weight_decay = first->decays ? (real)sgd->weight_decay : 0;
        dt_kernel(backend, sgd_step)(&update, end - first->offset, params->gradients + first->offset,
                                     sgd->velocity + first->offset, params->values + first->offset);
    }
}
