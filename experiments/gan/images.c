/* Digits: the networks of Goodfellow et al. 2014 with their Parzen window, and a convolutional GAN in the manner of
 * Radford et al. 2016. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/gan/parts.h"
#include "models/dcgan.h"
#include "models/gan.h"

DT_MODEL(gan_generator);
DT_MODEL(gan_discriminator);
DT_MODEL(dcgan_generator);
DT_MODEL(dcgan_discriminator);

/* The generator begins with each pixel's mean: the biases of its outputs are sigmoid's inverse of it. */
static void begin_with_the_mean(picture_run *run)
{
    const gan_generator *m = run->gan.generator.model;
    real *bias = run->gan.generator.params->values + m->out.bias->offset;
    for (int64_t p = 0; p < PIXELS; p++) {
        double mean = 0;
        for (int64_t i = 0; i < run->examples; i++)
            mean += (double)run->images->pixels[i * PIXELS + p] / 255 / (double)run->examples;
        mean = fmin(fmax(mean, 1e-7), 1 - 1e-7);
        bias[p] = (real)log(mean / (1 - mean));
    }
}

/* What the trained generator's samples are worth: by a Parzen window (of `many` samples; 0: not) and by LeNet-5. */
static dt_status judge(picture_run *run, int64_t many, parzen_score *window, digit_score *digits, dt_error *err)
{
    dt_images seen, held_out, exam;
    dt_images_split(run->images, run->images->count - run->images->count / 6, &seen, &held_out);
    const int64_t count = many > 0 ? many : 10000;
    real *z = malloc((size_t)(run->gan.task->latent * count) * sizeof *z),
         *samples = malloc((size_t)(PIXELS * count) * sizeof *samples);
    DT_REQUIRE(z && samples, "out of memory for %lld samples", (long long)count);
    picture_noise(run, "exam", count, z);
    picture_make(run, z, count, samples);
    *digits = classifier_judge(&run->judge, samples, count, NULL);
    dt_status status = DT_OK;
    const bool validates = dt_flag_on(dt_trial_flags(run->trial), "validate");
    if (many > 0 && !validates) status = dt_trial_exam(run->trial, &exam, err);
    if (many > 0 && status == DT_OK) {
        *window = parzen(run->trial, samples, count, &held_out, validates ? &held_out : &exam);
        if (!validates) dt_images_free(&exam);
    }
    free(z);
    free(samples);
    return status;
}

static dt_status write_score(const picture_run *run, const char *score, const char *modes, const digit_score *s,
                             dt_error *err)
{
    char text[128] = "";
    for (int d = 0; d < DIGITS; d++) snprintf(text + 7 * d, sizeof text - (size_t)(7 * d), " %5.1f%%", s->share[d]);
    dt_trial_say(run->trial, "%s: score %.2f, digits from 0 to 9:%s", run->gan.task->title, s->score, text);
    return dt_trial_values(run->trial, (dt_trial_result[]){{score, s->score}, {modes, s->modes}, {0}}, err);
}

dt_status mnist_run(dt_trial *trial, dt_error *err)
{
    static const int64_t units[DT_PRESETS] = {48, 1200, 1200}, maxout[DT_PRESETS] = {16, 240, 240},
                         epochs[DT_PRESETS] = {2, 16, 400}, many[DT_PRESETS] = {200, 10000, 10000};
    const dt_preset preset = dt_trial_preset(trial);
    const gan_generator g = {.latent = gan_latent(trial, 100), .width = units[preset]};
    const gan_discriminator d = {.width = maxout[preset]};
    const dt_gan_task task = {"the networks of 2014", &gan_generator_model, &gan_discriminator_model, &g, &d, g.latent};
    /* mnist.yaml of the paper's program; its loss of D is half the sum, so half the rate, and both networks' gradients
     * are those of one graph, so they share its dropout */
    const dt_gan_recipe recipe = gan_recipe(trial, (dt_gan_recipe){.batch = 100,
                                                                   .optimizer = {.kind = DT_SGD, .momentum = 0.5},
                                                                   .lr_generator = 0.1,
                                                                   .lr_discriminator = 0.05,
                                                                   .decay = 1 / 1.000004,
                                                                   .momentum_end = 0.7,
                                                                   .momentum_steps = INT64_C(250) * 500,
                                                                   .input_dropout = 0.2,
                                                                   .dropout = 0.5,
                                                                   .together = true});
    static picture_run run;
    run = (picture_run){.trial = trial,
                        .id = "mnist",
                        .frame = {28, 28, 0, 1},
                        .epochs = dt_trial_int(trial, "epochs", epochs[preset])};
    parzen_score window = {0};
    digit_score digits;
    dt_status status = picture_start(&run, &task, &recipe, err);
    if (status == DT_OK) {
        begin_with_the_mean(&run);
        status = picture_train(&run, err);
    }
    if (status == DT_OK && !dt_trial_stopped(trial)) status = judge(&run, many[preset], &window, &digits, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) {
        dt_trial_say(trial, "Parzen window of sigma %.3f: %.1f nats, standard error %.1f", window.sigma, window.mean,
                     window.error);
        status = dt_trial_value(trial, preset == DT_PAPER ? "parzen_paper" : "parzen", window.mean, err);
    }
    if (status == DT_OK && !dt_trial_stopped(trial)) status = write_score(&run, "score", "digits", &digits, err);
    picture_free(&run);
    return status;
}

dt_status dcgan_run(dt_trial *trial, dt_error *err)
{
    static const int64_t maps[DT_PRESETS] = {8, 128, 128}, epochs[DT_PRESETS] = {1, 2, 25};
    const dt_preset preset = dt_trial_preset(trial);
    const dcgan_generator g = {.latent = gan_latent(trial, 100), .maps = maps[preset]};
    const dcgan_discriminator d = {.maps = maps[preset]};
    const dt_gan_task task = {
        "the convolutional GAN", &dcgan_generator_model, &dcgan_discriminator_model, &g, &d, g.latent};
    const dt_gan_recipe recipe = gan_recipe(
        trial, (dt_gan_recipe){.batch = 64,
                               .optimizer = {.kind = DT_ADAM, .momentum = 0.5, .rho = 0.999, .epsilon = 1e-8},
                               .lr_generator = 2e-4,
                               .lr_discriminator = 2e-4});
    static picture_run run;
    run = (picture_run){.trial = trial,
                        .id = "dcgan",
                        .frame = {28, 28, -1, 1},
                        .epochs = dt_trial_int(trial, "epochs", epochs[preset])};
    parzen_score none;
    digit_score digits;
    dt_status status = picture_start(&run, &task, &recipe, err);
    if (status == DT_OK) status = picture_train(&run, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = judge(&run, 0, &none, &digits, err);
    if (status == DT_OK && !dt_trial_stopped(trial))
        status = write_score(&run, "dcgan_score", "dcgan_digits", &digits, err);
    if (status == DT_OK && !dt_trial_stopped(trial) && dt_trial_first(trial))
        status = latent_sheet(&run, "latent", err);
    picture_free(&run);
    return status;
}
