/* Mikolov, Chen, Corrado, Dean 2013, and Mikolov, Sutskever, Chen, Corrado, Dean 2013: word vectors from a hundred
 * million bytes of text; Recht, Re, Wright, Niu 2011: training without locks; Levy, Goldberg 2014: the same by
 * counting.
 */
#include "experiments/word2vec/parts.h"

static const char own_group[] = "word2vec: a text of your own";
static const char all_group[] = "word2vec: all trials";
static const char look_group[] = "word2vec: looking at vectors";

static const dt_flag flags[] = {
    {"text", DT_FLAG_TEXT, NULL, 0, 0, NULL, "train on this file instead, and write its vectors", own_group, true},
    {"model", DT_FLAG_CHOICE, "cbow", 0, 0, "cbow|skip-gram", "what predicts what", own_group, true},
    {"loss", DT_FLAG_CHOICE, "negative", 0, 0, "negative|hierarchical", "negative sampling or hierarchical softmax",
     own_group, true},
    {"phrases", DT_FLAG_INT, "0", 0, 8, NULL, "how many times to join words that belong together first", own_group,
     true},
    {"threshold", DT_FLAG_REAL, "100", 0, 1e9, NULL, "which score makes two words a phrase", own_group, true},
    {"dims", DT_FLAG_INT, "0", 0, 4096, NULL, "numbers in a vector; 0: each trial's own", all_group, true},
    {"window", DT_FLAG_INT, "0", 0, DT_WINDOW_INPUTS / 2, NULL, "words on each side at most; 0: each trial's own",
     all_group, true},
    {"negatives", DT_FLAG_INT, "0", 0, 200, NULL, "negative samples; 0: each trial's own", all_group, true},
    {"passes", DT_FLAG_INT, "0", 0, 10000, NULL, "passes over the text; 0: each trial's own", all_group, true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate at the start; 0: 0.05 for CBOW, 0.025 for skip-gram",
     all_group, true},
    {"sample", DT_FLAG_REAL, "0", 0, 1, NULL, "words with a larger share of the text are thinned out; 0: 1e-4",
     all_group, true},
    {"min-count", DT_FLAG_INT, "0", 0, 1000000000, NULL, "rarer words are left out; 0: 5", all_group, true},
    {"hogwild", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "train without locks: faster, but another result each time",
     all_group, true},
    {"analogy", DT_FLAG_TEXT, NULL, 0, 0, NULL, "\"king man woman\": who is to woman as king is to man? -: read lines",
     look_group, false},
    {"nearest", DT_FLAG_TEXT, NULL, 0, 0, NULL, "the words nearest to this one, or to several; -: read lines",
     look_group, false},
    {"vectors", DT_FLAG_TEXT, NULL, 0, 0, NULL, "a file of vectors in word2vec's text or binary format, not the run's",
     look_group, false},
    {0}};

#define TEXTS .text = &wiki_text, .exam = &eval_texts

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"table", "model and loss", "seed\tmodel\tloss\tsection\tquestions\tseen\tright\taccuracy", table_run,
     .work = {2, 280, 280}, .once = true, TEXTS},
    {"demo", "demo settings", "seed\tmodel\tloss\tsection\tquestions\tseen\tright\taccuracy", demo_run,
     .work = {1, 60, 450}, TEXTS},
    {"dimension", "dimension", DT_TRIAL_CURVES, dimension_run, .work = {1, 50, 350}, .once = true, TEXTS},
    {"passes", "passes", DT_TRIAL_CURVES, passes_run, .work = {1, 60, 130}, .once = true, TEXTS},
    {"hogwild", "hogwild", "seed\trow\trun\tseconds\tspeed\tpublished\tvalue", hogwild_run, .work = {1, 80, 190},
     .once = true, TEXTS},
    {"text", "your text", NULL, own_text_run, .work = {1, 1, 1}, .once = true, .data = "text"},
};

static const dt_figure figures[] = {
    {"comparison", "bars", "claims.tsv", "Questions answered, published and ours", "xlabel=%", NULL},
    {"accuracy", "bars", "accuracy.tsv", "Analogies among the 30,000 most frequent words",
     "xlabel=right, % of the questions seen;format=%.1f", "table"},
    {"sections", "table", "sections.tsv", "Analogies by section: ns negative sampling, hs hierarchical softmax", NULL,
     "table"},
    {"capitals", "arrows", "capitals.tsv", "Countries and their capitals, in two principal components", NULL, "table"},
    {"gender", "arrows", "gender.tsv", "Men and women, in two principal components", NULL, "table"},
    {"tense", "arrows", "tense.tsv", "Present and past, in two principal components", NULL, "table"},
    {"dimension", "bands", "dimension.tsv", "CBOW: accuracy against the vectors' dimension",
     "xlabel=dimension;ylabel=right, %;log=x", "dimension"},
    {"passes", "bands", "passes.tsv", "CBOW: accuracy against passes over the text",
     "xlabel=passes;ylabel=right, %;log=x", "passes"},
    {"similarity", "dots", "similarity.tsv", "Likeness of words: rank correlation with human judgement",
     "xlabel=Spearman's rho", "table"},
    {"hogwild", "dots", "hogwild.tsv", "CBOW in order and without locks, several runs of one seed",
     "xlabel=right, %;each=one a run", "hogwild"},
    {0}};

static const char *const deviations[] = {
    "text: 100 MB of Wikipedia of 2019 with text8's format, which is not text8; the published values are the original "
    "program's on this same text",
    "the negatives of a word are drawn once for all words around it, and are different words; the sigmoid is exact",
    "order: the windows of each 8,192 words are trained in batches of 128 from places far apart, whose errors come "
    "from "
    "the vectors before the batch",
    "learning rate: set anew every 8,192 words instead of 10,000",
    "a piece of 8,192 words of the text is a sentence, instead of 1,000 words that are left after thinning out",
    "lab: 2 of the 15 passes of the demo settings; 2 instead of 5 passes for hogwild, 3 for the dimensions",
    "SVD: the 30,000 most frequent words, pairs drawn as skip-gram draws them; Levy and Goldberg 2014 use a larger "
    "text",
    NULL};

static const dt_trials word2vec_trials = {
    .about = {.name = "word2vec",
              .title = "word vectors: skip-gram and CBOW, negative sampling and hierarchical softmax",
              .paper = "Mikolov et al. 2013, Efficient estimation of word representations in vector space; Mikolov et "
                       "al. 2013, Distributed representations of words and phrases and their compositionality",
              .expected = {"no claim; seconds",
                           "about 40 % of the analogies with the default settings; under 10 minutes on two cores",
                           "the demo settings as well, with three seeds; three quarters of an hour"},
              .seeds = {1, 1, 3},
              .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
    .question = "analogy|nearest",
    .answer = look_answer,
};

int main(int argc, char *argv[])
{
    return dt_trials_main(&word2vec_trials, argc, argv);
}
