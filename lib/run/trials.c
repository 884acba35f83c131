#include "run/trials_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/columns.h"
#include "run/interrupt.h"

/* ---- what the trials ask for */

uint64_t dt_trial_seed(const dt_trial *t)
{
    return t->jobs[t->now].seed;
}

bool dt_trial_first(const dt_trial *t)
{
    return dt_trial_seed(t) == (uint64_t)dt_flag_int(t->program.flags, "seed");
}

dt_preset dt_trial_preset(const dt_trial *t)
{
    return t->program.preset;
}

const dt_flags *dt_trial_flags(const dt_trial *t)
{
    return t->program.flags;
}

int64_t dt_trial_int(const dt_trial *t, const char *name, int64_t preset)
{
    int64_t value = dt_flag_int(t->program.flags, name);
    return value ? value : preset;
}

double dt_trial_real(const dt_trial *t, const char *name, double preset)
{
    double value = dt_flag_real(t->program.flags, name);
    return value != 0 ? value : preset;
}

const dt_backend *dt_trial_backend(const dt_trial *t)
{
    return t->program.backend;
}

const dt_images *dt_trial_images(const dt_trial *t)
{
    const bool second = t->jobs[t->now].plan->second;
    DT_REQUIRE(second || t->program.dataset, "dt_trial_images: %s has no data set", t->program.about->name);
    return second ? &t->program.second : &t->program.train;
}

dt_status dt_trial_exam(const dt_trial *t, dt_images *exam, dt_error *err)
{
    DT_REQUIRE(t->program.dataset && !t->jobs[t->now].plan->second, "dt_trial_exam: %s has no data set for this trial",
               t->program.about->name);
    return dt_program_exam(&t->program, exam, err);
}

const char *dt_trial_text_path(const dt_trial *t, const char *file, char *buf, size_t size)
{
    const dt_trial_plan *plan = t->jobs[t->now].plan;
    DT_REQUIRE(plan->text, "dt_trial_text_path: the trial %s has no text", plan->id);
    return dt_program_text_path(&t->program, plan->text, file, buf, size);
}

const char *dt_trial_exam_path(const dt_trial *t, const char *file, char *buf, size_t size)
{
    const dt_trial_plan *plan = t->jobs[t->now].plan;
    DT_REQUIRE(plan->exam, "dt_trial_exam_path: the trial %s has no texts for an exam", plan->id);
    return dt_program_text_path(&t->program, plan->exam, file, buf, size);
}

dt_status dt_trial_row(dt_trial *t, dt_error *err, const char *format, ...)
{
    char row[1024];
    va_list args;
    DT_REQUIRE(t->table, "dt_trial_row: the trial %s has no table", t->jobs[t->now].plan->id);
    va_start(args, format);
    int size = vsnprintf(row, sizeof row, format, args);
    va_end(args);
    DT_REQUIRE(size < (int)sizeof row, "dt_trial_row: a row of %d bytes", size);
    return dt_table_row(t->table, err, "%s", row);
}

dt_status dt_trial_point(dt_trial *t, const char *panel, const char *series, double x, double value, dt_error *err)
{
    return dt_trial_row(t, err, "%llu\t%s\t%s\t%.6g\t%.6g", (unsigned long long)dt_trial_seed(t), panel, series, x,
                        value);
}

dt_status dt_trial_sheet(dt_trial *t, dt_sheet *sheet, dt_error *err)
{
    DT_REQUIRE(dt_trial_first(t), "dt_trial_sheet: only the first seed's run writes sheets");
    return dt_sheet_close(sheet, t->program.record, err);
}

dt_status dt_trial_buffer(dt_trial *t, dt_buffer *b, dt_error *err)
{
    DT_REQUIRE(dt_trial_first(t), "dt_trial_buffer: only the first seed's run writes files");
    return dt_buffer_write(b, t->program.record, err);
}

const char *dt_trial_path(const dt_trial *t, const char *name, char *buf, size_t size)
{
    DT_REQUIRE(dt_trial_first(t), "dt_trial_path: only the first seed's run writes files");
    return dt_record_path(t->program.record, name, buf, size);
}

const char *dt_trial_folder(const dt_trial *t)
{
    return dt_record_folder(t->program.record);
}

dt_status dt_trial_value(dt_trial *t, const char *id, double value, dt_error *err)
{
    return dt_table_row(t->eval, err, "%s\t%llu\t%s\t%.10g", t->jobs[t->now].plan->id,
                        (unsigned long long)dt_trial_seed(t), id, value);
}

dt_status dt_trial_values(dt_trial *t, const dt_trial_result *results, dt_error *err)
{
    dt_status status = DT_OK;
    for (; results->id && status == DT_OK; results++) status = dt_trial_value(t, results->id, results->value, err);
    return status;
}

static double work_before(const dt_trial *t, int end)
{
    double work = 0;
    for (int i = 0; i < end; i++) work += (double)t->jobs[i].plan->work[t->program.preset];
    return work;
}

void dt_trial_progress(dt_trial *t, double done, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const dt_trial_plan *plan = t->jobs[t->now].plan;
    const double work = work_before(t, t->now) + done * (double)plan->work[t->program.preset];
    if (t->amid && !t->skipped) {
        dt_progress_skip(&t->program.progress, work);
        t->skipped = true;
    }
    dt_progress_update(&t->program.progress, work, "%s, seed %llu  %s", plan->title,
                       (unsigned long long)dt_trial_seed(t), text);
}

void dt_trial_say(dt_trial *t, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dt_progress_part_done(&t->program.progress, "%s", text);
}

void dt_trial_warn(dt_trial *t, const char *format, ...)
{
    va_list args;
    dt_progress_end(&t->program.progress);
    fprintf(stderr, "%s: ", t->program.about->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
}

bool dt_trial_stopped(const dt_trial *t)
{
    (void)t;
    return dt_interrupted();
}

/* ---- one trial after another */

static dt_status run_job(dt_trial *t, dt_error *err)
{
    const dt_trial_job *j = &t->jobs[t->now];
    dt_status status = dt_trials_begin(t, err);
    if (status == DT_OK) status = j->plan->run(t, err);
    if (status != DT_OK || dt_interrupted()) return status;
    double seconds = dt_seconds() - t->program.start;
    status = dt_table_row(t->times, err, "%s\t%llu\t%010.3f", j->plan->id, (unsigned long long)j->seed, seconds);
    dt_progress_part_done(&t->program.progress, "%s, seed %llu: done in %.1f s", j->plan->title,
                          (unsigned long long)j->seed, seconds - t->last_seconds);
    t->last_seconds = seconds;
    t->now++;
    t->amid = NULL;
    return status == DT_OK ? dt_trials_save(t, NULL, 0, err) : status;
}

static dt_status run_jobs(dt_trial *t, bool *stopped, dt_error *err)
{
    dt_program *p = &t->program;
    dt_checkpoint *ck;
    dt_status status = dt_program_unfinished(p, &ck, err);
    if (status == DT_OK) status = dt_trials_resume(t, ck, err);
    if (status == DT_OK) status = dt_program_config(p, err);
    if (status == DT_OK) {
        dt_interrupt_begin();
        t->last_seconds = dt_seconds() - p->start;
        dt_progress_start(&p->progress, stdout, dt_flag_on(p->flags, "quiet"), work_before(t, t->now),
                          work_before(t, t->n_jobs));
        while (status == DT_OK && t->now < t->n_jobs && !dt_interrupted()) status = run_job(t, err);
        *stopped = t->now < t->n_jobs && dt_interrupted();
        dt_progress_end(&p->progress);
        dt_interrupt_end();
    }
    if (ck) dt_checkpoint_close(ck);
    return status;
}

/* ---- the end */

static dt_status read_values(const dt_trial *t, dt_claims *claims, dt_error *err)
{
    char path[1024];
    dt_columns table;
    int64_t claim, value;
    dt_status status = dt_columns_read(dt_record_path(t->program.record, "eval.tsv", path, sizeof path), &table, err);
    if (status != DT_OK) return status;
    status = dt_columns_need(&table, path, "claim", &claim, err);
    if (status == DT_OK) status = dt_columns_need(&table, path, "value", &value, err);
    for (int64_t i = 0; i < table.rows && status == DT_OK; i++)
        dt_claims_add(claims, dt_columns_at(&table, i, claim), dt_columns_number(&table, i, value));
    dt_columns_free(&table);
    return status;
}

static bool computed(const dt_trial *t, const char *id, size_t length)
{
    for (int i = 0; i < t->n_jobs; i++) {
        const char *own = t->jobs[i].plan->id;
        if (strlen(own) == length && memcmp(own, id, length) == 0) return true;
    }
    return false;
}

/* The tables of those trials of the figure that were computed, with blanks between, into buf; empty: there are none. */
static const char *tables_of(const dt_trial *t, const dt_figure *f, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = 0;
    for (const char *id = f->trial; *id; id += strspn(id, " ")) {
        const size_t length = strcspn(id, " ");
        if (computed(t, id, length) && used < size)
            used += (size_t)snprintf(buf + used, size - used, "%s%.*s.tsv", used ? " " : "", (int)length, id);
        id += length;
    }
    DT_REQUIRE(used < size, "figure %s has too many trials", f->name);
    return buf;
}

static dt_status list_figures(const dt_trial *t, const dt_claims *claims, dt_error *err)
{
    dt_buffer bars, list;
    dt_buffer_open(&bars, "claims.tsv");
    dt_claims_bars(bars.file, claims);
    dt_status status = dt_buffer_write(&bars, t->program.record, err);
    dt_buffer_open(&list, "figures.tsv");
    fprintf(list.file, "figure\tscript\tdata\ttitle\toptions\n");
    for (const dt_figure *f = t->experiment->figures; f->name; f++) {
        char tables[256] = "";
        if (f->trial && !*tables_of(t, f, tables, sizeof tables)) continue;
        fprintf(list.file, "%s\t%s\t%s\t%s\t%s\n", f->name, f->script, f->data ? f->data : tables, f->title,
                f->options ? f->options : "");
    }
    const dt_status listed = dt_buffer_write(&list, t->program.record, err);
    return status == DT_OK ? listed : status;
}

static dt_status report(dt_trial *t, bool finished, dt_error *err)
{
    dt_claims *claims;
    json_t *result = NULL;
    dt_status status = dt_program_claims(&t->program, &claims, err);
    if (status != DT_OK) return status;
    status = read_values(t, claims, err);
    if (status == DT_OK) status = dt_program_report(&t->program, claims, finished, &result, err);
    if (status == DT_OK && finished) status = list_figures(t, claims, err);
    if (status == DT_OK && !finished)
        printf("\ninterrupted: %d of %d trials are done; go on with: %s\n", t->now, t->n_jobs, t->program.command);
    json_decref(result);
    dt_claims_free(claims);
    return status;
}

/* ---- the program */

static const dt_flag trial_flags[] = {
    {"trial", DT_FLAG_TEXT, NULL, 0, 0, NULL, "compute only this trial (the ids are in the table below)", "run", true},
    {0}};

static void help(const dt_trial *t)
{
    char usage[128];
    snprintf(usage, sizeof usage, "%s [FLAGS]", t->program.about->name);
    dt_program_help(&t->program, usage);
    printf("\ntrials:\n");
    const dt_trial_plan *trials = t->experiment->trials;
    for (int i = 0; i < t->experiment->n_trials; i++)
        if (i == 0 || strcmp(trials[i].id, trials[i - 1].id) != 0)
            printf("  %-16s %s%s%s\n", trials[i].id, trials[i].title, trials[i].data ? ", with --" : "",
                   trials[i].data ? trials[i].data : "");
    printf("\nexit status: 0 done, 1 file or data, 2 flags, 3 not a number, 130 interrupted\n");
}

static int run(dt_trial *t, int argc, char *const argv[], dt_error *err)
{
    dt_program *p = &t->program;
    dt_status status = dt_trials_read(t, err);
    if (status != DT_OK) return dt_program_complain(p, err, DT_EXIT_WORLD);
    for (const dt_flag *f = t->experiment->flags; f && f->name; f++)
        if (f->recorded && dt_flag_given(p->flags, f->name)) p->info.claims = false;
    dt_program_describe(p, argc, argv);
    if (!dt_flag_on(p->flags, "quiet")) dt_program_introduce(p);
    if (dt_flag_on(p->flags, "dry-run")) {
        printf("dry run: %d trials, nothing written\n", t->n_jobs);
        return 0;
    }
    fflush(stdout);
    if (dt_program_open(p, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_WORLD);
    bool stopped = false;
    status = run_jobs(t, &stopped, err);
    if (status != DT_OK) {
        bool broke_down = status == DT_ERR_DATA && !err->path[0];
        return dt_program_complain(p, err, broke_down ? DT_EXIT_NUMERICAL : DT_EXIT_WORLD);
    }
    if (report(t, !stopped, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_WORLD);
    return stopped ? DT_EXIT_INTERRUPTED : 0;
}

/* Whether one of the flags that ask was given. */
static bool asked(const dt_trial *t)
{
    char name[64];
    for (const char *at = t->experiment->question; at && *at;) {
        const size_t n = strcspn(at, "|");
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        if (dt_flag_given(t->program.flags, name)) return true;
        at += n + (at[n] == '|');
    }
    return false;
}

static int start(dt_trial *t, int argc, char *const argv[], dt_error *err)
{
    dt_program *p = &t->program;
    const dt_flag *own[] = {trial_flags, t->experiment->flags};
    if (dt_program_flags(p, own, t->experiment->flags ? 2 : 1, false, argc, argv, err) != DT_OK)
        return dt_program_complain(p, err, DT_EXIT_FLAGS);
    if (dt_flag_on(p->flags, "help")) return help(t), 0;
    if (dt_flag_on(p->flags, "version")) return dt_program_version(p), 0;
    if (dt_trials_plan(t, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_FLAGS);
    if (dt_program_device(p, err) != DT_OK) return dt_program_complain(p, err, DT_EXIT_WORLD);
    if (dt_flag_on(p->flags, "report"))
        return dt_program_report_again(p, err) == DT_OK ? 0 : dt_program_complain(p, err, DT_EXIT_WORLD);
    if (asked(t)) return t->experiment->answer(p, err) == DT_OK ? 0 : dt_program_complain(p, err, DT_EXIT_WORLD);
    dt_program_title(p);
    return run(t, argc, argv, err);
}

int dt_trials_main(const dt_trials *experiment, int argc, char *const argv[])
{
    dt_trial t = {.program = {.about = &experiment->about, .start = dt_seconds()}, .experiment = experiment};
    dt_error err = {0};
    int status = start(&t, argc, argv, &err);
    if (t.table) dt_table_close(t.table);
    if (t.eval) dt_table_close(t.eval);
    if (t.times) dt_table_close(t.times);
    free(t.jobs);
    return dt_program_end(&t.program, status);
}
