/* A run of a classification experiment in progress. Shared by the files classify*.c, private to run/. */
#ifndef DT_RUN_RUN_H
#define DT_RUN_RUN_H

#include "run/checkpoint.h"
#include "run/classify.h"
#include "run/flags.h"
#include "run/progress.h"
#include "run/record.h"
#include "run/result.h"
#include "run/trainer.h"

/* One network to train. */
typedef struct {
    const dt_study *study;
    dt_recipe recipe; /* with what the flags changed */
    uint64_t seed;
} dt_job;

typedef struct {
    const dt_classification *experiment;
    dt_flags *flags;
    dt_preset preset;
    const dt_dataset *dataset;
    char name[96]; /* of the run's folder: the experiment's, and the data set's if that is not the paper's */
    const dt_backend *backend;
    dt_images train, held_out; /* held_out: the end of the training set, with --validate */
    dt_job *jobs;
    int n_jobs;
    dt_run_record *record;
    dt_table *train_table, *eval_table;
    json_t *config; /* the recorded flags */
    dt_run_info info;
    char command[512], data_folder[512];
    dt_progress progress;
    double start; /* of the clock; before it, the time of the parts before a resume */
    /* what a checkpoint keeps, beside the trainer's state */
    int job;
    real *trained[32]; /* by study: the parameters after the first seed's training */
    int64_t trained_size[32];
} dt_run;

/* The images that judge a task's networks, shrunk as the task wants: the held-out ones, or the test set, which is read
 * only here. The caller frees them. */
dt_status dt_run_exam(const dt_run *s, const dt_task *task, dt_images *exam, dt_error *err);

/* classify_train.c: trains and judges all jobs from run->job on. DT_ERR_DATA with *broke_down: not a number. *stopped:
 * by a signal. */
dt_status dt_run_train(dt_run *s, bool resume, bool *broke_down, bool *stopped, dt_error *err);

/* classify_state.c */
dt_status dt_run_save(dt_run *s, const dt_trainer *trainer, dt_error *err);
/* Opens and checks the checkpoint of this configuration; *out NULL if there is none. */
dt_status dt_run_find(dt_run *s, dt_checkpoint **out, dt_error *err);
dt_status dt_run_load(dt_run *s, const dt_checkpoint *ck, dt_error *err);
dt_status dt_run_load_trainer(dt_run *s, const dt_checkpoint *ck, dt_trainer *trainer, dt_error *err);
int dt_run_study(const dt_run *s, const dt_study *study);

/* classify_report.c: the claims from eval.tsv, result.json, the closing table, and the figures' data. */
dt_status dt_run_claims(const dt_run *s, dt_claims **claims, dt_error *err); /* published.tsv */
dt_status dt_run_report(dt_run *s, bool finished, dt_error *err);

/* --report: the closing table of the result.json that is there. */
dt_status dt_run_report_again(const dt_run *s, dt_error *err);

/* "FOLDER/NAME" of the run's folder that the flags name, before it is opened. Returns buf. */
const char *dt_run_path(const dt_run *s, const char *name, char *buf, size_t size);

/* classify_figures.c */
dt_status dt_run_figures(dt_run *s, const json_t *result, dt_error *err);

/* The network that is pictured: the first study that was trained. */
int dt_run_pictured(const dt_run *s);

/* classify_predict.c: --predict FILE... */
dt_status dt_run_predict(dt_run *s, dt_error *err);

/* classify_layers.c: the table of layers of one study. */
void dt_layers_print(FILE *out, const dt_study *study, const dt_images *images);

/* The seconds in the last row of train.tsv that ends by `bytes`: a resumed run goes on counting from there. */
double dt_run_clock(const dt_run *s, int64_t bytes);

/* eval.tsv */
typedef struct {
    char model[48];
    uint64_t seed;
    int epoch;
    double train_error, test_error;
} dt_eval_row;
/* Reads the run's eval.tsv; the caller frees *rows. */
dt_status dt_eval_read(const dt_run *s, dt_eval_row **rows, int *n, dt_error *err);

#endif
