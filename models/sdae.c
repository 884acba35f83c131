#include "models/sdae.h"

void sdae_init(sdae *m, dt_params *params)
{
    static const char *const names[SDAE_LAYERS] = {"layer1", "layer2", "layer3"};
    DT_REQUIRE(m->layers >= 1 && m->layers <= SDAE_LAYERS && m->stage >= 0 && m->stage <= m->layers,
               "sdae: stage %d of %d layers", m->stage, m->layers);
    for (int i = 0; i < m->layers; i++) {
        m->layer[i] = (dae){.name = names[i],
                            .in = i ? m->hidden : SDAE_PIXELS,
                            .hidden = m->hidden,
                            .noise = m->noise,
                            .level = m->level[i],
                            .small = m->small,
                            .untied = m->untied,
                            .sparsity = m->sparsity,
                            .contraction = m->contraction};
        dae_init(&m->layer[i], params);
    }
    dt_linear_init(&m->out, params, "out", m->hidden, m->classes, .init = DT_INIT_CONSTANT);
}

dt_var *sdae_forward(const sdae *m, dt_var *x)
{
    x = dt_flatten(x);                                                  /* [784,N]     */
    for (int i = 0; i < m->stage; i++) x = dae_encode(&m->layer[i], x); /* [hidden,N]  */
    if (m->stage == m->layers) return dt_linear(&m->out, x);            /* [classes,N] */
    const int64_t n = dt_batch(x);
    return dt_reshape(dae_loss(&m->layer[m->stage], x), 2, (int64_t[]){1, n}); /* [1,N]    */
}
