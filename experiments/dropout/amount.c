/* How much dropout (Srivastava et al. 2014, section 7.3, fig. 9), and for how many images (section 7.4, fig. 10).
 *
 * Both train on the first images and judge on the test set; p is the paper's, the probability of keeping a unit. */
#include <math.h>
#include <stdio.h>

#include "experiments/dropout/parts.h"

/* The error after so many updates with batches of 100, of a network of three hidden layers. */
typedef struct {
    deep_mlp shape;
    int64_t images, updates;
    double dropout, input_dropout;
} attempt;

static dt_status try(dt_trial *trial, const attempt *a, const char *name, double done, double *error, dt_error *err)
{
    const dt_task task = TASK(&a->shape);
    const int64_t batch = 100;
    int64_t count = dt_trial_images(trial)->count, images = a->images < count ? a->images : count;
    int64_t batches = (images + batch - 1) / batch;
    dt_recipe r = {.epochs = (a->updates + batches - 1) / batches,
                   .batch = batch,
                   .shard = batch,
                   .schedule = {.kind = DT_LINEAR, .lr = dt_trial_real(trial, "lr", 0.02)},
                   .optimizer.momentum = 0.95,
                   .max_norm = 2 * (1 - a->dropout),
                   .dropout = a->dropout,
                   .input_dropout = a->input_dropout,
                   .examples = images};
    dt_training t;
    dt_training_init(&t, trial, name, &task, dt_trial_images(trial), &r);
    t.before = done;
    t.share = 0;
    dt_status status = train_and_judge(&t, error, err);
    dt_training_free(&t);
    return status;
}

/* ---- fig. 9: p of the hidden units; where pn is fixed, the least p would take ten times the units */

enum { P10, P25, P50, P65, P80, P100, RATES };
static const double keep[RATES] = {0.1, 0.25, 0.5, 0.65, 0.8, 1};

static dt_status sweep(dt_trial *trial, const char *panel, bool fixed_product, double before, double e[RATES],
                       dt_error *err)
{
    static const int64_t width[DT_PRESETS] = {32, 256, 2048}, product[DT_PRESETS] = {16, 64, 256},
                         images[DT_PRESETS] = {500, 5000, 60000}, updates[DT_PRESETS] = {20, 1500, 100000};
    dt_preset preset = dt_trial_preset(trial);
    dt_status status = DT_OK;
    for (int i = fixed_product ? P25 : P10; i < RATES && status == DT_OK && !dt_trial_stopped(trial); i++) {
        int64_t n = fixed_product ? (int64_t)round((double)product[preset] / keep[i]) : width[preset];
        attempt a = {.shape = RECTIFIED(.depth = 3, .width = n, .last = fixed_product ? 2 * n : n),
                     .images = images[preset],
                     .updates = updates[preset],
                     .dropout = 1 - keep[i]};
        char name[64];
        snprintf(name, sizeof name, "%s, p %g", panel, keep[i]);
        status = try(trial, &a, name, before + 0.5 * i / RATES, &e[i], err);
        if (status == DT_OK && !dt_trial_stopped(trial))
            status = dt_trial_point(trial, panel, "test error", keep[i], e[i], err);
    }
    return status;
}

static double least(const double e[RATES], int first, int last)
{
    double least = INFINITY;
    for (int i = first; i <= last; i++) least = fmin(least, e[i]);
    return least;
}

dt_status amount_run(dt_trial *trial, dt_error *err)
{
    double n[RATES], pn[RATES];
    dt_status status = sweep(trial, "n fixed", false, 0, n, err);
    if (status == DT_OK) status = sweep(trial, "pn fixed", true, 0.5, pn, err);
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    double flat = fmax(n[P50], fmax(n[P65], n[P80]));
    const dt_trial_result results[] = {{"amount_few", 100 * n[P10] / least(n, P10, P100)},
                                       {"amount_flat", 100 * flat / least(n, P50, P80)},
                                       {"amount_all", 100 * n[P50] / n[P100]},
                                       {"amount_product", 100 * least(pn, P25, P80) / pn[P100]},
                                       {0}};
    return dt_trial_values(trial, results, err);
}

/* ---- fig. 10 */

dt_status size_run(dt_trial *trial, dt_error *err)
{
    enum { SIZES = 6 };
    static const int64_t size[SIZES] = {100, 500, 1000, 5000, 10000, 50000};
    static const int sizes[DT_PRESETS] = {2, 5, SIZES};
    static const int64_t width[DT_PRESETS] = {32, 256, 1024}, updates[DT_PRESETS] = {20, 1500, 100000};
    dt_preset preset = dt_trial_preset(trial);
    double gain[SIZES] = {0};
    dt_status status = DT_OK;
    for (int i = 0; i < sizes[preset] && status == DT_OK; i++) {
        double e[2];
        for (int with = 0; with < 2 && status == DT_OK && !dt_trial_stopped(trial); with++) {
            static const char *const series[] = {"without dropout", "with dropout"};
            attempt a = {.shape = RECTIFIED(.depth = 3, .width = width[preset], .last = 2 * width[preset]),
                         .images = size[i],
                         .updates = updates[preset]};
            if (with) a.dropout = 1 - 0.5, a.input_dropout = 1 - 0.8;
            char name[64];
            snprintf(name, sizeof name, "%lld images, %s", (long long)size[i], series[with]);
            status = try(trial, &a, name, (i + 0.5 * with) / sizes[preset], &e[with], err);
            if (status == DT_OK && !dt_trial_stopped(trial))
                status = dt_trial_point(trial, "test error (%)", series[with], (double)size[i], e[with], err);
        }
        if (dt_trial_stopped(trial)) return status;
        gain[i] = 100 * (e[0] - e[1]) / e[0];
    }
    if (status == DT_OK) status = dt_trial_value(trial, "size_100", gain[0], err);
    if (status != DT_OK || preset == DT_SMOKE) return status;
    return dt_trial_values(
        trial, (const dt_trial_result[]){{"size_5000", gain[3]}, {"size_grows", gain[3] - gain[0]}, {0}}, err);
}
