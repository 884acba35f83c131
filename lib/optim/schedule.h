/* The learning rate over time. `epoch` counts passes over the training set and grows within one. */
#ifndef DT_OPTIM_SCHEDULE_H
#define DT_OPTIM_SCHEDULE_H

#include "core/error.h"

typedef enum {
    DT_CONSTANT,    /* lr */
    DT_LINEAR,      /* from lr down to 0 at the end */
    DT_COSINE,      /* lr (1 + cos(pi t)) / 2 with t from 0 to 1 */
    DT_EXPONENTIAL, /* lr * factor^epoch */
    DT_STEP,        /* lr * factor^floor(epoch / every) */
    DT_HOLD,    /* lr for `every` epochs, then times factor at the start of each (Zaremba et al. 2014, section 4.1) */
    DT_INVERSE, /* lr / (1 + factor * epoch) */
    DT_SQRT,    /* lr / sqrt(t) in update t = 1, 2, ... (Kingma & Ba 2015, section 6.1) */
    DT_TABLE    /* lr * the factor of the first row whose `until` lies beyond epoch */
} dt_schedule_kind;

typedef struct {
    double until; /* epochs; 0 ends the table, and its factor holds from there on */
    double factor;
} dt_schedule_row;

typedef struct {
    dt_schedule_kind kind;
    double lr, epochs; /* the rate at the start, and how long the training is */
    double batches;    /* updates in an epoch, for DT_SQRT */
    double factor, every;
    const dt_schedule_row *table;
} dt_schedule;

enum { DT_SCHEDULE_NAME = 96 };

double dt_schedule_at(const dt_schedule *schedule, double epoch);

/* Reads "constant", "linear", "cosine", "exp:FACTOR", "step:FACTOR,EVERY", "hold:FACTOR,EVERY", "inverse:FACTOR" or
 * "sqrt"; lr, epochs and batches stay. Otherwise DT_ERR_CONFIG, with all forms in the hint, and the schedule stays as
 * it is. */
dt_status dt_schedule_parse(const char *text, dt_schedule *schedule, dt_error *err);

/* The text from which dt_schedule_parse makes the same schedule, into buf of at least DT_SCHEDULE_NAME bytes. A table,
 * which it cannot make, is "table". Returns buf. */
const char *dt_schedule_name(const dt_schedule *schedule, char *buf, size_t size);

#endif
