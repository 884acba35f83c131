#include "core/error.h"
#include "layers/layer.h"

void dt_recurrent_init_with(dt_recurrent_layer *layer, dt_params *params, const char *name, dt_cell cell, int64_t in,
                            dt_recurrent_options o)
{
    DT_REQUIRE(in > 0 && o.hidden > 0, "recurrent \"%s\": %lld to %lld units", name, (long long)in,
               (long long)o.hidden);
    const int64_t units = dt_cell_parts(cell) * o.hidden;
    *layer = (dt_recurrent_layer){.cell = cell, .hidden = o.hidden};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    if (!o.no_weight)
        layer->weight = add_param(params, name, "weight", 2, (int64_t[]){units, in},
                                  (dt_init){o.init, (double)in, (double)o.hidden, o.sd});
    layer->recurrent = add_param(params, name, "recurrent", 2, (int64_t[]){units, o.hidden},
                                 (dt_init){o.init, (double)o.hidden, (double)o.hidden, o.sd});
    if (o.no_bias) return;
    layer->bias = add_bias(params, name, dt_cell_biases(cell) * o.hidden, 0, 0);
    if (cell == DT_CELL_LSTM)
        dt_params_draw(params, layer->bias, o.hidden, o.hidden,
                       (dt_init){.kind = DT_INIT_CONSTANT, .value = o.forget_bias});
}

static dt_recurrent_parts parts(const dt_recurrent_layer *layer, dt_tape *tape, dt_var *h, dt_var *c)
{
    return (dt_recurrent_parts){use_if(tape, layer->weight), dt_use(tape, layer->recurrent), use_if(tape, layer->bias),
                                h, c};
}

dt_var *dt_recurrent(const dt_recurrent_layer *layer, dt_var *x, dt_var *h, dt_var *c)
{
    return named(dt_recurrent_of(layer->cell, x, parts(layer, x->tape, h, c)), layer->name);
}

dt_var *dt_recurrent_symbols(const dt_recurrent_layer *layer, dt_tape *tape, dt_symbols x, dt_var *h, dt_var *c)
{
    return named(dt_recurrent_of_symbols(layer->cell, x, parts(layer, tape, h, c)), layer->name);
}
