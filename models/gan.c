#include "models/gan.h"

enum { PIXELS = 28 * 28, PIECES = 5 };

void gan_generator_init(gan_generator *m, dt_params *params)
{
    const double range = 0.05;
    DT_REQUIRE(m->latent > 0 && m->width > 0, "gan: %lld numbers of noise, %lld hidden units", (long long)m->latent,
               (long long)m->width);
    dt_linear_init(&m->hidden1, params, "g.hidden1", m->latent, m->width, .init = DT_INIT_UNIFORM, .sd = range);
    dt_linear_init(&m->hidden2, params, "g.hidden2", m->width, m->width, .init = DT_INIT_UNIFORM, .sd = range);
    dt_linear_init(&m->out, params, "g.out", m->width, PIXELS, .init = DT_INIT_UNIFORM, .sd = range);
}

dt_var *gan_generator_forward(const gan_generator *m, dt_var *z)
{
    z = dt_relu(dt_linear(&m->hidden1, z));   /* [width,N] */
    z = dt_relu(dt_linear(&m->hidden2, z));   /* [width,N] */
    return dt_sigmoid(dt_linear(&m->out, z)); /* [784,N]   */
}

void gan_discriminator_init(gan_discriminator *m, dt_params *params)
{
    const double range = 0.005;
    const int64_t pieces = PIECES * m->width;
    DT_REQUIRE(m->width > 0, "gan: %lld maxout units", (long long)m->width);
    dt_linear_init(&m->hidden1, params, "d.hidden1", PIXELS, pieces, .init = DT_INIT_UNIFORM, .sd = range);
    dt_linear_init(&m->hidden2, params, "d.hidden2", m->width, pieces, .init = DT_INIT_UNIFORM, .sd = range);
    dt_linear_init(&m->out, params, "d.out", m->width, 1, .init = DT_INIT_UNIFORM, .sd = range);
}

dt_var *gan_discriminator_forward(const gan_discriminator *m, dt_var *x)
{
    x = dt_maxout(dt_linear(&m->hidden1, x), PIECES);                    /* [width,N] */
    x = dt_maxout(dt_linear(&m->hidden2, dt_hidden_dropout(x)), PIECES); /* [width,N] */
    return dt_linear(&m->out, dt_hidden_dropout(x));                     /* [1,N]     */
}
