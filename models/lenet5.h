/* LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998, section II.B and fig. 2) exactly as published: 60,000 trainable
 * parameters and 340,908 connections. */
#ifndef MODELS_LENET5_H
#define MODELS_LENET5_H

#include "ditto.h"

typedef struct {
    dt_conv_layer c1, c3;
    dt_subsample_layer s2, s4;
    dt_linear_layer c5, f6;
} lenet5;

enum { LENET5_BITMAP_WIDTH = 7, LENET5_BITMAP_HEIGHT = 12, LENET5_F6 = 84 };

/* The output units' centres: a stylised 7 x 12 picture of each digit, +1 where there is ink and -1 elsewhere. */
const real *lenet5_bitmaps(void);

void lenet5_init(lenet5 *m, dt_params *params);

/* x [1,32,32,N], background -0.1 and ink 1.175 -> penalties y [10,N], the smallest of which is the answer. */
dt_var *lenet5_forward(const lenet5 *m, dt_var *x);

#endif
