/* The Penn Treebank table: what a language model's perplexity was, from n-grams to recurrent networks; and Bengio,
 * Ducharme, Vincent, Jauvin 2003, "A neural probabilistic language model", on the Brown corpus. */
#include "experiments/wordlm/parts.h"

static const dt_flag flags[] = {
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "passes over the training text; 0: the preset's", "wordlm", true},
    {"batch", DT_FLAG_INT, "0", 0, 1 << 20, NULL, "tokens in one update; 0: each training's own", "wordlm", true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate at the start; 0: each training's own", "wordlm", true},
    {"before", DT_FLAG_INT, "0", 0, 64, NULL, "nplm, bengio: words that the network sees; 0: 4", "wordlm", true},
    {"features", DT_FLAG_INT, "0", 0, 4096, NULL, "nplm, bengio: numbers in a word's vector; 0: each one's own",
     "wordlm", true},
    {"hidden", DT_FLAG_INT, "0", 0, 65536, NULL, "nplm, bengio: hidden units; 0: each one's own", "wordlm", true},
    {"dropout", DT_FLAG_REAL, "0", 0, 0.99, NULL, "nplm, bengio: how likely a hidden unit is left out", "wordlm", true},
    {"weight-decay", DT_FLAG_REAL, "0", 0, 1000, NULL, "nplm, bengio: weight decay", "wordlm", true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "judge by the validation text, not by the test text", "wordlm",
     true},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"ngram", "n-grams", DT_TRIAL_CURVES, ngram_run, .work = {1, 30, 30}, .once = true, .text = &ptb_files},
    {"nplm", "feed-forward network", DT_TRIAL_CURVES, nplm_run, .work = {1, 400, 1300}, .text = &ptb_files},
    {"bengio", "Brown corpus", "model\tpublished\tseed\tvalid\ttest", bengio_run, .work = {1, 500, 2400},
     .text = &brown_files},
};

static const dt_figure figures[] = {
    {"comparison", "bars", "claims.tsv", "Perplexity on the test texts, published and ours", "xlabel=perplexity", NULL},
    {"context", "bands", "ngram.tsv", "Penn Treebank: perplexity against words of context",
     "only=context;xlabel=words before;ylabel=perplexity;log=y", "ngram"},
    {"cache", "bands", "ngram.tsv", "5-gram and cache: perplexity of the validation text",
     "only=cache;xlabel=words in the cache;ylabel=perplexity;log=x", "ngram"},
    {"frequency_ngram", "bands", "ngram.tsv", "Penn Treebank: perplexity against how often the word was seen",
     "only=frequency;xlabel=times in the training text;ylabel=perplexity;log=xy", "ngram"},
    {"epochs", "bands", "nplm.tsv", "Feed-forward network on the Penn Treebank",
     "only=epochs;xlabel=epochs;ylabel=perplexity;log=y", "nplm"},
    {"frequency", "bands", "nplm.tsv", "Penn Treebank: perplexity against how often the word was seen",
     "only=frequency;xlabel=times in the training text;ylabel=perplexity;log=xy", "nplm"},
    {"neighbours", "table", "neighbours.tsv", "Nearest neighbours of word vectors", NULL, "nplm"},
    {"brown", "dots", "bengio.tsv", "Brown corpus (Bengio et al. 2003, table 1)",
     "row=model;value=test;published=published;xlabel=perplexity of the test text", "bengio"},
    {"brown_epochs", "bands", "bengio_epochs.tsv", "Networks on the Brown corpus",
     "xlabel=epochs;ylabel=perplexity;log=y", "bengio"},
    {0}};

static const char *const deviations[] = {
    "Kneser-Ney 5-gram: no n-gram is left out for being rare; sentences are apart, and each counts its <eos>",
    "cache: relative frequencies of the last words, weighed against the 5-gram; size and weight are the best ones on "
    "validation data",
    "feed-forward networks, lab: 4 and 3 passes by Adam with a rate that falls linearly to 0, in batches of 256, "
    "without "
    "weight decay; paper: up to 20 passes by the recipe of Bengio et al. 2003, but in batches of 32, at 32 times the "
    "rate",
    "Penn Treebank network: 100 features, 100 hidden units and 4 words before, which the table's source does not give",
    "Brown corpus: tagged version of 1979 with 1,161,192 words and 15,667 paragraph marks, instead of 1,181,041 words",
    NULL};

static const dt_trials wordlm = {
    .about = {.name = "wordlm",
              .title = "language models of words: counts, feed-forward networks",
              .paper = "Mikolov et al. 2011, Empirical evaluation and combination of advanced language modeling "
                       "techniques; Bengio, Ducharme, Vincent, Jauvin 2003, A neural probabilistic language model",
              .expected = {"no claim; a few seconds",
                           "n-grams as published, networks a little behind; under 10 minutes a row on two cores",
                           "all rows by their full recipes; an hour"},
              .seeds = {1, 1, 3},
              .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
};

int main(int argc, char *argv[])
{
    return dt_trials_main(&wordlm, argc, argv);
}
