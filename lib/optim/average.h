/* Averages of the parameters, running averages included, over the steps of a training, with which a network often
 * answers better than with the last ones. Of the values w_1, w_2, ... that are taken in:
 *
 *     decay 0:  the mean (w_1 + ... + w_t) / t             (Ruppert 1988; Polyak & Juditsky 1992)
 *     decay b:  (1 - b) sum_i b^(t-i) w_i / (1 - b^t)      (Kingma & Ba 2015, section 7.2) */
#ifndef DT_OPTIM_AVERAGE_H
#define DT_OPTIM_AVERAGE_H

#include "backend/backend.h"
#include "tape/params.h"

/* Its whole state, for checkpoints: `steps`, and `values` of params->size reals. */
typedef struct {
    double decay;
    int64_t from;  /* the average leaves out so many steps at the start */
    int64_t steps; /* done, with those */
    real *values;
    bool swapped;
} dt_average;

/* `params` must be complete. A decay outside [0, 1) or a negative `from` is misuse. */
void dt_average_init(dt_average *average, const dt_params *params, double decay, int64_t from);
void dt_average_free(dt_average *average);

/* To be called after each step of the optimizer: takes the parameters in. */
void dt_average_step(dt_average *average, const dt_backend *backend, const dt_params *params);

/* Exchanges the parameters' values and the averages: once to evaluate with the averages, once more to go on. As long as
 * nothing was taken in, the average is the parameters' present values. A step in between is misuse. */
void dt_average_swap(dt_average *average, dt_params *params);

#endif
