/* Sentences, one a line, and pairs of them that are translations of each other: line i of one text of line i of the
 * other. */
#ifndef DT_DATA_SENTENCES_H
#define DT_DATA_SENTENCES_H

#include "core/rng.h"
#include "data/vocabulary.h"

/* Line i is id[start[i]] .. id[start[i+1]-1]; an empty line has none. */
typedef struct {
    int32_t *id;
    int64_t *start; /* [count+1] */
    int64_t count, unknown;
    char path[256]; /* for messages */
} dt_sentences;

/* A text, line by line, by a vocabulary of words. A word that is written like the end mark <eos> is unknown.
 * DT_ERR_DATA with the offset: it is not UTF-8, has a NUL, or a word that the vocabulary lacks, if that has no <unk>.
 * On error *out is all zero. */
dt_status dt_sentences_read(const dt_vocabulary *v, const dt_corpus *text, dt_sentences *out, dt_error *err);
void dt_sentences_free(dt_sentences *s);

static inline int64_t dt_sentence_words(const dt_sentences *s, int64_t i)
{
    return s->start[i + 1] - s->start[i];
}

/* DT_ERR_DATA unless both have as many lines: names the first line that has no counterpart. */
dt_status dt_sentences_check_pair(const dt_sentences *a, const dt_sentences *b, dt_error *err);

/* Pairs in batches within which all sources have one length, so that nothing is computed on what would fill them up,
 * and the targets nearly so. */
typedef struct {
    const dt_sentences *source, *target;
    int64_t batch, most; /* pairs in a batch at most; longer sentences are left out */
    bool reverse;        /* the source's words come in the opposite order (Sutskever et al. 2014, section 3.3) */
    int32_t ends[2];     /* the end marks of both */
    int64_t pairs;       /* that are used */
    int64_t count;       /* batches */
    int64_t *first;      /* [count+1]: batch i has pair[first[i]] .. pair[first[i+1]-1] */
    uint32_t *pair;      /* [pairs]: their lines */
    uint32_t *order;     /* [count]: in which the batches come */
} dt_pair_batches;

/* Both texts outlive the batches. They come by length; dt_pair_batches_deal mixes them. DT_ERR_DATA: no pair is short
 * enough. Another number of lines is misuse. */
dt_status dt_pair_batches_cut(const dt_sentences *source, const dt_sentences *target, int64_t batch, int64_t most,
                              bool reverse, const int32_t ends[2], dt_pair_batches *out, dt_error *err);
void dt_pair_batches_free(dt_pair_batches *b);

/* Another choice of pairs that share a batch, and another order of the batches, for each stream. */
void dt_pair_batches_deal(dt_pair_batches *b, dt_rng stream);

/* One batch of n pairs. Each source ends with its end mark, S steps; each target begins with one (previous) and ends
 * with one (next), T steps: column t n + i is word t of pair i, and `column` lists those that there are. */
typedef struct {
    int64_t n, positions, steps, words; /* S, T; words: of all targets, with the end marks */
    const uint32_t *pair;               /* [n] */
    int32_t *source, *previous;         /* [S,n], [T,n] */
    int32_t *next;                      /* [words] */
    int64_t *column;                    /* [words] */
    int64_t room[2];                    /* that the arrays have */
} dt_pair_batch;

/* Batch k of the present order into *out, which begins all zero and keeps its memory from batch to batch. */
void dt_pair_batches_at(const dt_pair_batches *b, int64_t k, dt_pair_batch *out);
void dt_pair_batch_free(dt_pair_batch *batch);

#endif
