/* Layers: parameters with their initialisation, around an op. x_init adds the parameters "NAME.weight", ... to the set;
 * the function of the layer's name applies it. Options follow the last number: dt_conv_init(&m->c1, p, "c1", 1, 6, 5,
 * .pad = 2). Weights start by .init (default: uniform in +-2.4 / fan_in, LeCun et al. 1998), biases at 0. */
#ifndef DT_LAYERS_LAYERS_H
#define DT_LAYERS_LAYERS_H

#include "ops/ops.h"

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *weight, *bias;
    int64_t pad;
    dt_connections table;
} dt_conv_layer;

typedef struct {
    int64_t kernel; /* height and width */
    int64_t pad;    /* zeros on each side */
    dt_init_kind init;
    dt_connections table; /* which input maps feed which output maps; NULL: all */
} dt_conv_options;

/* in -> out maps with kernels of kernel x kernel: dt_conv_init(layer, params, name, in, out, kernel, options...). */
#define dt_conv_init(layer, params, name, in, out, ...) \
    dt_conv_init_with(layer, params, name, in, out, (dt_conv_options){.kernel = __VA_ARGS__})
void dt_conv_init_with(dt_conv_layer *layer, dt_params *params, const char *name, int64_t in, int64_t out,
                       dt_conv_options options);
dt_var *dt_conv(const dt_conv_layer *layer, dt_var *x);

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *weight, *bias;
} dt_linear_layer;

typedef struct {
    int64_t out;
    dt_init_kind init;
} dt_linear_options;

/* in -> out units: dt_linear_init(layer, params, name, in, out, options...). */
#define dt_linear_init(layer, params, name, in, ...) \
    dt_linear_init_with(layer, params, name, in, (dt_linear_options){.out = __VA_ARGS__})
void dt_linear_init_with(dt_linear_layer *layer, dt_params *params, const char *name, int64_t in,
                         dt_linear_options options);
dt_var *dt_linear(const dt_linear_layer *layer, dt_var *x);

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *coefficient, *bias;
    int64_t size;
} dt_subsample_layer;

/* LeCun's trainable subsampling of `maps` maps by size x size. */
void dt_subsample_init(dt_subsample_layer *layer, dt_params *params, const char *name, int64_t maps, int64_t size);
dt_var *dt_subsample(const dt_subsample_layer *layer, dt_var *x);

#endif
