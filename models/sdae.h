/* Stacked denoising autoencoders (Vincent et al. 2010, section 3.5): layers of sigmoid units, each trained as an
 * autoencoder of what the layers below make of a clean image; then a softmax layer on top, and all are trained with
 * labels. `stage` says which of these trainings it is. */
#ifndef MODELS_SDAE_H
#define MODELS_SDAE_H

#include "models/dae.h"

enum { SDAE_LAYERS = 3, SDAE_PIXELS = 28 * 28 };

typedef struct {
    int layers; /* 1 to SDAE_LAYERS */
    int stage;  /* 0 .. layers-1: this layer is trained as an autoencoder; layers: all, with labels */
    int64_t hidden, classes;
    dae_noise noise;
    double level[SDAE_LAYERS]; /* of each layer's noise */
    bool small;                /* first weights (models/dae.h) */
    bool untied;
    double sparsity, contraction; /* of each layer (models/dae.h) */
    dae layer[SDAE_LAYERS];
    dt_linear_layer out;
} sdae;

/* Adds its layers, "layer1" and so on, and "out", which begins at 0. The fields before them must be set. They have the
 * same parameters at each stage. */
void sdae_init(sdae *m, dt_params *params);

/* x [1,28,28,N] -> the loss of the stage's autoencoder [1,N], or scores [classes,N]. */
dt_var *sdae_forward(const sdae *m, dt_var *x);

#endif
