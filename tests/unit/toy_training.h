/* The training of a toy network (toy.h) on 50 images, step by step. */
#ifndef DT_TESTS_TOY_TRAINING_H
#define DT_TESTS_TOY_TRAINING_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "run/trainer.h"
#include "toy.h"

enum { TOY_COUNT = 50 };

typedef struct {
    dt_images images;
    dt_network net;
    dt_trainer trainer;
} training;

static inline void start(training *t, const dt_task *task, const dt_recipe *how, uint64_t seed)
{
    t->images = toy_images(TOY_COUNT, TOY_SIDE, TOY_CLASSES);
    dt_network_init(&t->net, task, seed);
    dt_trainer_init(&t->trainer, &t->net, &dt_cpu, &t->images, how, seed);
}

static inline void step(training *t)
{
    dt_error err;
    dt_status status = dt_trainer_step(&t->trainer, &err);
    cr_assert(eq(int, (int)status, DT_OK), "%s", err.message);
}

static inline void finish(training *t)
{
    while (!dt_trainer_finished(&t->trainer)) step(t);
}

static inline void end(training *t)
{
    dt_trainer_free(&t->trainer);
    dt_network_free(&t->net);
    dt_images_free(&t->images);
}

/* The parameters, and the optimizer's first block. */
static inline bool same_values(const training *a, const training *b)
{
    size_t bytes = (size_t)a->net.params->size * sizeof(real);
    return memcmp(a->net.params->values, b->net.params->values, bytes) == 0 &&
           (a->trainer.optimizer.blocks == 0 ||
            memcmp(a->trainer.optimizer.block[0], b->trainer.optimizer.block[0], bytes) == 0);
}

/* `after`, of the same task and recipe, goes on where `before` is, with nothing but its blobs: not even the parameters
 * that it began with. */
static inline void resume(training *after, const training *before)
{
    dt_blob from[DT_TRAINER_BLOBS], to[DT_TRAINER_BLOBS];
    memset(after->net.params->values, 0, (size_t)after->net.params->size * sizeof(real));
    int n = dt_trainer_blobs(&before->trainer, from);
    cr_assert(eq(int, dt_trainer_blobs(&after->trainer, to), n));
    for (int i = 0; i < n; i++) {
        cr_assert(strcmp(from[i].name, to[i].name) == 0 && from[i].bytes == to[i].bytes);
        memcpy(to[i].data, from[i].data, to[i].bytes);
    }
}

#endif
