/* Translation in training: bidirectional GRU of 256 units, additive attention, 8,000 words on both sides; 64 sentences
 * of 15 words, uniform random ones, plain SGD. */
#include <stdlib.h>

#include "bench.h"
#include "models/seq2seq.h"

enum { WORDS = 8000, UNITS = 256, N = 64, STEPS = 15, COUNT = STEPS * N };

typedef struct {
    seq2seq model;
    dt_params *params;
    dt_shards shards;
    dt_optimizer optimizer;
    int32_t *source[BATCHES], *target[BATCHES]; /* [STEPS,N]; [STEPS+1,N] */
    int64_t column[COUNT];
    int next;
} bench;

static void run(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    bench *b = context;
    const int32_t *target = b->target[b->next];
    (void)first, (void)count;
    const seq2seq_target y = {{target, STEPS, N}, b->column, target + N, COUNT};
    dt_backward(seq2seq_loss(&b->model, tape, (dt_symbols){b->source[b->next], STEPS, N}, &y, 0), 1 / (real)COUNT);
}

static void step(void *context)
{
    bench *b = context;
    dt_shards_run(&b->shards, N, true, run, b);
    dt_optimizer_step(&b->optimizer, &dt_cpu, b->params, 0.1);
    b->next = (b->next + 1) % BATCHES;
}

static int32_t *words_new(const char *purpose, int batch, int64_t count)
{
    int32_t *id = malloc((size_t)count * sizeof *id);
    dt_rng stream = dt_rng_stream(1, purpose, (uint64_t)batch);
    for (int64_t i = 0; i < count; i++) id[i] = (int32_t)dt_rng_below(stream, (uint64_t)i, WORDS);
    return id;
}

void time_seq2seq(void)
{
    static const char name[] = "seq2seq_gru256_b64x15_train";
    if (!chosen(name)) return;
    bench b = {.params = dt_params_new(1),
               .model = {.source = WORDS,
                         .target = WORDS,
                         .embedding = UNITS,
                         .hidden = UNITS,
                         .layers = 1,
                         .cell = DT_CELL_GRU,
                         .attention = SEQ2SEQ_ADDITIVE,
                         .bound = 0.5}};
    seq2seq_init(&b.model, b.params);
    dt_shards_init_one_lane(&b.shards, &dt_cpu, b.params, N, N);
    dt_optimizer_init(&b.optimizer, b.params, &(dt_optimizer_recipe){0});
    for (int i = 0; i < COUNT; i++) b.column[i] = i;
    for (int k = 0; k < BATCHES; k++) {
        b.source[k] = words_new("source", k, COUNT);
        b.target[k] = words_new("target", k, COUNT + N);
    }
    time_steps(name, step, &b, COUNT, "words/s");
    for (int k = 0; k < BATCHES; k++) free(b.source[k]), free(b.target[k]);
    dt_optimizer_free(&b.optimizer);
    dt_shards_free(&b.shards);
    dt_params_free(b.params);
}
