/* log p(x) by importance weights (Kingma & Welling 2014, appendix D, asks for something like it; here Burda, Grosse,
 * Salakhutdinov 2016, "Importance weighted autoencoders", eq. 7 and section 5: their VAE with one stochastic layer). */
#include <math.h>

#include "experiments/vae/parts.h"

/* Rates 0.001 10^(-i/7) for 3^i epochs, i = 0 .. 7 (Burda et al. 2016, section 5). */
enum { STAGES = 8 };
static void stages(dt_schedule_row row[STAGES + 1])
{
    double until = 0;
    for (int i = 0; i < STAGES; i++) {
        until += pow(3, i);
        row[i] = (dt_schedule_row){until, pow(10, -i / 7.0)};
    }
    row[STAGES] = (dt_schedule_row){0, 0.1};
}

/* The bound is the expectation for one sample, and each further sample raises it towards log p(x) (theorem 1). */
static dt_status report(dt_trial *trial, const dt_training *t, int64_t images, int64_t most, dt_error *err)
{
    dt_images exam;
    dt_status status = exam_of(trial, images, &exam, err);
    if (status != DT_OK) return status;
    vae_score score = {0, 0};
    for (int64_t samples = 1; status == DT_OK && !dt_trial_stopped(trial); samples *= 5) {
        if (samples > most) samples = most;
        score = judge(t->net.model, t->net.params, t->trainer.backend, &exam, samples, 0);
        dt_trial_progress(trial, 0.9, "%lld samples for each image: %.2f nats", (long long)samples, score.marginal);
        status = dt_trial_point(trial, "log p(x) (nats)", "importance weights", (double)samples, score.marginal, err);
        if (samples == most) break;
    }
    dt_images_free(&exam);
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    return dt_trial_values(
        trial, (dt_trial_result[]){{"marginal", -score.marginal}, {"gap", score.marginal - score.bound}, {0}}, err);
}

dt_status marginal_run(dt_trial *trial, dt_error *err)
{
    static const int64_t hidden[DT_PRESETS] = {20, 200, 200}, epochs[DT_PRESETS] = {1, 12, 3280};
    static const int64_t exams[DT_PRESETS] = {100, 1000, INT64_MAX}, samples[DT_PRESETS] = {5, 625, 5000};
    const dt_preset preset = dt_trial_preset(trial);
    const vae shape = {.latent = 50,
                       .hidden = dt_trial_int(trial, "hidden", hidden[preset]),
                       .layers = 2,
                       .init = DT_INIT_GLOROT,
                       .binary = true};
    const dt_task task = vae_task("marginal", &shape);
    dt_schedule_row row[STAGES + 1];
    stages(row);
    dt_recipe recipe = vae_recipe(trial, epochs[preset]);
    recipe.batch = dt_trial_int(trial, "batch", preset == DT_PAPER ? 20 : VAE_BATCH);
    recipe.optimizer = (dt_optimizer_recipe){.kind = DT_ADAM, .momentum = 0.9, .rho = 0.999, .epsilon = 1e-4};
    recipe.schedule = (dt_schedule){.kind = preset == DT_PAPER ? DT_TABLE : DT_LINEAR,
                                    .lr = dt_trial_real(trial, "lr", preset == DT_PAPER ? 1e-3 : 2e-3),
                                    .table = row};
    dt_status status = DT_OK;
    dt_training t;
    dt_training_init(&t, trial, "50 dimensions", &task, dt_trial_images(trial), &recipe);
    t.share = 0.9;
    const dt_blob own = {"preset", &(int64_t){preset}, sizeof(int64_t)};
    if (dt_trial_kept(trial)) status = keep(&t, &own, true, err);
    while (status == DT_OK && !dt_trainer_finished(&t.trainer) && !dt_trial_stopped(trial)) {
        status = dt_training_until(&t, dt_training_steps(&t) + 50, NULL, err);
        if (status == DT_OK) status = keep(&t, &own, false, err);
    }
    if (status == DT_OK && dt_trainer_finished(&t.trainer))
        status = report(trial, &t, exams[preset], samples[preset], err);
    dt_training_free(&t);
    return status;
}
