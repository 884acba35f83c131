#include "models/dcgan.h"

enum { SIDE = 7 }; /* of the smallest maps */
static const double SD = 0.02, SLOPE = 0.2;

void dcgan_generator_init(dcgan_generator *m, dt_params *params)
{
    DT_REQUIRE(m->latent > 0 && m->maps > 1 && m->maps % 2 == 0, "dcgan: %lld numbers of noise, %lld maps",
               (long long)m->latent, (long long)m->maps);
    dt_linear_init(&m->in, params, "g.in", m->latent, m->maps * SIDE * SIDE, .init = DT_INIT_NORMAL, .sd = SD);
    dt_batchnorm_init(&m->norm1, params, "g.norm1", m->maps);
    dt_conv_transposed_init(&m->up1, params, "g.up1", m->maps, m->maps / 2, 4, .stride = 2, .pad = 1,
                            .init = DT_INIT_NORMAL, .sd = SD, .no_bias = true);
    dt_batchnorm_init(&m->norm2, params, "g.norm2", m->maps / 2);
    dt_conv_transposed_init(&m->up2, params, "g.up2", m->maps / 2, 1, 4, .stride = 2, .pad = 1, .init = DT_INIT_NORMAL,
                            .sd = SD);
}

dt_var *dcgan_generator_forward(const dcgan_generator *m, dt_var *z)
{
    const int64_t n = dt_batch(z);
    z = dt_linear(&m->in, z);                                                  /* [maps 49,N]       */
    z = dt_reshape(z, 4, (int64_t[]){m->maps, SIDE, SIDE, n});                 /* [maps,7,7,N]      */
    z = dt_batchnorm(&m->norm1, z, .relu = true);                              /* [maps,7,7,N]      */
    z = dt_batchnorm(&m->norm2, dt_conv_transposed(&m->up1, z), .relu = true); /* [maps/2,14,14,N] */
    return dt_tanh(dt_conv_transposed(&m->up2, z));                            /* [1,28,28,N]       */
}

void dcgan_discriminator_init(dcgan_discriminator *m, dt_params *params)
{
    DT_REQUIRE(m->maps > 1 && m->maps % 2 == 0, "dcgan: %lld maps", (long long)m->maps);
    dt_conv_init(&m->down1, params, "d.down1", 1, m->maps / 2, 4, .stride = 2, .pad = 1, .init = DT_INIT_NORMAL,
                 .sd = SD);
    dt_conv_init(&m->down2, params, "d.down2", m->maps / 2, m->maps, 4, .stride = 2, .pad = 1, .init = DT_INIT_NORMAL,
                 .sd = SD, .no_bias = true);
    dt_batchnorm_init(&m->norm, params, "d.norm", m->maps);
    dt_linear_init(&m->out, params, "d.out", m->maps * SIDE * SIDE, 1, .init = DT_INIT_NORMAL, .sd = SD);
}

dt_var *dcgan_discriminator_forward(const dcgan_discriminator *m, dt_var *x)
{
    x = dt_leaky_relu(dt_conv(&m->down1, x), SLOPE);                         /* [maps/2,14,14,N] */
    x = dt_leaky_relu(dt_batchnorm(&m->norm, dt_conv(&m->down2, x)), SLOPE); /* [maps,7,7,N]     */
    return dt_linear(&m->out, dt_flatten(x));                                /* [1,N]            */
}
