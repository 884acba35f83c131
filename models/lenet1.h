/* LeNet-1 (LeCun et al. 1990, "Handwritten digit recognition with a back-propagation network"; LeCun et al. 1998,
 * section III.C.7): 2,578 trainable parameters and 98,442 connections. */
#ifndef MODELS_LENET1_H
#define MODELS_LENET1_H

#include "ditto.h"

typedef struct {
    dt_conv_layer c1, c3;
    dt_subsample_layer s2, s4;
    dt_linear_layer out;
} lenet1;

void lenet1_init(lenet1 *m, dt_params *params);

/* x [1,28,28,N], a 16 x 16 digit in the middle -> outputs [10,N], targets +-1. */
dt_var *lenet1_forward(const lenet1 *m, dt_var *x);

#endif
