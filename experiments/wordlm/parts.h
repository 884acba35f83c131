/* The trials of this experiment: ngram.c counts, nplm.c and bengio.c train feed-forward networks (window.c). text.c has
 * what they read, and measure.c what they are measured by: every model gives p, the probability of each token of a
 * text, and all else is made from that. */
#ifndef EXPERIMENTS_WORDLM_PARTS_H
#define EXPERIMENTS_WORDLM_PARTS_H

#include "data/vocabulary.h"
#include "models/nplm.h"
#include "optim/schedule.h"
#include "run/trials.h"
#include "tape/shards.h"

dt_status ngram_run(dt_trial *trial, dt_error *err);
dt_status nplm_run(dt_trial *trial, dt_error *err);
dt_status bengio_run(dt_trial *trial, dt_error *err);

/* ---- texts (text.c) */

extern const dt_text_set ptb_files, brown_files;

typedef struct {
    const int32_t *id;
    int64_t count;
} ids;

typedef struct {
    dt_vocabulary words;
    ids train, valid, test; /* in `smoke`, the beginnings of them; with --validate, the test text is the validation
                             * text */
    dt_tokens owned[3];
} corpus;

/* The Penn Treebank: all words of the training text, and <eos> at each line's end. The test text is read by
 * ptb_open_test, after the training. */
dt_status ptb_read(const dt_trial *trial, corpus *c, dt_error *err);
dt_status ptb_open_test(const dt_trial *trial, corpus *c, dt_error *err);

/* The Brown corpus, cut as in Bengio et al. 2003, section 4: 800,000 words for training, 200,000 for validation, the
 * rest for testing; paragraphs end with <eos>; words that occur at most three times are one. */
dt_status brown_read(const dt_trial *trial, corpus *c, dt_error *err);
void corpus_free(corpus *c);

/* ---- measures (measure.c) */

/* Room for the probabilities of a text's tokens; the caller frees it. */
double *probabilities(const ids *text);

/* 2 to the mean number of bits that a token takes: exp(-sum of log p / count). */
double perplexity(const double *p, int64_t count);

/* p = (p + q) / 2. */
void mix(double *p, const double *q, int64_t count);

/* Points of the panel "frequency": the perplexity of those tokens whose words occur 1 to 3, 4 to 15, 16 to 63, ...
 * times in the training text, at the middle of these ranges. */
dt_status frequency_points(dt_trial *trial, const char *series, const corpus *c, const ids *text, const double *p,
                           dt_error *err);

/* ---- networks that see the n - 1 words before (window.c) */

typedef struct {
    int64_t epochs, batch;
    dt_optimizer_recipe optimizer;
    dt_schedule schedule; /* .epochs is filled in */
    double dropout;       /* how likely a hidden unit is left out */
} window_recipe;

/* Not to be moved. */
typedef struct {
    dt_trial *trial;
    const char *name; /* for progress */
    const corpus *text;
    window_recipe recipe;
    nplm net;
    dt_params *params;
    dt_optimizer optimizer;
    dt_shards shards;
    int64_t epoch;     /* the next one */
    double loss;       /* of the last epoch: the mean over its tokens, each before its update */
    double best;       /* the lowest perplexity of the validation text so far, */
    real *best_values; /* and the parameters that had it */
    /* of the epoch that is under way */
    uint32_t *order;
    real *losses;
} window_training;

/* In `paper`, Bengio's: SGD at the rate 0.001 for a word, which falls as 1 / (1 + 1e-8 words), weight decay 1e-4; in
 * batches of 32. Else Adam with a rate that falls linearly to 0, in batches of 256. All may be changed by flags. */
window_recipe window_recipe_of(const dt_trial *trial, const int64_t epochs[DT_PRESETS]);

/* A fresh network, its free fields as in `shape`. */
void window_init(window_training *w, dt_trial *trial, const char *name, const corpus *text, const nplm *shape,
                 const window_recipe *recipe);
void window_free(window_training *w);

/* One pass over the training text in random order, or until ^C. DT_ERR_DATA: the loss or the gradient is not a number.
 */
dt_status window_epoch(window_training *w, dt_error *err);

/* Early stopping: notes the perplexity of the validation text after an epoch; window_best goes back to the epoch where
 * it was lowest. */
void window_validated(window_training *w, double valid);
void window_best(window_training *w);

/* p of each token; before the text's first word there is <eos>. */
void window_p(window_training *w, const ids *text, double *p);

#endif
