/* Huffman's tree (1952): short codes for frequent words, for the hierarchical softmax of Mikolov et al. 2013a, section
 * 3. */
#ifndef DT_DATA_HUFFMAN_H
#define DT_DATA_HUFFMAN_H

#include "core/real.h"

typedef struct {
    int64_t words;  /* at least 2; the tree has words - 1 inner nodes, the root is the last of them */
    int64_t *start; /* [words+1]: the path of word i from the root is start[i] .. start[i+1]-1 in */
    int32_t *node;  /* the inner nodes on it, and */
    uint8_t *bit;   /* the branches taken there; 1 leads to the more frequent half */
} dt_huffman;

/* From the words' counts, in descending order. */
void dt_huffman_init(dt_huffman *h, const int64_t *count, int64_t words);
void dt_huffman_free(dt_huffman *h);

#endif
