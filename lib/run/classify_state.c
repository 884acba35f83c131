/* Checkpoints of a classification run. They hold nothing that depends on the number of threads or on time: two runs of
 * one configuration have the same bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    dt_blob blobs[35];
    char names[32][64];
    int n = 0;
    for (int i = 0; i < s->experiment->n_studies; i++)
        if (s->trained[i]) {
            trained_name(s, i, names[i], sizeof names[i]);
            blobs[n++] = (dt_blob){names[i], s->trained[i], (size_t)s->trained_size[i] * sizeof(real)};
        }
    if (trainer) {
        size_t bytes = (size_t)trainer->net->params->size * sizeof(real);
        blobs[n++] = (dt_blob){"parameters", trainer->net->params->values, bytes};
        blobs[n++] = (dt_blob){"velocity", trainer->sgd.velocity, bytes};
        blobs[n++] = (dt_blob){"state", (void *)(uintptr_t)&trainer->state, sizeof trainer->state};
    }
    json_t *meta = json_pack("{s:s, s:O, s:s, s:i, s:b, s:I, s:I}", "experiment", s->experiment->name, "config",
                             s->config, "data", s->train.sha256, "job", s->job, "training", trainer != NULL,
                             "train_bytes", (json_int_t)train_bytes, "eval_bytes", (json_int_t)eval_bytes);
    DT_REQUIRE(meta, "dt_run_save: out of memory");
    char path[1024];
    status = dt_checkpoint_write(dt_record_path(s->record, "checkpoint", path, sizeof path), meta, blobs, n, err);
    json_decref(meta);
    return status;
}

/* The first recorded flag that differs. */
static dt_status compare(const dt_run *s, const json_t *meta, const char *path, dt_error *err)
{
    const char *experiment = json_string_value(json_object_get(meta, "experiment"));
    const json_t *config = json_object_get(meta, "config");
    if (!experiment || !config || strcmp(experiment, s->experiment->name) != 0)
        return dt_error_set(err, DT_ERR_CONFIG, path, -1, "give another folder with --out",
                            "the checkpoint is of another program (%s)",
                            experiment ? experiment : "it does not say which");
    const char *key;
    json_t *value;
    json_object_foreach(s->config, key, value)
    {
        const json_t *other = json_object_get(config, key);
        if (other && json_equal(value, (json_t *)(uintptr_t)other)) continue;
        if (strcmp(key, "recipes") == 0)
            return dt_error_set(err, DT_ERR_CONFIG, path, -1, "remove the checkpoint to start anew",
                                "the unfinished run there follows other recipes (epochs, batch, lr ...)");
        char *there = json_dumps(other, JSON_ENCODE_ANY), *here = json_dumps(value, JSON_ENCODE_ANY);
        dt_error_set(err, DT_ERR_CONFIG, path, -1,
                     "give the flags of that run, another folder with --out, or remove the checkpoint to start anew",
                     "the unfinished run there has --%s %s, this one %s", key, there ? there : "unset",
                     here ? here : "unset");
        free(there);
        free(here);
        return DT_ERR_CONFIG;
    }
    const char *data = json_string_value(json_object_get(meta, "data"));
    if (!data || strcmp(data, s->train.sha256) != 0)
        return dt_error_set(err, DT_ERR_CONFIG, path, -1, "give that run's --data, or another folder with --out",
                            "the unfinished run there was trained on other data");
    return DT_OK;
}

dt_status dt_run_find(dt_run *s, dt_checkpoint **out, dt_error *err)
{
    char path[1024];
    *out = NULL;
    dt_record_path(s->record, "checkpoint", path, sizeof path);
    if (access(path, F_OK) != 0 && errno == ENOENT) return DT_OK;
    return dt_checkpoint_open(path, out, err);
}

dt_status dt_run_load(dt_run *s, const dt_checkpoint *ck, dt_error *err)
{
    const json_t *meta = dt_checkpoint_meta(ck);
    char path[1024];
    dt_record_path(s->record, "checkpoint", path, sizeof path);
    dt_status status = compare(s, meta, path, err);
    if (status != DT_OK) return status;
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
        status = dt_checkpoint_blob(ck, name, s->trained[i], (size_t)net.params->size * sizeof(real), err);
        dt_network_free(&net);
        if (status != DT_OK) return status;
    }
    return DT_OK;
}

dt_status dt_run_load_trainer(dt_run *s, const dt_checkpoint *ck, dt_trainer *t, dt_error *err)
{
    (void)s;
    size_t bytes = (size_t)t->net->params->size * sizeof(real);
    dt_status status = dt_checkpoint_blob(ck, "parameters", t->net->params->values, bytes, err);
    if (status == DT_OK) status = dt_checkpoint_blob(ck, "velocity", t->sgd.velocity, bytes, err);
    if (status == DT_OK) status = dt_checkpoint_blob(ck, "state", &t->state, sizeof t->state, err);
    return status;
}
