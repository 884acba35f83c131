/* L-BFGS (Nocedal 1980; Nocedal & Wright 2006, algorithm 7.5): minimises a smooth function of n numbers from its value
 * and gradient. The direction is -H g, where H, an approximation of the inverse Hessian, is made of the last `memory`
 * pairs s = the change of x, y = the change of the gradient (the two-loop recursion, algorithm 7.4), and begins as s'y
 * / y'y (equation 7.20). The step along it fulfils the strong Wolfe conditions (algorithms 3.5 and 3.6, c1 = 1e-4, c2 =
 * 0.9; trial steps by cubic interpolation, equation 3.59). All in double: near a minimum, float's differences are
 * noise.
 */
#ifndef DT_OPTIM_LBFGS_H
#define DT_OPTIM_LBFGS_H

#include "core/real.h"

/* The value at x [n], and the gradient there into gradient [n]. NaN or Inf: x is too far, a shorter step is tried. */
typedef double (*dt_objective)(void *context, const double *x, double *gradient);

typedef struct {
    int64_t n;
    int memory;
    dt_objective objective;
    void *context;
    double *x, *gradient, value; /* the point reached */
    int64_t iterations, evaluations;
    double *direction;                           /* of the last iteration */
    double *trial, *trial_gradient, trial_value; /* the point last tried */
    int pairs;                                   /* kept, at most memory; the latest is number (stored - 1) % memory */
    int64_t stored;                              /* ever */
    double *s, *y;                               /* [memory,n] */
    double *curvature, *alpha;                   /* s'y of each pair; the recursion's alpha */
} dt_lbfgs;

typedef enum {
    DT_LBFGS_CONVERGED, /* the gradient's norm is small enough */
    DT_LBFGS_ITERATIONS,
    DT_LBFGS_STUCK /* no step goes down: a minimum as far as rounding shows, or a gradient that is wrong */
} dt_lbfgs_end;

/* Evaluates the function at `x`, where it must be finite (or it is stuck there). memory 0: 10 pairs. The state is lost
 * with a checkpoint but for x: a new start from there begins with no pairs. */
void dt_lbfgs_init(dt_lbfgs *l, int64_t n, const double *x, int memory, dt_objective objective, void *context);
void dt_lbfgs_free(dt_lbfgs *l);

/* One iteration. False: no step goes down, and nothing has changed. */
bool dt_lbfgs_step(dt_lbfgs *l);

/* Iterates until the gradient's Euclidean norm is at most `tolerance`, at most `iterations` times more. */
dt_lbfgs_end dt_lbfgs_run(dt_lbfgs *l, double tolerance, int64_t iterations);

/* The gradient's Euclidean norm. */
double dt_lbfgs_norm(const dt_lbfgs *l);

#endif
