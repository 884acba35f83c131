/* The networks of Goodfellow et al. 2014 for MNIST, by their program: a generator of two layers of rectified units and
 * sigmoid outputs, and a discriminator of two layers of maxout units (Goodfellow et al. 2013). */
#ifndef MODELS_GAN_H
#define MODELS_GAN_H

#include "ditto.h"

typedef struct {
    int64_t latent, width; /* numbers of noise; hidden units of a layer: the paper's are 100 and 1200 */
    dt_linear_layer hidden1, hidden2, out;
} gan_generator;

typedef struct {
    int64_t width; /* maxout units of a layer, of five pieces each: the paper's are 240 */
    dt_linear_layer hidden1, hidden2, out;
} gan_discriminator;

/* Their free fields must be set. Weights begin uniform, in +-0.05 and +-0.005. */
void gan_generator_init(gan_generator *m, dt_params *params);
void gan_discriminator_init(gan_discriminator *m, dt_params *params);

/* z [latent,N] -> pixels [784,N], from 0 to 1. */
dt_var *gan_generator_forward(const gan_generator *m, dt_var *z);

/* x [784,N] -> logits [1,N]. Hidden units are left out as the tape says (dt_hidden_dropout). */
dt_var *gan_discriminator_forward(const gan_discriminator *m, dt_var *x);

#endif
