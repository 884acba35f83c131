#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "data/streams.h"
#include "data/vocabulary.h"
#include "misuse.h"

static dt_corpus text_of(const char *text)
{
    dt_corpus c;
    dt_error err;
    cr_assert(eq(int, (int)dt_corpus_copy("text", text, (int64_t)strlen(text), &c, &err), DT_OK));
    return c;
}

static dt_vocabulary words_of(const char *text, dt_word_options o)
{
    dt_vocabulary v;
    dt_error err;
    dt_corpus c = text_of(text);
    cr_assert(eq(int, (int)dt_vocabulary_words(&c, &o, &v, &err), DT_OK), "%s", err.message);
    dt_corpus_free(&c);
    return v;
}

static dt_vocabulary characters_of(const char *text, dt_unit unit)
{
    dt_vocabulary v;
    dt_error err;
    dt_corpus c = text_of(text);
    cr_assert(eq(int, (int)dt_vocabulary_characters(&c, unit, &v, &err), DT_OK), "%s", err.message);
    dt_corpus_free(&c);
    return v;
}

/* The units in the order of their ids, with a blank after each. */
static const char *listed(const dt_vocabulary *v)
{
    static char list[512];
    list[0] = '\0';
    for (int32_t id = 0; id < v->size; id++) {
        int64_t count;
        const uint8_t *unit = dt_vocabulary_unit(v, id, &count);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%.*s ", (int)count, (const char *)unit);
        cr_expect(eq(i32, dt_vocabulary_id(v, unit, count), id));
    }
    return list;
}

static dt_tokens tokens_of(const dt_vocabulary *v, const char *text)
{
    dt_tokens t;
    dt_error err;
    dt_corpus c = text_of(text);
    cr_assert(eq(int, (int)dt_tokens_read(v, &c, &t, &err), DT_OK), "%s", err.message);
    dt_corpus_free(&c);
    return t;
}

static void expect_ids(const dt_tokens *t, int64_t count, const int32_t *id)
{
    cr_expect(eq(i64, t->count, count));
    for (int64_t i = 0; i < count && i < t->count; i++) cr_expect(eq(i32, t->id[i], id[i]), "token %d", (int)i);
}

Test(vocabulary, goes_by_frequency_then_bytes)
{
    dt_vocabulary v = words_of("b a\tb  c \n\n ab a B\r\nb", (dt_word_options){0});
    cr_expect(strcmp(listed(&v), "b a B ab c ") == 0, "%s", listed(&v));
    static const int64_t counts[] = {3, 2, 1, 1, 1};
    for (int i = 0; i < 5; i++) cr_expect(eq(i64, v.count[i], counts[i]));
    cr_expect(v.unknown == -1 && v.end == -1);
    cr_expect(eq(i32, dt_vocabulary_id(&v, "d", 1), -1));
    cr_expect(eq(i32, dt_vocabulary_id(&v, "abc", 3), -1));
    dt_vocabulary_free(&v);
}

Test(vocabulary, ends_each_line_if_asked)
{
    dt_vocabulary v = words_of(" x y\nx\n\ny", (dt_word_options){.line_ends = true});
    cr_expect(strcmp(listed(&v), "<eos> x y ") == 0, "%s", listed(&v));
    cr_expect(eq(i64, v.count[0], 4)); /* the last line has no line end of its own */
    cr_expect(eq(i32, v.end, 0));
    dt_tokens t = tokens_of(&v, " x y\nx\n\ny");
    expect_ids(&t, 8, (int32_t[]){1, 2, 0, 1, 0, 0, 2, 0});
    dt_tokens_free(&t);
    t = tokens_of(&v, "y\n");
    expect_ids(&t, 2, (int32_t[]){2, 0});
    dt_tokens_free(&t);
    dt_vocabulary_free(&v);
}

Test(vocabulary, rare_words_become_one)
{
    dt_vocabulary v = words_of("a a a b b c d\n<unk> a", (dt_word_options){.least = 2, .line_ends = true});
    cr_expect(strcmp(listed(&v), "a <unk> <eos> b ") == 0, "%s", listed(&v));
    cr_expect(eq(i64, v.count[v.unknown], 3));
    cr_expect(eq(i32, dt_vocabulary_id(&v, "c", 1), v.unknown));
    dt_tokens t = tokens_of(&v, "a c zebra b");
    expect_ids(&t, 5, (int32_t[]){0, 1, 1, 3, 2});
    cr_expect(eq(i64, t.unknown, 2));
    dt_tokens_free(&t);
    dt_vocabulary_free(&v);
    /* <eos> stays however rare it is, and <unk> is there on demand. */
    v = words_of("a a b b\n", (dt_word_options){.least = 2, .line_ends = true, .unknown = true});
    cr_expect(strcmp(listed(&v), "a b <eos> <unk> ") == 0, "%s", listed(&v));
    dt_vocabulary_free(&v);
}

Test(vocabulary, holds_many_words)
{
    enum { WORDS = 5000 };
    char *text = malloc(16 * WORDS);
    cr_assert(text != NULL);
    size_t at = 0;
    for (int i = 0; i < WORDS; i++) at += (size_t)sprintf(text + at, "%d ", i * 7919 % 10007);
    dt_vocabulary v = words_of(text, (dt_word_options){0});
    cr_expect(eq(i64, v.size, WORDS));
    for (int32_t id = 0; id < v.size; id++) {
        int64_t count;
        const uint8_t *unit = dt_vocabulary_unit(&v, id, &count);
        cr_assert(eq(i32, dt_vocabulary_id(&v, unit, count), id));
    }
    dt_vocabulary_free(&v);
    free(text);
}

Test(vocabulary, characters_are_bytes_or_code_points)
{
    dt_vocabulary bytes = characters_of("\xc3\xa9t\xc3\xa9 a", DT_BYTES);
    cr_expect(eq(i64, bytes.size, 5)); /* a9 c3 twice each, then blank, a, t */
    cr_expect(eq(i32, dt_vocabulary_id(&bytes, "\xa9", 1), 0));
    cr_expect(eq(i32, dt_vocabulary_id(&bytes, "\xc3", 1), 1));
    dt_tokens t = tokens_of(&bytes, "\xc3\xa9");
    expect_ids(&t, 2, (int32_t[]){1, 0});
    dt_tokens_free(&t);
    dt_vocabulary points = characters_of("\xc3\xa9t\xc3\xa9 a", DT_CODE_POINTS);
    cr_expect(strcmp(listed(&points), "\xc3\xa9   a t ") == 0, "%s", listed(&points));
    t = tokens_of(&points, "t\xc3\xa9");
    expect_ids(&t, 2, (int32_t[]){3, 0});
    dt_tokens_free(&t);
    dt_vocabulary_free(&bytes);
    dt_vocabulary_free(&points);
}

Test(vocabulary, refuses_texts_by_offset)
{
    dt_vocabulary v;
    dt_error err;
    dt_corpus c = text_of("ab\xff");
    cr_expect(eq(int, (int)dt_vocabulary_words(&c, &(dt_word_options){0}, &v, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 2));
    cr_expect(eq(int, (int)dt_vocabulary_characters(&c, DT_CODE_POINTS, &v, &err), DT_ERR_DATA));
    cr_expect(strstr(err.hint, "bytes") != NULL);
    cr_expect(eq(int, (int)dt_vocabulary_characters(&c, DT_BYTES, &v, &err), DT_OK));
    dt_vocabulary_free(&v);
    c.bytes[2] = 0;
    cr_expect(eq(int, (int)dt_vocabulary_words(&c, &(dt_word_options){0}, &v, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 2));
    cr_expect(strstr(err.message, "NUL") != NULL);
    cr_expect(eq(int, (int)dt_vocabulary_characters(&c, DT_CODE_POINTS, &v, &err), DT_OK));
    dt_vocabulary_free(&v);
    dt_corpus_free(&c);
}

Test(vocabulary, refuses_a_vocabulary_of_one)
{
    static const char *const texts[] = {"a a a", " \n ", "a"};
    for (int i = 0; i < 3; i++) {
        dt_vocabulary v;
        dt_error err;
        dt_corpus c = text_of(texts[i]);
        cr_expect(eq(int, (int)dt_vocabulary_words(&c, &(dt_word_options){0}, &v, &err), DT_ERR_DATA));
        cr_expect(strstr(err.message, "nothing to predict") != NULL);
        cr_expect(v.size == 0 && v.slot == NULL);
        dt_corpus_free(&c);
    }
    dt_vocabulary v;
    dt_error err;
    dt_corpus c = text_of("aaa");
    cr_expect(eq(int, (int)dt_vocabulary_characters(&c, DT_BYTES, &v, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "only 1 different byte") != NULL, "%s", err.message);
    dt_corpus_free(&c);
}

Test(vocabulary, names_what_it_lacks)
{
    dt_error err;
    dt_tokens t;
    dt_vocabulary words = words_of("a b", (dt_word_options){0}), characters = characters_of("ab", DT_CODE_POINTS);
    dt_corpus c = text_of("a quick");
    cr_expect(eq(int, (int)dt_tokens_read(&words, &c, &t, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 2));
    cr_expect(strstr(err.message, "\"quick\"") != NULL);
    cr_expect(t.id == NULL);
    cr_expect(eq(int, (int)dt_tokens_read(&characters, &c, &t, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 1));
    dt_corpus_free(&c);
    c = text_of("b\xc3\xa9");
    cr_expect(eq(int, (int)dt_tokens_read(&characters, &c, &t, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "2 bytes that begins with c3") != NULL, "%s", err.message);
    dt_corpus_free(&c);
    c = text_of(" \n");
    cr_expect(eq(int, (int)dt_tokens_read(&words, &c, &t, &err), DT_ERR_DATA));
    dt_corpus_free(&c);
    dt_vocabulary_free(&words);
    dt_vocabulary_free(&characters);
}

static void expect_same(const dt_vocabulary *a, const dt_vocabulary *b)
{
    dt_error err;
    cr_assert(eq(i64, a->size, b->size));
    cr_expect(eq(int, (int)a->unit, (int)b->unit));
    cr_expect(a->unknown == b->unknown && a->end == b->end);
    cr_expect(memcmp(a->bytes, b->bytes, (size_t)a->start[a->size]) == 0);
    cr_expect(memcmp(a->start, b->start, (size_t)(a->size + 1) * sizeof *a->start) == 0);
    cr_expect(memcmp(a->count, b->count, (size_t)a->size * sizeof *a->count) == 0);
    cr_expect(eq(int, (int)dt_vocabulary_check(a, b->fingerprint, "checkpoint", &err), DT_OK));
}

Test(vocabulary, is_written_and_read)
{
    dt_vocabulary all[] = {words_of("a \\x b\xc3\xa9 a\n", (dt_word_options){.least = 2, .line_ends = true}),
                           characters_of("\xff\x80 \n\t\\ab\x7f", DT_BYTES),
                           characters_of("\xc3\xa9 \n\\a\x01", DT_CODE_POINTS)};
    for (int i = 0; i < 3; i++) {
        int64_t size;
        dt_error err;
        dt_vocabulary again;
        char *text = dt_vocabulary_text(&all[i], &size);
        cr_assert(eq(i64, size, (int64_t)strlen(text)));
        for (int64_t k = 0; k < size; k++) cr_expect(text[k] == '\n' || text[k] == '\t' || (uint8_t)text[k] >= ' ');
        cr_assert(eq(int, (int)dt_vocabulary_parse("v", text, size, &again, &err), DT_OK), "%s", err.message);
        expect_same(&all[i], &again);
        for (int64_t cut = 0; cut < size - 1; cut++) { /* each beginning of it is less, or nothing */
            dt_vocabulary part;
            const dt_status status = dt_vocabulary_parse("v", text, cut, &part, &err);
            cr_expect(status == DT_ERR_DATA || (status == DT_OK && part.size < all[i].size));
            dt_vocabulary_free(&part);
        }
        free(text);
        dt_vocabulary_free(&again);
        dt_vocabulary_free(&all[i]);
    }
}

Test(vocabulary, refuses_damaged_text)
{
    static const struct {
        const char *text;
        int64_t offset;
    } bad[] = {{"", 0},
               {"sentences\n1\ta\n1\tb\n", 0},
               {"words\n1\ta\nx\tb\n", 10},
               {"words\n1\ta\n1\t\n", 10},
               {"words\n1\ta\n1 b\n", 10},
               {"words\n1\ta\n1\ta\n", 10},
               {"words\n1\ta\n1\tb", 10},
               {"words\n1\ta\\\n1\tb\n", 6},
               {"words\n1\ta\\x4\n1\tb\n", 6},
               {"words\n1\ta\\x4g\n1\tb\n", 6},
               {"words\n99999999999999999999\ta\n1\tb\n", 6}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dt_vocabulary v;
        dt_error err;
        cr_expect(
            eq(int, (int)dt_vocabulary_parse("v", bad[i].text, (int64_t)strlen(bad[i].text), &v, &err), DT_ERR_DATA),
            "%zu", i);
        cr_expect(eq(i64, err.offset, bad[i].offset), "%zu", i);
        cr_expect(v.bytes == NULL);
    }
    dt_vocabulary v;
    dt_error err;
    cr_expect(eq(int, (int)dt_vocabulary_parse("v", "words\n3\ta\n", 10, &v, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "nothing to predict") != NULL);
}

Test(vocabulary, tells_a_checkpoint_of_another)
{
    dt_error err;
    dt_vocabulary a = words_of("a b c", (dt_word_options){0}), b = words_of("a b d", (dt_word_options){0});
    dt_vocabulary swapped = words_of("b b a c", (dt_word_options){0}), more = words_of("a a b c", (dt_word_options){0});
    dt_vocabulary bytes = characters_of("abc", DT_BYTES), points = characters_of("abc", DT_CODE_POINTS);
    cr_expect(eq(int, (int)dt_vocabulary_check(&a, b.fingerprint, "ck", &err), DT_ERR_CONFIG));
    cr_expect(strcmp(err.path, "ck") == 0 && strstr(err.message, "another vocabulary") != NULL);
    cr_expect(eq(int, (int)dt_vocabulary_check(&a, swapped.fingerprint, "ck", &err), DT_ERR_CONFIG));
    cr_expect(eq(int, (int)dt_vocabulary_check(&a, more.fingerprint, "ck", &err), DT_OK)); /* the same ids */
    cr_expect(eq(int, (int)dt_vocabulary_check(&bytes, points.fingerprint, "ck", &err), DT_ERR_CONFIG));
    dt_vocabulary *all[] = {&a, &b, &swapped, &more, &bytes, &points};
    for (int i = 0; i < 6; i++) dt_vocabulary_free(all[i]);
}

Test(vocabulary, misuse)
{
    dt_vocabulary v = words_of("a b", (dt_word_options){0});
    dt_corpus c = text_of("a b");
    int64_t count;
    EXPECT_MISUSE("2 of 2", dt_vocabulary_unit(&v, 2, &count));
    EXPECT_MISUSE("dt_vocabulary_words", dt_vocabulary_characters(&c, DT_WORDS, &v, NULL));
    dt_corpus_free(&c);
    dt_vocabulary_free(&v);
}

/* ---- streams */

static dt_tokens counting(int64_t count)
{
    dt_tokens t = {.id = malloc((size_t)count * sizeof *t.id), .count = count};
    cr_assert(t.id != NULL);
    for (int64_t i = 0; i < count; i++) t.id[i] = (int32_t)i;
    return t;
}

/* 23 tokens in 3 streams of 7: tokens 0 .. 6, 7 .. 13, 14 .. 20; steps of 3 with their successors. */
Test(streams, are_contiguous_parts_of_the_text)
{
    dt_tokens t = counting(23);
    dt_streams s;
    dt_error err;
    int32_t x[9], y[9];
    cr_assert(eq(int, (int)dt_streams_cut(&t, 3, 3, "text", &s, &err), DT_OK));
    cr_expect(eq(i64, s.length, 7));
    cr_assert(eq(i64, s.steps, 2));
    for (int64_t k = 0; k < 2; k++) {
        dt_streams_at(&s, k, x, y);
        for (int32_t step = 0; step < 3; step++)
            for (int32_t n = 0; n < 3; n++) {
                cr_expect(eq(i32, x[step * 3 + n], 7 * n + 3 * (int32_t)k + step));
                cr_expect(eq(i32, y[step * 3 + n], 7 * n + 3 * (int32_t)k + step + 1));
            }
    }
    EXPECT_MISUSE("step 2 of 2", dt_streams_at(&s, 2, x, y));
    EXPECT_MISUSE("0 streams", dt_streams_cut(&t, 0, 3, "text", &s, &err));
    dt_tokens_free(&t);
}

Test(streams, refuse_a_text_shorter_than_a_batch)
{
    dt_streams s;
    dt_error err;
    dt_tokens t = counting(12);
    cr_expect(eq(int, (int)dt_streams_cut(&t, 3, 3, "text", &s, &err), DT_OK)); /* 3 streams of 4 */
    cr_expect(eq(i64, s.steps, 1));
    t.count = 11;
    cr_expect(eq(int, (int)dt_streams_cut(&t, 3, 3, "text", &s, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "11 tokens") != NULL && strstr(err.message, "at least 12") != NULL, "%s",
              err.message);
    t.count = 2;
    cr_expect(eq(int, (int)dt_streams_cut(&t, 3, 1, "text", &s, &err), DT_ERR_DATA));
    dt_tokens_free(&t);
}
