/* An autoencoder of one hidden layer of rectified linear units, 784-W-784 with linear outputs (Srivastava et al. 2014,
 * section 7.1). */
#ifndef MODELS_AUTOENCODER_H
#define MODELS_AUTOENCODER_H

#include "ditto.h"

typedef struct {
    int64_t width; /* hidden units */
    dt_linear_layer encoder, decoder;
} autoencoder;

/* Adds the layers "encoder" and "decoder". The width must be set. */
void autoencoder_init(autoencoder *m, dt_params *params);

/* x [1,28,28,N] -> *hidden [width,N], before the recipe's dropout, and the reconstruction [784,N]. */
dt_var *autoencoder_forward(const autoencoder *m, dt_var *x, dt_var **hidden);

#endif
