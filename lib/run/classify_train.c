/* The jobs of a classification run, one after another: train, keep the parameters after each epoch, then judge them
 * all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/atomic.h"
#include "run/interrupt.h"
#include "run/run.h"

enum { ROWS_PER_EPOCH = 20 };
static const double seconds_between_checkpoints = 5;

static const char eval_header[] = "model\tseed\tepoch\ttrain_error\ttest_error";
static const char validation_header[] = "model\tseed\tepoch\ttrain_error\tvalidation_error";
static const char train_header[] = "model\tseed\tepoch\tstep\tloss\ttrain_error\tlr\tgradient_norm\tseconds";

typedef struct {
    dt_run *s;
    const dt_job *job;
    dt_network net;
    dt_trainer trainer;
    int snapshots;        /* file: the parameters after each epoch */
    dt_images validation; /* for early stopping */
    double saved;         /* when the last checkpoint was written */
    double began;         /* when this job did, in this process, and after how many of its examples */
    int64_t first_example;
} training;

static size_t snapshot_bytes(const training *t)
{
    return (size_t)t->net.params->size * sizeof(real);
}

static dt_status snapshot_error(const training *t, dt_error *err)
{
    char path[1024];
    int code = errno;
    return dt_error_set(err, DT_ERR_IO, dt_record_path(t->s->program.record, "snapshots", path, sizeof path), -1,
                        dt_io_hint(code), "the parameters after an epoch cannot be kept: %s", strerror(code));
}

/* Keeps as many snapshots as the trainer has finished epochs: those after the checkpoint come again. */
static dt_status open_snapshots(training *t, dt_error *err)
{
    char path[1024];
    t->snapshots =
        open(dt_record_path(t->s->program.record, "snapshots", path, sizeof path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    off_t expected = (off_t)((size_t)t->trainer.state.epoch * snapshot_bytes(t));
    if (t->snapshots < 0) return snapshot_error(t, err);
    if (lseek(t->snapshots, 0, SEEK_END) < expected)
        return dt_error_set(err, DT_ERR_DATA, path, expected, "remove the checkpoint to start anew",
                            "the file is shorter than the checkpoint says");
    if (ftruncate(t->snapshots, expected) != 0 || lseek(t->snapshots, expected, SEEK_SET) < 0)
        return snapshot_error(t, err);
    return DT_OK;
}

static dt_status add_snapshot(training *t, dt_error *err)
{
    int code = dt_write_all(t->snapshots, t->net.params->values, snapshot_bytes(t));
    errno = code;
    return code ? snapshot_error(t, err) : DT_OK;
}

static dt_status checkpoint(training *t, dt_error *err)
{
    if (fsync(t->snapshots) != 0) return snapshot_error(t, err);
    t->saved = dt_seconds();
    return dt_run_save(t->s, &t->trainer, err);
}

static dt_status log_step(training *t, int64_t epoch, int64_t batch, dt_error *err)
{
    const dt_trainer *tr = &t->trainer;
    int64_t every = tr->batches / ROWS_PER_EPOCH + 1;
    if (batch % every != 0 && batch != tr->batches) return DT_OK;
    int64_t seen = batch * tr->recipe.batch < tr->recipe.examples ? batch * tr->recipe.batch : tr->recipe.examples;
    return dt_table_row(
        t->s->train_table, err, "%s\t%llu\t%lld\t%lld\t%.9g\t%.6g\t%.9g\t%.9g\t%010.3f", t->job->study->task.id,
        (unsigned long long)t->job->seed, (long long)epoch + 1, (long long)(epoch * tr->batches + batch), tr->step_loss,
        100.0 * (double)tr->state.wrong / (double)seen, tr->lr, tr->gradient_norm, dt_seconds() - t->s->program.start);
}

static double work_of(const dt_run *s, const dt_job *job)
{
    int64_t examples = job->recipe.examples ? job->recipe.examples : s->program.train.count;
    return (double)(job->recipe.epochs * examples) * job->cost;
}

static double work_before(const dt_run *s, int job)
{
    double work = 0;
    for (int i = 0; i < job; i++) work += work_of(s, &s->jobs[i]);
    return work;
}

/* What an example costs beside its network: fetching it, the judging, its share of the update. */
static const double cost_of_example = 0.1e6;

static void weigh_jobs(dt_run *s)
{
    for (int i = 0; i < s->n_jobs; i++)
        s->jobs[i].cost = cost_of_example + dt_layers_print(NULL, s->jobs[i].study, &s->program.train);
}

static void show_progress(training *t, int64_t epoch)
{
    const dt_trainer *tr = &t->trainer;
    dt_run *s = t->s;
    int64_t examples = tr->state.epoch * tr->recipe.examples + tr->state.batch * tr->recipe.batch;
    dt_progress_update(&s->program.progress, work_before(s, s->job) + (double)examples * t->job->cost,
                       "%s, seed %llu, epoch %lld/%lld  loss %.4f  %.0f examples/s", t->job->study->task.title,
                       (unsigned long long)t->job->seed, (long long)epoch + 1, (long long)tr->recipe.epochs,
                       tr->step_loss, (double)(examples - t->first_example) / (dt_seconds() - t->began));
}

/* Replaces the images by shrunk ones, if the task wants that. */
static dt_status shrink(const dt_task *task, dt_images *images, dt_error *err)
{
    if (task->shrink == 0) return DT_OK;
    dt_images whole = *images;
    dt_status status = dt_images_shrunk(&whole, task->shrink, images, err);
    dt_images_free(&whole);
    return status;
}

static dt_status open_held_out(const dt_run *s, const dt_task *task, dt_images *images, dt_error *err)
{
    dt_images none;
    dt_images_split(&s->held_out, s->held_out.count, images, &none);
    return shrink(task, images, err);
}

dt_status dt_run_exam(const dt_run *s, const dt_task *task, dt_images *exam, dt_error *err)
{
    dt_status status = s->validates ? open_held_out(s, task, exam, err) : dt_program_exam(&s->program, exam, err);
    if (status == DT_OK && !s->validates) status = shrink(task, exam, err);
    if (status == DT_OK && task->exam != 0 && task->exam < exam->count) exam->count = task->exam;
    return status;
}

/* What the paper's fig. 5 shows: the errors after each pass, up to the one that is the result. The test set is opened
 * here, after the training. Leaves the network as it was then. */
static dt_status judge(training *t, dt_error *err)
{
    dt_run *s = t->s;
    const dt_task *task = &t->job->study->task;
    dt_images exam, seen, rest;
    dt_status status = dt_run_exam(s, task, &exam, err);
    if (status != DT_OK) return status;
    dt_images_split(t->trainer.images, t->trainer.recipe.examples, &seen, &rest);
    int64_t epochs = dt_trainer_result(&t->trainer);
    for (int64_t epoch = 0; epoch < epochs && status == DT_OK; epoch++) {
        ssize_t got =
            pread(t->snapshots, t->net.params->values, snapshot_bytes(t), (off_t)((size_t)epoch * snapshot_bytes(t)));
        if (got != (ssize_t)snapshot_bytes(t)) {
            status = snapshot_error(t, err);
            break;
        }
        double train_error = dt_network_error(&t->net, s->program.backend, &seen),
               test_error = dt_network_error(&t->net, s->program.backend, &exam);
        status = dt_table_row(s->eval_table, err, "%s\t%llu\t%lld\t%.6g\t%.6g", task->id,
                              (unsigned long long)t->job->seed, (long long)epoch + 1, train_error, test_error);
        if (epoch + 1 == epochs)
            dt_progress_part_done(&s->program.progress, "%s, seed %llu: training error %.2f %%, %s error %.2f %%",
                                  task->title, (unsigned long long)t->job->seed, train_error,
                                  s->validates ? "validation" : "test", test_error);
    }
    dt_images_free(&exam);
    return status;
}

/* The first seed's network is kept: it answers --predict and is pictured. */
static void keep(training *t)
{
    dt_run *s = t->s;
    int study = dt_run_study(s, t->job->study);
    if (s->trained[study]) return;
    s->trained_size[study] = t->net.params->size;
    s->trained[study] = malloc(snapshot_bytes(t));
    DT_REQUIRE(s->trained[study], "out of memory");
    memcpy(s->trained[study], t->net.params->values, snapshot_bytes(t));
}

/* A breakdown leaves the last checkpoint as it is. */
static void note_checkpoint(const training *t, dt_error *err)
{
    char path[1024];
    size_t used = strlen(err->hint);
    if (access(dt_record_path(t->s->program.record, "checkpoint", path, sizeof path), F_OK) == 0)
        snprintf(err->hint + used, sizeof err->hint - used, "; the last checkpoint is good");
}

static dt_status end_epoch(training *t, dt_error *err)
{
    dt_trainer *tr = &t->trainer;
    dt_trainer_swap(tr);
    dt_status status = add_snapshot(t, err);
    if (tr->recipe.patience > 0) dt_trainer_validated(tr, dt_network_error(&t->net, tr->backend, &t->validation));
    dt_trainer_swap(tr);
    if (status == DT_OK && dt_seconds() - t->saved > seconds_between_checkpoints) status = checkpoint(t, err);
    return status;
}

static dt_status train_job(training *t, bool *broke_down, bool *stopped, dt_error *err)
{
    dt_trainer *tr = &t->trainer;
    dt_status status = DT_OK;
    while (!dt_trainer_finished(tr) && status == DT_OK) {
        int64_t epoch = tr->state.epoch, batch = tr->state.batch + 1;
        status = dt_trainer_step(tr, err);
        if (status != DT_OK) {
            *broke_down = true;
            note_checkpoint(t, err);
            return status;
        }
        status = log_step(t, epoch, batch, err);
        show_progress(t, epoch);
        if (status == DT_OK && batch == tr->batches) status = end_epoch(t, err);
        if (status == DT_OK && dt_interrupted()) {
            *stopped = true;
            return checkpoint(t, err);
        }
    }
    return status;
}

/* One job from its state (fresh, or a checkpoint's) to its rows in eval.tsv. */
static dt_status run_job(dt_run *s, const dt_images *images, const dt_checkpoint *ck, bool *broke_down, bool *stopped,
                         dt_error *err)
{
    training t = {.s = s, .job = &s->jobs[s->job], .snapshots = -1, .saved = dt_seconds()};
    dt_network_init(&t.net, &t.job->study->task, t.job->seed);
    dt_trainer_init(&t.trainer, &t.net, s->program.backend, images, &t.job->recipe, t.job->seed);
    dt_status status = ck ? dt_run_load_trainer(s, ck, &t.trainer, err) : DT_OK;
    t.began = dt_seconds();
    t.first_example =
        t.trainer.state.epoch * t.trainer.recipe.examples + t.trainer.state.batch * t.trainer.recipe.batch;
    if (status == DT_OK) status = open_snapshots(&t, err);
    if (status == DT_OK && t.trainer.recipe.patience > 0)
        status = open_held_out(s, &t.job->study->task, &t.validation, err);
    if (status == DT_OK) status = train_job(&t, broke_down, stopped, err);
    if (status == DT_OK && !*stopped) {
        status = judge(&t, err);
        keep(&t);
        s->job++;
        if (status == DT_OK) status = dt_run_save(s, NULL, err);
    }
    if (t.snapshots >= 0) close(t.snapshots);
    dt_images_free(&t.validation);
    dt_trainer_free(&t.trainer);
    dt_network_free(&t.net);
    return status;
}

/* Opens the tables, cut to where the checkpoint was, and gives the clock the time that had passed by then. */
static dt_status open_tables(dt_run *s, const dt_checkpoint *ck, dt_error *err)
{
    int64_t train_bytes = 0, eval_bytes = 0;
    if (ck) {
        train_bytes = json_integer_value(json_object_get(dt_checkpoint_meta(ck), "train_bytes"));
        eval_bytes = json_integer_value(json_object_get(dt_checkpoint_meta(ck), "eval_bytes"));
        s->program.start -= dt_program_clock(&s->program, "train.tsv", train_bytes);
    }
    dt_status status = dt_table_open(s->program.record, "train.tsv", train_header, train_bytes, &s->train_table, err);
    if (status == DT_OK)
        status = dt_table_open(s->program.record, "eval.tsv", s->validates ? validation_header : eval_header,
                               eval_bytes, &s->eval_table, err);
    return status;
}

static dt_status run_jobs(dt_run *s, dt_checkpoint *ck, bool *broke_down, bool *stopped, dt_error *err)
{
    dt_status status = DT_OK;
    bool mid_job = ck && json_is_true(json_object_get(dt_checkpoint_meta(ck), "training"));
    dt_images shrunk = {0};
    while (status == DT_OK && s->job < s->n_jobs && !*stopped) {
        const dt_task *task = &s->jobs[s->job].study->task;
        const dt_images *images = &s->program.train;
        if (task->shrink != 0 && shrunk.count == 0)
            status = dt_images_shrunk(&s->program.train, task->shrink, &shrunk, err);
        if (task->shrink != 0) images = &shrunk;
        if (status == DT_OK) status = run_job(s, images, mid_job ? ck : NULL, broke_down, stopped, err);
        mid_job = false;
    }
    dt_images_free(&shrunk);
    return status;
}

dt_status dt_run_train(dt_run *s, bool *broke_down, bool *stopped, dt_error *err)
{
    dt_program *p = &s->program;
    dt_checkpoint *ck;
    dt_status status = dt_program_unfinished(p, &ck, err);
    if (status == DT_OK && ck) status = dt_run_load(s, ck, err);
    if (status == DT_OK) status = open_tables(s, ck, err);
    if (status == DT_OK) status = dt_program_config(p, err);
    if (status == DT_OK) {
        dt_interrupt_begin();
        weigh_jobs(s);
        dt_progress_start(&p->progress, stdout, dt_flag_on(p->flags, "quiet"), work_before(s, s->job),
                          work_before(s, s->n_jobs));
        status = run_jobs(s, ck, broke_down, stopped, err);
        dt_progress_end(&p->progress);
        dt_interrupt_end();
    }
    if (ck) dt_checkpoint_close(ck);
    if (status == DT_OK && !*stopped) {
        char path[1024];
        unlink(dt_record_path(p->record, "snapshots", path, sizeof path));
    }
    return status;
}
