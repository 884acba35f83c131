/* A batch cut into shards, each of which runs forward and backward on a tape of its own, so that the threads meet once
 * a step instead of at every op, and each works in its own cache. Shards have a fixed size and go to a fixed number of
 * lanes (shard s to lane s modulo lanes), a lane adds up the gradients of its shards in order, and the lanes' gradients
 * are added in order: the bits do not depend on the number of threads. Where a layer mixes the examples of a batch
 * (batch normalisation), training takes one shard, the whole batch, and the threads meet within each op instead. */
#ifndef DT_TAPE_SHARDS_H
#define DT_TAPE_SHARDS_H

#include "tape/tape.h"

enum { DT_MAX_LANES = 8 };

typedef struct {
    const dt_backend *backend;
    dt_params *params;
    int64_t size; /* examples in a shard */
    int lanes;
    dt_tape *tape[DT_MAX_LANES];
    real *gradients[DT_MAX_LANES];
} dt_shards;

/* For batches of up to `batch` examples in shards of `size` (0: 32, or the whole batch if that is smaller or if a layer
 * mixes its examples). */
void dt_shards_init(dt_shards *shards, const dt_backend *backend, dt_params *params, int64_t batch, int64_t size);

/* The same with a single lane, for models of many parameters: the shards follow one another and the threads meet within
 * the ops, so there is one block of gradients, params->gradients, and the memory of one shard. */
void dt_shards_init_one_lane(dt_shards *shards, const dt_backend *backend, dt_params *params, int64_t batch,
                             int64_t size);
void dt_shards_free(dt_shards *shards);

/* Runs body(context, tape, first, count) for the shards of 0 .. n-1, each on a tape that was reset. With `recording`,
 * params->gradients then holds the sum of what the bodies' dt_backward added; a batch that needs more than one shard
 * although a layer mixes its examples is misuse. */
void dt_shards_run(dt_shards *shards, int64_t n, bool recording,
                   void (*body)(void *context, dt_tape *tape, int64_t first, int64_t count), void *context);

#endif
