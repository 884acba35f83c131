#include "tape/shards.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/threads.h"

/* SMALL: parameters times examples of a step that one thread has done before two have met a few dozen times. */
enum { DEFAULT_SIZE = 32, SMALL = 1000000 };

typedef struct {
    dt_shards *shards;
    int64_t n;
    bool recording;
    void (*body)(void *, dt_tape *, int64_t, int64_t);
    void *context;
} job;

static void init(dt_shards *shards, const dt_backend *backend, dt_params *params, int64_t batch, int64_t size,
                 int64_t most_lanes)
{
    DT_REQUIRE(batch > 0 && size >= 0, "dt_shards_init: batch %lld in shards of %lld", (long long)batch,
               (long long)size);
    if (size == 0) size = params->mixer[0] ? batch : DEFAULT_SIZE;
    if (size > batch) size = batch;
    int64_t count = (batch + size - 1) / size;
    *shards = (dt_shards){backend, params, size, (int)(count < most_lanes ? count : most_lanes), {0}, {0}};
    for (int i = 0; i < shards->lanes; i++) {
        if (shards->lanes > 1) {
            shards->gradients[i] = aligned_alloc(64, (size_t)params->size * sizeof(real));
            DT_REQUIRE(shards->gradients[i], "dt_shards_init: out of memory");
        }
        shards->tape[i] = dt_tape_new(backend, params, shards->gradients[i]);
    }
}

void dt_shards_init(dt_shards *shards, const dt_backend *backend, dt_params *params, int64_t batch, int64_t size)
{
    init(shards, backend, params, batch, size, DT_MAX_LANES);
}

void dt_shards_init_one_lane(dt_shards *shards, const dt_backend *backend, dt_params *params, int64_t batch,
                             int64_t size)
{
    init(shards, backend, params, batch, size, 1);
}

void dt_shards_free(dt_shards *shards)
{
    for (int i = 0; i < shards->lanes; i++) {
        dt_tape_free(shards->tape[i]);
        free(shards->gradients[i]);
    }
    *shards = (dt_shards){0};
}

static void run_lane(void *context, int64_t lane)
{
    const job *j = context;
    dt_shards *shards = j->shards;
    dt_tape *tape = shards->tape[lane];
    tape->recording = j->recording;
    if (j->recording) dt_tape_begin(tape);
    for (int64_t first = lane * shards->size; first < j->n; first += shards->lanes * shards->size) {
        dt_tape_reset(tape);
        int64_t left = j->n - first;
        j->body(j->context, tape, first, left < shards->size ? left : shards->size);
    }
    if (j->recording) dt_tape_end(tape);
    dt_at(NULL, 0); /* what goes wrong from here on is not the last op's doing */
}

void dt_shards_run(dt_shards *shards, int64_t n, bool recording,
                   void (*body)(void *context, dt_tape *tape, int64_t first, int64_t count), void *context)
{
    const char *mixer = shards->params->mixer;
    DT_REQUIRE(!recording || !mixer[0] || n <= shards->size,
               "a batch of %lld in shards of %lld, but \"%s\" mixes its examples: let the shard be 0 (the whole batch)",
               (long long)n, (long long)shards->size, mixer);
    job j = {shards, n, recording, body, context};
    if (shards->lanes == 1 && n * shards->params->size < SMALL)
        dt_serial(run_lane, &j);
    else
        dt_parallel_for(shards->lanes, run_lane, &j);
    if (recording && shards->lanes > 1)
        dt_kernel(shards->backend, sum_parts)(shards->params->size, shards->lanes,
                                              (const real *const *)shards->gradients, shards->params->gradients);
}
