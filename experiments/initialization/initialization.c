/* Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", and He, Zhang,
 * Ren, Sun 2015, "Delving deep into rectifiers": how large the first weights must be, seen before the first update
 * (start.c, depth.c) and in training (train.c). */
#include <math.h>

#include "experiments/initialization/parts.h"

static const dt_flag flags[] = {
    {"depth", DT_FLAG_INT, "0", 0, DEEP_MLP_MOST, NULL, "hidden layers; 0: each trial's own", "initialization", true},
    {"width", DT_FLAG_INT, "0", 0, 4096, NULL, "units in each of them; 0: the preset's", "initialization", true},
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "passes over the training images; 0: the preset's", "initialization",
     true},
    {"batch", DT_FLAG_INT, "0", 0, 60000, NULL, "images in one update; 0: 10, or 100 in the trial he", "initialization",
     true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate; 0: each network's own", "initialization", true},
    {"net", DT_FLAG_CHOICE, "all", 0, 0, "all|sigmoid|tanh|tanh_n|softsign|softsign_n",
     "table1: train only this network", "initialization", true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "table1: judge by the held-out training images, not by the test set",
     "initialization", true},
    {0}};

#define CURVE "panel\tseries\tx\tmean\tlow\thigh"

static const dt_trial_plan trials[] = {
    {"start", "deviations before training", CURVE, start_run, .work = {1, 1, 1}},
    {"histograms", "histograms before training", CURVE, histograms_run, .work = {1, 1, 1}, .once = true},
    {"jacobian", "the Jacobian before training", CURVE, jacobian_run, .work = {1, 2, 2}},
    {"depth", "gradients against depth", CURVE, depth_run, .work = {1, 3, 3}},
    {"saturation", "saturation", CURVE, saturation_run, .work = {1, 15, 6000}},
    {"table1", "table 1", "network\tpublished\tseed\tlr\tupdates\tloss\terror", table1_run, .work = {1, 85, 400000}},
    {"he", "thirty layers", CURVE, he_run, .work = {1, 16, 80}},
};

static const dt_figure figures[] = {
    {"start", "curves", "start.tsv", "Standard deviations in each layer before training", "xlabel=hidden layer;log=y",
     "start"},
    {"histograms", "curves", "histograms.tsv",
     "Histograms in each layer before training (gradients in units of the last layer's deviation)",
     "xlabel=value;ylabel=density;log=none", "histograms"},
    {"jacobian", "curves", "jacobian.tsv", "Singular values of the last hidden layer's Jacobian",
     "xlabel=singular value;log=none", "jacobian"},
    {"depth", "curves", "depth.tsv", "Norm of the first layer's gradient against depth", "xlabel=hidden layers;log=y",
     "depth"},
    {"saturation", "curves", "saturation.tsv", "Four layers of sigmoid in training (fig. 2)", "xlabel=updates;log=x",
     "saturation"},
    {"table1", "dots", "table1.tsv", "Five hidden layers on MNIST (table 1)",
     "row=network;value=error;published=published;log=x;xlabel=test error (%)", "table1"},
    {"he", "curves", "he.tsv", "Thirty layers of ReLU: training loss", "xlabel=updates;log=none", "he"},
    {0}};

static const char *const deviations[] = {
    "pixels from 0 to 1, which the paper does not state",
    "table 1, lab: 200 units in a layer and 40,000 updates with a rate that falls linearly to 0, instead of 1,000 and "
    "5,000,000; only what depends on the order of the networks is claimed",
    "table 1, paper: the rates are those chosen for lab",
    "fig. 2 (saturation): on MNIST instead of Shapeset-3x2; lab: 200 units in a layer instead of 1,000",
    "thirty layers: fully connected on MNIST, 100 units each, instead of convolutions on ImageNet; Xavier's weights "
    "are "
    "uniform with the variance 2 / (fan_in + fan_out)",
    NULL};

static const dt_dataset datasets[] = {{.name = "mnist", .title = "MNIST"}, {0}};

static const dt_trials initialization = {
    .about = {.name = "initialization",
              .title = "how large the first weights must be: standard, normalised (Xavier), He",
              .paper =
                  "Glorot, Bengio 2010, Understanding the difficulty of training deep feedforward neural networks; "
                  "He, Zhang, Ren, Sun 2015, Delving deep into rectifiers",
              .datasets = datasets,
              .sha256 = "02def62d38696cddf2715e05122f741fafee2c190e42772b91f7c0c2f6604c7e",
              .expected = {"no claim; a few seconds",
                           "gradients that fade or do not, sigmoid last; under 8 minutes on two cores",
                           "also the errors of table 1; about five days for each of five seeds on two cores"},
              .seeds = {1, 3, 5},
              .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
};

int64_t flag_or(const dt_trial *trial, const char *name, int64_t preset)
{
    int64_t value = dt_flag_int(dt_trial_flags(trial), name);
    return value ? value : preset;
}

dt_status curve_begin(dt_trial *trial, const char *panel, const char *series, double x, dt_error *err)
{
    return curve_point(trial, panel, series, x, (double)NAN, err);
}

dt_status curve_point(dt_trial *trial, const char *panel, const char *series, double x, double y, dt_error *err)
{
    return dt_trial_row(trial, err, "%s\t%s\t%.6g\t%.6g\t%.6g\t%.6g", panel, series, x, y, y, y);
}

int main(int argc, char *argv[])
{
    return dt_trials_main(&initialization, argc, argv);
}
