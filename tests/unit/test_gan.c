/* The training of a pair of networks: its gradients beside differences, what each half may and may not change, looking
 * ahead, stopping anywhere, and the diagnoses. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "core/threads.h"
#include "models/dcgan.h"
#include "models/gan.h"
#include "models/ring_gan.h"
#include "run/gan.h"
#include "run/gan_step.h"

DT_MODEL(ring_gan);
DT_MODEL(dcgan_generator);
DT_MODEL(dcgan_discriminator);

enum { LATENT = 3, BATCH = 20 };

static const ring_gan g_shape = {.name = "g", .in = LATENT, .width = 7, .out = 2, .layers = 2},
                      d_shape = {.name = "d", .in = 2, .width = 6, .out = 1, .layers = 1, .scale = 0.5};
static const dt_gan_task task = {"toy", &ring_gan_model, &ring_gan_model, &g_shape, &d_shape, LATENT};

static const dt_gan_recipe sgd = {.batch = BATCH, .lr_generator = 0.05, .lr_discriminator = 0.03},
                           adam = {.batch = BATCH,
                                   .optimizer = {.kind = DT_ADAM, .momentum = 0.5, .rho = 0.999, .epsilon = 1e-8},
                                   .lr_generator = 0.01,
                                   .lr_discriminator = 0.01,
                                   .input_dropout = 0.2,
                                   .unroll = 2};

/* Points around (1, -1), others in each step; of images: noise. */
static void source(void *context, int64_t step, dt_var *x)
{
    int *calls = context;
    ++*calls;
    for (int64_t i = 0; i < x->count; i++) {
        const double e = dt_rng_normal(dt_rng_stream(1, "points", (uint64_t)step), (uint64_t)i);
        x->value[i] = (real)((i < x->count / 2 ? 1 : -1) + 0.3 * e);
    }
}

static int calls;

static void start(dt_gan *gan, const dt_gan_recipe *recipe)
{
    calls = 0;
    dt_gan_init(gan, &task, recipe, &dt_cpu, 1, source, &calls);
}

static void step(dt_gan *gan)
{
    dt_error err;
    const dt_status status = dt_gan_step(gan, &err);
    cr_assert(eq(int, (int)status, DT_OK), "%s", err.message);
}

static bool same_side(const dt_gan_side *a, const dt_gan_side *b)
{
    const size_t bytes = (size_t)a->params->size * sizeof(real);
    bool same = memcmp(a->params->values, b->params->values, bytes) == 0 && a->optimizer.steps == b->optimizer.steps;
    for (int i = 0; i < a->optimizer.blocks; i++)
        same = same && memcmp(a->optimizer.block[i], b->optimizer.block[i], bytes) == 0;
    return same;
}

static bool same(const dt_gan *a, const dt_gan *b)
{
    return same_side(&a->generator, &b->generator) && same_side(&a->discriminator, &b->discriminator) &&
           memcmp(&a->state, &b->state, sizeof a->state) == 0;
}

/* The networks of a step in double, written out: z -> x and x -> logit, by `values` of the parameters. */
static void layer(const dt_params *p, const dt_linear_layer *l, const double *in, int64_t n_in, int64_t n_out,
                  bool rectify, double *out)
{
    const real *w = p->values + l->weight->offset, *bias = p->values + l->bias->offset;
    for (int64_t o = 0; o < n_out; o++) {
        out[o] = (double)bias[o];
        for (int64_t i = 0; i < n_in; i++) out[o] += (double)w[o * n_in + i] * in[i];
        if (rectify) out[o] = fmax(0, out[o]);
    }
}

static void network(const dt_gan_side *s, const double *in, double *out)
{
    const ring_gan *m = s->model;
    double a[8], b[8];
    for (int64_t i = 0; i < m->in; i++) a[i] = in[i] * (m->scale > 0 ? m->scale : 1);
    layer(s->params, &m->hidden[0], a, m->in, m->width, true, b);
    if (m->layers > 1) {
        layer(s->params, &m->hidden[1], b, m->width, m->width, true, a);
        memcpy(b, a, sizeof a);
    }
    layer(s->params, &m->last, b, m->width, m->out, false, out);
}

/* The losses of the coming step at the present parameters: D's and G's, and its means of probabilities. */
static void losses(const dt_gan *gan, double *d_loss, double *g_loss, double *on_real, double *on_fake)
{
    const dt_rng noise = dt_rng_stream(gan->seed, "generator", (uint64_t)gan->state.step),
                 points = dt_rng_stream(1, "points", (uint64_t)gan->state.step);
    *d_loss = *g_loss = *on_real = *on_fake = 0;
    for (int j = 0; j < BATCH; j++) {
        double z[LATENT], x[2], fake[2], logit[2];
        for (int f = 0; f < LATENT; f++)
            z[f] = dt_rng_normal(noise, 2 * (((uint64_t)(f / 2) << 20) + (uint64_t)j) + f % 2);
        for (int i = 0; i < 2; i++) x[i] = (i ? -1 : 1) + 0.3 * dt_rng_normal(points, (uint64_t)(i * BATCH + j));
        network(&gan->generator, z, fake);
        network(&gan->discriminator, x, &logit[0]);
        network(&gan->discriminator, fake, &logit[1]);
        *d_loss += (log(1 + exp(-logit[0])) + log(1 + exp(logit[1]))) / BATCH;
        *g_loss += log(1 + exp(-logit[1])) / BATCH;
        *on_real += 1 / (1 + exp(-logit[0])) / BATCH;
        *on_fake += 1 / (1 + exp(-logit[1])) / BATCH;
    }
    if (gan->recipe.saddle) *g_loss = -*d_loss;
}

/* With plain SGD an update is the rate times the gradient; beside it the difference quotient of the formula. Where both
 * are updated together, a large step of D changes nothing for G. */
static void check_gradient(bool of_generator, bool saddle, bool together)
{
    dt_gan gan;
    dt_gan_recipe recipe = sgd;
    recipe.saddle = saddle;
    recipe.together = together;
    if (of_generator && !together) recipe.lr_discriminator = 0;
    start(&gan, &recipe);
    for (int i = 0; i < 3; i++) step(&gan);
    if (of_generator && together) gan.recipe.lr_discriminator = 1;
    dt_gan_side *s = of_generator ? &gan.generator : &gan.discriminator;
    const int64_t size = s->params->size;
    const double rate = of_generator ? recipe.lr_generator : recipe.lr_discriminator, shift = 1e-4;
    double *quotient = malloc((size_t)size * sizeof *quotient), at[4], largest = 0;
    for (int64_t i = 0; i < size; i++) {
        const real before = s->params->values[i];
        double side[2];
        for (int k = 0; k < 2; k++) {
            s->params->values[i] = before + (real)(k ? -shift : shift);
            losses(&gan, &at[0], &at[1], &at[2], &at[3]);
            side[k] = at[of_generator];
        }
        s->params->values[i] = before;
        quotient[i] = (side[0] - side[1]) / (2 * shift);
    }
    losses(&gan, &at[0], &at[1], &at[2], &at[3]);
    real *before = malloc((size_t)size * sizeof *before);
    memcpy(before, s->params->values, (size_t)size * sizeof *before);
    step(&gan);
    cr_expect(fabs(gan.d_loss - at[0]) < 1e-5 && fabs(gan.on_real - at[2]) < 1e-5 && fabs(gan.on_fake - at[3]) < 1e-5);
    if (of_generator) cr_expect(fabs(gan.g_loss - at[1]) < 1e-5);
    for (int64_t i = 0; i < size; i++) {
        const double taken = (double)(before[i] - s->params->values[i]) / rate;
        largest = fmax(largest, fabs(taken));
        cr_expect(fabs(taken - quotient[i]) < 2e-3, "%d: parameter %d: %g, not %g", of_generator, (int)i, taken,
                  quotient[i]);
    }
    cr_expect(largest > 0.01);
    free(quotient);
    free(before);
    dt_gan_free(&gan);
}

Test(gan, updates_follow_the_gradients_of_the_paper)
{
    check_gradient(false, false, false);
    check_gradient(true, false, false);
    check_gradient(true, true, false);
    check_gradient(false, false, true);
    check_gradient(true, false, true);
    check_gradient(true, true, true);
}

/* Of the same logits, G's loss is D's loss on fakes less the logit. The average that looks for a winner begins with a
 * share of just that. */
Test(gan, those_updated_together_share_the_mask)
{
    dt_gan gan;
    dt_gan_recipe recipe = sgd;
    recipe.input_dropout = 0.5;
    for (int together = 0; together < 2; together++) {
        recipe.together = together;
        recipe.lr_discriminator = together ? 1 : 0;
        start(&gan, &recipe);
        step(&gan);
        const double apart = fabs(200 * gan.state.g_caught - gan.g_loss);
        cr_expect(together ? apart < 1e-5 : apart > 1e-4, "together %d: %g apart", together, apart);
        dt_gan_free(&gan);
    }
}

Test(gan, looking_ahead_changes_the_generator_alone)
{
    dt_gan plain, ahead;
    dt_gan_recipe recipe = adam;
    recipe.input_dropout = 0;
    start(&ahead, &recipe);
    recipe.unroll = 0;
    start(&plain, &recipe);
    step(&plain);
    cr_expect(eq(int, calls, 1));
    step(&ahead);
    cr_expect(eq(int, calls, 2), "the real batch is that of the step");
    cr_expect(same_side(&plain.discriminator, &ahead.discriminator), "the further steps of D were not taken back");
    cr_expect(same_side(&plain.generator, &ahead.generator) == false, "G did not look ahead");
    dt_gan_free(&plain);
    dt_gan_free(&ahead);
}

/* G's loss after the steps ahead, and its gradient in the fakes. */
static double ahead_of(dt_gan *gan, const dt_var *fake, real *dx)
{
    double loss;
    cr_assert(dt_gan_look_ahead(gan, fake, &loss, dx));
    return loss;
}

/* A discriminator without kinks, which spoil differences. */
typedef struct {
    dt_linear_layer hidden, last;
} smooth;
static void smooth_init(smooth *m, dt_params *params)
{
    dt_linear_init(&m->hidden, params, "hidden", 2, 9, .init = DT_INIT_NORMAL, .sd = 0.8);
    dt_linear_init(&m->last, params, "last", 9, 1, .init = DT_INIT_NORMAL, .sd = 0.5);
}
static dt_var *smooth_forward(const smooth *m, dt_var *x)
{
    return dt_linear(&m->last, dt_tanh(dt_linear(&m->hidden, x)));
}
DT_MODEL(smooth);

/* Beside the difference quotient of everything: what the fakes change in D's steps counts. */
static void check_gradient_ahead(bool saddle)
{
    enum { COUNT = 2 * BATCH };
    static const dt_gan_task smooth_task = {"smooth", &ring_gan_model, &smooth_model, &g_shape, NULL, LATENT};
    dt_gan gan;
    dt_gan_recipe recipe = adam;
    recipe.unroll = 4;
    recipe.input_dropout = 0;
    recipe.lr_discriminator = 0.03;
    recipe.saddle = saddle;
    dt_gan_init(&gan, &smooth_task, &recipe, &dt_cpu, 1, source, &calls);
    for (int i = 0; i < 5; i++) step(&gan);
    dt_tape *tape = dt_tape_new(&dt_cpu, gan.generator.params, NULL);
    dt_var *x = dt_input(tape, 2, (int64_t[]){2, BATCH}), *fake = dt_input(tape, 2, (int64_t[]){2, BATCH});
    source(&calls, 7, x);
    source(&calls, 8, fake);
    for (int i = 0; i < COUNT; i++) fake->value[i] *= (real)0.7;
    gan.real = x->value;
    real dx[COUNT], alone[COUNT], unused[COUNT];
    double size = 0, error = 0, share = 0;
    const double shift = 0.01;
    ahead_of(&gan, fake, dx);
    dt_gan_generator_loss(&gan, fake, 5, false, alone);
    for (int i = 0; i < COUNT; i++) {
        const real before = fake->value[i];
        fake->value[i] = before + (real)shift;
        const double above = ahead_of(&gan, fake, unused);
        fake->value[i] = before - (real)shift;
        const double quotient = (above - ahead_of(&gan, fake, unused)) / (2 * shift);
        fake->value[i] = before;
        size += quotient * quotient;
        error += (quotient - (double)dx[i]) * (quotient - (double)dx[i]);
        share += (quotient - (double)alone[i]) * (quotient - (double)alone[i]);
    }
    cr_expect(sqrt(error / size) < 0.01, "saddle %d: an error of %g", saddle, sqrt(error / size));
    cr_expect(sqrt(share / size) > 0.15, "saddle %d: the steps ahead make a difference of %g only", saddle,
              sqrt(share / size));
    dt_tape_free(tape);
    dt_gan_free(&gan);
}

Test(gan, looking_ahead_counts_what_the_fakes_change)
{
    check_gradient_ahead(false);
    check_gradient_ahead(true);
}

Test(gan, rates_and_momentum_follow_the_recipe)
{
    dt_gan gan;
    dt_gan_recipe recipe = sgd;
    recipe.optimizer.momentum = 0.5;
    recipe.momentum_end = 0.9;
    recipe.momentum_steps = 4;
    start(&gan, &recipe);
    for (int i = 0; i < 8; i++) {
        step(&gan);
        const double wanted = 0.5 + 0.4 * fmin(1, i / 4.0);
        cr_expect(fabs(gan.generator.optimizer.recipe.momentum - wanted) < 1e-12, "step %d: %g", i,
                  gan.generator.optimizer.recipe.momentum);
    }
    dt_gan_free(&gan);
    recipe = sgd;
    recipe.decay = 1e-9; /* after the first step there is next to none */
    start(&gan, &recipe);
    step(&gan);
    const real before = gan.discriminator.params->values[0];
    step(&gan);
    cr_expect(gan.discriminator.params->values[0] == before);
    dt_gan_free(&gan);
}

Test(gan, one_that_goes_on_ends_the_same)
{
    for (int64_t stop = 0; stop < 5; stop++) {
        dt_gan whole, first, second;
        dt_blob from[DT_GAN_BLOBS], to[DT_GAN_BLOBS];
        start(&whole, &adam);
        start(&first, &adam);
        start(&second, &adam);
        for (int64_t i = 0; i < 6; i++) step(&whole);
        for (int64_t i = 0; i < stop; i++) step(&first);
        memset(second.generator.params->values, 0, (size_t)second.generator.params->size * sizeof(real));
        const int n = dt_gan_blobs(&first, from);
        cr_assert(eq(int, dt_gan_blobs(&second, to), n));
        for (int i = 0; i < n; i++) {
            cr_assert(strcmp(from[i].name, to[i].name) == 0 && from[i].bytes == to[i].bytes);
            memcpy(to[i].data, from[i].data, to[i].bytes);
        }
        while (second.state.step < 6) step(&second);
        cr_expect(same(&whole, &second), "stopped after step %d", (int)stop);
        dt_gan_free(&whole);
        dt_gan_free(&first);
        dt_gan_free(&second);
    }
}

/* Convolutions, batch normalisation and all. */
Test(gan, same_bits_for_any_number_of_threads)
{
    const dcgan_generator g = {.latent = 9, .maps = 8};
    const dcgan_discriminator d = {.maps = 8};
    const dt_gan_task images = {"images", &dcgan_generator_model, &dcgan_discriminator_model, &g, &d, 9};
    dt_gan one, two;
    dt_threads_set(1);
    dt_gan_init(&one, &images, &adam, &dt_cpu, 1, source, &calls);
    for (int i = 0; i < 3; i++) step(&one);
    dt_threads_set(2);
    dt_gan_init(&two, &images, &adam, &dt_cpu, 1, source, &calls);
    for (int i = 0; i < 3; i++) step(&two);
    dt_threads_set(1);
    cr_expect(same(&one, &two));
    dt_gan_free(&one);
    dt_gan_free(&two);
}

Test(gan, samples_are_the_generators)
{
    dt_gan gan;
    start(&gan, &sgd);
    const real z[2 * LATENT] = {1, -1, (real)0.5, 0, -2, 2}; /* two columns */
    real x[4];
    dt_gan_generate(&gan, z, 2, x);
    for (int j = 0; j < 2; j++) {
        double wanted[2], column[LATENT] = {(double)z[j], (double)z[2 + j], (double)z[4 + j]};
        network(&gan.generator, column, wanted);
        cr_expect(fabs((double)x[j] - wanted[0]) < 1e-5 && fabs((double)x[2 + j] - wanted[1]) < 1e-5);
    }
    dt_gan_free(&gan);
}

static dt_status until_it_fails(dt_gan *gan, int most, dt_error *err)
{
    dt_status status = DT_OK;
    for (int i = 0; i < most && status == DT_OK; i++) status = dt_gan_step(gan, err);
    return status;
}

Test(gan, a_winner_is_named)
{
    static const ring_gan deep = {.name = "d", .in = 2, .width = 6, .out = 1, .layers = 2};
    dt_gan_task other = task;
    dt_gan gan;
    dt_error err;
    dt_gan_recipe recipe = sgd;
    recipe.lr_discriminator = 300;
    recipe.lr_generator = 1e-6;
    other.discriminator_shape = &deep;
    dt_gan_init(&gan, &other, &recipe, &dt_cpu, 1, source, &calls);
    cr_expect(eq(int, (int)until_it_fails(&gan, 2000, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "the discriminator has won") && strstr(err.hint, "--lr-discriminator"), "%s",
              err.message);
    dt_gan_free(&gan);
    start(&gan, &sgd);
    gan.state.d_fooled = 30;
    cr_expect(eq(int, (int)dt_gan_step(&gan, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "the generator has won") && strstr(err.hint, "--lr-generator"), "%s", err.message);
    cr_expect(err.path[0] == '\0');
    dt_gan_free(&gan);
}

Test(gan, what_is_not_a_number_is_named)
{
    dt_gan gan;
    dt_error err;
    start(&gan, &sgd);
    step(&gan);
    gan.discriminator.params->values[0] = (real)NAN;
    cr_expect(eq(int, (int)dt_gan_step(&gan, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, "broke down in step 2") && strstr(err.message, "of the discriminator"), "%s",
              err.message);
    dt_gan_free(&gan);
}
