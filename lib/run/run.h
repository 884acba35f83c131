/* A run of a classification experiment in progress. Shared by the files classify*.c, private to run/. */
#ifndef DT_RUN_RUN_H
#define DT_RUN_RUN_H

#include "run/classify.h"
#include "run/trainer.h"

/* One network to train. */
typedef struct {
    const dt_study *study;
    dt_recipe recipe; /* with what the flags changed */
    uint64_t seed;
    double cost; /* of one example, for the progress */
} dt_job;

typedef struct {
    dt_program program;
    const dt_classification *experiment;
    dt_images held_out; /* the end of the training set, with --validate or --early-stop */
    bool validates;     /* --validate: the held-out images judge, instead of the test set */
    dt_job *jobs;
    int n_jobs;
    dt_table *train_table, *eval_table;
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
dt_status dt_run_train(dt_run *s, bool *broke_down, bool *stopped, dt_error *err);

/* classify_state.c */
dt_status dt_run_save(dt_run *s, const dt_trainer *trainer, dt_error *err);
dt_status dt_run_load(dt_run *s, const dt_checkpoint *ck, dt_error *err);
dt_status dt_run_load_trainer(dt_run *s, const dt_checkpoint *ck, dt_trainer *trainer, dt_error *err);
int dt_run_study(const dt_run *s, const dt_study *study);

/* classify_report.c: the claims from eval.tsv, result.json, the closing table, and the figures' data. */
dt_status dt_run_report(dt_run *s, bool finished, dt_error *err);

/* classify_figures.c */
dt_status dt_run_figures(dt_run *s, const json_t *result, dt_error *err);

/* The network that is pictured: the first study that was trained. */
int dt_run_pictured(const dt_run *s);

/* classify_predict.c: --predict FILE... */
dt_status dt_run_predict(dt_run *s, dt_error *err);

/* classify_layers.c: the table of layers of one study, on `out` unless NULL. Returns the operations for one example. */
double dt_layers_print(FILE *out, const dt_study *study, const dt_images *images);

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
