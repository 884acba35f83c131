#include "core/error.h"
#include "layers/layer.h"

/* A unit of the output is fed by every input map through kernel^2 / stride^2 taps: that is its fan-in. */
void dt_conv_transposed_init_with(dt_conv_layer *layer, dt_params *params, const char *name, int64_t in, int64_t out,
                                  dt_conv_options o)
{
    const int64_t stride = o.stride ? o.stride : 1;
    DT_REQUIRE(in > 0 && out > 0 && o.kernel > 0 && o.pad >= 0 && o.pad < o.kernel && stride > 0 && !o.table &&
                   o.groups <= 1,
               "conv_transposed \"%s\": %lld to %lld maps with kernel %lld, padding %lld and stride %lld, %s", name,
               (long long)in, (long long)out, (long long)o.kernel, (long long)o.pad, (long long)stride,
               o.table || o.groups > 1 ? "groups or a table" : "all connected");
    *layer = (dt_conv_layer){.how = {.pad = o.pad, .stride = stride}};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    const double taps = (double)(o.kernel * o.kernel), seen = taps / (double)(stride * stride);
    dt_param *weight = add_param(params, name, "weight", 4, (int64_t[]){in, out, o.kernel, o.kernel},
                                 (dt_init){o.init, (double)in * seen, (double)out * taps, o.sd});
    if (o.decay_mult != 0) weight->decay_mult = o.decay_mult;
    layer->weight = weight;
    if (!o.no_bias) layer->bias = add_bias(params, name, out, o.bias, o.bias_lr_mult);
}

dt_var *dt_conv_transposed(const dt_conv_layer *layer, dt_var *x)
{
    dt_var *weight = dt_use(x->tape, layer->weight), *bias = use_if(x->tape, layer->bias);
    return named(dt_conv_transposed_of(x, weight, bias, layer->how), layer->name);
}
