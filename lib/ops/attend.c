/* Attention. For each step t of the queries, and over the positions j of the source:
 *
 * e_tj = v' tanh(q_t + k_j)                    additive (Bahdanau et al. 2015, section A.1.2)
 *
 * e_tj = q_t' k_j                              dot and general (Luong et al. 2015, eq. 8)
 *
 * a_tj = exp(e_tj) / sum_l exp(e_tl)           (Bahdanau et al., eq. 6)
 *
 * c_t = sum_j a_tj h_j                         (eq. 5)
 *
 * Backward: dh_j = sum_t a_tj dc_t; de_tj = a_tj (h_j' dc_t - sum_l a_tl h_l' dc_t). Dot: dq_t = sum_j de_tj k_j, dk_j
 * = sum_t de_tj q_t. Additive, with u_tj = tanh(q_t + k_j) and g_tj = de_tj v (1 - u_tj^2): dq_t = sum_j g_tj, dk_j =
 * sum_t g_tj, dv = sum_tj de_tj u_tj; u is computed again, which is as quick as to keep it. */
#include "ops/op.h"

typedef struct {
    dt_attend_shape shape;
    real *weights;
} attend_saved;

dt_var *dt_attend_of(dt_var *q, dt_var *k, dt_var *h, dt_var *v)
{
    DT_REQUIRE(q->rank == 3 && k->rank == 3 && k->dim[1] == q->dim[1] && k->dim[2] == q->dim[2],
               "attend: queries %s and keys %s must be [steps,features,batch] and [positions,features,batch]", SHAPE(q),
               SHAPE(k));
    DT_REQUIRE(h->rank == 3 && h->dim[0] == k->dim[0] && h->dim[2] == k->dim[2],
               "attend: values %s for keys %s must be [positions,values,batch]", SHAPE(h), SHAPE(k));
    DT_REQUIRE(!v || v->count == q->dim[1], "attend: %s has %lld numbers for queries %s", v->name, (long long)v->count,
               SHAPE(q));
    const dt_attend_shape s = {q->dim[0], k->dim[0], q->dim[1], h->dim[1], q->dim[2]};
    dt_var *y = dt_record(&dt_attend_op, v ? 4 : 3, (dt_var *[]){q, k, h, v}, 3, (int64_t[]){s.steps, s.values, s.n});
    attend_saved *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = (attend_saved){s, dt_arena_reals(y->tape->arena, s.steps * s.positions * s.n)};
    KERNEL(y, attend_forward)
    (&s, q->value, k->value, v ? v->value : NULL, h->value, saved->weights, y->value);
    return y;
}

const real *dt_attend_weights(const dt_var *y)
{
    DT_REQUIRE(y->op == &dt_attend_op, "dt_attend_weights: %s is not what an attention returned", SHAPE(y));
    return ((const attend_saved *)y->saved)->weights;
}

static void backward(const dt_var *y)
{
    const attend_saved *saved = y->saved;
    dt_var *const *in = y->input, *v = y->n_inputs == 4 ? in[3] : NULL;
    dt_attend_gradients d = {.q = dt_gradient_sum(in[0]), .k = dt_gradient_sum(in[1])};
    d.h = dt_gradient_sum(in[2]);
    if (v) d.v = dt_gradient_sum(v);
    KERNEL(y, attend_backward)
    (&saved->shape, in[0]->value, in[1]->value, v ? v->value : NULL, in[2]->value, saved->weights, y->gradient, &d,
     y->tape->arena);
}

/* Of all steps of one example. */
static dt_cost cost(const dt_var *y)
{
    const dt_attend_shape *s = &((const attend_saved *)y->saved)->shape;
    const int64_t uses = s->steps * s->positions * (s->depth + s->values);
    return (dt_cost){uses, 2.0 * (double)uses};
}

const dt_op dt_attend_op = {"attend", "c_t = sum_j softmax_j(v' tanh(q_t + k_j)) h_j, or of q_t' k_j", backward, cost};
