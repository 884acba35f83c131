/* What the first weights do to a training: sigmoid units that saturate (Glorot & Bengio 2010, fig. 2), five layers of
 * sigmoid, tanh and softsign on MNIST (table 1), and thirty layers of ReLU (He et al. 2015, fig. 3).
 *
 * As in the first paper, the first 50,000 training images are trained on, and the other 10,000 are for choosing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "experiments/initialization/parts.h"
#include "run/training.h"

DT_MODEL(deep_mlp);

const dt_frame pixels = {28, 28, 0, 1};

static int64_t for_training(const dt_trial *trial)
{
    int64_t most = dt_trial_preset(trial) == DT_SMOKE ? 2000 : INT64_MAX, share = dt_trial_images(trial)->count * 5 / 6;
    return share < most ? share : most;
}

/* The recipe's .epochs, .batch and rate may be changed by flags. The task is the training's: of this shape. */
static void begin(dt_training *t, dt_trial *trial, const char *title, dt_task *task, const deep_mlp *shape,
                  dt_recipe recipe)
{
    recipe.epochs = dt_trial_int(trial, "epochs", recipe.epochs);
    recipe.batch = dt_trial_int(trial, "batch", recipe.batch);
    recipe.examples = for_training(trial);
    recipe.schedule.lr = dt_trial_real(trial, "lr", recipe.schedule.lr);
    *task = (dt_task){.id = title,
                      .title = title,
                      .model = &deep_mlp_model,
                      .shape = shape,
                      .loss = dt_softmax_xent,
                      .frame = pixels};
    dt_training_init(t, trial, title, task, dt_trial_images(trial), &recipe);
}

/* ---- fig. 2 */

typedef struct {
    double mean, deviation;
} moments;

/* Of each layer's activations over the first 300 held-out images. */
static void look(const dt_training *t, dt_tape *tape, moments m[DEEP_MLP_MOST])
{
    const deep_mlp *net = t->net.model;
    const dt_images *images = dt_trial_images(t->trial);
    uint32_t order[GLANCE_IMAGES];
    int32_t labels[GLANCE_IMAGES];
    dt_var *s[DEEP_MLP_MOST], *z[DEEP_MLP_MOST];
    for (int64_t i = 0; i < GLANCE_IMAGES; i++) order[i] = (uint32_t)((images->count * 5 / 6 + i) % images->count);
    dt_tape_reset(tape);
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, pixels.height, pixels.width, GLANCE_IMAGES});
    dt_batch_gather(images, &pixels, order, GLANCE_IMAGES, x->value, labels);
    deep_mlp_watch(net, x, s, z);
    for (int64_t i = 0; i < net->depth; i++) {
        double sum = 0, squares = 0, count = (double)z[i]->count;
        for (int64_t k = 0; k < z[i]->count; k++) sum += (double)z[i]->value[k] / count;
        for (int64_t k = 0; k < z[i]->count; k++) squares += pow((double)z[i]->value[k] - sum, 2) / count;
        m[i] = (moments){sum, sqrt(squares)};
    }
}

static dt_status saturation_rows(dt_training *t, const moments *m, double loss, dt_error *err)
{
    const deep_mlp *net = t->net.model;
    double step = (double)dt_training_steps(t);
    dt_status status = DT_OK;
    for (int64_t i = 0; i < net->depth && status == DT_OK; i++) {
        char layer[32];
        snprintf(layer, sizeof layer, "layer %lld", (long long)i + 1);
        status = curve_point(t->trial, "mean activation", layer, step, m[i].mean, err);
        if (status == DT_OK) status = curve_point(t->trial, "sd of activations", layer, step, m[i].deviation, err);
    }
    return status == DT_OK ? curve_point(t->trial, "training loss", "loss", step, loss, err) : status;
}

/* The claims: the lowest mean of the top layer, and the lowest of those below at that time. Rows: of the first seed,
 * for the bands of several would hide each other. */
dt_status saturation_run(dt_trial *trial, dt_error *err)
{
    enum { POINTS = 70 };
    static const int64_t width[DT_PRESETS] = {50, 200, 1000}, epochs[DT_PRESETS] = {1, 8, 100};
    static const dt_recipe recipe = {.batch = 10, .schedule.lr = 1};
    bool shown = (int64_t)dt_trial_seed(trial) == dt_flag_int(dt_trial_flags(trial), "seed");
    int preset = dt_trial_preset(trial);
    moments m[DEEP_MLP_MOST];
    double lowest = INFINITY, others = INFINITY, loss = 0;
    dt_training t;
    dt_task task;
    dt_recipe r = recipe;
    r.epochs = epochs[preset];
    deep_mlp shape = {.depth = dt_trial_int(trial, "depth", 4),
                      .width = dt_trial_int(trial, "width", width[preset]),
                      .activation = dt_sigmoid,
                      .init = DT_INIT_STANDARD};
    begin(&t, trial, "sigmoid network", &task, &shape, r);
    dt_tape *tape = dt_tape_new(dt_trial_backend(trial), t.net.params, NULL);
    tape->recording = false;
    int64_t steps = dt_trainer_steps(&t.trainer), top = ((deep_mlp *)t.net.model)->depth - 1;
    dt_status status = DT_OK;
    for (int p = 0; p <= POINTS && status == DT_OK && !dt_trial_stopped(trial); p++) {
        int64_t until = (int64_t)round(pow((double)steps, p / (double)POINTS));
        if (until == dt_training_steps(&t)) continue;
        status = dt_training_until(&t, until, &loss, err);
        look(&t, tape, m);
        if (status == DT_OK && shown) status = saturation_rows(&t, m, loss, err);
        if (m[top].mean >= lowest) continue;
        lowest = m[top].mean;
        others = INFINITY;
        for (int64_t i = 0; i < top; i++) others = fmin(others, m[i].mean);
    }
    if (status == DT_OK) status = dt_trial_value(trial, "saturation", lowest, err);
    if (status == DT_OK) status = dt_trial_value(trial, "saturation_others", others, err);
    dt_tape_free(tape);
    dt_training_free(&t);
    return status;
}

/* ---- table 1. The rates, and those of the other two trainings, were chosen as the lab page says. */

enum { SIGMOID, TANH, TANH_N, SOFTSIGN, SOFTSIGN_N, NETS };
static const struct {
    const char *id, *title, *published; /* %, on MNIST */
    dt_var *(*activation)(dt_var *s);
    dt_init_kind init;
    double lr;
} nets[NETS] = {
    {"sigmoid", "sigmoid", "2.21", dt_sigmoid, DT_INIT_STANDARD, 1},
    {"tanh", "tanh", "1.76", dt_tanh, DT_INIT_STANDARD, 0.1},
    {"tanh_n", "tanh N", "1.64", dt_tanh, DT_INIT_GLOROT, 0.1},
    {"softsign", "softsign", "1.64", dt_softsign, DT_INIT_STANDARD, 0.1},
    {"softsign_n", "softsign N", "1.72", dt_softsign, DT_INIT_GLOROT, 0.3},
};

static dt_status train_net(dt_trial *trial, int i, double before, double share, double *error, dt_error *err)
{
    static const int64_t width[DT_PRESETS] = {50, 200, 1000}, epochs[DT_PRESETS] = {1, 8, 1000};
    int preset = dt_trial_preset(trial);
    dt_recipe recipe = {.batch = 10, .epochs = epochs[preset], .schedule.lr = nets[i].lr};
    recipe.schedule.kind = preset == DT_PAPER ? DT_CONSTANT : DT_LINEAR;
    dt_training t;
    dt_task task;
    deep_mlp shape = {.depth = dt_trial_int(trial, "depth", 5),
                      .width = dt_trial_int(trial, "width", width[preset]),
                      .activation = nets[i].activation,
                      .init = nets[i].init};
    begin(&t, trial, nets[i].title, &task, &shape, recipe);
    t.before = before, t.share = share;
    dt_status status = dt_training_until(&t, dt_trainer_steps(&t.trainer), NULL, err);
    if (status == DT_OK && dt_trainer_finished(&t.trainer))
        status = dt_training_exam(&t, dt_flag_on(dt_trial_flags(trial), "validate"), error, err);
    if (status == DT_OK && dt_trainer_finished(&t.trainer))
        status = dt_trial_row(trial, err, "%s\t%s\t%llu\t%g\t%lld\t%.5g\t%.4g", nets[i].title, nets[i].published,
                              (unsigned long long)dt_trial_seed(trial), t.trainer.recipe.schedule.lr,
                              (long long)dt_training_steps(&t), dt_training_loss(&t), *error);
    dt_training_free(&t);
    return status;
}

/* What the table's order comes down to. */
static dt_status order(dt_trial *trial, const double e[NETS], dt_error *err)
{
    double best_bad = -INFINITY;
    dt_status status = DT_OK;
    for (int i = 0; i < NETS && status == DT_OK; i++) {
        status = dt_trial_value(trial, nets[i].id, e[i], err);
        if (i != SIGMOID) best_bad = fmax(best_bad, e[i]);
    }
    if (status == DT_OK) status = dt_trial_value(trial, "sigmoid_last", e[SIGMOID] - best_bad, err);
    if (status == DT_OK) status = dt_trial_value(trial, "tanh_gain", e[TANH] - e[TANH_N], err);
    return status == DT_OK ? dt_trial_value(trial, "softsign_gain", e[SOFTSIGN] - e[SOFTSIGN_N], err) : status;
}

dt_status table1_run(dt_trial *trial, dt_error *err)
{
    const char *only = dt_flag_text(dt_trial_flags(trial), "net");
    bool all = strcmp(only, "all") == 0;
    double error[NETS] = {0};
    dt_status status = DT_OK;
    for (int i = 0; i < NETS && status == DT_OK && !dt_trial_stopped(trial); i++)
        if (all || strcmp(only, nets[i].id) == 0)
            status = train_net(trial, i, all ? i / (double)NETS : 0, all ? 1.0 / NETS : 1, &error[i], err);
    return status == DT_OK && all && !dt_trial_stopped(trial) ? order(trial, error, err) : status;
}

/* ---- thirty layers of ReLU */

dt_status he_run(dt_trial *trial, dt_error *err)
{
    enum { POINTS = 36, STARTS = 2 };
    static const struct {
        const char *id, *title;
        dt_init_kind init;
    } starts[STARTS] = {{"he_xavier", "Xavier", DT_INIT_GLOROT}, {"he_he", "He", DT_INIT_HE}};
    static const int64_t epochs[DT_PRESETS] = {1, 4, 20};
    dt_status status = DT_OK;
    for (int i = 0; i < STARTS && status == DT_OK && !dt_trial_stopped(trial); i++) {
        dt_training t;
        dt_task task;
        deep_mlp shape = {.depth = dt_trial_int(trial, "depth", 30),
                          .width = dt_trial_int(trial, "width", 100),
                          .activation = dt_relu,
                          .init = starts[i].init};
        begin(&t, trial, starts[i].title, &task, &shape,
              (dt_recipe){.epochs = epochs[dt_trial_preset(trial)],
                          .batch = 100,
                          .schedule.lr = 0.003,
                          .optimizer = {.kind = DT_SGD, .momentum = 0.9}});
        t.before = i / (double)STARTS, t.share = 1.0 / STARTS;
        int64_t steps = dt_trainer_steps(&t.trainer);
        for (int p = 1; p <= POINTS && status == DT_OK && !dt_trial_stopped(trial); p++) {
            double loss;
            if (p == 1) status = curve_begin(trial, "training loss", starts[i].title, 0, err);
            if (status == DT_OK) status = dt_training_until(&t, steps * p / POINTS, &loss, err);
            if (status == DT_OK)
                status = curve_point(trial, "training loss", starts[i].title, (double)dt_training_steps(&t), loss, err);
        }
        if (status == DT_OK) status = dt_trial_value(trial, starts[i].id, dt_training_loss(&t), err);
        dt_training_free(&t);
    }
    return status;
}
