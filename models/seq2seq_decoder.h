/* A trained seq2seq network that writes word by word: sentences are read once, and any number of hypotheses for each of
 * them are continued side by side, each a column. */
#ifndef MODELS_SEQ2SEQ_DECODER_H
#define MODELS_SEQ2SEQ_DECODER_H

#include "models/seq2seq.h"

/* Numbers of so many columns. */
typedef struct {
    real *value;
    int64_t rows, room; /* room: numbers that fit */
} seq2seq_block;

typedef struct {
    const seq2seq *model;
    dt_tape *tape;                      /* its own, for testing */
    int64_t positions, sentences;       /* S; N */
    int64_t columns, room;              /* hypotheses now; that fit the lists */
    int64_t *sentence, *other_sentence; /* [room]: whose hypothesis each column is */
    int64_t *all;                       /* [room]: 0, 1, 2, ... */
    seq2seq_block source[2];            /* places and keys of the sentences, [S D,N] and [S K,N] */
    seq2seq_block wide[2];              /* the same for each column */
    seq2seq_block state[2 * SEQ2SEQ_LAYERS], other[2 * SEQ2SEQ_LAYERS]; /* h and c of each layer, [hidden,columns] */
    const real *looks; /* [S,columns]: the attention weights of the last step; NULL: there is none */
} seq2seq_decoder;

/* The model and its parameters outlive the decoder. */
void seq2seq_decoder_init(seq2seq_decoder *d, const seq2seq *m, dt_params *params, const dt_backend *backend);
void seq2seq_decoder_free(seq2seq_decoder *d);

/* Reads N sentences of one length, [S,N]: column i is the empty hypothesis of sentence i. */
void seq2seq_decoder_read(seq2seq_decoder *d, dt_symbols source);

/* Goes on with `count` hypotheses: the i-th continues column from[i] of the last step by the word previous[i], the end
 * mark at first. Returns the scores of what may follow, [target,count], until the next call. */
dt_var *seq2seq_decoder_step(seq2seq_decoder *d, const int64_t *from, const int32_t *previous, int64_t count);

/* What the network would have written where it was shown a part of its own words: scheduled sampling (Bengio and others
 * 2015, section 2.4). previous [T,N], whose first step stays; every word after it becomes with probability `share` the
 * best one after what stands before it now, by a random number of `stream` for each place. */
void seq2seq_decoder_sample(seq2seq_decoder *d, dt_symbols source, int32_t *previous, int64_t steps, double share,
                            dt_rng stream);

#endif
