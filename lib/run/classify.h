/* Experiments that sort images into classes: several networks, each trained by its recipe over several seeds, set
 * against published numbers. An experiment is its studies, its published.tsv and its deviations; all else is here.
 *
 * The test set is opened for a network only after its training: the parameters are kept after each epoch, and judged at
 * the end, so nothing can be chosen by it. */
#ifndef DT_RUN_CLASSIFY_H
#define DT_RUN_CLASSIFY_H

#include "run/network.h"

typedef enum { DT_SMOKE, DT_LAB, DT_PAPER, DT_PRESETS } dt_preset;

typedef struct {
    dt_task task;
    dt_recipe recipe[DT_PRESETS]; /* 0 epochs: not part of the preset */
} dt_study;

typedef struct {
    const char *name;           /* "mnist": the folder under datasets/cache/ */
    const char *const *classes; /* their names */
} dt_dataset;

typedef struct {
    const char *name;                 /* "lenet": the folder under experiments/ and runs/ */
    const char *title;                /* one line: what is reproduced */
    const char *paper;                /* where it was published */
    const dt_dataset *datasets;       /* the paper's first; ends with one without a name */
    const char *sha256;               /* of the paper's training data (dt_images); other data make no claim */
    const char *expected[DT_PRESETS]; /* result and time, as text */
    int seeds[DT_PRESETS];
    const dt_study *studies; /* the first is the one that is pictured, and answers --predict */
    int n_studies;
    const char *const *deviations; /* differences from the paper; ends with NULL */
} dt_classification;

/* The whole program. Returns its exit status: 0; 1 a file, data or the disk; 2 a flag; 3 not a number; 130 interrupted.
 */
int dt_classification_main(const dt_classification *experiment, int argc, char *const argv[]);

#endif
