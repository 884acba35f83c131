/* Language models in training: uniform random symbols, plain SGD without clipping, the states carried over from step to
 * step; a step is zero gradients, forward, mean loss, backward, update. */
#include <stdlib.h>

#include "bench.h"
#include "models/recurrent_lm.h"

typedef struct {
    const char *name, *unit;
    recurrent_lm model;
    int64_t steps, n;
    bool infer;
} workload;

typedef struct {
    const workload *w;
    recurrent_lm model;
    recurrent_lm_state state;
    dt_params *params;
    dt_shards shards;
    dt_optimizer optimizer;
    int32_t *id[BATCHES]; /* [steps+1,n] */
    int next;
} bench;

static void run(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    bench *b = context;
    const int32_t *id = b->id[b->next];
    (void)first;
    const dt_symbols x = {id, b->w->steps, count};
    if (b->w->infer)
        recurrent_lm_scores(&b->model, tape, x, &b->state);
    else
        dt_backward(recurrent_lm_loss(&b->model, tape, x, id + count, &b->state), 1 / (real)(b->w->steps * b->w->n));
}

static void step(void *context)
{
    bench *b = context;
    dt_shards_run(&b->shards, b->w->n, !b->w->infer, run, b);
    if (!b->w->infer) dt_optimizer_step(&b->optimizer, &dt_cpu, b->params, 0.1);
    b->next = (b->next + 1) % BATCHES;
}

static void time_workload(const workload *w)
{
    bench b = {.w = w, .model = w->model, .params = dt_params_new(1)};
    recurrent_lm_init(&b.model, b.params);
    recurrent_lm_state_init(&b.state, &b.model, w->n);
    dt_shards_init(&b.shards, &dt_cpu, b.params, w->n, w->n);
    dt_optimizer_init(&b.optimizer, b.params, &(dt_optimizer_recipe){0});
    const int64_t count = (w->steps + 1) * w->n;
    for (int k = 0; k < BATCHES; k++) {
        dt_rng stream = dt_rng_stream(1, "symbols", (uint64_t)k);
        b.id[k] = malloc((size_t)count * sizeof *b.id[k]);
        for (int64_t i = 0; i < count; i++)
            b.id[k][i] = (int32_t)dt_rng_below(stream, (uint64_t)i, (uint32_t)w->model.vocabulary);
    }
    time_steps(w->name, step, &b, w->steps * w->n, w->unit);
    for (int k = 0; k < BATCHES; k++) free(b.id[k]);
    dt_optimizer_free(&b.optimizer);
    dt_shards_free(&b.shards);
    recurrent_lm_state_free(&b.state);
    dt_params_free(b.params);
}

#define CHARS(cell_, units)                                                          \
    {                                                                                \
        .vocabulary = 65, .hidden = units, .layers = 2, .cell = cell_, .bound = 0.06 \
    }
#define WORDS(cell_)                                                                                    \
    {                                                                                                   \
        .vocabulary = 10000, .embedding = 200, .hidden = 200, .layers = 2, .cell = cell_, .bound = 0.07 \
    }

void time_recurrent(void)
{
    static const workload workloads[] = {
        {"charlstm256_b50x50_train", "chars/s", CHARS(DT_CELL_LSTM, 256), 50, 50, false},
        {"charlstm512_b50x50_train", "chars/s", CHARS(DT_CELL_LSTM, 512), 50, 50, false},
        {"charlstm512_b50x50_infer", "chars/s", CHARS(DT_CELL_LSTM, 512), 50, 50, true},
        {"chargru256_b50x50_train", "chars/s", CHARS(DT_CELL_GRU, 256), 50, 50, false},
        {"wordlm_srn200_b20x35_train", "words/s", WORDS(DT_CELL_TANH), 35, 20, false},
        {"wordlm_lstm200_b20x35_train", "words/s", WORDS(DT_CELL_LSTM), 35, 20, false},
    };
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (chosen(workloads[i].name)) time_workload(&workloads[i]);
}
