/* What one step of a GAN is made of. Private to run/gan.c and run/gan_unroll.c. */
#ifndef DT_RUN_GAN_STEP_H
#define DT_RUN_GAN_STEP_H

#include "run/gan.h"

/* What D makes of some examples: means of its logits, of its probabilities, and of its loss. */
typedef struct {
    double logit, said, loss;
} dt_gan_opinion;

typedef struct {
    dt_gan_opinion real, fake; /* D lowers the sum of both losses */
} dt_gan_verdict;

/* D on the step's real examples and on fakes: the gradient of its loss in its parameters, and with dx (NULL: not) that
 * in the fakes [fake->count]. Each pass of a step has noise of its own. */
dt_gan_verdict dt_gan_discriminate(dt_gan *gan, const dt_var *fake, int64_t pass, real *dx);

/* What G lowers, and its gradient in the fakes; with `of_d` also in D's parameters. */
double dt_gan_generator_loss(dt_gan *gan, const dt_var *fake, int64_t pass, bool of_d, real *dx);

/* A step of one side by the gradient that is there; false: it is not a number, and nothing was done. */
bool dt_gan_update(dt_gan *gan, dt_gan_side *side, double lr);

/* The rate of this step over that of the first. */
double dt_gan_decay(const dt_gan *gan);

/* The loss of G after recipe.unroll further steps of D, and its whole gradient in the fakes. D is afterwards what it
 * was before. False: a step of D was not a number. */
bool dt_gan_look_ahead(dt_gan *gan, const dt_var *fake, double *loss, real *dx);

/* How many numbers gan->path has. */
int64_t dt_gan_path_size(const dt_gan *gan);

#endif
