/* How networks are trained: by dt_training, whose loss is the network's own output, the bound's negative. */
#include "experiments/vae/parts.h"

DT_MODEL(vae);

const dt_frame vae_frame = {28, 28, 0, 1};

/* [1,N] -> [N]. */
static dt_var *as_it_is(dt_var *output, const int32_t *labels)
{
    (void)labels;
    return dt_reshape(output, 1, (int64_t[]){dt_batch(output)});
}

vae vae_of_paper(int64_t latent, int64_t hidden)
{
    return (vae){.latent = latent, .hidden = hidden, .layers = 1, .init = DT_INIT_NORMAL, .sd = 0.1};
}

dt_task vae_task(const char *id, const vae *shape)
{
    return (dt_task){.id = id, .title = id, .model = &vae_model, .loss = as_it_is, .shape = shape, .frame = vae_frame};
}

enum { PART = 6, SMOKE_IMAGES = 1000 };

dt_recipe vae_recipe(const dt_trial *trial, int64_t epochs)
{
    const int64_t images = dt_trial_images(trial)->count;
    int64_t examples = images - images / PART;
    if (dt_trial_preset(trial) == DT_SMOKE && examples > SMOKE_IMAGES) examples = SMOKE_IMAGES;
    return (dt_recipe){.epochs = dt_trial_int(trial, "epochs", epochs),
                       .batch = dt_trial_int(trial, "batch", VAE_BATCH),
                       .shard = 50,
                       .schedule = {.kind = DT_CONSTANT, .lr = dt_trial_real(trial, "lr", 0.02)},
                       .optimizer = {DT_USUAL_ADAGRAD, .weight_decay = 1 / (double)examples},
                       .examples = examples};
}

dt_images held_out(const dt_trial *trial)
{
    const dt_images *images = dt_trial_images(trial);
    dt_images seen, rest;
    dt_images_split(images, images->count - images->count / PART, &seen, &rest);
    if (dt_trial_preset(trial) == DT_SMOKE && rest.count > SMOKE_IMAGES) rest.count = SMOKE_IMAGES;
    return rest;
}

dt_status exam_of(const dt_trial *trial, int64_t most, dt_images *exam, dt_error *err)
{
    dt_status status = DT_OK;
    if (dt_flag_on(dt_trial_flags(trial), "validate"))
        *exam = held_out(trial);
    else
        status = dt_trial_exam(trial, exam, err);
    if (status == DT_OK && dt_trial_preset(trial) == DT_SMOKE && most > SMOKE_IMAGES / 10) most = SMOKE_IMAGES / 10;
    if (status == DT_OK && exam->count > most) exam->count = most;
    return status;
}

dt_status keep(const dt_training *t, const dt_blob *own, bool load, dt_error *err)
{
    dt_blob blobs[1 + DT_TRAINER_BLOBS] = {*own};
    const int n = 1 + dt_trainer_blobs(&t->trainer, blobs + 1);
    return load ? dt_trial_load(t->trial, blobs, n, err) : dt_trial_keep(t->trial, blobs, n, err);
}
