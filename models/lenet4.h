/* LeNet-4 (LeCun et al. 1998, section III.C.8): 4 maps, 8 subsampling maps (each of the 4 feeds a pair), 16 maps, 16
 * subsampling maps, 120 units, 10 outputs. The paper prints no connection tables for it, so here its layers are fully
 * connected. */
#ifndef MODELS_LENET4_H
#define MODELS_LENET4_H

#include "ditto.h"

typedef struct {
    dt_conv_layer c1, c3;
    dt_subsample_layer s2a, s2b, s4;
    dt_linear_layer f5, out;
} lenet4;

void lenet4_init(lenet4 *m, dt_params *params);

/* x [1,32,32,N] -> outputs [10,N], targets +-1. */
dt_var *lenet4_forward(const lenet4 *m, dt_var *x);

#endif
