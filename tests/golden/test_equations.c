/* The ops on cases small enough to be worked by hand from the equations of LeCun, Bottou, Bengio and Haffner 1998:
 * forward, and backward with weight 1 on each output. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "ditto.h"

static dt_params *params;
static dt_tape *tape;

static void setup(void)
{
    params = dt_params_new(1);
    tape = dt_tape_new(&dt_cpu, params, NULL);
}

static void teardown(void)
{
    dt_tape_free(tape);
    dt_params_free(params);
}

TestSuite(equations, .init = setup, .fini = teardown);

#define DIM(...) __VA_ARGS__

/* An input with these values whose gradient is wanted: VAR((2, 1), 5, 6) has shape [2,1]. */
#define VAR(dim, ...) \
    var((int64_t[]){DIM dim, 0}, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (const double[]){__VA_ARGS__})
static dt_var *var(const int64_t *dim, size_t count, const double *values)
{
    int rank = 0;
    while (dim[rank]) rank++;
    dt_var *x = dt_input(tape, rank, dim);
    cr_assert(eq(sz, count, (size_t)x->count));
    for (size_t i = 0; i < count; i++) x->value[i] = (real)values[i];
    x->needs_gradient = true;
    return x;
}

static void expect(const char *what, const real *got, int64_t count, const double *wanted)
{
    for (int64_t i = 0; i < count; i++)
        cr_expect(fabs((double)got[i] - wanted[i]) <= 1e-5 * fmax(1, fabs(wanted[i])), "%s, element %d: %.7g, not %.7g",
                  what, (int)i, (double)got[i], wanted[i]);
}
#define EXPECT_VALUE(y, ...) expect(#y, (y)->value, (y)->count, (const double[]){__VA_ARGS__})
#define EXPECT_GRADIENT(x, ...) expect("gradient of " #x, (x)->gradient, (x)->count, (const double[]){__VA_ARGS__})

#define ONE_TO_9 1, 2, 3, 4, 5, 6, 7, 8, 9
#define ONE_TO_16 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16

/*  1 2 3     1 2
 *  4 5 6  *  3 4  + 10: the first output is 1*1 + 2*2 + 4*3 + 5*4 + 10
 *  7 8 9 */
Test(equations, convolution)
{
    dt_var *x = VAR((1, 3, 3, 1), ONE_TO_9), *w = VAR((1, 1, 2, 2), 1, 2, 3, 4);
    dt_var *bias = VAR((1), 10);
    dt_var *y = dt_conv_of(x, w, bias, (dt_conv_how){0});
    EXPECT_VALUE(y, 47, 57, 77, 87);
    dt_backward(y, 1);
    EXPECT_GRADIENT(x, 1, 3, 2, 4, 10, 6, 3, 7, 4);
    EXPECT_GRADIENT(w, 12, 16, 24, 28);
    EXPECT_GRADIENT(bias, 4);
}

/* One pixel 5 with a border of zeros: each output sees it through the opposite weight. */
Test(equations, convolution_with_padding)
{
    dt_var *x = VAR((1, 1, 1, 1), 5), *w = VAR((1, 1, 2, 2), 1, 2, 3, 4);
    dt_var *y = dt_conv_of(x, w, NULL, (dt_conv_how){.pad = 1});
    EXPECT_VALUE(y, 20, 15, 10, 5);
    dt_backward(y, 1);
    EXPECT_GRADIENT(x, 10);
    EXPECT_GRADIENT(w, 5, 5, 5, 5);
}

/* Two input maps and two examples (the last dimension): map 0 is (1, 2), map 1 is (10, 20), and the examples differ by
 * their sign. Output 0 takes both, output 1 only the second. */
Test(equations, convolution_with_a_connection_table)
{
    dt_var *x = VAR((2, 1, 2, 2), 1, -1, 2, -2, 10, -10, 20, -20);
    dt_var *w = VAR((3, 1, 1), 3, 5, 7), *bias = VAR((2), 0.5, 0.25);
    dt_var *y = dt_conv_of(x, w, bias, (dt_conv_how){.table = (const char *const[]){"X.", "XX"}});
    EXPECT_VALUE(y, 53.5, -52.5, 106.5, -105.5, 70.25, -69.75, 140.25, -139.75);
    dt_backward_from(y, (const real[]){1, 0, 1, 0, 1, 0, 1, 0});
    EXPECT_GRADIENT(x, 3, 0, 3, 0, 12, 0, 12, 0);
    EXPECT_GRADIENT(w, 3, 30, 30);
    EXPECT_GRADIENT(bias, 2, 2);
}

/* (1 2; 3 4) (5 6; 7 8) + (10; 20), examples in columns. */
Test(equations, linear)
{
    dt_var *w = VAR((2, 2), 1, 2, 3, 4), *x = VAR((2, 2), 5, 6, 7, 8);
    dt_var *bias = VAR((2), 10, 20);
    dt_var *y = dt_linear_of(x, w, bias);
    EXPECT_VALUE(y, 29, 32, 63, 70);
    dt_backward(y, 1);
    EXPECT_GRADIENT(x, 4, 4, 6, 6);
    EXPECT_GRADIENT(w, 11, 15, 11, 15);
    EXPECT_GRADIENT(bias, 2, 2);
}

/* Layer S2: the four inputs of a unit are added, multiplied by a coefficient, and a bias is added. */
Test(equations, subsampling)
{
    dt_var *x = VAR((1, 4, 4, 1), ONE_TO_16), *coefficient = VAR((1), 0.5);
    dt_var *bias = VAR((1), -1);
    dt_var *y = dt_subsample_of(x, coefficient, bias, 2);
    EXPECT_VALUE(y, 6, 10, 22, 26);
    dt_backward(y, 1);
    EXPECT_GRADIENT(x, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5);
    EXPECT_GRADIENT(coefficient, 14 + 22 + 46 + 54);
    EXPECT_GRADIENT(bias, 4);
}

Test(equations, pools)
{
    dt_var *x = VAR((1, 4, 4, 1), ONE_TO_16), *greatest = dt_maxpool(x, 2);
    EXPECT_VALUE(greatest, 6, 8, 14, 16);
    dt_backward(greatest, 3);
    EXPECT_GRADIENT(x, 0, 0, 0, 0, 0, 3, 0, 3, 0, 0, 0, 0, 0, 3, 0, 3);
    dt_tape_reset(tape);
    x = VAR((1, 4, 4, 1), ONE_TO_16);
    dt_var *mean = dt_avgpool(x, 2);
    EXPECT_VALUE(mean, 3.5, 5.5, 11.5, 13.5);
    dt_backward(mean, 4);
    EXPECT_GRADIENT(x, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
}

/* Appendix A: with this amplitude and slope f(1) = 1 and f(-1) = -1, and f goes to +-1.7159; f'(0) = 1.7159 * 2/3. */
Test(equations, squashing)
{
    dt_var *x = VAR((5), 0, 1, -1, 100, -100), *y = dt_scaled_tanh(x);
    EXPECT_VALUE(y, 0, 1, -1, 1.7159, -1.7159);
    dt_backward(y, 1);
    double at_one = 2.0 / 3 * (1.7159 - 1 / 1.7159);
    EXPECT_GRADIENT(x, 1.7159 * 2 / 3, at_one, at_one, 0, 0);
    dt_tape_reset(tape);
    x = VAR((3), 0, log(3), -log(3));
    y = dt_sigmoid(x);
    EXPECT_VALUE(y, 0.5, 0.75, 0.25);
    dt_backward(y, 1);
    EXPECT_GRADIENT(x, 0.25, 0.1875, 0.1875);
    dt_tape_reset(tape);
    x = VAR((3), -2, 0, 3);
    y = dt_relu(x);
    EXPECT_VALUE(y, 0, 0, 3);
    dt_backward(y, 1);
    EXPECT_GRADIENT(x, 0, 0, 1);
}

/* Eq. 7: (1-1)^2 + (-1-1)^2 + (0.5-1)^2 = 4.25, and (1+1)^2 + (-1+1)^2 + (0.5+1)^2 = 6.25. */
Test(equations, radial_basis_functions)
{
    static const real centres[2][3] = {{1, 1, 1}, {-1, -1, -1}};
    dt_var *x = VAR((3, 1), 1, -1, 0.5), *y = dt_rbf(x, centres[0], 2);
    EXPECT_VALUE(y, 4.25, 6.25);
    dt_backward_from(y, (const real[]){1, 10});
    EXPECT_GRADIENT(x, 0 + 40, -4 + 0, -1 + 30);
}

/* Eq. 9 with penalties 0 and log 2 and j = log 4: log(1/4 + 1 + 1/2) plus the right class's penalty; it pulls that one
 * down and pushes the other up. */
Test(equations, maximum_a_posteriori)
{
    static const int32_t labels[2] = {0, 1};
    dt_var *y = VAR((2, 2), 0, 0, log(2), log(2)), *loss = dt_map_loss(y, labels, (real)log(4));
    EXPECT_VALUE(loss, log(1.75), log(1.75) + log(2));
    dt_backward(loss, 1);
    EXPECT_GRADIENT(y, 1 - 4.0 / 7, -4.0 / 7, -2.0 / 7, 1 - 2.0 / 7);
}

/* Eq. 8, up to the half: targets +1 at the label and -1 elsewhere. */
Test(equations, squared_error)
{
    static const int32_t labels[2] = {0, 2};
    dt_var *y = VAR((3, 2), 1, 0, -1, 0, 0, 0), *loss = dt_mse(y, labels, -1, 1);
    EXPECT_VALUE(loss, 0.5, 1.5);
    dt_backward(loss, 1);
    EXPECT_GRADIENT(y, 0, 1, 0, 1, 1, -1);
}

Test(equations, cross_entropy)
{
    static const int32_t labels[2] = {0, 1};
    dt_var *scores = VAR((2, 2), 0, 0, log(3), log(3)), *loss = dt_softmax_xent(scores, labels);
    EXPECT_VALUE(loss, log(4), log(4.0 / 3));
    dt_backward(loss, 1);
    EXPECT_GRADIENT(scores, -0.75, 0.25, 0.75, -0.25);
}

Test(equations, concatenation)
{
    dt_var *a = VAR((1, 2), 1, 2), *b = VAR((2, 2), 3, 4, 5, 6), *y = dt_concat(a, b);
    EXPECT_VALUE(y, 1, 2, 3, 4, 5, 6);
    dt_backward_from(y, (const real[]){10, 20, 30, 40, 50, 60});
    EXPECT_GRADIENT(a, 10, 20);
    EXPECT_GRADIENT(b, 30, 40, 50, 60);
}

Test(equations, concatenation_of_features)
{
    dt_var *a = VAR((2, 1, 2), 1, 2, 3, 4), *b = VAR((2, 2, 2), 5, 6, 7, 8, 9, 10, 11, 12);
    dt_var *y = dt_concat_features(a, b);
    EXPECT_VALUE(y, 1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12);
    dt_backward_from(y, (const real[]){10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120});
    EXPECT_GRADIENT(a, 10, 20, 70, 80);
    EXPECT_GRADIENT(b, 30, 40, 50, 60, 90, 100, 110, 120);
}

/* Mikolov et al. 2014, eq. 3 with alpha 3/4: from s_0 = 8, s_1 = 4/4 + 3 * 8/4 = 7, s_2 = 12/4 + 3 * 7/4 = 33/4. With
 * ds_2 = 2 and ds_1 = 1 + 3/4 * 2 = 5/2, dx = ds / 4, and ds_0 = 3/4 ds_1. */
Test(equations, context_units)
{
    dt_var *x = VAR((2, 1, 1), 4, 12), *s = VAR((1, 1), 8), *y = dt_context_of(x, 0.75, s);
    EXPECT_VALUE(y, 7, 8.25);
    dt_backward_from(y, (const real[]){1, 2});
    EXPECT_GRADIENT(x, 0.625, 0.5);
    EXPECT_GRADIENT(s, 1.875);
    EXPECT_VALUE(dt_context_of(x, 0.75, NULL), 1, 3.75);
}

/* Ioffe & Szegedy 2015, algorithm 1, with epsilon 3: the mean is 2 and the variance 1, so h = (x - 2) / 2 = -1/2, 1/2.
 * With dy = 1, 0 the means of dy and of dy h are 1/2 and -1/4, and dx = 2 / 2 (dy - 1/2 + h / 4). */
Test(equations, batch_normalisation)
{
    dt_var *x = VAR((1, 2), 1, 3), *gamma = VAR((1), 2), *beta = VAR((1), 5);
    dt_var *y = dt_batchnorm_of(x, (dt_batchnorm_how){.gamma = gamma, .beta = beta, .epsilon = 3});
    EXPECT_VALUE(y, 4, 6);
    dt_backward_from(y, (const real[]){1, 0});
    EXPECT_GRADIENT(x, 0.375, -0.375);
    EXPECT_GRADIENT(gamma, -0.5);
    EXPECT_GRADIENT(beta, 1);
}

/* Two maps of two columns and two examples: map 1 holds 0, 2, 4, 6 (mean 3, variance 5, with epsilon 4 a divisor of 3),
 * map 2 is constant. */
Test(equations, batch_normalisation_of_maps)
{
    dt_var *x = VAR((2, 1, 2, 2), 0, 2, 4, 6, 7, 7, 7, 7), *beta = VAR((2), 1, 10);
    EXPECT_VALUE(dt_batchnorm_of(x, (dt_batchnorm_how){.beta = beta, .epsilon = 4}), 0, 2.0 / 3, 4.0 / 3, 2, 10, 10, 10,
                 10);
}

/* The end of a residual block (He et al. 2016, figure 2): with epsilon 3, h = -1/2, 1/2 as above, so 2 h + 5 = 4, 6;
 * plus -5, -5 it is -1, 1. Of dy = 10, 1 the rectifier lets 0, 1 through. */
Test(equations, batch_normalisation_and_what_is_behind_it)
{
    dt_var *x = VAR((1, 2), 1, 3), *r = VAR((1, 2), -5, -5), *gamma = VAR((1), 2), *beta = VAR((1), 5);
    const dt_batchnorm_how how = {.gamma = gamma, .beta = beta, .epsilon = 3, .add = r, .relu = true};
    dt_var *y = dt_batchnorm_of(x, how);
    EXPECT_VALUE(y, 0, 1);
    dt_backward_from(y, (const real[]){10, 1});
    EXPECT_GRADIENT(r, 0, 1);
    EXPECT_GRADIENT(beta, 1);
    EXPECT_GRADIENT(gamma, 0.5);
    EXPECT_GRADIENT(x, -0.375, 0.375);
}

/* Running averages from mean 0 and variance 1 at the rate 1/2: the batch 1, 3 has mean 2 and, of 2 - 1 numbers,
 * variance 2. Algorithm 2 then takes (x - 1) / sqrt(1.5 + 2.5) for testing. */
Test(equations, running_averages)
{
    dt_batchnorm_layer layer;
    dt_optimizer optimizer;
    dt_batchnorm_init(&layer, params, "n", 1, .rate = 0.5, .epsilon = 2.5);
    dt_optimizer_init(&optimizer, params, &(dt_optimizer_recipe){.weight_decay = 1});
    dt_params_zero_gradients(params);
    dt_backward(dt_batchnorm(&layer, VAR((1, 2), 1, 3)), 0);
    const real *running = params->values + layer.running->offset;
    expect("before the step", running, 2, (const double[]){0, 1});
    dt_optimizer_step(&optimizer, tape->backend, params, 100);
    expect("after it", running, 2, (const double[]){1, 1.5});
    dt_tape_reset(tape);
    tape->recording = false;
    EXPECT_VALUE(dt_batchnorm(&layer, VAR((1, 1), 7)), 3);
    dt_optimizer_free(&optimizer);
}
