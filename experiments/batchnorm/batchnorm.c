/* Ioffe & Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift":
 * figure 1, batch normalisation taken apart on the same small networks, and figures 2 and 3 in small. */
#include "experiments/batchnorm/parts.h"

static const dt_flag flags[] = {
    {"steps", DT_FLAG_INT, "0", 0, 100000000, NULL, "updates; 0: each trial's own", "batchnorm", true},
    {"batch", DT_FLAG_INT, "60", 2, 10000, NULL, "images in one update, where a trial does not vary it (cifar: 128)",
     "batchnorm", true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate; 0: each trial's own (cifar: the first network's)",
     "batchnorm", true},
    {"sd", DT_FLAG_REAL, "0", 0, 10, NULL,
     "first weights: normal, with this deviation; 0: each trial's own (cifar: of the first convolution)", "batchnorm",
     true},
    {"depth", DT_FLAG_INT, "0", 0, DEEP_MLP_MOST, NULL, "hidden layers; 0: each trial's own (depth: this one only)",
     "batchnorm", true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL,
     "fig1: hold the last 10,000 training images out and judge by them, not by the test set", "batchnorm", true},
    {0}};

#define DOTS "seed\trow\tvalue\tpublished"

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"fig1", "figure 1", DT_TRIAL_CURVES, fig1_run, .work = {1, 22, 22}},
    {"rates", "rates from 0.01 to 10", DT_TRIAL_CURVES, rates_run, .work = {1, 24, 400}},
    {"depth", "1 to 10 layers of sigmoid", DT_TRIAL_CURVES, depth_run, .work = {1, 16, 260}},
    {"batch", "batches of 2 to 256", DT_TRIAL_CURVES, batch_run, .work = {1, 14, 420}},
    {"place", "its place, gamma and beta", DOTS, place_run, .work = {1, 9, 150}},
    {"start", "first weights", DOTS, start_run, .work = {1, 9, 150}},
    {"statistics", "statistics in testing", DT_TRIAL_CURVES, statistics_run, .work = {1, 2, 15}},
    {"cifar", "layers-80sec on CIFAR-10", DT_TRIAL_CURVES, cifar_run, .work = {3, 150, 0}, .once = true,
     .second = true},
    {"cifar", "layers-80sec on CIFAR-10", DT_TRIAL_CURVES, cifar_run, .work = {0, 0, 520}, .second = true},
};

static const dt_figure figures[] = {
    {"fig1", "bands", "fig1.tsv", "Three layers of 100 sigmoid units on MNIST (fig. 1)", "xlabel=steps;log=x", "fig1"},
    {"rates", "bands", "rates.tsv", "Error after a short training against the learning rate",
     "xlabel=learning rate;log=xy;yrange=2:100", "rates"},
    {"depth", "bands", "depth.tsv", "Error after a short training against depth", "xlabel=hidden layers;log=y",
     "depth"},
    {"batch", "bands", "batch.tsv", "Error against the batch's size, at an equal number of images",
     "xlabel=images in a batch;log=xy", "batch"},
    {"place", "dots", "place.tsv", "Before or after the nonlinearity, with or without gamma and beta",
     "row=row;value=value;published=published;log=none;xlabel=error (%)", "place"},
    {"start", "dots", "start.tsv", "Error after a short training from three first weights",
     "row=row;value=value;published=published;log=x;xlabel=error (%)", "start"},
    {"statistics", "bands", "statistics.tsv", "Whose means and variances in testing",
     "xlabel=images in a test batch;log=xy", "statistics"},
    {"cifar", "bands", "cifar.tsv", "layers-80sec on CIFAR-10, with and without (fig. 2)",
     "xlabel=steps;log=none;yrange=10:80", "cifar"},
    {0}};

static const char *const deviations[] = {
    "fig. 1: plain SGD; the rate and the size of the first weights, which the paper does not give, are those with "
    "which the network without batch normalisation does best on held-out images",
    "fig. 1b, c: the first unit, over the first 1,000 training images as one batch",
    "the ablation (all other figures but the last) is ours, on the networks of fig. 1 and not on Inception: "
    "errors on the last 10,000 training images, trained on the first 50,000",
    "lab: the ablation's trainings take 3,000 steps (batches: 100,000 images) instead of 50,000",
    "chance in depth_without is that of ten classes; Inception's was that of a thousand",
    "CIFAR-10: cuda-convnet's layers-80sec instead of Inception, by its recipe at the first rate (0.001) "
    "throughout, on 40,000 training images; accuracy on 5,000 others of them, each 50 steps. Lab: one seed and a "
    "shortened recipe, 1,000 steps (3.2 passes) instead of 2,500 (8 passes)",
    "CIFAR-10: in all networks, the first weights of the first convolution have a deviation of 0.01 instead of "
    "the definition's 0.0001, chosen for the network without on held-out images that do not judge",
    "CIFAR-10: BN-x5 and BN-x30 take from section 4.2.1 the higher rate and a fifth of the weight decay; there is "
    "no dropout and no local response normalisation to take out, and no distortion to weaken",
    NULL};

static const dt_trials batchnorm = {
    .about = {.name = "batchnorm",
              .title = "batch normalisation: faster, deeper, at higher rates",
              .paper = "Ioffe, Szegedy 2015, Batch Normalization: Accelerating Deep Network Training by Reducing "
                       "Internal Covariate Shift, figures 1 and 2",
              .datasets = dt_mnist_only,
              .second = &dt_cifar10,
              .expected = {"no claim; a few seconds",
                           "faster with it, deep stacks only with it; under 10 minutes on two cores",
                           "the same with 50,000 steps each; hours on two cores"},
              .seeds = {1, 3, 5},
              .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
};

int main(int argc, char *argv[])
{
    return dt_trials_main(&batchnorm, argc, argv);
}
