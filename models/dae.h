/* The denoising autoencoder of Vincent, Larochelle, Bengio, Manzagol 2008: some of the input is destroyed, and one
 * hidden layer of sigmoid units learns to give the whole back. Without noise it is an ordinary autoencoder; with a
 * penalty it is a sparse or a contractive one (Rifai et al. 2011). */
#ifndef MODELS_DAE_H
#define MODELS_DAE_H

#include "ditto.h"

typedef enum {
    DAE_MASKING,         /* a number becomes 0 with probability `level` */
    DAE_SALT_AND_PEPPER, /* with probability `level` it becomes 0 or 1, whichever a coin says */
    DAE_GAUSSIAN         /* a normal number of deviation `level` is added */
} dae_noise;

typedef struct {
    const char *name;   /* of the layer; it outlives the model */
    int64_t in, hidden; /* numbers of the input; units */
    dae_noise noise;
    double level;   /* from 0, no noise, to 1 */
    bool small;     /* weights begin uniform in +-1 / sqrt(the larger of in and hidden) (Larochelle et al. 2009, section
                     * 6), else in +-4 sqrt(6 / (in + hidden)) (Glorot & Bengio 2010, for sigmoid units) */
    bool untied;    /* the decoder has weights of its own instead of the encoder's, transposed */
    bool unbounded; /* inputs are any numbers, the loss half the squared distance; else from 0 to 1, cross-entropy */
    double sparsity;    /* of the sum of an example's hidden units in its loss (after Ranzato et al. 2007, for units
                         * that are never below 0) */
    double contraction; /* of the squared norm of the Jacobian of the units (Rifai et al. 2011, eq. 7) */
    dt_linear_layer encoder, decoder; /* the latter if untied, */
    const dt_param *visible;          /* otherwise its bias */
} dae;

/* Adds "NAME.weight", "NAME.bias" and the decoder's parameters. The fields before them must be set. Biases begin at 0.
 */
void dae_init(dae *m, dt_params *params);

/* x with its noise: [in,N] -> [in,N]. The random numbers are those of the tape's noise, which must be set
 * (dt_tape_noise), whether or not it records. No gradient flows into x. */
dt_var *dae_corrupt(const dae *m, dt_var *x);

/* x [in,N] -> the units [hidden,N]. */
dt_var *dae_encode(const dae *m, dt_var *x);

/* The units [hidden,N] -> logits, or if unbounded numbers, of the reconstruction [in,N]. */
dt_var *dae_decode(const dae *m, dt_var *h);

/* r(x), without noise: [in,N] -> [in,N]. */
dt_var *dae_reconstruct(const dae *m, dt_var *x);

/* What training lowers (Vincent et al. 2010, eq. 5 and 6, with the penalties): x [in,N] -> [N]. No gradient flows into
 * x. */
dt_var *dae_loss(const dae *m, dt_var *x);

#endif
