/* The parameters of a model: named, and laid out one after another in one flat block of values and one of gradients, so
 * that clipping, stepping, saving and summing over shards are one loop each. */
#ifndef DT_TAPE_PARAMS_H
#define DT_TAPE_PARAMS_H

#include "backend/backend.h"

enum { DT_MAX_RANK = 5, DT_NAME_SIZE = 48, DT_MAX_PARAMS = 256 };

typedef enum {
    DT_INIT_LECUN98,  /* uniform in +-2.4 / fan_in (LeCun et al. 1998, appendix A) */
    DT_INIT_STANDARD, /* uniform in +-1 / sqrt(fan_in) (the "standard" of Glorot & Bengio 2010, eq. 1) */
    DT_INIT_LECUN,    /* normal, variance 1 / fan_in (LeCun et al. 1998, "Efficient BackProp", eq. 16) */
    DT_INIT_GLOROT,   /* uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16) */
    DT_INIT_HE,       /* normal, variance 2 / fan_in (He et al. 2015, eq. 10) */
    DT_INIT_NORMAL,   /* normal, standard deviation `value` */
    DT_INIT_UNIFORM,  /* uniform in +-value */
    DT_INIT_CONSTANT
} dt_init_kind;

typedef struct {
    dt_init_kind kind;
    double fan_in, fan_out;
    double value; /* of DT_INIT_CONSTANT; the deviation of DT_INIT_NORMAL; the bound of DT_INIT_UNIFORM */
} dt_init;

typedef struct {
    char name[DT_NAME_SIZE]; /* "c1.weight" */
    int rank;
    int64_t dim[DT_MAX_RANK];
    int64_t count;              /* numbers */
    int64_t offset;             /* of the first one in the flat blocks */
    int index;                  /* in the list */
    bool decays;                /* weight decay applies: true for weights, false for biases */
    double lr_mult, decay_mult; /* of its own learning rate and weight decay over the recipe's: 1, unless the layer's
                                 * options say otherwise (after Caffe's parameters of these names) */
    double rate;                /* above 0: a running average (dt_params_add_running) */
} dt_param;

typedef struct {
    uint64_t seed;
    int n;
    dt_param *list[DT_MAX_PARAMS];
    int64_t size; /* of the flat blocks, padding between parameters included (it stays 0) */
    real *values, *gradients;
    char mixer[DT_NAME_SIZE]; /* a layer that mixes the examples of a batch; "": there is none */
} dt_params;

/* An empty set whose initial values are drawn from the streams of `seed`. */
dt_params *dt_params_new(uint64_t seed);
void dt_params_free(dt_params *params);

/* Adds a parameter with its initial values; the stream is named by the parameter, so models that share a layer's name
 * and shape start from the same values. Pointers into the flat blocks are valid only until the next call: keep the
 * dt_param. */
dt_param *dt_params_add(dt_params *params, const char *name, int rank, const int64_t *dim, dt_init init);

/* Adds a running average of what each step observes, say a batch's means: state that is saved and resumed with the
 * parameters, but not trained. Its gradient is its distance from what was observed, average - observation, added by the
 * backward of the op that observes; each step of an optimizer, whatever its kind and rate, subtracts `rate` times that
 * (0 < rate <= 1) and nothing else. So forward passes change nothing, a step that breaks down leaves no trace, and
 * without an observation the average stays. */
dt_param *dt_params_add_running(dt_params *params, const char *name, int rank, const int64_t *dim, dt_init init,
                                double rate);

/* Notes that `layer` mixes the examples of a batch: in training, its shard must be the whole batch (tape/shards.h). */
void dt_params_note_mixer(dt_params *params, const char *layer);

/* Draws `count` values of a parameter from `first` on with a fan-in of its own (partial connection tables). */
void dt_params_draw(dt_params *params, const dt_param *param, int64_t first, int64_t count, dt_init init);

/* How many numbers are trained. */
int64_t dt_params_count(const dt_params *params);

void dt_params_zero_gradients(dt_params *params);

/* Scales the gradients so that their Euclidean norm is at most `most` (Pascanu, Mikolov, Bengio 2013; 0: leaves them
 * alone) and returns the norm before. Running averages have no part in it, but NaN or Inf in any gradient shows in the
 * result. */
double dt_params_clip(dt_params *params, const dt_backend *backend, double most);

/* Bounds each number of the gradients to -most .. most (most > 0), as char-rnn does with 5. Running averages have no
 * part in it, and a NaN stays one. */
void dt_params_clamp(dt_params *params, const dt_backend *backend, double most);

#endif
