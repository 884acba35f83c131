/* Small networks for points of the plane (Metz et al. 2017, appendix A): hidden layers of rectified units, two in the
 * generator, one in the discriminator, which sees the points a quarter as large. */
#ifndef MODELS_RING_GAN_H
#define MODELS_RING_GAN_H

#include "ditto.h"

enum { RING_GAN_LAYERS = 2 };

/* Either network: `in` numbers of noise to two coordinates, or two coordinates to one logit. */
typedef struct {
    const char *name;       /* before the names of its parameters: "g", "d" */
    int64_t in, width, out; /* units of each hidden layer */
    int layers;             /* hidden ones, 1 or 2 */
    double scale;           /* what the input is multiplied by first; 0: 1 */
    dt_linear_layer hidden[RING_GAN_LAYERS], last;
} ring_gan;

/* Its free fields must be set. Weights begin normal, as large as those of an orthogonal matrix times 0.8. */
void ring_gan_init(ring_gan *m, dt_params *params);

/* x [in,N] -> [out,N]. */
dt_var *ring_gan_forward(const ring_gan *m, dt_var *x);

#endif
