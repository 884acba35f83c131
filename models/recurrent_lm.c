#include "models/recurrent_lm.h"

#include <stdlib.h>

#include "core/error.h"

void recurrent_lm_init(recurrent_lm *m, dt_params *params)
{
    static const char *const names[RECURRENT_LM_LAYERS] = {"layer1", "layer2", "layer3"};
    DT_REQUIRE(m->layers >= 1 && m->layers <= RECURRENT_LM_LAYERS, "recurrent_lm: %d layers, must be 1 to %d",
               m->layers, RECURRENT_LM_LAYERS);
    if (m->embedding) dt_embedding_init(&m->embed, params, "embedding", m->vocabulary, m->embedding, m->bound);
    int64_t in = m->embedding ? m->embedding : m->vocabulary;
    for (int i = 0; i < m->layers; i++, in = m->hidden)
        dt_recurrent_init(&m->layer[i], params, names[i], m->cell, in, m->hidden, .init = DT_INIT_UNIFORM,
                          .sd = m->bound, .forget_bias = m->forget_bias);
    dt_linear_init(&m->out, params, "out", m->hidden, m->vocabulary, .init = DT_INIT_UNIFORM, .sd = m->bound);
}

/* Vectors in a layer's state: h, and LSTM's c. */
static int64_t vectors(const recurrent_lm *m)
{
    return m->cell == DT_CELL_LSTM ? 2 : 1;
}

int64_t recurrent_lm_states(const recurrent_lm *m, int64_t n)
{
    return vectors(m) * m->layers * m->hidden * n;
}

recurrent_lm_state recurrent_lm_state_in(const recurrent_lm *m, int64_t n, real *block)
{
    const int64_t one = m->hidden * n, each = vectors(m);
    recurrent_lm_state state = {.count = recurrent_lm_states(m, n), .block = block};
    for (int i = 0; i < m->layers; i++) {
        state.h[i] = block + each * i * one;
        if (each == 2) state.c[i] = state.h[i] + one;
    }
    return state;
}

void recurrent_lm_state_init(recurrent_lm_state *state, const recurrent_lm *m, int64_t n)
{
    const int64_t count = recurrent_lm_states(m, n);
    real *block = calloc((size_t)count, sizeof *block);
    DT_REQUIRE(block, "recurrent_lm: out of memory for %lld states", (long long)count);
    *state = recurrent_lm_state_in(m, n, block);
}

void recurrent_lm_state_free(recurrent_lm_state *state)
{
    free(state->block);
    *state = (recurrent_lm_state){0};
}

dt_var *recurrent_lm_watch(const recurrent_lm *m, dt_tape *tape, dt_symbols x, recurrent_lm_state *state,
                           dt_var *layer[RECURRENT_LM_LAYERS])
{
    const int64_t shape[2] = {m->hidden, x.n};
    dt_var *y = m->embedding ? dt_hidden_dropout(dt_embedding(&m->embed, tape, x)) : NULL; /* [T,embedding,N] */
    for (int i = 0; i < m->layers; i++) {
        dt_var *h = dt_constant(tape, 2, shape, state->h[i]);
        dt_var *c = state->c[i] ? dt_constant(tape, 2, shape, state->c[i]) : NULL;
        y = y ? dt_recurrent(&m->layer[i], y, h, c) : dt_recurrent_symbols(&m->layer[i], tape, x, h, c);
        dt_last_state(y, state->h[i], state->c[i]);
        layer[i] = y;
        y = dt_hidden_dropout(y); /* [T,hidden,N] */
    }
    return y;
}

dt_var *recurrent_lm_forward(const recurrent_lm *m, dt_tape *tape, dt_symbols x, recurrent_lm_state *state)
{
    dt_var *layer[RECURRENT_LM_LAYERS];
    return recurrent_lm_watch(m, tape, x, state, layer);
}

dt_var *recurrent_lm_loss(const recurrent_lm *m, dt_tape *tape, dt_symbols x, const int32_t *next,
                          recurrent_lm_state *state)
{
    return dt_linear_xent(&m->out, recurrent_lm_forward(m, tape, x, state), next);
}

dt_var *recurrent_lm_scores(const recurrent_lm *m, dt_tape *tape, dt_symbols x, recurrent_lm_state *state)
{
    return dt_linear(&m->out, recurrent_lm_forward(m, tape, x, state));
}
