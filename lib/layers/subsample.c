#include "core/error.h"
#include "layers/layer.h"

void dt_subsample_init(dt_subsample_layer *layer, dt_params *params, const char *name, int64_t maps, int64_t size)
{
    DT_REQUIRE(maps > 0 && size > 0, "subsample \"%s\": %lld maps by %lld", name, (long long)maps, (long long)size);
    *layer = (dt_subsample_layer){.size = size};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    layer->coefficient = add_param(params, name, "coefficient", 1, &maps,
                                   (dt_init){.kind = DT_INIT_LECUN98, .fan_in = (double)(size * size)});
    layer->bias = add_bias(params, name, maps, 0, 0);
}

dt_var *dt_subsample(const dt_subsample_layer *layer, dt_var *x)
{
    dt_var *coefficient = dt_use(x->tape, layer->coefficient), *bias = dt_use(x->tape, layer->bias);
    return named(dt_subsample_of(x, coefficient, bias, layer->size), layer->name);
}
