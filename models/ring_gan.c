#include "models/ring_gan.h"

#include <math.h>
#include <stdio.h>

static void add(dt_linear_layer *layer, const ring_gan *m, dt_params *params, const char *part, int64_t in, int64_t out)
{
    char name[DT_NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", m->name, part);
    dt_linear_init(layer, params, name, in, out, .init = DT_INIT_NORMAL,
                   .sd = 0.8 / sqrt((double)(in > out ? in : out)));
}

void ring_gan_init(ring_gan *m, dt_params *params)
{
    static const char *const names[RING_GAN_LAYERS] = {"hidden1", "hidden2"};
    DT_REQUIRE(m->name && m->in > 0 && m->width > 0 && m->out > 0 && m->layers > 0 && m->layers <= RING_GAN_LAYERS,
               "ring_gan: %lld to %d x %lld to %lld units", (long long)m->in, m->layers, (long long)m->width,
               (long long)m->out);
    for (int i = 0; i < m->layers; i++) add(&m->hidden[i], m, params, names[i], i ? m->width : m->in, m->width);
    add(&m->last, m, params, "last", m->width, m->out);
}

/* By a diagonal matrix that is no parameter. */
static dt_var *scaled(dt_var *x, double by)
{
    const int64_t n = x->dim[0];
    dt_var *w = dt_input(x->tape, 2, (int64_t[]){n, n});
    for (int64_t i = 0; i < n * n; i++) w->value[i] = i % (n + 1) ? 0 : (real)by;
    return dt_linear_of(x, w, NULL);
}

dt_var *ring_gan_forward(const ring_gan *m, dt_var *x)
{
    if (m->scale > 0) x = scaled(x, m->scale);                                    /* [in,N]    */
    for (int i = 0; i < m->layers; i++) x = dt_relu(dt_linear(&m->hidden[i], x)); /* [width,N] */
    return dt_linear(&m->last, x);                                                /* [out,N]   */
}
