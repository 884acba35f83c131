/* Experiments that sort images into classes: several networks, each trained by its recipe over several seeds, set
 * against published numbers. An experiment is its studies, its published.tsv and its deviations; all else is here.
 *
 * The test set is opened for a network only after its training: the parameters are kept after each epoch, and judged at
 * the end, so nothing can be chosen by it. */
#ifndef DT_RUN_CLASSIFY_H
#define DT_RUN_CLASSIFY_H

#include "run/network.h"
#include "run/program.h"

typedef struct {
    dt_task task;
    dt_recipe recipe[DT_PRESETS]; /* 0 epochs: not part of the preset */
} dt_study;

typedef struct {
    dt_about about;
    const dt_study *studies; /* the first is the one that is pictured, and answers --predict */
    int n_studies;
} dt_classification;

/* The whole program. Returns its exit status: 0; 1 a file, data or the disk; 2 a flag; 3 not a number; 130 interrupted.
 */
int dt_classification_main(const dt_classification *experiment, int argc, char *const argv[]);

#endif
