/* Sentences and their translations, batches of them, and words cut into pieces. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/bpe.h"
#include "data/sentences.h"

static dt_corpus text_of(const char *name, const char *s)
{
    dt_corpus text;
    dt_error err;
    cr_assert(dt_corpus_copy(name, s, (int64_t)strlen(s), &text, &err) == DT_OK);
    return text;
}

static dt_vocabulary words_of(const char *s)
{
    dt_corpus text = text_of("words", s);
    dt_vocabulary v;
    dt_error err;
    cr_assert(dt_vocabulary_words(&text, &(dt_word_options){.unknown = true, .line_ends = true}, &v, &err) == DT_OK);
    dt_corpus_free(&text);
    return v;
}

static dt_status read_text(const dt_vocabulary *v, const char *name, const char *s, dt_sentences *out, dt_error *err)
{
    dt_corpus text = text_of(name, s);
    dt_status status = dt_sentences_read(v, &text, out, err);
    dt_corpus_free(&text);
    return status;
}

static const char *shown(const dt_vocabulary *v, const int32_t *id, int64_t count, char buf[256])
{
    buf[0] = '\0';
    for (int64_t i = 0; i < count; i++) {
        int64_t bytes;
        const uint8_t *word = dt_vocabulary_unit(v, id[i], &bytes);
        strncat(strcat(buf, i ? " " : ""), (const char *)word, (size_t)bytes);
    }
    return buf;
}

static const char *line_of(const dt_vocabulary *v, const dt_sentences *s, int64_t i, char buf[256])
{
    return shown(v, s->id + s->start[i], dt_sentence_words(s, i), buf);
}

Test(sentences, are_lines)
{
    char buf[256];
    dt_error err;
    dt_vocabulary v = words_of("a b c\n");
    dt_sentences s;
    cr_assert(read_text(&v, "text", "a b\n\n  c   x\t<eos> \nb", &s, &err) == DT_OK);
    cr_expect(s.count == 4 && s.unknown == 2);
    cr_expect_str_eq(line_of(&v, &s, 0, buf), "a b");
    cr_expect_str_eq(line_of(&v, &s, 1, buf), "");
    cr_expect_str_eq(line_of(&v, &s, 2, buf), "c <unk> <unk>", "an end mark in a line would break it");
    cr_expect_str_eq(line_of(&v, &s, 3, buf), "b");
    dt_sentences_free(&s);
    cr_expect(read_text(&v, "text", "a\nb \377\n", &s, &err) == DT_ERR_DATA && err.offset == 4 && !s.id);
    cr_expect(strstr(err.message, "ff is not part of UTF-8"));
    dt_vocabulary_free(&v);
}

Test(sentences, lines_without_a_counterpart_are_named)
{
    dt_error err;
    dt_vocabulary v = words_of("a b c\n");
    dt_sentences a, b;
    cr_assert(read_text(&v, "one", "a\nb\nc\na\n", &a, &err) == DT_OK);
    cr_assert(read_text(&v, "other", "a\nb\n", &b, &err) == DT_OK);
    cr_expect(dt_sentences_check_pair(&a, &a, &err) == DT_OK);
    for (int turn = 0; turn < 2; turn++) {
        cr_expect(dt_sentences_check_pair(turn ? &a : &b, turn ? &b : &a, &err) == DT_ERR_DATA);
        cr_expect_str_eq(err.path, "one");
        cr_expect_str_eq(err.message, "line 3 has no counterpart: it has 4 lines, other has 2");
    }
    dt_sentences_free(&a), dt_sentences_free(&b);
    dt_vocabulary_free(&v);
}

/* ---- batches */

enum { LINES = 200 };

typedef struct {
    dt_vocabulary v;
    dt_sentences side[2];
    dt_pair_batches b;
} pairs;

/* Line i has the word number i somewhere, on both sides; lengths go from 0 to 6 and to 4. */
static void open_pairs(pairs *p, int64_t batch, int64_t most, bool reverse)
{
    static char text[2][LINES * 64], all[LINES * 8];
    dt_error err;
    text[0][0] = text[1][0] = all[0] = '\0';
    for (int i = 0; i < LINES; i++) {
        sprintf(all + strlen(all), "n%d ", i);
        for (int side = 0; side < 2; side++) {
            const int words = side ? i * 7 % 5 : i % 7;
            for (int w = 0; w < words; w++) sprintf(text[side] + strlen(text[side]), w ? " x%d" : " n%d", w ? w : i);
            strcat(text[side], "\n");
        }
    }
    strcat(all, "x1 x2 x3 x4 x5 x6\n");
    p->v = words_of(all);
    for (int side = 0; side < 2; side++) cr_assert(read_text(&p->v, "text", text[side], &p->side[side], &err) == DT_OK);
    const int32_t ends[2] = {p->v.end, p->v.end};
    cr_assert(dt_pair_batches_cut(&p->side[0], &p->side[1], batch, most, reverse, ends, &p->b, &err) == DT_OK);
}

static void close_pairs(pairs *p)
{
    dt_pair_batches_free(&p->b);
    dt_sentences_free(&p->side[0]), dt_sentences_free(&p->side[1]);
    dt_vocabulary_free(&p->v);
}

/* Sentence i of a batch, its end mark cut away, is that of its pair. */
static void check_pair(const pairs *p, const dt_pair_batch *x, int64_t i, bool reverse)
{
    char buf[256], other[256];
    int32_t source[16], target[16];
    const int64_t words = dt_sentence_words(&p->side[0], x->pair[i]);
    cr_assert(x->positions == words + 1 && x->source[words * x->n + i] == p->v.end);
    for (int64_t s = 0; s < words; s++) source[reverse ? words - 1 - s : s] = x->source[s * x->n + i];
    cr_expect_str_eq(shown(&p->v, source, words, buf), line_of(&p->v, &p->side[0], x->pair[i], other));
    int64_t count = 0;
    for (int64_t k = 0; k < x->words; k++) {
        if (x->column[k] % x->n != i) continue;
        const int64_t t = x->column[k] / x->n;
        cr_assert(t == count && x->previous[t * x->n + i] == (t ? target[t - 1] : p->v.end));
        target[count++] = x->next[k];
    }
    cr_assert(count > 0 && target[count - 1] == p->v.end);
    cr_expect_str_eq(shown(&p->v, target, count - 1, buf), line_of(&p->v, &p->side[1], x->pair[i], other));
}

static void check_batches(const pairs *p, bool reverse, int64_t batch, int64_t pairs_wanted)
{
    bool seen[LINES] = {false};
    dt_pair_batch x = {0};
    int64_t all = 0;
    for (int64_t k = 0; k < p->b.count; k++) {
        dt_pair_batches_at(&p->b, k, &x);
        cr_assert(x.n > 0 && x.n <= batch);
        for (int64_t i = 0; i < x.n; i++) {
            cr_expect(!seen[x.pair[i]], "pair %d comes twice", (int)x.pair[i]);
            seen[x.pair[i]] = true;
            check_pair(p, &x, i, reverse);
        }
        all += x.n;
    }
    cr_expect(all == pairs_wanted && p->b.pairs == pairs_wanted, "%d pairs", (int)all);
    dt_pair_batch_free(&x);
}

Test(pair_batches, have_every_pair_once)
{
    pairs p;
    for (int turn = 0; turn < 2; turn++) {
        open_pairs(&p, 16, 10, turn == 1);
        check_batches(&p, turn == 1, 16, LINES);
        for (uint64_t epoch = 0; epoch < 3; epoch++) {
            dt_pair_batches_deal(&p.b, dt_rng_stream(1, "pairs", epoch));
            check_batches(&p, turn == 1, 16, LINES);
        }
        close_pairs(&p);
    }
    open_pairs(&p, 7, 4, false);
    check_batches(&p, false, 7, LINES - 2 * (LINES / 7));
    close_pairs(&p);
}

/* An epoch's batches depend on its stream alone, not on those before: a resumed run deals the same ones. */
Test(pair_batches, are_dealt_from_the_stream_alone)
{
    pairs p, q;
    open_pairs(&p, 8, 10, false), open_pairs(&q, 8, 10, false);
    dt_pair_batches_deal(&p.b, dt_rng_stream(1, "pairs", 0));
    cr_expect(memcmp(p.b.pair, q.b.pair, (size_t)p.b.pairs * sizeof *p.b.pair) != 0);
    dt_pair_batches_deal(&p.b, dt_rng_stream(1, "pairs", 1));
    dt_pair_batches_deal(&q.b, dt_rng_stream(1, "pairs", 1));
    cr_expect(memcmp(p.b.pair, q.b.pair, (size_t)p.b.pairs * sizeof *p.b.pair) == 0);
    cr_expect(memcmp(p.b.order, q.b.order, (size_t)p.b.count * sizeof *p.b.order) == 0);
    close_pairs(&p), close_pairs(&q);
}

Test(pair_batches, nothing_short_enough_is_an_error)
{
    dt_error err;
    dt_vocabulary v = words_of("a b c\n");
    dt_sentences s;
    dt_pair_batches b;
    cr_assert(read_text(&v, "long", "a b c\n", &s, &err) == DT_OK);
    const int32_t ends[2] = {v.end, v.end};
    cr_expect(dt_pair_batches_cut(&s, &s, 4, 2, false, ends, &b, &err) == DT_ERR_DATA && !b.pair);
    cr_expect(strstr(err.message, "none of its 1 lines has at most 2 words"));
    dt_sentences_free(&s);
    dt_vocabulary_free(&v);
}

/* ---- byte-pair encoding */

static char *cut_text(dt_bpe *bpe, const char *s)
{
    dt_error err;
    dt_corpus text = text_of("text", s), cut;
    cr_assert(dt_bpe_cut(bpe, &text, &cut, &err) == DT_OK);
    char *out = strndup((const char *)cut.bytes, (size_t)cut.count);
    dt_corpus_free(&text), dt_corpus_free(&cut);
    return out;
}

static void expect_cut(dt_bpe *bpe, const char *s, const char *wanted)
{
    char *cut = cut_text(bpe, s);
    cr_expect_str_eq(cut, wanted, "\"%s\" becomes \"%s\"", s, cut);
    char *joined = strdup(cut);
    dt_bpe_join(joined);
    cr_expect_str_eq(joined, s, "\"%s\" is joined to \"%s\"", cut, joined);
    free(cut), free(joined);
}

/* The example of Sennrich, Haddow, Birch 2016, fig. 1 and algorithm 1: the first merges of low, lower, newest, widest
 * are e s, es t, est at a word's end, and l o, lo w; here an end belongs to its character. */
Test(bpe, merges_the_papers_words)
{
    dt_error err;
    dt_bpe *bpe, *again;
    dt_corpus text = text_of("text", "low low low low low lower lower newest newest newest newest newest newest widest "
                                     "widest widest\n");
    cr_assert(dt_bpe_learn(&text, 4, &bpe, &err) == DT_OK);
    cr_expect(dt_bpe_merges(bpe) == 4);
    char *merges = dt_bpe_text(bpe);
    cr_expect_str_eq(merges, "e\ts\nes\tt \nl\to\nn\te\n", "they are %s", merges);
    expect_cut(bpe, "lowest newer\n", "lo@@ w@@ est ne@@ w@@ e@@ r\n");
    expect_cut(bpe, "ö l\n\nlow\n", "ö l\n\nlo@@ w\n");
    cr_assert(dt_bpe_parse("file", merges, &again, &err) == DT_OK);
    expect_cut(again, "lowest newer\n", "lo@@ w@@ est ne@@ w@@ e@@ r\n");
    cr_expect(dt_bpe_parse("file", "e\ts\nbroken\n", &again, &err) == DT_ERR_DATA && err.offset == 4);
    dt_bpe_free(bpe);
    free(merges);
    cr_assert(dt_bpe_learn(&text, 1000, &bpe, &err) == DT_OK);
    expect_cut(bpe, "low newest widest lower\n", "low newest widest lower\n");
    cr_expect(dt_bpe_merges(bpe) < 30, "there is nothing left to merge");
    dt_bpe_free(bpe);
    dt_corpus_free(&text);
}

Test(bpe, of_what_is_no_text)
{
    dt_error err;
    dt_bpe *bpe;
    dt_corpus text = text_of("text", "ab \377\n");
    cr_expect(dt_bpe_learn(&text, 4, &bpe, &err) == DT_ERR_DATA && err.offset == 3 && !bpe);
    dt_corpus_free(&text);
}
