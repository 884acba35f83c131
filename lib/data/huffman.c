#include "data/huffman.h"

#include <stdlib.h>

#include "core/error.h"

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for a Huffman tree");
    return memory;
}

/* The tree as parents: node i < words is a word, words + k the inner node k, whose children are the two rarest nodes
 * without a parent as yet. Words are taken from the end of the list; inner nodes arise in ascending order of their
 * counts. */
static void join(const int64_t *count, int64_t words, int64_t *sum, int32_t *parent, uint8_t *branch)
{
    int64_t word = words - 1, inner = 0;
    for (int64_t k = 0; k < words - 1; k++) {
        sum[k] = 0;
        for (int child = 0; child < 2; child++) {
            const bool take_word = word >= 0 && (inner >= k || count[word] < sum[inner]);
            const int64_t i = take_word ? word-- : words + inner++;
            sum[k] += i < words ? count[i] : sum[i - words];
            parent[i] = (int32_t)k;
            branch[i] = (uint8_t)child;
        }
    }
}

static int64_t depth_of(int64_t i, int64_t words, const int32_t *parent)
{
    int64_t depth = 0;
    for (; i != 2 * words - 2; i = words + parent[i]) depth++;
    return depth;
}

void dt_huffman_init(dt_huffman *h, const int64_t *count, int64_t words)
{
    DT_REQUIRE(words >= 2 && words <= INT32_MAX / 2, "dt_huffman_init: %lld words", (long long)words);
    int64_t *sum = need(malloc((size_t)words * sizeof *sum));
    int32_t *parent = need(malloc((size_t)(2 * words) * sizeof *parent));
    uint8_t *branch = need(malloc((size_t)(2 * words)));
    *h = (dt_huffman){.words = words, .start = need(malloc((size_t)(words + 1) * sizeof *h->start))};
    join(count, words, sum, parent, branch);
    h->start[0] = 0;
    for (int64_t i = 0; i < words; i++) h->start[i + 1] = h->start[i] + depth_of(i, words, parent);
    h->node = need(malloc((size_t)h->start[words] * sizeof *h->node));
    h->bit = need(malloc((size_t)h->start[words]));
    for (int64_t i = 0; i < words; i++) {
        int64_t at = h->start[i + 1];
        for (int64_t j = i; j != 2 * words - 2; j = words + parent[j]) {
            h->node[--at] = parent[j];
            h->bit[at] = branch[j];
        }
    }
    free(sum);
    free(parent);
    free(branch);
}

void dt_huffman_free(dt_huffman *h)
{
    free(h->start);
    free(h->node);
    free(h->bit);
    *h = (dt_huffman){0};
}
