#include "core/error.h"
#include "layers/layer.h"

void dt_embedding_init(dt_embedding_layer *layer, dt_params *params, const char *name, int64_t symbols,
                       int64_t features, double bound)
{
    DT_REQUIRE(symbols > 0 && features > 0, "embedding \"%s\": %lld symbols with %lld features", name,
               (long long)symbols, (long long)features);
    *layer = (dt_embedding_layer){.weight = add_param(params, name, "weight", 2, (int64_t[]){symbols, features},
                                                      (dt_init){.kind = DT_INIT_UNIFORM, .value = bound})};
    snprintf(layer->name, sizeof layer->name, "%s", name);
}

dt_var *dt_embedding(const dt_embedding_layer *layer, dt_tape *tape, dt_symbols x)
{
    return named(dt_embedding_of(x, dt_use(tape, layer->weight)), layer->name);
}
