/* Checkpoints of a run of trials: which trial comes next, how long the tables are, and, in the middle of a trial, what
 * that trial needs to go on. Between two trials they hold nothing that depends on the number of threads or on time. */
#include <stdio.h>

#include "core/clock.h"
#include "run/interrupt.h"
#include "run/trials_plan.h"

enum { KEEP_SECONDS = 60 };

static const char eval_header[] = "trial\tseed\tclaim\tvalue";
static const char times_header[] = "trial\tseed\tseconds";

static double seconds_so_far(const dt_trial *t)
{
    return dt_seconds() - t->program.start;
}

dt_status dt_trials_save(dt_trial *t, const dt_blob *blobs, int n, dt_error *err)
{
    int64_t table = 0, eval, times;
    dt_status status = t->table ? dt_table_offset(t->table, &table, err) : DT_OK;
    if (status == DT_OK) status = dt_table_offset(t->eval, &eval, err);
    if (status == DT_OK) status = dt_table_offset(t->times, &times, err);
    if (status != DT_OK) return status;
    char path[1024];
    json_t *meta = dt_program_meta(&t->program, t->now, t->n_jobs, blobs != NULL);
    json_object_set_new(meta, "table_bytes", json_integer(table));
    json_object_set_new(meta, "eval_bytes", json_integer(eval));
    json_object_set_new(meta, "times_bytes", json_integer(times));
    if (blobs) json_object_set_new(meta, "seconds", json_real(seconds_so_far(t)));
    status =
        dt_checkpoint_write(dt_record_path(t->program.record, "checkpoint", path, sizeof path), meta, blobs, n, err);
    json_decref(meta);
    return status;
}

static dt_status open_table(dt_trial *t, int64_t bytes, dt_error *err)
{
    const dt_trial_plan *plan = t->jobs[t->now].plan;
    if (t->table) dt_table_close(t->table);
    t->table = NULL;
    if (!plan->columns) return DT_OK;
    char name[96];
    snprintf(name, sizeof name, "%s.tsv", plan->id);
    return dt_table_open(t->program.record, name, plan->columns, bytes, &t->table, err);
}

/* Whether the next trial goes on writing the table of the one before. */
static bool same_table(const dt_trial *t)
{
    return t->now > 0 && t->now < t->n_jobs && t->jobs[t->now].plan == t->jobs[t->now - 1].plan;
}

static int64_t number(const dt_checkpoint *ck, const char *name)
{
    return ck ? json_integer_value(json_object_get(dt_checkpoint_meta(ck), name)) : 0;
}

dt_status dt_trials_resume(dt_trial *t, const dt_checkpoint *ck, dt_error *err)
{
    const int64_t times = number(ck, "times_bytes");
    t->now = (int)number(ck, "job");
    if (ck && json_is_true(json_object_get(dt_checkpoint_meta(ck), "training"))) t->amid = ck;
    if (t->amid)
        t->program.start -= json_real_value(json_object_get(dt_checkpoint_meta(ck), "seconds"));
    else if (ck)
        t->program.start -= dt_program_clock(&t->program, "times.tsv", times);
    dt_status status = dt_table_open(t->program.record, "times.tsv", times_header, times, &t->times, err);
    if (status == DT_OK)
        status = dt_table_open(t->program.record, "eval.tsv", eval_header, number(ck, "eval_bytes"), &t->eval, err);
    if (status == DT_OK && (t->amid || same_table(t))) status = open_table(t, number(ck, "table_bytes"), err);
    return status;
}

dt_status dt_trials_begin(dt_trial *t, dt_error *err)
{
    t->kept = 0;
    return t->amid || same_table(t) ? DT_OK : open_table(t, 0, err);
}

dt_status dt_trial_keep(dt_trial *t, const dt_blob *blobs, int n, dt_error *err)
{
    const double now = dt_seconds();
    DT_REQUIRE(n > 0, "dt_trial_keep: the trial %s keeps nothing", t->jobs[t->now].plan->id);
    if (t->kept > 0 && now - t->kept < KEEP_SECONDS && !dt_interrupted()) return DT_OK;
    t->kept = now;
    return dt_trials_save(t, blobs, n, err);
}

bool dt_trial_kept(const dt_trial *t)
{
    return t->amid != NULL;
}

dt_status dt_trial_load(const dt_trial *t, const dt_blob *blobs, int n, dt_error *err)
{
    DT_REQUIRE(t->amid, "dt_trial_load: the trial %s was not kept", t->jobs[t->now].plan->id);
    dt_status status = DT_OK;
    for (int i = 0; i < n && status == DT_OK; i++)
        status = dt_checkpoint_blob(t->amid, blobs[i].name, blobs[i].data, blobs[i].bytes, err);
    return status;
}
