#include "run/blobs.h"

int dt_blobs_of(const dt_params *params, const dt_optimizer *optimizer, dt_blob blobs[DT_BLOBS])
{
    static const char *const names[DT_OPTIMIZER_BLOCKS] = {"optimizer/1", "optimizer/2"};
    const size_t bytes = (size_t)params->size * sizeof(real);
    int n = 0;
    blobs[n++] = (dt_blob){"parameters", params->values, bytes};
    for (int i = 0; i < optimizer->blocks; i++) blobs[n++] = (dt_blob){names[i], optimizer->block[i], bytes};
    blobs[n++] = (dt_blob){"optimizer/steps", (void *)(uintptr_t)&optimizer->steps, sizeof optimizer->steps};
    return n;
}
