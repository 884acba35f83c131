#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <signal.h>
#include <string.h>

#include "core/error.h"
#include "misuse.h"

static char *text(const dt_error *err)
{
    static char buf[1000];
    dt_error_text(err, buf, sizeof buf);
    return buf;
}

Test(error, the_parts_of_the_sentence)
{
    dt_error err;
    cr_expect(eq(int,
                 (int)dt_error_set(&err, DT_ERR_DATA, "train.idx", 16, "fetch it again", "label %d is above %d", 12, 9),
                 DT_ERR_DATA));
    cr_expect(eq(int, (int)err.status, DT_ERR_DATA));
    cr_expect(eq(str, text(&err), "train.idx: offset 16: label 12 is above 9; fetch it again"));
    dt_error_set(&err, DT_ERR_DATA, "train.idx", 0, NULL, "empty");
    cr_expect(eq(str, text(&err), "train.idx: offset 0: empty"));
    dt_error_set(&err, DT_ERR_IO, "train.idx", -1, NULL, "no such file");
    cr_expect(eq(str, text(&err), "train.idx: no such file"));
    dt_error_set(&err, DT_ERR_CONFIG, NULL, -1, "lower it", "the rate is too high");
    cr_expect(eq(str, text(&err), "the rate is too high; lower it"));
    /* An offset in no file says nothing. */
    dt_error_set(&err, DT_ERR_CONFIG, NULL, 5, "", "wrong");
    cr_expect(eq(str, text(&err), "wrong"));
}

Test(error, nobody_need_ask)
{
    cr_expect(eq(int, (int)dt_error_set(NULL, DT_ERR_SYSTEM, NULL, -1, NULL, "out of memory"), DT_ERR_SYSTEM));
}

Test(error, long_texts_are_cut)
{
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    dt_error err;
    dt_error_set(&err, DT_ERR_DATA, longer, 1, longer, "%s", longer);
    cr_expect(eq(sz, strlen(err.message), sizeof err.message - 1));
    cr_expect(eq(sz, strlen(err.path), sizeof err.path - 1));
    cr_expect(eq(sz, strlen(err.hint), sizeof err.hint - 1));
    char buf[1200], small[10];
    dt_error_text(&err, buf, sizeof buf);
    cr_expect(strlen(buf) > sizeof err.message + sizeof err.path + sizeof err.hint - 3, "%zu characters", strlen(buf));
    dt_error_text(&err, small, sizeof small);
    cr_expect(eq(str, small, "xxxxxxxxx"));
}

Test(error, misuse_names_the_place_of_the_call)
{
    EXPECT_MISUSE("width 3, must be 5", dt_misuse("width %d, must be %d", 3, 5));
    cr_expect(eq(str, misuse_sentence, "width 3, must be 5"), "without a place there is none in the sentence");
    dt_at("model.c", 42);
    EXPECT_MISUSE("width 3, must be 5 (called at model.c:42)", dt_misuse("width %d, must be %d", 3, 5));
}

Test(error, misuse_of_any_length)
{
    char longer[3000];
    memset(longer, 'y', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    dt_at("model.c", 42);
    EXPECT_MISUSE("yyyy", dt_misuse("%s", longer));
    cr_expect(strlen(misuse_sentence) <= 1023);
}

Test(error, require_lets_the_right_pass)
{
    static int evaluated;
    DT_REQUIRE(++evaluated == 1, "never");
    cr_expect(eq(int, evaluated, 1));
    EXPECT_MISUSE("always 1", DT_REQUIRE(++evaluated == 1, "always %d", 1));
    cr_expect(eq(int, evaluated, 2));
}

static void note(const char *sentence)
{
    (void)sentence;
}

Test(error, handlers_follow_each_other)
{
    cr_expect(dt_set_misuse_handler(note) == NULL);
    cr_expect(dt_set_misuse_handler(misuse_catch) == note);
    cr_expect(dt_set_misuse_handler(NULL) == misuse_catch);
    cr_expect(dt_set_misuse_handler(NULL) == NULL);
}

Test(error, misuse_prints_and_aborts, .init = cr_redirect_stderr, .signal = SIGABRT)
{
    dt_misuse("this is misuse");
}

Test(error, misuse_aborts_though_the_handler_returns, .signal = SIGABRT)
{
    dt_set_misuse_handler(note);
    dt_misuse("this is misuse");
}
