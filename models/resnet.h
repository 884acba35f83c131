/* The residual networks for CIFAR-10 (He, Zhang, Ren & Sun 2016, section 4.2): 6 n + 2 layers of 3 x 3 convolutions
 * with batch normalisation, in three stages of 16, 32 and 64 maps, with shortcuts around every two that have no
 * parameters (option A). n = 3, ResNet-20: 269,722 parameters. */
#ifndef MODELS_RESNET_H
#define MODELS_RESNET_H

#include "ditto.h"

enum { RESNET_MOST = 9 }; /* ResNet-56 */

typedef struct {
    dt_conv_layer conv1, conv2;
    dt_batchnorm_layer norm1, norm2;
    bool halves; /* the first block of stages 2 and 3: half the height and width */
} resnet_block;

typedef struct {
    int64_t n; /* blocks in a stage, set before resnet_init; 1 to RESNET_MOST */
    dt_conv_layer conv;
    dt_batchnorm_layer norm;
    resnet_block block[3 * RESNET_MOST];
    dt_linear_layer out;
} resnet;

void resnet_init(resnet *m, dt_params *params);

/* x [3,32,32,N] -> scores [10,N]. */
dt_var *resnet_forward(const resnet *m, dt_var *x);

#endif
