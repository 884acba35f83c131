#include "models/lenet1.h"

/* Each of the twelve maps of C3 sees one or two of the four of S2. */
/* clang-format off */
static const char *const c3_connections[4] = {
    "XXX.XX......",
    ".XXXXX......",
    "......XXX.XX",
    ".......XXXXX",
};
/* clang-format on */

void lenet1_init(lenet1 *m, dt_params *params)
{
    dt_conv_init(&m->c1, params, "c1", 1, 4, 5);
    dt_subsample_init(&m->s2, params, "s2", 4, 2);
    dt_conv_init(&m->c3, params, "c3", 4, 12, 5, .table = c3_connections);
    dt_subsample_init(&m->s4, params, "s4", 12, 2);
    dt_linear_init(&m->out, params, "out", 12 * 4 * 4, 10);
}

dt_var *lenet1_forward(const lenet1 *m, dt_var *x)
{
    x = dt_scaled_tanh(dt_conv(&m->c1, x));                                      /* [4,24,24,N] */
    x = dt_scaled_tanh(dt_subsample(&m->s2, x));                                 /* [4,12,12,N] */
    x = dt_scaled_tanh(dt_conv(&m->c3, x));                                      /* [12,8,8,N]  */
    x = dt_scaled_tanh(dt_subsample(&m->s4, x));                                 /* [12,4,4,N]  */
    return dt_scaled_tanh(dt_linear(&m->out, dt_hidden_dropout(dt_flatten(x)))); /* [10,N]      */
}
