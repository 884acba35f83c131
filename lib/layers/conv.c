#include "core/error.h"
#include "layers/layer.h"

/* With a connection table each output map has a fan-in of its own. */
static dt_param *add_linked(dt_conv_layer *layer, dt_params *params, int64_t in, int64_t out, dt_conv_options o)
{
    int64_t links = 0, taps = o.kernel * o.kernel;
    for (int64_t c = 0; c < in; c++)
        for (int64_t m = 0; m < out; m++) links += o.table[c][m] == 'X';
    dt_param *weight = add_param(params, layer->name, "weight", 3, (int64_t[]){links, o.kernel, o.kernel},
                                 (dt_init){.kind = DT_INIT_CONSTANT});
    int64_t first = 0;
    for (int64_t m = 0; m < out; m++) {
        int64_t own = 0;
        for (int64_t c = 0; c < in; c++) own += o.table[c][m] == 'X';
        DT_REQUIRE(own > 0, "conv \"%s\": output map %lld has no connection in the table", layer->name, (long long)m);
        dt_params_draw(params, weight, first * taps, own * taps,
                       (dt_init){o.init, (double)(own * taps), (double)(out * taps), o.sd});
        first += own;
    }
    return weight;
}

void dt_conv_init_with(dt_conv_layer *layer, dt_params *params, const char *name, int64_t in, int64_t out,
                       dt_conv_options o)
{
    const int64_t groups = o.groups ? o.groups : 1;
    DT_REQUIRE(in > 0 && out > 0 && o.kernel > 0 && o.pad >= 0 && o.pad < o.kernel && o.stride >= 0,
               "conv \"%s\": %lld to %lld maps with kernel %lld, padding %lld and stride %lld", name, (long long)in,
               (long long)out, (long long)o.kernel, (long long)o.pad, (long long)o.stride);
    DT_REQUIRE(groups > 0 && in % groups == 0 && out % groups == 0, "conv \"%s\": %lld to %lld maps in %lld groups",
               name, (long long)in, (long long)out, (long long)groups);
    *layer = (dt_conv_layer){.how = {.pad = o.pad, .stride = o.stride, .groups = groups, .table = o.table}};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    const double taps = (double)(o.kernel * o.kernel), seen = (double)(in / groups) * taps;
    dt_param *weight = o.table ? add_linked(layer, params, in, out, o)
                               : add_param(params, name, "weight", 4, (int64_t[]){out, in / groups, o.kernel, o.kernel},
                                           (dt_init){o.init, seen, (double)(out / groups) * taps, o.sd});
    if (o.decay_mult != 0) weight->decay_mult = o.decay_mult;
    layer->weight = weight;
    if (!o.no_bias) layer->bias = add_bias(params, name, out, o.bias, o.bias_lr_mult);
}

dt_var *dt_conv(const dt_conv_layer *layer, dt_var *x)
{
    dt_var *weight = dt_use(x->tape, layer->weight), *bias = use_if(x->tape, layer->bias);
    return named(dt_conv_of(x, weight, bias, layer->how), layer->name);
}
