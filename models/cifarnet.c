#include "models/cifarnet.h"

/* The deviations of the weights are those of cuda-convnet's layer definition. */
void cifarnet_init(cifarnet *m, dt_params *params)
{
    dt_conv_init(&m->conv1, params, "conv1", 3, 32, 5, .pad = 2, .init = DT_INIT_NORMAL, .sd = 1e-4);
    dt_conv_init(&m->conv2, params, "conv2", 32, 32, 5, .pad = 2, .init = DT_INIT_NORMAL, .sd = 0.01);
    dt_conv_init(&m->conv3, params, "conv3", 32, 64, 5, .pad = 2, .init = DT_INIT_NORMAL, .sd = 0.01);
    dt_linear_init(&m->fc64, params, "fc64", 64 * 4 * 4, 64, .init = DT_INIT_NORMAL, .sd = 0.1);
    dt_linear_init(&m->fc10, params, "fc10", 64, 10, .init = DT_INIT_NORMAL, .sd = 0.1);
}

/* max(0, x) of the maximum is the maximum of max(0, x), for a quarter of the work. */
dt_var *cifarnet_forward(const cifarnet *m, dt_var *x)
{
    x = dt_relu(dt_maxpool(dt_conv(&m->conv1, x), 3, .stride = 2, .clipped = true)); /* [32,16,16,N] */
    x = dt_avgpool(dt_relu(dt_conv(&m->conv2, x)), 3, .stride = 2, .clipped = true); /* [32,8,8,N]   */
    x = dt_avgpool(dt_relu(dt_conv(&m->conv3, x)), 3, .stride = 2, .clipped = true); /* [64,4,4,N]   */
    x = dt_linear(&m->fc64, dt_flatten(x));                                          /* [64,N]       */
    return dt_linear(&m->fc10, dt_hidden_dropout(x));                                /* [10,N]       */
}
