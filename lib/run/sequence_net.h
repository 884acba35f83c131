/* A network that says what comes next in a text: its functions without its type, one instance of it, and how well it
 * does on a text. */
#ifndef DT_RUN_SEQUENCE_NET_H
#define DT_RUN_SEQUENCE_NET_H

#include "data/streams.h"
#include "ops/ops.h"

/* What a model offers: its state between two pieces of N streams is one block of numbers, all 0 where a text begins. */
typedef struct {
    size_t size;
    void (*init)(void *model, dt_params *params);
    int64_t (*states)(const void *model, int64_t n); /* numbers in the state of n streams */
    /* The loss of each next symbol in nats, [T,N]; `state` moves on to behind the last symbol. */
    dt_var *(*loss)(const void *model, dt_tape *tape, dt_symbols x, const int32_t *next, real *state);
} dt_sequence_model;

/* DT_SEQUENCE_MODEL(recurrent_lm) defines recurrent_lm_sequence from recurrent_lm, recurrent_lm_init,
 * recurrent_lm_states, recurrent_lm_state_in and recurrent_lm_loss (models/recurrent_lm.h). */
#define DT_SEQUENCE_MODEL(model)                                                                                  \
    static void model##_init_any(void *m, dt_params *params)                                                      \
    {                                                                                                             \
        model##_init(m, params);                                                                                  \
    }                                                                                                             \
    static int64_t model##_states_any(const void *m, int64_t n)                                                   \
    {                                                                                                             \
        return model##_states(m, n);                                                                              \
    }                                                                                                             \
    static dt_var *model##_loss_any(const void *m, dt_tape *tape, dt_symbols x, const int32_t *next, real *state) \
    {                                                                                                             \
        model##_state carried = model##_state_in(m, x.n, state);                                                  \
        return model##_loss(m, tape, x, next, &carried);                                                          \
    }                                                                                                             \
    static const dt_sequence_model model##_sequence = {sizeof(model), model##_init_any, model##_states_any,       \
                                                       model##_loss_any}

typedef struct {
    const char *title; /* for messages */
    const dt_sequence_model *kind;
    dt_params *params;
    void *model;
} dt_sequence_net;

/* A fresh network like `shape`, a model whose free fields are set; its parameters are drawn from `seed`. The title
 * outlives it. */
void dt_sequence_net_init(dt_sequence_net *net, const char *title, const dt_sequence_model *kind, const void *shape,
                          uint64_t seed);
void dt_sequence_net_free(dt_sequence_net *net);

/* The mean loss in nats a symbol on a text, which is read as `streams` parts side by side (fewer if the text has not
 * two symbols for each), in pieces of `unroll` symbols between which the state is kept. Each part begins with the state
 * 0, and its first symbol is not predicted; what is left over when the text is cut into equal parts is not read. With
 * one stream that leaves out nothing but the first symbol. A text of less than two symbols is misuse. */
double dt_sequence_loss(const dt_sequence_net *net, const dt_backend *backend, const dt_tokens *text, int64_t streams,
                        int64_t unroll);

#endif
