/* Recurrent networks on the Penn Treebank: recurrent.c trains and judges one, rows.c says which, one a trial. */
#ifndef EXPERIMENTS_WORDLM_RECURRENT_H
#define EXPERIMENTS_WORDLM_RECURRENT_H

#include "experiments/wordlm/parts.h"
#include "run/sequence_trainer.h"

/* A row of the table. */
typedef struct {
    const char *claim, *title; /* its id in published.tsv; its name in figures and messages */
    const dt_sequence_model *kind;
    void *shape;               /* a model whose free fields are set, */
    int64_t *vocabulary;       /* but for this one of them */
    int64_t batch, unroll;     /* streams, and words of each in an update */
    dt_sequence_recipe recipe; /* in the papers' units: see in_means */
} recurrent_row;

/* Trains the network and reads the test text, or goes on where the trial was kept. */
dt_status recurrent_row_run(dt_trial *trial, const recurrent_row *plan, dt_error *err);

dt_status srn_run(dt_trial *trial, dt_error *err);
dt_status lstm_run(dt_trial *trial, dt_error *err);
dt_status scrn_run(dt_trial *trial, dt_error *err);
dt_status zaremba_run(dt_trial *trial, dt_error *err);
dt_status zaremba_medium_run(dt_trial *trial, dt_error *err);

#endif
