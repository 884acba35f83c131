/* Texts that are read as a stream, ids in a file, phrases, and files of vectors. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "data/phrases.h"
#include "data/vectors.h"
#include "data/word_ids.h"
#include "data/word_reader.h"
#include "scratch.h"

TestSuite(word_files, .init = scratch_make, .fini = scratch_remove);

static const char *file_of(const char *text)
{
    scratch_write("text", text, strlen(text));
    return scratch_path("text");
}

static dt_vocabulary vocabulary_of(const char *text, int64_t least)
{
    dt_vocabulary v;
    dt_error err;
    const dt_word_options options = {.least = least, .leave_out = true};
    cr_assert(eq(int, (int)dt_vocabulary_read_words(file_of(text), &options, &v, &err), DT_OK), "%s", err.message);
    return v;
}

/* The words of a text with a blank after each, '|' for a line end. */
static const char *read_all(const char *path)
{
    static char list[512];
    dt_word_reader r;
    dt_error err;
    list[0] = '\0';
    cr_assert(eq(int, (int)dt_word_reader_open(&r, path, 0, &err), DT_OK));
    while (dt_word_reader_next(&r, &err) == DT_OK && r.word)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%.*s ", r.bytes ? (int)r.bytes : 1,
                 r.bytes ? (const char *)r.word : "|");
    dt_word_reader_close(&r);
    return list;
}

Test(word_files, words_and_line_ends)
{
    cr_expect(strcmp(read_all(file_of(" a bc\td \r\n\n e")), "a bc d | | e | ") == 0, "%s", read_all(file_of("a")));
    cr_expect(strcmp(read_all(file_of("a\n")), "a | ") == 0);
    cr_expect(strcmp(read_all(file_of("\n")), "| ") == 0);
    cr_expect(strcmp(read_all(file_of("  ")), "") == 0);
}

/* More than one buffer, with blanks and words across its end. */
Test(word_files, long_lines)
{
    enum { BYTES = 3000001, WORD = 65536 };
    char *text = malloc(BYTES);
    dt_vocabulary v;
    dt_error err;
    for (int i = 0; i < BYTES; i++) text[i] = i % 7 == 6 || i % 11 == 10 ? ' ' : (char)('a' + i % 3);
    memset(text + 1000000, 'x', WORD);
    text[999999] = text[1000000 + WORD] = ' ';
    scratch_write("text", text, BYTES);
    cr_assert(eq(int, (int)dt_vocabulary_read_words(scratch_path("text"), &(dt_word_options){0}, &v, &err), DT_OK));
    dt_corpus whole;
    dt_vocabulary at_once;
    cr_assert(eq(int, (int)dt_corpus_read(scratch_path("text"), &whole, &err), DT_OK));
    cr_assert(eq(int, (int)dt_vocabulary_words(&whole, &(dt_word_options){0}, &at_once, &err), DT_OK));
    cr_expect(eq(str, v.fingerprint, at_once.fingerprint));
    for (int64_t i = 0; i < v.size; i++) cr_expect(eq(i64, v.count[i], at_once.count[i]));
    dt_vocabulary_free(&v);
    dt_vocabulary_free(&at_once);
    dt_corpus_free(&whole);
    text[999999] = 'x';
    scratch_write("text", text, BYTES);
    cr_expect(
        eq(int, (int)dt_vocabulary_read_words(scratch_path("text"), &(dt_word_options){0}, &v, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "65536 bytes") != NULL, "%s", err.message);
    cr_expect(err.offset <= 999999 && err.offset > 999990, "%d", (int)err.offset);
    text[999999] = text[1500000] = ' ';
    text[2500000] = 0;
    scratch_write("text", text, BYTES);
    free(text);
    cr_expect(
        eq(int, (int)dt_vocabulary_read_words(scratch_path("text"), &(dt_word_options){0}, &v, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 2500000));
}

static void expect_refused(const char *bytes, size_t count, int64_t offset, const char *part)
{
    dt_vocabulary v;
    dt_error err;
    scratch_write("text", bytes, count);
    cr_expect(
        eq(int, (int)dt_vocabulary_read_words(scratch_path("text"), &(dt_word_options){0}, &v, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, offset));
    cr_expect(strstr(err.message, part) != NULL, "%s", err.message);
    cr_expect(v.size == 0 && !v.bytes);
}

Test(word_files, bad_texts)
{
    expect_refused("ab c\0d e", 8, 4, "NUL");
    expect_refused("ab c\xe4 e", 7, 4, "not part of UTF-8");
    expect_refused("\xfd"
                   "7zXZ\0 ab",
                   10, 0, "compressed");
    expect_refused("\x1f\x8b ab", 5, 0, "compressed");
    expect_refused("ab ab", 5, -1, "only 1 different word");
    expect_refused("", 0, 0, "empty");
}

Test(word_files, only_the_beginning)
{
    dt_vocabulary v;
    dt_error err;
    const dt_word_options options = {.most = 6};
    cr_assert(eq(int, (int)dt_vocabulary_read_words(file_of("a b a cd e"), &options, &v, &err), DT_OK));
    cr_expect(v.size == 2 && v.count[0] == 2 && v.count[1] == 1);
    dt_vocabulary_free(&v);
}

Test(word_files, rare_words_are_left_out)
{
    dt_vocabulary v = vocabulary_of("\nb a c b\n\nd\nb a <unk> e", 2), none;
    dt_word_ids ids;
    dt_error err;
    cr_expect(eq(i64, v.size, 2));
    cr_expect(v.unknown == -1 && v.end == -1);
    cr_assert(eq(int, (int)dt_word_ids_read(scratch_path("text"), &v, 0, scratch_folder, &ids, &err), DT_OK));
    static const int32_t wanted[] = {0, 1, 0, -1, 0, 1, -1};
    cr_assert(eq(i64, ids.count, 7));
    for (int i = 0; i < 7; i++) cr_expect(eq(i32, ids.id[i], wanted[i]), "%d", i);
    cr_expect(ids.words == 5 && ids.unknown == 4);
    dt_word_ids_free(&ids);
    cr_expect(
        eq(int, (int)dt_word_ids_read(scratch_path("text"), &v, 0, scratch_path("nowhere"), &ids, &err), DT_ERR_IO));
    dt_vocabulary_free(&v);
    cr_expect(eq(int,
                 (int)dt_vocabulary_read_words(scratch_path("text"), &(dt_word_options){.least = 4, .leave_out = true},
                                               &none, &err),
                 DT_ERR_DATA));
    cr_expect(strstr(err.message, "of 6 different words 0 occur 4 times") != NULL, "%s", err.message);
}

/* Where words are left out, none stands for them, even if the text has one of that name. */
Test(word_files, unk_is_a_word)
{
    dt_vocabulary v = vocabulary_of("a <unk> <unk> b a b b", 2);
    dt_vectors vectors;
    dt_error err;
    cr_expect(v.size == 3 && v.unknown == -1);
    cr_expect(dt_vocabulary_id(&v, "c", 1) == -1 && dt_vocabulary_id(&v, "<unk>", 5) >= 0);
    dt_vocabulary_free(&v);
    cr_assert(eq(int, (int)dt_vectors_read(file_of("2 2\n<unk> 1 2\nb 1 2\n"), &vectors, &err), DT_OK));
    cr_expect(dt_vocabulary_id(&vectors.words, "c", 1) == -1);
    dt_vectors_free(&vectors);
}

/* "new york" 4 times of 4: (4 - 2) / (4 * 4) * 16 words = 2; "the new" the same with count 2: 0. */
Test(word_files, phrases)
{
    const char *text = "new york a\nthe new york b\nthe new york c d\nnew york e\n";
    int64_t joined;
    dt_error err;
    const dt_phrase_options options = {2, 1.5};
    cr_assert(eq(int, (int)dt_phrases_write(file_of(text), scratch_path("phrases"), &options, &joined, &err), DT_OK));
    char *got = scratch_read("phrases", NULL);
    cr_expect(eq(str, got, "new_york a\nthe new_york b\nthe new_york c d\nnew_york e\n"));
    cr_expect(eq(i64, joined, 4));
    free(got);
    const dt_phrase_options strict = {2, 2.1};
    cr_assert(eq(int, (int)dt_phrases_write(file_of(text), scratch_path("phrases"), &strict, &joined, &err), DT_OK));
    cr_expect(eq(i64, joined, 0));
    cr_expect(
        eq(int, (int)dt_phrases_write(file_of(text), scratch_path("no/phrases"), &strict, &joined, &err), DT_ERR_IO));
}

/* ---- vectors */

enum { DIMS = 3 };
static const real rows[2 * DIMS] = {(real)0.1, (real)-1e-7, 3, (real)1.0 / 3, 10, (real)-2.5e9};

static void expect_vectors(const char *name)
{
    dt_vectors v;
    dt_error err;
    cr_assert(eq(int, (int)dt_vectors_read(scratch_path(name), &v, &err), DT_OK), "%s", err.message);
    cr_assert(v.words.size == 2 && v.dims == DIMS);
    cr_expect(dt_vocabulary_id(&v.words, "b", 1) == 0 && dt_vocabulary_id(&v.words, "a", 1) == 1);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < DIMS; k++) cr_expect(v.value[i * DIMS + k] == rows[i * DIMS + k], "%d %d", i, k);
    dt_vectors_free(&v);
}

Test(word_files, vectors_come_back)
{
    dt_vocabulary words = vocabulary_of("b b a", 1);
    dt_error err;
    for (int binary = 0; binary < 2; binary++) {
        cr_assert(eq(int, (int)dt_vectors_write(scratch_path("vectors"), binary, &words, DIMS, rows, &err), DT_OK));
        expect_vectors("vectors");
    }
    size_t bytes;
    char *whole = scratch_read("vectors", &bytes);
    memmove(whole + 4 + 2 + 12, whole + 4 + 2 + 13, bytes - 19); /* as programs write it that end no lines */
    scratch_write("vectors", whole, bytes - 1);
    expect_vectors("vectors");
    free(whole);
    cr_expect(eq(int, (int)dt_vectors_write(scratch_path("no/vectors"), true, &words, DIMS, rows, &err), DT_ERR_IO));
    dt_vocabulary_free(&words);
}

/* Each shorter file is refused; only the last line end may be missing. */
Test(word_files, truncated_vectors)
{
    dt_vocabulary words = vocabulary_of("b b a", 1);
    dt_vectors v;
    dt_error err;
    for (int binary = 0; binary < 2; binary++) {
        cr_assert(eq(int, (int)dt_vectors_write(scratch_path("vectors"), binary, &words, DIMS, rows, &err), DT_OK));
        size_t bytes, from = binary ? 2 : 12; /* digits at the end of a text may be missing unseen */
        char *whole = scratch_read("vectors", &bytes);
        for (size_t n = 0; n + from <= bytes; n++) {
            scratch_write("short", whole, n);
            cr_expect(eq(int, (int)dt_vectors_read(scratch_path("short"), &v, &err), DT_ERR_DATA), "%d bytes", (int)n);
            cr_expect(v.value == NULL && v.words.bytes == NULL);
        }
        free(whole);
    }
    dt_vocabulary_free(&words);
}

static void expect_bad(const char *text, const char *part)
{
    dt_vectors v;
    dt_error err;
    cr_expect(eq(int, (int)dt_vectors_read(file_of(text), &v, &err), DT_ERR_DATA), "%s", text);
    cr_expect(strstr(err.message, part) != NULL, "\"%s\": %s", text, err.message);
}

Test(word_files, bad_vectors)
{
    expect_bad("word2vec\na 1 2\n", "does not begin with");
    expect_bad("2\na 1 2\nb 1 2\n", "does not begin with");
    expect_bad("2 0\na\nb\n", "does not begin with");
    expect_bad("2000000000 300\na 1 2\nb 1 2\n", "too short for");
    expect_bad("2 2\na 1 2\nb 1\n", "number is missing");
    expect_bad("2 2\na 1\nb 1 2 3\n", "number is missing");
    expect_bad("2 2\na 1 2 3\nb 1 2\n", "more numbers than");
    expect_bad("2 2\na 1 2\nb 1 nan\n", "not finite");
    expect_bad("2 2\na 1 2\na 1 2\n", "twice");
    expect_bad("2 2\na 1 2\nb 1 2\nc 1 2\n", "goes on after");
    expect_bad("3 2\na 1 2\nb 1 2\n\n\n\n\n\n", "ends after 2 of 3");
}
