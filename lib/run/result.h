/* What a run says about itself: config.json before the training, result.json after it. */
#ifndef DT_RUN_RESULT_H
#define DT_RUN_RESULT_H

#include <jansson.h>

#include "run/claims.h"

/* instructions, dataset and sha256 may be NULL where unknown. */
typedef struct {
    const char *experiment, *title, *paper, *preset; /* title and paper: as in dt_about */
    const char *command;                             /* what repeats the run */
    const char *device;                              /* "cpu" */
    const char *instructions;                        /* that the kernels were built for, such as "AVX-512" */
    int threads;
    double seconds;                     /* wall clock, all seeds; earlier parts of a resumed run included */
    const char *dataset, *sha256;       /* what was trained on, and its hash */
    const char *second, *second_sha256; /* a second data set; NULL: none */
    bool claims; /* the paper's data and the preset's recipe and seeds: without them there is no claim */
    const char *const *deviations; /* differences from the paper, n_deviations of them */
    int n_deviations;
} dt_run_info;

/* config.json: {"experiment", "preset", "flags", "version", "compiler", "cpu", "instructions", "device", "threads",
 * "dataset": {"name", "sha256"}}, and where there is a second data set "second_dataset" in the same form; with flags as
 * dt_flags_config gives them (they stay the caller's). The caller frees it (json_decref). */
json_t *dt_config_json(const dt_run_info *info, json_t *flags);

/* result.json: {"experiment", "title", "paper", "preset", "device", "threads", "seconds", "command", "version",
 * "dataset": {"name", "sha256"}, "deviations": [...], "claims": dt_claims_json}, and "second_dataset" as above. The
 * caller frees it. */
json_t *dt_result_json(const dt_run_info *info, const dt_claims *claims);

#endif
