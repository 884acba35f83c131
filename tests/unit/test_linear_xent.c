/* The softmax over many classes with its scores, and the embedding, against naive twins in double. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <float.h>
#include <string.h>

#include "ditto.h"
#include "guarded.h"
#include "misuse.h"

typedef struct {
    dt_linear_xent_shape s;
    int64_t rows;
    real *x, *w, *bias, *dloss;
    int32_t *labels;
} problem;

static int32_t *numbers_new(int64_t count, int64_t kinds)
{
    int32_t *id = malloc((size_t)count * sizeof *id);
    dt_rng stream = dt_rng_stream(5, "labels", 0);
    for (int64_t i = 0; i < count; i++) id[i] = (int32_t)dt_rng_below(stream, (uint64_t)i, (uint32_t)kinds);
    return id;
}

static problem problem_of(int64_t steps, int64_t in, int64_t classes, int64_t n, double range, double slope)
{
    problem p = {.s = {.steps = steps, .in = in, .classes = classes, .n = n}, .rows = steps * n};
    p.x = uniforms_new(p.rows * in, range, 1), p.w = uniforms_new(classes * in, 1, 2);
    p.bias = uniforms_new(classes, 1, 3), p.dloss = uniforms_new(p.rows, 1, 4);
    for (int64_t c = 0; c < classes; c++) p.bias[c] += (real)(slope * (double)c);
    p.labels = numbers_new(p.rows, classes);
    return p;
}

static void problem_free(problem *p)
{
    guarded_free(p->x), guarded_free(p->w), guarded_free(p->bias), guarded_free(p->dloss);
    free(p->labels);
}

/* Probabilities [classes] of row r into p, and its loss. */
static double softmax_of(const problem *q, int64_t r, double *p)
{
    const dt_linear_xent_shape *s = &q->s;
    const real *x = q->x + r / s->n * s->in * s->n + r % s->n;
    double greatest = -DBL_MAX, sum = 0;
    for (int64_t c = 0; c < s->classes; c++) {
        p[c] = (double)q->bias[c];
        for (int64_t l = 0; l < s->in; l++) p[c] += (double)q->w[c * s->in + l] * (double)x[l * s->n];
        greatest = fmax(greatest, p[c]);
    }
    double own = (1 - (double)s->smooth) * p[q->labels[r]];
    for (int64_t c = 0; c < s->classes; c++) own += (double)s->smooth / (double)s->classes * p[c];
    for (int64_t c = 0; c < s->classes; c++) sum += p[c] = exp(p[c] - greatest);
    for (int64_t c = 0; c < s->classes; c++) p[c] /= sum;
    return log(sum) + greatest - own;
}

typedef struct {
    real *loss, *dx, *dw, *dbias;
} answer;

static answer answer_of(const problem *p, real before)
{
    const dt_linear_xent_shape *s = &p->s;
    dt_arena *arena = dt_arena_new();
    answer a = {output_new(p->rows, (real)NAN), output_new(p->rows * s->in, before),
                output_new(s->classes * s->in, before), output_new(s->classes, 3)};
    real *kept = output_new(dt_linear_xent_reals(s), (real)NAN);
    dt_cpu.linear_xent_forward(s, p->x, p->w, p->bias, p->labels, kept, a.loss, arena);
    const bool add = before == before;
    dt_linear_xent_gradients d = {a.dx, a.dw, a.dbias, add, add};
    dt_cpu.linear_xent_backward(s, p->x, p->w, p->labels, kept, p->dloss, &d, arena);
    cr_expect(marks_intact(kept, dt_linear_xent_reals(s)) && marks_intact(a.loss, p->rows) &&
              marks_intact(a.dx, p->rows * s->in) && marks_intact(a.dw, s->classes * s->in) &&
              marks_intact(a.dbias, s->classes));
    guarded_free(kept);
    dt_arena_free(arena);
    return a;
}

static void answer_free(answer *a)
{
    guarded_free(a->loss), guarded_free(a->dx), guarded_free(a->dw), guarded_free(a->dbias);
}

static void check_smooth(int64_t steps, int64_t in, int64_t classes, int64_t n, double range, double slope, real before,
                         double smooth)
{
    problem p = problem_of(steps, in, classes, n, range, slope);
    p.s.smooth = (real)smooth;
    answer a = answer_of(&p, before);
    /* scores of hundreds are known to their last place, which is 3e-5 */
    const double was = before == before ? (double)before : 0, close = range > 10 || slope != 0 ? 2e-4 : 1e-5;
    double *q = malloc((size_t)classes * sizeof *q), *dx = malloc((size_t)in * sizeof *dx);
    double *dw = calloc((size_t)(classes * in), sizeof *dw), *dbias = calloc((size_t)classes, sizeof *dbias);
    int64_t wrong = 0;
    for (int64_t r = 0; r < p.rows; r++) {
        wrong += !is_close((double)a.loss[r], softmax_of(&p, r, q), close);
        q[p.labels[r]] -= 1 - smooth;
        for (int64_t c = 0; c < classes; c++) q[c] -= smooth / (double)classes;
        const int64_t at = r / n * in * n + r % n;
        for (int64_t l = 0; l < in; l++) dx[l] = was;
        for (int64_t c = 0; c < classes; c++) {
            const double e = (double)p.dloss[r] * q[c];
            dbias[c] += e;
            for (int64_t l = 0; l < in; l++) {
                dx[l] += e * (double)p.w[c * in + l];
                dw[c * in + l] += e * (double)p.x[at + l * n];
            }
        }
        for (int64_t l = 0; l < in; l++) wrong += !is_close((double)a.dx[at + l * n], dx[l], close);
    }
    for (int64_t i = 0; i < classes * in; i++) wrong += !is_close((double)a.dw[i], was + dw[i], close);
    for (int64_t c = 0; c < classes; c++) wrong += !is_close((double)a.dbias[c], 3 + dbias[c], close);
    cr_expect(eq(i64, wrong, 0), "%d steps of %d, %d classes, n %d, x to %g, slope %g, smoothing %g", (int)steps,
              (int)in, (int)classes, (int)n, range, slope, smooth);
    free(q), free(dx), free(dw), free(dbias);
    answer_free(&a);
    problem_free(&p);
}

static void check(int64_t steps, int64_t in, int64_t classes, int64_t n, double range, double slope, real before)
{
    check_smooth(steps, in, classes, n, range, slope, before, 0);
}

Test(linear_xent, with_label_smoothing_equals_its_naive_twin)
{
    static const int64_t classes[] = {1, 2, 65, 256, 513, 1000};
    for (int k = 0; k < 6; k++) check_smooth(3, 7, classes[k], 5, 1, 0, 2, 0.25);
    check_smooth(2, 70, 300, 43, 1, 0, (real)NAN, 0.5);
}

Test(linear_xent, equals_its_naive_twin)
{
    static const int64_t classes[] = {1, 2, 3, 31, 65, 256, 512, 513, 1000, 3001};
    for (int k = 0; k < 10; k++) {
        check(3, 7, classes[k], 5, 1, 0, (real)NAN);
        check(1, 17, classes[k], 20, 1, 0, 2);
    }
    check(7, 5, 65, 20, 1, 0, (real)NAN); /* several panels of examples */
    check(3, 9, 700, 43, 1, 0, 2);
    for (int64_t in = 1; in <= 40; in += 3) check(2, in, 600, 3, 1, 0, (real)NAN);
}

/* Scores hundreds apart, in blocks whose greatest differ as much. */
Test(linear_xent, scores_far_apart_neither_overflow_nor_vanish)
{
    check(2, 3, 2000, 9, 80, 0, (real)NAN);
    check(1, 1, 700, 3, 300, 0, (real)NAN);
    check(1, 2, 5000, 7, 1, 0.05, (real)NAN);
    check(1, 2, 5000, 7, 1, -0.05, (real)NAN);
}

Test(linear_xent, same_bits_for_any_number_of_threads)
{
    static const int64_t classes[] = {65, 2100};
    for (int k = 0; k < 2; k++) {
        problem p = problem_of(6, 30, classes[k], 11, 1, 0);
        answer one = answer_of(&p, (real)NAN);
        for (int threads = 2; threads <= 4; threads++) {
            dt_threads_set(threads);
            answer more = answer_of(&p, (real)NAN);
            dt_threads_set(1);
            cr_expect(memcmp(one.loss, more.loss, (size_t)p.rows * sizeof(real)) == 0);
            cr_expect(memcmp(one.dx, more.dx, (size_t)(p.rows * 30) * sizeof(real)) == 0);
            cr_expect(memcmp(one.dw, more.dw, (size_t)(classes[k] * 30) * sizeof(real)) == 0);
            cr_expect(memcmp(one.dbias, more.dbias, (size_t)classes[k] * sizeof(real)) == 0);
            answer_free(&more);
        }
        answer_free(&one);
        problem_free(&p);
    }
}

/* On a tape that does not record nothing is kept; and what is not a number in a score shows in the loss. */
Test(linear_xent, losses_without_backward_are_the_same)
{
    problem p = problem_of(2, 6, 777, 4, 1, 0);
    dt_arena *arena = dt_arena_new();
    real *kept = output_new(dt_linear_xent_reals(&p.s), 0), with[8], without[8];
    dt_cpu.linear_xent_forward(&p.s, p.x, p.w, p.bias, p.labels, kept, with, arena);
    dt_cpu.linear_xent_forward(&p.s, p.x, p.w, p.bias, p.labels, NULL, without, arena);
    cr_expect(memcmp(with, without, sizeof with) == 0);
    p.bias[700] = (real)NAN;
    dt_cpu.linear_xent_forward(&p.s, p.x, p.w, p.bias, p.labels, NULL, without, arena);
    cr_expect(isnan(without[0]) && isnan(without[7]));
    guarded_free(kept);
    dt_arena_free(arena);
    problem_free(&p);
}

Test(linear_xent, wrong_shapes_and_labels_are_misuse)
{
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_linear_layer out;
    dt_linear_init(&out, params, "out", 3, 5);
    static const int32_t labels[4] = {0, 4, 5, 1};
    dt_var *x = dt_input(tape, 3, (int64_t[]){2, 3, 2}), *wide = dt_input(tape, 2, (int64_t[]){4, 4}),
           *flat = dt_input(tape, 1, (int64_t[]){3});
    EXPECT_MISUSE("linear_xent: symbol 5 of step 1 is not one of 5", dt_linear_xent(&out, x, labels));
    EXPECT_MISUSE("linear_xent: the input [4,4] does not fit out.weight [5,3]", dt_linear_xent(&out, wide, labels));
    EXPECT_MISUSE("linear_xent: the input of out.weight has shape [3]", dt_linear_xent(&out, flat, labels));
    EXPECT_MISUSE("linear_xent: a share of 1 of the target of out.weight", dt_linear_xent_smooth(&out, x, labels, 1));
    dt_tape_free(tape);
    dt_params_free(params);
}

/* ---- embedding */

static void check_embedding(int64_t steps, int64_t features, int64_t n, int threads)
{
    enum { SYMBOLS = 6 };
    const int64_t count = steps * features * n;
    int32_t *id = numbers_new(steps * n, SYMBOLS);
    real *table = integers_new(SYMBOLS * features, 9, 1), *dy = integers_new(count, 9, 2);
    real *y = output_new(count, (real)NAN), *dtable = output_new(SYMBOLS * features, 4);
    dt_threads_set(threads);
    dt_cpu.embedding_forward(steps, features, n, id, table, y);
    dt_cpu.embedding_backward(steps, features, n, id, dy, dtable);
    dt_threads_set(1);
    real *wanted = output_new(SYMBOLS * features, 4);
    int64_t wrong = 0;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t f = 0; f < features; f++)
            for (int64_t i = 0; i < n; i++) {
                const int64_t at = (t * features + f) * n + i, from = id[t * n + i] * features + f;
                wrong += y[at] != table[from];
                wanted[from] += dy[at];
            }
    cr_expect(wrong == 0 && marks_intact(y, count) && marks_intact(dtable, SYMBOLS * features));
    cr_expect(eq(i64, first_difference(dtable, wanted, SYMBOLS * features), -1), "%d steps, %d features, n %d",
              (int)steps, (int)features, (int)n);
    free(id);
    guarded_free(table), guarded_free(dy), guarded_free(y), guarded_free(dtable), guarded_free(wanted);
}

Test(embedding, equals_its_naive_twin)
{
    for (int64_t features = 1; features <= 70; features += 23)
        for (int threads = 1; threads <= 3; threads++) {
            check_embedding(1, features, 1, threads);
            check_embedding(4, features, 7, threads);
        }
}

Test(embedding, wrong_symbols_are_misuse)
{
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_embedding_layer e;
    dt_embedding_init(&e, params, "e", 3, 2, 0.1);
    static const int32_t negative[1] = {-1}, fine[2] = {2, 0};
    EXPECT_MISUSE("embedding: symbol -1 of step 0 is not one of 3",
                  dt_embedding(&e, tape, (dt_symbols){negative, 1, 1}));
    EXPECT_MISUSE("embedding: 0 steps of 1 symbols", dt_embedding(&e, tape, (dt_symbols){fine, 0, 1}));
    EXPECT_MISUSE("embedding \"f\": 0 symbols with 2 features", dt_embedding_init(&e, params, "f", 0, 2, 1));
    dt_var *y = dt_embedding(&e, tape, (dt_symbols){fine, 1, 2});
    cr_expect(y->value[0] == params->values[e.weight->offset + 4] && strcmp(y->name, "e") == 0);
    dt_tape_free(tape);
    dt_params_free(params);
}

/* ---- linear on sequences */

Test(linear, each_step_of_a_sequence_alone)
{
    enum { T = 3, IN = 4, OUT = 5, N = 6 };
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_linear_layer layer;
    dt_linear_init(&layer, params, "l", IN, OUT, .bias = 0.5);
    real *x = uniforms_new(T * IN * N, 1, 1);
    dt_var *whole = dt_linear(&layer, dt_constant(tape, 3, (int64_t[]){T, IN, N}, x));
    cr_expect(whole->rank == 3 && whole->dim[0] == T && whole->dim[1] == OUT && whole->dim[2] == N);
    for (int t = 0; t < T; t++) {
        dt_var *one = dt_linear(&layer, dt_constant(tape, 2, (int64_t[]){IN, N}, x + t * IN * N));
        cr_expect(memcmp(one->value, whole->value + t * OUT * N, OUT * N * sizeof(real)) == 0, "step %d", t);
    }
    guarded_free(x);
    dt_tape_free(tape);
    dt_params_free(params);
}
