/* The variational autoencoder of Kingma & Welling 2014, appendix C: an encoder gives each image a normal density over
 * `latent` numbers z, a decoder gives each z the probability of ink in each pixel; hidden layers of tanh units. With
 * two hidden layers each it is the network with one stochastic layer of Burda et al. 2016, section 5. */
#ifndef MODELS_VAE_H
#define MODELS_VAE_H

#include "ditto.h"

enum { VAE_LAYERS = 2, VAE_PIXELS = 28 * 28 };

typedef struct {
    int64_t latent, hidden; /* dimensions of z; units of a hidden layer */
    int layers;             /* hidden ones, of the encoder and of the decoder: 1 or 2 */
    dt_init_kind init;      /* of the weights, with `sd`; biases begin at 0 */
    double sd;
    bool binary; /* each pixel is drawn anew, as black with the probability of its grey (Burda et al. 2016, 5.1) */
    dt_linear_layer encoder[VAE_LAYERS], mean, log_variance, decoder[VAE_LAYERS], out;
} vae;

/* Adds its layers. The fields before them must be set. */
void vae_init(vae *m, dt_params *params);

/* x [784,N] as the model takes it: itself, or binary. The random numbers are those of the tape's noise, which must be
 * set (dt_tape_noise); they depend neither on shards nor on what else is drawn. */
dt_var *vae_pixels(const vae *m, dt_var *x);

/* q(z|x): x [784,N] -> *mean, *log_variance [latent,N]. */
void vae_encode(const vae *m, dt_var *x, dt_var **mean, dt_var **log_variance);

/* p(x|z): z [latent,N] -> the logits of the pixels [784,N]. */
dt_var *vae_decode(const vae *m, dt_var *z);

/* What training lowers, the bound's negative with one sample of z, -L of eq. 10: x [1,28,28,N] -> [1,N], in nats. */
dt_var *vae_forward(const vae *m, dt_var *x);

#endif
