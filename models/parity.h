/* The parity of N bits by a sigmoid network with one hidden layer, N-H-1 (Rumelhart, Hinton, Williams 1986, "Learning
 * internal representations by error propagation"). Two bits: XOR. */
#ifndef MODELS_PARITY_H
#define MODELS_PARITY_H

#include "ditto.h"

typedef struct {
    dt_linear_layer hidden, out;
} parity;

/* First weights uniform in +-2.4 / (inputs of the unit), biases 0. */
void parity_init(parity *m, dt_params *params, int64_t bits, int64_t hidden);

/* x [bits,N] -> y [1,N] between 0 and 1. */
dt_var *parity_forward(const parity *m, dt_var *x);

/* All patterns, as columns: x [bits,2^bits] of 0 and 1, where column n holds n in binary, and t [2^bits]: 1 where the
 * number of ones is odd. */
void parity_patterns(int64_t bits, real *x, real *t);

/* How far y is from t [N] at its worst pattern; below 0.5, every answer is right. Not a number if an output is none. */
double parity_worst(const dt_var *y, const real *t);

/* The gradients of half the squared error, 1/2 (y - t)^2, in its mean over the N patterns: dy = (y - t) / N. */
void parity_backward(dt_var *y, const real *t);

#endif
