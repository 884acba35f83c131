/* Choices with numbers as text, "adam:0.9,0.999": a name, then numbers, of which the last ones may be left out. Shared
 * by the optimizers and the schedules, private to optim/. */
#ifndef DT_OPTIM_SPEC_H
#define DT_OPTIM_SPEC_H

#include "core/error.h"

enum { DT_SPEC_NUMBERS = 3 };

typedef enum {
    DT_SPEC_POSITIVE, /* at least 1e-30, so that it is above 0 in float too */
    DT_SPEC_SHARE     /* at least 0 and below 1 */
} dt_spec_range;

typedef struct {
    const char *name;
    int needed; /* numbers that cannot be left out */
    int shown;  /* numbers that dt_spec_text always writes; a later one only if it is not the usual one */
    int count;
    struct {
        const char *name; /* for messages */
        dt_spec_range range;
        double usual; /* if it is left out */
    } number[DT_SPEC_NUMBERS];
} dt_spec;

/* Finds the spec that `text` names, *which, and its numbers, all `count` of them; `specs` ends with one without a name.
 * DT_ERR_CONFIG: the name is not known, a number is missing, superfluous, malformed or out of range; the message calls
 * it `what` ("the optimizer"), the hint lists the forms, and *which and numbers stay as they were. */
dt_status dt_spec_parse(const char *what, const dt_spec *specs, const char *text, int *which, double *numbers,
                        dt_error *err);

/* The text that dt_spec_parse reads as these numbers, to the last bit, into buf. Returns buf. */
const char *dt_spec_text(const dt_spec *spec, const double *numbers, char *buf, size_t size);

#endif
