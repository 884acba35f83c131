/* How much noise (Vincent et al. 2010, fig. 11): the error of small stacks on turned digits against the level of three
 * kinds of noise. */
#include "experiments/dae/parts.h"

enum { LEVELS = 5, KINDS = 3 };
static const double levels[LEVELS] = {0, 0.1, 0.25, 0.4, 0.6};
static const char *const names[KINDS] = {
    [DAE_MASKING] = "masking", [DAE_SALT_AND_PEPPER] = "salt and pepper", [DAE_GAUSSIAN] = "Gaussian (its deviation)"};

/* Where the trial stands: a blob of checkpoints. */
typedef struct {
    int64_t kind, level; /* those in training */
    double error[KINDS][LEVELS];
} curve;

static stack_plan plan_of(const dt_trial *trial, dae_noise kind, double level)
{
    static const int64_t hidden[DT_PRESETS] = {16, 200, 1000}, pretrain[DT_PRESETS] = {1, 8, 50},
                         epochs[DT_PRESETS] = {1, 10, 100};
    const dt_preset preset = dt_trial_preset(trial);
    stack_plan plan = {
        .name = names[kind],
        .shape = {.layers = 3, .hidden = hidden[preset], .classes = DIGITS, .small = true, .noise = kind},
        .pretrain = pretrain[preset],
        .epochs = epochs[preset],
        .batch = 40,
        .lr = 0.2,
        .lr_pretrain = 0.05,
        .momentum = 0.9,
        .falls = true};
    for (int i = 0; i < SDAE_LAYERS; i++) plan.shape.level[i] = level;
    return stack_flags(trial, plan);
}

static dt_status train_one(dt_trial *trial, curve *c, const dt_images *images, int64_t train, bool load, dt_error *err)
{
    const dt_blob own = {"trial", c, sizeof *c};
    const stack_plan plan = plan_of(trial, (dae_noise)c->kind, levels[c->level]);
    stack s;
    stack_init(&s, trial, images, train, &plan);
    s.before = (double)(c->kind * LEVELS + c->level) / (KINDS * LEVELS);
    s.share = 1.0 / (KINDS * LEVELS);
    dt_status status = stack_train(&s, &own, load, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = stack_judge(&s, ROT, &c->error[c->kind][c->level], err);
    stack_free(&s);
    return status;
}

/* All levels of all kinds; without noise the kinds are the same. */
static dt_status train_all(dt_trial *trial, curve *c, const dt_images *images, int64_t train, dt_error *err)
{
    bool load = dt_trial_kept(trial);
    dt_status status = load ? dt_trial_load(trial, &(dt_blob){"trial", c, sizeof *c}, 1, err) : DT_OK;
    for (; status == DT_OK && c->kind < KINDS; c->kind++, c->level = 0)
        for (; status == DT_OK && c->level < LEVELS; c->level++, load = false) {
            if (c->kind > 0 && c->level == 0)
                c->error[c->kind][0] = c->error[0][0];
            else
                status = train_one(trial, c, images, train, load, err);
            if (dt_trial_stopped(trial)) return status;
            if (status == DT_OK)
                status = dt_trial_point(trial, "test error (%)", names[c->kind], levels[c->level],
                                        c->error[c->kind][c->level], err);
        }
    return status;
}

dt_status noise_run(dt_trial *trial, dt_error *err)
{
    dt_images images;
    int64_t train;
    curve c = {0};
    dt_status status = variant_learn(trial, ROT, &images, &train, err);
    if (status != DT_OK) return status;
    status = train_all(trial, &c, &images, train, err);
    dt_images_free(&images);
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    const double *masked = c.error[DAE_MASKING];
    return dt_trial_value(trial, "curve_gain", masked[0] - (masked[1] + masked[2] + masked[3]) / 3, err);
}
