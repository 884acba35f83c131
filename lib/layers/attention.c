#include "core/error.h"
#include "layers/layer.h"

void dt_attention_init(dt_attention_layer *layer, dt_params *params, const char *name, dt_attention_kind kind,
                       int64_t query, int64_t value, int64_t hidden, double bound)
{
    DT_REQUIRE(kind != DT_ATTENTION_DOT || query == value,
               "attention \"%s\": a dot product of states of %lld units and places of %lld", name, (long long)query,
               (long long)value);
    char part[2][DT_NAME_SIZE + 8];
    snprintf(part[0], sizeof part[0], "%.*s.query", DT_NAME_SIZE - 16, name);
    snprintf(part[1], sizeof part[1], "%.*s.key", DT_NAME_SIZE - 16, name);
    *layer = (dt_attention_layer){.kind = kind};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    if (kind == DT_ATTENTION_DOT) return;
    dt_linear_init(&layer->key, params, part[1], value, kind == DT_ATTENTION_GENERAL ? query : hidden,
                   .init = DT_INIT_UNIFORM, .sd = bound, .no_bias = true);
    if (kind == DT_ATTENTION_GENERAL) return;
    dt_linear_init(&layer->query, params, part[0], query, hidden, .init = DT_INIT_UNIFORM, .sd = bound);
    layer->score = add_param(params, name, "score", 1, &hidden, (dt_init){.kind = DT_INIT_UNIFORM, .value = bound});
}

dt_var *dt_attention_keys(const dt_attention_layer *layer, dt_var *h)
{
    return layer->kind == DT_ATTENTION_DOT ? h : dt_linear(&layer->key, h);
}

dt_var *dt_attention(const dt_attention_layer *layer, dt_var *s, dt_var *keys, dt_var *h)
{
    dt_var *q = layer->kind == DT_ATTENTION_ADDITIVE ? dt_linear(&layer->query, s) : s;
    return named(dt_attend_of(q, keys, h, use_if(s->tape, layer->score)), layer->name);
}

dt_var *dt_recurrent_attend(const dt_recurrent_layer *layer, const dt_attention_layer *attention, dt_var *x, dt_var *h,
                            dt_var *c, dt_var *keys, dt_var *places)
{
    dt_tape *tape = x->tape;
    DT_REQUIRE(attention->kind == DT_ATTENTION_ADDITIVE && layer->weight,
               "recurrent_attend: \"%s\" must have weights and \"%s\" be additive", layer->name, attention->name);
    const dt_recurrent_parts parts = {dt_use(tape, layer->weight), dt_use(tape, layer->recurrent),
                                      use_if(tape, layer->bias), h, c};
    const dt_recurrent_attend_parts look = {dt_use(tape, attention->query.weight), use_if(tape, attention->query.bias),
                                            dt_use(tape, attention->score), keys, places};
    return named(dt_recurrent_attend_of(layer->cell, x, parts, look), layer->name);
}
