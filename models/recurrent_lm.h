/* Language models with recurrent layers: what comes next, given what came so far. The network of Zaremba et al. 2014
 * (section 3 and fig. 2: dropout between the layers, not between the steps), of Karpathy et al. 2016 (section 3:
 * one-hot characters, no embedding), and with one layer of simple units that of Mikolov et al. 2010. */
#ifndef MODELS_RECURRENT_LM_H
#define MODELS_RECURRENT_LM_H

#include "ditto.h"

enum { RECURRENT_LM_LAYERS = 3 };

typedef struct {
    /* to be set before init */
    int64_t vocabulary;
    int64_t embedding; /* features of a word; 0: symbols enter the first layer as they are, one-hot */
    int64_t hidden;    /* units of each layer */
    int layers;        /* 1 to 3 */
    dt_cell cell;
    double bound; /* all weights start uniform in +-bound */
    double forget_bias;
    /* made by init */
    dt_embedding_layer embed;
    dt_recurrent_layer layer[RECURRENT_LM_LAYERS];
    dt_linear_layer out;
} recurrent_lm;

void recurrent_lm_init(recurrent_lm *m, dt_params *params);

/* The layers' states after the last symbol, [hidden,N] each. They belong to the caller, who begins with zeros and hands
 * them on from batch to batch; no gradient flows from one batch into the one before (truncated back-propagation through
 * time). `block` holds all of them, for checkpoints. */
typedef struct {
    int64_t count; /* numbers in block */
    real *block;
    real *h[RECURRENT_LM_LAYERS], *c[RECURRENT_LM_LAYERS]; /* c: NULL but for LSTM */
} recurrent_lm_state;

/* How many numbers the states of n columns are, and the states that lie in such a block. */
int64_t recurrent_lm_states(const recurrent_lm *m, int64_t n);
recurrent_lm_state recurrent_lm_state_in(const recurrent_lm *m, int64_t n, real *block);

/* For sequences of n columns; all 0. */
void recurrent_lm_state_init(recurrent_lm_state *state, const recurrent_lm *m, int64_t n);
void recurrent_lm_state_free(recurrent_lm_state *state);

/* Symbols [T,N] -> what the last layer says after each, [T,hidden,N]; the state moves on to behind the last symbol. */
dt_var *recurrent_lm_forward(const recurrent_lm *m, dt_tape *tape, dt_symbols x, recurrent_lm_state *state);

/* The same, and in layer[i] the result of layer i before its dropout, for dt_recurrent_inside. */
dt_var *recurrent_lm_watch(const recurrent_lm *m, dt_tape *tape, dt_symbols x, recurrent_lm_state *state,
                           dt_var *layer[RECURRENT_LM_LAYERS]);

/* The loss of each next symbol in nats, [T,N]. */
dt_var *recurrent_lm_loss(const recurrent_lm *m, dt_tape *tape, dt_symbols x, const int32_t *next,
                          recurrent_lm_state *state);

/* The scores of all next symbols, [T,vocabulary,N]; their softmax is the distribution to draw from. */
dt_var *recurrent_lm_scores(const recurrent_lm *m, dt_tape *tape, dt_symbols x, recurrent_lm_state *state);

#endif
