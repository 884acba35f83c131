#include "models/mlp.h"

void mlp_init(mlp *m, dt_params *params)
{
    dt_linear_init(&m->hidden1, params, "hidden1", 28 * 28, 300);
    dt_linear_init(&m->hidden2, params, "hidden2", 300, 100);
    dt_linear_init(&m->out, params, "out", 100, 10);
}

dt_var *mlp_forward(const mlp *m, dt_var *x)
{
    x = dt_scaled_tanh(dt_linear(&m->hidden1, dt_flatten(x)));        /* [300,N] */
    x = dt_scaled_tanh(dt_linear(&m->hidden2, dt_hidden_dropout(x))); /* [100,N] */
    return dt_scaled_tanh(dt_linear(&m->out, dt_hidden_dropout(x)));  /* [10,N]  */
}
