/* What single autoencoders look for: the weights of their units without noise, with 25 and with 50 % (Vincent et al.
 * 2010, fig. 8), of a sparse and of a contractive one; how the units form; and a walk by turns of noise and repair
 * (Bengio et al. 2013). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/dae/parts.h"

enum {
    NETS = 5,
    SHOWN = 100,
    ROW = 10,
    FILM = 1,
    FRAMES = 16,
    FILM_ROW = 6,
    GREYS = 16,
    JUDGED = 1000,
    WALKS = 8,
    STEPS = 12
};
enum { PLAIN, DENOISING, NOISY, SPARSE, CONTRACTIVE };

static const struct {
    const char *name, *sheet;
    double level, sparsity, contraction;
} nets[NETS] = {[PLAIN] = {"no noise", "filters_0", 0, 0, 0},
                [DENOISING] = {"25 % noise", "filters_25", 0.25, 0, 0},
                [NOISY] = {"50 % noise", "filters_50", 0.5, 0, 0},
                [SPARSE] = {"sparse", "filters_sparse", 0, 0.5, 0},
                [CONTRACTIVE] = {"contractive", "filters_contractive", 0, 0, 0.5}};

typedef struct {
    double roughness; /* of its filters */
    double jacobian;  /* squared norm of the units' Jacobian, mean over images */
    double activity;  /* mean of the units */
} measures;

static const dae *autoencoder_of(const dt_training *t)
{
    return &((const sdae *)t->net.model)->layer[0];
}

static const real *filter(const dt_training *t, int64_t unit)
{
    return t->net.params->values + autoencoder_of(t)->encoder.weight->offset + unit * SDAE_PIXELS;
}

/* ---- measures */

/* Squared differences of neighbouring weights over squared weights: from 0, all alike, to 16, a chequer-board; noise
 * has about 4. */
static double roughness(const real *w)
{
    double differences = 0, squares = 0;
    for (int i = 0; i < SDAE_PIXELS; i++) {
        const double here = (double)w[i];
        squares += here * here;
        if (i % SIDE + 1 < SIDE) differences += pow(here - (double)w[i + 1], 2);
        if (i / SIDE + 1 < SIDE) differences += pow(here - (double)w[i + SIDE], 2);
    }
    return differences / squares;
}

/* The first images of those behind the trained ones, on a tape that does not record. */
static dt_var *look_at(const dt_training *t, dt_tape *tape, int64_t count)
{
    uint32_t order[JUDGED];
    int32_t labels[JUDGED];
    tape->recording = false;
    for (int64_t i = 0; i < count; i++) order[i] = (uint32_t)(t->trainer.recipe.examples + i);
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, SIDE, SIDE, count});
    dt_batch_gather(t->trainer.images, &t->net.task->frame, order, count, x->value, labels);
    return dt_flatten(x);
}

static measures measure(const dt_training *t)
{
    const dae *m = autoencoder_of(t);
    const int64_t behind = t->trainer.images->count - t->trainer.recipe.examples;
    const int64_t n = behind < JUDGED ? behind : JUDGED;
    measures result = {0};
    dt_tape *tape = dt_tape_new(t->trainer.backend, t->net.params, NULL);
    dt_var *h = dae_encode(m, look_at(t, tape, n));
    const dt_var *jacobian = dt_contraction(h, dt_use(tape, m->encoder.weight));
    for (int64_t i = 0; i < n; i++) result.jacobian += (double)jacobian->value[i] / (double)n;
    for (int64_t i = 0; i < h->count; i++) result.activity += (double)h->value[i] / (double)h->count;
    for (int64_t i = 0; i < m->hidden; i++) result.roughness += roughness(filter(t, i)) / (double)m->hidden;
    dt_tape_free(tape);
    return result;
}

/* ---- pictures */

static dt_status draw_filters(const dt_training *t, const char *name, dt_error *err)
{
    dt_sheet sheet;
    dt_sheet_open(&sheet, name, false);
    for (int i = 0; i < SHOWN && i < autoencoder_of(t)->hidden; i++)
        dt_sheet_tile(&sheet, i / ROW, i % ROW, SIDE, SIDE, "", "", filter(t, i), 1);
    return dt_trial_sheet(t->trial, &sheet, err);
}

/* The first filters as one tile, each from 0 to 1 about 0.5, in a few greys for the film's sake. */
static void add_frame(dt_sheet *film, const dt_training *t, int frame)
{
    enum { WIDTH = FILM_ROW * SIDE };
    static real tile[WIDTH * WIDTH];
    char caption[64];
    for (int i = 0; i < WIDTH * WIDTH; i++) tile[i] = (real)0.5;
    for (int unit = 0; unit < FILM_ROW * FILM_ROW && unit < autoencoder_of(t)->hidden; unit++) {
        const real *w = filter(t, unit);
        double most = 0;
        for (int i = 0; i < SDAE_PIXELS; i++) most = fmax(most, fabs((double)w[i]));
        for (int i = 0; i < SDAE_PIXELS; i++)
            tile[(unit / FILM_ROW * SIDE + i / SIDE) * WIDTH + unit % FILM_ROW * SIDE + i % SIDE] =
                (real)(round((0.5 + 0.5 * (double)w[i] / most) * GREYS) / GREYS);
    }
    snprintf(caption, sizeof caption, "%lld images", (long long)(dt_training_steps(t) * t->trainer.recipe.batch));
    dt_sheet_tile(film, frame / (FRAMES / 2), frame % (FRAMES / 2), WIDTH, WIDTH, caption, "", tile, 1);
}

/* By turns noise and a reconstruction, from which pixels are drawn (Bengio et al. 2013, section 3): the probabilities.
 */
static dt_status walk(const dt_training *t, dt_error *err)
{
    const dae *m = autoencoder_of(t);
    const uint64_t seed = dt_trial_seed(t->trial);
    const int64_t behind = t->trainer.images->count - t->trainer.recipe.examples, n = behind < WALKS ? behind : WALKS;
    real now[SDAE_PIXELS * WALKS];
    dt_tape *tape = dt_tape_new(t->trainer.backend, t->net.params, NULL);
    dt_sheet sheet;
    dt_sheet_open(&sheet, "walk", false);
    const dt_var *x = look_at(t, tape, n);
    for (int64_t i = 0; i < x->count; i++) now[i] = x->value[i];
    for (int step = 0; step < STEPS; step++) {
        const dt_rng pixels = dt_rng_stream(seed, "pixels", (uint64_t)step);
        const real *shown = now;
        if (step > 0) {
            dt_tape_reset(tape);
            dt_tape_noise(tape, dt_rng_stream(seed, "walk", (uint64_t)step), 0, n);
            dt_var *input = dt_constant(tape, 2, (int64_t[]){SDAE_PIXELS, n}, now);
            shown = dae_reconstruct(m, dae_corrupt(m, input))->value;
        }
        for (int64_t i = 0; i < n; i++) dt_sheet_tile(&sheet, (int)i, step, SIDE, SIDE, "", "", shown + i, n);
        for (int64_t i = 0; i < SDAE_PIXELS * n && step > 0; i++)
            now[i] = dt_rng_uniform(pixels, (uint64_t)i) < (double)shown[i];
    }
    dt_tape_free(tape);
    return dt_trial_sheet(t->trial, &sheet, err);
}

/* ---- the trial */

/* The number of steps of a frame: 0, then equal ratios from ten steps to all. */
static int64_t steps_of(const dt_training *t, int frame)
{
    const double all = (double)dt_trainer_steps(&t->trainer), first = all < 10 ? 1 : 10;
    return frame == 0 ? 0 : (int64_t)round(first * pow(all / first, (frame - 1.0) / (FRAMES - 2)));
}

static dt_status train_net(dt_training *t, int net, dt_error *err)
{
    dt_sheet film;
    dt_status status = DT_OK;
    if (net != FILM) return dt_training_until(t, dt_trainer_steps(&t->trainer), NULL, err);
    dt_sheet_open(&film, "film", false);
    for (int frame = 0; frame < FRAMES && status == DT_OK && !dt_trial_stopped(t->trial); frame++) {
        status = dt_training_until(t, steps_of(t, frame), NULL, err);
        if (status == DT_OK) add_frame(&film, t, frame);
    }
    const dt_status closed = dt_trial_sheet(t->trial, &film, err);
    return status != DT_OK ? status : closed;
}

static dt_status run_net(dt_trial *trial, int net, measures *m, dt_error *err)
{
    static const int64_t hidden[DT_PRESETS] = {16, 196, 500}, epochs[DT_PRESETS] = {1, 8, 50};
    const dt_preset preset = dt_trial_preset(trial);
    const int64_t images = dt_trial_images(trial)->count, all = images - images / 6;
    sdae shape = {.layers = 1, .hidden = size_flag(trial, "hidden", hidden[preset]), .classes = DIGITS};
    shape.noise = noise_flag(trial);
    shape.small = true; /* so that nothing of the first weights is seen in the end */
    shape.level[0] = nets[net].level;
    shape.sparsity = nets[net].sparsity;
    shape.contraction = nets[net].contraction;
    shape.untied = dt_flag_on(dt_trial_flags(trial), "untied");
    const dt_task task = stack_task(&shape);
    const dt_recipe recipe = {.epochs = dt_trial_int(trial, "pretrain", epochs[preset]),
                              .batch = dt_trial_int(trial, "batch", 40),
                              .shard = 20,
                              .schedule = {.kind = DT_LINEAR, .lr = dt_trial_real(trial, "lr-pretrain", 0.005)},
                              .optimizer = {.momentum = 0.9},
                              .examples = preset == DT_SMOKE && all > 1000 ? 1000 : all};
    dt_training t;
    dt_training_init(&t, trial, nets[net].name, &task, dt_trial_images(trial), &recipe);
    t.before = (double)net / NETS;
    t.share = 1.0 / NETS;
    dt_status status = train_net(&t, net, err);
    if (status == DT_OK) {
        *m = measure(&t);
        dt_trial_say(trial, "%s: roughness %.3f, squared Jacobian norm %.3g, mean activation %.3f", nets[net].name,
                     m->roughness, m->jacobian, m->activity);
        status = draw_filters(&t, nets[net].sheet, err);
    }
    if (status == DT_OK && net == DENOISING) status = walk(&t, err);
    dt_training_free(&t);
    return status;
}

dt_status filters_run(dt_trial *trial, dt_error *err)
{
    measures m[NETS] = {{0}};
    dt_status status = DT_OK;
    for (int net = 0; net < NETS && status == DT_OK; net++) {
        status = run_net(trial, net, &m[net], err);
        if (dt_trial_stopped(trial)) return status;
        if (status == DT_OK)
            status = dt_trial_row(trial, err, "%s\t%.3f\t%.4g\t%.4f", nets[net].name, m[net].roughness, m[net].jacobian,
                                  m[net].activity);
    }
    if (status != DT_OK) return status;
    return dt_trial_values(trial,
                           (dt_trial_result[]){{"roughness", m[PLAIN].roughness - m[NOISY].roughness},
                                               {"jacobian_cae", m[PLAIN].jacobian / m[CONTRACTIVE].jacobian},
                                               {"jacobian_dae", m[PLAIN].jacobian / m[DENOISING].jacobian},
                                               {"sparse", m[PLAIN].activity / m[SPARSE].activity},
                                               {0}},
                           err);
}
