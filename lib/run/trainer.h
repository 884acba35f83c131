/* The training of one network by its recipe, step by step. All its state is the parameters, the optimizer's blocks
 * and steps, the average, and the counters under `state`, all in dt_trainer_blobs. */
#ifndef DT_RUN_TRAINER_H
#define DT_RUN_TRAINER_H

#include "core/error.h"
#include "optim/average.h"
#include "optim/optimizer.h"
#include "run/checkpoint.h"
#include "run/network.h"

/* Reads examples that are not all in memory: images order[0 .. n-1] into pixels [n][channels][height][width] and their
 * labels [n]. Errors end the training. */
typedef dt_status (*dt_batch_reader)(const void *source, const uint32_t *order, int64_t n, uint8_t *pixels,
                                     int32_t *labels, dt_error *err);

typedef struct {
    dt_network *net;
    const dt_backend *backend;
    const dt_images *images;
    dt_recipe recipe;
    uint64_t seed;
    dt_optimizer optimizer;
    dt_average average; /* unused unless the recipe is averaged */
    dt_shards shards;
    int64_t batches; /* in an epoch */
    struct {
        int64_t epoch, batch; /* the next step to take */
        int64_t wrong;        /* in this epoch so far, each example answered before its update */
        double loss;          /* summed likewise; the first step of an epoch begins both anew */
        int64_t best_epoch;   /* the one after which the validation error was lowest; 0: none was told */
        double best_error;
    } state;
    /* of the last step */
    double lr, step_loss, gradient_norm;
    uint32_t *order;
    int64_t order_epoch; /* that `order` is for */
    real *losses;
    int32_t *labels, *answers;
    uint32_t *in_turn;    /* 0, 1, ... for the examples of a batch */
    dt_batch_reader read; /* NULL: the images are in memory */
    const void *source;
    dt_images window; /* the images of this batch, where they are read */
} dt_trainer;

/* Ready for the first step. The recipe's examples are the first ones of `images`, which outlive the trainer. */
void dt_trainer_init(dt_trainer *t, dt_network *net, const dt_backend *backend, const dt_images *images,
                     const dt_recipe *recipe, uint64_t seed);
void dt_trainer_free(dt_trainer *t);

/* Each step reads its batch by read(source, ..) instead; `images` tell only number, size and mean. Before the first
 * step; the source outlives the trainer. */
void dt_trainer_read_by(dt_trainer *t, dt_batch_reader read, const void *source);

/* One batch: forward, backward, update. A loss or gradient that is not a number stops before the update with
 * DT_ERR_DATA and a sentence that names the first op where it appears, the step, the rate and the norm. Other errors
 * are those of the reader, and have a path. */
dt_status dt_trainer_step(dt_trainer *t, dt_error *err);

/* All epochs are done, or the recipe's patience is at its end. */
bool dt_trainer_finished(const dt_trainer *t);

/* Early stopping: the caller tells the validation error after each epoch. */
void dt_trainer_validated(dt_trainer *t, double error);

/* The epoch whose parameters are the result: the best one where validation errors were told, else the last. */
int64_t dt_trainer_result(const dt_trainer *t);

/* Where the recipe averages, exchanges the network's parameters and their average: once to evaluate the average, once
 * more to go on. Otherwise nothing. */
void dt_trainer_swap(dt_trainer *t);

/* Steps in all. */
int64_t dt_trainer_steps(const dt_trainer *t);

/* What a checkpoint keeps: a trainer of the same recipe and seed, into whose blobs these are copied, goes on with the
 * same bits. Returns how many there are. */
enum { DT_TRAINER_BLOBS = 5 + DT_OPTIMIZER_BLOCKS };
int dt_trainer_blobs(const dt_trainer *t, dt_blob blobs[DT_TRAINER_BLOBS]);

#endif
