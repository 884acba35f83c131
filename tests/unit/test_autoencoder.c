/* experiments/dropout/features.c: the gradient of its loss, written by hand there, against finite differences. */
#include <criterion/criterion.h>
#include <math.h>

#include "experiments/dropout/features.c"
#include "toy.h"

/* The mean over the batch of half the squared distance, with the same units left out. */
static double loss_of(training *t, dt_tape *tape)
{
    int32_t labels[BATCH];
    dt_tape_reset(tape);
    dt_tape_noise(tape, dt_rng_stream(t->seed, "dropout", (uint64_t)t->step), 0, BATCH);
    tape->dropout = t->dropout;
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, pixels.height, pixels.width, BATCH}), *hidden;
    dt_batch_gather(t->images, &pixels, t->order, BATCH, x->value, labels);
    dt_var *y = autoencoder_forward(&t->net, x, &hidden);
    double sum = 0;
    for (int64_t i = 0; i < y->count; i++) sum += pow((double)y->value[i] - (double)x->value[i], 2) / 2;
    return sum / BATCH;
}

static void expect_gradient(double dropout)
{
    dt_images images = toy_images(BATCH, 28, 10);
    uint32_t order[BATCH];
    for (uint32_t i = 0; i < BATCH; i++) order[i] = BATCH - 1 - i;
    training t = {.images = &images,
                  .seed = 3,
                  .net.width = 6,
                  .params = dt_params_new(3),
                  .dropout = dropout,
                  .step = 7,
                  .order = order};
    autoencoder_init(&t.net, t.params);
    dt_shards shards;
    dt_shards_init(&shards, &dt_cpu, t.params, BATCH, SHARD);
    dt_shards_run(&shards, BATCH, true, run_shard, &t);
    dt_tape *tape = dt_tape_new(&dt_cpu, t.params, NULL);
    /* along the gradient itself, where the slope is its norm */
    double norm = sqrt(dt_sum_squares(t.params->size, t.params->gradients)), value[2];
    const double h = 3e-3;
    for (int way = 0; way < 2; way++) {
        double step = (way ? h : -h) / norm;
        for (int64_t i = 0; i < t.params->size; i++)
            t.params->values[i] += (real)(step * (double)t.params->gradients[i]);
        value[way] = loss_of(&t, tape);
        for (int64_t i = 0; i < t.params->size; i++)
            t.params->values[i] -= (real)(step * (double)t.params->gradients[i]);
    }
    double slope = (value[1] - value[0]) / (2 * h);
    cr_expect(norm > 0.1 && fabs(slope / norm - 1) < 5e-3, "slope %g, norm %g", slope, norm);
    dt_tape_free(tape);
    dt_shards_free(&shards);
    dt_params_free(t.params);
    dt_images_free(&images);
}

Test(autoencoder, gradient_is_that_of_the_loss)
{
    expect_gradient(0);
}

Test(autoencoder, gradient_is_that_of_the_loss_with_dropout)
{
    expect_gradient(0.5);
}
