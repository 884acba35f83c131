/* The elementwise functions against libm in double. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <float.h>
#include <string.h>

#include "backend/backend.h"
#include "core/threads.h"
#include "guarded.h"

enum { MOST = 40 /* elements: above twice any register */, BLOCK = 4096 };

static const dt_activation functions[] = {{DT_TANH, 1, 1},       {DT_TANH, (real)1.7159, (real)(2.0 / 3)},
                                          {.kind = DT_SIGMOID},  {.kind = DT_RELU},
                                          {.kind = DT_SOFTSIGN}, {DT_LEAKY_RELU, 1, (real)0.2}};
static const char *const names[] = {"tanh", "scaled tanh", "sigmoid", "relu", "softsign", "leaky relu"};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

static double true_value(const dt_activation *f, double x)
{
    switch (f->kind) {
    case DT_TANH:
        return (double)f->amplitude * tanh((double)f->slope * x);
    case DT_SIGMOID:
        return 1 / (1 + exp(-x));
    case DT_RELU:
        return x > 0 ? x : 0;
    case DT_SOFTSIGN:
        return isinf(x) ? copysign(1, x) : x / (1 + fabs(x));
    case DT_LEAKY_RELU:
        return x > 0 ? x : (double)f->slope * x;
    }
    return NAN;
}

/* The distance in units of the last place of the float next to the true value. */
static double ulps(double got, double wanted)
{
    float near = (float)fabs(wanted);
    double unit = (double)nextafterf(near, INFINITY) - (double)near;
    return fabs(got - wanted) / unit;
}

typedef struct {
    double worst, at;
    double relative; /* to the true value, in units of 2^-23, the step from 1 to the next float */
} worst_error;

static void check_block(const dt_activation *f, const real *x, int64_t count, worst_error *worst)
{
    static real y[BLOCK];
    dt_cpu.activation_forward(f, count, x, y);
    for (int64_t i = 0; i < count; i++) {
        const double wanted = true_value(f, (double)x[i]), error = ulps((double)y[i], wanted);
        const double relative = fabs((double)y[i] - wanted) / fabs(wanted) / FLT_EPSILON;
        if (!(error <= worst->worst)) worst->worst = error, worst->at = (double)x[i];
        if (!(relative <= worst->relative) && fabs(wanted) >= FLT_MIN) worst->relative = relative;
    }
}

/* Over every `stride`-th float from `low` on, in the order of their bits, up to `high`, and the same negated. */
static worst_error sweep(const dt_activation *f, float low, float high, uint32_t stride)
{
    worst_error worst = {0, 0, 0};
    static real x[BLOCK];
    int64_t n = 0;
    uint32_t bits, end;
    memcpy(&bits, &low, sizeof bits);
    memcpy(&end, &high, sizeof end);
    for (; bits <= end; bits += stride) {
        float value;
        memcpy(&value, &bits, sizeof value);
        x[n++] = value;
        x[n++] = -value;
        if (n == BLOCK) check_block(f, x, n, &worst), n = 0;
    }
    check_block(f, x, n, &worst);
    return worst;
}

static void expect_ulps(int function, float low, float high, uint32_t stride, double bound)
{
    worst_error w = sweep(&functions[function], low, high, stride);
    cr_expect(w.worst <= bound, "%s is %.2f units in the last place off at %.9g", names[function], w.worst, w.at);
}

static void expect_relative(int function, float low, float high, uint32_t stride, double bound)
{
    worst_error w = sweep(&functions[function], low, high, stride);
    cr_expect(w.relative <= bound, "%s is %.2f times 2^-23 of itself off", names[function], w.relative);
}

/* The step from a float to the next is between 2^-24 and 2^-23 of it, so this says more than three last places do. */
Test(elementwise, tanh_and_sigmoid_are_within_two_epsilons)
{
    expect_relative(0, FLT_MIN, FLT_MAX, 1999, 2);
    expect_relative(0, 1e-4f, 20, 37, 2);
    expect_relative(2, FLT_MIN, 87, 1999, 2);
    expect_relative(2, 1e-3f, 87, 37, 2);
}

Test(elementwise, tanh_is_accurate_to_the_last_places)
{
    expect_ulps(0, FLT_MIN, FLT_MAX, 1999, 3); /* all magnitudes */
    expect_ulps(0, 1e-4f, 20, 97, 3);          /* where it bends, densely */
    expect_ulps(1, FLT_MIN * 4, FLT_MAX, 1999, 5);
    expect_ulps(1, 1e-4f, 20, 97, 5); /* the products with slope and amplitude round too */
}

/* For large negative arguments the sigmoid is exp(x), so this is exp's accuracy too. Beyond -87 the true value is next
 * to the smallest normal float, and there only the absolute error counts. */
Test(elementwise, sigmoid_is_accurate_to_the_last_places)
{
    expect_ulps(2, FLT_MIN, 87, 1999, 4);
    expect_ulps(2, 1e-3f, 87, 97, 4);
    real x[] = {-88, -90, -100, -1000, -FLT_MAX}, y[5];
    dt_cpu.activation_forward(&functions[2], 5, x, y);
    for (int i = 0; i < 5; i++) cr_expect(y[i] >= 0 && y[i] < 2e-38, "sigmoid(%g) = %g", (double)x[i], (double)y[i]);
}

Test(elementwise, relu_is_exact)
{
    expect_ulps(3, 0, FLT_MAX, 1999, 0);
}

Test(elementwise, softsign_is_accurate_to_the_last_places)
{
    expect_ulps(4, FLT_MIN, FLT_MAX, 1999, 2);
    expect_ulps(4, 1e-4f, 1e4f, 97, 2);
}

Test(elementwise, the_ends_of_the_range)
{
    real x[] = {0, (real)-0.0, FLT_TRUE_MIN, -FLT_TRUE_MIN, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY}, y[8];
    static const real wanted[N_FUNCTIONS][8] = {
        {0, 0, FLT_TRUE_MIN, -FLT_TRUE_MIN, 1, -1, 1, -1},
        {0, 0, FLT_TRUE_MIN, -FLT_TRUE_MIN, (real)1.7159, (real)-1.7159, (real)1.7159, (real)-1.7159},
        {(real)0.5, (real)0.5, (real)0.5, (real)0.5, 1, 0, 1, 0},
        {0, 0, FLT_TRUE_MIN, 0, FLT_MAX, 0, INFINITY, 0},
        {0, 0, FLT_TRUE_MIN, -FLT_TRUE_MIN, 1, -1, 1, -1},
        {0, 0, FLT_TRUE_MIN, 0, FLT_MAX, -FLT_MAX * (real)0.2, INFINITY, -INFINITY},
    };
    for (int f = 0; f < N_FUNCTIONS; f++) {
        dt_cpu.activation_forward(&functions[f], 8, x, y);
        for (int i = 0; i < 8; i++) {
            bool equal = y[i] == wanted[f][i] || fabs((double)y[i] - (double)wanted[f][i]) <= 2e-38;
            cr_expect(equal, "%s(%g) = %g, not %g", names[f], (double)x[i], (double)y[i], (double)wanted[f][i]);
        }
    }
}

/* What is not a number must show in the loss. */
Test(elementwise, not_a_number_stays_so)
{
    for (int f = 0; f < N_FUNCTIONS; f++)
        for (int64_t n = 1; n <= MOST; n++) {
            real x[MOST], y[MOST];
            for (int64_t i = 0; i < n; i++) x[i] = i == n / 2 ? (real)NAN : 1;
            dt_cpu.activation_forward(&functions[f], n, x, y);
            for (int64_t i = 0; i < n; i++)
                cr_expect(isnan(y[i]) == (i == n / 2), "%s, n %d: element %d is %g", names[f], (int)n, (int)i,
                          (double)y[i]);
        }
}

Test(elementwise, tanh_is_never_beyond_one)
{
    for (int k = 0; k < 20000; k++) {
        real x[2] = {(real)(k * 0.001), (real)(-k * 0.001)}, y[2];
        dt_cpu.activation_forward(&functions[0], 2, x, y);
        cr_assert(y[0] >= 0 && y[0] <= 1 && y[1] <= 0 && y[1] >= -1, "tanh(%g)", (double)x[0]);
    }
}

/* Every length, so that every part of a register is used; nothing beyond the array is touched. */
Test(elementwise, forward_of_every_length)
{
    for (int f = 0; f < N_FUNCTIONS; f++)
        for (int64_t n = 1; n <= MOST; n++) {
            real *x = uniforms_new(n, 3, (uint64_t)n), *y = output_new(n, (real)NAN);
            dt_cpu.activation_forward(&functions[f], n, x, y);
            for (int64_t i = 0; i < n; i++)
                cr_expect(is_close((double)y[i], true_value(&functions[f], (double)x[i]), 5e-7), "%s, element %d of %d",
                          names[f], (int)i, (int)n);
            cr_expect(marks_intact(y, n), "%s wrote beyond %d elements", names[f], (int)n);
            guarded_free(x), guarded_free(y);
        }
}

/* f'(x) written through y = f(x). */
static double true_slope(const dt_activation *f, double y)
{
    double a = (double)f->amplitude;
    switch (f->kind) {
    case DT_TANH:
        return (double)f->slope * (a - y * y / a);
    case DT_SIGMOID:
        return y * (1 - y);
    case DT_RELU:
        return y > 0;
    case DT_SOFTSIGN:
        return (1 - fabs(y)) * (1 - fabs(y));
    case DT_LEAKY_RELU:
        return y > 0 ? 1 : (double)f->slope;
    }
    return NAN;
}

static void check_backward(int f, int64_t n, real beta)
{
    real *x = uniforms_new(n, 4, (uint64_t)n), *dy = uniforms_new(n, 2, (uint64_t)n + 1000);
    real *y = guarded_new(n, 0, (real)NAN), *dx = output_new(n, beta != 0 ? 3 : (real)NAN);
    dt_cpu.activation_forward(&functions[f], n, x, y);
    dt_cpu.activation_backward(&functions[f], n, y, dy, beta, dx);
    for (int64_t i = 0; i < n; i++) {
        double wanted = (beta != 0 ? 3 : 0) + (double)dy[i] * true_slope(&functions[f], (double)y[i]);
        cr_expect(is_close((double)dx[i], wanted, 1e-6), "%s, beta %g, element %d of %d: %g, not %g", names[f],
                  (double)beta, (int)i, (int)n, (double)dx[i], wanted);
    }
    cr_expect(marks_intact(dx, n), "%s wrote beyond %d elements", names[f], (int)n);
    guarded_free(x), guarded_free(dy), guarded_free(y), guarded_free(dx);
}

Test(elementwise, backward_of_every_length)
{
    for (int f = 0; f < N_FUNCTIONS; f++)
        for (int64_t n = 1; n <= MOST; n++)
            for (int beta = 0; beta < 2; beta++) check_backward(f, n, (real)beta);
}

/* At the ends of its range the slope is 0, and 1 (or amplitude * slope) in the middle. */
Test(elementwise, backward_by_hand)
{
    real y[3] = {-1, 0, 1}, dy[3] = {5, 5, 5}, dx[3];
    dt_cpu.activation_backward(&functions[0], 3, y, dy, 0, dx);
    cr_expect(dx[0] == 0 && dx[1] == 5 && dx[2] == 0);
    real half[1] = {(real)0.5};
    dt_cpu.activation_backward(&functions[2], 1, half, dy, 0, dx);
    cr_expect(eq(flt, dx[0], 1.25f));
    /* At 0 the derivative of the relu is taken as 0. */
    dt_cpu.activation_backward(&functions[3], 3, y, dy, 0, dx);
    cr_expect(dx[0] == 0 && dx[1] == 0 && dx[2] == 5);
    /* The softsign's is 1 / (1 + |x|)^2: at 1, where y = 1/2, a quarter. */
    dt_cpu.activation_backward(&functions[4], 1, half, dy, 0, dx);
    cr_expect(eq(flt, dx[0], 1.25f));
    dt_cpu.activation_backward(&functions[4], 3, y, dy, 0, dx);
    cr_expect(dx[0] == 0 && dx[1] == 5 && dx[2] == 0);
}

Test(elementwise, same_bits_for_any_number_of_threads)
{
    enum { N = 100003 };
    real *x = uniforms_new(N, 5, 1), *one = output_new(N, 0), *many = output_new(N, 0);
    for (int f = 0; f < N_FUNCTIONS; f++) {
        dt_threads_set(1);
        dt_cpu.activation_forward(&functions[f], N, x, one);
        for (int threads = 2; threads <= 3; threads++) {
            dt_threads_set(threads);
            dt_cpu.activation_forward(&functions[f], N, x, many);
            cr_expect(eq(int, memcmp(one, many, N * sizeof *one), 0), "%s, %d threads", names[f], threads);
        }
    }
    guarded_free(x), guarded_free(one), guarded_free(many);
}
