/* Where a step broke down. */
#include <math.h>
#include <stdio.h>

#include "tape/tape.h"

static bool all_finite(const real *x, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

bool dt_tape_culprit(const dt_tape *tape, char *buf, size_t size)
{
    const dt_var *value = NULL, *gradient = NULL;
    for (const dt_var *y = tape->last; y; y = y->previous) {
        if (!all_finite(y->value, y->count)) value = y;
        if (!gradient && y->gradient && !all_finite(y->gradient, y->count)) gradient = y;
    }
    const dt_var *bad = value ? value : gradient;
    snprintf(buf, size, "the gradients' sum");
    if (!bad) return false;
    snprintf(buf, size, "the %s of %s%s%s", value ? "value" : "gradient", bad->op->name, bad->name[0] ? " " : "",
             bad->name);
    return true;
}
