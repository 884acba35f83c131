#include "models/nplm.h"

void nplm_init(nplm *m, dt_params *params)
{
    DT_REQUIRE(m->vocabulary > 1 && m->context > 0 && m->features > 0 && m->hidden > 0,
               "nplm: %lld words, %lld before, %lld features, %lld hidden units", (long long)m->vocabulary,
               (long long)m->context, (long long)m->features, (long long)m->hidden);
    const int64_t x = m->context * m->features;
    dt_embedding_init(&m->c, params, "c", m->vocabulary, m->features, 0.17);
    dt_linear_init(&m->h, params, "h", x, m->hidden, .init = DT_INIT_GLOROT);
    dt_linear_init(&m->u, params, "u", m->hidden, m->vocabulary, .init = DT_INIT_GLOROT);
    if (m->direct) dt_linear_init(&m->w, params, "w", x, m->vocabulary, .init = DT_INIT_CONSTANT, .no_bias = true);
}

static dt_var *vectors(const nplm *m, dt_tape *tape, dt_symbols words)
{
    return dt_flatten(dt_embedding(&m->c, tape, words)); /* [context m,N] */
}

static dt_var *hidden_units(const nplm *m, dt_var *x)
{
    return dt_hidden_dropout(dt_tanh(dt_linear(&m->h, x))); /* [hidden,N] */
}

dt_var *nplm_forward(const nplm *m, dt_tape *tape, dt_symbols words)
{
    dt_var *x = vectors(m, tape, words);
    dt_var *y = dt_linear(&m->u, hidden_units(m, x)); /* [V,N] */
    return m->direct ? dt_add(y, dt_linear(&m->w, x)) : y;
}

dt_var *nplm_loss(const nplm *m, dt_tape *tape, dt_symbols words, const int32_t *next)
{
    if (m->direct) return dt_softmax_xent(nplm_forward(m, tape, words), next);
    return dt_linear_xent(&m->u, hidden_units(m, vectors(m, tape, words)), next);
}
