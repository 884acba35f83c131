#include "models/kingma_mlp.h"

/* The paper does not say how its weights begin: He's variance suits rectified units. */
void kingma_mlp_init(kingma_mlp *m, dt_params *params)
{
    DT_REQUIRE(m->width > 0, "kingma_mlp: hidden layers of %lld units", (long long)m->width);
    dt_linear_init(&m->hidden1, params, "hidden1", 28 * 28, m->width, .init = DT_INIT_HE);
    dt_linear_init(&m->hidden2, params, "hidden2", m->width, m->width, .init = DT_INIT_HE);
    dt_linear_init(&m->out, params, "out", m->width, 10, .init = DT_INIT_GLOROT);
}

dt_var *kingma_mlp_forward(const kingma_mlp *m, dt_var *x)
{
    x = dt_relu(dt_linear(&m->hidden1, dt_flatten(x)));             /* [width,N] */
    x = dt_relu(dt_linear(&m->hidden2, dt_dropout(x, m->dropout))); /* [width,N] */
    return dt_linear(&m->out, dt_dropout(x, m->dropout));           /* [10,N]    */
}
