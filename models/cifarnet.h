/* The networks for CIFAR-10 that came with cuda-convnet (Krizhevsky 2011): three convolutions, each with a pool that
 * halves its maps, then one or two fully connected layers.
 *
 *     {0}                                                  layers-80sec: 145,578 parameters
 *     {.no_fc64 = true, .lrn = true}                       layers-18pct (Caffe's cifar10_full): 89,578
 *     {.no_fc64 = true, .activation = dt_relu or dt_tanh}  the four-layer network of Krizhevsky, Sutskever, Hinton
 *                                                          2012, fig. 1, as far as the paper describes it
 *     {.batchnorm = true}                                  layers-80sec as Ioffe & Szegedy 2015 normalise a network
 *                                                          (section 3.2): 145,770 parameters
 *
 * Weight decay is to be 0.004; the fully connected layers have multiples of it, biases learn twice as fast. */
#ifndef MODELS_CIFARNET_H
#define MODELS_CIFARNET_H

#include "ditto.h"

typedef enum {
    CIFARNET_MIXED, /* maxima first, then two means */
    CIFARNET_MAX,
    CIFARNET_AVERAGE
} cifarnet_pooling;

/* The first fields are set before cifarnet_init. */
typedef struct {
    int64_t maps;                     /* of the first two convolutions; the third has twice as many. 0: 32 */
    int64_t side;                     /* of the images, a multiple of 8; 0: 32 */
    double conv1_sd;                  /* deviation of the first weights of the first convolution; 0: 1e-4 */
    dt_var *(*activation)(dt_var *s); /* rises, so that it may follow a maximum; NULL: dt_relu */
    bool no_fc64;                     /* the scores follow the last pool */
    bool lrn;                         /* local response normalisation behind the first two pools */
    bool batchnorm;                   /* before each nonlinearity; the layers below have no bias */
    bool plain_pools;                 /* 2 x 2 side by side, not 3 x 3 that overlap */
    cifarnet_pooling pooling;
    dt_conv_layer conv1, conv2, conv3;
    dt_linear_layer fc64, fc10;
    dt_batchnorm_layer norm1, norm2, norm3, norm64;
} cifarnet;

void cifarnet_init(cifarnet *m, dt_params *params);

/* x [3,side,side,N] -> the last hidden layer: [64,N]; without fc64 [2 maps side/8 side/8,N]. */
dt_var *cifarnet_hidden(const cifarnet *m, dt_var *x);

/* x [3,side,side,N] -> scores [10,N], with the recipe's dropout on the last hidden layer. */
dt_var *cifarnet_forward(const cifarnet *m, dt_var *x);

#endif
