#include "models/lenet5_modern.h"

void lenet5_modern_init(lenet5_modern *m, dt_params *params)
{
    dt_conv_init(&m->c1, params, "c1", 1, 6, 5, .init = DT_INIT_GLOROT);
    dt_conv_init(&m->c3, params, "c3", 6, 16, 5, .init = DT_INIT_GLOROT);
    dt_linear_init(&m->c5, params, "c5", 16 * 5 * 5, 120, .init = DT_INIT_GLOROT);
    dt_linear_init(&m->f6, params, "f6", 120, 84, .init = DT_INIT_GLOROT);
    dt_linear_init(&m->out, params, "out", 84, 10, .init = DT_INIT_GLOROT);
}

/* tanh grows with its argument, so the tanh of the maximum is the maximum of the tanh, for a quarter of the work. */
dt_var *lenet5_modern_forward(const lenet5_modern *m, dt_var *x)
{
    x = dt_tanh(dt_maxpool(dt_conv(&m->c1, x), 2));       /* [6,14,14,N] */
    x = dt_tanh(dt_maxpool(dt_conv(&m->c3, x), 2));       /* [16,5,5,N]  */
    x = dt_tanh(dt_linear(&m->c5, dt_flatten(x)));        /* [120,N]     */
    x = dt_tanh(dt_linear(&m->f6, dt_hidden_dropout(x))); /* [84,N]      */
    return dt_linear(&m->out, dt_hidden_dropout(x));      /* [10,N]      */
}
