#include "models/resnet.h"

#include <stdio.h>

/* 3 x 3, without a bias: the normalisation after it would take it away again. */
static void init_conv(dt_conv_layer *conv, dt_batchnorm_layer *norm, dt_params *params, int64_t block, int part,
                      int64_t in, int64_t out, int64_t stride)
{
    char name[DT_NAME_SIZE];
    snprintf(name, sizeof name, "conv%lld.%d", (long long)block, part);
    dt_conv_init(conv, params, name, in, out, 3, .pad = 1, .stride = stride, .init = DT_INIT_HE, .no_bias = true);
    snprintf(name, sizeof name, "norm%lld.%d", (long long)block, part);
    dt_batchnorm_init(norm, params, name, out);
}

void resnet_init(resnet *m, dt_params *params)
{
    DT_REQUIRE(m->n >= 1 && m->n <= RESNET_MOST, "resnet: %lld blocks in a stage (1 to %d)", (long long)m->n,
               RESNET_MOST);
    init_conv(&m->conv, &m->norm, params, 0, 1, 3, 16, 1);
    int64_t in = 16;
    for (int64_t i = 0; i < 3 * m->n; i++) {
        resnet_block *b = &m->block[i];
        const int64_t maps = INT64_C(16) << i / m->n;
        b->halves = maps != in;
        init_conv(&b->conv1, &b->norm1, params, i + 1, 1, in, maps, b->halves ? 2 : 1);
        init_conv(&b->conv2, &b->norm2, params, i + 1, 2, maps, maps, 1);
        in = maps;
    }
    dt_linear_init(&m->out, params, "out", 64, 10, .init = DT_INIT_HE);
}

/* The shortcut comes first, so that its gradient comes last: with a stride it has numbers for a quarter of x only,
 * which it then adds, instead of clearing the rest. */
static dt_var *block_forward(const resnet_block *b, dt_var *x)
{
    dt_var *shortcut = b->halves ? dt_avgpool(x, 1, .stride = 2) : x; /* maps that it lacks are zeros */
    dt_var *y = dt_batchnorm(&b->norm1, dt_conv(&b->conv1, x), .relu = true);
    return dt_batchnorm(&b->norm2, dt_conv(&b->conv2, y), .add = shortcut, .relu = true);
}

dt_var *resnet_forward(const resnet *m, dt_var *x)
{
    x = dt_batchnorm(&m->norm, dt_conv(&m->conv, x), .relu = true);            /* [16,32,32,N] */
    for (int64_t i = 0; i < 3 * m->n; i++) x = block_forward(&m->block[i], x); /* [64,8,8,N]   */
    return dt_linear(&m->out, dt_global_avgpool(x));                           /* [10,N]       */
}
