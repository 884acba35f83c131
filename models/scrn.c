#include "models/scrn.h"

#include <string.h>

void scrn_init(scrn *m, dt_params *params)
{
    dt_embedding_init(&m->a, params, "A", m->vocabulary, m->hidden, m->bound);
    dt_recurrent_init(&m->r, params, "R", DT_CELL_SIGMOID, m->hidden, m->hidden, .no_weight = true, .no_bias = true,
                      .init = DT_INIT_UNIFORM, .sd = m->bound);
    if (m->context) {
        dt_embedding_init(&m->b, params, "B", m->vocabulary, m->context, m->bound);
        dt_linear_init(&m->p, params, "P", m->context, m->hidden, .no_bias = true, .init = DT_INIT_UNIFORM,
                       .sd = m->bound);
    }
    dt_linear_init(&m->out, params, "UV", m->hidden + m->context, m->vocabulary, .no_bias = true,
                   .init = DT_INIT_UNIFORM, .sd = m->bound);
}

int64_t scrn_states(const scrn *m, int64_t n)
{
    return (m->hidden + m->context) * n;
}

scrn_state scrn_state_in(const scrn *m, int64_t n, real *block)
{
    return (scrn_state){block, block + m->hidden * n};
}

/* s_1 .. s_T [T,context,N]. */
static dt_var *context(const scrn *m, dt_tape *tape, dt_symbols x, real *state)
{
    const int64_t units = m->context * x.n;
    dt_var *before = dt_constant(tape, 2, (int64_t[]){m->context, x.n}, state);
    dt_var *s = dt_context_of(dt_embedding(&m->b, tape, x), m->alpha, before);
    memcpy(state, s->value + (x.steps - 1) * units, (size_t)units * sizeof *state);
    return s;
}

dt_var *scrn_forward(const scrn *m, dt_tape *tape, dt_symbols x, scrn_state *state)
{
    dt_var *s = m->context ? context(m, tape, x, state->s) : NULL;
    dt_var *h = dt_embedding(&m->a, tape, x); /* [T,hidden,N] */
    if (s) h = dt_add(h, dt_linear(&m->p, s));
    h = dt_recurrent(&m->r, h, dt_constant(tape, 2, (int64_t[]){m->hidden, x.n}, state->h), NULL);
    dt_last_state(h, state->h, NULL);
    return dt_hidden_dropout(s ? dt_concat_features(h, s) : h); /* [T,hidden+context,N] */
}

dt_var *scrn_loss(const scrn *m, dt_tape *tape, dt_symbols x, const int32_t *next, scrn_state *state)
{
    return dt_linear_xent(&m->out, scrn_forward(m, tape, x, state), next);
}
