/* Layers: parameters with their initialisation, around an op. x_init adds the parameters "NAME.weight", ... to the set;
 * the function of the layer's name applies it. Options follow the last number: dt_conv_init(&m->c1, p, "c1", 1, 6, 5,
 * .pad = 2). Weights start by .init (default: uniform in +-2.4 / fan_in, LeCun et al. 1998), biases at .bias. */
#ifndef DT_LAYERS_LAYERS_H
#define DT_LAYERS_LAYERS_H

#include "ops/ops.h"

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *weight, *bias;
    dt_conv_how how;
} dt_conv_layer;

typedef struct {
    int64_t kernel; /* height and width */
    int64_t pad;    /* zeros on each side */
    int64_t stride; /* 0: 1 */
    int64_t groups; /* of maps that are connected among themselves only; 0: 1 */
    dt_init_kind init;
    double sd;            /* of DT_INIT_NORMAL; the bound of DT_INIT_UNIFORM */
    dt_connections table; /* which input maps feed which output maps; NULL: all. It needs the bias */
    bool no_bias;         /* `bias` is NULL */
    double bias;          /* its first values */
    double bias_lr_mult;  /* its learning rate over the recipe's; 0: 1 */
    double decay_mult;    /* the weights' decay over the recipe's; 0: 1 */
} dt_conv_options;

/* in -> out maps with kernels of kernel x kernel: dt_conv_init(layer, params, name, in, out, kernel, options...). */
#define dt_conv_init(layer, params, name, in, out, ...) \
    dt_conv_init_with(layer, params, name, in, out, (dt_conv_options){.kernel = __VA_ARGS__})
void dt_conv_init_with(dt_conv_layer *layer, dt_params *params, const char *name, int64_t in, int64_t out,
                       dt_conv_options options);
dt_var *dt_conv(const dt_conv_layer *layer, dt_var *x);

/* The same for dt_conv_transposed_of, with weights [in,out,kernel,kernel]; it has neither groups nor a table. */
#define dt_conv_transposed_init(layer, params, name, in, out, ...) \
    dt_conv_transposed_init_with(layer, params, name, in, out, (dt_conv_options){.kernel = __VA_ARGS__})
void dt_conv_transposed_init_with(dt_conv_layer *layer, dt_params *params, const char *name, int64_t in, int64_t out,
                                  dt_conv_options options);
dt_var *dt_conv_transposed(const dt_conv_layer *layer, dt_var *x);

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *weight, *bias;
} dt_linear_layer;

typedef struct {
    int64_t out;
    dt_init_kind init;
    double sd;                             /* of DT_INIT_NORMAL; the bound of DT_INIT_UNIFORM */
    bool no_bias;                          /* `bias` is NULL */
    double bias, bias_lr_mult, decay_mult; /* as for dt_conv_options */
} dt_linear_options;

/* in -> out units: dt_linear_init(layer, params, name, in, out, options...). */
#define dt_linear_init(layer, params, name, in, ...) \
    dt_linear_init_with(layer, params, name, in, (dt_linear_options){.out = __VA_ARGS__})
void dt_linear_init_with(dt_linear_layer *layer, dt_params *params, const char *name, int64_t in,
                         dt_linear_options options);
dt_var *dt_linear(const dt_linear_layer *layer, dt_var *x);
/* The same layer with its loss, dt_linear_xent_of. */
dt_var *dt_linear_xent(const dt_linear_layer *layer, dt_var *x, const int32_t *labels);
/* The same with label smoothing, dt_linear_xent_smooth_of. */
dt_var *dt_linear_xent_smooth(const dt_linear_layer *layer, dt_var *x, const int32_t *labels, double share);

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *weight; /* [symbols,features] */
} dt_embedding_layer;

/* A row of `features` numbers for each symbol, uniform in +-bound at first. */
void dt_embedding_init(dt_embedding_layer *layer, dt_params *params, const char *name, int64_t symbols,
                       int64_t features, double bound);
dt_var *dt_embedding(const dt_embedding_layer *layer, dt_tape *tape, dt_symbols x);

typedef struct {
    char name[DT_NAME_SIZE];
    dt_cell cell;
    int64_t hidden;
    const dt_param *weight, *recurrent, *bias; /* w, u, bias of dt_recurrent_parts; those left out are NULL */
} dt_recurrent_layer;

typedef struct {
    int64_t hidden; /* units */
    dt_init_kind init;
    double sd;      /* of DT_INIT_NORMAL; the bound of DT_INIT_UNIFORM */
    bool no_weight; /* what comes in is w x already: in = parts hidden */
    bool no_bias;
    double forget_bias; /* the first values of LSTM's biases f (Gers et al. 2000); all others begin at 0 */
} dt_recurrent_options;

/* The parameters of dt_recurrent_of, in -> hidden units: dt_recurrent_init(layer, params, name, cell, in, hidden,
 * options...). */
#define dt_recurrent_init(layer, params, name, cell, in, ...) \
    dt_recurrent_init_with(layer, params, name, cell, in, (dt_recurrent_options){.hidden = __VA_ARGS__})
void dt_recurrent_init_with(dt_recurrent_layer *layer, dt_params *params, const char *name, dt_cell cell, int64_t in,
                            dt_recurrent_options options);

/* From the states h, c [H,N] (NULL: 0); c for LSTM. */
dt_var *dt_recurrent(const dt_recurrent_layer *layer, dt_var *x, dt_var *h, dt_var *c);
dt_var *dt_recurrent_symbols(const dt_recurrent_layer *layer, dt_tape *tape, dt_symbols x, dt_var *h, dt_var *c);

/* How a decoder's state s is compared with a place h of the source. */
typedef enum {
    DT_ATTENTION_ADDITIVE, /* v' tanh(W s + U h + bias) (Bahdanau et al. 2015, section A.1.2) */
    DT_ATTENTION_DOT,      /* s' h (Luong et al. 2015, eq. 8) */
    DT_ATTENTION_GENERAL   /* s' W h (likewise) */
} dt_attention_kind;

typedef struct {
    char name[DT_NAME_SIZE];
    dt_attention_kind kind;
    dt_linear_layer query, key; /* W with its bias, and U or general's W; those left out have no weight */
    const dt_param *score;      /* v [hidden]; NULL but for additive */
} dt_attention_layer;

/* Queries of `query` features, places of `value` features; `hidden` units for additive; dot needs query = value.
 * Weights start uniform in +-bound, the bias at 0. */
void dt_attention_init(dt_attention_layer *layer, dt_params *params, const char *name, dt_attention_kind kind,
                       int64_t query, int64_t value, int64_t hidden, double bound);
/* The keys of all places of a source h [S,value,N], computed once for all steps. */
dt_var *dt_attention_keys(const dt_attention_layer *layer, dt_var *h);
/* Steps of states s [T,query,N] -> what they attend to, [T,value,N] (dt_attend_of; dt_attend_weights has the weights).
 */
dt_var *dt_attention(const dt_attention_layer *layer, dt_var *s, dt_var *keys, dt_var *h);

/* A recurrent layer that attends before each step with additive scores (dt_recurrent_attend_of), whose inputs are those
 * of x and the places' numbers: x [T,E,N], its states h, c [H,N] (NULL: 0), keys and places of a source. */
dt_var *dt_recurrent_attend(const dt_recurrent_layer *layer, const dt_attention_layer *attention, dt_var *x, dt_var *h,
                            dt_var *c, dt_var *keys, dt_var *places);

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *coefficient, *bias;
    int64_t size;
} dt_subsample_layer;

/* LeCun's trainable subsampling of `maps` maps by size x size. */
void dt_subsample_init(dt_subsample_layer *layer, dt_params *params, const char *name, int64_t maps, int64_t size);
dt_var *dt_subsample(const dt_subsample_layer *layer, dt_var *x);

typedef struct {
    char name[DT_NAME_SIZE];
    const dt_param *gamma, *beta, *running; /* [C], [C], [2,C]: dt_batchnorm_of; those that are left out are NULL */
    double epsilon;
    bool of_batch;
} dt_batchnorm_layer;

typedef struct {
    int64_t features; /* units or maps */
    bool no_gamma, no_beta;
    double epsilon; /* 0: 1e-5 */
    double rate;    /* of the running averages; 0: 0.1 */
    bool of_batch;  /* testing, too, takes the statistics of the batch */
} dt_batchnorm_options;

/* Batch normalisation of units [features,N] or maps [features,H,W,N] (Ioffe & Szegedy 2015): dt_batchnorm_init(layer,
 * params, name, features, options...). gamma starts at 1, beta at 0, the running means at 0 and variances at 1. A layer
 * below needs no bias: it would be subtracted again (section 3.2). */
#define dt_batchnorm_init(layer, params, name, ...) \
    dt_batchnorm_init_with(layer, params, name, (dt_batchnorm_options){.features = __VA_ARGS__})
void dt_batchnorm_init_with(dt_batchnorm_layer *layer, dt_params *params, const char *name,
                            dt_batchnorm_options options);

typedef struct {
    dt_var *x;
    dt_var *add; /* what is added to the result, of x's shape or with fewer maps; NULL: nothing */
    bool relu;   /* max(0, .) of it */
} dt_batchnorm_use;

/* dt_batchnorm(layer, x), dt_batchnorm(layer, x, .relu = true), dt_batchnorm(layer, x, .add = shortcut, .relu = true):
 * what follows it is done in one op, for less memory traffic (dt_batchnorm_how). */
#define dt_batchnorm(layer, ...) dt_batchnorm_with(layer, (dt_batchnorm_use){.x = __VA_ARGS__})
dt_var *dt_batchnorm_with(const dt_batchnorm_layer *layer, dt_batchnorm_use use);

#endif
