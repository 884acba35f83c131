/* The two oldest learners, side by side. Both see one example after another and move the weights w along y x; they
 * differ in one factor only:
 *
 *     perceptron (Rosenblatt 1958)    w += rate * [y w.x <= 0] * y x          1 where the answer is wrong, otherwise 0
 *     logistic regression             w += rate * sigmoid(-y w.x) * y x       how probable the model finds the other
 * class
 *
 * The second is stochastic gradient descent on the logistic loss log(1 + exp(-y w.x)). In double: what is claimed here
 * are differences of 1e-6 and less. */
#ifndef MODELS_PERCEPTRON_H
#define MODELS_PERCEPTRON_H

#include <stdint.h>

/* Examples with the labels -1 and 1. The last number of each x is 1, so that the last weight is the bias. */
typedef struct {
    int64_t n, dim;
    const double *x; /* [n][dim] */
    const double *y; /* [n] */
} perceptron_data;

double perceptron_score(const perceptron_data *d, const double *w, int64_t i);

/* One pass in the given order (NULL: first to last). Returns the number of mistakes, which is that of updates: after 0
 * nothing will ever change again. */
int64_t perceptron_pass(const perceptron_data *d, const uint32_t *order, double rate, double *w);

/* The same loop for logistic regression with the weight decay `decay`, which acts on all weights, bias included. */
void logistic_pass(const perceptron_data *d, const uint32_t *order, double rate, double decay, double *w);

/* loss(w) = 1/n sum over i of log(1 + exp(-y_i w.x_i)) + decay/2 |w|^2, and its gradient [dim] (NULL: not wanted). */
double logistic_loss(const perceptron_data *d, double decay, const double *w, double *gradient);

/* The share of examples with y w.x <= 0, in percent. */
double perceptron_error(const perceptron_data *d, const double *w);

/* Novikoff's theorem (1962): if the unit vector u separates the examples with the margin gamma, that is y_i u.x_i >=
 * gamma > 0 for all i, and |x_i| <= R, then the perceptron that starts at w = 0 makes at most (R / gamma)^2 mistakes,
 * in any order. */
typedef struct {
    double radius; /* R: the greatest |x_i|, the constant 1 included */
    double margin; /* gamma: the least y_i u.x_i */
    double mistakes;
} novikoff_bound;

/* u [dim] need not have the length 1. A margin of 0 or less: u does not separate, and there is no bound (infinity). */
novikoff_bound perceptron_bound(const perceptron_data *d, const double *u);

/* Passes from w = 0 with rate 1 until one has no mistake; leaves the weights in w. Returns the mistakes of all passes;
 * gives up once they are more than `most`. */
int64_t perceptron_learn(const perceptron_data *d, double most, double *w);

#endif
