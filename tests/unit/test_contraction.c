/* The contractive penalty's kernels and tied weights beside loops in double; masks of 0 and 1. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/threads.h"
#include "ditto.h"
#include "guarded.h"
#include "misuse.h"

static const int64_t units[] = {1, 3, 70}, ins[] = {1, 16, 37}, ns[] = {1, 5, 16, 33};

static void expect_close(const char *what, const real *got, const double *wanted, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        cr_expect(is_close((double)got[i], wanted[i], 1e-5), "%s, element %d of %d: %g, not %g", what, (int)i,
                  (int)count, (double)got[i], wanted[i]);
    cr_expect(marks_intact(got, count), "%s wrote beyond %d elements", what, (int)count);
}

static void check(int64_t u, int64_t in, int64_t n)
{
    static double norm[70], loss[33], dh[70 * 33], dw[70 * 37];
    real *h = uniforms_new(u * n, 1, 1), *w = uniforms_new(u * in, 2, 2), *dloss = uniforms_new(n, 1, 3);
    memset(norm, 0, sizeof norm), memset(loss, 0, sizeof loss), memset(dw, 0, sizeof dw);
    for (int64_t j = 0; j < u; j++) {
        for (int64_t i = 0; i < in; i++) norm[j] += pow((double)w[j * in + i], 2);
        for (int64_t k = 0; k < n; k++) {
            const double x = (double)h[j * n + k], a = x * (1 - x), g = (double)dloss[k];
            loss[k] += a * a * norm[j];
            dh[j * n + k] = g * 2 * a * (1 - 2 * x) * norm[j];
            for (int64_t i = 0; i < in; i++) dw[j * in + i] += g * a * a * 2 * (double)w[j * in + i];
        }
    }
    real *got_norm = output_new(u, (real)NAN), *got_loss = output_new(n, (real)NAN);
    dt_cpu.contraction_forward(u, in, n, h, w, got_norm, got_loss);
    expect_close("norm", got_norm, norm, u);
    expect_close("loss", got_loss, loss, n);
    for (int beta = 0; beta < 2; beta++) {
        real *got_dh = output_new(u * n, beta ? 1 : (real)NAN), *got_dw = output_new(u * in, beta ? 1 : (real)NAN);
        dt_cpu.contraction_units_backward(u, n, h, got_norm, dloss, (real)beta, got_dh);
        dt_cpu.contraction_weights_backward(u, in, n, h, w, dloss, (real)beta, got_dw);
        for (int64_t i = 0; i < u * n && beta; i++) dh[i] += 1;
        for (int64_t i = 0; i < u * in && beta; i++) dw[i] += 1;
        expect_close("dh", got_dh, dh, u * n);
        expect_close("dw", got_dw, dw, u * in);
        guarded_free(got_dh), guarded_free(got_dw);
    }
    guarded_free(got_norm), guarded_free(got_loss), guarded_free(h), guarded_free(w), guarded_free(dloss);
}

Test(contraction, kernels_equal_their_formulas)
{
    for (int u = 0; u < 3; u++)
        for (int i = 0; i < 3; i++)
            for (int n = 0; n < 4; n++) check(units[u], ins[i], ns[n]);
}

Test(contraction, same_bits_for_any_number_of_threads)
{
    enum { U = 300, IN = 90, N = 50 };
    static real out[2][U + N + U * N + U * IN];
    real *h = uniforms_new(U * N, 1, 1), *w = uniforms_new(U * IN, 1, 2), *dloss = uniforms_new(N, 1, 3);
    for (int t = 0; t < 2; t++) {
        real *o = out[t];
        dt_threads_set(1 + t);
        dt_cpu.contraction_forward(U, IN, N, h, w, o, o + U);
        dt_cpu.contraction_units_backward(U, N, h, o, dloss, 0, o + U + N);
        dt_cpu.contraction_weights_backward(U, IN, N, h, w, dloss, 0, o + U + N + U * N);
    }
    dt_threads_set(1);
    cr_expect(memcmp(out[0], out[1], sizeof out[0]) == 0);
    guarded_free(h), guarded_free(w), guarded_free(dloss);
}

/* ---- on a tape */

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
TestSuite(tied, .init = setup, .fini = teardown);

static dt_var *input(int64_t rows, int64_t columns, uint64_t seed)
{
    dt_var *x = dt_input(tape, 2, (int64_t[]){rows, columns});
    for (int64_t i = 0; i < x->count; i++)
        x->value[i] = (real)dt_rng_uniform(dt_rng_stream(seed, "input", 0), (uint64_t)i);
    return x;
}

Test(tied, weights_the_other_way)
{
    enum { IN = 7, OUT = 5, N = 3 };
    const dt_var *w = input(IN, OUT, 1), *x = input(IN, N, 2), *bias = input(OUT, 1, 3);
    const dt_var *y = dt_linear_transposed_of((dt_var *)(uintptr_t)x, (dt_var *)(uintptr_t)w,
                                              dt_reshape((dt_var *)(uintptr_t)bias, 1, (int64_t[]){OUT}));
    cr_assert(y->rank == 2 && y->dim[0] == OUT && y->dim[1] == N);
    for (int o = 0; o < OUT; o++)
        for (int k = 0; k < N; k++) {
            double sum = (double)bias->value[o];
            for (int i = 0; i < IN; i++) sum += (double)w->value[i * OUT + o] * (double)x->value[i * N + k];
            cr_expect(is_close((double)y->value[o * N + k], sum, 1e-5));
        }
}

Test(tied, masks_are_those_of_dropout)
{
    enum { UNITS = 201, EXAMPLES = 9 };
    const dt_rng stream = dt_rng_stream(2, "noise", 9);
    for (int recording = 0; recording < 2; recording++) {
        tape->recording = recording;
        dt_tape_reset(tape);
        dt_tape_noise(tape, stream, 6, EXAMPLES);
        for (uint64_t op = 0; op < 2; op++) {
            const dt_var *x = dt_mask_input(tape, 2, (int64_t[]){UNITS, EXAMPLES}, 0.3);
            for (uint64_t f = 0; f < UNITS; f++)
                for (uint64_t j = 0; j < EXAMPLES; j++) {
                    const uint64_t number = 4 * ((((op << 26) + f / 4) << 20) + 6 + j) + f % 4;
                    const real wanted = dt_rng_bits(stream, number) >= 0.3 * 0x1p32 ? 1 : 0;
                    cr_expect(x->value[f * EXAMPLES + j] == wanted, "op %d, unit %d of example %d", (int)op, (int)f,
                              (int)j);
                }
        }
    }
    dt_tape_noise(tape, stream, 0, EXAMPLES);
    const dt_var *none = dt_mask_input(tape, 2, (int64_t[]){UNITS, EXAMPLES}, 1),
                 *all = dt_mask_input(tape, 2, (int64_t[]){UNITS, EXAMPLES}, 0);
    for (int i = 0; i < UNITS * EXAMPLES; i++) cr_expect(none->value[i] == 0 && all->value[i] == 1);
}

Test(tied, misuse)
{
    dt_var *x = input(4, 3, 1), *w = input(5, 6, 2), *bias = dt_reshape(input(3, 1, 3), 1, (int64_t[]){3});
    EXPECT_MISUSE("linear_transposed: the input [4,3] does not fit  [5,6]", dt_linear_transposed_of(x, w, NULL));
    EXPECT_MISUSE("has 3 biases for 6 outputs", dt_linear_transposed_of(input(5, 3, 1), w, bias));
    EXPECT_MISUSE("has shape [2,2,3]", dt_linear_transposed_of(dt_reshape(x, 3, (int64_t[]){2, 2, 3}), w, NULL));
    EXPECT_MISUSE("contraction: the units [4,3] do not fit  [5,6]", dt_contraction(x, w));
    EXPECT_MISUSE("zeros with probability 1.5", dt_mask_input(tape, 2, (int64_t[]){4, 3}, 1.5));
    EXPECT_MISUSE("it was set for 0 examples", dt_mask_input(tape, 2, (int64_t[]){4, 3}, 0.5));
}
