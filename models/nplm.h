/* The neural probabilistic language model of Bengio, Ducharme, Vincent, Jauvin 2003, section 2: the words before have a
 * vector of m features each, x joins these, and the scores of all words to come are (eq. 1)
 *
 *     y = b + W x + U tanh(d + H x),      x = (C(w_t-1), ..., C(w_t-n+1))
 *
 * of which the softmax makes probabilities. W may be left out ("no direct connections"). */
#ifndef MODELS_NPLM_H
#define MODELS_NPLM_H

#include "ditto.h"

typedef struct {
    int64_t vocabulary;   /* V */
    int64_t context;      /* words before: n - 1 */
    int64_t features;     /* m */
    int64_t hidden;       /* h */
    bool direct;          /* with W */
    dt_embedding_layer c; /* [V,m] */
    dt_linear_layer h, u, w;
} nplm;

/* Adds "c", "h" (H, d), "u" (U, b) and, if direct, "w". The fields above them must be set. */
void nplm_init(nplm *m, dt_params *params);

/* The words before, the last one first, [context,N] -> the scores of all words to come, [V,N]; with the recipe's
 * dropout of hidden units. */
dt_var *nplm_forward(const nplm *m, dt_tape *tape, dt_symbols words);

/* -log p of each next word [N], in nats: the softmax is nearly all of the work, and without direct connections it is
 * one op with the scores. */
dt_var *nplm_loss(const nplm *m, dt_tape *tape, dt_symbols words, const int32_t *next);

#endif
