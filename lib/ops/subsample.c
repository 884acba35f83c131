/* With s = the sum over each window of map c:
 *
 * y[c] = coefficient[c] s[c] + bias[c]                   (LeCun et al. 1998, section II.B; the squashing is an op of
 * its own)
 *
 * ds = coefficient dy, and dx = ds everywhere in the window        dcoefficient[c] = sum dy s        dbias[c] = sum dy
 */
#include "ops/op.h"

typedef struct {
    dt_pool_shape s;
    real *sums;
} subsample_saved;

dt_var *dt_subsample_of(dt_var *x, dt_var *coefficient, dt_var *bias, int64_t size)
{
    dt_pool_shape s = pool_shape(x, (dt_pool_how){.size = size}, "subsample");
    DT_REQUIRE(coefficient->count == s.channels && bias->count == s.channels,
               "subsample: %s has %lld coefficients and %lld biases for %lld maps", coefficient->name,
               (long long)coefficient->count, (long long)bias->count, (long long)s.channels);
    DT_REQUIRE(s.in_h % size == 0 && s.in_w % size == 0, "subsample: the input %s is not a multiple of %lld", SHAPE(x),
               (long long)size);
    dt_var *y = dt_record(&dt_subsample_op, 3, (dt_var *[]){x, coefficient, bias}, 4,
                          (int64_t[]){s.channels, s.out_h, s.out_w, s.n});
    subsample_saved *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = (subsample_saved){s, dt_arena_reals(y->tape->arena, y->count)};
    KERNEL(y, sumpool_forward)(&s, false, x->value, saved->sums);
    int64_t columns = s.out_h * s.out_w * s.n;
    KERNEL(y, affine_forward)(s.channels, columns, saved->sums, coefficient->value, bias->value, y->value);
    return y;
}

static void backward(const dt_var *y)
{
    const subsample_saved *saved = y->saved;
    const dt_pool_shape *s = &saved->s;
    dt_arena *arena = y->tape->arena;
    real beta, *dx = dt_gradient(y->input[0], &beta);
    real *dcoefficient = dt_gradient_sum(y->input[1]), *dbias = dt_gradient_sum(y->input[2]);
    dt_arena_mark mark = dt_arena_tell(arena);
    real *dsums = dx ? dt_arena_reals(arena, y->count) : NULL;
    int64_t columns = s->out_h * s->out_w * s->n;
    const real *coefficient = y->input[1]->value, *dy = y->gradient;
    KERNEL(y, affine_backward)(s->channels, columns, saved->sums, coefficient, dy, 0, dsums, dcoefficient, dbias);
    if (dx) KERNEL(y, sumpool_backward)(s, false, dsums, beta, dx);
    dt_arena_rewind(arena, mark);
}

static dt_cost cost(const dt_var *y)
{
    const subsample_saved *saved = y->saved;
    int64_t window = saved->s.size * saved->s.size;
    return (dt_cost){dt_features(y) * (window + 1), (double)(dt_features(y) * (window + 2))};
}

const dt_op dt_subsample_op = {"subsample", "y[c] = coefficient[c] * (sum over the window of x[c]) + bias[c]", backward,
                               cost};
