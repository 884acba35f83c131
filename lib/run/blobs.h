/* What a checkpoint keeps of any training: the parameters and the optimizer's state. */
#ifndef DT_RUN_BLOBS_H
#define DT_RUN_BLOBS_H

#include "optim/optimizer.h"
#include "run/checkpoint.h"

enum { DT_BLOBS = 2 + DT_OPTIMIZER_BLOCKS };

/* Good until the parameters or the optimizer are freed. Returns how many there are. */
int dt_blobs_of(const dt_params *params, const dt_optimizer *optimizer, dt_blob blobs[DT_BLOBS]);

#endif
