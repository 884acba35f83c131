#include "core/error.h"
#include "layers/layer.h"

/* With a connection table each output map has a fan-in of its own. */
static void init_linked(dt_conv_layer *layer, dt_params *params, int64_t in, int64_t out, dt_conv_options o)
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
                       (dt_init){o.init, (double)(own * taps), (double)(out * taps), 0});
        first += own;
    }
    layer->weight = weight;
}

void dt_conv_init_with(dt_conv_layer *layer, dt_params *params, const char *name, int64_t in, int64_t out,
                       dt_conv_options o)
{
    DT_REQUIRE(in > 0 && out > 0 && o.kernel > 0 && o.pad >= 0 && o.pad < o.kernel,
               "conv \"%s\": %lld to %lld maps with kernel %lld and padding %lld", name, (long long)in, (long long)out,
               (long long)o.kernel, (long long)o.pad);
    *layer = (dt_conv_layer){.pad = o.pad, .table = o.table};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    if (o.table) {
        init_linked(layer, params, in, out, o);
    } else {
        double taps = (double)(o.kernel * o.kernel);
        layer->weight = add_param(params, name, "weight", 4, (int64_t[]){out, in, o.kernel, o.kernel},
                                  (dt_init){o.init, (double)in * taps, (double)out * taps, 0});
    }
    layer->bias = add_bias(params, name, out);
}

dt_var *dt_conv(const dt_conv_layer *layer, dt_var *x)
{
    dt_var *weight = dt_use(x->tape, layer->weight), *bias = dt_use(x->tape, layer->bias);
    return named(dt_conv_of(x, weight, bias, layer->pad, layer->table), layer->name);
}
