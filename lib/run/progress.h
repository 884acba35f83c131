/* How far the training is. On a terminal: one line, rewritten up to ten times a second. Through a pipe or into a file:
 * a plain line every ten seconds at most, and one at the end of each part. Quiet: nothing. */
#ifndef DT_RUN_PROGRESS_H
#define DT_RUN_PROGRESS_H

#include <stdio.h>

#include "core/real.h"

typedef struct {
    FILE *out;
    bool quiet, terminal;
    double total, base, done; /* work: in the whole run; before it started or resumed; now */
    double start, last;       /* seconds: of the start, of the last line */
    double interval; /* seconds between two lines: 0.1 on a terminal, else 10; may be changed after the start */
    int shown;       /* columns of the rewritten line that is on the terminal now */
} dt_progress;

/* Work is counted in any unit that takes about the same time throughout the run: `done_work` of `total_work` are behind
 * us already when a run is resumed, otherwise 0. */
void dt_progress_start(dt_progress *p, FILE *out, bool quiet, double done_work, double total_work);

/* Shows " 42 %  TEXT  4 min 12 s left", with the label and the metrics as TEXT ("epoch 3/10  loss 0.123"), if it is
 * time for it; else it costs a look at the clock. On a narrower terminal the line is cut. */
void dt_progress_update(dt_progress *p, double done_work, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* So much was done by an earlier run: the time that is left is estimated from what comes after it. */
void dt_progress_skip(dt_progress *p, double done_work);

/* A line that stays: the end of an epoch, say. */
void dt_progress_part_done(dt_progress *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes the rewritten line away, so that what is printed next begins a line. */
void dt_progress_end(dt_progress *p);

#endif
