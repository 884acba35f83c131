/* Drawing words, Huffman's tree, windows, and what training makes of a small text. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "core/threads.h"
#include "data/alias.h"
#include "data/huffman.h"
#include "models/word2vec_plan.h"
#include "scratch.h"

Test(alias, draws_in_proportion)
{
    enum { N = 5, DRAWS = 1 << 16 };
    static const double weight[N] = {8, 0, 1, 4, 3};
    dt_alias a;
    int64_t count[N] = {0};
    dt_alias_init(&a, weight, N);
    for (uint32_t i = 0; i < DRAWS; i++) count[dt_alias_draw(&a, i << 16 | 1)]++;
    for (int i = 0; i < N; i++)
        cr_expect(llabs(count[i] - (int64_t)(weight[i] / 16 * DRAWS)) <= N, "%d: %d", i, (int)count[i]);
    dt_alias_free(&a);
}

/* Of 8, 5, 3, 2, 2: 2 + 2 = 4, 3 + 4 = 7, 5 + 7 = 12, 8 + 12. */
Test(huffman, by_hand)
{
    static const int64_t count[] = {8, 5, 3, 2, 2};
    static const int64_t length[] = {1, 2, 3, 4, 4};
    dt_huffman h;
    dt_huffman_init(&h, count, 5);
    for (int w = 0; w < 5; w++) {
        cr_expect(eq(i64, h.start[w + 1] - h.start[w], length[w]));
        for (int64_t i = h.start[w]; i < h.start[w + 1]; i++) {
            cr_expect(eq(i32, h.node[i], (int32_t)(3 - (i - h.start[w]))), "a chain from the root, node 3");
            cr_expect(h.bit[i] <= 1);
        }
    }
    /* prefix-free: words 3 and 4 part at the last branch */
    cr_expect(h.bit[h.start[4] - 1] != h.bit[h.start[5] - 1]);
    dt_huffman_free(&h);
}

/* No code is better: its mean length lies between the entropy and one bit more; and no code begins another. */
Test(huffman, is_short)
{
    enum { N = 300 };
    int64_t count[N], all = 0;
    double bits = 0, entropy = 0;
    dt_huffman h;
    for (int i = 0; i < N; i++) all += count[i] = 10000 / (i + 1);
    dt_huffman_init(&h, count, N);
    double kraft = 0;
    for (int i = 0; i < N; i++) {
        const double share = (double)count[i] / (double)all;
        bits += share * (double)(h.start[i + 1] - h.start[i]);
        entropy -= share * log2(share);
        kraft += exp2(-(double)(h.start[i + 1] - h.start[i]));
    }
    cr_expect(bits >= entropy && bits < entropy + 1, "%g bits, entropy %g", bits, entropy);
    cr_expect(fabs(kraft - 1) < 1e-9);
    dt_huffman_free(&h);
}

/* ---- a text of two groups of words that never meet, each sentence from one of them */

enum { GROUP = 10, SENTENCES = 1200, LENGTH = 8 };

typedef struct {
    dt_vocabulary words;
    dt_word_ids ids;
} text;

static void text_make(text *t)
{
    scratch_make();
    char *s = malloc(SENTENCES * LENGTH * 4 + 1), *at = s;
    const dt_rng stream = dt_rng_stream(3, "sentences", 0);
    dt_error err;
    for (int i = 0; i < SENTENCES; i++)
        for (int j = 0; j < LENGTH; j++)
            at += sprintf(at, "%c%d%c", i % 2 ? 'a' : 'b', (int)dt_rng_below(stream, (uint64_t)(i * LENGTH + j), GROUP),
                          j + 1 < LENGTH ? ' ' : '\n');
    scratch_write("text", s, (size_t)(at - s));
    free(s);
    const dt_word_options options = {.leave_out = true};
    cr_assert(eq(int, (int)dt_vocabulary_read_words(scratch_path("text"), &options, &t->words, &err), DT_OK));
    cr_assert(eq(int, (int)dt_word_ids_read(scratch_path("text"), &t->words, 0, scratch_folder, &t->ids, &err), DT_OK));
    cr_assert(eq(i64, t->ids.words, SENTENCES * LENGTH));
}

static void text_free(text *t)
{
    dt_vocabulary_free(&t->words);
    dt_word_ids_free(&t->ids);
    scratch_remove();
}

static const word2vec_recipe plain = {.dims = 40, .window = 3, .negatives = 4, .passes = 3, .rate = 0.05, .seed = 7};

static double cosine(const real *vectors, int64_t dims, int64_t a, int64_t b)
{
    double ab = 0, aa = 0, bb = 0;
    for (int64_t k = 0; k < dims; k++) {
        const double x = (double)vectors[a * dims + k], y = (double)vectors[b * dims + k];
        ab += x * y, aa += x * x, bb += y * y;
    }
    return ab / sqrt(aa * bb);
}

static char group_of(const word2vec *m, int64_t word)
{
    int64_t bytes;
    return (char)dt_vocabulary_unit(m->words, (int32_t)word, &bytes)[0];
}

/* The mean cosine of words of one group, less that of words of both. */
static double parted(const word2vec *m)
{
    double sum[2] = {0}, n[2] = {0};
    real *vectors = word2vec_vectors(m);
    for (int64_t a = 0; a < m->words->size; a++)
        for (int64_t b = 0; b < a; b++) {
            const bool same = group_of(m, a) == group_of(m, b);
            sum[same] += cosine(vectors, m->recipe.dims, a, b);
            n[same]++;
        }
    free(vectors);
    return sum[1] / n[1] - sum[0] / n[0];
}

Test(word2vec, tells_groups_apart)
{
    text t;
    text_make(&t);
    for (int kind = 0; kind < 8; kind++) {
        word2vec_recipe recipe = plain;
        recipe.cbow = kind & 1, recipe.hierarchical = kind & 2, recipe.hogwild = kind & 4;
        word2vec m;
        word2vec_init(&m, &recipe, &dt_cpu, &t.words, &t.ids);
        cr_expect(fabs(parted(&m)) < 0.3, "before the training: %g", parted(&m));
        word2vec_train(&m, 1);
        cr_expect(m.done == 1);
        word2vec_train(&m, INT64_MAX);
        cr_expect(m.done == word2vec_pieces(&m) && word2vec_finite(&m));
        cr_expect(parted(&m) > 0.8, "kind %d: %g", kind, parted(&m));
        const int64_t last = m.lanes - 1, width = m.cut[m.lanes] - m.cut[last];
        for (int64_t i = 0; i < m.words->size; i++)
            for (int64_t k = recipe.dims - m.cut[last]; k < width; k++)
                cr_assert(m.in[m.words->size * m.cut[last] + i * width + k] == 0, "what fills a row up stays 0");
        word2vec_free(&m);
    }
    text_free(&t);
}

static real *trained(const text *t, const word2vec_recipe *recipe, int threads, int64_t step)
{
    word2vec m;
    dt_threads_set(threads);
    word2vec_init(&m, recipe, &dt_cpu, &t->words, &t->ids);
    while (m.done < word2vec_pieces(&m)) word2vec_train(&m, step);
    real *vectors = word2vec_vectors(&m);
    word2vec_free(&m);
    dt_threads_set(1);
    return vectors;
}

/* For any number of threads, and however the training is cut into calls. */
Test(word2vec, same_bytes)
{
    static const int64_t dims[] = {1, 16, 40, 100, 300};
    text t;
    text_make(&t);
    for (int kind = 0; kind < 4; kind++)
        for (int d = 0; d < 5; d++) {
            word2vec_recipe recipe = plain;
            recipe.cbow = kind & 1, recipe.hierarchical = kind & 2, recipe.dims = dims[d], recipe.passes = 1;
            recipe.sample = 0.03;
            const size_t bytes = (size_t)(2 * GROUP * dims[d]) * sizeof(real);
            real *one = trained(&t, &recipe, 1, INT64_MAX);
            for (int threads = 2; threads < 5; threads++) {
                real *more = trained(&t, &recipe, threads, threads);
                cr_expect(memcmp(one, more, bytes) == 0, "kind %d, %d dims, %d threads", kind, (int)dims[d], threads);
                free(more);
            }
            recipe.seed++;
            real *other = trained(&t, &recipe, 1, INT64_MAX);
            cr_expect(memcmp(one, other, bytes) != 0, "another seed");
            free(one);
            free(other);
        }
    text_free(&t);
}

/* ---- plans */

/* Every window stands around its word, within its sentence, and no target occurs twice. */
static void expect_windows(const word2vec *m, const word2vec_plan *p)
{
    int64_t pair = 0;
    for (int64_t i = 0; i < p->count; i++) {
        const dt_window *w = &p->window[i];
        cr_assert(w->inputs >= 1 && w->inputs <= 2 * m->recipe.window && w->targets >= 1);
        cr_expect(eq(i64, w->pair, pair));
        pair += (m->recipe.cbow ? 1 : w->inputs) * w->targets;
        const int32_t *target = p->target + w->target;
        cr_expect(p->label[w->target] == 1);
        for (int a = 0; a < w->inputs; a++) cr_expect(group_of(m, p->input[w->input + a]) == group_of(m, target[0]));
        for (int b = 1; b < w->targets; b++) {
            cr_expect(p->label[w->target + b] == 0);
            for (int c = 0; c < b; c++) cr_expect(target[b] != target[c]);
        }
    }
}

Test(word2vec, plans)
{
    text t;
    word2vec m;
    word2vec_plan p;
    text_make(&t);
    word2vec_init(&m, &plain, &dt_cpu, &t.words, &t.ids);
    cr_expect(eq(i64, m.blocks, (SENTENCES * (LENGTH + 1) + WORD2VEC_BLOCK - 1) / WORD2VEC_BLOCK));
    word2vec_plan_init(&p);
    word2vec_plan_make(&p, &m, 0);
    expect_windows(&m, &p);
    cr_expect(eq(i64, p.count, WORD2VEC_BLOCK - WORD2VEC_BLOCK / (LENGTH + 1)), "each word has one");
    /* Widths 1, 2 and 3 are equally likely: 2 * (1 + 2 + 3) / 3 words, less at the ends of sentences. */
    const double mean = (double)p.inputs / (double)p.count;
    cr_expect(mean > 2.9 && mean < 3.4, "%g", mean);
    word2vec_plan_free(&p);
    word2vec_free(&m);
    text_free(&t);
}

/* A word with the share f of the text is kept with probability sqrt(sample/f) + sample/f; here f is about 1/20. */
Test(word2vec, thins_out)
{
    text t;
    word2vec m;
    word2vec_plan p;
    int64_t left = 0;
    text_make(&t);
    word2vec_recipe recipe = plain;
    recipe.sample = 0.005;
    word2vec_init(&m, &recipe, &dt_cpu, &t.words, &t.ids);
    word2vec_plan_init(&p);
    for (int piece = 0; piece < 20; piece++) {
        word2vec_plan_make(&p, &m, piece * m.blocks);
        left += p.count;
    }
    const double share = (double)left / (20.0 * WORD2VEC_BLOCK * LENGTH / (LENGTH + 1));
    const double alone = 0.01; /* sentences of which only one word is left have no window, about */
    cr_expect(fabs(share - (sqrt(0.1) + 0.1)) < 0.03 + alone, "%g", share);
    word2vec_plan_free(&p);
    word2vec_free(&m);
    text_free(&t);
}

static void count_window(void *context, int32_t w, const int32_t *around, int64_t n)
{
    int64_t *count = context;
    (void)w, (void)around;
    count[0]++;
    count[1] += n;
}

Test(word2vec, windows_of_a_text)
{
    text t;
    word2vec m;
    int64_t count[2] = {0};
    text_make(&t);
    word2vec_init(&m, &plain, &dt_cpu, &t.words, &t.ids);
    word2vec_windows(&m, count_window, count);
    cr_expect(eq(i64, count[0], SENTENCES * LENGTH));
    cr_expect(count[1] > 2.9 * (double)count[0]);
    word2vec_free(&m);
    text_free(&t);
}
