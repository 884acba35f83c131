/* Gradient checks by central differences, in double. An op's output y is projected on a random vector r, so that L = r
 * . y, and each element of each input is moved by +-1e-5. */
#ifndef TESTS_GRADCHECK_H
#define TESTS_GRADCHECK_H

#include "ditto.h"

enum { MAX_CASE_INPUTS = 11 };

typedef struct {
    const char *label;
    const dt_op *op; /* that build records last */
    dt_var *(*build)(dt_var **inputs);
    struct {
        int rank;
        int64_t dim[DT_MAX_RANK];
    } input[MAX_CASE_INPUTS]; /* rank 0 ends the list */
} gradient_case;

/* Checks every input of the case, once by itself and once with the op applied twice to the same inputs, where gradients
 * must add up. NULL if all is well, otherwise a sentence that tells the worst element; gradients that are zero
 * throughout are a failure too. */
const char *check_case(const gradient_case *c);

/* The derivative of the mean loss along a random direction of all parameters, analytic against central difference.
 * Returns NULL or a sentence. */
const char *check_model(dt_params *params, dt_var *(*loss)(void *context, dt_tape *tape), void *context);

#endif
