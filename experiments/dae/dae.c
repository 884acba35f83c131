/* Vincent, Larochelle, Lajoie, Bengio, Manzagol 2010, "Stacked denoising autoencoders": table 3, figures 8 and 11;
 * Alain, Bengio 2013: what a denoising autoencoder knows of the density of its data. */
#include "experiments/dae/parts.h"

static const char group[] = "dae";

static const dt_flag flags[] = {
    {"set", DT_FLAG_CHOICE, "all", 0, 0, "all|basic|rot|bg-rand|bg-img|rect", "stack: only this set", group, true},
    {"noise", DT_FLAG_CHOICE, "masking", 0, 0, "masking|salt-and-pepper|gaussian",
     "stack, filters: what is done to the input", group, true},
    {"level", DT_FLAG_REAL, NULL, 0, 1, NULL,
     "stack, manifold: how much of it, or the deviation of Gaussian noise, in place of the trial's own", group, true},
    {"layers", DT_FLAG_INT, NULL, 1, SDAE_LAYERS, NULL, "stack, noise: hidden layers", group, true},
    {"hidden", DT_FLAG_INT, NULL, 1, 8192, NULL, "units of a hidden layer", group, true},
    {"untied", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "decoders have weights of their own", group, true},
    {"sparsity", DT_FLAG_REAL, "0", 0, 1000, NULL, "stack, noise: penalty on the sum of the hidden units", group, true},
    {"contraction", DT_FLAG_REAL, "0", 0, 1000, NULL,
     "stack, noise: penalty on the squared norm of the hidden units' Jacobian", group, true},
    {"pretrain", DT_FLAG_INT, "0", 0, 100000, NULL, "passes over the images for each autoencoder; 0: the preset's",
     group, true},
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "passes with labels; 0: the preset's", group, true},
    {"batch", DT_FLAG_INT, "0", 0, 60000, NULL, "images in one update; 0: each trial's own", group, true},
    {"lr-pretrain", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate of the autoencoders; 0: each trial's own", group,
     true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate with labels; 0: each trial's own", group, true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL,
     "stack, noise: judge by the images that choose the pass, and leave the test images alone", group, true},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"stack", "stacks", "network\tpublished\tseed\terror", stack_run, .work = {2, 150, 60000}},
    {"noise", "how much noise", DT_TRIAL_CURVES, noise_run, .work = {2, 75, 20000}, .once = true},
    {"filters", "filters", "network\troughness\tJacobian\tactivation", filters_run, .work = {1, 45, 1000},
     .once = true},
    {"manifold", "the plane", "x\ty\tdensity\tdx\tdy", manifold_run, .work = {1, 12, 80}, .once = true},
    {"documented", "the documented recipe", NULL, documented_run, .work = {0, 0, 20000}, .once = true},
};

static const dt_figure figures[] = {
    {"stack", "dots", "stack.tsv", "Three layers, by how their first weights came about (table 3)",
     "row=network;value=error;published=published;xlabel=test error (%)", "stack"},
    {"noise", "bands", "noise.tsv", "Turned digits: test error against the level of noise (fig. 11)",
     "xlabel=level of noise;log=none", "noise"},
    {"filters_0", "sheet", "filters_0.tsv", "Filters without noise (fig. 8)", "palette=diverging;range=tile;columns=10",
     "filters"},
    {"filters_25", "sheet", "filters_25.tsv", "Filters with 25 % noise (fig. 8)",
     "palette=diverging;range=tile;columns=10", "filters"},
    {"filters_50", "sheet", "filters_50.tsv", "Filters with 50 % noise (fig. 8)",
     "palette=diverging;range=tile;columns=10", "filters"},
    {"filters_sparse", "sheet", "filters_sparse.tsv", "Filters of a sparse autoencoder",
     "palette=diverging;range=tile;columns=10", "filters"},
    {"filters_contractive", "sheet", "filters_contractive.tsv", "Filters of a contractive autoencoder",
     "palette=diverging;range=tile;columns=10", "filters"},
    {"film", "film", "film.tsv", "Filters while they form, 25 % noise", "palette=gray;range=0:1;columns=8", "filters"},
    {"walk", "sheet", "walk.tsv", "Noise and repair by turns, from a held-out image (left)", "palette=ink;range=0:1",
     "filters"},
    {"measures", "table", "filters.tsv", "Five autoencoders", "", "filters"},
    {"field", "field", "manifold.tsv", "Where the autoencoder moves a point, over the density of its data", "",
     "manifold"},
    {"chain", "scatter", "chain.tsv", "Noise and repair by turns: the chain, and the data",
     "x=x;y=y;series=series;xlabel=x;ylabel=y", "manifold"},
    {0}};

static const char *const deviations[] = {
    "the sets are made anew, the same for all seeds: 12,000 digits to learn from are drawn from MNIST's training "
    "images, "
    "and those for the test are the other training images and, in paper, 2,000 of its test images; only the order of "
    "networks can be compared with the paper's, but for basic",
    "bg-rand, bg-img: digit and background, the lighter of the two; the backgrounds of bg-img are sums of waves with "
    "amplitudes of 1 over frequency instead of patches of photographs",
    "stacks: by mini-batches of 40 with momentum 0.9 and rates that fall linearly to 0, the same for all networks, "
    "chosen "
    "by validation error; the paper chose sizes and rates for each set; the fourth network, whose first weights are "
    "larger, "
    "is ours",
    "stacks, lab: 400 instead of 1,000 to 3,000 units, 10,000 instead of 50,000 test images, 10 passes for each "
    "autoencoder and 20 with labels; noise-level curve: 200 units, one seed",
    "filters: 196 units in lab; penalties of the sparse and the contractive one are ours",
    "the documented recipe: at most 60 passes with labels",
    NULL};

static const dt_trials experiment = {
    .about =
        {.name = "dae",
         .title = "denoising autoencoders",
         .paper = "Vincent, Larochelle, Lajoie, Bengio, Manzagol 2010, Stacked Denoising Autoencoders; Alain, Bengio "
                  "2013, What Regularized Auto-Encoders Learn from the Data Generating Distribution",
         .datasets = dt_mnist_only,
         .expected = {"no claim; a few seconds",
                      "stacks of denoising autoencoders before those of ordinary ones before random weights; under 10 "
                      "minutes on two cores",
                      "five sets, 1.30 % on MNIST; days"},
         .seeds = {1, 2, 3},
         .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
};

int main(int argc, char *argv[])
{
    return dt_trials_main(&experiment, argc, argv);
}
