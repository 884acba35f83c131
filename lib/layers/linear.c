#include "core/error.h"
#include "layers/layer.h"

void dt_linear_init_with(dt_linear_layer *layer, dt_params *params, const char *name, int64_t in, dt_linear_options o)
{
    DT_REQUIRE(in > 0 && o.out > 0, "linear \"%s\": %lld to %lld units", name, (long long)in, (long long)o.out);
    *layer = (dt_linear_layer){0};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    dt_param *weight = add_param(params, name, "weight", 2, (int64_t[]){o.out, in},
                                 (dt_init){o.init, (double)in, (double)o.out, o.sd});
    if (o.decay_mult != 0) weight->decay_mult = o.decay_mult;
    layer->weight = weight;
    if (!o.no_bias) layer->bias = add_bias(params, name, o.out, o.bias, o.bias_lr_mult);
}

dt_var *dt_linear(const dt_linear_layer *layer, dt_var *x)
{
    return named(dt_linear_of(x, dt_use(x->tape, layer->weight), use_if(x->tape, layer->bias)), layer->name);
}

dt_var *dt_linear_xent_smooth(const dt_linear_layer *layer, dt_var *x, const int32_t *labels, double share)
{
    dt_var *w = dt_use(x->tape, layer->weight), *bias = use_if(x->tape, layer->bias);
    return named(dt_linear_xent_smooth_of(x, w, bias, labels, share), layer->name);
}

dt_var *dt_linear_xent(const dt_linear_layer *layer, dt_var *x, const int32_t *labels)
{
    return dt_linear_xent_smooth(layer, x, labels, 0);
}
