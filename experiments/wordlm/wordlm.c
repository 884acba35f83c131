/* The Penn Treebank table: what a language model's perplexity was, from n-grams to recurrent networks; and Bengio,
 * Ducharme, Vincent, Jauvin 2003, "A neural probabilistic language model", on the Brown corpus. */
#include "experiments/wordlm/parts.h"
#include "experiments/wordlm/recurrent.h"

static const dt_flag flags[] = {
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "passes over the training text; 0: the preset's", "wordlm", true},
    {"batch", DT_FLAG_INT, "0", 0, 1 << 20, NULL, "words in one update, or streams; 0: each training's own", "wordlm",
     true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate at the start; 0: each training's own", "wordlm", true},
    {"unroll", DT_FLAG_INT, "0", 0, 65536, NULL, "recurrent nets: words from update to update; 0: each one's own",
     "wordlm", true},
    {"before", DT_FLAG_INT, "0", 0, 64, NULL, "nplm, bengio: words that the network sees; 0: 4", "wordlm", true},
    {"features", DT_FLAG_INT, "0", 0, 4096, NULL, "nplm, bengio: numbers in a word's vector; 0: each one's own",
     "wordlm", true},
    {"hidden", DT_FLAG_INT, "0", 0, 65536, NULL, "networks: hidden units; 0: each one's own", "wordlm", true},
    {"dropout", DT_FLAG_REAL, "0", 0, 0.99, NULL, "networks: how likely a hidden unit is left out", "wordlm", true},
    {"weight-decay", DT_FLAG_REAL, "0", 0, 1000, NULL, "nplm, bengio: weight decay", "wordlm", true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "judge by the validation text, not by the test text", "wordlm",
     true},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"ngram", "n-grams", DT_TRIAL_CURVES, ngram_run, .work = {1, 10, 10}, .once = true, .text = &ptb_files},
    {"nplm", "feed-forward network", DT_TRIAL_CURVES, nplm_run, .work = {1, 340, 1300}, .text = &ptb_files},
    {"srn", "simple recurrent net", DT_TRIAL_CURVES, srn_run, .work = {1, 180, 3600}, .once = true, .text = &ptb_files},
    {"lstm", "LSTM", DT_TRIAL_CURVES, lstm_run, .work = {1, 290, 5800}, .once = true, .text = &ptb_files},
    {"scrn", "SCRN", DT_TRIAL_CURVES, scrn_run, .work = {1, 160, 3200}, .once = true, .text = &ptb_files},
    {"zaremba", "LSTM, two layers", DT_TRIAL_CURVES, zaremba_run, .work = {1, 420, 1400}, .once = true,
     .text = &ptb_files},
    {"medium", "LSTM with dropout", DT_TRIAL_CURVES, zaremba_medium_run, .work = {0, 0, 20000}, .once = true,
     .text = &ptb_files},
    {"bengio", "Brown corpus", "model\tpublished\tseed\tvalid\ttest", bengio_run, .work = {1, 180, 2400},
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
    {"recurrent_epochs", "bands", NULL, "Recurrent networks on the Penn Treebank: perplexity of the validation text",
     "only=validation;xlabel=epochs;ylabel=perplexity;log=y", "srn lstm scrn zaremba medium"},
    {"recurrent_training", "bands", NULL, "Recurrent networks on the Penn Treebank: perplexity of the training text",
     "only=training;xlabel=epochs;ylabel=perplexity;log=y", "srn lstm scrn zaremba medium"},
    {"recurrent_frequency", "bands", NULL, "Penn Treebank: perplexity against how often the word was seen",
     "only=frequency;xlabel=times in the training text;ylabel=perplexity;log=xy", "srn lstm scrn zaremba medium"},
    {"memory", "bands", NULL, "Penn Treebank, recurrent networks whose state is set to 0 now and then",
     "only=memory;xlabel=emptied after so many words;ylabel=perplexity;log=xy", "srn lstm scrn zaremba medium"},
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
    "recurrent networks: updates after 10 (simple net), 20 (LSTM with 100 units) and 30 words (SCRN), and the gradient "
    "of these words alone, instead of one after 5 words from the last 10, 20 and 30; states begin at 0; bounded is the "
    "norm of the whole gradient",
    "recurrent networks, lab: 5 passes by Adam, whose rate falls linearly to 0, for 100 units; for 2 x 200, 4 passes "
    "by "
    "SGD, whose rate is multiplied by 0.35 before the 4th; the last pass counts",
    "recurrent networks: a test text is one stream, and its first word is guessed from <eos>",
    "Brown corpus: tagged version of 1979 with 1,161,192 words and 15,667 paragraph marks, instead of 1,181,041 words",
    NULL};

static const dt_trials wordlm = {
    .about = {.name = "wordlm",
              .title = "language models of words: counts, feed-forward and recurrent networks",
              .paper = "Mikolov et al. 2011, Empirical evaluation and combination of advanced language modeling "
                       "techniques; Mikolov et al. 2014, Learning longer memory in recurrent neural networks; Zaremba, "
                       "Sutskever, Vinyals 2014, Recurrent neural network regularization; Bengio, Ducharme, Vincent, "
                       "Jauvin 2003, A neural probabilistic language model",
              .expected = {"no claim; a few seconds",
                           "n-grams as published, networks a little behind; under 10 minutes a row on two cores",
                           "all rows by their full recipes; a day"},
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
