/* Word vectors of Mikolov, Chen, Corrado, Dean 2013, "Efficient estimation of word representations in vector space",
 * and Mikolov, Sutskever, Chen, Corrado, Dean 2013, "Distributed representations of words and phrases and their
 * compositionality" (below "2013b"), trained by stochastic gradient descent written by hand.
 *
 * A window is a word w of the text and the words around it, 1 to `window` on each side, a number drawn anew each time.
 *   skip-gram   each word c around it predicts w: h = in[c]
 *   CBOW        their mean predicts it:           h = mean of in[c]
 * The loss of a prediction, with s(x) = 1 / (1 + e^-x):
 *   negative sampling     -log s(out[w] h) - sum over the negatives n of log s(-out[n] h)      (2013b, eq. 4)
 *   hierarchical softmax  -sum over the nodes n on the path to w of log s(+-out[n] h)          (2013b, eq. 3)
 * so that a target t with the label 1 or 0 has the error g = rate (label - s(out[t] h)), and
 *   out[t] += g h,   in[c] += sum over t of g out[t]   (CBOW: the same for all c, not divided, as the original does).
 *
 * Differences from the original program: the words around w share its negatives, and a window's errors come from the
 * vectors as they were before it; negatives are different words; the sigmoid is not cut off at +-6.
 *
 * Threads. By default the same bytes come out for any number of threads: each thread has columns of all vectors, and
 * they meet after a batch of windows, whose errors come from the vectors as they were before the batch. With `hogwild`
 * (Recht, Re, Wright, Niu 2011) each has a part of the text instead, and all write the same vectors without asking. */
#ifndef MODELS_WORD2VEC_H
#define MODELS_WORD2VEC_H

#include "backend/backend.h"
#include "data/alias.h"
#include "data/huffman.h"
#include "data/word_ids.h"

typedef struct {
    bool cbow, hierarchical, hogwild;
    int64_t dims, window, negatives, passes;
    double rate;   /* at the start; it falls linearly with the words read, to a 10,000th */
    double sample; /* a word with the share f of the text is kept with probability sqrt(sample/f) + sample/f; 0: all */
    uint64_t seed;
} word2vec_recipe;

/* The windows of a piece of the text, with random numbers of its own. */
typedef struct word2vec_plan word2vec_plan;

enum { WORD2VEC_LANES = 4 };

typedef struct {
    word2vec_recipe recipe;
    const dt_backend *backend;
    const dt_vocabulary *words;
    const dt_word_ids *text;
    int64_t columns, rows_out; /* columns: dims, filled up with zeros */
    int lanes;                 /* parts of the columns: lane l has the columns cut[l] .. cut[l+1]-1 */
    int64_t cut[WORD2VEC_LANES + 1];
    real *in, *out; /* lane after lane, [words][width], [rows_out][width]: threads share no cache line */
    int64_t batch;  /* windows whose errors come from the same vectors */
    int64_t blocks; /* of the text, in one pass; block b of pass p is piece p * blocks + b */
    int64_t done;   /* pieces behind us */
    dt_alias noise; /* the negatives: count^0.75 (2013b, section 2.2) */
    dt_huffman tree;
    uint64_t *keep; /* [words]: how likely it is kept, of 2^32 */
    word2vec_plan *plan;
    int plans;
} word2vec;

/* Fresh vectors: `in` uniform in +-0.5 / dims, `out` 0. Vocabulary, text and backend outlive it. 1 <= dims, 1 <= window
 * <= DT_WINDOW_INPUTS / 2, negatives < DT_WINDOW_INPUTS. */
void word2vec_init(word2vec *m, const word2vec_recipe *recipe, const dt_backend *backend, const dt_vocabulary *words,
                   const dt_word_ids *text);
void word2vec_free(word2vec *m);

/* Trains on the next pieces, `most` of them or until all passes are done: m->done says which it has reached. */
void word2vec_train(word2vec *m, int64_t most);
int64_t word2vec_pieces(const word2vec *m);

/* The windows of the first pass, without training: visit(context, w, around, n) for each, the n words around w. */
void word2vec_windows(word2vec *m, void (*visit)(void *context, int32_t w, const int32_t *around, int64_t n),
                      void *context);

/* The word vectors, `in`, as [words][dims]. The caller frees them. */
real *word2vec_vectors(const word2vec *m);

/* Whether all numbers are finite. */
bool word2vec_finite(const word2vec *m);

#endif
