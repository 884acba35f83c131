/* L-BFGS: its direction against dense matrices, its minima against GSL's minimisers on the same functions. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>

#include "misuse.h"
#include "optim/lbfgs.h"

/* sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, minimum 0 at (1, ..., 1) (Rosenbrock 1960, over n numbers). */
static double rosenbrock(int64_t n, const double *x, double *gradient)
{
    double f = 0;
    memset(gradient, 0, (size_t)n * sizeof *gradient);
    for (int64_t i = 0; i + 1 < n; i++) {
        double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
        f += 100 * a * a + b * b;
        gradient[i] += -400 * a * x[i] - 2 * b;
        gradient[i + 1] += 200 * a;
    }
    return f;
}

/* 1/2 sum_i k_i z_i^2 + 3 with z = H (x - (1, 2, ..., n)), k from 1 to 1e4, and H = I - 2 u u' / u'u a reflection, so
 * that no axis is an eigenvector. */
static double quadratic(int64_t n, const double *x, double *gradient)
{
    double z[64], uu = 0, uz = 0, ug = 0, f = 3;
    for (int64_t i = 0; i < n; i++) uu += (double)(i + 1), uz += sqrt((double)(i + 1)) * (x[i] - (double)(i + 1));
    for (int64_t i = 0; i < n; i++) {
        double u = sqrt((double)(i + 1)), k = pow(1e4, (double)i / (double)(n - 1));
        z[i] = x[i] - (double)(i + 1) - 2 * uz / uu * u;
        f += 0.5 * k * z[i] * z[i];
        gradient[i] = k * z[i];
        ug += u * gradient[i];
    }
    for (int64_t i = 0; i < n; i++) gradient[i] -= 2 * ug / uu * sqrt((double)(i + 1));
    return f;
}

typedef struct {
    int64_t n;
    double (*f)(int64_t n, const double *x, double *gradient);
    int64_t calls;
} function;

static double ours(void *context, const double *x, double *gradient)
{
    function *f = context;
    f->calls++;
    return f->f(f->n, x, gradient);
}

static double gsl_value(const gsl_vector *x, void *context)
{
    function *f = context;
    double gradient[64];
    return f->f(f->n, x->data, gradient);
}

static void gsl_gradient(const gsl_vector *x, void *context, gsl_vector *gradient)
{
    function *f = context;
    f->f(f->n, x->data, gradient->data);
}

static void gsl_both(const gsl_vector *x, void *context, double *value, gsl_vector *gradient)
{
    function *f = context;
    *value = f->f(f->n, x->data, gradient->data);
}

/* The minimum that GSL's minimiser finds from `start`, into x, and the norm of the gradient there: its line searches
 * compare values only, and give up where these differ by rounding alone. */
static double gsl_minimum(const gsl_multimin_fdfminimizer_type *type, function *f, const double *start, double *x)
{
    gsl_multimin_function_fdf fdf = {gsl_value, gsl_gradient, gsl_both, (size_t)f->n, f};
    gsl_vector_const_view from = gsl_vector_const_view_array(start, (size_t)f->n);
    gsl_multimin_fdfminimizer *m = gsl_multimin_fdfminimizer_alloc(type, (size_t)f->n);
    cr_assert(m != NULL);
    gsl_multimin_fdfminimizer_set(m, &fdf, &from.vector, 0.01, 0.1);
    for (int i = 0; i < 20000 && gsl_multimin_test_gradient(m->gradient, 1e-9) == GSL_CONTINUE; i++)
        if (gsl_multimin_fdfminimizer_iterate(m) != 0) break;
    memcpy(x, m->x->data, (size_t)f->n * sizeof *x);
    double norm = gsl_blas_dnrm2(m->gradient);
    gsl_multimin_fdfminimizer_free(m);
    return norm;
}

/* Where GSL's minimiser stops is our minimum, as near as its own gradient g allows: |g| over the least curvature, which
 * is 0.39 or more in the functions here. */
static void expect_as_gsl(const gsl_multimin_fdfminimizer_type *type, function *f, const double *start, const double *x)
{
    double theirs[64], squares = 0, norm = gsl_minimum(type, f, start, theirs);
    for (int64_t i = 0; i < f->n; i++) squares += (x[i] - theirs[i]) * (x[i] - theirs[i]);
    cr_expect(norm < 1e-3, "%s stops at a gradient of %g", type->name, norm);
    cr_expect(sqrt(squares) < 3 * norm + 1e-8, "%s stops %g away, its gradient is %g", type->name, sqrt(squares), norm);
}

/* Ours, GSL's and the known minimum are one. */
static void expect_minimum(function *f, const double *start, const double *wanted, double value)
{
    dt_lbfgs l;
    dt_lbfgs_init(&l, f->n, start, 0, ours, f);
    dt_lbfgs_end end = dt_lbfgs_run(&l, 1e-9, 2000);
    cr_expect(eq(int, (int)end, DT_LBFGS_CONVERGED), "after %d iterations the gradient is %g", (int)l.iterations,
              dt_lbfgs_norm(&l));
    cr_expect(dt_lbfgs_norm(&l) <= 1e-9);
    cr_expect(eq(i64, l.evaluations, f->calls));
    cr_expect(fabs(l.value - value) < 1e-12, "the minimum is %.17g, not %g", l.value, value);
    for (int64_t i = 0; i < f->n; i++) cr_expect(fabs(l.x[i] - wanted[i]) < 3e-9, "x[%d] is %.12g", (int)i, l.x[i]);
    expect_as_gsl(gsl_multimin_fdfminimizer_vector_bfgs2, f, start, l.x);
    expect_as_gsl(gsl_multimin_fdfminimizer_conjugate_fr, f, start, l.x);
    dt_lbfgs_free(&l);
    cr_expect(l.x == NULL);
}

Test(lbfgs, rosenbrock_as_gsl)
{
    function f = {2, rosenbrock, 0};
    expect_minimum(&f, (double[]){-1.2, 1}, (double[]){1, 1}, 0);
}

Test(lbfgs, rosenbrock_in_ten_dimensions_as_gsl)
{
    function f = {10, rosenbrock, 0};
    double start[10], ones[10];
    for (int i = 0; i < 10; i++) start[i] = 0.5 + 0.05 * i, ones[i] = 1;
    expect_minimum(&f, start, ones, 0);
}

Test(lbfgs, ill_conditioned_quadratic_as_gsl)
{
    function f = {30, quadratic, 0};
    double start[30], wanted[30];
    for (int i = 0; i < 30; i++) start[i] = i % 3, wanted[i] = i + 1;
    expect_minimum(&f, start, wanted, 3);
}

/* An iteration of a good implementation needs hardly more than one evaluation: the step 1 is nearly always taken. */
Test(lbfgs, most_steps_need_one_evaluation)
{
    function f = {30, quadratic, 0};
    double start[30] = {0};
    dt_lbfgs l;
    dt_lbfgs_init(&l, 30, start, 0, ours, &f);
    dt_lbfgs_run(&l, 1e-6, 2000);
    cr_expect(l.iterations > 20);
    cr_expect(l.evaluations < 3 * l.iterations / 2, "%d evaluations for %d iterations", (int)l.evaluations,
              (int)l.iterations);
    dt_lbfgs_free(&l);
}

/* ---- the recursion */

enum { N = 5, STEPS = 9 };

/* H = (I - s y' / y's) H (I - y s' / y's) + s s' / y's (Nocedal & Wright, equation 7.16). */
static void update_inverse(double h[N][N], const double *s, const double *y)
{
    double ys = 0, left[N][N], product[N][N] = {{0}};
    for (int i = 0; i < N; i++) ys += y[i] * s[i];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) left[i][j] = (i == j) - s[i] * y[j] / ys;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int a = 0; a < N; a++)
                for (int b = 0; b < N; b++) product[i][j] += left[i][a] * h[a][b] * left[j][b];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) h[i][j] = product[i][j] + s[i] * s[j] / ys;
}

/* -H gradient with H from the last pairs, oldest first. */
static void dense_direction(double pairs[][2][N], int n_pairs, const double *gradient, double *direction)
{
    double h[N][N] = {{0}}, gamma = 1;
    if (n_pairs > 0) {
        const double *s = pairs[n_pairs - 1][0], *y = pairs[n_pairs - 1][1];
        double sy = 0, yy = 0;
        for (int i = 0; i < N; i++) sy += s[i] * y[i], yy += y[i] * y[i];
        gamma = sy / yy;
    }
    for (int i = 0; i < N; i++) h[i][i] = gamma;
    for (int k = 0; k < n_pairs; k++) update_inverse(h, pairs[k][0], pairs[k][1]);
    for (int i = 0; i < N; i++) {
        direction[i] = 0;
        for (int j = 0; j < N; j++) direction[i] -= h[i][j] * gradient[j];
    }
}

static void check_directions(int memory)
{
    function f = {N, rosenbrock, 0};
    const double start[N] = {-1, 0.5, 0.8, -0.3, 0.2};
    double pairs[STEPS][2][N];
    dt_lbfgs l;
    dt_lbfgs_init(&l, N, start, memory, ours, &f);
    for (int t = 0; t < STEPS; t++) {
        double x[N], gradient[N], direction[N], former = l.value, length = 0, apart = 0;
        memcpy(x, l.x, sizeof x);
        memcpy(gradient, l.gradient, sizeof gradient);
        int kept = t < memory ? t : memory;
        dense_direction(pairs + t - kept, kept, gradient, direction);
        cr_assert(dt_lbfgs_step(&l));
        for (int i = 0; i < N; i++) {
            apart += pow(l.direction[i] - direction[i], 2);
            length += pow(direction[i], 2);
            pairs[t][0][i] = l.x[i] - x[i];
            pairs[t][1][i] = l.gradient[i] - gradient[i];
        }
        cr_expect(apart < 1e-16 * length, "memory %d, step %d: off by %g of %g", memory, t, sqrt(apart), sqrt(length));
        cr_expect(l.value < former, "step %d goes up", t);
    }
    cr_expect(eq(i64, l.iterations, STEPS));
    dt_lbfgs_free(&l);
}

Test(lbfgs, the_recursion_gives_the_dense_direction)
{
    for (int memory = 1; memory <= 6; memory++) check_directions(memory);
}

/* Both strong Wolfe conditions at every step. */
Test(lbfgs, steps_fulfil_the_wolfe_conditions)
{
    function f = {10, rosenbrock, 0};
    double start[10] = {-1, 2, -1, 2, -1, 2, -1, 2, -1, 2};
    dt_lbfgs l;
    dt_lbfgs_init(&l, 10, start, 4, ours, &f);
    for (int t = 0; t < 30; t++) {
        double x[10], gradient[10], value = l.value, before = 0, after = 0, at = 0;
        memcpy(x, l.x, sizeof x);
        memcpy(gradient, l.gradient, sizeof gradient);
        cr_assert(dt_lbfgs_step(&l));
        for (int i = 0; i < 10; i++) {
            before += gradient[i] * l.direction[i];
            after += l.gradient[i] * l.direction[i];
            at = fmax(at, fabs((l.x[i] - x[i]) / l.direction[i]));
        }
        cr_expect(l.value <= value + 1e-4 * at * before * (1 - 1e-6), "step %d does not decrease enough", t);
        cr_expect(fabs(after) <= 0.9 * fabs(before), "step %d: slope %g, before %g", t, after, before);
    }
    dt_lbfgs_free(&l);
}

/* -x + 3/2 x^2 - 1/2 x^3: from 0 with slope -1, the first step, 1, leads to a point that is lower by hardly anything
 * (here 1e-5), and flat enough. It must not be taken. */
static double shallow(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = -1 + 3 * x[0] - 1.5 * x[0] * x[0] - 1e-5;
    return -x[0] + 1.5 * x[0] * x[0] - 0.5 * x[0] * x[0] * x[0] - 1e-5 * x[0];
}

Test(lbfgs, a_step_that_hardly_descends_is_not_taken)
{
    dt_lbfgs l;
    double x = 0;
    dt_lbfgs_init(&l, 1, &x, 0, shallow, NULL);
    cr_assert(dt_lbfgs_step(&l));
    cr_expect(l.value < -1e-4 * l.x[0], "x is %g, the value %g", l.x[0], l.value);
    cr_expect(fabs(l.gradient[0]) < 1e-9, "of a cubic, the next try is the minimum, and not %.12g", l.x[0]);
    cr_expect(eq(i64, l.evaluations, 3));
    dt_lbfgs_free(&l);
}

/* ---- the ends */

/* -log x + x, which is not a number below 0: a first step of 1 from 0.01 along the gradient 99 would leap there. */
static double barrier(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = 1 - 1 / x[0];
    return x[0] > 0 ? x[0] - log(x[0]) : (double)NAN;
}

Test(lbfgs, a_step_to_where_there_is_no_number_is_shortened)
{
    for (int k = 0; k < 2; k++) {
        dt_lbfgs l;
        double x = k ? 50 : 0.01;
        dt_lbfgs_init(&l, 1, &x, 0, barrier, NULL);
        cr_expect(eq(int, (int)dt_lbfgs_run(&l, 1e-9, 100), DT_LBFGS_CONVERGED));
        cr_expect(fabs(l.x[0] - 1) < 1e-8, "x is %.12g", l.x[0]);
        dt_lbfgs_free(&l);
    }
}

/* A gradient of the wrong sign: no step goes down. */
static double wrong_gradient(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = -2 * x[0];
    return x[0] * x[0];
}

static double nowhere(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = x[0] * (double)NAN;
    return (double)NAN;
}

Test(lbfgs, says_how_it_ended)
{
    dt_lbfgs l;
    double x = 3;
    dt_lbfgs_init(&l, 1, &x, 0, wrong_gradient, NULL);
    cr_expect(eq(int, (int)dt_lbfgs_run(&l, 1e-9, 100), DT_LBFGS_STUCK));
    cr_expect(l.x[0] == 3 && l.value == 9 && l.gradient[0] == -6 && l.iterations == 0, "stuck at %g", l.x[0]);
    dt_lbfgs_free(&l);
    dt_lbfgs_init(&l, 1, &x, 0, nowhere, NULL);
    cr_expect(eq(int, (int)dt_lbfgs_run(&l, 1e-9, 100), DT_LBFGS_STUCK));
    dt_lbfgs_free(&l);
    function f = {2, rosenbrock, 0};
    dt_lbfgs_init(&l, 2, (double[]){-1.2, 1}, 0, ours, &f);
    cr_expect(eq(int, (int)dt_lbfgs_run(&l, 1e-9, 3), DT_LBFGS_ITERATIONS));
    cr_expect(eq(i64, l.iterations, 3));
    cr_expect(eq(int, (int)dt_lbfgs_run(&l, 1e-9, 100), DT_LBFGS_CONVERGED));
    dt_lbfgs_free(&l);
    EXPECT_MISUSE("0 numbers", dt_lbfgs_init(&l, 0, &x, 0, wrong_gradient, NULL));
}
