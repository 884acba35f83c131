#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/atomic.h"
#include "run/record.h"
#include "run/result.h"
#include "scratch.h"

TestSuite(record, .init = scratch_make, .fini = scratch_remove);

static dt_run_record *open_record(const char *name)
{
    dt_error err = {0};
    dt_run_record *record;
    cr_assert(eq(int, (int)dt_record_open(scratch_path(name), "lenet", "lab", &record, &err), DT_OK), "%s",
              err.message);
    return record;
}

static void holds(const char *name, const char *text)
{
    char *got = scratch_read(name, NULL);
    cr_assert(got && strcmp(got, text) == 0, "%s holds \"%s\", not \"%s\"", name, got ? got : "nothing", text);
    free(got);
}

Test(record, makes_its_folders)
{
    dt_run_record *r = open_record("a/b//c/");
    struct stat st;
    cr_assert(stat(scratch_path("a/b/c"), &st) == 0 && S_ISDIR(st.st_mode));
    cr_assert(eq(int, access(scratch_path("a/b/c/.probe"), F_OK), -1));
    dt_record_close(r);
    cr_assert(eq(int, chdir(scratch_folder), 0));
    dt_error err;
    cr_assert(eq(int, (int)dt_record_open(NULL, "lenet", "lab", &r, &err), DT_OK));
    cr_assert(eq(str, (char *)dt_record_folder(r), "runs/lenet/lab"));
    cr_assert(stat(scratch_path("runs/lenet/lab"), &st) == 0);
    char path[64];
    cr_assert(eq(str, (char *)dt_record_path(r, "checkpoint", path, sizeof path), "runs/lenet/lab/checkpoint"));
    dt_record_close(r);
}

Test(record, folder_that_cannot_be)
{
    dt_error err;
    dt_run_record *r;
    scratch_write("file", "x", 1);
    cr_assert(eq(int, (int)dt_record_open(scratch_path("file"), "n", "p", &r, &err), DT_ERR_IO));
    cr_assert(eq(int, (int)dt_record_open(scratch_path("file/below"), "n", "p", &r, &err), DT_ERR_IO));
    cr_assert(strstr(err.hint, "--out") != NULL);
    cr_assert(eq(int, (int)dt_record_open("/proc/ditto", "n", "p", &r, &err), DT_ERR_IO));
    char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    cr_assert(eq(int, (int)dt_record_open(longest, "n", "p", &r, &err), DT_ERR_CONFIG));
    cr_assert(r == NULL);
}

Test(record_as_user, read_only_folder) /* a skipped test runs no .fini: it makes its folder itself */
{
    if (geteuid() == 0) cr_skip_test("root writes in read-only folders");
    scratch_make();
    dt_error err;
    dt_run_record *r;
    mkdir(scratch_path("r"), 0500);
    cr_assert(eq(int, (int)dt_record_open(scratch_path("r"), "n", "p", &r, &err), DT_ERR_IO));
    scratch_remove();
}

Test(record, full_disk_shows_at_the_start)
{
    dt_error err;
    dt_run_record *r;
    mkdir(scratch_path("r"), 0700);
    cr_assert(eq(int, symlink("/dev/full", scratch_path("r/.probe")), 0));
    cr_assert(eq(int, (int)dt_record_open(scratch_path("r"), "n", "p", &r, &err), DT_ERR_IO));
    cr_assert(strstr(err.message, "No space left") != NULL);
}

Test(record, one_run_at_a_time)
{
    dt_error err;
    dt_run_record *second, *r = open_record("r");
    cr_assert(eq(int, (int)dt_record_open(scratch_path("r"), "n", "p", &second, &err), DT_ERR_CONFIG));
    char sentence[80];
    snprintf(sentence, sizeof sentence, "another run, process %ld, is using this folder", (long)getpid());
    cr_assert(eq(str, err.message, sentence));
    dt_record_close(r);
    dt_record_close(open_record("r"));
}

Test(record, lock_ends_with_its_process)
{
    pid_t child = fork();
    if (child == 0) {
        dt_run_record *r;
        _exit(dt_record_open(scratch_path("r"), "n", "p", &r, NULL) == DT_OK ? 7 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    int answer = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    cr_assert(eq(int, answer, 7));
    dt_record_close(open_record("r"));
}

Test(record, table_and_resume)
{
    dt_error err = {0};
    dt_table *t;
    int64_t kept, now;
    dt_run_record *r = open_record("r");
    cr_assert(eq(int, (int)dt_table_open(r, "train.tsv", "step\tloss", 0, &t, &err), DT_OK));
    cr_assert(eq(int, (int)dt_table_row(t, &err, "%d\t%.9g", 1, 0.5), DT_OK));
    holds("r/train.tsv", "step\tloss\n1\t0.5\n"); /* at once, not when it is closed */
    cr_assert(eq(int, (int)dt_table_offset(t, &kept, &err), DT_OK));
    cr_assert(eq(i64, kept, 16));
    dt_table_row(t, &err, "%d\t%.9g", 2, 0.25);
    dt_table_close(t);
    cr_assert(eq(int, (int)dt_table_open(r, "train.tsv", "step\tloss", kept, &t, &err), DT_OK));
    holds("r/train.tsv", "step\tloss\n1\t0.5\n");
    dt_table_row(t, &err, "2\t0.125");
    dt_table_offset(t, &now, &err);
    cr_assert(eq(i64, now, kept + 8));
    dt_table_close(t);
    holds("r/train.tsv", "step\tloss\n1\t0.5\n2\t0.125\n");
    cr_assert(eq(int, (int)dt_table_open(r, "train.tsv", "step\tloss", 0, &t, &err), DT_OK));
    holds("r/train.tsv", "step\tloss\n");
    dt_table_close(t);
    dt_record_close(r);
}

Test(record, resume_of_another_table)
{
    dt_error err;
    dt_table *t;
    dt_run_record *r = open_record("r");
    cr_assert(eq(int, (int)dt_table_open(r, "t.tsv", "a\tb", 9, &t, &err), DT_ERR_IO)); /* there is none */
    scratch_write("r/t.tsv", "a\tb\n1\t2\n", 8);
    cr_assert(eq(int, (int)dt_table_open(r, "t.tsv", "a\tb", 9, &t, &err), DT_ERR_DATA));
    cr_assert(eq(i64, err.offset, 8));
    cr_assert(eq(int, (int)dt_table_open(r, "t.tsv", "a\tc", 8, &t, &err), DT_ERR_DATA));
    cr_assert(strstr(err.message, "header") != NULL);
    cr_assert(eq(int, (int)dt_table_open(r, "t.tsv", "a\tb", 7, &t, &err), DT_ERR_DATA));
    cr_assert(eq(int, (int)dt_table_open(r, "t.tsv", "a\tb", 2, &t, &err), DT_ERR_DATA));
    holds("r/t.tsv", "a\tb\n1\t2\n");
    dt_record_close(r);
}

Test(record, full_disk_loses_no_row_silently)
{
    dt_error err;
    dt_table *t;
    dt_run_record *r = open_record("r");
    cr_assert(eq(int, symlink("/dev/full", scratch_path("r/full.tsv")), 0));
    cr_assert(eq(int, (int)dt_table_open(r, "full.tsv", "a", 0, &t, &err), DT_ERR_IO));
    signal(SIGXFSZ, SIG_IGN);
    cr_assert(eq(int, (int)dt_table_open(r, "t.tsv", "a\tb", 0, &t, &err), DT_OK));
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){10, limit.rlim_max});
    cr_assert(eq(int, (int)dt_table_row(t, &err, "1\t2"), DT_OK));
    cr_assert(eq(int, (int)dt_table_row(t, &err, "3\t4"), DT_ERR_IO)); /* bytes 9 and 10 would fit */
    holds("r/t.tsv", "a\tb\n1\t2\n");
    setrlimit(RLIMIT_FSIZE, &limit);
    cr_assert(eq(int, (int)dt_table_row(t, &err, "5\t6"), DT_OK));
    holds("r/t.tsv", "a\tb\n1\t2\n5\t6\n");
    dt_table_close(t);
    dt_record_close(r);
}

Test(record, config_and_result)
{
    dt_error err = {0};
    dt_claims none = {0};
    dt_run_record *r = open_record("r");
    static const char *const deviations[] = {"softmax instead of RBF"};
    dt_run_info info = {.experiment = "lenet",
                        .title = "digits",
                        .paper = "LeCun 1998",
                        .preset = "lab",
                        .command = "lenet --data \xff",
                        .device = "cpu",
                        .threads = 2,
                        .seconds = 1.5,
                        .dataset = "MNIST",
                        .sha256 = "ab",
                        .deviations = deviations,
                        .n_deviations = 1};
    json_t *flags = json_pack("{s:f}", "lr", 0.1), *config = dt_config_json(&info, flags);
    json_t *result = dt_result_json(&info, &none), *loaded, *set;
    cr_assert(eq(int, (int)dt_record_json(r, "config.json", config, &err), DT_OK));
    cr_assert(eq(int, (int)dt_json_load(scratch_path("r/config.json"), &loaded, &err), DT_OK));
    cr_assert(eq(dbl, json_real_value(json_object_get(json_object_get(loaded, "flags"), "lr")), 0.1));
    cr_assert(json_string_length(json_object_get(loaded, "compiler")) > 0);
    cr_assert(json_string_length(json_object_get(loaded, "cpu")) > 0);
    cr_assert(json_object_get(loaded, "instructions") == json_null());
    json_decref(loaded);
    cr_assert(eq(int, (int)dt_record_json(r, "result.json", result, &err), DT_OK));
    holds("r/result.json", "{\n  \"experiment\": \"lenet\",\n  \"title\": \"digits\",\n  \"paper\": \"LeCun 1998\",\n  "
                           "\"preset\": \"lab\",\n  \"device\": \"cpu\",\n  \"threads\": 2,\n"
                           "  \"seconds\": 1.5,\n  \"command\": \"lenet --data ?\",\n  \"version\": \"0.1.0\",\n"
                           "  \"dataset\": {\n    \"name\": \"MNIST\",\n    \"sha256\": \"ab\"\n  },\n"
                           "  \"deviations\": [\n    \"softmax instead of RBF\"\n  ],\n  \"claims\": []\n}\n");
    cr_assert(eq(int, symlink("/dev/full", scratch_path("r/result.json.tmp")), 0));
    cr_assert(eq(int, (int)dt_record_json(r, "result.json", config, &err), DT_ERR_IO));
    cr_assert(eq(int, (int)dt_json_load(scratch_path("r/result.json"), &loaded, &err), DT_OK));
    cr_assert(json_equal(loaded, result));
    json_decref(loaded);
    json_decref(config);
    json_decref(result);
    info.second = "CIFAR-10", info.second_sha256 = "cd";
    config = dt_config_json(&info, flags), result = dt_result_json(&info, &none);
    for (int i = 0; i < 2; i++) {
        set = json_object_get(i ? config : result, "second_dataset");
        cr_assert(set != NULL);
        cr_expect(eq(str, (char *)json_string_value(json_object_get(set, "name")), "CIFAR-10"));
        cr_expect(eq(str, (char *)json_string_value(json_object_get(set, "sha256")), "cd"));
    }
    json_decref(flags);
    json_decref(config);
    json_decref(result);
    dt_record_close(r);
}

Test(record, json_that_is_none)
{
    dt_error err;
    json_t *json;
    cr_assert(eq(int, (int)dt_json_load(scratch_path("absent"), &json, &err), DT_ERR_IO));
    scratch_write("j", "{\"a\": }", 7);
    cr_assert(eq(int, (int)dt_json_load(scratch_path("j"), &json, &err), DT_ERR_DATA));
    scratch_write("j", "[1]", 3);
    cr_assert(eq(int, (int)dt_json_load(scratch_path("j"), &json, &err), DT_ERR_DATA));
    cr_assert(json == NULL);
}

static void quiet(const char *sentence)
{
    (void)sentence;
}

/* Whether the row aborts a program, tried on a copy of this one. */
static bool misused(dt_table *t, const char *row)
{
    pid_t child = fork();
    if (child == 0) {
        dt_set_misuse_handler(quiet);
        dt_table_row(t, NULL, "%s", row);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

Test(record, rows_have_the_columns_of_the_header)
{
    dt_table *t;
    dt_run_record *r = open_record("r");
    cr_assert(eq(int, (int)dt_table_open(r, "t.tsv", "a\tb", 0, &t, NULL), DT_OK));
    cr_assert(misused(t, "1"));
    cr_assert(misused(t, "1\t2\t3"));
    cr_assert(misused(t, "1\t2\n"));
    cr_assert(not(misused(t, "1\t2")));
    holds("r/t.tsv", "a\tb\n1\t2\n");
    dt_table_close(t);
    dt_record_close(r);
}
