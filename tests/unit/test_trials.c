/* Trials that are interrupted in their middle: two runs of one experiment, in one of which ^C comes at some step. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/trials.h"
#include "scratch.h"

/* Where the tests run in the background, ^C is ignored, and programs leave that as it is. */
static void begin(void)
{
    scratch_make();
    signal(SIGINT, SIG_DFL);
}

TestSuite(trials, .init = begin, .fini = scratch_remove);

enum { STEPS = 12, NEVER = 1000 };
static int stop_at, steps_taken, begun; /* steps_taken: in this run of the program, over all trials */
static bool keeps;

/* Adds up numbers; each step writes a row, and a value in its middle and at its end. */
static dt_status add_up(dt_trial *trial, dt_error *err)
{
    struct {
        int64_t step;
        double sum;
    } at = {0, (double)dt_trial_seed(trial)};
    const dt_blob blob = {"at", &at, sizeof at};
    dt_status status = dt_trial_kept(trial) ? dt_trial_load(trial, &blob, 1, err) : DT_OK;
    begun += at.step == 0;
    while (status == DT_OK && at.step < STEPS) {
        at.sum = at.sum * 1.1 + (double)at.step++;
        status = dt_trial_row(trial, err, "%d\t%.17g", (int)at.step, at.sum);
        if (status == DT_OK && at.step == STEPS / 2) status = dt_trial_value(trial, "novikoff", at.sum, err);
        if (++steps_taken == stop_at) raise(SIGINT);
        const bool stopped = dt_trial_stopped(trial);
        if (status == DT_OK && keeps) status = dt_trial_keep(trial, &blob, 1, err);
        if (stopped) return status;
    }
    return status == DT_OK ? dt_trial_value(trial, "novikoff", at.sum, err) : status;
}

static const dt_trial_plan plans[] = {{"first", "first", "step\tsum", add_up, .work = {1, 1, 1}},
                                      {"second", "second", "step\tsum", add_up, .work = {1, 1, 1}}};
static const dt_figure figures[] = {{0}};

/* It borrows the published numbers of another experiment, of which it needs one. */
static const dt_trials experiment = {.about = {.name = "perceptron",
                                               .title = "adding up",
                                               .paper = "none",
                                               .expected = {"a sum", "a sum", "a sum"},
                                               .seeds = {2, 2, 2},
                                               .deviations = (const char *const[]){NULL}},
                                     .trials = plans,
                                     .n_trials = 2,
                                     .figures = figures};

/* Returns the exit status of the program, whose words go nowhere. */
static int run(const char *folder, int stop)
{
    char out[256];
    snprintf(out, sizeof out, "%s", scratch_path(folder));
    char *const argv[] = {"adding", "--preset", "smoke", "--quiet", "--resume", "--out", out, NULL};
    stop_at = stop, steps_taken = begun = 0;
    fflush(stdout);
    const int screen = dup(1);
    cr_assert(freopen("/dev/null", "w", stdout) != NULL);
    const int status = dt_trials_main(&experiment, 7, argv);
    fflush(stdout);
    dup2(screen, 1);
    close(screen);
    return status;
}

static void expect_same(const char *a, const char *b, const char *file)
{
    char name[2][64];
    size_t bytes[2];
    snprintf(name[0], sizeof name[0], "%s/%s", a, file);
    snprintf(name[1], sizeof name[1], "%s/%s", b, file);
    char *text[2] = {scratch_read(name[0], &bytes[0]), scratch_read(name[1], &bytes[1])};
    cr_assert(text[0] && text[1], "%s", file);
    cr_expect(bytes[0] == bytes[1] && memcmp(text[0], text[1], bytes[0]) == 0, "%s differs in %s", file, b);
    free(text[0]);
    free(text[1]);
}

static void expect_same_run(const char *a, const char *b)
{
    static const char *const files[] = {"first.tsv", "second.tsv", "eval.tsv", "checkpoint"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) expect_same(a, b, files[i]);
}

Test(trials, go_on_in_their_middle)
{
    keeps = true;
    cr_assert(eq(int, run("whole", NEVER), 0));
    cr_expect(eq(int, steps_taken, 4 * STEPS)); /* two trials with two seeds */
    for (int stop = 1; stop < 4 * STEPS; stop += 5) {
        char folder[32];
        snprintf(folder, sizeof folder, "stop%d", stop);
        cr_expect(eq(int, run(folder, stop), 130));
        cr_expect(eq(int, run(folder, NEVER), 0));
        cr_expect(eq(int, steps_taken, 4 * STEPS - stop), "nothing is computed twice");
        expect_same_run("whole", folder);
    }
    /* again and again */
    for (int i = 0; i < 6; i++) cr_expect(eq(int, run("often", 7), 130));
    cr_expect(eq(int, run("often", NEVER), 0));
    expect_same_run("whole", "often");
}

/* What was written after the last time that a trial was kept is written again: here only the first step is kept. */
Test(trials, go_on_from_where_they_were_kept)
{
    keeps = true;
    cr_assert(eq(int, run("whole", NEVER), 0));
    cr_expect(eq(int, run("broken", 1), 130));
    keeps = false;
    cr_expect(eq(int, run("broken", 8), 130));
    cr_expect(eq(int, begun, 0));
    keeps = true;
    cr_expect(eq(int, run("broken", NEVER), 0));
    cr_expect(eq(int, steps_taken, 4 * STEPS - 1));
    expect_same_run("whole", "broken");
}

Test(trials, that_are_not_kept_begin_anew)
{
    keeps = false;
    cr_assert(eq(int, run("whole", NEVER), 0));
    for (int stop = 2; stop < 4 * STEPS; stop += 9) {
        cr_expect(eq(int, run("broken", stop), 130));
        cr_expect(eq(int, run("broken", NEVER), 0));
        cr_expect(eq(int, steps_taken, 4 * STEPS - stop / STEPS * STEPS));
        expect_same_run("whole", "broken");
    }
}
