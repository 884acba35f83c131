#include "models/alexnet.h"

/* Section 5: weights N(0, 0.01^2); the biases of convolutions 2, 4 and 5 and of the hidden full layers start at 1, so
 * that the ReLUs see positive inputs. */
#define NORMAL .init = DT_INIT_NORMAL, .sd = 0.01

void alexnet_init(alexnet *m, dt_params *params)
{
    dt_conv_init(&m->conv1, params, "conv1", 3, 96, 11, .stride = 4, NORMAL);
    dt_conv_init(&m->conv2, params, "conv2", 96, 256, 5, .pad = 2, .groups = 2, .bias = 1, NORMAL);
    dt_conv_init(&m->conv3, params, "conv3", 256, 384, 3, .pad = 1, NORMAL);
    dt_conv_init(&m->conv4, params, "conv4", 384, 384, 3, .pad = 1, .groups = 2, .bias = 1, NORMAL);
    dt_conv_init(&m->conv5, params, "conv5", 384, 256, 3, .pad = 1, .groups = 2, .bias = 1, NORMAL);
    dt_linear_init(&m->fc6, params, "fc6", 256 * 6 * 6, 4096, .bias = 1, NORMAL);
    dt_linear_init(&m->fc7, params, "fc7", 4096, 4096, .bias = 1, NORMAL);
    dt_linear_init(&m->fc8, params, "fc8", 4096, m->classes ? m->classes : ALEXNET_CLASSES, NORMAL);
}

/* Sections 3.3 and 3.4. */
static dt_var *normalised_pool(dt_var *x)
{
    return dt_maxpool(dt_lrn(x, 5, .k = 2, .alpha = 1e-4, .beta = 0.75), 3, .stride = 2);
}

dt_var *alexnet_forward(const alexnet *m, dt_var *x)
{
    x = normalised_pool(dt_relu(dt_conv(&m->conv1, x)));            /* [96,55,55,N], then [96,27,27,N]   */
    x = normalised_pool(dt_relu(dt_conv(&m->conv2, x)));            /* [256,27,27,N], then [256,13,13,N] */
    x = dt_relu(dt_conv(&m->conv3, x));                             /* [384,13,13,N]                     */
    x = dt_relu(dt_conv(&m->conv4, x));                             /* [384,13,13,N]                     */
    x = dt_maxpool(dt_relu(dt_conv(&m->conv5, x)), 3, .stride = 2); /* [256,6,6,N]                       */
    x = dt_hidden_dropout(dt_relu(dt_linear(&m->fc6, dt_flatten(x))));
    x = dt_hidden_dropout(dt_relu(dt_linear(&m->fc7, x))); /* [4096,N] */
    return dt_linear(&m->fc8, x);                          /* [classes,N] */
}
