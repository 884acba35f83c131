/* The bound against the number of training samples for several numbers of latent dimensions (Kingma & Welling 2014,
 * fig. 2), and what the trained networks draw (fig. 5). */
#include <math.h>
#include <stdio.h>

#include "experiments/vae/parts.h"

enum { COLUMNS = 12, POINTS_A_DECADE = 6, FIRST = 1000 /* training samples: before, the bound is anywhere */ };
static const int64_t dimensions[VAE_NETS] = {3, 5, 10, 20, 200};
static const char *const names[VAE_NETS] = {"3 dimensions", "5 dimensions", "10 dimensions", "20 dimensions",
                                            "200 dimensions"};

/* Where the trial stands: a blob of checkpoints. */
typedef struct {
    int64_t net; /* the one in training; those before it are done: */
    double train[VAE_NETS], test[VAE_NETS];
    int64_t steps; /* since the last point, and the sum of their losses */
    double loss;
    real image[VAE_NETS][COLUMNS][VAE_PIXELS];
} bound_state;

typedef struct {
    dt_trial *trial;
    dt_images held_out;
    const char *name;
    bound_state at;
    bool loads; /* the next network goes on from the checkpoint */
} bound;

/* Whether a point of the curves is due: POINTS_A_DECADE for each decade of training samples from FIRST on, and at the
 * end. */
static bool due(const dt_training *t)
{
    const double samples = (double)(dt_training_steps(t) * t->trainer.recipe.batch);
    const double before = samples - (double)t->trainer.recipe.batch;
    return dt_trainer_finished(&t->trainer) ||
           (samples >= FIRST && floor(POINTS_A_DECADE * log10(samples)) > floor(POINTS_A_DECADE * log10(before)));
}

static dt_status point(bound *b, const dt_training *t, dt_error *err)
{
    const double samples = (double)(dt_training_steps(t) * t->trainer.recipe.batch);
    const vae_score held = judge(t->net.model, t->net.params, t->trainer.backend, &b->held_out, 1, 0);
    b->at.train[b->at.net] = -b->at.loss / (double)b->at.steps;
    b->at.steps = 0;
    b->at.loss = 0;
    dt_status status = dt_trial_point(b->trial, "training images", b->name, samples, b->at.train[b->at.net], err);
    if (status == DT_OK) status = dt_trial_point(b->trial, "held-out images", b->name, samples, held.bound, err);
    return status;
}

/* Images from p(z), the same z (as far as they go) for each seed and network. */
static void draw(bound *b, const dt_training *t)
{
    const vae *m = t->net.model;
    dt_arena *arena = dt_arena_new();
    real *z = dt_arena_reals(arena, m->latent * COLUMNS), *image = dt_arena_reals(arena, VAE_PIXELS * COLUMNS);
    const dt_rng stream = dt_rng_stream(1, "samples", 0);
    for (int64_t i = 0; i < m->latent * COLUMNS; i++) z[i] = (real)dt_rng_normal(stream, (uint64_t)i);
    decode(m, t->net.params, t->trainer.backend, z, COLUMNS, image);
    for (int64_t i = 0; i < VAE_PIXELS * COLUMNS; i++) b->at.image[b->at.net][i % COLUMNS][i / COLUMNS] = image[i];
    dt_arena_free(arena);
}

static dt_status train(bound *b, dt_training *t, bool *stopped, dt_error *err)
{
    const dt_blob own = {"trial", &b->at, sizeof b->at};
    dt_status status = b->loads ? keep(t, &own, true, err) : DT_OK;
    b->loads = false;
    while (status == DT_OK && !*stopped && !dt_trainer_finished(&t->trainer)) {
        const int64_t before = dt_training_steps(t);
        status = dt_training_until(t, before + 1, NULL, err);
        if (status != DT_OK) break;
        if (dt_training_steps(t) > before) {
            b->at.steps++;
            b->at.loss += t->trainer.step_loss;
            if (due(t)) status = point(b, t, err);
        }
        *stopped = dt_trial_stopped(b->trial);
        if (status == DT_OK) status = keep(t, &own, false, err);
    }
    return status;
}

static dt_status train_net(bound *b, int64_t latent, int64_t hidden, const dt_recipe *recipe, int nets, bool *stopped,
                           dt_error *err)
{
    const vae shape = vae_of_paper(latent, hidden);
    const dt_task task = vae_task("vae", &shape);
    dt_training t;
    dt_training_init(&t, b->trial, b->name, &task, dt_trial_images(b->trial), recipe);
    t.before = (double)b->at.net / nets;
    t.share = 1.0 / nets;
    dt_status status = train(b, &t, stopped, err);
    dt_images exam = {0};
    if (status == DT_OK && !*stopped) status = exam_of(b->trial, INT64_MAX, &exam, err);
    if (status == DT_OK && !*stopped) {
        b->at.test[b->at.net] = judge(t.net.model, t.net.params, t.trainer.backend, &exam, 1, 0).bound;
        draw(b, &t);
        dt_trial_say(b->trial, "%s: %lld parameters, bound %.2f nats on training images, %.2f at the end", b->name,
                     (long long)dt_params_count(t.net.params), b->at.train[b->at.net], b->at.test[b->at.net]);
        b->at.net++;
    }
    dt_images_free(&exam);
    dt_training_free(&t);
    return status;
}

static dt_status draw_sheet(const bound *b, const char *const *row, int nets, dt_error *err)
{
    dt_sheet sheet;
    dt_sheet_open(&sheet, "samples", true);
    for (int i = 0; i < nets; i++)
        for (int k = 0; k < COLUMNS; k++) dt_sheet_tile(&sheet, i, k, 28, 28, "", row[i], b->at.image[i][k], 1);
    return dt_trial_sheet(b->trial, &sheet, err);
}

/* What the paper claims without a number: more dimensions are better, and too many do no harm. */
static dt_status report(const bound *b, dt_error *err)
{
    const double *test = b->at.test;
    return dt_trial_values(b->trial,
                           (dt_trial_result[]){{"bound_20", test[3]},
                                               {"gain_5", test[1] - test[0]},
                                               {"gain_10", test[2] - test[1]},
                                               {"gain_20", test[3] - test[2]},
                                               {"superfluous", test[4] - test[3]},
                                               {"overfitting", b->at.train[4] - test[4]},
                                               {0}},
                           err);
}

dt_status bound_run(dt_trial *trial, dt_error *err)
{
    static const int64_t hidden[DT_PRESETS] = {50, 500, 500}, epochs[DT_PRESETS] = {1, 12, 2000};
    const dt_preset preset = dt_trial_preset(trial);
    const dt_recipe recipe = vae_recipe(trial, epochs[preset]);
    const int64_t width = dt_trial_int(trial, "hidden", hidden[preset]);
    const bool one = dt_flag_given(dt_trial_flags(trial), "latent");
    const int nets = one ? 1 : VAE_NETS;
    static bound b;
    b = (bound){.trial = trial, .held_out = held_out(trial), .loads = dt_trial_kept(trial)};
    dt_status status = DT_OK;
    bool stopped = false;
    if (b.loads) status = dt_trial_load(trial, &(dt_blob){"trial", &b.at, sizeof b.at}, 1, err);
    while (status == DT_OK && !stopped && b.at.net < nets) {
        const int64_t latent = one ? dt_flag_int(dt_trial_flags(trial), "latent") : dimensions[b.at.net];
        b.name = one ? "--latent" : names[b.at.net];
        status = train_net(&b, latent, width, &recipe, nets, &stopped, err);
    }
    if (status == DT_OK && !stopped && dt_trial_first(trial))
        status = draw_sheet(&b, one ? (const char *const[]){"--latent"} : names, nets, err);
    if (status == DT_OK && !stopped && !one) status = report(&b, err);
    return status;
}
