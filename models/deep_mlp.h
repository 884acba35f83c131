/* A multilayer perceptron whose depth, widths, activation and first weights are free, 784-W-...-W-10: the networks of
 * Glorot & Bengio 2010 (section 2.3), Kingma & Ba 2015 (section 6.2) and Srivastava et al. 2014 (table 9). */
#ifndef MODELS_DEEP_MLP_H
#define MODELS_DEEP_MLP_H

#include "ditto.h"

enum { DEEP_MLP_MOST = 64 };

typedef struct {
    int64_t depth;                    /* hidden layers, 1 to DEEP_MLP_MOST */
    int64_t width;                    /* units in each */
    dt_var *(*activation)(dt_var *s); /* dt_tanh, ... */
    dt_init_kind init;                /* of all weights; biases start at 0 */
    int64_t last;                     /* units in the last of them; 0: width */
    dt_linear_layer hidden[DEEP_MLP_MOST], out;
} deep_mlp;

/* Adds the layers "h1", "h2", ..., "out". The fields above them must be set. */
void deep_mlp_init(deep_mlp *m, dt_params *params);

/* x [1,28,28,N] -> scores [10,N]; with the recipe's dropout after each hidden layer. */
dt_var *deep_mlp_forward(const deep_mlp *m, dt_var *x);

/* The same, and what is on the way: s[i], z[i] [width,N], hidden layer i + 1 before and after its activation (Glorot &
 * Bengio's s and z; both arrays have room for depth). */
dt_var *deep_mlp_watch(const deep_mlp *m, dt_var *x, dt_var *s[], dt_var *z[]);

#endif
