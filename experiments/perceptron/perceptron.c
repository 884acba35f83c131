/* Rosenblatt 1958, Novikoff 1962, Minsky and Papert 1969: what a linear unit learns, how fast, and what it cannot. Then
 * XOR and parity by a hidden layer (Rumelhart, Hinton, Williams 1986), and the linear unit's modern form, softmax
 * regression, on MNIST. */
#include "experiments/perceptron/parts.h"

static const dt_flag flags[] = {
    {"runs", DT_FLAG_INT, "0", 0, 100000, NULL,
     "data sets for each margin and first weights for each network, per seed; 0: the preset's 10, 100 or 300",
     "perceptron", true},
    {"distance", DT_FLAG_REAL, "2", 0, 100, NULL, "between the means of the overlapping classes (deviation 1)",
     "perceptron", true},
    {"shuffle", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "overlap: a new order of the points in every pass, for every start",
     "perceptron", true},
    {"decay", DT_FLAG_REAL, "0.0001", 0, 1, NULL, "overlap: weight decay of logistic regression", "perceptron", true},
    {"presentations", DT_FLAG_INT, "5000", 1, 10000000, NULL, "XOR and parity: give up after so many of all patterns",
     "perceptron", true},
    {"epochs", DT_FLAG_INT, "74", 1, 100000, NULL, "softmax: passes over the training images (smoke: 2)", "perceptron",
     true},
    {"batch", DT_FLAG_INT, "600", 1, 60000, NULL, "softmax: images in one update", "perceptron", true},
    {"lr", DT_FLAG_REAL, "0.13", 0, 1000, NULL, "softmax: learning rate", "perceptron", true},
    {0}};

static const dt_trial_plan trials[] = {
    {"novikoff", "mistakes on separable points", "seed\trun\tpoints\tradius\tmargin\tbound\tmistakes", novikoff_run,
     .work = {1, 1, 1}},
    {"overlap", "overlapping classes", "seed\tlearner\tstart\tw1\tw2\tbias\terror\tlow\thigh\tloss", overlap_run,
     .work = {1, 1, 1}},
    {"epochs", "error against passes", "panel\tseries\tx\tmean\tlow\thigh", epochs_run, .work = {1, 1, 1},
     .once = true},
    {"lines", "the moving lines", "row\tpanel\tkind\ta\tb\tc", lines_run, .work = {1, 1, 1}, .once = true},
    {"losses", "losses", "panel\tseries\tx\tmean\tlow\thigh", losses_run, .work = {1, 1, 1}, .once = true},
    {"dichotomies", "linear units on XOR", "labels\tseparable\tw1\tw2\tbias\tagree_with_xor", dichotomies_run,
     .work = {1, 1, 1}, .once = true},
    {"xor", "XOR with a hidden layer", "seed\tstart\tbits\thidden\tshape\tlearned\tpresentations\tworst", xor_run,
     .work = {1, 1, 1}},
    {"parity", "parity with a hidden layer", "seed\tstart\tbits\thidden\tshape\tlearned\tpresentations\tworst",
     parity_run, .work = {1, 5, 50}},
    {"softmax", "softmax regression on MNIST", "seed\tepoch\tloss\ttrain_error", softmax_run, .work = {1, 3, 3}},
};

static const dt_figure figures[] = {
    {"novikoff", "scatter", "novikoff.tsv", "Perceptron: mistakes never exceed Novikoff's bound",
     "x=bound;y=mistakes;series=points;log=xy;xlabel=bound, (R / margin)²;diagonal=bound", "novikoff"},
    {"epochs", "curves", "epochs.tsv", "Overlapping classes: one learner settles, the other cannot",
     "xlabel=passes;ylabel=training error (%);log=none", "epochs"},
    {"lines", "lines", "lines.tsv", "The decision line after each pass", "", "lines"},
    {"losses", "curves", "losses.tsv", "Losses: what each learner makes small",
     "xlabel=margin y w·x;ylabel=loss;log=none", "losses"},
    {"xor", "rates", "xor.tsv", "XOR: how many networks learn it",
     "x=hidden;hit=learned;xlabel=hidden units;ylabel=learned (%)", "xor"},
    {"parity", "rates", "parity.tsv", "Parity of N bits: how many networks learn it",
     "x=bits;hit=learned;series=shape;xlabel=bits N;ylabel=learned (%)", "parity"},
    {0}};

static const char *const deviations[] = {
    "separable points: Gaussian, without those nearer to the separating line than the margin; the bias is the weight "
    "of a constant coordinate 1, which counts in R and in the margin",
    "overlapping classes: weight decay 0.0001 for logistic regression, bias included",
    "XOR and parity: all patterns in one update, momentum 0.9, rate 1 (parity: 4) for the mean error, first weights "
    "uniform in +-2.4 / inputs; learned: every output within 0.1 of its target by 5,000 presentations",
    "softmax regression: the parameters after the 74th pass instead of the best on validation images", NULL};

static const dt_dataset datasets[] = {{.name = "mnist", .title = "MNIST"}, {0}};

static const dt_trials perceptron = {
    .about = {.name = "perceptron",
              .title = "the perceptron, logistic regression, XOR, and softmax regression",
              .paper = "Rosenblatt 1958, The perceptron; Novikoff 1962; Minsky and Papert 1969, Perceptrons; "
                       "Rumelhart, Hinton, Williams 1986",
              .datasets = datasets,
              .sha256 = "02def62d38696cddf2715e05122f741fafee2c190e42772b91f7c0c2f6604c7e",
              .expected = {"no claim; a few seconds",
                           "no run above the bound, softmax 7.24 to 7.74 %; under a minute on two cores",
                           "the same with more runs, parity of up to 8 bits; about 5 minutes"},
              .seeds = {1, 3, 5},
              .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
};

int64_t runs_of(const dt_trial *trial)
{
    static const int64_t preset[DT_PRESETS] = {10, 100, 300};
    int64_t runs = dt_flag_int(dt_trial_flags(trial), "runs");
    return runs ? runs : preset[dt_trial_preset(trial)];
}

int main(int argc, char *argv[])
{
    return dt_trials_main(&perceptron, argc, argv);
}
