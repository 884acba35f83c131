/* A convolutional GAN for 28 x 28 images in the manner of Radford et al. 2016: no pooling and no hidden layer but
 * convolutions of stride 2, batch normalisation in both networks, rectifiers that leak in the discriminator. */
#ifndef MODELS_DCGAN_H
#define MODELS_DCGAN_H

#include "ditto.h"

typedef struct {
    int64_t latent, maps; /* numbers of noise; maps of the wider layer: 128 in the benchmark */
    dt_linear_layer in;
    dt_batchnorm_layer norm1, norm2;
    dt_conv_layer up1, up2;
} dcgan_generator;

typedef struct {
    int64_t maps;
    dt_conv_layer down1, down2;
    dt_batchnorm_layer norm;
    dt_linear_layer out;
} dcgan_discriminator;

/* Their free fields must be set; maps is even. Weights begin normal, with a deviation of 0.02. */
void dcgan_generator_init(dcgan_generator *m, dt_params *params);
void dcgan_discriminator_init(dcgan_discriminator *m, dt_params *params);

/* z [latent,N] -> pixels [1,28,28,N], from -1 to 1. */
dt_var *dcgan_generator_forward(const dcgan_generator *m, dt_var *z);

/* x [1,28,28,N] -> logits [1,N]. */
dt_var *dcgan_discriminator_forward(const dcgan_discriminator *m, dt_var *x);

#endif
