#include "models/dae.h"

#include <math.h>
#include <stdio.h>

void dae_init(dae *m, dt_params *params)
{
    char name[DT_NAME_SIZE];
    DT_REQUIRE(m->in > 0 && m->hidden > 0, "dae %s: %lld numbers to %lld units", m->name, (long long)m->in,
               (long long)m->hidden);
    DT_REQUIRE(m->level >= 0 && m->level <= 1, "dae %s: noise of level %g, must be from 0 to 1", m->name, m->level);
    DT_REQUIRE(m->sparsity >= 0 && m->contraction >= 0, "dae %s: penalties of %g and %g", m->name, m->sparsity,
               m->contraction);
    const double larger = (double)(m->in > m->hidden ? m->in : m->hidden);
    const double bound = m->small ? 1 / sqrt(larger) : 4 * sqrt(6.0 / (double)(m->in + m->hidden));
    dt_linear_init(&m->encoder, params, m->name, m->in, m->hidden, .init = DT_INIT_UNIFORM, .sd = bound);
    snprintf(name, sizeof name, "%s.decoder", m->name);
    if (m->untied)
        dt_linear_init(&m->decoder, params, name, m->hidden, m->in, .init = DT_INIT_UNIFORM, .sd = bound);
    else
        m->visible = dt_params_add(params, name, 1, &m->in, (dt_init){.kind = DT_INIT_CONSTANT});
}

dt_var *dae_corrupt(const dae *m, dt_var *x)
{
    if (m->level == 0) return x;
    dt_tape *tape = x->tape;
    dt_var *y = dt_input(tape, x->rank, x->dim);
    if (m->noise == DAE_GAUSSIAN) {
        const dt_var *e = dt_normal_input(tape, x->rank, x->dim);
        for (int64_t i = 0; i < x->count; i++) y->value[i] = x->value[i] + (real)m->level * e->value[i];
        return y;
    }
    const bool coin = m->noise == DAE_SALT_AND_PEPPER;
    const dt_var *keep = dt_mask_input(tape, x->rank, x->dim, m->level);
    const dt_var *fill = coin ? dt_mask_input(tape, x->rank, x->dim, 0.5) : NULL;
    for (int64_t i = 0; i < x->count; i++) y->value[i] = keep->value[i] > 0 ? x->value[i] : fill ? fill->value[i] : 0;
    return y;
}

dt_var *dae_encode(const dae *m, dt_var *x)
{
    return dt_sigmoid(dt_linear(&m->encoder, x)); /* [hidden,N] */
}

dt_var *dae_decode(const dae *m, dt_var *h)
{
    if (m->untied) return dt_linear(&m->decoder, h); /* [in,N] */
    return dt_linear_transposed_of(h, dt_use(h->tape, m->encoder.weight), dt_use(h->tape, m->visible));
}

dt_var *dae_reconstruct(const dae *m, dt_var *x)
{
    dt_var *y = dae_decode(m, dae_encode(m, x));
    return m->unbounded ? y : dt_sigmoid(y);
}

/* weight x, x [F,N] summed over features, as a loss [N]. */
static dt_var *weighted_sum(dt_var *x, double weight)
{
    real *weights = dt_arena_reals(x->tape->arena, x->dim[0]);
    for (int64_t i = 0; i < x->dim[0]; i++) weights[i] = (real)weight;
    dt_var *sum = dt_linear_of(x, dt_constant(x->tape, 2, (int64_t[]){1, x->dim[0]}, weights), NULL);
    return dt_reshape(sum, 1, (int64_t[]){dt_batch(x)});
}

dt_var *dae_loss(const dae *m, dt_var *x)
{
    x = dt_constant(x->tape, 2, x->dim, x->value); /* what the layers below give is given */
    dt_var *h = dae_encode(m, dae_corrupt(m, x));
    dt_var *y = dae_decode(m, h);
    dt_var *loss = m->unbounded ? dt_gaussian_nll(x, y, NULL) : dt_bernoulli_nll(x, y);
    if (m->sparsity > 0) loss = dt_add(loss, weighted_sum(h, m->sparsity));
    if (m->contraction > 0) {
        dt_var *penalty = dt_contraction(h, dt_use(x->tape, m->encoder.weight));
        loss = dt_add(loss, weighted_sum(dt_reshape(penalty, 2, (int64_t[]){1, dt_batch(x)}), m->contraction));
    }
    return loss;
}
