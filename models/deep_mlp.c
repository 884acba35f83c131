#include "models/deep_mlp.h"

#include <stdio.h>

void deep_mlp_init(deep_mlp *m, dt_params *params)
{
    DT_REQUIRE(m->depth >= 1 && m->depth <= DEEP_MLP_MOST && m->width > 0 && m->activation,
               "deep_mlp: %lld hidden layers (1 to %d) of %lld units%s", (long long)m->depth, DEEP_MLP_MOST,
               (long long)m->width, m->activation ? "" : ", no activation");
    int64_t in = 28 * 28;
    for (int64_t i = 0; i < m->depth; i++) {
        char name[DT_NAME_SIZE];
        int64_t units = i + 1 == m->depth && m->last > 0 ? m->last : m->width;
        snprintf(name, sizeof name, "h%lld", (long long)i + 1);
        dt_linear_init(&m->hidden[i], params, name, in, units, .init = m->init, .sd = m->sd,
                       .no_bias = m->place == DEEP_MLP_NORM_BEFORE);
        if (m->place != DEEP_MLP_PLAIN) {
            snprintf(name, sizeof name, "n%lld", (long long)i + 1);
            m->how.features = units;
            dt_batchnorm_init_with(&m->norm[i], params, name, m->how);
        }
        in = units;
    }
    dt_linear_init(&m->out, params, "out", in, 10, .init = m->init, .sd = m->sd);
}

dt_var *deep_mlp_watch(const deep_mlp *m, dt_var *x, dt_var *s[], dt_var *z[])
{
    x = dt_flatten(x);
    for (int64_t i = 0; i < m->depth; i++) {
        s[i] = dt_linear(&m->hidden[i], x); /* [width,N] */
        if (m->place == DEEP_MLP_NORM_BEFORE) s[i] = dt_batchnorm(&m->norm[i], s[i]);
        z[i] = m->activation(s[i]); /* [width,N] */
        if (m->place == DEEP_MLP_NORM_AFTER) z[i] = dt_batchnorm(&m->norm[i], z[i]);
        x = dt_hidden_dropout(z[i]);
    }
    return dt_linear(&m->out, x); /* [10,N] */
}

dt_var *deep_mlp_forward(const deep_mlp *m, dt_var *x)
{
    dt_var *s[DEEP_MLP_MOST], *z[DEEP_MLP_MOST];
    return deep_mlp_watch(m, x, s, z);
}
