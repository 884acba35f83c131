/* The quick network of cuda-convnet for CIFAR-10 (Krizhevsky 2011, layers-80sec; Caffe's cifar10_quick): three
 * convolutions with overlapping pools, the first by maxima, and two fully connected layers. 145,578 parameters. */
#ifndef MODELS_CIFARNET_H
#define MODELS_CIFARNET_H

#include "ditto.h"

typedef struct {
    dt_conv_layer conv1, conv2, conv3;
    dt_linear_layer fc64, fc10;
} cifarnet;

void cifarnet_init(cifarnet *m, dt_params *params);

/* x [3,32,32,N] -> scores [10,N]. */
dt_var *cifarnet_forward(const cifarnet *m, dt_var *x);

#endif
