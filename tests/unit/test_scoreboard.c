/* The scoreboard's documents, from two records made here. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "run/scoreboard_page.h"
#include "scratch.h"

TestSuite(scoreboard, .init = scratch_make, .fini = scratch_remove);

#define CLAIM(what, published, values, mean, verdict)                                              \
    "{\"what\": \"" what                                                                           \
    "\", \"unit\": \"%\", \"marks\": \"V\", \"source\": \"Paper 1998\", \"published\": " published \
    ", \"band\": [0.5, 1], \"values\": " values ", \"mean\": " mean ", \"ci95\": null, \"verdict\": \"" verdict "\"}"
#define RECORD(name, preset, claims)                                                                  \
    "{\"experiment\": \"" name "\", \"title\": \"how " name                                           \
    " does\", \"paper\": \"Paper & Co 1998, Its 9 pages; Other 2001\", \"preset\": \"" preset         \
    "\", \"device\": \"cpu\", \"threads\": 2, \"seconds\": 90, \"command\": \"make experiments/" name \
    "\", \"version\": \"1.2\", \"dataset\": {\"name\": null}, \"claims\": [" claims "]}"

static const char *const one = RECORD(
    "one", "lab",
    CLAIM("shown", "9", "[7]", "7", "no claim") ", " CLAIM(
        "a | b < c", "0.9", "[0.75]", "0.75", "reproduced") ", " CLAIM("unmeasured", "1", "[]", "null", "no claim"));
static const char *const one_paper = RECORD("one", "paper", CLAIM("long", "0.9", "[0.8]", "0.8", "reproduced"));
static const char *const two = RECORD("two", "lab", CLAIM("missed", "null", "[2]", "2", "not reproduced"));

static dt_score score_of(const char *text)
{
    dt_score score;
    dt_error err = {0};
    scratch_write("result.json", text, strlen(text));
    cr_assert(eq(int, (int)dt_score_read(scratch_path("result.json"), &score, &err), DT_OK), "%s", err.message);
    return score;
}

/* What `write` writes about all three records, for the caller to free. */
static char *document(void (*write)(FILE *out, const dt_score *scores, int n))
{
    dt_score scores[] = {score_of(one), score_of(one_paper), score_of(two)};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    write(out, scores, 3);
    fclose(out);
    for (int i = 0; i < 3; i++) dt_score_free(&scores[i]);
    return text;
}

static int times(const char *text, const char *part)
{
    int n = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) n++;
    return n;
}

Test(scoreboard, results_show_every_claim_that_was_measured)
{
    char *text = document(dt_scoreboard_results);
    cr_expect(times(text, "Of 3 claims 2 are reproduced, 0 close, 1 not reproduced; 1 more numbers") == 1, "%s", text);
    cr_expect(times(text, "\n## one, lab\n\nPaper & Co 1998, Its 9 pages; Other 2001: how one does.\n") == 1, "%s",
              text);
    cr_expect(times(text, "`make experiments/one`: 1 min 30 s on cpu, 2 threads; data: none; version 1.2; ") == 2);
    cr_expect(times(text, "\n| a \\| b \\< c (%) | 0.9 | 0.75 (1 seed) | 0.5 to 1.0 | reproduced | Paper 1998 |\n") ==
                  1,
              "%s", text);
    cr_expect(times(text, "\n| missed (%) | - | 2 (1 seed) | 0.5 to 1.0 | not reproduced | Paper 1998 |\n") == 1);
    cr_expect(times(text, "unmeasured") == 0);
    free(text);
}

Test(scoreboard, terminal_has_one_table)
{
    char *text = document(dt_scoreboard_terminal);
    cr_expect(times(text, "what") == 1 && times(text, "one: a | b < c (%)  0.9 ") == 1, "%s", text);
    cr_expect(times(text, "two: missed (%) ") == 1);
    cr_expect(times(text, "\n\nOf 3 claims 2 are reproduced, ") == 1);
    free(text);
}

Test(scoreboard, overview_has_one_row_for_each_experiment)
{
    char *text = document(dt_scoreboard_overview);
    static const char golden[] =
        "| experiment | what is reproduced | paper | for one | published | ours | claims reproduced | time |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| [one](experiments/one/README.md) | how one does | Paper & Co 1998; Other 2001 | a \\| b \\< c (%) | 0.9 | "
        "0.75 (1 seed) | 1 of 1 | 1 min 30 s |\n"
        "| [two](experiments/two/README.md) | how two does | Paper & Co 1998; Other 2001 | missed (%) | - | 2 (1 seed) "
        "| 0 of 1 | 1 min 30 s |\n";
    cr_expect(eq(str, text, (char *)golden));
    free(text);
}

Test(scoreboard, verdicts_are_counted)
{
    char *text = document(dt_scoreboard_verdicts);
    static const char golden[] = "record\treproduced\tclose\tmissed\tunclaimed\none, lab\t1\t0\t0\t1\n"
                                 "one, paper\t1\t0\t0\t0\ntwo, lab\t0\t0\t1\t0\n";
    cr_expect(eq(str, text, (char *)golden));
    free(text);
}

Test(scoreboard, rows_of_the_page_carry_their_numbers)
{
    char *text = document(dt_page_rows);
    cr_expect(times(text, "<tr>") == 4 && times(text, "</tr>") == 4);
    cr_expect(times(text,
                    "<td>a | b &lt; c (%)</td><td data-value=\"0.9\">0.9</td><td data-value=\"0.75\">0.75 (1 seed)</td>"
                    "<td data-value=\"0.5\">0.5 to 1.0</td><td><span class=\"verdict reproduced\">reproduced</span>") ==
                  1,
              "%s", text);
    cr_expect(times(text, "<td data-value=\"\">-</td>") == 1, "no published number");
    cr_expect(times(text, "<span class=\"verdict not\">not reproduced</span>") == 1);
    free(text);
}

Test(scoreboard, head_and_counts_of_the_page)
{
    char *text = document(dt_page_counts);
    cr_expect(times(text, "<b>2</b> <span class=\"verdict reproduced\">") == 1, "%s", text);
    cr_expect(times(text, "<b>0</b> <span class=\"verdict close\">") == 1);
    cr_expect(times(text, "<b>1</b> <span class=\"verdict none\">") == 1);
    free(text);
    text = document(dt_page_head);
    cr_expect(times(text, "<h2>one: how one does</h2>\n<p>Paper &amp; Co 1998, Its 9 pages; Other 2001</p>\n<p>lab, 1 "
                          "min 30 s on cpu, 2 threads, version 1.2") == 1,
              "%s", text);
    free(text);
}

static void expect_refused(const char *text, const char *why)
{
    dt_score score;
    dt_error err = {0};
    scratch_write("bad.json", text, strlen(text));
    cr_expect(eq(int, (int)dt_score_read(scratch_path("bad.json"), &score, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, why) && strstr(err.path, "bad.json"), "%s", err.message);
    cr_expect(strstr(err.hint, "run the experiment again") != NULL);
}

Test(scoreboard, records_that_lack_something_are_refused)
{
    expect_refused("{\"experiment\": \"old\"}", "title");
    expect_refused(RECORD("one", "lab", "{\"what\": \"nothing else\"}"), "a claim lacks a field");
    dt_score score;
    dt_error err = {0};
    cr_expect(eq(int, (int)dt_score_read(scratch_path("absent.json"), &score, &err), DT_ERR_IO));
}
