/* Small networks for points of the plane (Metz et al. 2017, appendix): two hidden layers of rectified units each. */
#ifndef MODELS_RING_GAN_H
#define MODELS_RING_GAN_H

#include "ditto.h"

/* Either network: `in` numbers of noise to two coordinates, or two coordinates to one logit. */
typedef struct {
    const char *name;       /* before the names of its parameters: "g", "d" */
    int64_t in, width, out; /* units of each hidden layer */
    dt_linear_layer hidden1, hidden2, last;
} ring_gan;

/* Its free fields must be set. */
void ring_gan_init(ring_gan *m, dt_params *params);

/* x [in,N] -> [out,N]. */
dt_var *ring_gan_forward(const ring_gan *m, dt_var *x);

#endif
