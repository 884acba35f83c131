/* models/vae.h: the bound beside its definition, and pixels that are drawn anew. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "misuse.h"
#include "models/vae.h"

enum { N = 5, LATENT = 3 };

static dt_params *params;
static dt_tape *tape;

static void setup(void)
{
    params = dt_params_new(3);
    tape = dt_tape_new(&dt_cpu, params, NULL);
}
static void teardown(void)
{
    dt_tape_free(tape);
    dt_params_free(params);
}
TestSuite(vae_lab, .init = setup, .fini = teardown);

static double grey(int64_t pixel, int64_t image)
{
    return dt_rng_uniform(dt_rng_stream(3, "grey", (uint64_t)image), (uint64_t)pixel);
}

/* The images first .. first + n - 1 on an empty tape with the noise of a step. */
static dt_var *images(int64_t first, int64_t n, uint64_t step)
{
    dt_tape_reset(tape);
    dt_tape_noise(tape, dt_rng_stream(7, "noise", step), first, n);
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, 28, 28, n});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)grey(i / n, first + i % n);
    return x;
}

Test(vae_lab, the_bound_is_equation_10)
{
    vae m = {.latent = LATENT, .hidden = 11, .layers = 2, .init = DT_INIT_GLOROT};
    vae_init(&m, params);
    dt_var *mean, *log_variance;
    double mu[LATENT][N], v[LATENT][N], z[LATENT][N];
    vae_encode(&m, dt_flatten(images(0, N, 1)), &mean, &log_variance);
    cr_assert(mean->dim[0] == LATENT && log_variance->dim[0] == LATENT && mean->dim[1] == N);
    for (int64_t i = 0; i < LATENT * N; i++) {
        const uint64_t f = (uint64_t)(i / N), number = 2 * (((f / 2) << 20) + (uint64_t)(i % N)) + f % 2;
        mu[i / N][i % N] = (double)mean->value[i];
        v[i / N][i % N] = (double)log_variance->value[i];
        z[i / N][i % N] =
            mu[i / N][i % N] + exp(v[i / N][i % N] / 2) * dt_rng_normal(dt_rng_stream(7, "noise", 1), number);
    }
    dt_tape_reset(tape);
    dt_var *code = dt_input(tape, 2, (int64_t[]){LATENT, N});
    for (int64_t i = 0; i < LATENT * N; i++) code->value[i] = (real)z[i / N][i % N];
    const dt_var *logits = vae_decode(&m, code);
    double wanted[N] = {0};
    for (int64_t i = 0; i < logits->count; i++) {
        const double p = 1 / (1 + exp(-(double)logits->value[i])), x = (double)(real)grey(i / N, i % N);
        wanted[i % N] -= x * log(p) + (1 - x) * log(1 - p);
    }
    for (int d = 0; d < LATENT; d++)
        for (int j = 0; j < N; j++) wanted[j] -= (1 + v[d][j] - mu[d][j] * mu[d][j] - exp(v[d][j])) / 2;
    const dt_var *loss = vae_forward(&m, images(0, N, 1));
    cr_assert(loss->rank == 2 && loss->dim[0] == 1 && loss->dim[1] == N);
    for (int j = 0; j < N; j++)
        cr_expect(fabs((double)loss->value[j] - wanted[j]) < 2e-3, "image %d: %g, not %g", j, (double)loss->value[j],
                  wanted[j]);
}

Test(vae_lab, shards_change_nothing)
{
    vae m = {.latent = LATENT, .hidden = 6, .layers = 1, .init = DT_INIT_GLOROT, .binary = true};
    real whole[N];
    vae_init(&m, params);
    memcpy(whole, vae_forward(&m, images(0, N, 1))->value, sizeof whole);
    for (int first = 0; first < N; first += 2) {
        const int n = N - first < 2 ? 1 : 2;
        const dt_var *part = vae_forward(&m, images(first, n, 1));
        for (int j = 0; j < n; j++)
            cr_expect(fabs((double)(part->value[j] - whole[first + j])) < 1e-3, "image %d", first + j);
    }
}

/* Over many steps a pixel is black as often as it is dark. */
Test(vae_lab, binary_pixels_are_drawn_anew)
{
    enum { STEPS = 400 };
    const vae m = {.binary = true}, plain = {.binary = false};
    double black[VAE_PIXELS] = {0}, worst = 0;
    for (uint64_t step = 0; step < STEPS; step++) {
        dt_var *x = dt_flatten(images(0, 1, step));
        cr_assert(vae_pixels(&plain, x) == x);
        const dt_var *y = vae_pixels(&m, x);
        for (int64_t p = 0; p < VAE_PIXELS; p++) {
            cr_assert(y->value[p] == 0 || y->value[p] == 1);
            black[p] += (double)y->value[p] / STEPS;
        }
    }
    for (int64_t p = 0; p < VAE_PIXELS; p++) worst = fmax(worst, fabs(black[p] - grey(p, 0)));
    cr_expect(worst < 0.125, "%g", worst); /* five standard deviations */
}

Test(vae_lab, misuse)
{
    vae none = {.latent = 0, .hidden = 5, .layers = 1}, deep = {.latent = 2, .hidden = 5, .layers = 3};
    const vae binary = {.binary = true};
    EXPECT_MISUSE("vae: 0 latent dimensions", vae_init(&none, params));
    EXPECT_MISUSE("3 hidden layers", vae_init(&deep, params));
    dt_var *x = dt_flatten(images(0, 2, 0));
    dt_tape_reset(tape);
    EXPECT_MISUSE("2 images without noise", vae_pixels(&binary, x));
}
