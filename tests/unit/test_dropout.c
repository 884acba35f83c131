/* Dropout: its kernels against naive twins, the distribution of its masks, and what they may and may not depend on. All
 * is deterministic, so bounds of five standard deviations either hold for good or do not. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "guarded.h"
#include "misuse.h"
#include "run/trainer.h"
#include "toy.h"

enum { FEATURES = 37, BATCH = 67, COUNT = FEATURES * BATCH };

/* As backend.h says it. */
static uint8_t true_mask(const dt_noise *noise, double p, int64_t f, int64_t j)
{
    uint64_t block = (((uint64_t)noise->op << 26) + (uint64_t)f / 4) * (1 << 20) + (uint64_t)(noise->first + j);
    return (double)dt_rng_bits(noise->stream, 4 * block + (uint64_t)f % 4) >= floor(p * 0x1p32);
}

static void check_mask(const dt_noise *noise, double p, int64_t features, int64_t n)
{
    size_t count = (size_t)(features * n);
    uint8_t *keep = malloc(count + 2 * GUARD);
    memset(keep, 77, count + 2 * GUARD);
    dt_cpu.dropout_mask(noise, p, features, n, keep + GUARD);
    int64_t wrong = 0, touched = 0;
    for (int64_t f = 0; f < features; f++)
        for (int64_t j = 0; j < n; j++) wrong += keep[GUARD + f * n + j] != true_mask(noise, p, f, j);
    for (size_t i = 0; i < GUARD; i++) touched += (keep[i] != 77) + (keep[GUARD + count + i] != 77);
    cr_expect(eq(i64, wrong, 0), "p %g, %d features, %d examples from %d", p, (int)features, (int)n, (int)noise->first);
    cr_expect(eq(i64, touched, 0), "%d features, %d examples: written beyond the mask", (int)features, (int)n);
    free(keep);
}

Test(dropout, mask_equals_its_naive_twin)
{
    static const int64_t features[] = {1, 3, 4, 5, 18}, ns[] = {1, 2, 7, 8, 9, 16, 31, 32, 100};
    dt_noise noise = {dt_rng_stream(0x123456789abcdef0u, "dropout", 5), 0, 0};
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        for (size_t k = 0; k < sizeof ns / sizeof *ns; k++) {
            noise.first = (int64_t)(13 * k);
            noise.op = (int64_t)i;
            check_mask(&noise, 0.3, features[i], ns[k]);
        }
    noise.stream.step = 0xfedcba9876543210u; /* every word of the counter and of the key is used */
    noise.op = DT_NOISE_OPS - 1;
    noise.first = DT_NOISE_EXAMPLES - 3;
    check_mask(&noise, 0.5, 16500, 3); /* features beyond 2^14 reach into the counter's second word */
    check_mask(&noise, 0, 5, 3);
    check_mask(&noise, 1 - 0x1p-20, 50, 3);
}

Test(dropout, product_of_every_length)
{
    for (int64_t n = 1; n <= 70; n++)
        for (int beta = 0; beta < 2; beta++) {
            real *x = uniforms_new(n, 3, (uint64_t)n), *y = output_new(n, beta ? 2 : (real)NAN);
            uint8_t keep[70];
            for (int64_t i = 0; i < n; i++) keep[i] = i % 3 != 1;
            dt_cpu.dropout_apply(n, (real)1.25, keep, x, (real)beta, y);
            for (int64_t i = 0; i < n; i++) {
                double wanted = (i % 3 != 1 ? 1.25 * (double)x[i] : 0) + 2 * beta;
                cr_expect(is_close((double)y[i], wanted, 1e-6), "beta %d, element %d of %d", beta, (int)i, (int)n);
            }
            cr_expect(marks_intact(y, n), "%d elements", (int)n);
            guarded_free(x), guarded_free(y);
        }
}

Test(dropout, not_a_number_stays_so)
{
    const real x[2] = {(real)NAN, (real)INFINITY};
    real y[2];
    dt_cpu.dropout_apply(2, 2, (const uint8_t[]){0, 0}, x, 0, y);
    cr_expect(isnan(y[0]) && isnan(y[1]), "%g, %g", (double)y[0], (double)y[1]);
}

typedef struct {
    uint64_t seed, step;
    double p;
    int layer; /* its mask is looked at: 0, 1, .. */
    int64_t size;
    int threads;
    real *y; /* [FEATURES][BATCH] */
} drawing;

/* The mask of one layer by a step on ones: 0 or 1 / (1 - p). */
static void drawing_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const drawing *d = context;
    dt_tape_noise(tape, dt_rng_stream(d->seed, "dropout", d->step), first, count);
    dt_var *x = dt_input(tape, 2, (int64_t[]){FEATURES, count}), *y = NULL;
    for (int64_t i = 0; i < x->count; i++) x->value[i] = 1;
    for (int layer = 0; layer <= d->layer; layer++) y = dt_dropout(x, layer == d->layer ? d->p : 0);
    for (int64_t f = 0; f < FEATURES; f++)
        for (int64_t j = 0; j < count; j++) d->y[f * BATCH + first + j] = y->value[f * count + j];
}

static real *draw_of(drawing d)
{
    dt_params *params = dt_params_new(1);
    dt_params_add(params, "w", 1, (int64_t[]){1}, (dt_init){.kind = DT_INIT_CONSTANT});
    dt_shards shards;
    d.y = output_new(COUNT, (real)NAN);
    if (d.threads) dt_threads_set(d.threads);
    dt_shards_init(&shards, &dt_cpu, params, BATCH, d.size);
    dt_shards_run(&shards, BATCH, true, drawing_shard, &d);
    dt_shards_free(&shards);
    dt_params_free(params);
    return d.y;
}

static const drawing base = {.seed = 7, .step = 3, .p = 0.5, .layer = 1, .size = BATCH};

Test(dropout, any_shards_and_threads_give_the_same_mask)
{
    static const int64_t sizes[] = {1, 7, 32, BATCH};
    real *wanted = draw_of(base);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int threads = 1; threads <= 3; threads += 2) {
            drawing other = base;
            other.size = sizes[k];
            other.threads = threads;
            real *y = draw_of(other);
            cr_expect(eq(i64, first_difference(y, wanted, COUNT), -1), "shards of %d, %d threads", (int)sizes[k],
                      threads);
            guarded_free(y);
        }
    guarded_free(wanted);
}

/* The share of elements in which two masks agree: p^2 + (1-p)^2 where they have nothing to do with each other. */
static void expect_independent(const char *what, drawing other)
{
    real *a = draw_of(base), *b = draw_of(other);
    int64_t same = 0;
    for (int64_t i = 0; i < COUNT; i++) same += a[i] == b[i];
    double share = (double)same / COUNT;
    cr_expect(fabs(share - 0.5) < 5 * 0.5 / sqrt(COUNT), "%s: the masks agree in %g of all units", what, share);
    guarded_free(a), guarded_free(b);
}

Test(dropout, steps_layers_and_seeds_have_masks_of_their_own)
{
    drawing step = base, layer = base, seed = base;
    step.step++;
    layer.layer++;
    seed.seed++;
    expect_independent("another step", step);
    expect_independent("another layer", layer);
    expect_independent("another seed", seed);
}

/* Of 2 million units: how many are kept, and in how many both of two neighbours are. */
Test(dropout, the_share_of_kept_units_and_the_mean)
{
    enum { F = 2000, N = 1000 };
    static const double ps[] = {0.05, 0.2, 0.5, 0.75};
    uint8_t *keep = malloc(F * N);
    real *ones = guarded_new(F * N, 1, 0), *y = output_new(F * N, 0);
    dt_noise noise = {dt_rng_stream(1, "dropout", 0), 0, 0};
    for (size_t k = 0; k < sizeof ps / sizeof *ps; k++) {
        double p = ps[k], q = 1 - p, sum = 0;
        int64_t kept = 0, beside = 0, below = 0;
        dt_cpu.dropout_mask(&noise, p, F, N, keep);
        for (int64_t i = 0; i < F * N; i++) kept += keep[i];
        for (int64_t i = 0; i < (F - 1) * N; i++) beside += keep[i] & keep[i + 1], below += keep[i] & keep[i + N];
        double share = (double)kept / (F * N), pairs = (F - 1) * N;
        cr_expect(fabs(share - q) < 5 * sqrt(p * q / (F * N)), "p %g: %g are kept", p, share);
        double bound = 5 * sqrt(q * q * (1 - q * q) / pairs) * 2; /* pairs overlap: twice the spread of as many coins */
        cr_expect(fabs((double)beside / pairs - q * q) < bound, "p %g: neighbouring examples hang together", p);
        cr_expect(fabs((double)below / pairs - q * q) < bound, "p %g: neighbouring features hang together", p);
        dt_cpu.dropout_apply(F * N, (real)(1 / q), keep, ones, 0, y);
        for (int64_t i = 0; i < F * N; i++) sum += (double)y[i];
        cr_expect(fabs(sum / (F * N) - 1) < 5 * sqrt(p / q / (F * N)), "p %g: the mean is %g", p, sum / (F * N));
    }
    free(keep), guarded_free(ones), guarded_free(y);
}

static dt_params *no_params;
static dt_tape *tape;

static void setup(void)
{
    no_params = dt_params_new(1);
    tape = dt_tape_new(&dt_cpu, no_params, NULL);
}
static void teardown(void)
{
    dt_tape_free(tape);
    dt_params_free(no_params);
}
TestSuite(dropout_op, .init = setup, .fini = teardown);

static dt_var *ones(int64_t features, int64_t n)
{
    dt_var *x = dt_input(tape, 2, (int64_t[]){features, n});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = 1;
    return x;
}

static void set_noise(int64_t first, int64_t examples)
{
    dt_tape_noise(tape, dt_rng_stream(1, "dropout", 0), first, examples);
}

static bool leaves_alone(dt_var *x, double p)
{
    return dt_dropout(x, p) == x;
}

Test(dropout_op, identity_in_testing_and_without_noise)
{
    dt_var *x = ones(20, 9);
    cr_expect(leaves_alone(x, 0.5), "no noise was set");
    set_noise(0, 9);
    cr_expect(leaves_alone(x, 0.5) == false);
    tape->recording = false;
    cr_expect(leaves_alone(x, 0.5), "the tape does not record");
    tape->recording = true;
    cr_expect(leaves_alone(x, 0), "nothing is left out");
    cr_expect(leaves_alone(x, 0.5) == false);
    dt_tape_reset(tape);
    x = ones(20, 9);
    cr_expect(leaves_alone(x, 0.5), "a reset ends the noise");
}

/* The op scales by 1 / (1 - p), and its gradient has the mask of its value. */
Test(dropout_op, gradients_pass_where_values_do)
{
    dt_var *x = ones(50, 9);
    x->needs_gradient = true;
    set_noise(0, 9);
    dt_var *y = dt_dropout(x, 0.2);
    dt_backward(y, 3);
    int64_t kept = 0;
    for (int64_t i = 0; i < y->count; i++) {
        kept += y->value[i] != 0;
        cr_expect(y->value[i] == 0 || y->value[i] == (real)1.25, "%g", (double)y->value[i]);
        cr_expect(fabs((double)(x->gradient[i] - 3 * y->value[i])) < 1e-6, "%g, %g", (double)x->gradient[i],
                  (double)y->value[i]);
    }
    cr_expect(kept > 300 && kept < 420, "%d of 450 are kept", (int)kept); /* 360 +- 8.5 */
}

/* The next step's masks begin with the first layer again. */
Test(dropout_op, setting_the_noise_begins_the_count_of_layers_anew)
{
    real first[180];
    for (int step = 0; step < 2; step++) {
        dt_tape_reset(tape);
        set_noise(0, 9);
        dt_var *x = ones(20, 9), *a = dt_dropout(x, 0.5), *b = dt_dropout(x, 0.5);
        cr_expect(memcmp(a->value, b->value, sizeof first) != 0, "two layers have one mask");
        if (step == 0) memcpy(first, a->value, sizeof first);
        cr_expect(eq(int, memcmp(a->value, first, sizeof first), 0), "step %d", step);
    }
}

Test(dropout_op, misuse)
{
    dt_var *x = ones(20, 9);
    EXPECT_MISUSE("dropout: units are left out with probability 1, must be in [0,1)", dt_dropout(x, 1));
    EXPECT_MISUSE("dropout: units are left out with probability -0.1", dt_dropout(x, -0.1));
    EXPECT_MISUSE("dropout: units are left out with probability nan", dt_dropout(x, (double)NAN));
    EXPECT_MISUSE("dt_tape_noise: 0 examples", set_noise(0, 0));
    EXPECT_MISUSE("from -1 on", set_noise(-1, 9));
    EXPECT_MISUSE("must be some of 0 to 1048575", set_noise(DT_NOISE_EXAMPLES - 8, 9));
    set_noise(0, 8);
    EXPECT_MISUSE("noise for [20,9]: it was set for 8 examples", dt_dropout(x, 0.5));
    set_noise(0, 9);
    tape->noise.op = DT_NOISE_OPS;
    EXPECT_MISUSE("a step has more than 65536 random ops", dt_dropout(x, 0.5));
}

typedef struct {
    dt_linear_layer hidden, out;
} toy_dropout;

static void toy_dropout_init(toy_dropout *m, dt_params *to)
{
    dt_linear_init(&m->hidden, to, "hidden", TOY_SIDE * TOY_SIDE, 30);
    dt_linear_init(&m->out, to, "out", 30, TOY_CLASSES);
}
static dt_var *toy_dropout_forward(const toy_dropout *m, dt_var *x)
{
    x = dt_softsign(dt_linear(&m->hidden, dt_dropout(dt_flatten(x), 0.2)));
    return dt_linear(&m->out, dt_dropout(x, 0.5));
}
DT_MODEL(toy_dropout);
static const dt_task toy_dropout_task = {"dropout", "Dropout", &toy_dropout_model, toy_softmax, .frame = TOY_FRAME};

enum { EXAMPLES = 50, STEPS = 9 };

/* 50 examples in batches of 20, 20 and 10. The trainer begins again after `stop` steps with only its parameters and
 * counters. Losses of the steps into loss; the parameters at the end, to be freed. */
static real *train(int64_t shard, int threads, double lr, int stop, double *loss)
{
    dt_images images = toy_images(EXAMPLES, TOY_SIDE, TOY_CLASSES);
    dt_recipe how = {.epochs = 3, .batch = 20, .shard = shard, .schedule.lr = lr};
    dt_network net;
    dt_trainer t;
    dt_threads_set(threads);
    dt_network_init(&net, &toy_dropout_task, 1);
    dt_trainer_init(&t, &net, &dt_cpu, &images, &how, 1);
    for (int i = 0; i < STEPS; i++) {
        if (i == stop) {
            dt_trainer other = t;
            dt_trainer_init(&t, &net, &dt_cpu, &images, &how, 1);
            t.state = other.state;
            dt_trainer_free(&other);
        }
        cr_assert(eq(int, (int)dt_trainer_step(&t, NULL), DT_OK));
        loss[i] = t.step_loss;
    }
    size_t bytes = (size_t)net.params->size * sizeof(real);
    real *values = malloc(bytes);
    memcpy(values, net.params->values, bytes);
    cr_expect(eq(i64, net.params->size, 2096), "30 x 64, 30, 4 x 30 and 4 parameters and their padding");
    dt_trainer_free(&t);
    dt_network_free(&net);
    dt_images_free(&images);
    return values;
}

Test(dropout_training, threads_and_resuming_give_the_same_bits)
{
    double loss[STEPS], other_loss[STEPS];
    real *whole = train(6, 1, 0.1, -1, loss);
    for (int k = 0; k < STEPS; k++) {
        real *other = train(6, 1 + k % 3, 0.1, k, other_loss);
        cr_expect(eq(i64, first_difference(whole, other, 2096), -1), "stopped after %d steps", k);
        cr_expect(eq(int, memcmp(loss, other_loss, sizeof loss), 0), "stopped after %d steps", k);
        free(other);
    }
    free(whole);
}

/* At rate 0 a step's loss is a function of its examples and masks alone. */
Test(dropout_training, losses_do_not_depend_on_the_shards)
{
    double loss[STEPS], other_loss[STEPS];
    free(train(20, 1, 0, -1, loss));
    for (int64_t shard = 1; shard < 20; shard += 6) {
        free(train(shard, 1, 0, -1, other_loss));
        for (int i = 0; i < STEPS; i++)
            cr_expect(fabs(loss[i] - other_loss[i]) < 1e-6 * loss[i], "shards of %d, step %d: %g and %g", (int)shard, i,
                      loss[i], other_loss[i]);
    }
}

/* One image over and over, all in one batch, at rate 0: the steps differ by their masks alone, and testing has none. */
Test(dropout_training, each_step_has_masks_of_its_own_and_testing_none)
{
    dt_images images = toy_images(EXAMPLES, TOY_SIDE, TOY_CLASSES), alike = toy_images(EXAMPLES, TOY_SIDE, TOY_CLASSES);
    int64_t pixels = TOY_SIDE * TOY_SIDE;
    for (int64_t i = 1; i < EXAMPLES; i++) {
        memcpy(alike.pixels + i * pixels, alike.pixels, (size_t)pixels);
        alike.labels[i] = alike.labels[0];
    }
    dt_recipe how = {.epochs = 4, .batch = EXAMPLES, .schedule.lr = 0};
    dt_network net;
    dt_trainer t;
    dt_network_init(&net, &toy_dropout_task, 1);
    dt_trainer_init(&t, &net, &dt_cpu, &alike, &how, 1);
    double former = 0, error = dt_network_error(&net, &dt_cpu, &images);
    for (int i = 0; i < 4; i++) {
        cr_assert(eq(int, (int)dt_trainer_step(&t, NULL), DT_OK));
        cr_expect(fabs(t.step_loss - former) > 1e-4, "step %d: loss %g after %g", i, t.step_loss, former);
        former = t.step_loss;
        cr_expect(eq(dbl, dt_network_error(&net, &dt_cpu, &images), error));
    }
    dt_trainer_free(&t);
    dt_network_free(&net);
    dt_images_free(&images);
    dt_images_free(&alike);
}
