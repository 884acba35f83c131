/* Kingma, Welling 2014, "Auto-encoding variational Bayes": figures 2, 4 and 5; and the likelihood of the networks by
 * the estimate of Burda, Grosse, Salakhutdinov 2016. */
#include "experiments/vae/parts.h"

static const char group[] = "vae";

static const dt_flag flags[] = {
    {"latent", DT_FLAG_INT, NULL, 1, 1000, NULL, "bound: train one network of so many latent dimensions, and no other",
     group, true},
    {"hidden", DT_FLAG_INT, "0", 0, 8192, NULL, "units of a hidden layer; 0: each trial's own", group, true},
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "passes over the images; 0: the preset's", group, true},
    {"batch", DT_FLAG_INT, "0", 0, 60000, NULL, "images in one update; 0: each trial's own", group, true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate; 0: each trial's own", group, true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "judge by the held-out images, and leave the test set alone", group,
     true},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"bound", "the bound", DT_TRIAL_CURVES, bound_run, .work = {1, 160, 16000}},
    {"manifold", "two dimensions", NULL, manifold_run, .work = {1, 35, 350}, .once = true},
    {"marginal", "log p(x)", DT_TRIAL_CURVES, marginal_run, .work = {1, 40, 15000}, .once = true},
};

static const dt_figure figures[] = {{"bound", "bands", "bound.tsv", "The bound against training samples (fig. 2)",
                                     "xlabel=training samples;ylabel=bound (nats);log=x;yrange=-220:-90", "bound"},
                                    {"samples", "sheet", "samples.tsv", "What the networks draw from random z (fig. 5)",
                                     "palette=ink;range=0:1", "bound"},
                                    {"manifold", "sheet", "manifold.tsv", "Two latent dimensions (fig. 4)",
                                     "palette=ink;range=0:1;columns=1", "manifold"},
                                    {"film", "film", "film.tsv", "Two latent dimensions after so many training samples",
                                     "palette=ink;range=0:1;columns=8", "manifold"},
                                    {"marginal", "bands", "marginal.tsv",
                                     "log p(x) by so many importance-weighted samples",
                                     "xlabel=samples for each image;log=x", "marginal"},
                                    {0}};

static const char *const deviations[] = {
    "fig. 2: images are grey, as probabilities of ink; the paper does not say how it took them. The curve beside "
    "that of the training images is that of 10,000 held-out training images, not of the test images, which are "
    "read at the end",
    "fig. 2: the paper's N(0, 0.01) of the first weights is read as a variance of 0.01; Adagrad's rate was chosen "
    "on held-out images; wake-sleep is left out; lab: 600,000 instead of 10^8 training samples",
    "log p(x): the paper's own estimate, by Hamiltonian Monte Carlo in 3 dimensions, is left out; the published "
    "number is another paper's, for another network, which is the one trained here",
    "log p(x): trained on 50,000 images; lab: 12 passes in batches of 100 with a rate that falls linearly to 0, "
    "instead of 3,280 in batches of 20; 1,000 test images, 625 samples for each",
    NULL};

static const dt_trials experiment = {
    .about = {.name = "vae",
              .title = "variational autoencoders",
              .paper = "Kingma, Welling 2014, Auto-Encoding Variational Bayes; Burda, Grosse, Salakhutdinov 2016, "
                       "Importance Weighted Autoencoders",
              .datasets = dt_mnist_only,
              .expected = {"no claim; a few seconds",
                           "more latent dimensions, a higher bound, and 200 do no harm; under 10 minutes on two cores",
                           "the full recipes, 10^8 samples for each network; a day"},
              .seeds = {1, 2, 1},
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
