/* The fully connected network with two hidden layers of LeCun et al. 1998 (section III.C.5): 784-300-100-10. */
#ifndef MODELS_MLP_H
#define MODELS_MLP_H

#include "ditto.h"

typedef struct {
    dt_linear_layer hidden1, hidden2, out;
} mlp;

void mlp_init(mlp *m, dt_params *params);

/* x [1,28,28,N] -> outputs [10,N], targets +-1. */
dt_var *mlp_forward(const mlp *m, dt_var *x);

#endif
