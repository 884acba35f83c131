#include "core/error.h"
#include "layers/layer.h"

void dt_batchnorm_init_with(dt_batchnorm_layer *layer, dt_params *params, const char *name, dt_batchnorm_options o)
{
    const int64_t features = o.features;
    DT_REQUIRE(features > 0, "batchnorm \"%s\": %lld units or maps", name, (long long)features);
    *layer = (dt_batchnorm_layer){.epsilon = o.epsilon != 0 ? o.epsilon : 1e-5, .of_batch = o.of_batch};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    if (!o.no_gamma)
        layer->gamma = add_param(params, name, "gamma", 1, &features, (dt_init){.kind = DT_INIT_CONSTANT, .value = 1});
    if (!o.no_beta) layer->beta = add_param(params, name, "beta", 1, &features, (dt_init){.kind = DT_INIT_CONSTANT});
    char running_name[2 * DT_NAME_SIZE];
    snprintf(running_name, sizeof running_name, "%s.running", name);
    dt_param *running = dt_params_add_running(params, running_name, 2, (int64_t[]){2, features},
                                              (dt_init){.kind = DT_INIT_CONSTANT}, o.rate != 0 ? o.rate : 0.1);
    dt_params_draw(params, running, features, features, (dt_init){.kind = DT_INIT_CONSTANT, .value = 1});
    layer->running = running;
    dt_params_note_mixer(params, name);
}

dt_var *dt_batchnorm_with(const dt_batchnorm_layer *layer, dt_batchnorm_use use)
{
    dt_tape *tape = use.x->tape;
    const dt_batchnorm_how how = {.gamma = use_if(tape, layer->gamma),
                                  .beta = use_if(tape, layer->beta),
                                  .running = dt_use(tape, layer->running),
                                  .epsilon = layer->epsilon,
                                  .of_batch = layer->of_batch,
                                  .add = use.add,
                                  .relu = use.relu};
    return named(dt_batchnorm_of(use.x, how), layer->name);
}
