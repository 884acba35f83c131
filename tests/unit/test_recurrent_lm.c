/* Language models: states handed on from batch to batch, training that learns, one symbol at a time. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "misuse.h"
#include "models/recurrent_lm.h"

enum { STEPS = 8, COLUMNS = 4, SYMBOLS = 5 };

typedef struct {
    recurrent_lm model;
    dt_params *params;
    dt_tape *tape;
    recurrent_lm_state state;
} sample;

static void sample_init(sample *s, dt_cell cell, int64_t embedding)
{
    *s = (sample){.params = dt_params_new(3),
                  .model = {.vocabulary = SYMBOLS,
                            .embedding = embedding,
                            .hidden = 12,
                            .layers = 2,
                            .cell = cell,
                            .bound = 0.3,
                            .forget_bias = 1}};
    recurrent_lm_init(&s->model, s->params);
    recurrent_lm_state_init(&s->state, &s->model, COLUMNS);
    s->tape = dt_tape_new(&dt_cpu, s->params, NULL);
}

static void sample_free(sample *s)
{
    recurrent_lm_state_free(&s->state);
    dt_tape_free(s->tape);
    dt_params_free(s->params);
}

/* A text that goes round, each column at another place: id [STEPS+1,COLUMNS]. */
static void text_at(int64_t from, int32_t *id)
{
    for (int64_t t = 0; t <= STEPS; t++)
        for (int64_t i = 0; i < COLUMNS; i++) id[t * COLUMNS + i] = (int32_t)((from + t + i) % SYMBOLS);
}

static double train(sample *s, int steps)
{
    int32_t id[(STEPS + 1) * COLUMNS];
    dt_optimizer optimizer;
    dt_optimizer_init(&optimizer, s->params, &(dt_optimizer_recipe){DT_USUAL_ADAM});
    double mean = 0;
    for (int step = 0; step < steps; step++) {
        text_at(step * STEPS, id);
        dt_tape_reset(s->tape);
        dt_params_zero_gradients(s->params);
        dt_var *loss = recurrent_lm_loss(&s->model, s->tape, (dt_symbols){id, STEPS, COLUMNS}, id + COLUMNS, &s->state);
        mean = 0;
        for (int64_t i = 0; i < loss->count; i++) mean += (double)loss->value[i] / (double)loss->count;
        dt_backward(loss, 1 / (real)loss->count);
        dt_params_clip(s->params, &dt_cpu, 1);
        dt_optimizer_step(&optimizer, &dt_cpu, s->params, 0.02);
    }
    dt_optimizer_free(&optimizer);
    return mean;
}

static const struct {
    dt_cell cell;
    int64_t embedding;
} kinds[] = {{DT_CELL_TANH, 0}, {DT_CELL_LSTM, 0}, {DT_CELL_GRU, 3}, {DT_CELL_LSTM, 7}};
enum { KINDS = sizeof kinds / sizeof *kinds };

Test(recurrent_lm, learns_a_round)
{
    for (int k = 0; k < KINDS; k++) {
        sample s;
        sample_init(&s, kinds[k].cell, kinds[k].embedding);
        double before = train(&s, 1), after = train(&s, 150);
        cr_expect(fabs(before - log(SYMBOLS)) < 0.3 && after < 0.1, "kind %d: from %g to %g nats", k, before, after);
        sample_free(&s);
    }
}

/* The states after a batch are the ones that symbol after symbol gives, and so are the scores. */
Test(recurrent_lm, one_symbol_at_a_time_is_the_same)
{
    for (int k = 0; k < KINDS; k++) {
        sample s;
        sample_init(&s, kinds[k].cell, kinds[k].embedding);
        int32_t id[(STEPS + 1) * COLUMNS];
        text_at(2, id);
        recurrent_lm_state single;
        recurrent_lm_state_init(&single, &s.model, COLUMNS);
        s.tape->recording = false;
        dt_var *whole = recurrent_lm_scores(&s.model, s.tape, (dt_symbols){id, STEPS, COLUMNS}, &s.state);
        for (int64_t t = 0; t < STEPS; t++) {
            dt_var *one = recurrent_lm_scores(&s.model, s.tape, (dt_symbols){id + t * COLUMNS, 1, COLUMNS}, &single);
            cr_expect(memcmp(one->value, whole->value + t * one->count, (size_t)one->count * sizeof(real)) == 0,
                      "kind %d, step %d", k, (int)t);
        }
        cr_expect(memcmp(single.block, s.state.block, (size_t)single.count * sizeof(real)) == 0, "kind %d", k);
        recurrent_lm_state_free(&single);
        sample_free(&s);
    }
}

/* The loss that is fused with its scores is the softmax of these scores. */
Test(recurrent_lm, loss_and_scores_agree)
{
    sample s;
    sample_init(&s, DT_CELL_GRU, 3);
    int32_t id[(STEPS + 1) * COLUMNS];
    text_at(1, id);
    recurrent_lm_state other;
    recurrent_lm_state_init(&other, &s.model, COLUMNS);
    dt_var *loss = recurrent_lm_loss(&s.model, s.tape, (dt_symbols){id, STEPS, COLUMNS}, id + COLUMNS, &s.state);
    dt_var *scores = recurrent_lm_scores(&s.model, s.tape, (dt_symbols){id, STEPS, COLUMNS}, &other);
    for (int64_t r = 0; r < STEPS * COLUMNS; r++) {
        const real *at = scores->value + r / COLUMNS * SYMBOLS * COLUMNS + r % COLUMNS;
        double sum = 0;
        for (int64_t c = 0; c < SYMBOLS; c++) sum += exp((double)at[c * COLUMNS]);
        double wanted = log(sum) - (double)at[id[r + COLUMNS] * COLUMNS];
        cr_expect(fabs((double)loss->value[r] - wanted) < 1e-5, "row %d", (int)r);
    }
    recurrent_lm_state_free(&other);
    sample_free(&s);
}

Test(recurrent_lm, same_bits_for_one_and_two_threads)
{
    for (int k = 0; k < KINDS; k++) {
        sample one, two;
        sample_init(&one, kinds[k].cell, kinds[k].embedding), sample_init(&two, kinds[k].cell, kinds[k].embedding);
        train(&one, 5);
        dt_threads_set(2);
        train(&two, 5);
        dt_threads_set(1);
        cr_expect(memcmp(one.params->values, two.params->values, (size_t)one.params->size * sizeof(real)) == 0,
                  "kind %d", k);
        cr_expect(memcmp(one.state.block, two.state.block, (size_t)one.state.count * sizeof(real)) == 0, "kind %d", k);
        sample_free(&one), sample_free(&two);
    }
}

/* What lies open inside a layer is what its states were made of: h = o tanh(c). */
Test(recurrent_lm, gates_and_states_can_be_looked_at)
{
    sample s;
    sample_init(&s, DT_CELL_LSTM, 0);
    int32_t id[(STEPS + 1) * COLUMNS];
    text_at(0, id);
    s.tape->recording = false;
    dt_var *layer[RECURRENT_LM_LAYERS];
    const dt_symbols x = {id, STEPS, COLUMNS};
    const dt_var *y = recurrent_lm_watch(&s.model, s.tape, x, &s.state, layer);
    cr_expect(y == layer[1]);
    for (int l = 0; l < 2; l++) {
        const dt_recurrent_kept *inside = dt_recurrent_inside(layer[l]);
        for (int64_t r = 0; r < STEPS * COLUMNS; r++)
            for (int64_t j = 0; j < 12; j++) {
                const double o = (double)inside->gates[(r * 4 + 2) * 12 + j];
                const double c = (double)inside->c[(r + COLUMNS) * 12 + j];
                const double h = (double)layer[l]->value[(r / COLUMNS * 12 + j) * COLUMNS + r % COLUMNS];
                cr_expect(o > 0 && o < 1 && fabs(o * tanh(c) - h) < 1e-5, "layer %d, unit %d", l, (int)j);
            }
    }
    dt_tape_reset(s.tape);
    dt_var *other = dt_input(s.tape, 2, (int64_t[]){3, 4});
    EXPECT_MISUSE("dt_recurrent_inside: [3,4] is not what a recurrent layer returned", dt_recurrent_inside(other));
    sample_free(&s);
}
