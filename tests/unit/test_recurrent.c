/* Recurrent layers: the kernels against a naive twin in double that follows the equations unit by unit, states that are
 * carried over, the bits for any number of threads, and misuse. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "ditto.h"
#include "guarded.h"
#include "misuse.h"

/* ---- the naive twin */

typedef struct {
    dt_recurrent_shape s;
    int64_t units, biases, rows, states; /* numbers of a step's gates, of bias, of examples in all, in one state */
    real *x, *w, *u, *bias, *h, *c, *dy;
    int32_t *symbols;
} problem;

static int32_t *symbols_new(int64_t count, int64_t kinds)
{
    int32_t *id = malloc((size_t)count * sizeof *id);
    dt_rng stream = dt_rng_stream(5, "symbols", 0);
    for (int64_t i = 0; i < count; i++) id[i] = (int32_t)dt_rng_below(stream, (uint64_t)i, (uint32_t)kinds);
    return id;
}

static problem problem_of(dt_cell cell, int64_t steps, int64_t in, int64_t hidden, int64_t n)
{
    problem p = {.s = {cell, steps, in, hidden, n}};
    p.units = dt_cell_parts(cell) * hidden, p.biases = dt_cell_biases(cell) * hidden;
    p.rows = steps * n, p.states = hidden * n;
    p.x = uniforms_new(p.rows * in, 1, 1), p.w = uniforms_new(p.units * in, 0.7, 2);
    p.u = uniforms_new(p.units * hidden, 1.0 / sqrt((double)hidden), 3), p.bias = uniforms_new(p.biases, 0.5, 4);
    p.h = uniforms_new(p.states, 0.9, 5), p.c = uniforms_new(p.states, 1, 6);
    p.dy = uniforms_new(p.rows * hidden, 1, 7);
    p.symbols = symbols_new(p.rows, in);
    return p;
}

static void problem_free(problem *p)
{
    guarded_free(p->x), guarded_free(p->w), guarded_free(p->u), guarded_free(p->bias);
    guarded_free(p->h), guarded_free(p->c), guarded_free(p->dy);
    free(p->symbols);
}

static double sigma(double x)
{
    return 1 / (1 + exp(-x));
}

/* Row `j` of w x_t + bias for example i; the part n of GRU's bias is its third, q's the fourth. */
static double projected(const problem *p, bool symbols, int64_t t, int64_t j, int64_t i)
{
    const dt_recurrent_shape *s = &p->s;
    double sum = (double)p->bias[j];
    if (symbols) return sum + (double)p->w[j * s->in + p->symbols[t * s->n + i]];
    for (int64_t l = 0; l < s->in; l++) sum += (double)p->w[j * s->in + l] * (double)p->x[(t * s->in + l) * s->n + i];
    return sum;
}

static double recurred(const problem *p, int64_t j, int64_t i, const double *h)
{
    double sum = 0;
    for (int64_t l = 0; l < p->s.hidden; l++) sum += (double)p->u[j * p->s.hidden + l] * h[l * p->s.n + i];
    return sum;
}

static double next_h(const problem *p, bool symbols, int64_t t, int64_t j, int64_t i, const double *h, double *c)
{
    const int64_t H = p->s.hidden;
    double a[4] = {0}, b[4] = {0}, *own = &c[j * p->s.n + i];
    for (int64_t k = 0; k < dt_cell_parts(p->s.cell); k++) {
        a[k] = projected(p, symbols, t, k * H + j, i);
        b[k] = recurred(p, k * H + j, i, h);
    }
    switch (p->s.cell) {
    case DT_CELL_TANH:
        return tanh(a[0] + b[0]);
    case DT_CELL_SIGMOID:
        return sigma(a[0] + b[0]);
    case DT_CELL_RELU:
        return fmax(0, a[0] + b[0]);
    case DT_CELL_LSTM:
        *own = sigma(a[1] + b[1]) * *own + sigma(a[0] + b[0]) * tanh(a[3] + b[3]);
        return sigma(a[2] + b[2]) * tanh(*own);
    case DT_CELL_GRU: {
        double r = sigma(a[0] + b[0]), z = sigma(a[1] + b[1]);
        double n = tanh(a[2] + r * (b[2] + (double)p->bias[3 * H + j]));
        return z * h[j * p->s.n + i] + (1 - z) * n;
    }
    }
    return 0;
}

/* y [steps,hidden,n] in double */
static double *naive(const problem *p, bool symbols)
{
    const dt_recurrent_shape *s = &p->s;
    double *y = calloc((size_t)(p->rows * s->hidden), sizeof *y);
    double *h = calloc((size_t)p->states, sizeof *h), *c = calloc((size_t)p->states, sizeof *c);
    for (int64_t i = 0; i < p->states; i++) h[i] = (double)p->h[i], c[i] = (double)p->c[i];
    for (int64_t t = 0; t < s->steps; t++) {
        double *at = y + t * p->states;
        for (int64_t j = 0; j < s->hidden; j++)
            for (int64_t i = 0; i < s->n; i++) at[j * s->n + i] = next_h(p, symbols, t, j, i, h, c);
        memcpy(h, at, (size_t)p->states * sizeof *h);
    }
    free(h), free(c);
    return y;
}

/* ---- the kernels */

typedef struct {
    real *y, *dx, *dw, *du, *dbias, *dh, *dc;
    dt_arena *arena;
} answer;

static answer answer_of(const problem *p, bool symbols, real before)
{
    const dt_recurrent_shape *s = &p->s;
    answer a = {.arena = dt_arena_new()};
    a.y = output_new(p->rows * s->hidden, (real)NAN), a.dx = output_new(p->rows * s->in, before);
    a.dw = output_new(p->units * s->in, before), a.du = output_new(p->units * s->hidden, before);
    a.dbias = output_new(p->biases, 3), a.dh = output_new(p->states, 3), a.dc = output_new(p->states, 3);
    const int64_t with_start = (p->rows + s->n) * s->hidden;
    dt_recurrent_kept kept = {dt_arena_reals(a.arena, p->rows * s->in), dt_arena_reals(a.arena, p->rows * p->biases),
                              dt_arena_reals(a.arena, with_start), dt_arena_reals(a.arena, with_start)};
    dt_recurrent_input in = {symbols ? NULL : p->x, symbols ? p->symbols : NULL, p->w, p->u, p->bias};
    dt_cpu.recurrent_forward(s, &in, p->h, p->c, &kept, a.y, a.arena);
    const bool lstm = s->cell == DT_CELL_LSTM, add = before == before;
    dt_recurrent_gradients d = {symbols ? NULL : a.dx, a.dw, a.du, a.dbias, a.dh,
                                lstm ? a.dc : NULL,    add,  add,  add,     NULL};
    dt_cpu.recurrent_backward(s, &in, p->dy, &kept, &d, a.arena);
    return a;
}

static void answer_free(answer *a)
{
    guarded_free(a->y), guarded_free(a->dx), guarded_free(a->dw), guarded_free(a->du);
    guarded_free(a->dbias), guarded_free(a->dh), guarded_free(a->dc);
    dt_arena_free(a->arena);
}

static int64_t count_wrong(const real *got, const double *wanted, int64_t count, double tolerance)
{
    int64_t wrong = 0;
    for (int64_t i = 0; i < count; i++) wrong += !is_close((double)got[i], wanted[i], tolerance);
    return wrong;
}

static bool inside_marks(const problem *p, const answer *a)
{
    const dt_recurrent_shape *s = &p->s;
    return marks_intact(a->y, p->rows * s->hidden) && marks_intact(a->dx, p->rows * s->in) &&
           marks_intact(a->dw, p->units * s->in) && marks_intact(a->du, p->units * s->hidden) &&
           marks_intact(a->dbias, p->biases) && marks_intact(a->dh, p->states) && marks_intact(a->dc, p->states);
}

/* Forward element by element, and that neither way leaves its arrays; the values of backward are checked below. */
static void check_shape(dt_cell cell, int64_t steps, int64_t in, int64_t hidden, int64_t n)
{
    for (int symbols = 0; symbols < 2; symbols++) {
        problem p = problem_of(cell, steps, in, hidden, n);
        answer a = answer_of(&p, symbols, (real)NAN);
        double *y = naive(&p, symbols);
        int64_t wrong = count_wrong(a.y, y, p.rows * hidden, 2e-5);
        cr_expect(wrong == 0 && inside_marks(&p, &a), "cell %d, %d steps of %d, %d units, n %d%s: %d wrong", (int)cell,
                  (int)steps, (int)in, (int)hidden, (int)n, symbols ? ", symbols" : "", (int)wrong);
        free(y);
        answer_free(&a);
        problem_free(&p);
    }
}

static const dt_cell cells[] = {DT_CELL_TANH, DT_CELL_SIGMOID, DT_CELL_RELU, DT_CELL_LSTM, DT_CELL_GRU};
enum { N_CELLS = sizeof cells / sizeof *cells };

Test(recurrent, forward_equals_its_naive_twin)
{
    static const int64_t hidden[] = {1, 7, 17, 100, 128}, n[] = {1, 3, 20, 50};
    for (int k = 0; k < N_CELLS; k++)
        for (int j = 0; j < 5; j++)
            for (int i = 0; i < 4; i++) check_shape(cells[k], hidden[j] < 100 ? 5 : 2, 4 + j, hidden[j], n[i]);
    for (int k = 0; k < N_CELLS; k++)
        for (int64_t steps = 1; steps <= 20; steps++) check_shape(cells[k], steps, 3, 5, 2);
}

Test(recurrent, inputs_of_any_width)
{
    static const int64_t in[] = {1, 2, 15, 16, 33, 65, 131};
    for (int k = 0; k < N_CELLS; k++)
        for (int i = 0; i < 7; i++) check_shape(cells[k], 2, in[i], 9, 5);
}

/* sum of dy y, the function whose gradient backward gives */
static double projection(const problem *p, bool symbols)
{
    double *y = naive(p, symbols), sum = 0;
    for (int64_t i = 0; i < p->rows * p->s.hidden; i++) sum += y[i] * (double)p->dy[i];
    free(y);
    return sum;
}

/* The difference of the naive twin along one direction in all of an input, against the gradient in float. */
static void check_direction(problem *p, bool symbols, const char *what, real *input, const real *gradient,
                            int64_t count, double before)
{
    const double step = 1.0 / 256; /* a power of 2, for the moved numbers are floats */
    real *former = malloc((size_t)count * sizeof *former);
    memcpy(former, input, (size_t)count * sizeof *former);
    dt_rng stream = dt_rng_stream(9, what, 0);
    double analytic = 0, side[2];
    for (int64_t i = 0; i < count; i++)
        analytic += ((double)gradient[i] - before) * (dt_rng_below(stream, (uint64_t)i, 2) ? 1 : -1);
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < count; i++)
            input[i] = former[i] + (real)((k ? -step : step) * (dt_rng_below(stream, (uint64_t)i, 2) ? 1 : -1));
        side[k] = projection(p, symbols);
    }
    memcpy(input, former, (size_t)count * sizeof *former);
    free(former);
    double numeric = (side[0] - side[1]) / (2 * step);
    cr_expect(fabs(analytic - numeric) <= 0.02 * fmax(1, fabs(numeric)),
              "cell %d, %d units, n %d%s, %s: backward says %g, the difference %g", (int)p->s.cell, (int)p->s.hidden,
              (int)p->s.n, symbols ? ", symbols" : "", what, analytic, numeric);
}

static void check_backward(dt_cell cell, int64_t hidden, int64_t n, bool symbols, real before)
{
    problem p = problem_of(cell, 3, 6, hidden, n);
    answer a = answer_of(&p, symbols, before);
    const double was = before == before ? (double)before : 0;
    if (!symbols) check_direction(&p, symbols, "x", p.x, a.dx, p.rows * 6, was);
    check_direction(&p, symbols, "w", p.w, a.dw, p.units * 6, was);
    check_direction(&p, symbols, "u", p.u, a.du, p.units * hidden, was);
    check_direction(&p, symbols, "bias", p.bias, a.dbias, p.biases, 3);
    check_direction(&p, symbols, "h", p.h, a.dh, p.states, 3);
    if (cell == DT_CELL_LSTM) check_direction(&p, symbols, "c", p.c, a.dc, p.states, 3);
    answer_free(&a);
    problem_free(&p);
}

/* relu is left to the gradient checks: a step this large crosses kinks. */
Test(recurrent, backward_follows_the_naive_twin)
{
    for (int k = 0; k < N_CELLS; k++) {
        if (cells[k] == DT_CELL_RELU) continue;
        check_backward(cells[k], 7, 3, false, (real)NAN);
        check_backward(cells[k], 20, 5, false, 2);
        check_backward(cells[k], 33, 1, true, (real)NAN);
        check_backward(cells[k], 5, 19, true, 2);
    }
}

static void expect_same(const char *what, int cell, const real *one, const real *two, int64_t count)
{
    cr_expect(memcmp(one, two, (size_t)count * sizeof *one) == 0, "cell %d: the bits of %s differ", cell, what);
}

Test(recurrent, same_bits_for_any_number_of_threads)
{
    for (int k = 0; k < N_CELLS; k++) {
        problem p = problem_of(cells[k], 7, 33, 70, 21);
        answer one = answer_of(&p, false, (real)NAN);
        for (int threads = 2; threads <= 4; threads++) {
            dt_threads_set(threads);
            answer more = answer_of(&p, false, (real)NAN);
            dt_threads_set(1);
            expect_same("y", k, one.y, more.y, p.rows * 70);
            expect_same("dx", k, one.dx, more.dx, p.rows * 33);
            expect_same("dw", k, one.dw, more.dw, p.units * 33);
            expect_same("du", k, one.du, more.du, p.units * 70);
            expect_same("dbias", k, one.dbias, more.dbias, p.biases);
            expect_same("dh", k, one.dh, more.dh, p.states);
            expect_same("dc", k, one.dc, more.dc, p.states);
            answer_free(&more);
        }
        answer_free(&one);
        problem_free(&p);
    }
}

/* In units in the last place of the true value: one step of units with weight 1 and no bias, on a grid of inputs. */
static double worst_ulps(dt_cell cell, double (*truth)(double))
{
    enum { N = 4000 };
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    static const real one = 1, zero = 0;
    dt_var *x = dt_input(tape, 3, (int64_t[]){1, 1, N});
    for (int i = 0; i < N; i++) x->value[i] = (real)((i - N / 2 + 0.25) * (80.0 / N));
    dt_var *w = dt_constant(tape, 2, (int64_t[]){1, 1}, &one), *u = dt_constant(tape, 2, (int64_t[]){1, 1}, &zero);
    dt_var *y = dt_recurrent_of(cell, x, (dt_recurrent_parts){.w = w, .u = u});
    double worst = 0;
    for (int i = 0; i < N; i++) {
        real wanted = (real)truth((double)x->value[i]);
        double place = fabs((double)nextafterf((float)wanted, INFINITY) - (double)wanted);
        worst = fmax(worst, fabs((double)y->value[i] - truth((double)x->value[i])) / place);
    }
    dt_tape_free(tape);
    dt_params_free(params);
    return worst;
}

Test(recurrent, units_are_accurate_to_the_last_places)
{
    double t = worst_ulps(DT_CELL_TANH, tanh), s = worst_ulps(DT_CELL_SIGMOID, sigma);
    cr_expect(t <= 3 && s <= 3, "tanh within %g units in the last place, sigmoid within %g", t, s);
}

/* ---- the op, and states that are carried over */

typedef struct {
    dt_params *params;
    dt_tape *tape;
} sheet;

static sheet sheet_new(void)
{
    sheet s = {.params = dt_params_new(1)};
    s.tape = dt_tape_new(&dt_cpu, s.params, NULL);
    return s;
}

static void sheet_free(sheet *s)
{
    dt_tape_free(s->tape);
    dt_params_free(s->params);
}

Test(recurrent, two_halves_equal_one_whole)
{
    enum { T = 6, HALF = 2, IN = 3, H = 5, N = 4 };
    for (int k = 0; k < N_CELLS; k++) {
        problem p = problem_of(cells[k], T, IN, H, N);
        sheet s = sheet_new();
        const int64_t state[2] = {H, N};
        const bool lstm = cells[k] == DT_CELL_LSTM;
        dt_recurrent_parts parts = {dt_constant(s.tape, 2, (int64_t[]){p.units, IN}, p.w),
                                    dt_constant(s.tape, 2, (int64_t[]){p.units, H}, p.u),
                                    dt_constant(s.tape, 1, &p.biases, p.bias), NULL, NULL};
        dt_var *whole = dt_recurrent_of(cells[k], dt_constant(s.tape, 3, (int64_t[]){T, IN, N}, p.x), parts);
        real h[H * N], c[H * N];
        dt_var *first = dt_recurrent_of(cells[k], dt_constant(s.tape, 3, (int64_t[]){HALF, IN, N}, p.x), parts);
        dt_last_state(first, h, c);
        parts.h = dt_constant(s.tape, 2, state, h), parts.c = lstm ? dt_constant(s.tape, 2, state, c) : NULL;
        dt_var *rest =
            dt_recurrent_of(cells[k], dt_constant(s.tape, 3, (int64_t[]){T - HALF, IN, N}, p.x + HALF * IN * N), parts);
        expect_same("the first half", k, whole->value, first->value, HALF * H * N);
        expect_same("the rest", k, whole->value + HALF * H * N, rest->value, (T - HALF) * H * N);
        sheet_free(&s);
        problem_free(&p);
    }
}

Test(recurrent, symbols_are_columns_that_are_1_in_one_row)
{
    enum { T = 3, IN = 4, H = 6, N = 5 };
    problem p = problem_of(DT_CELL_GRU, T, IN, H, N);
    sheet s = sheet_new();
    dt_recurrent_parts parts = {dt_constant(s.tape, 2, (int64_t[]){p.units, IN}, p.w),
                                dt_constant(s.tape, 2, (int64_t[]){p.units, H}, p.u), NULL, NULL, NULL};
    dt_var *x = dt_input(s.tape, 3, (int64_t[]){T, IN, N});
    memset(x->value, 0, (size_t)x->count * sizeof(real));
    for (int64_t i = 0; i < T * N; i++) x->value[(i / N * IN + p.symbols[i]) * N + i % N] = 1;
    dt_var *y = dt_recurrent_of(DT_CELL_GRU, x, parts);
    dt_var *z = dt_recurrent_of_symbols(DT_CELL_GRU, (dt_symbols){p.symbols, T, N}, parts);
    cr_expect(eq(i64, first_difference(y->value, z->value, y->count), -1));
    sheet_free(&s);
    problem_free(&p);
}

/* x instead of w x: the same as w the identity, bit by bit. */
Test(recurrent, without_w_the_input_is_the_product)
{
    enum { T = 3, H = 7, N = 19 };
    for (int k = 0; k < N_CELLS; k++) {
        const int64_t units = dt_cell_parts(cells[k]) * H;
        problem p = problem_of(cells[k], T, units, H, N);
        real *one = calloc((size_t)(units * units), sizeof *one);
        for (int64_t i = 0; i < units; i++) one[i * (units + 1)] = 1;
        sheet s = sheet_new();
        dt_var *x = dt_constant(s.tape, 3, (int64_t[]){T, units, N}, p.x);
        dt_recurrent_parts parts = {.u = dt_constant(s.tape, 2, (int64_t[]){units, H}, p.u),
                                    .bias = dt_constant(s.tape, 1, &p.biases, p.bias)};
        const dt_var *y = dt_recurrent_of(cells[k], x, parts);
        parts.w = dt_constant(s.tape, 2, (int64_t[]){units, units}, one);
        const dt_var *z = dt_recurrent_of(cells[k], x, parts);
        int64_t wrong = 0;
        for (int64_t i = 0; i < y->count; i++) wrong += !is_close((double)y->value[i], (double)z->value[i], 2e-6);
        cr_expect(wrong == 0, "cell %d: %d of %d numbers differ", (int)cells[k], (int)wrong, (int)y->count);
        free(one);
        sheet_free(&s);
        problem_free(&p);
    }
}

Test(recurrent, wrong_shapes_are_misuse)
{
    sheet s = sheet_new();
    dt_recurrent_layer lstm;
    dt_recurrent_init(&lstm, s.params, "l", DT_CELL_LSTM, 3, 2);
    dt_recurrent_layer gru;
    dt_recurrent_init(&gru, s.params, "g", DT_CELL_GRU, 3, 2);
    dt_var *x = dt_input(s.tape, 3, (int64_t[]){2, 3, 4}), *wide = dt_input(s.tape, 3, (int64_t[]){2, 5, 4}),
           *flat = dt_input(s.tape, 2, (int64_t[]){3, 4}), *state = dt_input(s.tape, 2, (int64_t[]){2, 4}),
           *few = dt_input(s.tape, 2, (int64_t[]){2, 3});
    static const int32_t ids[2] = {1, 3};
    EXPECT_MISUSE("recurrent: the input of l.weight has shape [3,4], must be [steps,features,batch]",
                  dt_recurrent(&lstm, flat, NULL, NULL));
    EXPECT_MISUSE("recurrent: l.weight has shape [8,3], must be [8,5]", dt_recurrent(&lstm, wide, NULL, NULL));
    EXPECT_MISUSE("recurrent: the initial state of l.weight has shape [2,3], must be [2,4]",
                  dt_recurrent(&lstm, x, few, NULL));
    EXPECT_MISUSE("recurrent: g.weight has no second state, it is no LSTM", dt_recurrent(&gru, x, state, state));
    EXPECT_MISUSE("recurrent: symbol 3 of step 1 is not one of 3",
                  dt_recurrent_symbols(&lstm, s.tape, (dt_symbols){ids, 2, 1}, NULL, NULL));
    EXPECT_MISUSE("dt_last_state: [2,4] is not what a recurrent layer returned", dt_last_state(state, NULL, NULL));
    dt_recurrent_layer bare;
    dt_recurrent_init(&bare, s.params, "b", DT_CELL_LSTM, 8, 2, .no_weight = true);
    EXPECT_MISUSE("recurrent: without w, the input of b.recurrent has 3 features, must be 8",
                  dt_recurrent(&bare, x, NULL, NULL));
    EXPECT_MISUSE("context: the input has shape [3,4], must be [steps,features,batch]", dt_context_of(flat, 0, NULL));
    EXPECT_MISUSE("context: the initial state has shape [2,4], must be [3,4]", dt_context_of(x, 0, state));
    EXPECT_MISUSE("context: alpha is 1, must be from 0 to below 1", dt_context_of(x, 1, NULL));
    EXPECT_MISUSE("recurrent \"n\": 0 to 2 units", dt_recurrent_init(&lstm, s.params, "n", DT_CELL_LSTM, 0, 2));
    sheet_free(&s);
}

Test(recurrent, forget_biases_are_the_second_part)
{
    sheet s = sheet_new();
    dt_recurrent_layer l;
    dt_recurrent_init(&l, s.params, "l", DT_CELL_LSTM, 3, 2, .forget_bias = 1.5, .init = DT_INIT_UNIFORM, .sd = 0.1);
    const real *bias = s.params->values + l.bias->offset, *u = s.params->values + l.recurrent->offset;
    for (int i = 0; i < 8; i++) cr_expect(bias[i] == (i / 2 == 1 ? (real)1.5 : 0), "bias %d: %g", i, (double)bias[i]);
    for (int i = 0; i < 16; i++) cr_expect(fabs((double)u[i]) <= 0.1 && u[i] != 0, "u %d: %g", i, (double)u[i]);
    sheet_free(&s);
}
