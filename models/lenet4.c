#include "models/lenet4.h"

void lenet4_init(lenet4 *m, dt_params *params)
{
    dt_conv_init(&m->c1, params, "c1", 1, 4, 5);
    dt_subsample_init(&m->s2a, params, "s2a", 4, 2);
    dt_subsample_init(&m->s2b, params, "s2b", 4, 2);
    dt_conv_init(&m->c3, params, "c3", 8, 16, 5);
    dt_subsample_init(&m->s4, params, "s4", 16, 2);
    dt_linear_init(&m->f5, params, "f5", 16 * 5 * 5, 120);
    dt_linear_init(&m->out, params, "out", 120, 10);
}

dt_var *lenet4_forward(const lenet4 *m, dt_var *x)
{
    x = dt_scaled_tanh(dt_conv(&m->c1, x));                                            /* [4,28,28,N]  */
    x = dt_scaled_tanh(dt_concat(dt_subsample(&m->s2a, x), dt_subsample(&m->s2b, x))); /* [8,14,14,N]  */
    x = dt_scaled_tanh(dt_conv(&m->c3, x));                                            /* [16,10,10,N] */
    x = dt_scaled_tanh(dt_subsample(&m->s4, x));                                       /* [16,5,5,N]   */
    x = dt_scaled_tanh(dt_linear(&m->f5, dt_flatten(x)));                              /* [120,N]      */
    return dt_scaled_tanh(dt_linear(&m->out, dt_hidden_dropout(x)));                   /* [10,N]       */
}
