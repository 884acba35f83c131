/* Stochastic gradient descent with momentum:
 *
 *     g = gradient + weight_decay * w          (decay on weights, not on biases and coefficients)
 *     v = momentum * v + g                     (Polyak 1964)
 *     w = w - lr * v,  or, with nesterov,  w = w - lr * (g + momentum * v)        (Sutskever et al. 2013, section 2) */
#ifndef DT_OPTIM_SGD_H
#define DT_OPTIM_SGD_H

#include "backend/backend.h"
#include "tape/params.h"

typedef struct {
    double momentum, weight_decay;
    bool nesterov;
    real *velocity; /* params->size numbers: with the parameters, the optimizer's whole state */
} dt_sgd;

/* `params` must be complete: the velocity is laid out like it. */
void dt_sgd_init(dt_sgd *sgd, const dt_params *params, double momentum, bool nesterov, double weight_decay);
void dt_sgd_free(dt_sgd *sgd);

/* One update from params->gradients. */
void dt_sgd_step(dt_sgd *sgd, const dt_backend *backend, dt_params *params, double lr);

#endif
