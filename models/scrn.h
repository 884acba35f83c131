/* The structurally constrained recurrent network of Mikolov, Joulin, Chopra, Mathieu, Ranzato 2014, "Learning longer
 * memory in recurrent neural networks", eq. 3-5: a simple recurrent network beside context units that change slowly,
 *
 * s_t = (1 - alpha) B x_t + alpha s_(t-1)
 * h_t = sigmoid(P s_t + A x_t + R h_(t-1))
 * y_t = softmax(U h_t + V s_t)
 *
 * x_t is a word, one-hot, so that A x_t and B x_t are rows of tables. Without context units it is the simple recurrent
 * network, eq. 1-2. */
#ifndef MODELS_SCRN_H
#define MODELS_SCRN_H

#include "ditto.h"

typedef struct {
    /* to be set before init */
    int64_t vocabulary, hidden;
    int64_t context; /* units that change slowly; 0: none */
    double alpha;    /* how slowly: 0.95 in the paper */
    double bound;    /* all weights start uniform in +-bound; there are no biases */
    /* made by init */
    dt_embedding_layer a, b;
    dt_linear_layer p, out; /* out: U and V side by side */
    dt_recurrent_layer r;
} scrn;

void scrn_init(scrn *m, dt_params *params);

/* The states after the last symbol of n columns: h [hidden,n] and s [context,n] in one block of scrn_states numbers,
 * all 0 where a text begins. */
typedef struct {
    real *h, *s;
} scrn_state;
int64_t scrn_states(const scrn *m, int64_t n);
scrn_state scrn_state_in(const scrn *m, int64_t n, real *block);

/* Symbols [T,N] -> h_t above s_t, [T,hidden+context,N]; the state moves on to behind the last symbol. */
dt_var *scrn_forward(const scrn *m, dt_tape *tape, dt_symbols x, scrn_state *state);

/* The loss of each next symbol in nats, [T,N]. */
dt_var *scrn_loss(const scrn *m, dt_tape *tape, dt_symbols x, const int32_t *next, scrn_state *state);

#endif
