/* A training that came to something that is not a number: the message with which it stops. */
#ifndef DT_RUN_BREAKDOWN_H
#define DT_RUN_BREAKDOWN_H

#include "core/error.h"

#include <stdint.h>

typedef struct {
    const char *title;     /* of what was trained */
    int64_t epoch, step;   /* from 0 */
    const char *culprit;   /* dt_tape_culprit's words */
    double loss, norm, lr; /* of that step: its mean loss, the gradient's norm, the learning rate */
} dt_breakdown;

/* DT_ERR_DATA: says where, in which op, and what to try. */
dt_status dt_broke_down(const dt_breakdown *at, dt_error *err);

#endif
