/* y = f(x) elementwise; dx = dy f'(x), where f' is computed from y: tanh' = 1 - y^2, sigmoid' = y (1 - y), relu' = [y >
 * 0], softsign' = (1 - |y|)^2. */
#include "ops/op.h"

static dt_var *activation(dt_var *x, dt_activation f)
{
    dt_var *y = dt_record(&dt_activation_op, 1, &x, x->rank, x->dim);
    dt_activation *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = f;
    KERNEL(y, activation_forward)(&f, y->count, x->value, y->value);
    return y;
}

static void backward(const dt_var *y)
{
    real beta, *dx = dt_gradient(y->input[0], &beta);
    if (dx) KERNEL(y, activation_backward)(y->saved, y->count, y->value, y->gradient, beta, dx);
}

dt_var *dt_tanh(dt_var *x)
{
    return activation(x, (dt_activation){DT_TANH, 1, 1});
}

dt_var *dt_scaled_tanh(dt_var *x)
{
    return activation(x, (dt_activation){DT_TANH, (real)1.7159, (real)(2.0 / 3)});
}

dt_var *dt_sigmoid(dt_var *x)
{
    return activation(x, (dt_activation){.kind = DT_SIGMOID});
}

dt_var *dt_relu(dt_var *x)
{
    return activation(x, (dt_activation){.kind = DT_RELU});
}

dt_var *dt_softsign(dt_var *x)
{
    return activation(x, (dt_activation){.kind = DT_SOFTSIGN});
}

dt_var *dt_leaky_relu(dt_var *x, double slope)
{
    DT_REQUIRE(slope > 0 && slope < 1, "leaky_relu: the slope is %g, must be between 0 and 1", slope);
    return activation(x, (dt_activation){DT_LEAKY_RELU, 1, (real)slope});
}

const dt_op dt_activation_op = {"activation",
                                "y = f(x): tanh, 1.7159 tanh(2/3 x), sigmoid, max(0, x), x/(1+|x|) or max(slope x, x)",
                                backward, NULL};
