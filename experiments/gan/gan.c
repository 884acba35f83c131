/* Goodfellow and others 2014, "Generative adversarial nets": MNIST by its networks and its Parzen window; Radford,
 * Metz, Chintala 2016: convolutional networks; Metz and others 2017: what looking ahead does on a ring of eight
 * Gaussians. */
#include "experiments/gan/parts.h"

static const char group[] = "gan";

static const dt_flag flags[] = {
    {"latent", DT_FLAG_INT, NULL, 1, 1000, NULL, "numbers of noise that the generator begins from", group, true},
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "mnist, dcgan: passes over the images; 0: the preset's", group, true},
    {"steps", DT_FLAG_INT, "0", 0, 100000000, NULL, "ring: updates of each network; 0: the preset's", group, true},
    {"unroll", DT_FLAG_INT, "0", 0, 100, NULL, "ring: steps that the second generator looks ahead; 0: the preset's",
     group, true},
    {"batch", DT_FLAG_INT, "0", 0, 60000, NULL, "examples in one update; 0: each trial's own", group, true},
    {"lr", DT_FLAG_REAL, "0", 0, 1e6, NULL, "learning rate of both networks; 0: each trial's own", group, true},
    {"lr-generator", DT_FLAG_REAL, "0", 0, 1e6, NULL, "the generator's; 0: --lr", group, true},
    {"lr-discriminator", DT_FLAG_REAL, "0", 0, 1e6, NULL, "the discriminator's; 0: --lr", group, true},
    {"dropout", DT_FLAG_REAL, NULL, 0, 0.99, NULL, "mnist: how likely a hidden unit of the discriminator is left out",
     group, true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "judge by the held-out images, and leave the test set alone", group,
     true},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"ring", "the ring", DT_TRIAL_CURVES, ring_run, .work = {1, 100, 400}},
    {"mnist", "the networks of 2014", DT_TRIAL_CURVES, mnist_run, .work = {1, 195, 4800}, .once = true},
    {"dcgan", "the convolutional GAN", DT_TRIAL_CURVES, dcgan_run, .work = {1, 90, 1150}, .once = true},
};

static const dt_figure figures[] = {
    {"ring", "bands", "ring.tsv", "Eight Gaussians on a ring, with and without unrolling", "xlabel=steps;log=none",
     "ring"},
    {"ring_film", "film", "ring_film.tsv", "The ring while it is learned: plain (left), unrolled (right)",
     "palette=ink;range=0:1;columns=4", "ring"},
    {"mnist", "bands", "mnist.tsv", "The networks of 2014", "xlabel=passes;log=none", "mnist"},
    {"mnist_film", "film", "mnist_film.tsv", "The networks of 2014: the same 64 z through the training",
     "palette=ink;range=0:1;columns=8", "mnist"},
    {"dcgan", "bands", "dcgan.tsv", "The convolutional GAN", "xlabel=passes;log=none", "dcgan"},
    {"dcgan_film", "film", "dcgan_film.tsv", "The convolutional GAN: the same 64 z through the training",
     "palette=ink;range=0:1;columns=8", "dcgan"},
    {"latent", "sheet", "latent.tsv", "Walks and sums in the noise of the convolutional GAN", "palette=ink;range=0:1",
     "dcgan"},
    {0}};

static const char *const deviations[] = {
    "networks of 2014: sizes, rates, dropout and first values are those of the paper's program, whose number of "
    "epochs is not known: 400 here, in lab 16; z is normal, where versions of the program have it normal or uniform",
    "Parzen window: by the paper's program; the generator is the one at the end, not the best one",
    "convolutional GAN: two layers each on 28 x 28 digits instead of four on 64 x 64 photographs, batches of 64; "
    "lab: 2 passes",
    "ring: networks by the appendix of Metz et al., from memory; rates, batches and 25,000 updates of each network by "
    "the notebook that its authors published; the first weights are normal, with the deviation of their orthogonal "
    "ones; lab: half of the updates, 5 instead of 10 steps ahead",
    "unrolled GAN: the gradient through the steps ahead takes its second derivatives as differences of first ones",
    NULL};

static const dt_trials experiment = {
    .about = {.name = "gan",
              .title = "generative adversarial networks",
              .paper =
                  "Goodfellow et al. 2014, Generative Adversarial Nets; Radford, Metz, Chintala 2016, Unsupervised "
                  "Representation Learning with Deep Convolutional GANs; Metz et al. 2017, Unrolled GANs",
              .datasets = dt_mnist_only,
              .expected = {"no claim; a few seconds",
                           "all digits, and all modes of a ring by unrolling; under 10 minutes on two cores",
                           "about 225 nats; two hours"},
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
