/* What the files of layers share. Private to layers/. */
#ifndef DT_LAYERS_LAYER_H
#define DT_LAYERS_LAYER_H

#include <stdio.h>

#include "layers/layers.h"

/* Adds the parameter "LAYER.PART". */
static inline dt_param *add_param(dt_params *params, const char *layer, const char *part, int rank, const int64_t *dim,
                                  dt_init init)
{
    char name[2 * DT_NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    return dt_params_add(params, name, rank, dim, init);
}

/* lr_mult 0: 1. */
static inline dt_param *add_bias(dt_params *params, const char *layer, int64_t count, double value, double lr_mult)
{
    dt_param *bias = add_param(params, layer, "bias", 1, &count, (dt_init){.kind = DT_INIT_CONSTANT, .value = value});
    if (lr_mult != 0) bias->lr_mult = lr_mult;
    return bias;
}

/* A parameter that the layer may have been made without. */
static inline dt_var *use_if(dt_tape *tape, const dt_param *param)
{
    return param ? dt_use(tape, param) : NULL;
}

static inline dt_var *named(dt_var *y, const char *layer)
{
    y->name = layer;
    return y;
}

#endif
