/* A network that sorts images into classes: what it is made of, how it is trained, and one instance of it. */
#ifndef DT_RUN_NETWORK_H
#define DT_RUN_NETWORK_H

#include "data/batch.h"
#include "data/distort.h"
#include "data/jitter.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "tape/shards.h"

/* A model's functions without its type; DT_MODEL(lenet5) defines lenet5_model from lenet5, lenet5_init and
 * lenet5_forward. */
typedef struct {
    size_t size;
    void (*init)(void *model, dt_params *params);
    dt_var *(*forward)(const void *model, dt_var *x);
} dt_model;

#define DT_MODEL(model)                                          \
    static void model##_init_any(void *m, dt_params *params)     \
    {                                                            \
        model##_init(m, params);                                 \
    }                                                            \
    static dt_var *model##_forward_any(const void *m, dt_var *x) \
    {                                                            \
        return model##_forward(m, x);                            \
    }                                                            \
    static const dt_model model##_model = {sizeof(model), model##_init_any, model##_forward_any}

/* How one network is trained. */
typedef struct {
    int64_t epochs, batch;
    int64_t shard;        /* examples that one thread takes at a time; 0: the usual (tape/shards.h) */
    bool one_lane;        /* one shard at a time, on all threads: less memory (dt_shards_init_one_lane) */
    dt_schedule schedule; /* .lr is the rate at the start; .epochs and .batches are filled in */
    dt_optimizer_recipe optimizer;
    double clip;              /* greatest norm of the gradient; 0: any */
    double max_norm;          /* greatest norm of a unit's incoming weights (optim/max_norm.h); 0: any */
    double dropout;           /* how likely a hidden unit is left out, where the model says so (dt_hidden_dropout) */
    double input_dropout;     /* the same for the numbers of the input */
    bool averaged;            /* the trained parameters are the average of all steps, with this decay */
    double average_decay;     /* (optim/average.h) */
    int64_t patience;         /* stop after so many epochs without a new lowest validation error; 0: never */
    dt_distortion distortion; /* of the training images, anew in each epoch; all 0: none */
    dt_jitter jitter;         /* likewise, after the distortion */
    int64_t examples;         /* only the first so many training images; 0: all */
} dt_recipe;

/* What is trained: a model with its input and loss. */
typedef struct {
    const char *id;    /* "lenet5": one word, also the claim's in published.tsv */
    const char *title; /* "LeNet-5" */
    const dt_model *model;
    dt_var *(*loss)(dt_var *output, const int32_t *labels); /* per example */
    const void *shape;                                      /* a model whose free fields are set; NULL: it has none */
    bool smallest_wins;                                     /* the outputs are penalties, not scores */
    dt_frame frame;
    double shrink; /* images are scaled by this first; 0: as they are */
    int64_t exam;  /* judged by so many of the test images; 0: by all */
} dt_task;

typedef struct {
    const dt_task *task;
    dt_params *params;
    void *model;
} dt_network;

/* A fresh network, its parameters drawn from `seed`. */
void dt_network_init(dt_network *net, const dt_task *task, uint64_t seed);
void dt_network_free(dt_network *net);

/* The answer for each column of an output [classes,N], into answer [N]. */
void dt_network_answers(const dt_network *net, const dt_var *output, int32_t *answer);

/* The network's answer for every image, into answer [images->count]. */
void dt_network_classify(const dt_network *net, const dt_backend *backend, const dt_images *images, int32_t *answer);

/* The share of images, in percent, whose answer is not their label. */
double dt_network_error(const dt_network *net, const dt_backend *backend, const dt_images *images);

/* The same, and in *loss the mean of the task's loss. */
double dt_network_judge(const dt_network *net, const dt_backend *backend, const dt_images *images, double *loss);

#endif
