/* Sutskever, Vinyals, Le 2014, "Sequence to sequence learning with neural networks"; Cho and others 2014; Bahdanau,
 * Cho, Bengio 2015, "Neural machine translation by jointly learning to align and translate"; Luong, Pham, Manning 2015.
 */
#include "experiments/seq2seq/parts.h"

static const char own_group[] = "seq2seq: a text of your own";
static const char all_group[] = "seq2seq: all trials";
static const char answer_group[] = "seq2seq: translating";

static const dt_flag flags[] = {
    {"source", DT_FLAG_TEXT, NULL, 0, 0, NULL, "train on this file, a sentence a line, and", own_group, true},
    {"target", DT_FLAG_TEXT, NULL, 0, 0, NULL, "on this one, its translation line by line", own_group, true},
    {"reverse", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "read the source's words in the opposite order", own_group, true},
    {"attention", DT_FLAG_CHOICE, "additive", 0, 0, "none|additive|dot|general", "how the source is looked at",
     all_group, true},
    {"cell", DT_FLAG_CHOICE, "gru", 0, 0, "gru|lstm", "the kind of unit", all_group, true},
    {"layers", DT_FLAG_INT, "0", 0, SEQ2SEQ_LAYERS, NULL, "layers of units, one if attention is additive; 0: one",
     all_group, true},
    {"hidden", DT_FLAG_INT, "0", 0, 8192, NULL, "units of a layer; 0: the preset's", all_group, true},
    {"embedding", DT_FLAG_INT, "0", 0, 8192, NULL, "numbers of a word; 0: the preset's", all_group, true},
    {"least", DT_FLAG_INT, "0", 0, 1000000, NULL, "a word that occurs fewer times is unknown; 0: the preset's",
     all_group, true},
    {"merges", DT_FLAG_INT, "0", 0, 1000000, NULL,
     "cut words into pieces, learnt by so many merges (byte-pair encoding); 0: whole words", all_group, true},
    {"most", DT_FLAG_INT, "60", 1, 10000, NULL, "words of a sentence; longer ones are left out, or cut in translating",
     all_group, true},
    {"epochs", DT_FLAG_INT, "0", 0, 100000, NULL, "passes over the text; 0: the preset's", all_group, true},
    {"batch", DT_FLAG_INT, "0", 0, 4096, NULL, "sentences in one update; 0: the preset's", all_group, true},
    {"lr", DT_FLAG_REAL, "0", 0, 1000, NULL, "learning rate at the start; 0: the preset's", all_group, true},
    {"clip", DT_FLAG_REAL, "0", 0, 1e9, NULL, "greatest norm of the gradient; 0: 1", all_group, true},
    {"dropout", DT_FLAG_REAL, "0", 0, 0.99, NULL, "how likely a unit is left out, instead of the preset's", all_group,
     true},
    {"smooth", DT_FLAG_REAL, "0", 0, 0.99, NULL, "label smoothing: the part of a target that all words share",
     all_group, true},
    {"sampling", DT_FLAG_REAL, "0", 0, 1, NULL,
     "scheduled sampling: how much of its own words a network is shown in the end, instead of the preset's", all_group,
     true},
    {"beam", DT_FLAG_INT, "0", 0, 1000, NULL, "width of the beam; 1: greedy; 0: 12", all_group, true},
    {"alpha", DT_FLAG_REAL, "1", 0, 10, NULL, "a translation's score is divided by the power alpha of its length",
     all_group, true},
    {"validate", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "judge by the validation text, and leave the test text alone",
     all_group, true},
    {"translate", DT_FLAG_SWITCH, NULL, 0, 0, NULL,
     "let the network that a run has trained translate the lines that come in, and stop", answer_group, false},
    {"interactive", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "with --translate: ask for sentences", answer_group, false},
    {0}};

/* Seconds for one seed on two processors, roughly. */
static const dt_trial_plan trials[] = {
    {"synthetic", "made-up tasks", DT_TRIAL_CURVES, synthetic_run, .work = {1, 60, 1200}},
    {"multi30k", "German to English", DT_TRIAL_CURVES, multi30k_run, .work = {1, 350, 20000}, .once = true,
     .text = &multi30k},
    {"into_german", "English to German", DT_TRIAL_CURVES, into_german_run, .work = {0, 0, 15000}, .once = true,
     .text = &multi30k},
    {"text", "your text", DT_TRIAL_CURVES, own_text_run, .work = {1, 1, 1}, .once = true, .data = "source"},
};

static const dt_figure figures[] = {
    {"comparison", "bars", "claims.tsv", "Published and ours", "xlabel=each in its unit", "synthetic"},
    {"length", "bands", "multi30k.tsv", "BLEU against the length of the source",
     "only=BLEU;xlabel=words;ylabel=BLEU;log=none", "multi30k"},
    {"training", "bands", "multi30k.tsv", "German to English: perplexity of the validation text",
     "only=validation perplexity;xlabel=passes;ylabel=perplexity", "multi30k"},
    {"tasks", "bands", "synthetic.tsv", "Sentences that are right, against their length",
     "xlabel=words or characters;ylabel=%;log=none;yrange=0:100", "synthetic"},
    {"attention1", "align", "alignments.tsv", "What is looked at, word by word", "sentence=1", "multi30k"},
    {"attention2", "align", "alignments.tsv", "What is looked at, word by word", "sentence=2", "multi30k"},
    {"attention3", "align", "alignments.tsv", "What is looked at, word by word", "sentence=3", "multi30k"},
    {"attention4", "align", "alignments.tsv", "What is looked at, word by word", "sentence=4", "multi30k"},
    {"german", "bands", "into_german.tsv", "BLEU against the length of the source, English to German",
     "only=BLEU;xlabel=words;ylabel=BLEU;log=none", "into_german"},
    {"text", "bands", "text.tsv", "Perplexity against passes", "xlabel=passes", "text"},
    {0}};

static const char *const deviations[] = {
    "Multi30k instead of WMT; lab: 128 units instead of 1,000, 5 passes",
    "attention: score and reader as in Bahdanau et al., GRU with the reset gate after the product, a tanh layer "
    "instead of maxout, without the word before in it",
    "without attention: one layer that hands its last state on, and is not shown the source at each word; as many "
    "parameters as the network with attention has",
    "documented: its words are those of Moses instead of spaCy, the readout has a layer of its own, scheduled sampling "
    "ends at half of the words instead of half of them throughout, the parameters after the last pass instead of the "
    "best on the validation text",
    "weights begin as in Glorot, Bengio 2010, the biases of the words' scores at the logarithms of how frequent the "
    "words are; sources of a batch have one length, so that batches of rare lengths are small",
    NULL};

static const dt_trials seq2seq_trials = {
    .about =
        {.name = "seq2seq",
         .title = "recurrent networks that translate, with and without attention",
         .paper = "Sutskever, Vinyals, Le 2014, Sequence to Sequence Learning with Neural Networks; Bahdanau, Cho, "
                  "Bengio 2015, Neural Machine Translation by Jointly Learning to Align and Translate",
         .expected = {"no claim; a few seconds",
                      "attention gains more than 5 BLEU, most in long sentences, and reading backwards helps without "
                      "it; under 10 minutes on two cores",
                      "29.2 BLEU from German to English; most of a day"},
         .seeds = {1, 3, 1},
         .deviations = deviations},
    .flags = flags,
    .trials = trials,
    .n_trials = sizeof trials / sizeof *trials,
    .figures = figures,
    .question = "translate",
    .answer = translate_answer,
};

int main(int argc, char *argv[])
{
    return dt_trials_main(&seq2seq_trials, argc, argv);
}
