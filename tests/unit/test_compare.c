/* Tables read back, and one measure of several runs. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run/columns.h"
#include "run/compare.h"
#include "scratch.h"

TestSuite(compare, .init = scratch_make, .fini = scratch_remove);

static void write_text(const char *name, const char *text)
{
    scratch_write(name, text, strlen(text));
}

Test(compare, columns_are_read_by_name)
{
    dt_columns t;
    dt_error err = {0};
    write_text("t.tsv", "a\tb\n1\t\nx y\t2\n");
    cr_assert(eq(int, (int)dt_columns_read(scratch_path("t.tsv"), &t, &err), DT_OK), "%s", err.message);
    cr_expect(t.rows == 2 && t.columns == 2 && dt_columns_find(&t, "b") == 1 && dt_columns_find(&t, "c") == -1);
    cr_expect(eq(str, (char *)dt_columns_at(&t, 1, 0), "x y"));
    cr_expect(eq(str, (char *)dt_columns_at(&t, 0, 1), ""));
    dt_columns_free(&t);
}

static void expect_refused(const char *text, const char *why)
{
    dt_columns t;
    dt_error err = {0};
    write_text("bad.tsv", text);
    cr_expect(eq(int, (int)dt_columns_read(scratch_path("bad.tsv"), &t, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, why) != NULL, "%s", err.message);
}

Test(compare, ragged_tables_are_refused)
{
    expect_refused("a\tb\n1\t2\n1\n", "line 3 has not 2 cells");
    expect_refused("a\tb\n1\t2\t3\n", "line 2 has not 2 cells");
    expect_refused("", "no line of column names");
    dt_columns t;
    cr_expect(eq(int, (int)dt_columns_read(scratch_path("absent.tsv"), &t, NULL), DT_ERR_IO));
}

static void make_run(const char *name, const char *config, const char *eval)
{
    char file[64];
    mkdir(scratch_path(name), 0777);
    snprintf(file, sizeof file, "%s/config.json", name);
    write_text(file, config);
    snprintf(file, sizeof file, "%s/eval.tsv", name);
    write_text(file, eval);
}

/* The comparison of the runs a and b, for the caller to free; NULL and *err: none. */
static char *compare(const char *metric, const char *x, dt_error *err)
{
    char a[256], b[256];
    snprintf(a, sizeof a, "%s", scratch_path("a"));
    snprintf(b, sizeof b, "%s", scratch_path("b"));
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const dt_status status = dt_compare(out, (const char *const[]){a, b}, 2, metric, x, err);
    fclose(out);
    if (status == DT_OK) return text;
    free(text);
    return NULL;
}

Test(compare, a_column_of_two_runs)
{
    make_run("a", "{\"flags\": {\"lr\": 0.1, \"batch\": 32}}", "model\tseed\tepoch\terror\nm\t1\t1\t5\nm\t2\t1\t7\n");
    make_run("b", "{\"flags\": {\"lr\": 0.5, \"batch\": 32}}", "model\tseed\tepoch\terror\nm\t1\t1\t4\n");
    dt_error err = {0};
    char *text = compare("error", "epoch", &err);
    cr_assert(text != NULL, "%s", err.message);
    cr_expect(eq(str, text,
                 "panel\tseries\tx\tvalue\nerror\tlr=0.1: m\t1\t5\nerror\tlr=0.1: m\t1\t7\nerror\tlr=0.5: m\t1\t4\n"));
    free(text);
}

/* The time is that of the epoch's last row, the mean over the seeds. */
Test(compare, a_column_against_the_time)
{
    make_run("a", "{}", "model\tseed\tepoch\terror\nm\t1\t1\t5\nm\t2\t1\t7\n");
    make_run("b", "{}", "model\tseed\tepoch\terror\nm\t1\t1\t4\n");
    const char *clock = "model\tseed\tepoch\tseconds\nm\t1\t1\t1\nm\t1\t1\t2\nm\t1\t2\t9\nm\t2\t1\t4\n";
    write_text("a/train.tsv", clock);
    write_text("b/train.tsv", clock);
    dt_error err = {0};
    char *text = compare("error", "seconds", &err);
    cr_assert(text != NULL, "%s", err.message);
    cr_expect(strstr(text, "/a: m\t3\t5\n") && strstr(text, "/a: m\t3\t7\n") && strstr(text, "/b: m\t3\t4\n"), "%s",
              text);
    free(text);
}

Test(compare, a_panel_of_curves)
{
    make_run("a", "{\"flags\": {\"method\": \"x\"}}", "trial\tseed\tclaim\tvalue\n");
    make_run("b", "{\"flags\": {\"method\": null}}", "trial\tseed\tclaim\tvalue\n");
    write_text("a/fig.tsv", "seed\tpanel\tseries\tx\tvalue\n1\tloss\tours\t1\t0.5\n1\tother\tours\t1\t9\n");
    write_text("b/fig.tsv", "seed\tpanel\tseries\tx\tvalue\n1\tloss\tours\t1\t0.25\n");
    dt_error err = {0};
    char *text = compare("loss", "epoch", &err);
    cr_assert(text != NULL, "%s", err.message);
    cr_expect(strstr(text, "loss\tmethod=x: ours\t1\t0.5\n") && !strstr(text, "\t9\n"), "%s", text);
    cr_expect(strstr(text, "/b: ours\t1\t0.25\n") != NULL, "%s", text);
    free(text);
}

Test(compare, what_is_not_there_is_told)
{
    make_run("a", "{}", "model\tseed\tepoch\terror\nm\t1\t1\t5\n");
    make_run("b", "{}", "model\tseed\tepoch\terror\nm\t1\t1\t5\n");
    dt_error err = {0};
    cr_expect(compare("accuracy", "epoch", &err) == NULL);
    cr_expect(eq(int, (int)err.status, DT_ERR_CONFIG));
    cr_expect(eq(str, err.hint, "it has epoch, error"));
    cr_expect(compare("error", "fathoms", &err) == NULL);
    remove(scratch_path("b/config.json"));
    cr_expect(compare("error", "epoch", &err) == NULL);
    cr_expect(eq(int, (int)err.status, DT_ERR_IO));
}
