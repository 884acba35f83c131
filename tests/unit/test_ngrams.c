/* N-grams and the models that count them: against hand-worked numbers on texts of a few words, and against dense tables
 * on random ones. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "misuse.h"
#include "models/kneser_ney.h"
#include "models/trigram.h"
#include "models/word_cache.h"

/* Two sentences of the words a, b, c, where E ends a sentence and B begins one. */
enum { A, B_, C, E, BEGIN, WORDS = 4 };
static const int32_t two_sentences[] = {A, B_, E, A, C, E};
enum { TWO = 6 };

static bool near(double got, double wanted)
{
    return fabs(got - wanted) <= 1e-12 * fmax(1, fabs(wanted));
}

/* ---- counting */

static int32_t count_of(const dt_ngrams *g, int k, const int32_t *words)
{
    const int32_t node = dt_ngrams_find(g, words, k);
    return node < 0 ? 0 : g->level[k].count[node];
}

Test(ngrams, of_two_sentences)
{
    dt_ngrams g;
    dt_ngrams_count(&g, two_sentences, TWO, WORDS, E, 3);
    static const int64_t kinds[] = {1, 5, 5, 4};
    for (int k = 0; k <= 3; k++) cr_expect(eq(i64, g.level[k].n, kinds[k]), "level %d", k);
    cr_expect(eq(i32, count_of(&g, 1, (int32_t[]){BEGIN}), 2));
    cr_expect(eq(i32, count_of(&g, 2, (int32_t[]){BEGIN, A}), 2));
    cr_expect(eq(i32, count_of(&g, 2, (int32_t[]){C, E}), 1));
    cr_expect(eq(i32, count_of(&g, 3, (int32_t[]){BEGIN, A, C}), 1));
    cr_expect(eq(i32, count_of(&g, 2, (int32_t[]){E, BEGIN}), 0)); /* not across sentences */
    cr_expect(eq(i32, count_of(&g, 2, (int32_t[]){E, A}), 0));
    int32_t context[DT_NGRAMS_MOST];
    cr_expect(eq(int, dt_ngrams_context(&g, two_sentences, 0, context), 1));
    cr_expect(eq(i32, context[0], BEGIN));
    cr_expect(eq(int, dt_ngrams_context(&g, two_sentences, 4, context), 2));
    cr_expect(context[0] == BEGIN && context[1] == A);
    cr_expect(eq(int, dt_ngrams_context(&g, two_sentences, 5, context), 2));
    cr_expect(context[0] == A && context[1] == C);
    dt_ngrams_free(&g);
    dt_ngrams_count(&g, two_sentences, TWO, WORDS, -1, 2); /* as one */
    cr_expect(eq(i32, count_of(&g, 2, (int32_t[]){E, A}), 1));
    cr_expect(eq(i32, count_of(&g, 1, (int32_t[]){BEGIN}), 1));
    cr_expect(eq(int, dt_ngrams_context(&g, two_sentences, 3, context), 1));
    cr_expect(eq(i32, context[0], E));
    dt_ngrams_free(&g);
}

enum { LENGTH = 400, KINDS = 5 }; /* the last kind ends a sentence; BEGINS is <s> */
enum { BEGINS = KINDS };

static void random_text(uint64_t seed, int32_t id[LENGTH])
{
    dt_rng stream = dt_rng_stream(seed, "text", 0);
    for (int i = 0; i < LENGTH; i++) /* small words are frequent */
        id[i] = (int32_t)(dt_rng_below(stream, 2 * (uint64_t)i, KINDS) * dt_rng_uniform(stream, 2 * (uint64_t)i + 1));
    for (int i = 0; i < LENGTH; i += 7 + i % 5) id[i] = KINDS - 1;
}

static int64_t times(const int32_t *id, int64_t i, const int32_t *words, int k)
{
    /* whether words[0 .. k-1] end at token i, by definition */
    for (int j = k - 1; j >= 0; j--, i--) {
        const bool before = i < 0 || (j < k - 1 && id[i] == KINDS - 1);
        const int32_t here = before ? BEGINS : id[i];
        if (words[j] != here || (before && j > 0)) return 0;
    }
    return 1;
}

Test(ngrams, of_random_text_are_those_that_occur)
{
    int32_t id[LENGTH];
    random_text(1, id);
    dt_ngrams g;
    dt_ngrams_count(&g, id, LENGTH, KINDS, KINDS - 1, 4);
    int64_t found = 0;
    for (int code = 0; code < 6 * 6 * 6 * 6; code++) {
        const int32_t words[4] = {code / 216, code / 36 % 6, code / 6 % 6, code % 6};
        int64_t wanted = 0;
        if (words[3] != BEGINS)
            for (int64_t i = 0; i < LENGTH; i++) wanted += times(id, i, words, 4);
        cr_expect(eq(i64, count_of(&g, 4, words), wanted));
        found += wanted > 0;
        const int32_t node = dt_ngrams_find(&g, words, 4);
        if (node >= 0) cr_expect(eq(i32, g.level[4].suffix[node], dt_ngrams_find(&g, words + 1, 3)));
        if (node >= 0) cr_expect(eq(int, node >= g.level[4].begin, words[0] == BEGINS));
    }
    cr_expect(eq(i64, g.level[4].n, found));
    dt_ngrams_free(&g);
}

Test(ngrams, misuse)
{
    dt_ngrams g;
    EXPECT_MISUSE("order 0", dt_ngrams_count(&g, two_sentences, TWO, WORDS, E, 0));
    EXPECT_MISUSE("order 9", dt_ngrams_count(&g, two_sentences, TWO, WORDS, E, DT_NGRAMS_MOST + 1));
    EXPECT_MISUSE("word 3 of 3", dt_ngrams_count(&g, two_sentences, TWO, 3, E, 2));
    EXPECT_MISUSE("0 words", dt_ngrams_count(&g, two_sentences, 0, WORDS, E, 2));
}

/* ---- Kneser-Ney */

static double p_of(const kneser_ney *m, int n, const int32_t *context, int32_t word)
{
    return kneser_ney_p(m, context, n, word);
}

/* The bigrams Ba 2, ab 1, ac 1, bE 1, cE 1: D = 4 / (4 + 2) = 2/3. Different words before a, b, c: 1 each, before E: 2;
 * D = 3 / (3 + 2) = 3/5, so p(E) = (2 - 3/5) / 5 + 4 (3/5) / 5 / 4 = 0.4, and 0.2 for the others. */
Test(kneser_ney, of_two_sentences)
{
    kneser_ney m;
    kneser_ney_init(&m, two_sentences, TWO, WORDS, E, 2, (kneser_ney_options){0});
    cr_expect(near(m.discount[2][0], 2 / 3.0) && near(m.discount[2][2], 2 / 3.0));
    cr_expect(near(m.discount[1][0], 3 / 5.0));
    cr_expect(near(p_of(&m, 0, NULL, A), 0.2));
    cr_expect(near(p_of(&m, 0, NULL, E), 0.4));
    cr_expect(near(p_of(&m, 1, (int32_t[]){A}, B_), 1 / 6.0 + 2 / 3.0 * 0.2));
    cr_expect(near(p_of(&m, 1, (int32_t[]){A}, A), 2 / 3.0 * 0.2));
    cr_expect(near(p_of(&m, 1, (int32_t[]){BEGIN}, A), 2 / 3.0 + 1 / 3.0 * 0.2));
    cr_expect(near(p_of(&m, 1, (int32_t[]){B_}, E), 1 / 3.0 + 2 / 3.0 * 0.4));
    cr_expect(near(p_of(&m, 1, (int32_t[]){E}, C), 0.2)); /* nothing ever followed E */
    double p[TWO];
    kneser_ney_text(&m, two_sentences, TWO, p);
    cr_expect(near(p[0], 2 / 3.0 + 1 / 3.0 * 0.2) && near(p[3], p[0]));
    cr_expect(near(p[2], 1 / 3.0 + 2 / 3.0 * 0.4));
    kneser_ney_free(&m);
}

/* With trigrams, Ba has no left neighbour and so keeps its count of 2; no trigram occurs twice, so D is 1/2 there. */
Test(kneser_ney, beginnings_keep_their_counts)
{
    kneser_ney m;
    kneser_ney_init(&m, two_sentences, TWO, WORDS, E, 3, (kneser_ney_options){0});
    cr_expect(near(m.discount[3][0], 0.5));
    cr_expect(near(p_of(&m, 1, (int32_t[]){BEGIN}, A), 2 / 3.0 + 1 / 3.0 * 0.2));
    cr_expect(near(p_of(&m, 2, (int32_t[]){BEGIN, A}, B_), 0.25 + 0.5 * 0.3));
    cr_expect(near(p_of(&m, 2, (int32_t[]){C, A}, B_), 0.3)); /* "ca" never occurred */
    kneser_ney_free(&m);
}

/* Backing off: after a, b and c share 1 - 2/3, and a and E what is left, by their 0.2 and 0.4. */
Test(kneser_ney, backs_off)
{
    kneser_ney m;
    kneser_ney_init(&m, two_sentences, TWO, WORDS, E, 2, (kneser_ney_options){.back_off = true});
    cr_expect(near(p_of(&m, 1, (int32_t[]){A}, B_), 1 / 6.0));
    cr_expect(near(p_of(&m, 1, (int32_t[]){A}, A), 2 / 3.0 * 0.2 / 0.6));
    cr_expect(near(p_of(&m, 1, (int32_t[]){A}, E), 2 / 3.0 * 0.4 / 0.6));
    kneser_ney_free(&m);
    /* Where every word has followed, there is nothing to back off for. */
    static const int32_t all[] = {0, 0, 1, 0, 1};
    kneser_ney_init(&m, all, 5, 2, -1, 2, (kneser_ney_options){.back_off = true});
    cr_expect(near(p_of(&m, 1, (int32_t[]){0}, 0) + p_of(&m, 1, (int32_t[]){0}, 1), 1));
    kneser_ney_free(&m);
}

/* The same by dense tables over all trigrams of KINDS words and <s>, straight from Chen & Goodman's equations. */
typedef struct {
    double a[4][6 * 6 * 6]; /* [order][words, the last one fastest] */
    double d[4][5];         /* [order][count, 4 for more] */
    int least;              /* of trigrams */
    bool back_off;
} dense;

static int kinds_of(int order)
{
    return order == 1 ? 6 : order == 2 ? 36 : 216;
}

static void dense_make(dense *t, const int32_t *id, kneser_ney_options o)
{
    memset(t, 0, sizeof *t);
    t->back_off = o.back_off;
    t->least = o.least;
    double count[4][216] = {{0}};
    for (int order = 1; order <= 3; order++)
        for (int code = 0; code < kinds_of(order); code++) {
            int32_t words[3];
            for (int j = order - 1, c = code; j >= 0; j--, c /= 6) words[j] = c % 6;
            for (int64_t i = 0; i < LENGTH && words[order - 1] != BEGINS; i++)
                count[order][code] += (double)times(id, i, words, order);
        }
    for (int order = 1; order <= 3; order++)
        for (int code = 0; code < kinds_of(order); code++) {
            const bool begins = order > 1 && code / (kinds_of(order) / 6) == BEGINS;
            t->a[order][code] = order == 3 || begins ? count[order][code] : 0;
            for (int v = 0; v < 6 && order < 3 && !begins; v++)
                t->a[order][code] += count[order + 1][v * kinds_of(order) + code] > 0;
        }
    for (int order = 1; order <= 3; order++) {
        double n[5] = {0};
        for (int code = 0; code < kinds_of(order); code++)
            if (t->a[order][code] >= 1 && t->a[order][code] <= 4) n[(int)t->a[order][code]]++;
        const bool enough = n[1] > 0 && n[2] > 0, all = enough && n[3] > 0 && n[4] > 0;
        const double y = enough ? n[1] / (n[1] + 2 * n[2]) : 0.5;
        for (int i = 1; i <= 4; i++) {
            const int j = i < 3 ? i : 3;
            const double d = enough && n[j] > 0 && n[j + 1] > 0 ? j - (j + 1) * y * n[j + 1] / n[j] : 0;
            t->d[order][i] = o.modified && d > 0 ? d : y;
        }
        cr_assert(order < 3 || (all && t->d[order][1] > 0 && t->d[order][2] != t->d[order][3]) || !o.modified,
                  "another text is needed: order %d has %g, %g, %g, %g", order, n[1], n[2], n[3], n[4]);
    }
}

static double dense_p(const dense *t, int order, const int32_t *words)
{
    if (order == 0) return 1.0 / KINDS;
    int context = 0;
    for (int j = 0; j < order - 1; j++) context = 6 * context + words[j];
    double total = 0, freed = 0, seen = 0, lower = 0, own = 0;
    int32_t other[3] = {0};
    for (int j = 0; j < order - 1; j++) other[j] = words[j];
    for (int v = 0; v < KINDS; v++) total += t->a[order][6 * context + v];
    if (total == 0) return dense_p(t, order - 1, words + 1);
    for (int v = 0; v < KINDS; v++) {
        double a = t->a[order][6 * context + v], d = t->d[order][a < 4 ? (int)a : 4];
        if (order == 3 && a < t->least) d = a, a = 0; /* counts, but as unseen */
        other[order - 1] = v;
        freed += d / total;
        if (a > 0) seen += (a - d) / total;
        if (a > 0) lower += dense_p(t, order - 1, other + 1);
        if (v == words[order - 1] && a > 0) own = (a - d) / total;
    }
    if (!t->back_off || order == 1) return own + freed * dense_p(t, order - 1, words + 1);
    if (own > 0) return lower < 1 - 1e-9 ? own : own / seen;
    return (1 - seen) / (1 - lower) * dense_p(t, order - 1, words + 1);
}

Test(kneser_ney, is_that_of_dense_tables)
{
    int32_t id[LENGTH];
    random_text(12, id);
    for (int o = 0; o < 8; o++) {
        const kneser_ney_options options = {.modified = o & 1, .back_off = o & 2, .least = o & 4 ? 3 : 0};
        dense *t = malloc(sizeof *t);
        kneser_ney m;
        cr_assert(t != NULL);
        dense_make(t, id, options);
        kneser_ney_init(&m, id, LENGTH, KINDS, KINDS - 1, 3, options);
        for (int code = 0; code < 36; code++)
            for (int n = 0; n <= 2; n++) {
                double sum = 0;
                for (int32_t v = 0; v < KINDS; v++) {
                    const int32_t words[3] = {code / 6, code % 6, v};
                    const double p = kneser_ney_p(&m, words + 2 - n, n, v), wanted = dense_p(t, n + 1, words + 2 - n);
                    cr_expect(near(p, wanted), "options %d, context %d of %d, word %d: %.15g, not %.15g", o, code, n, v,
                              p, wanted);
                    sum += p;
                }
                cr_expect(near(sum, 1), "options %d, context %d of %d: the sum is %.15g", o, code, n, sum);
            }
        kneser_ney_free(&m);
        free(t);
    }
}

/* A larger vocabulary, most of whose words never occur, and long contexts. */
Test(kneser_ney, sums_to_one)
{
    enum { MANY = 300, ORDER = 5 };
    int32_t id[LENGTH], context[DT_NGRAMS_MOST];
    dt_rng stream = dt_rng_stream(2, "text", 0);
    for (int i = 0; i < LENGTH; i++) id[i] = (int32_t)pow(MANY / 3, dt_rng_uniform(stream, (uint64_t)i));
    for (int o = 0; o < 8; o++) {
        kneser_ney m;
        kneser_ney_init(&m, id, LENGTH, MANY, 1, ORDER,
                        (kneser_ney_options){.modified = o & 1, .back_off = o & 2, .least = o & 4 ? 2 : 0});
        for (int64_t i = 0; i < LENGTH; i += 11) {
            const int n = dt_ngrams_context(&m.grams, id, i, context);
            double sum = 0;
            for (int32_t v = 0; v < MANY; v++) sum += kneser_ney_p(&m, context, n, v);
            cr_expect(near(sum, 1), "options %d, token %d: %.15g", o, (int)i, sum);
        }
        kneser_ney_free(&m);
    }
}

/* ---- the interpolated trigram */

/* "abac" as one text: p1 = 1/2, 1/4, 1/4; after a came b and c; after Ba came b. All weights are 1/4. */
Test(trigram, of_four_words)
{
    static const int32_t id[] = {0, 1, 0, 2};
    trigram m;
    trigram_init(&m, id, 4, 3, -1);
    cr_expect(near(trigram_p(&m, (int32_t[]){1, 0}, 2, 2), (1 / 3.0 + 0.25 + 0.5 + 1) / 4)); /* ba -> c */
    cr_expect(near(trigram_p(&m, (int32_t[]){1, 0}, 2, 1), (1 / 3.0 + 0.25 + 0.5 + 0) / 4));
    cr_expect(near(trigram_p(&m, (int32_t[]){0}, 1, 1), (1 / 3.0 + 0.25 + 0.5 + 0.5) / 4));      /* p2 for p3 */
    cr_expect(near(trigram_p(&m, (int32_t[]){1, 1}, 2, 0), (1 / 3.0 + 0.5 + 1 + 1) / 4));        /* "bb" never */
    cr_expect(near(trigram_p(&m, (int32_t[]){0, 2}, 2, 1), (1 / 3.0 + 0.25 + 0.25 + 0.25) / 4)); /* c is the end */
    trigram_free(&m);
}

Test(trigram, adapts_its_weights)
{
    int32_t id[LENGTH], other[LENGTH], context[DT_NGRAMS_MOST];
    random_text(3, id);
    random_text(4, other);
    trigram m;
    trigram_init(&m, id, LENGTH, KINDS, KINDS - 1);
    double before = INFINITY;
    for (int step = 0; step < 10; step++) {
        const double now = trigram_adapt(&m, other, LENGTH);
        cr_expect(now <= before * (1 + 1e-12), "step %d: %g after %g", step, now, before);
        before = now;
    }
    double p[LENGTH], bits = 0;
    trigram_text(&m, other, LENGTH, p);
    for (int i = 0; i < LENGTH; i++) bits -= log(p[i]) / LENGTH;
    cr_expect(exp(bits) <= before && exp(bits) > 1);
    for (int q = 0; q < TRIGRAM_BUCKETS; q++)
        cr_expect(near(m.alpha[q][0] + m.alpha[q][1] + m.alpha[q][2] + m.alpha[q][3], 1));
    for (int64_t i = 0; i < LENGTH; i += 3) {
        const int n = dt_ngrams_context(&m.grams, other, i, context);
        double sum = 0;
        for (int32_t v = 0; v < KINDS; v++) sum += trigram_p(&m, context, n, v);
        cr_expect(near(sum, 1));
        cr_expect(near(p[i], trigram_p(&m, context, n, other[i])));
    }
    trigram_free(&m);
}

/* q = ceil(-log((1 + freq) / T)): with T = 400, contexts seen 0 and 1 times lie in buckets 6 and 6 (5.99, 5.30), those
 * seen 147 times in 1. Only the weights of the bucket that a text meets change. */
Test(trigram, has_weights_for_each_frequency)
{
    int32_t id[LENGTH];
    for (int i = 0; i < LENGTH; i++) id[i] = i < 148 ? 0 : 1 + i % 3;
    trigram m;
    trigram_init(&m, id, LENGTH, KINDS, -1);
    const int32_t seen[] = {0, 0, 0, 0};
    trigram_adapt(&m, seen, 4); /* contexts: <s>; <s> 0, once; 0 0, 147 times */
    cr_expect(near(m.alpha[1][3], 0.25) == false);
    cr_expect(near(m.alpha[6][3], 0.25) == false);
    for (int q = 0; q < TRIGRAM_BUCKETS; q++)
        if (q != 1 && q != 6) cr_expect(near(m.alpha[q][3], 0.25), "bucket %d", q);
    trigram_free(&m);
}

/* ---- the cache */

Test(word_cache, is_the_share_of_the_last_words)
{
    static const int32_t id[] = {2, 2, 1, 2, 0};
    double p[] = {0.1, 0.1, 0.1, 0.1, 0.1};
    word_cache_mix(id, 5, 3, 2, 0.5, p);
    const double wanted[] = {0.1, 0.05 + 0.5, 0.05 + 0, 0.05 + 0.25, 0.05 + 0};
    for (int i = 0; i < 5; i++) cr_expect(near(p[i], wanted[i]), "token %d: %g, not %g", i, p[i], wanted[i]);
    EXPECT_MISUSE("0 words", word_cache_mix(id, 5, 3, 0, 0.5, p));
}
