/* The densities, samples of them and maxout against their formulas in double. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/threads.h"
#include "ditto.h"
#include "guarded.h"
#include "misuse.h"

enum { MOST_FEATURES = 9, MOST = 70 };
static const int64_t features[] = {1, 2, 5, MOST_FEATURES}, ns[] = {1, 3, 15, 16, 17, 33, MOST};
enum { N_FEATURES = sizeof features / sizeof *features, N_NS = sizeof ns / sizeof *ns };

typedef struct {
    int64_t features, n, count;
    real *x, *mean, *log_variance, *dloss;
} numbers;

static numbers numbers_new(int64_t f, int64_t n)
{
    const uint64_t seed = (uint64_t)(100 * f + n);
    return (numbers){f,
                     n,
                     f * n,
                     uniforms_new(f * n, 1, seed),
                     uniforms_new(f * n, 4, seed + 1),
                     uniforms_new(f * n, 3, seed + 2),
                     uniforms_new(n, 2, seed + 3)};
}

static void numbers_free(const numbers *k)
{
    guarded_free(k->x), guarded_free(k->mean), guarded_free(k->log_variance), guarded_free(k->dloss);
}

static void expect_close(const char *what, const real *got, const double *wanted, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        cr_expect(is_close((double)got[i], wanted[i], 3e-6), "%s, element %d of %d: %g, not %g", what, (int)i,
                  (int)count, (double)got[i], wanted[i]);
    cr_expect(marks_intact(got, count), "%s wrote beyond %d elements", what, (int)count);
}

static void check_bernoulli(const numbers *k)
{
    double loss[MOST] = {0}, d[MOST_FEATURES * MOST];
    real *got = output_new(k->n, (real)NAN), *x = output_new(k->count, 0);
    for (int64_t i = 0; i < k->count; i++) {
        const double a = (double)k->mean[i], p = 1 / (1 + exp(-a));
        x[i] = k->x[i] > 0 ? k->x[i] : 0;
        loss[i % k->n] -= (double)x[i] * log(p) + (1 - (double)x[i]) * log(1 - p);
        d[i] = (double)k->dloss[i % k->n] * (p - (double)x[i]);
    }
    dt_cpu.bernoulli_nll_forward(k->features, k->n, x, k->mean, got);
    expect_close("bernoulli_nll", got, loss, k->n);
    for (int beta = 0; beta < 2; beta++) {
        real *dlogits = output_new(k->count, beta ? 1 : (real)NAN);
        dt_cpu.bernoulli_nll_backward(k->features, k->n, x, k->mean, k->dloss, (real)beta, dlogits);
        for (int64_t i = 0; i < k->count && beta; i++) d[i] += 1;
        expect_close("bernoulli_nll, backward", dlogits, d, k->count);
        guarded_free(dlogits);
    }
    guarded_free(got), guarded_free(x);
}

/* 1: without a mean, 2: without a variance. */
static void check_gaussian(const numbers *k, int without)
{
    const real *mean = without & 1 ? NULL : k->mean, *log_variance = without & 2 ? NULL : k->log_variance;
    double loss[MOST] = {0}, dx[MOST_FEATURES * MOST], dm[MOST_FEATURES * MOST], dv[MOST_FEATURES * MOST];
    for (int64_t i = 0; i < k->count; i++) {
        const double m = mean ? (double)mean[i] : 0, v = log_variance ? (double)log_variance[i] : 0;
        const double e = (double)k->x[i] - m, g = (double)k->dloss[i % k->n];
        loss[i % k->n] += 0.5 * (log(8 * atan(1)) + v + e * e / exp(v));
        dx[i] = 7 + g * e / exp(v);
        dm[i] = 7 - g * e / exp(v);
        dv[i] = 7 + g / 2 * (1 - e * e / exp(v));
    }
    real *got = output_new(k->n, (real)NAN), *gx = output_new(k->count, 7), *gm = output_new(k->count, 7),
         *gv = output_new(k->count, 7);
    dt_cpu.gaussian_nll_forward(k->features, k->n, k->x, mean, log_variance, got);
    expect_close("gaussian_nll", got, loss, k->n);
    dt_cpu.gaussian_nll_backward(k->features, k->n, k->x, mean, log_variance, k->dloss,
                                 &(dt_gaussian_gradients){gx, mean ? gm : NULL, log_variance ? gv : NULL});
    expect_close("gaussian_nll, dx", gx, dx, k->count);
    if (mean) expect_close("gaussian_nll, dmean", gm, dm, k->count);
    if (log_variance) expect_close("gaussian_nll, dlog_variance", gv, dv, k->count);
    guarded_free(got), guarded_free(gx), guarded_free(gm), guarded_free(gv);
}

static void check_kl(const numbers *k)
{
    double loss[MOST] = {0}, dm[MOST_FEATURES * MOST], dv[MOST_FEATURES * MOST];
    for (int64_t i = 0; i < k->count; i++) {
        const double m = (double)k->mean[i], v = (double)k->log_variance[i], g = (double)k->dloss[i % k->n];
        loss[i % k->n] += 0.5 * (m * m + exp(v) - v - 1);
        dm[i] = 7 + g * m;
        dv[i] = 7 + g / 2 * (exp(v) - 1);
    }
    real *got = output_new(k->n, (real)NAN), *gm = output_new(k->count, 7), *gv = output_new(k->count, 7);
    dt_cpu.gaussian_kl_forward(k->features, k->n, k->mean, k->log_variance, got);
    expect_close("gaussian_kl", got, loss, k->n);
    dt_cpu.gaussian_kl_backward(k->features, k->n, k->mean, k->log_variance, k->dloss,
                                &(dt_gaussian_gradients){NULL, gm, gv});
    expect_close("gaussian_kl, dmean", gm, dm, k->count);
    expect_close("gaussian_kl, dlog_variance", gv, dv, k->count);
    guarded_free(got), guarded_free(gm), guarded_free(gv);
}

static void check_sample(const numbers *k)
{
    double z[MOST_FEATURES * MOST], dv[MOST_FEATURES * MOST];
    real *got = output_new(k->count, (real)NAN);
    for (int64_t i = 0; i < k->count; i++) {
        const double step = exp((double)k->log_variance[i] / 2) * (double)k->x[i];
        z[i] = (double)k->mean[i] + step;
        dv[i] = (double)k->mean[i] * step / 2; /* the mean stands in for dz */
    }
    dt_cpu.gaussian_sample_forward(k->count, k->mean, k->log_variance, k->x, got);
    expect_close("gaussian_sample", got, z, k->count);
    for (int beta = 0; beta < 2; beta++) {
        real *d = output_new(k->count, beta ? 1 : (real)NAN);
        for (int64_t i = 0; i < k->count && beta; i++) dv[i] += 1;
        dt_cpu.gaussian_sample_backward(k->count, k->log_variance, k->x, k->mean, (real)beta, d);
        expect_close("gaussian_sample, backward", d, dv, k->count);
        guarded_free(d);
    }
    guarded_free(got);
}

Test(density, kernels_equal_their_formulas)
{
    for (int f = 0; f < N_FEATURES; f++)
        for (int i = 0; i < N_NS; i++) {
            const numbers k = numbers_new(features[f], ns[i]);
            check_bernoulli(&k);
            for (int without = 0; without < 4; without++) check_gaussian(&k, without);
            check_kl(&k);
            check_sample(&k);
            numbers_free(&k);
        }
}

Test(density, large_logits_do_not_overflow)
{
    const real x[4] = {0, 1, 0, 1}, logits[4] = {1000, -1000, -1000, 1000};
    real loss[4], d[4];
    dt_cpu.bernoulli_nll_forward(1, 4, x, logits, loss);
    dt_cpu.bernoulli_nll_backward(1, 4, x, logits, (real[]){1, 1, 1, 1}, 0, d);
    static const real wanted[4] = {1000, 1000, 0, 0}, slope[4] = {1, -1, 0, 0};
    for (int i = 0; i < 4; i++)
        cr_expect(loss[i] == wanted[i] && fabs((double)(d[i] - slope[i])) < 1e-6, "%d: %g, %g", i, (double)loss[i],
                  (double)d[i]);
}

Test(density, what_is_not_a_number_stays_so)
{
    const real x[2] = {0, 0}, logits[2] = {1, (real)NAN};
    real loss[2];
    dt_cpu.bernoulli_nll_forward(1, 2, x, logits, loss);
    cr_expect(isfinite(loss[0]) && isnan(loss[1]), "%g, %g", (double)loss[0], (double)loss[1]);
}

Test(density, noise_equals_its_naive_twin)
{
    static const int64_t many[] = {1, 2, 3, 8, 201};
    dt_noise noise = {dt_rng_stream(0x123456789abcdef0u, "noise", 5), 0, 0};
    for (int f = 0; f < 5; f++)
        for (int i = 0; i < N_NS; i++) {
            noise.op = f == 4 ? DT_NOISE_OPS - 1 : f;
            noise.first = i == 0 ? DT_NOISE_EXAMPLES - 1 : 3 * i;
            real *x = output_new(many[f] * ns[i], (real)NAN);
            dt_cpu.normal_fill(&noise, many[f], ns[i], x);
            int64_t wrong = 0;
            for (int64_t k = 0; k < many[f] * ns[i]; k++) {
                const int64_t feature = k / ns[i], j = noise.first + k % ns[i];
                const uint64_t block = (((uint64_t)noise.op << 27) + (uint64_t)feature / 2) * (1 << 20) + (uint64_t)j;
                wrong += !(fabs((double)x[k] - dt_rng_normal(noise.stream, 2 * block + (uint64_t)feature % 2)) < 1e-6);
            }
            cr_expect(eq(i64, wrong, 0), "%d features, %d examples", (int)many[f], (int)ns[i]);
            cr_expect(marks_intact(x, many[f] * ns[i]));
            guarded_free(x);
        }
}

/* The largest and the smallest numbers are within 1e-6, too. */
Test(density, noise_is_accurate_to_its_ends)
{
    enum { F = 100, N = 10000 };
    real *x = malloc(F * N * sizeof *x);
    const dt_noise noise = {dt_rng_stream(4, "noise", 2), 0, 0};
    double worst = 0, largest = 0, smallest = INFINITY;
    dt_cpu.normal_fill(&noise, F, N, x);
    for (int64_t k = 0; k < F * N; k++) {
        const uint64_t block = ((uint64_t)(k / N / 2) << 20) + (uint64_t)(k % N);
        const double wanted = dt_rng_normal(noise.stream, 2 * block + (uint64_t)(k / N % 2));
        worst = fmax(worst, fabs((double)x[k] - wanted));
        largest = fmax(largest, fabs(wanted));
        smallest = fmin(smallest, fabs(wanted));
    }
    cr_expect(worst < 1e-6, "%g", worst);
    cr_expect(largest > 4.5 && smallest < 1e-5);
    free(x);
}

/* A pair is what the single numbers are; their mean is 0, their variance 1, and the two of a pair are not correlated.
 */
Test(density, pairs_of_normal_numbers)
{
    enum { N = 40000 };
    const dt_rng stream = dt_rng_stream(3, "noise", 1);
    double sum = 0, squares = 0, product = 0;
    for (uint64_t i = 0; i < N; i++) {
        double two[2];
        dt_rng_normal_pair(stream, i, two);
        cr_assert(two[0] == dt_rng_normal(stream, 2 * i) && two[1] == dt_rng_normal(stream, 2 * i + 1));
        sum += two[0] + two[1];
        squares += two[0] * two[0] + two[1] * two[1];
        product += two[0] * two[1];
    }
    cr_expect(fabs(sum / (2 * N)) < 0.018 && fabs(squares / (2 * N) - 1) < 0.025 && fabs(product / N) < 0.025);
}

Test(density, same_bits_for_any_number_of_threads)
{
    enum { F = 300, N = 100, COUNT = F * N };
    real *x = uniforms_new(COUNT, 1, 1), *m = uniforms_new(COUNT, 3, 2), *v = uniforms_new(COUNT, 3, 3),
         *dloss = uniforms_new(N, 1, 4);
    static real out[2][4 * COUNT + 2 * N];
    const dt_noise noise = {dt_rng_stream(1, "noise", 1), 0, 0};
    for (int t = 0; t < 2; t++) {
        real *o = out[t];
        dt_threads_set(1 + t);
        dt_cpu.normal_fill(&noise, F, N, o);
        dt_cpu.bernoulli_nll_forward(F, N, x, m, o + COUNT);
        dt_cpu.bernoulli_nll_backward(F, N, x, m, dloss, 0, o + COUNT + N);
        dt_cpu.gaussian_nll_forward(F, N, x, m, v, o + 2 * COUNT + N);
        dt_cpu.gaussian_nll_backward(F, N, x, m, v, dloss,
                                     &(dt_gaussian_gradients){NULL, o + 2 * COUNT + 2 * N, o + 3 * COUNT + 2 * N});
    }
    dt_threads_set(1);
    cr_expect(memcmp(out[0], out[1], sizeof out[0]) == 0);
    guarded_free(x), guarded_free(m), guarded_free(v), guarded_free(dloss);
}

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
TestSuite(generative_ops, .init = setup, .fini = teardown);

/* maxout takes the kernels of max-pooling in a shape that no pooling has. */
Test(generative_ops, maxout_of_every_size)
{
    for (int64_t pieces = 1; pieces <= 15; pieces++)
        for (int i = 0; i < N_NS; i++) {
            dt_tape_reset(tape);
            dt_var *x = dt_input(tape, 2, (int64_t[]){3 * pieces, ns[i]});
            for (int64_t k = 0; k < x->count; k++)
                x->value[k] = (real)dt_rng_normal(dt_rng_stream(1, "x", (uint64_t)pieces), (uint64_t)k);
            x->needs_gradient = true;
            dt_var *y = dt_maxout(x, pieces);
            cr_assert(y->rank == 2 && y->dim[0] == 3 && y->dim[1] == ns[i]);
            dt_backward(y, 2);
            for (int64_t k = 0; k < y->count; k++) {
                const int64_t unit = k / ns[i], j = k % ns[i];
                real greatest = -INFINITY, sum = 0;
                for (int64_t p = 0; p < pieces; p++) {
                    const int64_t at = (unit * pieces + p) * ns[i] + j;
                    greatest = x->value[at] > greatest ? x->value[at] : greatest;
                    sum += x->gradient[at];
                    if (x->gradient[at] != 0) cr_expect(x->gradient[at] == 2 && x->value[at] == y->value[k]);
                }
                cr_expect(y->value[k] == greatest && sum == 2, "%d pieces, element %d", (int)pieces, (int)k);
            }
        }
}

/* <conv x, y> = <x, conv_transposed y> for the same weights: one is the other's adjoint. */
Test(generative_ops, transposed_convolution_is_the_adjoint)
{
    for (int64_t stride = 1; stride <= 3; stride++)
        for (int64_t pad = 0; pad < 3; pad++) {
            dt_tape_reset(tape);
            const int64_t side = stride * 3 + 4 - 2 * pad; /* of the convolution's input, whose output is 4 x 4 */
            dt_var *x = dt_input(tape, 4, (int64_t[]){2, side, side, 5}),
                   *w = dt_input(tape, 4, (int64_t[]){3, 2, 4, 4}), *y = dt_input(tape, 4, (int64_t[]){3, 4, 4, 5});
            dt_var *const all[] = {x, w, y};
            for (int a = 0; a < 3; a++)
                for (int64_t i = 0; i < all[a]->count; i++)
                    all[a]->value[i] =
                        (real)((int)dt_rng_below(dt_rng_stream(1, "adjoint", (uint64_t)a), (uint64_t)i, 7) - 3);
            const dt_conv_how how = {.pad = pad, .stride = stride};
            const dt_var *down = dt_conv_of(x, w, NULL, how), *up = dt_conv_transposed_of(y, w, NULL, how);
            cr_assert(up->count == x->count && up->dim[0] == 2 && up->dim[1] == side && up->dim[2] == side);
            double left = 0, right = 0;
            for (int64_t i = 0; i < y->count; i++) left += (double)down->value[i] * (double)y->value[i];
            for (int64_t i = 0; i < x->count; i++) right += (double)x->value[i] * (double)up->value[i];
            cr_expect(left == right && left != 0, "stride %d, padding %d: %g and %g", (int)stride, (int)pad, left,
                      right);
        }
}

Test(generative_ops, misuse)
{
    dt_var *x = dt_input(tape, 4, (int64_t[]){3, 2, 2, 4}), *w = dt_input(tape, 4, (int64_t[]){2, 5, 3, 3}),
           *flat = dt_input(tape, 2, (int64_t[]){6, 4}), *other = dt_input(tape, 2, (int64_t[]){5, 4}),
           *one = dt_input(tape, 4, (int64_t[]){3, 5, 1, 1}), *bias = dt_input(tape, 1, (int64_t[]){4});
    EXPECT_MISUSE("has shape [2,5,3,3], must be [3,out,kernel_h,kernel_w] for the input [3,2,2,4]",
                  dt_conv_transposed_of(x, w, NULL, (dt_conv_how){0}));
    EXPECT_MISUSE("must be [channels,height,width,batch]", dt_conv_transposed_of(flat, w, NULL, (dt_conv_how){0}));
    EXPECT_MISUSE("with stride 1, 3 groups", dt_conv_transposed_of(x, one, NULL, (dt_conv_how){.groups = 3}));
    EXPECT_MISUSE("has 4 biases for 5 output maps", dt_conv_transposed_of(x, one, bias, (dt_conv_how){0}));
    EXPECT_MISUSE("nothing is left of the input", dt_conv_transposed_of(x, one, NULL, (dt_conv_how){.pad = 1}));
    EXPECT_MISUSE("maxout: the input [6,4] cannot be cut into units of 4 pieces", dt_maxout(flat, 4));
    EXPECT_MISUSE("units of 16 pieces", dt_maxout(flat, 16));
    EXPECT_MISUSE("leaky_relu: the slope is 0", dt_leaky_relu(flat, 0));
    EXPECT_MISUSE("bernoulli_nll: x has shape [6,4], its logits [5,4]", dt_bernoulli_nll(flat, other));
    EXPECT_MISUSE("gaussian_nll: x has shape [6,4], the mean [5,4]", dt_gaussian_nll(flat, other, NULL));
    EXPECT_MISUSE("gaussian_nll: x has shape [6,4], the log variance [5,4]", dt_gaussian_nll(flat, NULL, other));
    EXPECT_MISUSE("gaussian_kl: the mean has shape [6,4], the log variance [5,4]", dt_gaussian_kl(flat, other));
    EXPECT_MISUSE("the noise [5,4]", dt_gaussian_sample(flat, flat, other));
    EXPECT_MISUSE("it was set for 0 examples", dt_normal_input(tape, 2, (int64_t[]){6, 4}));
}
