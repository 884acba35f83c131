/* Checkpoints of a classification run. They hold nothing that depends on the number of threads or on time: two runs of
 * one configuration have the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/run.h"

int dt_run_study(const dt_run *s, const dt_study *study)
{
    return (int)(study - s->experiment->studies);
}

static void trained_name(const dt_run *s, int study, char *buf, size_t size)
{
    snprintf(buf, size, "trained/%s", s->experiment->studies[study].task.id);
}

dt_status dt_run_save(dt_run *s, const dt_trainer *trainer, dt_error *err)
{
    int64_t train_bytes, eval_bytes;
    dt_status status = dt_table_offset(s->train_table, &train_bytes, err);
    if (status == DT_OK) status = dt_table_offset(s->eval_table, &eval_bytes, err);
    if (status != DT_OK) return status;
    dt_blob blobs[32 + DT_TRAINER_BLOBS];
    char names[32][64];
    int n = 0;
    for (int i = 0; i < s->experiment->n_studies; i++)
        if (s->trained[i]) {
            trained_name(s, i, names[i], sizeof names[i]);
            blobs[n++] = (dt_blob){names[i], s->trained[i], (size_t)s->trained_size[i] * sizeof(real)};
        }
    if (trainer) n += dt_trainer_blobs(trainer, blobs + n);
    json_t *meta = dt_program_meta(&s->program, s->job, s->n_jobs, trainer != NULL);
    json_object_set_new(meta, "train_bytes", json_integer(train_bytes));
    json_object_set_new(meta, "eval_bytes", json_integer(eval_bytes));
    char path[1024];
    status =
        dt_checkpoint_write(dt_record_path(s->program.record, "checkpoint", path, sizeof path), meta, blobs, n, err);
    json_decref(meta);
    return status;
}

dt_status dt_run_load(dt_run *s, const dt_checkpoint *ck, dt_error *err)
{
    const json_t *meta = dt_checkpoint_meta(ck);
    s->job = (int)json_integer_value(json_object_get(meta, "job"));
    for (int j = 0; j < s->n_jobs && j < s->job; j++) {
        int i = dt_run_study(s, s->jobs[j].study);
        if (s->trained[i]) continue;
        dt_network net;
        char name[64];
        dt_network_init(&net, &s->jobs[j].study->task, s->jobs[j].seed);
        s->trained_size[i] = net.params->size;
        s->trained[i] = malloc((size_t)net.params->size * sizeof(real));
        DT_REQUIRE(s->trained[i], "out of memory");
        trained_name(s, i, name, sizeof name);
        dt_status status = dt_checkpoint_blob(ck, name, s->trained[i], (size_t)net.params->size * sizeof(real), err);
        dt_network_free(&net);
        if (status != DT_OK) return status;
    }
    return DT_OK;
}

dt_status dt_run_load_trainer(dt_run *s, const dt_checkpoint *ck, dt_trainer *t, dt_error *err)
{
    (void)s;
    dt_blob blobs[DT_TRAINER_BLOBS];
    dt_status status = DT_OK;
    int n = dt_trainer_blobs(t, blobs);
    for (int i = 0; i < n && status == DT_OK; i++)
        status = dt_checkpoint_blob(ck, blobs[i].name, blobs[i].data, blobs[i].bytes, err);
    return status;
}
