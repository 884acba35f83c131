/* The updates of AdaGrad, RMSProp, AdaDelta and Adam (optim/optimizer.h). An average is written a += rate (x - a),
 * which fuses into the same multiply-adds in vectors and in what is left beside them: the bits do not depend on where a
 * range begins. */
#include <tgmath.h>

#include "backend/cpu/kernels.h"
#include "core/threads.h"

enum { GRAIN = 8192 }; /* numbers in a piece */

typedef struct {
    const dt_adaptive_update *u;
    const real *gradient;
    real *first, *second, *weights;
} job;

static void adagrad_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const real lr = j->u->lr, decay = j->u->weight_decay, epsilon = j->u->epsilon;
    const real *restrict gradient = j->gradient;
    real *restrict squares = j->first, *restrict weights = j->weights;
    for (int64_t i = first; i < end; i++) {
        real g = gradient[i] + decay * weights[i];
        squares[i] += g * g;
        weights[i] -= lr * (g / (sqrt(squares[i]) + epsilon));
    }
}

static void rmsprop_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const real lr = j->u->lr, decay = j->u->weight_decay, epsilon = j->u->epsilon, rate = j->u->second_rate;
    const real *restrict gradient = j->gradient;
    real *restrict squares = j->first, *restrict weights = j->weights;
    for (int64_t i = first; i < end; i++) {
        real g = gradient[i] + decay * weights[i];
        squares[i] += rate * (g * g - squares[i]);
        weights[i] -= lr * (g / (sqrt(squares[i]) + epsilon));
    }
}

static void adadelta_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const real lr = j->u->lr, decay = j->u->weight_decay, epsilon = j->u->epsilon, rate = j->u->second_rate;
    const real *restrict gradient = j->gradient;
    real *restrict squares = j->first, *restrict updates = j->second, *restrict weights = j->weights;
    for (int64_t i = first; i < end; i++) {
        real g = gradient[i] + decay * weights[i];
        squares[i] += rate * (g * g - squares[i]);
        real d = sqrt((updates[i] + epsilon) / (squares[i] + epsilon)) * g;
        updates[i] += rate * (d * d - updates[i]);
        weights[i] -= lr * d;
    }
}

static void adam_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const real lr = j->u->lr, decay = j->u->weight_decay, epsilon = j->u->epsilon, root_scale = j->u->root_scale,
               first_rate = j->u->first_rate, second_rate = j->u->second_rate;
    const real *restrict gradient = j->gradient;
    real *restrict mean = j->first, *restrict squares = j->second, *restrict weights = j->weights;
    for (int64_t i = first; i < end; i++) {
        real g = gradient[i] + decay * weights[i];
        mean[i] += first_rate * (g - mean[i]);
        squares[i] += second_rate * (g * g - squares[i]);
        weights[i] -= lr * (mean[i] / (root_scale * sqrt(squares[i]) + epsilon));
    }
}

void dt_cpu_adagrad_step(const dt_adaptive_update *u, int64_t count, const real *gradient, real *squares, real *weights)
{
    job j = {u, gradient, squares, NULL, weights};
    dt_parallel_ranges(count, GRAIN, adagrad_range, &j);
}

void dt_cpu_rmsprop_step(const dt_adaptive_update *u, int64_t count, const real *gradient, real *squares, real *weights)
{
    job j = {u, gradient, squares, NULL, weights};
    dt_parallel_ranges(count, GRAIN, rmsprop_range, &j);
}

void dt_cpu_adadelta_step(const dt_adaptive_update *u, int64_t count, const real *gradient, real *squares,
                          real *updates, real *weights)
{
    job j = {u, gradient, squares, updates, weights};
    dt_parallel_ranges(count, GRAIN, adadelta_range, &j);
}

void dt_cpu_adam_step(const dt_adaptive_update *u, int64_t count, const real *gradient, real *mean, real *squares,
                      real *weights)
{
    job j = {u, gradient, mean, squares, weights};
    dt_parallel_ranges(count, GRAIN, adam_range, &j);
}
