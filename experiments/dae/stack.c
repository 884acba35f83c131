/* What pre-training is worth (Vincent et al. 2010, table 3): three stacks that differ in nothing but how their first
 * weights came about; and the recipe that is documented for all of MNIST. */
#include <stdio.h>
#include <string.h>

#include "experiments/dae/parts.h"

enum { DENOISING, ORDINARY, RANDOM, GLOROT, NETS };
static const char *const names[NETS] = {"denoising", "ordinary", "no pre-training", "the same, Glorot's weights"};

/* Where the trial stands: a blob of checkpoints. */
typedef struct {
    int64_t set, net; /* those in training */
    double error[VARIANTS][NETS];
} table;

static stack_plan plan_of(const dt_trial *trial, variant_kind kind, int net)
{
    static const int64_t hidden[DT_PRESETS] = {24, 400, 1000}, pretrain[DT_PRESETS] = {1, 10, 100},
                         epochs[DT_PRESETS] = {1, 20, 300};
    const dt_preset preset = dt_trial_preset(trial);
    stack_plan plan = {
        .name = names[net],
        .shape = {.layers = 3, .hidden = hidden[preset], .classes = variants[kind].classes, .small = net != GLOROT},
        .pretrain = net == RANDOM || net == GLOROT ? 0 : pretrain[preset],
        .epochs = epochs[preset],
        .batch = 40,
        .lr = 0.2,
        .lr_pretrain = 0.05,
        .momentum = 0.9,
        .falls = true};
    if (net == DENOISING) stack_noise(trial, &plan.shape, variants[kind].level);
    return stack_flags(trial, plan);
}

static dt_status write_row(dt_trial *trial, const table *t, dt_error *err)
{
    const variant *v = &variants[t->set];
    char published[16] = "nan";
    if (t->net < RANDOM) snprintf(published, sizeof published, "%.2f", t->net == DENOISING ? v->sdae : v->sae);
    return dt_trial_row(trial, err, "%s, %s\t%s\t%llu\t%.4f", v->id, names[t->net], published,
                        (unsigned long long)dt_trial_seed(trial), t->error[t->set][t->net]);
}

/* The nets of one set, from t->net on. */
static dt_status compare(dt_trial *trial, table *t, double before, double share, bool load, dt_error *err)
{
    const dt_blob own = {"trial", t, sizeof *t};
    const variant_kind kind = (variant_kind)t->set;
    dt_images images;
    int64_t train;
    dt_status status = variant_learn(trial, kind, &images, &train, err);
    if (status != DT_OK) return status;
    for (; status == DT_OK && t->net < NETS; t->net++, load = false) {
        const stack_plan plan = plan_of(trial, kind, (int)t->net);
        stack s;
        stack_init(&s, trial, &images, train, &plan);
        s.before = before + share * (double)t->net / NETS;
        s.share = share / NETS;
        status = stack_train(&s, &own, load, err);
        if (status == DT_OK && !dt_trial_stopped(trial)) status = stack_judge(&s, kind, &t->error[kind][t->net], err);
        if (status == DT_OK && !dt_trial_stopped(trial)) {
            dt_trial_say(trial, "%s, %s: %.2f %% after %lld of %lld passes, validation %.2f %%", variants[kind].id,
                         names[t->net], t->error[kind][t->net], (long long)s.at.best_epoch, (long long)plan.epochs,
                         s.at.best_error);
            status = write_row(trial, t, err);
        }
        stack_free(&s);
        if (dt_trial_stopped(trial)) break;
    }
    dt_images_free(&images);
    return status;
}

static dt_status report(dt_trial *trial, const table *t, variant_kind kind, dt_error *err)
{
    char denoising[32], pretraining[32], sdae_claim[32];
    const double *error = t->error[kind];
    snprintf(denoising, sizeof denoising, "%s_denoising", variants[kind].claims);
    snprintf(pretraining, sizeof pretraining, "%s_pretraining", variants[kind].claims);
    snprintf(sdae_claim, sizeof sdae_claim, "%s_sdae", variants[kind].claims);
    const dt_trial_result results[] = {{denoising, error[ORDINARY] - error[DENOISING]},
                                       {pretraining, error[RANDOM] - error[ORDINARY]},
                                       {kind == BASIC || kind == ROT ? sdae_claim : NULL, error[DENOISING]},
                                       {0}};
    return dt_trial_values(trial, results, err);
}

/* The sets of the preset, or the one of --set: first .. end-1. */
static void sets_of(const dt_trial *trial, int64_t *first, int64_t *end)
{
    const char *one = dt_flag_text(dt_trial_flags(trial), "set");
    *first = 0;
    *end = dt_trial_preset(trial) == DT_LAB ? ROT + 1 : VARIANTS;
    for (int i = 0; i < VARIANTS; i++)
        if (strcmp(one, variants[i].id) == 0) *first = i, *end = i + 1;
}

dt_status stack_run(dt_trial *trial, dt_error *err)
{
    int64_t first, end;
    sets_of(trial, &first, &end);
    table t = {.set = first};
    bool load = dt_trial_kept(trial);
    dt_status status = load ? dt_trial_load(trial, &(dt_blob){"trial", &t, sizeof t}, 1, err) : DT_OK;
    const double share = 1 / (double)(end - first);
    for (; status == DT_OK && t.set < end; t.set++, t.net = 0, load = false) {
        status = compare(trial, &t, share * (double)(t.set - first), share, load, err);
        if (dt_trial_stopped(trial)) return status;
    }
    for (int64_t i = first; i < end && status == DT_OK; i++) status = report(trial, &t, (variant_kind)i, err);
    return status;
}

/* ---- all of MNIST */

dt_status documented_run(dt_trial *trial, dt_error *err)
{
    static const double level[SDAE_LAYERS] = {0.1, 0.2, 0.3};
    const dt_images *mnist = dt_trial_images(trial);
    const int64_t train = mnist->count - mnist->count / 6;
    stack_plan plan = {
        .name = "documented",
        .shape = {.layers = 3, .hidden = 1000, .classes = DIGITS}, /* the tutorial's weights are Glorot's */
        .pretrain = 15,
        .epochs = 60,
        .batch = 1,
        .lr = 0.1,
        .lr_pretrain = 0.001};
    stack_noise(trial, &plan.shape, 0);
    for (int i = 0; i < SDAE_LAYERS; i++) plan.shape.level[i] = level_flag(trial, level[i]);
    plan = stack_flags(trial, plan);
    char nothing = 0;
    double error = 0;
    stack s;
    stack_init(&s, trial, mnist, train, &plan);
    dt_status status = stack_train(&s, &(dt_blob){"trial", &nothing, 1}, dt_trial_kept(trial), err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = stack_judge(&s, VARIANTS, &error, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = dt_trial_value(trial, "mnist_sda", error, err);
    stack_free(&s);
    return status;
}
