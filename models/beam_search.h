/* Beam search (Graves 2012; Sutskever et al. 2014, section 3.2): of the partial translations of a sentence, the `width`
 * best ones go on at each step. One that ends gives up its place. Of the ended ones the best is that with the highest
 *
 *     log p(translation) / words^alpha        words: with the end mark
 *
 * since a sum over more words is lower (Cho and others 2014, "On the properties of neural machine translation", section
 * 4.3: alpha = 1). Width 1 is the greedy search. */
#ifndef MODELS_BEAM_SEARCH_H
#define MODELS_BEAM_SEARCH_H

#include "models/seq2seq_decoder.h"

typedef struct {
    int64_t width;
    double alpha;
    int64_t most; /* words of a translation, the end mark included; what has not ended there is taken as it is */
    int32_t end;  /* the end mark: what the writer is shown first, and what ends a translation */
} beam_search;

typedef struct {
    int32_t *id; /* [count], without the end mark; the caller frees it */
    int64_t count;
    double score; /* the one above */
} beam_translation;

/* Translates N sentences of one length, source [S,N] -> out [N]. */
void beam_search_run(const beam_search *how, seq2seq_decoder *d, dt_symbols source, beam_translation *out);

#endif
