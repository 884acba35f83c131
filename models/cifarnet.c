#include "models/cifarnet.h"

/* The definitions' deviations of the weights, and their wc (weight decay) and epsB over those of the convolutions. */
#define CONV .pad = 2, .init = DT_INIT_NORMAL, .bias_lr_mult = 2, .no_bias = m->batchnorm
#define FULL(wc) .init = DT_INIT_NORMAL, .bias_lr_mult = 2, .decay_mult = (wc) / 0.004

void cifarnet_init(cifarnet *m, dt_params *params)
{
    const int64_t maps = m->maps ? m->maps : 32, side = m->side ? m->side : 32,
                  last = 2 * maps * (side / 8) * (side / 8);
    DT_REQUIRE(maps > 0 && side > 0 && side % 8 == 0, "cifarnet: %lld maps of images of %lld", (long long)maps,
               (long long)side);
    dt_conv_init(&m->conv1, params, "conv1", 3, maps, 5, CONV, .sd = m->conv1_sd != 0 ? m->conv1_sd : 1e-4);
    dt_conv_init(&m->conv2, params, "conv2", maps, maps, 5, CONV, .sd = 0.01);
    dt_conv_init(&m->conv3, params, "conv3", maps, 2 * maps, 5, CONV, .sd = 0.01);
    if (m->batchnorm) {
        dt_batchnorm_init(&m->norm1, params, "norm1", maps);
        dt_batchnorm_init(&m->norm2, params, "norm2", maps);
        dt_batchnorm_init(&m->norm3, params, "norm3", 2 * maps);
    }
    if (m->no_fc64) {
        dt_linear_init(&m->fc10, params, "fc10", last, 10, FULL(1), .sd = 0.01);
        return;
    }
    dt_linear_init(&m->fc64, params, "fc64", last, 64, FULL(0.03), .sd = 0.1, .no_bias = m->batchnorm);
    if (m->batchnorm) dt_batchnorm_init(&m->norm64, params, "norm64", 64);
    dt_linear_init(&m->fc10, params, "fc10", 64, 10, FULL(0.03), .sd = 0.1);
}

static dt_var *rise(const cifarnet *m, dt_var *x)
{
    return m->activation ? m->activation(x) : dt_relu(x);
}

static dt_var *standardised(const cifarnet *m, const dt_batchnorm_layer *norm, dt_var *s)
{
    return m->batchnorm ? dt_batchnorm(norm, s) : s;
}

/* A convolution, its nonlinearity, a pool. The nonlinearity of the maximum is the maximum of the nonlinearities, for a
 * quarter of the work. Batch normalisation comes before both: where its gamma is negative, it turns maxima into minima.
 */
static dt_var *stage(const cifarnet *m, const dt_conv_layer *conv, const dt_batchnorm_layer *norm, dt_var *x,
                     bool first)
{
    const dt_pool_how how = {.size = m->plain_pools ? 2 : 3, .stride = 2, .clipped = true};
    const bool maxima = m->pooling == CIFARNET_MAX || (m->pooling == CIFARNET_MIXED && first);
    x = standardised(m, norm, dt_conv(conv, x));
    return maxima ? rise(m, dt_maxpool_of(x, how)) : dt_avgpool_of(rise(m, x), how);
}

/* cuda-convnet's rnorm: size 3, scale 0.00005 over the 9 places, pow 0.75. */
static dt_var *normalised(const cifarnet *m, dt_var *x)
{
    return m->lrn ? dt_lrn(x, 3, .kind = DT_LRN_WITHIN_MAP, .k = 1, .alpha = 5e-5 / 9, .beta = 0.75) : x;
}

dt_var *cifarnet_hidden(const cifarnet *m, dt_var *x)
{
    x = normalised(m, stage(m, &m->conv1, &m->norm1, x, true));  /* [32,16,16,N] */
    x = normalised(m, stage(m, &m->conv2, &m->norm2, x, false)); /* [32,8,8,N]   */
    x = dt_flatten(stage(m, &m->conv3, &m->norm3, x, false));    /* [64 4 4,N]   */
    if (m->no_fc64) return x;
    return rise(m, standardised(m, &m->norm64, dt_linear(&m->fc64, x))); /* [64,N] */
}

dt_var *cifarnet_forward(const cifarnet *m, dt_var *x)
{
    return dt_linear(&m->fc10, dt_hidden_dropout(cifarnet_hidden(m, x))); /* [10,N] */
}
