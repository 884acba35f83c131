/* A run of an experiment's trials, and which of them it computes. Private to lib/run. */
#ifndef DT_RUN_TRIALS_PLAN_H
#define DT_RUN_TRIALS_PLAN_H

#include "run/trials.h"

/* One trial with one seed. */
typedef struct {
    const dt_trial_plan *plan;
    uint64_t seed;
} dt_trial_job;

struct dt_trial {
    dt_program program;
    const dt_trials *experiment;
    dt_trial_job *jobs;
    int n_jobs, now;           /* now: the one that is computed, or comes next */
    const char *own;           /* the flag that names the user's own data; NULL: they are the experiment's */
    dt_table *table;           /* of the present trial; NULL: it has none */
    dt_table *eval;            /* what the claims are made from */
    dt_table *times;           /* the clock, which is no result */
    double last_seconds;       /* of the clock when the last trial ended */
    const dt_checkpoint *amid; /* in which the present trial was kept, and from which it goes on; NULL: it begins */
    bool skipped;              /* the progress knows how much of it was done before */
    double kept;               /* the clock when the trial was last kept; 0: it was not */
};

/* Makes the list of jobs: each trial of the preset, or those on the user's own data where there are (or the one that
 * --trial names), each seed. Own data stand in for the experiment's data set. DT_ERR_CONFIG: there is no such trial. */
dt_status dt_trials_plan(dt_trial *t, dt_error *err);

/* Reads what the jobs read: images now; texts, test sets and the user's own data are only looked for, or hashed, so
 * that what is missing shows before the training and before the folder of a former run is touched. DT_ERR_IO: it is not
 * there or cannot be read; DT_ERR_DATA: it is not what it should be. */
dt_status dt_trials_read(dt_trial *t, dt_error *err);

/* trials_state.c: begins the run's tables anew, or goes on from a checkpoint (NULL: there is none), which outlives the
 * run; the table of the trial that comes next; and writes a checkpoint: with blobs in the middle of a trial, without
 * between two. */
dt_status dt_trials_resume(dt_trial *t, const dt_checkpoint *ck, dt_error *err);
dt_status dt_trials_begin(dt_trial *t, dt_error *err);
dt_status dt_trials_save(dt_trial *t, const dt_blob *blobs, int n, dt_error *err);

#endif
