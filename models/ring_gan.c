#include "models/ring_gan.h"

#include <stdio.h>

static void add(dt_linear_layer *layer, const ring_gan *m, dt_params *params, const char *part, int64_t in, int64_t out)
{
    char name[DT_NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", m->name, part);
    dt_linear_init(layer, params, name, in, out, .init = DT_INIT_GLOROT);
}

void ring_gan_init(ring_gan *m, dt_params *params)
{
    DT_REQUIRE(m->name && m->in > 0 && m->width > 0 && m->out > 0, "ring_gan: %lld to %lld to %lld units",
               (long long)m->in, (long long)m->width, (long long)m->out);
    add(&m->hidden1, m, params, "hidden1", m->in, m->width);
    add(&m->hidden2, m, params, "hidden2", m->width, m->width);
    add(&m->last, m, params, "last", m->width, m->out);
}

dt_var *ring_gan_forward(const ring_gan *m, dt_var *x)
{
    x = dt_relu(dt_linear(&m->hidden1, x)); /* [width,N] */
    x = dt_relu(dt_linear(&m->hidden2, x)); /* [width,N] */
    return dt_linear(&m->last, x);          /* [out,N]   */
}
