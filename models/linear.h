/* The linear classifier (LeCun et al. 1998, section III.C.1): each output is a weighted sum of the pixels and a bias.
 * With targets and the squared error it is the paper's; with the softmax it is multinomial logistic regression. */
#ifndef MODELS_LINEAR_H
#define MODELS_LINEAR_H

#include "ditto.h"

typedef struct {
    dt_linear_layer out;
} linear;

void linear_init(linear *m, dt_params *params);

/* x [1,28,28,N] -> outputs or scores [10,N]. */
dt_var *linear_forward(const linear *m, dt_var *x);

#endif
