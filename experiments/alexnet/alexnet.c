/* Krizhevsky's networks on CIFAR-10: cuda-convnet's layers-80sec and layers-18pct, and figure 1 of Krizhevsky,
 * Sutskever, Hinton 2012, "ImageNet Classification with Deep Convolutional Neural Networks". */
#include "experiments/alexnet/parts.h"

static const char images_group[] = "alexnet: a folder of images";
static const char nets_group[] = "alexnet: layers80sec and layers18pct";

static const dt_flag flags[] = {
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL,
     "passes at the first rate, those at lower ones follow (fig1: at most, imagenet: all); 0: each network's own",
     "alexnet", true},
    {"lr", DT_FLAG_REAL, "0", 0, 10, NULL, "learning rate at the start; 0: each network's own", "alexnet", true},
    {"lrn", DT_FLAG_CHOICE, "net", 0, 0, "net|on|off", "local response normalisation; net: as published", nets_group,
     true},
    {"pools", DT_FLAG_CHOICE, "net", 0, 0, "net|plain", "plain: 2x2 side by side, not 3x3 that overlap", nets_group,
     true},
    {"pooling", DT_FLAG_CHOICE, "net", 0, 0, "net|max|average", "all pools alike", nets_group, true},
    {"dropout", DT_FLAG_REAL, "0", 0, 0.99, NULL, "how likely a unit of the last hidden layer is left out", nets_group,
     true},
    {"crops", DT_FLAG_CHOICE, "none", 0, 0, "none|one|ten",
     "train on random crops of 24x24 and reflections of them; test on the one in the middle, or on the mean of ten",
     nets_group, true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL,
     "train on 40,000 images and judge by the other 10,000, not by the test set", nets_group, true},
    {"images", DT_FLAG_TEXT, NULL, 0, 0, NULL,
     "train the network of 2012 on this folder, which holds a folder of images for each class", images_group, true},
    {"skip-broken", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "name images that cannot be decoded, and go on without them",
     images_group, true},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"layers80sec", "layers-80sec", DT_TRIAL_CURVES, layers80sec_run, .work = {1, 155, 155}},
    {"layers18pct", "layers-18pct", DT_TRIAL_CURVES, layers18pct_run, .work = {2, 95, 2600}, .once = true},
    {"fig1", "ReLU and tanh", DT_TRIAL_CURVES, fig1_run, .work = {1, 90, 1100}, .once = true},
    {"imagenet", "AlexNet", DT_TRIAL_CURVES, imagenet_run, .work = {1, 1, 1}, .once = true, .data = "images"},
};

static const dt_figure figures[] = {
    {"layers80sec", "bands", "layers80sec.tsv", "layers-80sec: error against passes", "xlabel=passes;log=none",
     "layers80sec"},
    {"layers18pct", "bands", "layers18pct.tsv", "layers-18pct: error against passes", "xlabel=passes;log=none",
     "layers18pct"},
    {"fig1", "bands", "fig1.tsv", "ReLU and tanh on a four-layer network (fig. 1)", "xlabel=passes;log=none", "fig1"},
    {"filters", "sheet", "filters.tsv", "layers-80sec: the first layer's filters (fig. 3)",
     "palette=rgb;range=tile;columns=8", "layers80sec"},
    {"confusion", "confusion", "confusion.tsv", "layers-80sec: true classes (rows) and answers (columns)", "",
     "layers80sec"},
    {"best", "sheet", "best.tsv", "Eight test images and their five best classes, the right one in red (fig. 4)",
     "palette=rgb;range=0:255", "layers80sec"},
    {"neighbours", "sheet", "neighbours.tsv",
     "Eight test images, and the training images nearest to them in the last hidden layer (fig. 4)",
     "palette=rgb;range=0:255", "layers80sec"},
    {"imagenet", "bands", "imagenet.tsv", "AlexNet: error against passes", "xlabel=passes;log=none", "imagenet"},
    {0}};

static const char *const deviations[] = {
    "layers-80sec: 8 passes at the first rate, as published, and 2 at a tenth of it; the definition does not say when "
    "to stop",
    "layers-18pct, lab: 4 + 1 instead of 120 + 10 + 10 passes; no claim",
    "both: the images in another order in each pass; momentum gathers gradients, not steps, which differs for some "
    "updates after the rate falls",
    "fig. 1, lab: the first 10,000 training images, and 16, 16 and 32 maps instead of 32, 32 and 64",
    "fig. 1: the paper describes its network as four layers only; here it is layers-18pct without its normalisation "
    "and weight decay. Errors are those during the pass, each image before its update",
    "fig. 1: training ends after 80 passes; where tanh has not arrived by then, 80 stand for its number, and the ratio "
    "is too small rather than too large",
    "crops: the mean image is taken away after the crop",
    "a folder of images: rates by a fixed plan, no change of colours, tested on the crop in the middle",
    NULL};

static const dt_dataset datasets[] = {{.name = "cifar10",
                                       .title = "CIFAR-10",
                                       .classes = class_names,
                                       .sha256 = DT_CIFAR10_SHA256,
                                       .files = DT_CIFAR_FILES},
                                      {0}};

static const dt_trials alexnet = {
    .about = {.name = "alexnet",
              .title = "convolutional networks on small photographs",
              .paper =
                  "Krizhevsky 2011, cuda-convnet; Krizhevsky, Sutskever, Hinton 2012, ImageNet Classification with "
                  "Deep Convolutional Neural Networks",
              .datasets = datasets,
              .expected = {"no claim; a few seconds",
                           "layers-80sec 24.5 to 27.5 %, tanh at least 3 times as slow as ReLU; under 10 minutes on "
                           "two cores",
                           "layers-18pct 16.5 to 19.5 % as well; an hour or two on two cores"},
              .seeds = {1, 2, 3},
              .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
};

int main(int argc, char *argv[])
{
    return dt_trials_main(&alexnet, argc, argv);
}
