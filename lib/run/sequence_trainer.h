/* The training of a network on the streams of a text (data/streams.h), step by step, by back-propagation through time
 * that is truncated at the steps: the network's state at the end of one step is where the next one begins, and no
 * gradient flows back into it (Mikolov et al. 2010; Zaremba, Sutskever, Vinyals 2014, section 4.1). An epoch goes
 * through the text once, always in the same order, and begins with the state 0. */
#ifndef DT_RUN_SEQUENCE_TRAINER_H
#define DT_RUN_SEQUENCE_TRAINER_H

#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "run/checkpoint.h"
#include "run/sequence_net.h"
#include "tape/shards.h"

typedef struct {
    int64_t epochs;
    dt_schedule schedule; /* .lr is the rate at the start; .epochs and .batches are filled in */
    double shrink; /* what the rate is divided by where dt_sequence_trainer_judge hears of no improvement; 0: nothing */
    dt_optimizer_recipe optimizer;
    double clip;    /* greatest norm of the gradient of the mean loss a symbol; 0: any */
    double clamp;   /* greatest size of each number in it; 0: any */
    double dropout; /* how likely a unit is left out, where the model says so (dt_hidden_dropout) */
} dt_sequence_recipe;

typedef struct {
    dt_sequence_net *net;
    const dt_backend *backend;
    dt_streams text;
    dt_sequence_recipe recipe;
    uint64_t seed;
    dt_optimizer optimizer;
    dt_shards shards; /* a single one: the threads share out its streams within the ops */
    struct {
        int64_t epoch, step; /* the next step to take */
        double loss;         /* summed over this epoch's steps so far; the first step of an epoch begins anew */
        double best;         /* the lowest loss that it was judged by so far; INFINITY: none */
        double factor;       /* of the schedule's rate; 1 at the start */
    } state;
    int64_t states;    /* numbers in each of the two blocks: */
    real *carried;     /* the streams' state before the next step; after a step that broke down, still that before it */
    real *moved;       /* the same while it is being moved on */
    int32_t *x, *next; /* of this step, [T,N] */
    /* of the last step */
    double lr, step_loss; /* nats a symbol */
    double gradient_norm; /* before it was bounded */
} dt_sequence_trainer;

/* Ready for the first step. The network and the text's symbols outlive the trainer. */
void dt_sequence_trainer_init(dt_sequence_trainer *t, dt_sequence_net *net, const dt_backend *backend,
                              const dt_streams *text, const dt_sequence_recipe *recipe, uint64_t seed);
void dt_sequence_trainer_free(dt_sequence_trainer *t);

/* T symbols of each stream: forward, backward, update. A loss or gradient that is not a number stops before the update,
 * and before the state moves on, with DT_ERR_DATA and a sentence that names the first op where it appears, the step,
 * the rate and the norm. */
dt_status dt_sequence_trainer_step(dt_sequence_trainer *t, dt_error *err);

/* How well the network does now, its loss on the validation text, say after each epoch: where that is not below all
 * that were told before, the rate is divided by the recipe's `shrink` from here on. */
void dt_sequence_trainer_judge(dt_sequence_trainer *t, double loss);

bool dt_sequence_trainer_finished(const dt_sequence_trainer *t);

/* Steps in all, and taken. */
int64_t dt_sequence_trainer_steps(const dt_sequence_trainer *t);
int64_t dt_sequence_trainer_done(const dt_sequence_trainer *t);

/* What a checkpoint keeps: a trainer of the same recipe, text and seed, into whose blobs these are copied, goes on with
 * the same bits, in the middle of an epoch too. Good until the next step. Returns how many there are. */
enum { DT_SEQUENCE_BLOBS = 4 + DT_OPTIMIZER_BLOCKS };
int dt_sequence_trainer_blobs(const dt_sequence_trainer *t, dt_blob blobs[DT_SEQUENCE_BLOBS]);

#endif
