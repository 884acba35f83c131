/* A layer of recurrent units that attends before each step (Bahdanau et al. 2015, eq. 4 to 6 and section A.1.2), over a
 * whole sequence. With s_(t-1) the state before, k_j the keys and h_j the values of the places of a source:
 *
 * q_t = query s_(t-1) + query_bias
 *
 * e_tj = v' tanh(q_t + k_j), a_tj = exp(e_tj) / sum_l exp(e_tl), c_t = sum_j a_tj h_j
 *
 * s_t = the cell of w [x_t; c_t] + u s_(t-1) + bias, y_t = [s_t; c_t]
 *
 * The same numbers, up to rounding, as dt_attend_of and one step of dt_recurrent_of in turn, whose equations and
 * gradients it takes; but weights are packed once for all steps, and what they and the input gain from all steps is one
 * product each. Backward: d_t is the gradient of what the cell's gates are taken of (ops/recurrent.c), dc_t = that of y
 * + w_c' d_t, from which attention's backward (ops/attend.c) gives dq_t, and ds_(t-1) += query' dq_t. */
#include <string.h>

#include "ops/op.h"

/* Its inputs. */
enum { X, W, U, BIAS, H, C, QUERY, QUERY_BIAS, SCORE, KEYS, PLACES, INPUTS };

typedef struct {
    dt_recurrent_attend_shape shape;
    dt_recurrent_attend_input in;
    dt_recurrent_attend_kept kept;
    dt_var *var[INPUTS]; /* NULL: there is none */
} saved_state;

static void check(const dt_recurrent_attend_shape *s, dt_var *const *var)
{
    const dt_recurrent_shape *l = &s->layer;
    const dt_attend_shape *a = &s->attend;
    const int64_t units = dt_cell_parts(l->cell) * l->hidden;
    const dt_var *w = var[W], *u = var[U], *query = var[QUERY], *keys = var[KEYS], *places = var[PLACES];
    DT_REQUIRE(u->rank == 2 && u->dim[0] == units, "recurrent_attend: %s has shape %s, must be [%lld,%lld]", u->name,
               SHAPE(u), (long long)units, (long long)l->hidden);
    DT_REQUIRE(keys->rank == 3 && places->rank == 3 && places->dim[0] == keys->dim[0] && keys->dim[2] == l->n &&
                   places->dim[2] == l->n,
               "recurrent_attend: keys %s and places %s for %lld examples", SHAPE(keys), SHAPE(places),
               (long long)l->n);
    DT_REQUIRE(w->rank == 2 && w->dim[0] == units && w->dim[1] == l->in,
               "recurrent_attend: %s has shape %s, must be [%lld,%lld]", w->name, SHAPE(w), (long long)units,
               (long long)l->in);
    DT_REQUIRE(query->rank == 2 && query->dim[0] == a->depth && query->dim[1] == l->hidden &&
                   var[SCORE]->count == a->depth && (!var[QUERY_BIAS] || var[QUERY_BIAS]->count == a->depth),
               "recurrent_attend: %s %s and %s %s for keys %s", query->name, SHAPE(query), var[SCORE]->name,
               SHAPE(var[SCORE]), SHAPE(keys));
    DT_REQUIRE(!var[BIAS] || var[BIAS]->count == dt_cell_biases(l->cell) * l->hidden,
               "recurrent_attend: %s has %lld biases for %lld units of %lld each", var[BIAS]->name,
               (long long)var[BIAS]->count, (long long)l->hidden, (long long)dt_cell_biases(l->cell));
    for (int i = H; i <= C; i++)
        DT_REQUIRE(!var[i] || (var[i]->rank == 2 && var[i]->dim[0] == l->hidden && var[i]->dim[1] == l->n),
                   "recurrent_attend: the initial state of %s has shape %s, must be [%lld,%lld]", u->name,
                   SHAPE(var[i]), (long long)l->hidden, (long long)l->n);
    DT_REQUIRE(!var[C] || l->cell == DT_CELL_LSTM, "recurrent_attend: %s has no second state, it is no LSTM", u->name);
}

static dt_recurrent_attend_kept kept_for(const dt_recurrent_attend_shape *s, dt_arena *arena)
{
    const dt_recurrent_shape *l = &s->layer;
    const dt_attend_shape *a = &s->attend;
    const int64_t examples = l->steps * l->n, states = (examples + l->n) * l->hidden;
    dt_recurrent_attend_kept kept = {
        .layer = {.x = dt_arena_reals(arena, examples * l->in),
                  .gates = dt_arena_reals(arena, examples * dt_cell_biases(l->cell) * l->hidden),
                  .h = dt_arena_reals(arena, states)},
        .q = dt_arena_reals(arena, examples * a->depth),
        .keys = dt_arena_reals(arena, l->n * a->positions * a->depth),
        .places = dt_arena_reals(arena, l->n * a->positions * a->values),
        .weights = dt_arena_reals(arena, examples * a->positions)};
    if (l->cell == DT_CELL_LSTM) kept.layer.c = dt_arena_reals(arena, states);
    return kept;
}

static const real *value_of(const dt_var *x)
{
    return x ? x->value : NULL;
}

dt_var *dt_recurrent_attend_of(dt_cell cell, dt_var *x, dt_recurrent_parts p, dt_recurrent_attend_parts a)
{
    dt_var *const var[INPUTS] = {x, p.w, p.u, p.bias, p.h, p.c, a.query, a.query_bias, a.v, a.keys, a.places};
    DT_REQUIRE(x->rank == 3, "recurrent_attend: the input of %s has shape %s, must be [steps,features,batch]",
               p.u->name, SHAPE(x));
    const int64_t steps = x->dim[0], n = x->dim[2], hidden = p.u->dim[p.u->rank - 1];
    const int64_t positions = a.keys->dim[0], values = a.places->dim[1];
    const dt_recurrent_attend_shape s = {{cell, steps, x->dim[1] + values, hidden, n},
                                         {steps, positions, a.keys->dim[1], values, n}};
    check(&s, var);
    dt_var *inputs[INPUTS];
    int n_inputs = 0;
    for (int i = 0; i < INPUTS; i++)
        if (var[i]) inputs[n_inputs++] = var[i];
    dt_var *y = dt_record(&dt_recurrent_attend_op, n_inputs, inputs, 3, (int64_t[]){steps, hidden + values, n});
    saved_state *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = (saved_state){.shape = s, .kept = kept_for(&s, y->tape->arena)};
    memcpy(saved->var, var, sizeof var);
    saved->in = (dt_recurrent_attend_input){{x->value, NULL, p.w->value, p.u->value, value_of(p.bias)},
                                            a.query->value,
                                            value_of(a.query_bias),
                                            a.v->value,
                                            a.keys->value,
                                            a.places->value};
    KERNEL(y, recurrent_attend_forward)
    (&s, &saved->in, value_of(p.h), value_of(p.c), &saved->kept, y->value, y->tape->arena);
    return y;
}

static const saved_state *saved_by(const dt_var *y, const char *asked)
{
    DT_REQUIRE(y->op == &dt_recurrent_attend_op, "%s: %s is not what a layer that attends returned", asked, SHAPE(y));
    return y->saved;
}

void dt_recurrent_attend_state(const dt_var *y, real *h, real *c)
{
    const saved_state *saved = saved_by(y, "dt_recurrent_attend_state");
    const dt_recurrent_shape *s = &saved->shape.layer;
    const int64_t count = s->hidden * s->n;
    memcpy(h, y->value + (s->steps - 1) * y->dim[1] * s->n, (size_t)count * sizeof *h);
    const real *last = saved->kept.layer.c + s->steps * count;
    for (int64_t j = 0; s->cell == DT_CELL_LSTM && j < s->hidden; j++)
        for (int64_t i = 0; i < s->n; i++) c[j * s->n + i] = last[i * s->hidden + j];
}

const real *dt_recurrent_attend_weights(const dt_var *y)
{
    return saved_by(y, "dt_recurrent_attend_weights")->kept.weights;
}

static void backward(const dt_var *y)
{
    const saved_state *saved = y->saved;
    dt_var *const *var = saved->var;
    real beta;
    dt_recurrent_attend_gradients d = {0};
    if ((d.layer.x = dt_gradient(var[X], &beta))) d.layer.add_x = beta != 0;
    if ((d.layer.w = dt_gradient(var[W], &beta))) d.layer.add_w = beta != 0;
    if ((d.layer.u = dt_gradient(var[U], &beta))) d.layer.add_u = beta != 0;
    if ((d.query = dt_gradient(var[QUERY], &beta))) d.add_query = beta != 0;
    if (var[BIAS]) d.layer.bias = dt_gradient_sum(var[BIAS]);
    if (var[H]) d.layer.h = dt_gradient_sum(var[H]);
    if (var[C]) d.layer.c = dt_gradient_sum(var[C]);
    if (var[QUERY_BIAS]) d.query_bias = dt_gradient_sum(var[QUERY_BIAS]);
    d.v = dt_gradient_sum(var[SCORE]);
    d.keys = dt_gradient_sum(var[KEYS]);
    d.places = dt_gradient_sum(var[PLACES]);
    KERNEL(y, recurrent_attend_backward)
    (&saved->shape, &saved->in, y->gradient, &saved->kept, &d, y->tape->arena);
}

/* Of all steps of one example. */
static dt_cost cost(const dt_var *y)
{
    const saved_state *saved = y->saved;
    const dt_attend_shape *a = &saved->shape.attend;
    const int64_t weights = saved->var[W]->count + saved->var[U]->count + saved->var[QUERY]->count;
    const int64_t uses = a->steps * (weights + a->positions * (a->depth + a->values));
    return (dt_cost){uses, 2.0 * (double)uses};
}

const dt_op dt_recurrent_attend_op = {
    "recurrent_attend", "c_t = attention of s_(t-1), s_t = RNN, LSTM or GRU of [x_t; c_t] and s_(t-1)", backward, cost};
