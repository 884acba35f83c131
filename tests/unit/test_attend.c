/* Attention, and columns of sequences, against naive twins in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "ditto.h"
#include "guarded.h"
#include "misuse.h"

typedef struct {
    dt_attend_shape s;
    real *q, *k, *v, *h, *dy; /* v: NULL for dot */
} problem;

typedef struct {
    real *weights, *y, *dq, *dk, *dv, *dh;
} answer;

static problem problem_of(dt_attend_shape s, bool additive)
{
    problem p = {.s = s};
    p.q = uniforms_new(s.steps * s.depth * s.n, 2, 1), p.k = uniforms_new(s.positions * s.depth * s.n, 2, 2);
    p.h = uniforms_new(s.positions * s.values * s.n, 1, 3), p.dy = uniforms_new(s.steps * s.values * s.n, 1, 4);
    if (additive) p.v = uniforms_new(s.depth, 2, 5);
    return p;
}

static void problem_free(problem *p)
{
    guarded_free(p->q), guarded_free(p->k), guarded_free(p->h), guarded_free(p->dy);
    if (p->v) guarded_free(p->v);
}

static answer answer_of(const problem *p)
{
    const dt_attend_shape *s = &p->s;
    const int64_t weights = s->steps * s->positions * s->n, y = s->steps * s->values * s->n;
    const int64_t q = s->steps * s->depth * s->n, k = s->positions * s->depth * s->n,
                  h = s->positions * s->values * s->n;
    dt_arena *arena = dt_arena_new();
    answer a = {output_new(weights, (real)NAN), output_new(y, (real)NAN), output_new(q, 2), output_new(k, 3),
                output_new(s->depth, 4),        output_new(h, 5)};
    dt_cpu.attend_forward(s, p->q, p->k, p->v, p->h, a.weights, a.y);
    dt_attend_gradients d = {a.dq, a.dk, p->v ? a.dv : NULL, a.dh};
    dt_cpu.attend_backward(s, p->q, p->k, p->v, p->h, a.weights, p->dy, &d, arena);
    cr_expect(marks_intact(a.weights, weights) && marks_intact(a.y, y) && marks_intact(a.dq, q) &&
              marks_intact(a.dk, k) && marks_intact(a.dv, s->depth) && marks_intact(a.dh, h));
    dt_arena_free(arena);
    return a;
}

static void answer_free(answer *a)
{
    guarded_free(a->weights), guarded_free(a->y), guarded_free(a->dq), guarded_free(a->dk), guarded_free(a->dv),
        guarded_free(a->dh);
}

static double at(const problem *p, const real *rows, int64_t row, int64_t example)
{
    return (double)rows[row * p->s.n + example];
}

/* The weights of step t of one example, into a [positions]. */
static void naive_weights(const problem *p, int64_t t, int64_t i, double *a)
{
    const dt_attend_shape *s = &p->s;
    double sum = 0;
    for (int64_t j = 0; j < s->positions; j++) {
        double e = 0;
        for (int64_t f = 0; f < s->depth; f++) {
            const double q = at(p, p->q, t * s->depth + f, i), k = at(p, p->k, j * s->depth + f, i);
            e += p->v ? (double)p->v[f] * tanh(q + k) : q * k;
        }
        sum += a[j] = exp(e);
    }
    for (int64_t j = 0; j < s->positions; j++) a[j] /= sum;
}

static double worst;

static void compare(double mine, double naive)
{
    worst = fmax(worst, fabs(mine - naive) / fmax(1, fabs(naive)));
    if (isnan(mine)) worst = INFINITY;
}

static void check(dt_attend_shape s, bool additive)
{
    enum { MOST = 4096 };
    static double dq[MOST], dk[MOST], dh[MOST], dv[64], a[64], da[64];
    problem p = problem_of(s, additive);
    answer mine = answer_of(&p);
    worst = 0;
    for (int64_t f = 0; f < s.depth; f++) dv[f] = 4;
    for (int64_t i = 0; i < s.n; i++) {
        for (int64_t r = 0; r < s.steps * s.depth; r++) dq[r] = 2;
        for (int64_t r = 0; r < s.positions * s.depth; r++) dk[r] = 3;
        for (int64_t r = 0; r < s.positions * s.values; r++) dh[r] = 5;
        for (int64_t t = 0; t < s.steps; t++) {
            double mean = 0;
            naive_weights(&p, t, i, a);
            for (int64_t j = 0; j < s.positions; j++) {
                compare((double)mine.weights[(t * s.positions + j) * s.n + i], a[j]);
                da[j] = 0;
                for (int64_t f = 0; f < s.values; f++) {
                    const double dy = at(&p, p.dy, t * s.values + f, i);
                    da[j] += dy * at(&p, p.h, j * s.values + f, i);
                    dh[j * s.values + f] += dy * a[j];
                }
                mean += a[j] * da[j];
            }
            for (int64_t f = 0; f < s.values; f++) {
                double c = 0;
                for (int64_t j = 0; j < s.positions; j++) c += a[j] * at(&p, p.h, j * s.values + f, i);
                compare((double)mine.y[(t * s.values + f) * s.n + i], c);
            }
            for (int64_t j = 0; j < s.positions; j++)
                for (int64_t f = 0; f < s.depth; f++) {
                    const double de = a[j] * (da[j] - mean), q = at(&p, p.q, t * s.depth + f, i);
                    const double k = at(&p, p.k, j * s.depth + f, i), u = tanh(q + k);
                    const double slope = p.v ? (double)p.v[f] * (1 - u * u) : 0;
                    dq[t * s.depth + f] += de * (p.v ? slope : k);
                    dk[j * s.depth + f] += de * (p.v ? slope : q);
                    dv[f] += de * u;
                }
        }
        for (int64_t r = 0; r < s.steps * s.depth; r++) compare(at(&p, mine.dq, r, i), dq[r]);
        for (int64_t r = 0; r < s.positions * s.depth; r++) compare(at(&p, mine.dk, r, i), dk[r]);
        for (int64_t r = 0; r < s.positions * s.values; r++) compare(at(&p, mine.dh, r, i), dh[r]);
    }
    for (int64_t f = 0; p.v && f < s.depth; f++) compare((double)mine.dv[f], dv[f]);
    cr_expect(worst < 3e-5, "%s, %d steps, %d positions, %d and %d features, %d examples: %g off",
              additive ? "additive" : "dot", (int)s.steps, (int)s.positions, (int)s.depth, (int)s.values, (int)s.n,
              worst);
    answer_free(&mine);
    problem_free(&p);
}

Test(attend, equals_its_naive_twin)
{
    for (int additive = 0; additive < 2; additive++) {
        check((dt_attend_shape){3, 5, 7, 4, 1}, additive);
        check((dt_attend_shape){1, 1, 1, 1, 3}, additive);
        check((dt_attend_shape){2, 9, 33, 17, 16}, additive);
        check((dt_attend_shape){4, 3, 5, 6, 37}, additive);
        check((dt_attend_shape){1, 20, 12, 40, 64}, additive);
    }
}

/* Scores hundreds apart: the softmax takes the greatest first. */
Test(attend, large_scores_do_not_overflow)
{
    const real q[1] = {30}, k[3] = {-20, 0, 20}, h[3] = {1, 2, 3};
    real weights[3], y[1];
    dt_cpu.attend_forward(&(dt_attend_shape){1, 3, 1, 1, 1}, q, k, NULL, h, weights, y);
    cr_expect(weights[0] < 1e-30f && weights[1] < 1e-30f && weights[2] == 1 && y[0] == 3);
}

Test(attend, same_bits_for_any_number_of_threads)
{
    problem p = problem_of((dt_attend_shape){3, 6, 9, 8, 70}, true);
    answer one = answer_of(&p);
    for (int threads = 2; threads <= 4; threads++) {
        dt_threads_set(threads);
        answer more = answer_of(&p);
        dt_threads_set(1);
        cr_expect(memcmp(one.y, more.y, 3 * 8 * 70 * sizeof(real)) == 0);
        cr_expect(memcmp(one.dk, more.dk, 6 * 9 * 70 * sizeof(real)) == 0);
        cr_expect(memcmp(one.dh, more.dh, 6 * 8 * 70 * sizeof(real)) == 0);
        cr_expect(memcmp(one.dv, more.dv, 9 * sizeof(real)) == 0);
        answer_free(&more);
    }
    answer_free(&one);
    problem_free(&p);
}

Test(columns, are_taken_and_given_back)
{
    enum { FEATURES = 19, N = 3, STEPS = 4, COUNT = 8 };
    static const int64_t column[COUNT] = {11, 0, 1, 4, 4, 2, 3, 7};
    real x[STEPS][FEATURES * N], dx[STEPS][FEATURES * N], dy[FEATURES * COUNT];
    for (int t = 0; t < STEPS; t++)
        for (int i = 0; i < FEATURES * N; i++) x[t][i] = (real)(100 * t + i), dx[t][i] = 1;
    for (int i = 0; i < FEATURES * COUNT; i++) dy[i] = (real)(i % 13);
    real *y = output_new(FEATURES * COUNT, (real)NAN);
    dt_cpu.columns_forward(FEATURES, N, COUNT, x[0], column, y);
    dt_cpu.columns_backward(FEATURES, N, COUNT, dy, column, dx[0]);
    for (int f = 0; f < FEATURES; f++) {
        real wanted[STEPS * N];
        for (int c = 0; c < STEPS * N; c++) wanted[c] = 1;
        for (int i = 0; i < COUNT; i++) {
            const int64_t c = column[i];
            cr_expect(y[f * COUNT + i] == x[c / N][f * N + c % N], "feature %d, column %d", f, i);
            wanted[c] += dy[f * COUNT + i];
        }
        for (int c = 0; c < STEPS * N; c++) cr_expect(dx[c / N][f * N + c % N] == wanted[c], "feature %d of %d", f, c);
    }
    cr_expect(marks_intact(y, FEATURES * COUNT));
    guarded_free(y);
}

Test(attend, wrong_shapes_are_misuse)
{
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_var *q = dt_input(tape, 3, (int64_t[]){1, 3, 2}), *k = dt_input(tape, 3, (int64_t[]){4, 3, 2});
    dt_var *h = dt_input(tape, 3, (int64_t[]){4, 5, 2}), *v = dt_input(tape, 1, (int64_t[]){2});
    memset(q->value, 0, 6 * sizeof(real)), memset(k->value, 0, 24 * sizeof(real));
    memset(h->value, 0, 40 * sizeof(real));
    static const int64_t column[2] = {0, 8};
    dt_attention_layer layer;
    EXPECT_MISUSE("attend: queries [4,5,2] and keys [4,3,2]", dt_attend_of(h, k, h, NULL));
    EXPECT_MISUSE("attend: values [1,3,2] for keys [4,3,2]", dt_attend_of(q, k, q, NULL));
    EXPECT_MISUSE("has 2 numbers for queries [1,3,2]", dt_attend_of(q, k, h, v));
    EXPECT_MISUSE("dt_attend_weights: [1,3,2] is not what an attention returned", dt_attend_weights(q));
    EXPECT_MISUSE("columns: [2] must be a sequence", dt_columns(v, column, 2));
    EXPECT_MISUSE("columns: none of [4,3,2] is asked for", dt_columns(k, column, 0));
    EXPECT_MISUSE("columns: there is no column 8 in 4 of 2", dt_columns(k, column, 2));
    EXPECT_MISUSE("step 4 of [4,3,2]", dt_step(k, 4));
    EXPECT_MISUSE("dt_last_cell: [4,3,2] is not what an LSTM returned", dt_last_cell(k));
    EXPECT_MISUSE("reverse: [2] must be a sequence", dt_reverse(v));
    EXPECT_MISUSE("a dot product of states of 3 units and places of 5",
                  dt_attention_init(&layer, params, "a", DT_ATTENTION_DOT, 3, 5, 0, 1));
    dt_tape_free(tape);
    dt_params_free(params);
}
