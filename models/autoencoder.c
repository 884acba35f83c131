#include "models/autoencoder.h"

void autoencoder_init(autoencoder *m, dt_params *params)
{
    DT_REQUIRE(m->width > 0, "autoencoder: a hidden layer of %lld units", (long long)m->width);
    dt_linear_init(&m->encoder, params, "encoder", 28 * 28, m->width, .init = DT_INIT_STANDARD);
    dt_linear_init(&m->decoder, params, "decoder", m->width, 28 * 28, .init = DT_INIT_GLOROT);
}

dt_var *autoencoder_forward(const autoencoder *m, dt_var *x, dt_var **hidden)
{
    *hidden = dt_relu(dt_linear(&m->encoder, dt_flatten(x)));  /* [width,N] */
    return dt_linear(&m->decoder, dt_hidden_dropout(*hidden)); /* [784,N]   */
}
