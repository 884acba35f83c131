/* Regularisers against each other on one network (Srivastava et al. 2014, table 9), and the three networks of Hinton et
 * al. 2012 (fig. 1). */
#include <math.h>
#include <string.h>

#include "experiments/dropout/parts.h"

enum { L2, MAX_NORM, DROPOUT_L2, DROPOUT_MAX_NORM, METHODS };

/* The rates and penalties were chosen as the lab page says. The bound of the norms is the paper's 2, times the
 * probability of keeping a unit, because the weights are (ops/ops.h, dt_dropout). */
static const struct {
    const char *id, *title, *published; /* %, table 9 */
    bool dropout;
    int64_t epochs; /* in lab: until the training loss has come down */
    double lr, weight_decay, max_norm;
} methods[METHODS] = {
    [L2] = {"l2", "L2", "1.62", false, 12, 0.03, 1e-4, 0},
    [MAX_NORM] = {"maxnorm", "max-norm", "1.35", false, 12, 0.03, 0, 2},
    [DROPOUT_L2] = {"dropout_l2", "dropout + L2", "1.25", true, 60, 0.03, 1e-4, 0},
    [DROPOUT_MAX_NORM] = {"dropout_maxnorm", "dropout + max-norm", "1.05", true, 60, 0.03, 0, 2 * 0.5},
};

dt_status train_and_judge(dt_training *t, double *error, dt_error *err)
{
    dt_status status = dt_training_until(t, dt_trainer_steps(&t->trainer), NULL, err);
    *error = (double)NAN;
    if (status != DT_OK || dt_trial_stopped(t->trial)) return status;
    return dt_training_exam(t, dt_flag_on(dt_trial_flags(t->trial), "validate"), error, err);
}

/* What the preset leaves to the flags. */
static dt_recipe recipe_of(const dt_trial *trial, int64_t epochs)
{
    bool validate = dt_flag_on(dt_trial_flags(trial), "validate");
    int64_t count = dt_trial_images(trial)->count;
    dt_recipe r = {.epochs = dt_trial_int(trial, "epochs", epochs),
                   .batch = dt_trial_int(trial, "batch", 128),
                   .schedule.kind = DT_LINEAR,
                   .optimizer.momentum = 0.95,
                   .examples = validate ? count * 5 / 6 : count};
    if (dt_trial_preset(trial) == DT_SMOKE && r.examples > 2000) r.examples = 2000;
    r.shard = r.batch;
    return r;
}

static dt_status train_method(dt_trial *trial, int i, double before, double share, double *error, dt_error *err)
{
    static const deep_mlp shapes[DT_PRESETS] = {RECTIFIED(.depth = 3, .width = 64, .last = 128),
                                                RECTIFIED(.depth = 3, .width = 512, .last = 1024),
                                                RECTIFIED(.depth = 3, .width = 1024, .last = 2048)};
    const int64_t epochs[DT_PRESETS] = {1, methods[i].epochs, 2133};
    dt_preset preset = dt_trial_preset(trial);
    deep_mlp shape = shapes[preset];
    shape.width = dt_trial_int(trial, "width", shape.width);
    shape.last = 2 * shape.width;
    const dt_task task = TASK(&shape);
    dt_recipe r = recipe_of(trial, epochs[preset]);
    r.schedule.lr = dt_trial_real(trial, "lr", methods[i].lr);
    r.optimizer.weight_decay =
        methods[i].weight_decay > 0 ? dt_trial_real(trial, "penalty", methods[i].weight_decay) : 0;
    r.max_norm = methods[i].max_norm > 0 ? dt_trial_real(trial, "max-norm", methods[i].max_norm) : 0;
    if (methods[i].dropout) {
        r.dropout = dt_flag_real(dt_trial_flags(trial), "dropout");
        r.input_dropout = dt_flag_real(dt_trial_flags(trial), "input-dropout");
    }
    dt_training t;
    dt_training_init(&t, trial, methods[i].title, &task, dt_trial_images(trial), &r);
    t.before = before, t.share = share;
    dt_status status = train_and_judge(&t, error, err);
    if (status == DT_OK && !dt_trial_stopped(trial))
        status = dt_trial_row(trial, err, "%s\t%s\t%llu\t%.5g\t%.4g", methods[i].title, methods[i].published,
                              (unsigned long long)dt_trial_seed(trial), dt_training_loss(&t), *error);
    dt_training_free(&t);
    return status;
}

/* The errors, and what the table's order comes down to. */
static dt_status order(dt_trial *trial, const double e[METHODS], dt_error *err)
{
    const dt_trial_result results[] = {{"l2", e[L2]},
                                       {"maxnorm", e[MAX_NORM]},
                                       {"dropout_l2", e[DROPOUT_L2]},
                                       {"dropout_maxnorm", e[DROPOUT_MAX_NORM]},
                                       {"reduced", e[DROPOUT_MAX_NORM]},
                                       {"worst", e[L2] - fmax(e[MAX_NORM], fmax(e[DROPOUT_L2], e[DROPOUT_MAX_NORM]))},
                                       {"best", fmin(e[L2], fmin(e[MAX_NORM], e[DROPOUT_L2])) - e[DROPOUT_MAX_NORM]},
                                       {"gain_l2", e[L2] - e[DROPOUT_L2]},
                                       {"gain_maxnorm", e[MAX_NORM] - e[DROPOUT_MAX_NORM]},
                                       {0}};
    return dt_trial_values(trial, results, err);
}

dt_status table9_run(dt_trial *trial, dt_error *err)
{
    const char *only = dt_flag_text(dt_trial_flags(trial), "method");
    bool all = strcmp(only, "all") == 0;
    double error[METHODS] = {0};
    dt_status status = DT_OK;
    for (int i = 0; i < METHODS && status == DT_OK && !dt_trial_stopped(trial); i++)
        if (all || strcmp(only, methods[i].id) == 0)
            status = train_method(trial, i, all ? i / (double)METHODS : 0, all ? 1.0 / METHODS : 1, &error[i], err);
    return status == DT_OK && all && !dt_trial_stopped(trial) ? order(trial, error, err) : status;
}

/* ---- Hinton et al. 2012 */

dt_status hinton_run(dt_trial *trial, dt_error *err)
{
    static const struct {
        const char *id, *title, *published; /* errors */
        double dropout, input_dropout, max_norm;
    } nets[] = {{"hinton", "standard", "160", 0, 0, 0},
                {"hinton_hidden", "dropout of hidden units", "130", 0.5, 0, 3.87},
                {"hinton_both", "and of inputs", "110", 0.5, 0.2, 3.87}};
    static const deep_mlp shape = RECTIFIED(.depth = 2, .width = 800);
    static const dt_task task = TASK(&shape);
    dt_status status = DT_OK;
    for (int i = 0; i < 3 && status == DT_OK && !dt_trial_stopped(trial); i++) {
        double error = 0;
        dt_recipe r = recipe_of(trial, 1000);
        r.schedule.lr = dt_trial_real(trial, "lr", 0.03);
        r.dropout = nets[i].dropout;
        r.input_dropout = nets[i].input_dropout;
        r.max_norm = nets[i].max_norm;
        dt_training t;
        dt_training_init(&t, trial, nets[i].title, &task, dt_trial_images(trial), &r);
        t.before = i / 3.0, t.share = 1 / 3.0;
        status = train_and_judge(&t, &error, err);
        dt_training_free(&t);
        if (status != DT_OK || dt_trial_stopped(trial)) break;
        status = dt_trial_row(trial, err, "%s\t%s\t%llu\t%g", nets[i].title, nets[i].published,
                              (unsigned long long)dt_trial_seed(trial), 100 * error);
        if (status == DT_OK) status = dt_trial_value(trial, nets[i].id, 100 * error, err);
    }
    return status;
}
