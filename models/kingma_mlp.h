/* The network of Kingma & Ba 2015, section 6.2: two fully connected hidden layers of rectified linear units with
 * dropout, 784-1000-1000-10. The width is free, for machines with less time. */
#ifndef MODELS_KINGMA_MLP_H
#define MODELS_KINGMA_MLP_H

#include "ditto.h"

typedef struct {
    int64_t width;  /* units in each hidden layer */
    double dropout; /* probability of leaving out a hidden unit */
    dt_linear_layer hidden1, hidden2, out;
} kingma_mlp;

/* The two fields above the layers must be set. */
void kingma_mlp_init(kingma_mlp *m, dt_params *params);

/* x [1,28,28,N] -> scores [10,N]. */
dt_var *kingma_mlp_forward(const kingma_mlp *m, dt_var *x);

#endif
