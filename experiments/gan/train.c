/* The training of a GAN on digits, with what tells how it goes: what D says of real images and of fakes, the losses,
 * the classifier's score, and the same z again and again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/gan/parts.h"

enum { POINTS = 40, SCORED = 1000, SMOKE_IMAGES = 1000 };

dt_gan_recipe gan_recipe(const dt_trial *trial, dt_gan_recipe r)
{
    const double both = dt_trial_real(trial, "lr", 0);
    r.lr_generator = dt_trial_real(trial, "lr-generator", both > 0 ? both : r.lr_generator);
    r.lr_discriminator = dt_trial_real(trial, "lr-discriminator", both > 0 ? both : r.lr_discriminator);
    r.batch = dt_trial_int(trial, "batch", r.batch);
    if (dt_flag_given(dt_trial_flags(trial), "dropout")) r.dropout = dt_flag_real(dt_trial_flags(trial), "dropout");
    return r;
}

int64_t gan_latent(const dt_trial *trial, int64_t own)
{
    const dt_flags *flags = dt_trial_flags(trial);
    return dt_flag_given(flags, "latent") ? dt_flag_int(flags, "latent") : own;
}

bool share_reached(int64_t step, int64_t all, int64_t parts)
{
    return step * parts / all > (step - 1) * parts / all;
}

static int64_t batches_of(const picture_run *run)
{
    return run->examples / run->gan.recipe.batch;
}

static int64_t steps_of(const picture_run *run)
{
    return run->epochs * batches_of(run);
}

/* The images of a step: each epoch has an order of its own. */
static void next_batch(void *context, int64_t step, dt_var *x)
{
    picture_run *run = context;
    const int64_t epoch = step / batches_of(run), n = dt_batch(x);
    if (run->order_epoch != epoch) {
        dt_rng_permutation(dt_rng_stream(dt_trial_seed(run->trial), "shuffle", (uint64_t)epoch), run->order,
                           (uint32_t)run->examples);
        run->order_epoch = epoch;
    }
    dt_batch_gather(run->images, &run->frame, run->order + step % batches_of(run) * n, n, x->value, run->labels);
}

/* ---- samples */

void picture_noise(const picture_run *run, const char *purpose, int64_t count, real *z)
{
    const dt_rng stream = dt_rng_stream(dt_trial_seed(run->trial), purpose, 0);
    for (int64_t i = 0; i < run->gan.task->latent * count; i++) z[i] = (real)dt_rng_normal(stream, (uint64_t)i);
}

void picture_make(const picture_run *run, const real *z, int64_t count, real *samples)
{
    const dt_frame *f = &run->frame;
    dt_gan_generate(&run->gan, z, count, samples);
    for (int64_t i = 0; i < PIXELS * count; i++) samples[i] = (samples[i] - f->low) / (f->high - f->low);
}

/* `count` samples of the stream. The caller frees them. */
static real *draw(const picture_run *run, const char *purpose, int64_t count)
{
    real *z = malloc((size_t)(run->gan.task->latent * count) * sizeof *z),
         *samples = malloc((size_t)(PIXELS * count) * sizeof *samples);
    DT_REQUIRE(z && samples, "out of memory for samples");
    picture_noise(run, purpose, count, z);
    picture_make(run, z, count, samples);
    free(z);
    return samples;
}

/* ---- monitors */

static void add_frame(picture_run *run)
{
    enum { COUNT = FILM_GRID * FILM_GRID };
    real *samples = draw(run, "film", COUNT);
    uint8_t *tile = run->at.film[run->at.frames++];
    for (int i = 0; i < FILM_SIDE * FILM_SIDE; i++) {
        const int row = i / FILM_SIDE, column = i % FILM_SIDE, which = row / 28 * FILM_GRID + column / 28;
        tile[i] =
            (uint8_t)lround(255 * fmin(1, fmax(0, (double)samples[(row % 28 * 28 + column % 28) * COUNT + which])));
    }
    free(samples);
}

static dt_status point(picture_run *run, dt_error *err)
{
    const double steps = (double)run->at.steps, epochs = (double)run->gan.state.step / (double)batches_of(run);
    const struct {
        const char *panel, *series;
        double value;
    } points[] = {{"probability of being real", "D(x)", run->at.on_real / steps},
                  {"probability of being real", "D(G(z))", run->at.on_fake / steps},
                  {"loss (nats)", "discriminator", run->at.d_loss / steps},
                  {"loss (nats)", "generator", run->at.g_loss / steps}};
    dt_status status = DT_OK;
    for (size_t i = 0; i < sizeof points / sizeof *points && status == DT_OK; i++)
        status = dt_trial_point(run->trial, points[i].panel, points[i].series, epochs, points[i].value, err);
    real *samples = draw(run, "score", SCORED);
    const digit_score s = classifier_judge(&run->judge, samples, SCORED, NULL);
    free(samples);
    if (status == DT_OK)
        status = dt_trial_point(run->trial, "score by LeNet-5 (1 to 10)", "generator", epochs, s.score, err);
    run->at.steps = 0;
    run->at.on_real = run->at.on_fake = run->at.d_loss = run->at.g_loss = 0;
    return status;
}

static dt_status after_step(picture_run *run, dt_error *err)
{
    const dt_gan *g = &run->gan;
    const int64_t all = steps_of(run);
    run->at.steps++;
    run->at.on_real += g->on_real;
    run->at.on_fake += g->on_fake;
    run->at.d_loss += g->d_loss;
    run->at.g_loss += g->g_loss;
    dt_trial_progress(run->trial, (double)g->state.step / (double)all,
                      "%s, epoch %lld/%lld  D(x) %.3f  D(G(z)) %.3f  loss of D %.3f, of G %.3f", g->task->title,
                      (long long)((g->state.step - 1) / batches_of(run)) + 1, (long long)run->epochs, g->on_real,
                      g->on_fake, g->d_loss, g->g_loss);
    if (run->at.frames < FRAMES && share_reached(g->state.step, all, FRAMES - 1)) add_frame(run);
    return share_reached(g->state.step, all, POINTS) ? point(run, err) : DT_OK;
}

/* ---- the loop */

static dt_status keep(picture_run *run, bool load, dt_error *err)
{
    dt_blob blobs[1 + DT_GAN_BLOBS] = {{"trial", &run->at, sizeof run->at}};
    const int n = 1 + dt_gan_blobs(&run->gan, blobs + 1);
    return load ? dt_trial_load(run->trial, blobs, n, err) : dt_trial_keep(run->trial, blobs, n, err);
}

static dt_status write_film(picture_run *run, dt_error *err)
{
    char name[32], caption[32];
    static real tile[FILM_SIDE * FILM_SIDE];
    dt_sheet film;
    snprintf(name, sizeof name, "%s_film", run->id);
    dt_sheet_open(&film, name, false);
    for (int i = 0; i < run->at.frames; i++) {
        for (int p = 0; p < FILM_SIDE * FILM_SIDE; p++) tile[p] = (real)run->at.film[i][p] / 255;
        snprintf(caption, sizeof caption, "%.3g passes", (double)run->epochs * i / (double)(run->at.frames - 1));
        dt_sheet_tile(&film, i / (FRAMES / 2), i % (FRAMES / 2), FILM_SIDE, FILM_SIDE, caption, "", tile, 1);
    }
    return dt_trial_sheet(run->trial, &film, err);
}

dt_status picture_start(picture_run *run, const dt_gan_task *task, const dt_gan_recipe *recipe, dt_error *err)
{
    const dt_images *all = dt_trial_images(run->trial);
    const int64_t examples = all->count - all->count / 6;
    run->examples = dt_trial_preset(run->trial) == DT_SMOKE && examples > SMOKE_IMAGES ? SMOKE_IMAGES : examples;
    run->images = all;
    run->order = malloc((size_t)run->examples * sizeof *run->order);
    run->labels = malloc((size_t)recipe->batch * sizeof *run->labels);
    DT_REQUIRE(run->order && run->labels, "picture_start: out of memory");
    run->order_epoch = -1;
    dt_gan_init(&run->gan, task, recipe, dt_trial_backend(run->trial), dt_trial_seed(run->trial), next_batch, run);
    const dt_status status = classifier_train(&run->judge, run->trial, err);
    if (status != DT_OK || batches_of(run) > 0) return status;
    return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "lower --batch", "%lld images do not fill one batch of %lld",
                        (long long)run->examples, (long long)recipe->batch);
}

dt_status picture_train(picture_run *run, dt_error *err)
{
    dt_status status = DT_OK;
    if (dt_trial_kept(run->trial))
        status = keep(run, true, err);
    else
        add_frame(run);
    while (status == DT_OK && run->gan.state.step < steps_of(run) && !dt_trial_stopped(run->trial)) {
        status = dt_gan_step(&run->gan, err);
        if (status == DT_OK) status = after_step(run, err);
        if (status == DT_OK) status = keep(run, false, err);
    }
    if (status == DT_OK && !dt_trial_stopped(run->trial) && dt_trial_first(run->trial)) status = write_film(run, err);
    return status;
}

void picture_free(picture_run *run)
{
    classifier_free(&run->judge);
    dt_gan_free(&run->gan);
    free(run->order);
    free(run->labels);
}
