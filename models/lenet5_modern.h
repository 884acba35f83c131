/* LeNet-5 as it is built today: full connections in C3, max-pooling, tanh, and a linear output for softmax. 61,706
 * parameters. */
#ifndef MODELS_LENET5_MODERN_H
#define MODELS_LENET5_MODERN_H

#include "ditto.h"

typedef struct {
    dt_conv_layer c1, c3;
    dt_linear_layer c5, f6, out;
} lenet5_modern;

void lenet5_modern_init(lenet5_modern *m, dt_params *params);

/* x [1,32,32,N] -> scores [10,N]. */
dt_var *lenet5_modern_forward(const lenet5_modern *m, dt_var *x);

#endif
