/* AlexNet (Krizhevsky, Sutskever, Hinton 2012, "ImageNet Classification with Deep Convolutional Neural Networks"), the
 * network that won the ImageNet challenge of 2012: five convolutions and three fully connected layers, 60,965,224
 * parameters. Convolutions 2, 4 and 5 are in two groups, which were the paper's two GPUs (section 3.5, fig. 2).
 * Dropout of 0.5 and a weight decay of 0.0005 belong to its recipe. */
#ifndef MODELS_ALEXNET_H
#define MODELS_ALEXNET_H

#include "ditto.h"

enum { ALEXNET_SIDE = 227, ALEXNET_CLASSES = 1000 };

typedef struct {
    int64_t classes; /* 0: the thousand of ImageNet; to be set before alexnet_init */
    dt_conv_layer conv1, conv2, conv3, conv4, conv5;
    dt_linear_layer fc6, fc7, fc8;
} alexnet;

void alexnet_init(alexnet *m, dt_params *params);

/* x [3,227,227,N] -> scores [classes,N]. The paper says 224, for which its first layer's 55 x 55 places do not come
 * out.
 */
dt_var *alexnet_forward(const alexnet *m, dt_var *x);

#endif
