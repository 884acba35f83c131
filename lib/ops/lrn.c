/* With N(i) the places around i, itself included, that its window covers:
 *
 * s_i = k + alpha * sum over j in N(i) of x_j^2
 * y_i = x_i s_i^-beta                                                        (Krizhevsky et al. 2012, section 3.3)
 *
 * dx_i = dy_i s_i^-beta - 2 alpha beta x_i * sum over j in N(i) of dy_j y_j / s_j, since j is in N(i) if i is in N(j)
 */
#include "ops/op.h"

typedef struct {
    dt_lrn_shape shape;
    real *scale; /* s */
} lrn_saved;

dt_var *dt_lrn_of(dt_var *x, dt_lrn_how how)
{
    DT_REQUIRE(x->rank == 4, "lrn: the input has shape %s, must be [channels,height,width,batch]", SHAPE(x));
    DT_REQUIRE(how.size >= 1 && how.size % 2 == 1, "lrn: windows of %lld, must be odd", (long long)how.size);
    DT_REQUIRE(how.k > 0 && how.alpha >= 0, "lrn: k is %g and alpha %g, must be above 0, and 0 or above", how.k,
               how.alpha);
    dt_var *y = dt_record(&dt_lrn_op, 1, &x, 4, x->dim);
    lrn_saved *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    saved->shape = (dt_lrn_shape){.kind = how.kind,
                                  .channels = x->dim[0],
                                  .height = x->dim[1],
                                  .width = x->dim[2],
                                  .n = x->dim[3],
                                  .size = how.size,
                                  .k = (real)how.k,
                                  .alpha = (real)how.alpha,
                                  .beta = (real)how.beta};
    saved->scale = dt_arena_reals(y->tape->arena, y->count);
    KERNEL(y, lrn_forward)(&saved->shape, x->value, saved->scale, y->value, y->tape->arena);
    return y;
}

static void backward(const dt_var *y)
{
    const lrn_saved *saved = y->saved;
    dt_var *x = y->input[0];
    real beta, *dx = dt_gradient(x, &beta);
    if (dx) KERNEL(y, lrn_backward)
    (&saved->shape, x->value, saved->scale, y->value, y->gradient, beta, dx, y->tape->arena);
}

const dt_op dt_lrn_op = {"lrn", "y = x (k + alpha * sum of x^2 around it)^-beta", backward, NULL};
