/* Context units, linear ones that change slowly (Mikolov et al. 2014, eq. 3, with x_t for B x_t and the initial state
 * s_0):
 *
 * s_t = (1 - alpha) x_t + alpha s_(t-1)
 *
 * Backward goes from the last step to the first with ds_t = dy_t + alpha ds_(t+1), where ds_(T+1) = 0:
 *
 * dx_t = (1 - alpha) ds_t        ds_0 = alpha ds_1 */
#include <string.h>

#include "ops/op.h"

typedef struct {
    real alpha;
    dt_var *s; /* NULL: there is none */
} context_saved;

static int64_t units_of(const dt_var *y)
{
    return y->dim[1] * y->dim[2]; /* of all examples, in one step */
}

dt_var *dt_context_of(dt_var *x, double alpha, dt_var *s)
{
    DT_REQUIRE(x->rank == 3, "context: the input has shape %s, must be [steps,features,batch]", SHAPE(x));
    DT_REQUIRE(!s || (s->rank == 2 && s->dim[0] == x->dim[1] && s->dim[1] == x->dim[2]),
               "context: the initial state has shape %s, must be [%lld,%lld]", SHAPE(s), (long long)x->dim[1],
               (long long)x->dim[2]);
    DT_REQUIRE(alpha >= 0 && alpha < 1, "context: alpha is %g, must be from 0 to below 1", alpha);
    dt_var *y = dt_record(&dt_context_op, s ? 2 : 1, (dt_var *[]){x, s}, 3, x->dim);
    context_saved *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = (context_saved){(real)alpha, s};
    const int64_t units = units_of(y);
    const real *before = s ? s->value : NULL;
    for (int64_t t = 0; t < x->dim[0]; t++) {
        real *now = y->value + t * units;
        if (before)
            KERNEL(y, copy)(units, before, 0, now);
        else
            memset(now, 0, (size_t)units * sizeof *now);
        KERNEL(y, average_step)(units, 1 - saved->alpha, x->value + t * units, now);
        before = now;
    }
    return y;
}

static void backward(const dt_var *y)
{
    const context_saved *saved = y->saved;
    const int64_t units = units_of(y);
    real beta, *dx = dt_gradient(y->input[0], &beta), *ds0 = saved->s ? dt_gradient_sum(saved->s) : NULL;
    const dt_arena_mark mark = dt_arena_tell(y->tape->arena);
    real *ds = dt_arena_reals(y->tape->arena, 2 * units), *share = ds + units;
    for (int64_t last = y->dim[0] - 1, t = last; t >= 0; t--) {
        if (t < last) KERNEL(y, scale)(units, saved->alpha, ds);
        KERNEL(y, copy)(units, y->gradient + t * units, t < last, ds);
        if (!dx) continue;
        KERNEL(y, copy)(units, ds, 0, share);
        KERNEL(y, scale)(units, 1 - saved->alpha, share);
        KERNEL(y, copy)(units, share, beta, dx + t * units);
    }
    if (ds0) {
        KERNEL(y, scale)(units, saved->alpha, ds);
        KERNEL(y, copy)(units, ds, 1, ds0);
    }
    dt_arena_rewind(y->tape->arena, mark);
}

const dt_op dt_context_op = {"context", "s_t = (1 - alpha) x_t + alpha s_(t-1), y = s_1 .. s_T", backward, NULL};
