/* The mean loss of a network over a set of images, with an L2 penalty, as a function of all its parameters at once:
 * what methods for whole batches minimise. */
#ifndef EXPERIMENTS_OPTIMIZERS_OBJECTIVE_H
#define EXPERIMENTS_OPTIMIZERS_OBJECTIVE_H

#include "run/network.h"

typedef struct {
    dt_network net;
    const dt_backend *backend;
    const dt_images *images;
    double penalty;
    dt_shards shards;
    int32_t *labels;
    real *losses;
    double *x, *gradient, value; /* the point last asked for */
    int64_t evaluations;         /* of value and gradient together; asking again for the same point is free */
} objective;

/* The network starts from `seed`. Images and task outlive the objective. */
void objective_init(objective *o, const dt_task *task, const dt_backend *backend, const dt_images *images,
                    double penalty, uint64_t seed);
void objective_free(objective *o);

/* The value at x [net.params->size], and the gradient there into gradient [the same] unless that is NULL. The network
 * is left at x. `context` is the objective: this is a dt_objective (optim/lbfgs.h). */
double objective_at(void *context, const double *x, double *gradient);

/* Puts x into the network. */
void objective_set(objective *o, const double *x);

/* penalty / 2 * the sum of the squared weights, without biases. */
double objective_penalty(const dt_params *params, double penalty);

#endif
