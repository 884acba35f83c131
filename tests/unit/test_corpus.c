#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "data/brown.h"
#include "data/corpus.h"
#include "data_files.h"

static dt_corpus text_of(const void *bytes, int64_t count)
{
    dt_corpus c;
    dt_error err;
    cr_assert(eq(int, (int)dt_corpus_copy("text", bytes, count, &c, &err), DT_OK), "%s", err.message);
    return c;
}

Test(corpus, reads_all_bytes_as_they_are)
{
    test_folder f = folder_new();
    const uint8_t bytes[] = {'a', 0, 0xff, '\n', '\r', 0x80};
    dt_corpus c;
    dt_error err;
    cr_assert(eq(int, (int)dt_corpus_read(folder_write(&f, "some.txt", bytes, sizeof bytes), &c, &err), DT_OK));
    cr_expect(eq(i64, c.count, (int64_t)sizeof bytes));
    cr_expect(memcmp(c.bytes, bytes, sizeof bytes) == 0);
    dt_corpus same = text_of(bytes, sizeof bytes);
    cr_expect(strcmp(c.sha256, same.sha256) == 0);
    cr_expect(eq(int, (int)strlen(c.sha256), 64));
    dt_corpus_free(&same);
    dt_corpus_free(&c);
    folder_remove(&f);
}

Test(corpus, refuses_what_is_no_text_file)
{
    test_folder f = folder_new();
    dt_corpus c;
    dt_error err;
    cr_expect(eq(int, (int)dt_corpus_read(folder_write(&f, "empty.txt", "", 0), &c, &err), DT_ERR_DATA));
    cr_expect(strcmp(err.message, "is empty") == 0);
    cr_expect(c.bytes == NULL && c.count == 0);
    cr_expect(eq(int, (int)dt_corpus_read(f.dir, &c, &err), DT_ERR_IO));
    cr_expect(strstr(err.message, "folder") != NULL);
    cr_expect(eq(int, (int)dt_corpus_read("/nowhere/at/all", &c, &err), DT_ERR_IO));
    cr_expect(eq(int, (int)dt_corpus_copy("prime", "", 0, &c, &err), DT_ERR_DATA));
    cr_expect(strcmp(err.path, "prime") == 0);
    folder_remove(&f);
}

/* RFC 3629, table 3-7 of the Unicode standard: the ends of each range, and what lies beyond them. */
Test(corpus, knows_utf8_from_other_bytes)
{
    static const struct {
        const char *bytes;
        int length;
    } good[] = {{"\x7f", 1},
                {"\xc2\x80", 2},
                {"\xdf\xbf", 2},
                {"\xe0\xa0\x80", 3},
                {"\xec\xbf\xbf", 3},
                {"\xed\x9f\xbf", 3},
                {"\xee\x80\x80", 3},
                {"\xef\xbf\xbf", 3},
                {"a", 1},
                {"\xf0\x90\x80\x80", 4},
                {"\xf3\xbf\xbf\xbf", 4},
                {"\xf4\x8f\xbf\xbf", 4}};
    static const char *const bad[] = {"\x80",         "\xbf",         "\xc0\x80",         "\xc1\xbf",
                                      "\xc2",         "\xc2 ",        "\xe0\x9f\xbf",     "\xed\xa0\x80",
                                      "\xe1\x80",     "\xe1\x80 ",    "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80", "\xff\xff\xff", "\xf1\x80\x80",     "\xf1\x80\x80 "};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(eq(int, dt_utf8_length((const uint8_t *)good[i].bytes, good[i].length), good[i].length), "good %zu",
                  i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(eq(int, dt_utf8_length((const uint8_t *)bad[i], (int64_t)strlen(bad[i])), 0), "bad %zu", i);
    cr_expect(eq(int, dt_utf8_length((const uint8_t *)"\xe2\x82\xac", 2), 0)); /* the text ends within it */
}

Test(corpus, tells_where_it_is_not_utf8)
{
    dt_error err;
    dt_corpus c = text_of("na\xc3\xafve \xe9", 8);
    cr_expect(eq(int, (int)dt_corpus_check_utf8(&c, "do this", &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 7));
    cr_expect(strstr(err.message, "e9") != NULL);
    cr_expect(strcmp(err.hint, "do this") == 0);
    c.count = 7;
    cr_expect(eq(int, (int)dt_corpus_check_utf8(&c, "", &err), DT_OK));
    dt_corpus_free(&c);
}

Test(corpus, takes_the_tags_from_the_brown_corpus)
{
    static const char tagged[] = "\n\n\tThe/at cat's/nn$ 1/2/cd ./.\n\n\tIt/pps ran/vbd ./.\n\n\n\tNext/rb\n";
    static const char lines[] = "a/b\nc/d\n\n\n\n e//x";
    test_folder f = folder_new();
    dt_corpus c;
    dt_error err;
    cr_assert(eq(int, (int)dt_corpus_read_brown(folder_write(&f, "b", tagged, sizeof tagged - 1), &c, &err), DT_OK));
    static const char plain[] = "The cat's 1/2 .\nIt ran .\nNext\n";
    cr_expect(eq(i64, c.count, (int64_t)sizeof plain - 1));
    cr_expect(memcmp(c.bytes, plain, sizeof plain - 1) == 0, "%.*s", (int)c.count, (const char *)c.bytes);
    dt_corpus_free(&c);
    cr_assert(eq(int, (int)dt_corpus_read_brown(folder_write(&f, "b", lines, sizeof lines - 1), &c, &err), DT_OK));
    cr_expect(memcmp(c.bytes, "a c\ne/\n", 7) == 0 && c.count == 7, "%.*s", (int)c.count, (const char *)c.bytes);
    dt_corpus_free(&c);
    folder_remove(&f);
}

Test(corpus, refuses_another_corpus_for_brown)
{
    test_folder f = folder_new();
    dt_corpus c;
    dt_error err;
    cr_expect(eq(int, (int)dt_corpus_read_brown(folder_write(&f, "b", "a/b plain c/d", 13), &c, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 4));
    cr_expect(eq(int, (int)dt_corpus_read_brown(folder_write(&f, "b", "a/b /c", 6), &c, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, 4));
    cr_expect(eq(int, (int)dt_corpus_read_brown(folder_write(&f, "b", " \n\n", 3), &c, &err), DT_ERR_DATA));
    cr_expect(c.bytes == NULL);
    folder_remove(&f);
}
