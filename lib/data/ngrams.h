/* The n-grams of a text: which sequences of 1 .. n words occur in it, and how often, as a trie in sorted arrays. The
 * children of an n-gram are its continuations by one word.
 *
 * A sentence begins with a mark of its own (<s>), the word whose id is the vocabulary's size, which stands only at the
 * beginning of an n-gram and is never predicted; it ends with the word `end`, behind which nothing is counted on. */
#ifndef DT_DATA_NGRAMS_H
#define DT_DATA_NGRAMS_H

#include "core/real.h"

enum { DT_NGRAMS_MOST = 8 };

/* The n-grams of one order, sorted by their words. */
typedef struct {
    int64_t n;
    int32_t *word;   /* [n]: the last one */
    int32_t *count;  /* [n] */
    int32_t *suffix; /* [n]: the n-gram without its first word, in the level below */
    int32_t *first;  /* [n+1]: its children in the level above are first[i] .. first[i+1]-1; the top has none */
    int32_t begin;   /* those from here on begin with <s> */
} dt_ngram_level;

typedef struct {
    int order;
    int64_t vocabulary;                       /* words, without <s> */
    int32_t end;                              /* -1: the text is one sentence */
    dt_ngram_level level[DT_NGRAMS_MOST + 1]; /* level[k]: the k-grams; level[0]: the empty one */
} dt_ngrams;

/* Counts them in id [count], each below `vocabulary`. Up to 2^31 - 2 words in at most 2^30 sentences; others and an
 * order outside 1 .. DT_NGRAMS_MOST are misuse. */
void dt_ngrams_count(dt_ngrams *g, const int32_t *id, int64_t count, int64_t vocabulary, int32_t end, int order);
void dt_ngrams_free(dt_ngrams *g);

/* The child of n-gram `node` of level k by `word`, or -1. k is below the order. */
int32_t dt_ngrams_child(const dt_ngrams *g, int k, int32_t node, int32_t word);

/* The n-gram words[0 .. k-1] in level k, or -1. */
int32_t dt_ngrams_find(const dt_ngrams *g, const int32_t *words, int k);

/* What precedes token i of a text, up to order - 1 words, those of its own sentence: into context, <s> included where
 * the sentence begins. Returns how many. */
int dt_ngrams_context(const dt_ngrams *g, const int32_t *id, int64_t i, int32_t context[DT_NGRAMS_MOST]);

#endif
