/* What dropout makes of hidden units (Srivastava et al. 2014, sections 7.1 and 7.2, figs. 7 and 8): two autoencoders of
 * 256 rectified units, one of them with p = 0.5, their features and their activations. */
#include <math.h>
#include <stdlib.h>

#include "experiments/dropout/parts.h"
#include "models/autoencoder.h"

enum { BATCH = 100, SHARD = 50, JUDGED = 1000, BINS = 40, SHOWN = 96 };

static const dt_frame pixels = {28, 28, 0, 1};

typedef struct {
    dt_trial *trial;
    const char *name;
    const dt_images *images;
    uint64_t seed;
    autoencoder net;
    dt_params *params;
    double dropout;
    int64_t step;
    uint32_t *order;
} training;

/* The loss is half the squared distance between the reconstruction and the image; its gradient is their difference. */
static void run_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    training *t = context;
    int32_t labels[SHARD];
    dt_tape_noise(tape, dt_rng_stream(t->seed, "dropout", (uint64_t)t->step), first, count);
    tape->dropout = t->dropout;
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, pixels.height, pixels.width, count}), *hidden;
    dt_batch_gather(t->images, &pixels, t->order + first, count, x->value, labels);
    dt_var *y = autoencoder_forward(&t->net, x, &hidden);
    real *dy = dt_arena_alloc(tape->arena, (size_t)y->count * sizeof *dy);
    for (int64_t i = 0; i < y->count; i++) dy[i] = (y->value[i] - x->value[i]) / BATCH;
    dt_backward_from(y, dy);
}

static void train(training *t, int64_t epochs, double done)
{
    const dt_backend *backend = dt_trial_backend(t->trial);
    const dt_optimizer_recipe recipe = {DT_USUAL_ADAM};
    int64_t images = t->images->count, batches = images / BATCH;
    uint32_t *order = malloc((size_t)images * sizeof *order);
    DT_REQUIRE(order, "train: out of memory");
    dt_optimizer optimizer;
    dt_shards shards;
    dt_optimizer_init(&optimizer, t->params, &recipe);
    dt_shards_init(&shards, backend, t->params, BATCH, SHARD);
    for (int64_t epoch = 0; epoch < epochs && !dt_trial_stopped(t->trial); epoch++) {
        dt_rng_permutation(dt_rng_stream(t->seed, "shuffle", (uint64_t)epoch), order, (uint32_t)images);
        for (int64_t batch = 0; batch < batches && !dt_trial_stopped(t->trial); batch++, t->step++) {
            t->order = order + batch * BATCH;
            dt_shards_run(&shards, BATCH, true, run_shard, t);
            dt_optimizer_step(&optimizer, backend, t->params, 0.001);
            dt_trial_progress(t->trial, done + 0.5 * (double)(epoch * batches + batch) / (double)(epochs * batches),
                              "%s, epoch %lld/%lld", t->name, (long long)epoch + 1, (long long)epochs);
        }
    }
    dt_shards_free(&shards);
    dt_optimizer_free(&optimizer);
    free(order);
}

/* ---- what came of it */

/* The weights into the first hidden units. */
static dt_status draw_features(const training *t, const char *name, dt_error *err)
{
    const dt_param *w = t->net.encoder.weight;
    dt_sheet sheet;
    dt_sheet_open(&sheet, name, false);
    for (int i = 0; i < SHOWN && i < t->net.width; i++)
        dt_sheet_tile(&sheet, i / 16, i % 16, 28, 28, "", "", t->params->values + w->offset + i * 28 * 28, 1);
    return dt_trial_sheet(t->trial, &sheet, err);
}

typedef struct {
    double mean, idle; /* of all activations; % of them that are 0 */
} activity;

/* The density of `value` in bins from 0 to `range`. */
static dt_status histogram(const training *t, const char *panel, const double *value, int64_t count, double range,
                           dt_error *err)
{
    int64_t bin[BINS] = {0};
    for (int64_t i = 0; i < count; i++) {
        int b = (int)(value[i] / range * BINS);
        if (b < BINS) bin[b]++;
    }
    dt_status status = DT_OK;
    for (int b = 0; b < BINS && status == DT_OK; b++)
        status = dt_trial_point(t->trial, panel, t->name, (b + 0.5) * range / BINS,
                                100.0 * (double)bin[b] / (double)count, err);
    return status;
}

/* Over the first test images: the histograms of fig. 8. */
static dt_status look(training *t, activity *a, dt_error *err)
{
    dt_images exam;
    dt_status status = dt_trial_exam(t->trial, &exam, err);
    if (status != DT_OK) return status;
    int64_t n = exam.count < JUDGED ? exam.count : JUDGED, count = t->net.width * n;
    uint32_t order[JUDGED];
    int32_t labels[JUDGED];
    double *z = malloc((size_t)count * sizeof *z), *unit = calloc((size_t)t->net.width, sizeof *unit);
    DT_REQUIRE(z && unit, "look: out of memory");
    for (int64_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    dt_tape *tape = dt_tape_new(dt_trial_backend(t->trial), t->params, NULL);
    tape->recording = false;
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, pixels.height, pixels.width, n}), *hidden;
    dt_batch_gather(&exam, &pixels, order, n, x->value, labels);
    autoencoder_forward(&t->net, x, &hidden);
    *a = (activity){0};
    for (int64_t i = 0; i < count; i++) {
        z[i] = (double)hidden->value[i];
        unit[i / n] += z[i] / (double)n;
        a->mean += z[i] / (double)count;
        a->idle += z[i] == 0 ? 100 / (double)count : 0;
    }
    status = histogram(t, "mean activation of a unit", unit, t->net.width, 5, err);
    if (status == DT_OK) status = histogram(t, "activation", z, count, 10, err);
    dt_tape_free(tape);
    dt_images_free(&exam);
    free(z);
    free(unit);
    return status;
}

dt_status features_run(dt_trial *trial, dt_error *err)
{
    static const struct {
        const char *name, *sheet;
        double dropout;
    } nets[] = {{"without dropout", "features_without", 0}, {"with dropout", "features_with", 1 - 0.5}};
    static const int64_t width[DT_PRESETS] = {32, 256, 256}, epochs[DT_PRESETS] = {1, 8, 100};
    dt_preset preset = dt_trial_preset(trial);
    activity a[2] = {{0}};
    dt_status status = DT_OK;
    for (int i = 0; i < 2 && status == DT_OK && !dt_trial_stopped(trial); i++) {
        training t = {.trial = trial,
                      .name = nets[i].name,
                      .images = dt_trial_images(trial),
                      .seed = dt_trial_seed(trial),
                      .net.width = width[preset],
                      .params = dt_params_new(dt_trial_seed(trial)),
                      .dropout = nets[i].dropout};
        autoencoder_init(&t.net, t.params);
        train(&t, epochs[preset], 0.5 * i);
        if (!dt_trial_stopped(trial)) status = look(&t, &a[i], err);
        if (status == DT_OK && !dt_trial_stopped(trial)) status = draw_features(&t, nets[i].sheet, err);
        dt_params_free(t.params);
    }
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    const dt_trial_result results[] = {{"active", a[0].mean},
                                       {"active_dropout", a[1].mean},
                                       {"active_ratio", 100 * a[1].mean / a[0].mean},
                                       {"idle", a[1].idle - a[0].idle},
                                       {0}};
    return dt_trial_values(trial, results, err);
}
