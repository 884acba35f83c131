/* What `make tsan` runs beside a short training: Criterion itself does not start under the thread sanitizer. Loops of
 * all sizes while the number of threads changes, and whole training steps in several lanes; the results must be those
 * of one thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ditto.h"
#include "models/lenet5.h"

enum { BATCH = 24, SHARD = 4, STEPS = 3 };

static void mark(void *context, int64_t i)
{
    ((int *)context)[i]++;
}

static void mark_range(void *context, int64_t first, int64_t end)
{
    for (int64_t i = first; i < end; i++) ((int *)context)[i]++;
}

/* Plain, not atomic, counters: a piece that runs twice or on after the loop's end is a race. */
static int wrong_loops(void)
{
    enum { MOST = 300 };
    int wrong = 0;
    for (int64_t turn = 0; turn < 4000; turn++) {
        if (turn % 200 == 0) dt_threads_set(1 + (int)(turn / 200 % 5));
        int64_t n = turn * 7 % MOST;
        int visits[MOST] = {0};
        dt_parallel_for(n, mark, visits);
        dt_parallel_ranges(n, 8, mark_range, visits);
        for (int64_t i = 0; i < MOST; i++) wrong += visits[i] != (i < n ? 2 : 0);
    }
    return wrong;
}

typedef struct {
    const lenet5 *model;
    int32_t labels[BATCH];
} step;

static void run_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const step *s = context;
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, 32, 32, count});
    dt_rng stream = dt_rng_stream(5, "stress", (uint64_t)first);
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)dt_rng_uniform(stream, (uint64_t)i);
    dt_backward(dt_map_loss(lenet5_forward(s->model, x), s->labels + first, 1), 1 / (real)BATCH);
}

/* Trains a few steps on that many threads; the parameters go to `values`. Returns how many numbers they are. */
static int64_t train(int threads, int64_t shard, real **values)
{
    dt_params *params = dt_params_new(1);
    lenet5 model;
    lenet5_init(&model, params);
    dt_shards shards;
    dt_optimizer optimizer;
    dt_threads_set(threads);
    dt_shards_init(&shards, &dt_cpu, params, BATCH, shard);
    dt_optimizer_init(&optimizer, params, &(dt_optimizer_recipe){.momentum = 0.9});
    step s = {.model = &model};
    for (int i = 0; i < BATCH; i++) s.labels[i] = i % 10;
    for (int i = 0; i < STEPS; i++) {
        dt_shards_run(&shards, BATCH, true, run_shard, &s);
        dt_optimizer_step(&optimizer, &dt_cpu, params, 1e-4);
    }
    int64_t size = params->size;
    *values = malloc((size_t)size * sizeof **values);
    if (*values) memcpy(*values, params->values, (size_t)size * sizeof **values);
    dt_optimizer_free(&optimizer);
    dt_shards_free(&shards);
    dt_params_free(params);
    return size;
}

/* Shards of 4 meet once a step; one shard of all leaves the threads to the kernels. */
static int differing_steps(void)
{
    int differing = 0;
    static const int64_t sizes[] = {SHARD, BATCH};
    for (int i = 0; i < 2; i++) {
        real *one, *many;
        int64_t size = train(1, sizes[i], &one);
        for (int threads = 2; threads <= 4; threads++) {
            train(threads, sizes[i], &many);
            differing += !one || !many || memcmp(one, many, (size_t)size * sizeof *one) != 0;
            free(many);
        }
        free(one);
    }
    return differing;
}

int main(void)
{
    int wrong = wrong_loops(), differing = differing_steps();
    printf("threads: %d wrong visits, %d trainings that differ from that of one thread\n", wrong, differing);
    return wrong || differing;
}
