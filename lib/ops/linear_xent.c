/* scores = w x + bias, p = softmax(scores), loss = log(sum of exp(scores)) - target' scores, each column of each step
 * an example. The target is 1 at the label; with a smoothing share s it is 1 - s there, and s / classes more for all.
 * With e = dloss (p - target):
 *
 * dx = w' e        dw = sum e x'        dbias = sum e */
#include "ops/op.h"

typedef struct {
    dt_linear_xent_shape shape;
    const int32_t *labels;
    real *kept;
} xent_saved;

dt_var *dt_linear_xent_smooth_of(dt_var *x, dt_var *w, dt_var *bias, const int32_t *labels, double share)
{
    DT_REQUIRE(share >= 0 && share < 1, "linear_xent: a share of %g of the target of %s is spread, must be in [0,1)",
               share, w->name);
    DT_REQUIRE(x->rank == 2 || x->rank == 3,
               "linear_xent: the input of %s has shape %s, must be [features,batch] or [steps,features,batch]", w->name,
               SHAPE(x));
    const int64_t n = dt_batch(x), in = x->dim[x->rank - 2];
    DT_REQUIRE(w->rank == 2 && w->dim[1] == in, "linear_xent: the input %s does not fit %s %s", SHAPE(x), w->name,
               SHAPE(w));
    DT_REQUIRE(!bias || bias->count == w->dim[0], "linear_xent: %s has %lld biases for %lld classes", bias->name,
               (long long)bias->count, (long long)w->dim[0]);
    const dt_linear_xent_shape s = {x->count / (in * n), in, w->dim[0], n, (real)share};
    check_symbols((dt_symbols){labels, s.steps, n}, s.classes, "linear_xent");
    dt_var *loss = dt_record(&dt_linear_xent_op, bias ? 3 : 2, (dt_var *[]){x, w, bias}, x->rank - 1,
                             x->rank == 2 ? (int64_t[]){n} : (int64_t[]){s.steps, n});
    dt_arena *arena = loss->tape->arena;
    xent_saved *saved = loss->saved = dt_arena_alloc(arena, sizeof *saved);
    *saved = (xent_saved){s, labels, NULL};
    if (loss->needs_gradient) saved->kept = dt_arena_reals(arena, dt_linear_xent_reals(&s));
    KERNEL(loss, linear_xent_forward)
    (&s, x->value, w->value, bias ? bias->value : NULL, labels, saved->kept, loss->value, arena);
    return loss;
}

dt_var *dt_linear_xent_of(dt_var *x, dt_var *w, dt_var *bias, const int32_t *labels)
{
    return dt_linear_xent_smooth_of(x, w, bias, labels, 0);
}

static void backward(const dt_var *loss)
{
    const xent_saved *saved = loss->saved;
    real beta;
    dt_linear_xent_gradients d = {0};
    if ((d.x = dt_gradient(loss->input[0], &beta))) d.add_x = beta != 0;
    if ((d.w = dt_gradient(loss->input[1], &beta))) d.add_w = beta != 0;
    if (loss->n_inputs == 3) d.bias = dt_gradient_sum(loss->input[2]);
    KERNEL(loss, linear_xent_backward)
    (&saved->shape, loss->input[0]->value, loss->input[1]->value, saved->labels, saved->kept, loss->gradient, &d,
     loss->tape->arena);
}

static dt_cost cost(const dt_var *loss)
{
    const xent_saved *saved = loss->saved;
    const int64_t weights = loss->input[1]->count, biases = loss->n_inputs == 3 ? loss->input[2]->count : 0;
    return (dt_cost){saved->shape.steps * (weights + biases), 2.0 * (double)(saved->shape.steps * weights)};
}

const dt_op dt_linear_xent_op = {
    "linear_xent", "loss = log sum_i exp(score_i) - sum_i target_i score_i, score = w x + bias", backward, cost};
