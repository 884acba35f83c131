/* The learning rate over time. `epoch` counts passes over the training set and grows within one. */
#ifndef DT_OPTIM_SCHEDULE_H
#define DT_OPTIM_SCHEDULE_H

typedef enum {
    DT_CONSTANT,    /* lr */
    DT_LINEAR,      /* from lr down to 0 at the end */
    DT_COSINE,      /* lr (1 + cos(pi t)) / 2 with t from 0 to 1 */
    DT_EXPONENTIAL, /* lr * factor^epoch */
    DT_STEP,        /* lr * factor^floor(epoch / every) */
    DT_INVERSE,     /* lr / (1 + factor * epoch) */
    DT_TABLE        /* lr * the factor of the first row whose `until` lies beyond epoch */
} dt_schedule_kind;

typedef struct {
    double until; /* epochs; 0 ends the table, and its factor holds from there on */
    double factor;
} dt_schedule_row;

typedef struct {
    dt_schedule_kind kind;
    double lr, epochs; /* the rate at the start, and how long the training is */
    double factor, every;
    const dt_schedule_row *table;
} dt_schedule;

double dt_schedule_at(const dt_schedule *schedule, double epoch);

#endif
