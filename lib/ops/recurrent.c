/* A layer of recurrent units over a whole sequence, y_t = h_t. Weights act on columns, one an example; h' and c' are
 * those of the step before:
 *
 * RNN: h = f(w x + u h' + bias)
 *
 * LSTM: i, f, o = sigmoid and g = tanh of the parts of w x + u h' + bias; c = f c' + i g; h = o tanh(c)
 *
 * GRU: r, z = sigmoid of the parts of w x + u h' + bias; n = tanh(w_n x + bias_n + r q), q = u_n h' + bias_q;
 *
 * h = z h' + (1 - z) n
 *
 * Backward goes through the steps from the last to the first with dh = dy_t + what came back from step t+1, and for
 * LSTM dc likewise. With d for the gradient of what a nonlinearity is taken of:
 *
 * RNN: d = dh f'
 *
 * LSTM: dc += dh o (1 - tanh(c)^2); d_o = dh tanh(c) o (1 - o); d_i = dc g i (1 - i); d_f = dc c' f (1 - f);
 *
 * d_g = dc i (1 - g^2); dc' = dc f
 *
 * GRU: d_n = dh (1 - z) (1 - n^2); d_z = dh (h' - n) z (1 - z); d_r = d_n q r (1 - r); d_q = r d_n;
 *
 * dh' begins with dh z
 *
 * and dh' = u' d, dx = w' d, du = sum d h'', dw = sum d x', dbias = sum d over all steps. Without w, x stands for
 * w x, and dx = d. */
#include <string.h>

#include "ops/op.h"

typedef struct {
    dt_recurrent_shape shape;
    dt_recurrent_input in;
    dt_recurrent_kept kept;
    dt_var *x, *w, *u, *bias, *h, *c; /* NULL: there is none */
    real *last_c;                     /* the gradient of c after the last step; NULL: none came */
} recurrent_saved;

/* The parameter to name in messages. */
static const char *whose(const dt_recurrent_parts *p)
{
    return p->w ? p->w->name : p->u->name;
}

static void check_state(const dt_var *state, const dt_recurrent_shape *s, const char *name)
{
    DT_REQUIRE(!state || (state->rank == 2 && state->dim[0] == s->hidden && state->dim[1] == s->n),
               "recurrent: the initial state of %s has shape %s, must be [%lld,%lld]", name, SHAPE(state),
               (long long)s->hidden, (long long)s->n);
}

static void check(const dt_recurrent_shape *s, const dt_recurrent_parts *p)
{
    const int64_t units = dt_cell_parts(s->cell) * s->hidden;
    DT_REQUIRE(p->u->rank == 2 && p->u->dim[0] == units, "recurrent: %s has shape %s, must be [%lld,%lld]", p->u->name,
               SHAPE(p->u), (long long)units, (long long)s->hidden);
    DT_REQUIRE(!p->w || (p->w->rank == 2 && p->w->dim[0] == units && p->w->dim[1] == s->in),
               "recurrent: %s has shape %s, must be [%lld,%lld]", p->w->name, SHAPE(p->w), (long long)units,
               (long long)s->in);
    DT_REQUIRE(p->w || s->in == units, "recurrent: without w, the input of %s has %lld features, must be %lld",
               p->u->name, (long long)s->in, (long long)units);
    DT_REQUIRE(!p->bias || p->bias->count == dt_cell_biases(s->cell) * s->hidden,
               "recurrent: %s has %lld biases for %lld units of %lld each", p->bias->name, (long long)p->bias->count,
               (long long)s->hidden, (long long)dt_cell_biases(s->cell));
    check_state(p->h, s, whose(p));
    check_state(p->c, s, whose(p));
    DT_REQUIRE(!p->c || s->cell == DT_CELL_LSTM, "recurrent: %s has no second state, it is no LSTM", whose(p));
}

static dt_recurrent_kept kept_for(const dt_recurrent_shape *s, bool rows, dt_arena *arena)
{
    const int64_t examples = s->steps * s->n, states = (examples + s->n) * s->hidden;
    dt_recurrent_kept kept = {.gates = dt_arena_reals(arena, examples * dt_cell_biases(s->cell) * s->hidden),
                              .h = dt_arena_reals(arena, states)};
    if (rows) kept.x = dt_arena_reals(arena, examples * s->in);
    if (s->cell == DT_CELL_LSTM) kept.c = dt_arena_reals(arena, states);
    return kept;
}

static dt_var *record(const dt_recurrent_shape *s, dt_var *x, const int32_t *symbols, const dt_recurrent_parts *p)
{
    check(s, p);
    dt_var *const all[] = {p->w, p->u, x, p->bias, p->h, p->c};
    dt_var *inputs[DT_MAX_INPUTS];
    int n_inputs = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]) inputs[n_inputs++] = all[i];
    dt_var *y = dt_record(&dt_recurrent_op, n_inputs, inputs, 3, (int64_t[]){s->steps, s->hidden, s->n});
    dt_arena *arena = y->tape->arena;
    recurrent_saved *saved = y->saved = dt_arena_alloc(arena, sizeof *saved);
    *saved = (recurrent_saved){
        .shape = *s,
        .in = {x ? x->value : NULL, symbols, p->w ? p->w->value : NULL, p->u->value, p->bias ? p->bias->value : NULL},
        .kept = kept_for(s, x && p->w, arena),
        .x = x,
        .w = p->w,
        .u = p->u,
        .bias = p->bias,
        .h = p->h,
        .c = p->c};
    KERNEL(y, recurrent_forward)
    (s, &saved->in, p->h ? p->h->value : NULL, p->c ? p->c->value : NULL, &saved->kept, y->value, arena);
    return y;
}

dt_var *dt_recurrent_of(dt_cell cell, dt_var *x, dt_recurrent_parts p)
{
    DT_REQUIRE(x->rank == 3, "recurrent: the input of %s has shape %s, must be [steps,features,batch]", whose(&p),
               SHAPE(x));
    return record(&(dt_recurrent_shape){cell, x->dim[0], x->dim[1], p.u->dim[p.u->rank - 1], x->dim[2]}, x, NULL, &p);
}

dt_var *dt_recurrent_of_symbols(dt_cell cell, dt_symbols x, dt_recurrent_parts p)
{
    check_symbols(x, p.w->dim[p.w->rank - 1], "recurrent");
    const dt_recurrent_shape s = {cell, x.steps, p.w->dim[p.w->rank - 1], p.u->dim[p.u->rank - 1], x.n};
    return record(&s, NULL, x.id, &p);
}

/* c [hidden,n] after the last step. */
static void copy_last_cell(const recurrent_saved *saved, real *c)
{
    const dt_recurrent_shape *s = &saved->shape;
    const real *last = saved->kept.c + s->steps * s->hidden * s->n;
    for (int64_t j = 0; j < s->hidden; j++)
        for (int64_t i = 0; i < s->n; i++) c[j * s->n + i] = last[i * s->hidden + j];
}

void dt_last_state(const dt_var *y, real *h, real *c)
{
    DT_REQUIRE(y->op == &dt_recurrent_op, "dt_last_state: %s is not what a recurrent layer returned", SHAPE(y));
    const recurrent_saved *saved = y->saved;
    const dt_recurrent_shape *s = &saved->shape;
    const int64_t count = s->hidden * s->n;
    memcpy(h, y->value + (s->steps - 1) * count, (size_t)count * sizeof *h);
    if (s->cell == DT_CELL_LSTM) copy_last_cell(saved, c);
}

dt_var *dt_last_cell(dt_var *y)
{
    DT_REQUIRE(y->op == &dt_recurrent_op && ((const recurrent_saved *)y->saved)->shape.cell == DT_CELL_LSTM,
               "dt_last_cell: %s is not what an LSTM returned", SHAPE(y));
    dt_var *c = dt_record(&dt_last_cell_op, 1, &y, 2, (int64_t[]){y->dim[1], y->dim[2]});
    copy_last_cell(y->saved, c->value);
    return c;
}

/* The LSTM's own backward comes later and takes the gradient along; it comes only where its result has a gradient. */
static void last_cell_backward(const dt_var *c)
{
    dt_var *y = c->input[0];
    recurrent_saved *saved = y->saved;
    if (!y->base->gradient) dt_gradient_sum(y);
    if (!saved->last_c) {
        saved->last_c = c->gradient;
        return;
    }
    KERNEL(c, copy)(c->count, c->gradient, 1, saved->last_c);
}

const dt_recurrent_kept *dt_recurrent_inside(const dt_var *y)
{
    DT_REQUIRE(y->op == &dt_recurrent_op && !y->tape->walked,
               "dt_recurrent_inside: %s is not what a recurrent layer returned just now", SHAPE(y));
    return &((const recurrent_saved *)y->saved)->kept;
}

static void backward(const dt_var *y)
{
    const recurrent_saved *saved = y->saved;
    real beta;
    dt_recurrent_gradients d = {0};
    if (saved->x && (d.x = dt_gradient(saved->x, &beta))) d.add_x = beta != 0;
    if (saved->w && (d.w = dt_gradient(saved->w, &beta))) d.add_w = beta != 0;
    if ((d.u = dt_gradient(saved->u, &beta))) d.add_u = beta != 0;
    if (saved->bias) d.bias = dt_gradient_sum(saved->bias);
    if (saved->h) d.h = dt_gradient_sum(saved->h);
    if (saved->c) d.c = dt_gradient_sum(saved->c);
    d.last_c = saved->last_c;
    KERNEL(y, recurrent_backward)(&saved->shape, &saved->in, y->gradient, &saved->kept, &d, y->tape->arena);
}

/* Of all steps of one example; with symbols, w x costs nothing. */
static dt_cost cost(const dt_var *y)
{
    const recurrent_saved *saved = y->saved;
    const int64_t steps = saved->shape.steps, weights = saved->u->count + (saved->x && saved->w ? saved->w->count : 0);
    const int64_t uses = weights + (saved->bias ? saved->bias->count : 0);
    return (dt_cost){steps * uses, 2.0 * (double)(steps * weights)};
}

const dt_op dt_recurrent_op = {"recurrent", "h_t = cell(w x_t + bias, u h_(t-1)), y = h_1 .. h_T: RNN, LSTM or GRU",
                               backward, cost};
const dt_op dt_last_cell_op = {"last_cell", "c after an LSTM's last step", last_cell_backward, NULL};
