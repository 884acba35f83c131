/* A multilayer perceptron whose depth, widths, activation and first weights are free, 784-W-...-W-10, with or without
 * batch normalisation: the networks of Glorot & Bengio 2010 (section 2.3), Kingma & Ba 2015 (section 6.2), Srivastava
 * et al. 2014 (table 9) and Ioffe & Szegedy 2015 (section 4.1). */
#ifndef MODELS_DEEP_MLP_H
#define MODELS_DEEP_MLP_H

#include "ditto.h"

enum { DEEP_MLP_MOST = 64 };

/* Batch normalisation in each hidden layer: none, of what goes into the activation (Ioffe & Szegedy 2015, section 3.2:
 * the linear layer then has no bias), or of what comes out of it. */
typedef enum { DEEP_MLP_PLAIN, DEEP_MLP_NORM_BEFORE, DEEP_MLP_NORM_AFTER } deep_mlp_norm;

typedef struct {
    int64_t depth;                    /* hidden layers, 1 to DEEP_MLP_MOST */
    int64_t width;                    /* units in each */
    dt_var *(*activation)(dt_var *s); /* dt_tanh, ... */
    dt_init_kind init;                /* of all weights; biases start at 0 */
    int64_t last;                     /* units in the last of them; 0: width */
    double sd;                        /* of the weights, where init is DT_INIT_NORMAL */
    deep_mlp_norm place;
    dt_batchnorm_options how; /* of the normalisation; its .features are filled in */
    dt_linear_layer hidden[DEEP_MLP_MOST], out;
    dt_batchnorm_layer norm[DEEP_MLP_MOST];
} deep_mlp;

/* Adds the layers "h1", "h2", ..., "out", and "n1", "n2", ... that normalise. The fields above them must be set. */
void deep_mlp_init(deep_mlp *m, dt_params *params);

/* x [1,28,28,N] -> scores [10,N]; with the recipe's dropout after each hidden layer. */
dt_var *deep_mlp_forward(const deep_mlp *m, dt_var *x);

/* The same, and what is on the way: s[i] [width,N], what goes into the activation of hidden layer i + 1, and z[i], what
 * the layer gives to the next (Glorot & Bengio's s and z; both arrays have room for depth). */
dt_var *deep_mlp_watch(const deep_mlp *m, dt_var *x, dt_var *s[], dt_var *z[]);

#endif
