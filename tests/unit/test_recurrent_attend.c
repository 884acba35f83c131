/* A recurrent layer that attends before each step: beside its equations taken step by step with the small ops, each of
 * which has a naive twin of its own; steps taken one by one; the bits for any number of threads; misuse. */
#include <criterion/criterion.h>
#include <string.h>

#include "ditto.h"
#include "guarded.h"
#include "misuse.h"

typedef struct {
    dt_cell cell;
    int64_t steps, inputs, hidden, positions, depth, values, n;
} sizes;

enum { X, W, U, BIAS, H, C, QUERY, QUERY_BIAS, SCORE, KEYS, PLACES, INPUTS };

typedef struct {
    sizes s;
    dt_params *params;
    const dt_param *param[INPUTS]; /* NULL: there is none */
    dt_tape *tape;
} problem;

static void open_problem(problem *p, sizes s)
{
    static const char *const names[INPUTS] = {"x",     "w",          "u", "bias", "h",     "c",
                                              "query", "query_bias", "v", "keys", "places"};
    const int64_t units = dt_cell_parts(s.cell) * s.hidden;
    const struct {
        int rank;
        int64_t dim[3];
    } shape[INPUTS] = {{3, {s.steps, s.inputs, s.n}},
                       {2, {units, s.inputs + s.values}},
                       {2, {units, s.hidden}},
                       {1, {dt_cell_biases(s.cell) * s.hidden}},
                       {2, {s.hidden, s.n}},
                       {2, {s.hidden, s.n}},
                       {2, {s.depth, s.hidden}},
                       {1, {s.depth}},
                       {1, {s.depth}},
                       {3, {s.positions, s.depth, s.n}},
                       {3, {s.positions, s.values, s.n}}};
    *p = (problem){.s = s, .params = dt_params_new(3)};
    for (int i = 0; i < INPUTS; i++)
        if (i != C || s.cell == DT_CELL_LSTM)
            p->param[i] = dt_params_add(p->params, names[i], shape[i].rank, shape[i].dim,
                                        (dt_init){.kind = DT_INIT_UNIFORM, .value = 0.6});
    p->tape = dt_tape_new(&dt_cpu, p->params, NULL);
}

static void close_problem(problem *p)
{
    dt_tape_free(p->tape);
    dt_params_free(p->params);
}

static dt_var *use(const problem *p, int i)
{
    return p->param[i] ? dt_use(p->tape, p->param[i]) : NULL;
}

static dt_recurrent_attend_parts attention(const problem *p)
{
    return (dt_recurrent_attend_parts){use(p, QUERY), use(p, QUERY_BIAS), use(p, SCORE), use(p, KEYS), use(p, PLACES)};
}

static dt_var *at_once(const problem *p)
{
    const dt_recurrent_parts parts = {use(p, W), use(p, U), use(p, BIAS), use(p, H), use(p, C)};
    return dt_recurrent_attend_of(p->s.cell, use(p, X), parts, attention(p));
}

/* Step t of the states [h; c] with the small ops, from the state before. */
static dt_var *small_step(const problem *p, int64_t t, dt_var **h, dt_var **c)
{
    const sizes *s = &p->s;
    const int64_t before[3] = {1, s->hidden, s->n}, word[3] = {1, s->inputs, s->n};
    dt_var *q = dt_linear_of(dt_reshape(*h, 3, before), use(p, QUERY), use(p, QUERY_BIAS));
    dt_var *mean = dt_attend_of(q, use(p, KEYS), use(p, PLACES), use(p, SCORE));
    dt_var *x = dt_reshape(dt_step(use(p, X), t), 3, word);
    dt_var *y = dt_recurrent_of(s->cell, dt_concat_features(x, mean),
                                (dt_recurrent_parts){use(p, W), use(p, U), use(p, BIAS), *h, *c});
    *h = dt_step(y, 0);
    if (*c) *c = dt_last_cell(y);
    return dt_concat_features(y, mean); /* [1,hidden+values,n] */
}

static double worst;

static void compare(const real *mine, const real *other, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!(fabs((double)mine[i] - (double)other[i]) <= worst)) worst = fabs((double)mine[i] - (double)other[i]);
}

static void check(sizes s)
{
    problem p;
    open_problem(&p, s);
    const int64_t row = (s.hidden + s.values) * s.n, count = s.steps * row;
    real *y = uniforms_new(count, 0, 1), *dy = uniforms_new(count, 1, 2);
    real *gradients = uniforms_new(p.params->size, 0, 1);
    dt_var *mine = at_once(&p);
    memcpy(y, mine->value, (size_t)count * sizeof *y);
    dt_params_zero_gradients(p.params);
    dt_backward_from(mine, dy);
    memcpy(gradients, p.params->gradients, (size_t)p.params->size * sizeof *gradients);
    worst = 0;
    dt_tape_reset(p.tape);
    dt_var *h = use(&p, H), *c = use(&p, C), *all = NULL;
    for (int64_t t = 0; t < s.steps; t++) {
        dt_var *step = small_step(&p, t, &h, &c);
        all = all ? dt_concat(all, step) : step;
    }
    compare(y, all->value, count);
    dt_params_zero_gradients(p.params);
    dt_backward_from(all, dy);
    compare(gradients, p.params->gradients, p.params->size);
    cr_expect(worst < 2e-5 * (double)(s.n + s.steps), "cell %d, %d steps, %d examples: %g off", (int)s.cell,
              (int)s.steps, (int)s.n, worst);
    guarded_free(y), guarded_free(dy), guarded_free(gradients);
    close_problem(&p);
}

Test(recurrent_attend, equals_the_small_ops_in_turn)
{
    check((sizes){DT_CELL_GRU, 3, 2, 4, 5, 6, 3, 2});
    check((sizes){DT_CELL_GRU, 4, 17, 33, 7, 16, 35, 19});
    check((sizes){DT_CELL_LSTM, 3, 5, 18, 21, 37, 16, 5});
    check((sizes){DT_CELL_LSTM, 1, 1, 1, 1, 1, 1, 1});
    check((sizes){DT_CELL_TANH, 5, 3, 16, 2, 3, 40, 1});
    check((sizes){DT_CELL_RELU, 2, 4, 9, 3, 5, 7, 64});
}

/* As a translation is written, where each step is another op that begins with the state before. */
Test(recurrent_attend, steps_one_by_one_give_the_same_bits)
{
    for (int k = 0; k < 2; k++) {
        const sizes s = {k ? DT_CELL_LSTM : DT_CELL_GRU, 4, 3, 17, 5, 9, 21, 7};
        problem p;
        open_problem(&p, s);
        p.tape->recording = false;
        const dt_var *all = at_once(&p);
        const real *weights = dt_recurrent_attend_weights(all);
        const int64_t state[2] = {s.hidden, s.n}, word[3] = {1, s.inputs, s.n}, row = (s.hidden + s.values) * s.n;
        dt_var *h = use(&p, H), *c = use(&p, C), *x = use(&p, X);
        for (int64_t t = 0; t < s.steps; t++) {
            dt_var *one = dt_constant(p.tape, 3, word, x->value + t * s.inputs * s.n);
            const dt_recurrent_parts parts = {use(&p, W), use(&p, U), use(&p, BIAS), h, c};
            const dt_var *y = dt_recurrent_attend_of(s.cell, one, parts, attention(&p));
            cr_expect(memcmp(y->value, all->value + t * row, (size_t)row * sizeof(real)) == 0, "step %d", (int)t);
            cr_expect(memcmp(dt_recurrent_attend_weights(y), weights + t * s.positions * s.n,
                             (size_t)(s.positions * s.n) * sizeof(real)) == 0,
                      "weights of step %d", (int)t);
            h = dt_input(p.tape, 2, state);
            if (c) c = dt_input(p.tape, 2, state);
            dt_recurrent_attend_state(y, h->value, c ? c->value : NULL);
        }
        real *last[2] = {uniforms_new(s.hidden * s.n, 0, 1), uniforms_new(s.hidden * s.n, 0, 1)};
        dt_recurrent_attend_state(all, last[0], last[1]);
        cr_expect(memcmp(last[0], h->value, (size_t)(s.hidden * s.n) * sizeof(real)) == 0);
        cr_expect(!c || memcmp(last[1], c->value, (size_t)(s.hidden * s.n) * sizeof(real)) == 0);
        guarded_free(last[0]), guarded_free(last[1]);
        close_problem(&p);
    }
}

Test(recurrent_attend, weights_add_up_and_large_scores_do_not_overflow)
{
    const sizes s = {DT_CELL_GRU, 2, 3, 5, 4, 6, 3, 3};
    problem p;
    open_problem(&p, s);
    for (int64_t i = 0; i < s.depth; i++) p.params->values[p.param[SCORE]->offset + i] *= 1000;
    const real *weights = dt_recurrent_attend_weights(at_once(&p));
    for (int64_t t = 0; t < s.steps; t++)
        for (int64_t i = 0; i < s.n; i++) {
            double sum = 0;
            for (int64_t j = 0; j < s.positions; j++) sum += (double)weights[(t * s.positions + j) * s.n + i];
            cr_expect(is_close(sum, 1, 1e-6), "step %d, example %d: %g", (int)t, (int)i, sum);
        }
    close_problem(&p);
}

Test(recurrent_attend, same_bits_for_any_number_of_threads)
{
    const sizes s = {DT_CELL_GRU, 3, 5, 19, 4, 7, 11, 13};
    real *gradients[3];
    for (int threads = 1; threads <= 3; threads++) {
        problem p;
        open_problem(&p, s);
        dt_threads_set(threads);
        dt_params_zero_gradients(p.params);
        dt_backward(at_once(&p), 1);
        dt_threads_set(1);
        const size_t size = (size_t)p.params->size * sizeof(real);
        gradients[threads - 1] = malloc(size);
        memcpy(gradients[threads - 1], p.params->gradients, size);
        cr_expect(memcmp(gradients[threads - 1], gradients[0], size) == 0, "%d threads", threads);
        close_problem(&p);
    }
    for (int i = 0; i < 3; i++) free(gradients[i]);
}

Test(recurrent_attend, wrong_shapes_are_misuse)
{
    problem p;
    open_problem(&p, (sizes){DT_CELL_GRU, 2, 3, 5, 4, 6, 3, 3});
    const dt_recurrent_parts parts = {use(&p, W), use(&p, U), use(&p, BIAS), use(&p, H), NULL};
    const dt_recurrent_attend_parts good = attention(&p);
    dt_recurrent_parts wrong = parts;
    dt_recurrent_attend_parts other = good;
    dt_var *x = use(&p, X), *state = dt_input(p.tape, 2, (int64_t[]){5, 2});
    EXPECT_MISUSE("recurrent_attend: the input of u has shape [5,3]",
                  dt_recurrent_attend_of(DT_CELL_GRU, use(&p, H), parts, good));
    EXPECT_MISUSE("recurrent_attend: u has shape [15,5], must be [20,5]",
                  dt_recurrent_attend_of(DT_CELL_LSTM, x, parts, good));
    wrong.w = parts.u;
    EXPECT_MISUSE("recurrent_attend: u has shape [15,5], must be [15,6]",
                  dt_recurrent_attend_of(DT_CELL_GRU, x, wrong, good));
    wrong = parts, wrong.h = state;
    EXPECT_MISUSE("the initial state of u has shape [5,2], must be [5,3]",
                  dt_recurrent_attend_of(DT_CELL_GRU, x, wrong, good));
    wrong = parts, wrong.c = parts.h;
    EXPECT_MISUSE("u has no second state, it is no LSTM", dt_recurrent_attend_of(DT_CELL_GRU, x, wrong, good));
    wrong = parts, wrong.bias = good.v;
    EXPECT_MISUSE("v has 6 biases for 5 units of 4 each", dt_recurrent_attend_of(DT_CELL_GRU, x, wrong, good));
    other.places = x;
    EXPECT_MISUSE("keys [4,6,3] and places [2,3,3] for 3 examples",
                  dt_recurrent_attend_of(DT_CELL_GRU, x, parts, other));
    other = good, other.v = parts.bias;
    EXPECT_MISUSE("query [6,5] and bias [20] for keys [4,6,3]", dt_recurrent_attend_of(DT_CELL_GRU, x, parts, other));
    EXPECT_MISUSE("dt_recurrent_attend_weights: [2,3,3] is not what a layer that attends returned",
                  dt_recurrent_attend_weights(x));
    close_problem(&p);
}
