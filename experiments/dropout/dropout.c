/* Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, "Dropout: a simple way to prevent neural networks from
 * overfitting": table 9 and figures 7 to 10; early stopping; and the networks of Hinton et al. 2012. */
#include "experiments/dropout/parts.h"

static const dt_flag flags[] = {
    {"method", DT_FLAG_CHOICE, "all", 0, 0, "all|l2|maxnorm|dropout_l2|dropout_maxnorm", "table9: train only this one",
     "dropout", true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL,
     "table9: train on 50,000 images and judge by the others, not by the test set", "dropout", true},
    {"dropout", DT_FLAG_REAL, "0.5", 0, 0.99, NULL, "table9: how likely a hidden unit is left out, where any is",
     "dropout", true},
    {"input-dropout", DT_FLAG_REAL, "0.2", 0, 0.99, NULL, "table9: how likely an input is left out, where any is",
     "dropout", true},
    {"penalty", DT_FLAG_REAL, "0", 0, 1000, NULL, "table9: weight decay, where there is any; 0: the preset's",
     "dropout", true},
    {"max-norm", DT_FLAG_REAL, "0", 0, 1000, NULL,
     "table9: greatest norm of a unit's weights, where it is bounded; 0: the preset's", "dropout", true},
    {"width", DT_FLAG_INT, "0", 0, 8192, NULL, "table9, early: units in a hidden layer; 0: the preset's", "dropout",
     true},
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "table9, early: passes over the images; 0: the preset's", "dropout",
     true},
    {"batch", DT_FLAG_INT, "0", 0, 60000, NULL, "table9: images in one update; 0: 128", "dropout", true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate at the start; 0: each training's own", "dropout", true},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"table9", "table 9", "method\tpublished\tseed\tloss\terror", table9_run, .work = {1, 320, 45000}, .once = true},
    {"amount", "how much dropout", DT_TRIAL_CURVES, amount_run, .work = {1, 22, 20000}},
    {"size", "how many images", DT_TRIAL_CURVES, size_run, .work = {1, 22, 10000}},
    {"features", "features", DT_TRIAL_CURVES, features_run, .work = {1, 25, 250}, .once = true},
    {"early", "early stopping", DT_TRIAL_CURVES, early_run, .work = {1, 9, 9}},
    {"hinton", "Hinton's three networks", "network\tpublished\tseed\terrors", hinton_run, .work = {0, 0, 6000}},
};

static const dt_figure figures[] = {
    {"table9", "dots", "table9.tsv", "Regularisers on MNIST (table 9)",
     "row=method;value=error;published=published;xlabel=test error (%)", "table9"},
    {"amount", "bands", "amount.tsv", "Test error against the probability of keeping a unit (fig. 9)",
     "xlabel=p;ylabel=test error (%);log=y", "amount"},
    {"size", "bands", "size.tsv", "Test error against the number of training images (fig. 10)",
     "xlabel=training images;log=xy", "size"},
    {"features_without", "sheet", "features_without.tsv",
     "Features of an autoencoder without dropout (fig. 7a; 96 of 256)", "palette=diverging;range=tile;columns=16",
     "features"},
    {"features_with", "sheet", "features_with.tsv", "Features of an autoencoder with dropout (fig. 7b; 96 of 256)",
     "palette=diverging;range=tile;columns=16", "features"},
    {"activations", "bands", "features.tsv", "Hidden activations of the two autoencoders (fig. 8)",
     "xlabel=activation;ylabel=share (%);log=none", "features"},
    {"early", "bands", "early.tsv", "5,000 images, no regulariser: when to stop", "xlabel=passes;log=none;yrange=0:0.5",
     "early"},
    {"hinton", "dots", "hinton.tsv", "Hinton's three networks",
     "row=network;value=errors;published=published;xlabel=test errors of 10,000", "hinton"},
    {0}};

static const char *const deviations[] = {
    "table 9, lab: 512, 512 and 1,024 hidden units and 60 passes (28,000 updates) with a rate that falls linearly to "
    "0, instead of 1,024, 1,024 and 2,048 and 1,000,000 updates; 12 passes without dropout, which then know the images "
    "by heart; one seed",
    "table 9: the rates and the L2 penalties, which the paper does not print, were chosen on held-out images; batches "
    "of 128; the rows with a penalty on activations are left out",
    "fig. 9, lab: 5,000 training images, 256 instead of 2,048 units (pn: 64 instead of 256), 1,500 updates",
    "fig. 10, lab: 256, 256 and 512 units and 1,500 updates, up to 10,000 images",
    "figs. 7 and 8: the paper does not print how the autoencoders are trained; here by Adam, 8 passes in lab",
    "Hinton's networks: rectified instead of logistic units, rate and passes as in table 9",
    NULL};

static const dt_trials dropout = {
    .about = {.name = "dropout",
              .title = "dropout, max-norm, L2 and early stopping",
              .paper =
                  "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, Dropout: A Simple Way to Prevent "
                  "Neural Networks from Overfitting",
              .datasets = dt_mnist_only,
              .expected = {"no claim; a few seconds",
                           "dropout with max-norm at most 1.35 %; under 10 minutes on two cores",
                           "table 9 by the full recipe, and Hinton's networks; days"},
              .seeds = {1, 3, 3},
              .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
};

int main(int argc, char *argv[])
{
    return dt_trials_main(&dropout, argc, argv);
}
