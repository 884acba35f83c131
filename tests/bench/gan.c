/* A convolutional GAN on 28 x 28 images: one step is G forward, D on 64 real images and 64 fakes and its update, D on
 * the same fakes without gradients of its weights, and G's update; it is counted as 64 images. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "models/dcgan.h"
#include "run/gan.h"

DT_MODEL(dcgan_generator);
DT_MODEL(dcgan_discriminator);

enum { BATCH = 64, PIXELS = 28 * 28 };

static void next_batch(void *context, int64_t step, dt_var *x)
{
    real *const *images = context;
    memcpy(x->value, images[step % BATCHES], (size_t)x->count * sizeof *x->value);
}

static void step(void *context)
{
    dt_error err;
    if (dt_gan_step(context, &err) != DT_OK) exit(1);
}

static void time_with(const char *name, const dt_optimizer_recipe *optimizer, double lr, real **images)
{
    const dcgan_generator g = {.latent = 100, .maps = 128};
    const dcgan_discriminator d = {.maps = 128};
    const dt_gan_task task = {name, &dcgan_generator_model, &dcgan_discriminator_model, &g, &d, 100};
    const dt_gan_recipe recipe = {.batch = BATCH, .optimizer = *optimizer, .lr_generator = lr, .lr_discriminator = lr};
    dt_gan gan;
    dt_gan_init(&gan, &task, &recipe, &dt_cpu, 1, next_batch, images);
    time_steps(name, step, &gan, BATCH, "images/s");
    dt_gan_free(&gan);
}

void time_gan(void)
{
    static const struct {
        const char *name;
        dt_optimizer_recipe optimizer;
        double lr;
    } workloads[] = {
        {"dcgan28_b64_adam_train", {.kind = DT_ADAM, .momentum = 0.5, .rho = 0.999, .epsilon = 1e-8}, 2e-4},
        {"dcgan28_b64_sgd_train", {.momentum = 0.9}, 1e-3},
    };
    real *images[BATCHES];
    for (int k = 0; k < BATCHES; k++) {
        const dt_rng stream = dt_rng_stream(1, "images", (uint64_t)k);
        images[k] = aligned_alloc(64, PIXELS * BATCH * sizeof(real));
        for (int64_t i = 0; i < PIXELS * BATCH; i++) images[k][i] = (real)dt_rng_normal(stream, (uint64_t)i);
    }
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (chosen(workloads[i].name)) time_with(workloads[i].name, &workloads[i].optimizer, workloads[i].lr, images);
    for (int k = 0; k < BATCHES; k++) free(images[k]);
}
