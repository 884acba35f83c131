/* Batch normalisation: its kernels against naive twins in double, what testing takes instead of the batch's statistics,
 * and how its running averages follow a training. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "guarded.h"
#include "misuse.h"
#include "run/trainer.h"
#include "toy.h"

/* ---- the kernels */

static const int64_t lengths[] = {2, 7, 15, 16, 17, 31, 60, 64, 65, 100, 1000, 5000};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths };
static const double epsilon = 1e-3;

static void true_moments(const real *x, int64_t n, double *mean, double *variance)
{
    *mean = *variance = 0;
    for (int64_t i = 0; i < n; i++) *mean += (double)x[i] / (double)n;
    for (int64_t i = 0; i < n; i++) *variance += pow((double)x[i] - *mean, 2) / (double)n;
}

/* Uniform in -1 .. 1, channel c moved by c * away. */
static real *channels_new(int64_t channels, int64_t n, double away)
{
    real *x = uniforms_new(channels * n, 1, (uint64_t)n);
    for (int64_t i = 0; i < channels * n; i++) x[i] += (real)(away * (double)(i / n));
    return x;
}

static void check_forward(int64_t channels, int64_t n, double away, bool parts, double tolerance)
{
    real *x = channels_new(channels, n, away), *gamma = uniforms_new(channels, 2, 3),
         *bias = uniforms_new(channels, 2, 4);
    real *mean = output_new(channels, (real)NAN), *variance = output_new(channels, (real)NAN);
    real *y = output_new(channels * n, (real)NAN);
    const dt_batchnorm_shape s = {.channels = channels, .columns = n, .epsilon = (real)epsilon};
    dt_cpu.batchnorm_forward(&s, x, parts ? gamma : NULL, parts ? bias : NULL, NULL, mean, variance, y);
    int64_t wrong = 0;
    for (int64_t c = 0; c < channels; c++) {
        double m, v;
        true_moments(x + c * n, n, &m, &v);
        wrong += !is_close((double)mean[c], m, 1e-6) || !is_close((double)variance[c], v, tolerance);
        for (int64_t i = c * n; i < (c + 1) * n; i++) {
            double h = ((double)x[i] - m) / sqrt(v + epsilon);
            wrong += !is_close((double)y[i], parts ? (double)gamma[c] * h + (double)bias[c] : h, tolerance);
        }
    }
    cr_expect(eq(i64, wrong, 0), "%d channels of %d, %g apart", (int)channels, (int)n, away);
    cr_expect(marks_intact(y, channels * n) && marks_intact(mean, channels) && marks_intact(variance, channels));
    guarded_free(x), guarded_free(gamma), guarded_free(bias), guarded_free(mean), guarded_free(variance);
    guarded_free(y);
}

Test(batchnorm, forward_equals_its_naive_twin)
{
    for (size_t k = 0; k < N_LENGTHS; k++)
        for (int64_t channels = 1; channels <= 19; channels += 3) {
            check_forward(channels, lengths[k], 0, true, 1e-5);
            check_forward(channels, lengths[k], 0, false, 1e-5);
        }
}

/* A sum of squares less the square of the sum would lose the variance among the digits of the mean. */
Test(batchnorm, a_mean_far_from_zero_does_not_hide_the_variance)
{
    check_forward(3, 5000, 1000, true, 1e-3);
    check_forward(2, 60, 10000, true, 1e-2);
}

static void check_backward(int64_t channels, int64_t n, real beta, bool with_dx, bool parts)
{
    int64_t count = channels * n, wrong = 0;
    real *x = channels_new(channels, n, 1), *dy = uniforms_new(count, 1, 9), *gamma = uniforms_new(channels, 2, 3);
    real *mean = uniforms_new(channels, 0, 1), *variance = uniforms_new(channels, 0, 1);
    real *dx = output_new(count, beta != 0 ? 5 : (real)NAN);
    real *dgamma = output_new(channels, 100), *dbias = output_new(channels, 200);
    for (int64_t c = 0; c < channels; c++) {
        double m, v;
        true_moments(x + c * n, n, &m, &v);
        mean[c] = (real)m, variance[c] = (real)v;
    }
    const dt_batchnorm_shape s = {.channels = channels, .columns = n, .epsilon = (real)epsilon};
    dt_cpu.batchnorm_backward(&s, x, parts ? gamma : NULL, NULL, mean, variance, NULL, dy, beta, with_dx ? dx : NULL,
                              parts ? dgamma : NULL, parts ? dbias : NULL);
    for (int64_t c = 0; c < channels; c++) {
        double m, v, sum = 0, product = 0;
        true_moments(x + c * n, n, &m, &v);
        double r = 1 / sqrt(v + epsilon), g = parts ? (double)gamma[c] : 1;
        for (int64_t i = c * n; i < (c + 1) * n; i++) {
            sum += (double)dy[i];
            product += (double)dy[i] * ((double)x[i] - m) * r;
        }
        for (int64_t i = c * n; with_dx && i < (c + 1) * n; i++) {
            double h = ((double)x[i] - m) * r, d = g * r * ((double)dy[i] - (sum + h * product) / (double)n);
            wrong += !is_close((double)dx[i], (beta != 0 ? 5 : 0) + d, 1e-4);
        }
        wrong += parts &&
                 (!is_close((double)dgamma[c], 100 + product, 1e-5) || !is_close((double)dbias[c], 200 + sum, 1e-5));
    }
    cr_expect(eq(i64, wrong, 0), "%d channels of %d, beta %g", (int)channels, (int)n, (double)beta);
    cr_expect(marks_intact(dx, count) && marks_intact(dgamma, channels) && marks_intact(dbias, channels));
    guarded_free(x), guarded_free(dy), guarded_free(gamma), guarded_free(mean), guarded_free(variance);
    guarded_free(dx), guarded_free(dgamma), guarded_free(dbias);
}

Test(batchnorm, backward_equals_its_naive_twin)
{
    for (size_t k = 0; k < N_LENGTHS; k++)
        for (int64_t channels = 1; channels <= 19; channels += 3) {
            check_backward(channels, lengths[k], 0, true, true);
            check_backward(channels, lengths[k], 1, true, true);
            check_backward(channels, lengths[k], 0, false, true);
            check_backward(channels, lengths[k], 1, true, false);
        }
}

/* ---- the op and the layer */

typedef struct {
    dt_params *params;
    dt_tape *tape;
    dt_batchnorm_layer layer;
} sample;

static void sample_init(sample *s, dt_batchnorm_options how)
{
    s->params = dt_params_new(1);
    s->tape = dt_tape_new(&dt_cpu, s->params, NULL);
    dt_batchnorm_init_with(&s->layer, s->params, "n", how);
    dt_params_zero_gradients(s->params);
}

static void sample_free(sample *s)
{
    dt_tape_free(s->tape);
    dt_params_free(s->params);
}

static const real three[6] = {1, 2, 6, -1, 0, 1};

static dt_var *numbers(sample *s)
{
    return dt_constant(s->tape, 2, (int64_t[]){2, 3}, three);
}

Test(batchnorm, parameters_that_are_left_out_are_not_there)
{
    static const struct {
        dt_batchnorm_options how;
        int64_t trained;
        int params;
    } cases[] = {{{.features = 2}, 4, 3},
                 {{.features = 2, .no_gamma = true}, 2, 2},
                 {{.features = 2, .no_gamma = true, .no_beta = true}, 0, 1}};
    for (int k = 0; k < 3; k++) {
        sample s;
        sample_init(&s, cases[k].how);
        cr_expect(dt_params_count(s.params) == cases[k].trained && s.params->n == cases[k].params, "case %d", k);
        cr_expect(eq(str, (char *)s.layer.running->name, "n.running"));
        dt_var *y = dt_batchnorm(&s.layer, numbers(&s)); /* gamma is 1 and beta 0: all are the same function */
        cr_expect(is_close((double)y->value[2], 3 / sqrt(14.0 / 3 + 1e-5), 1e-5), "case %d: %g", k,
                  (double)y->value[2]);
        sample_free(&s);
    }
}

/* From means of 0 and variances of 1: the identity, but for epsilon. */
Test(batchnorm, testing_takes_the_running_averages_unless_told_otherwise)
{
    for (int of_batch = 0; of_batch < 2; of_batch++) {
        sample s;
        sample_init(&s, (dt_batchnorm_options){.features = 2, .of_batch = of_batch});
        dt_var *training = dt_batchnorm(&s.layer, numbers(&s));
        s.tape->recording = false;
        dt_var *testing = dt_batchnorm(&s.layer, numbers(&s));
        for (int i = 0; i < 6; i++) {
            double wanted = of_batch ? (double)training->value[i] : (double)three[i];
            cr_expect(is_close((double)testing->value[i], wanted, 1e-4), "%d, element %d: %g", of_batch, i,
                      (double)testing->value[i]);
        }
        sample_free(&s);
    }
}

/* Whatever an optimizer does to parameters, a running average only takes its own step, by its own rate. */
Test(batchnorm, running_averages_take_the_same_step_with_every_optimizer)
{
    static const dt_optimizer_recipe recipes[] = {{.momentum = 0.9, .nesterov = true, .weight_decay = 0.5},
                                                  {DT_USUAL_ADAM, .weight_decay = 0.5},
                                                  {DT_USUAL_ADAGRAD},
                                                  {DT_USUAL_ADADELTA}};
    for (int k = 0; k < 4; k++) {
        sample s;
        sample_init(&s, (dt_batchnorm_options){.features = 2});
        dt_optimizer o;
        dt_optimizer_init(&o, s.params, &recipes[k]);
        double mean = 0, variance = 1;
        for (int step = 0; step < 5; step++) {
            dt_tape_reset(s.tape);
            dt_params_zero_gradients(s.params);
            dt_backward(dt_batchnorm(&s.layer, numbers(&s)), 1);
            dt_params_clip(s.params, &dt_cpu, 1e-6);
            dt_optimizer_step(&o, &dt_cpu, s.params, 1000);
            mean += 0.1 * (3 - mean), variance += 0.1 * (7 - variance);
        }
        const real *running = s.params->values + s.layer.running->offset;
        cr_expect(is_close((double)running[0], mean, 1e-6), "recipe %d: mean %g, not %g", k, (double)running[0], mean);
        cr_expect(is_close((double)running[2], variance, 1e-6), "recipe %d: variance %g", k, (double)running[2]);
        for (int i = 0; i < o.blocks; i++)
            for (int j = 0; j < 4; j++) cr_expect(o.block[i][s.layer.running->offset + j] == 0, "it has no momentum");
        dt_optimizer_free(&o);
        sample_free(&s);
    }
}

/* The gradients of the running averages stand between those of gamma, beta and another weight. */
Test(batchnorm, running_averages_have_no_part_in_the_norm)
{
    sample s;
    sample_init(&s, (dt_batchnorm_options){.features = 2});
    const dt_param *w = dt_params_add(s.params, "w", 2, (int64_t[]){1, 1}, (dt_init){.kind = DT_INIT_CONSTANT});
    real *g = s.params->gradients, *running = g + s.layer.running->offset;
    g[0] = 3, g[w->offset] = 4, running[0] = 1000;
    cr_expect(eq(dbl, dt_params_clip(s.params, &dt_cpu, 2.5), 5));
    cr_expect(g[0] == (real)1.5 && g[w->offset] == 2 && running[0] == 1000, "%g, %g, %g", (double)g[0],
              (double)g[w->offset], (double)running[0]);
    running[3] = INFINITY;
    double norm = dt_params_clip(s.params, &dt_cpu, 0);
    cr_expect(isfinite(norm) == false, "but what is not a number shows");
    sample_free(&s);
}

Test(batchnorm, wrong_shapes_and_numbers_are_misuse)
{
    sample s;
    sample_init(&s, (dt_batchnorm_options){.features = 2});
    dt_var *one = dt_input(s.tape, 2, (int64_t[]){2, 1}), *many = dt_input(s.tape, 2, (int64_t[]){3, 4}),
           *flat = dt_input(s.tape, 1, (int64_t[]){2}), *map = dt_input(s.tape, 4, (int64_t[]){2, 1, 2, 1});
    dt_batchnorm_layer other;
    EXPECT_MISUSE("batchnorm: the input [2,1] has one number a unit or map", dt_batchnorm(&s.layer, one));
    EXPECT_MISUSE("batchnorm: n.gamma is not for the 3 units or maps of the input [3,4]", dt_batchnorm(&s.layer, many));
    EXPECT_MISUSE("batchnorm: the input of n.gamma has shape [2], must be [units,batch]", dt_batchnorm(&s.layer, flat));
    EXPECT_MISUSE("batchnorm: epsilon of no layer is 0", dt_batchnorm_of(many, (dt_batchnorm_how){0}));
    EXPECT_MISUSE("batchnorm: [2,1] does not fit the input [2,1,2,1] of n.gamma",
                  dt_batchnorm(&s.layer, map, .add = one));
    EXPECT_MISUSE("batchnorm \"m\": 0 units or maps", dt_batchnorm_init(&other, s.params, "m", 0));
    EXPECT_MISUSE("\"r.running\" has the rate 1.5", dt_batchnorm_init(&other, s.params, "r", 1, .rate = 1.5));
    const dt_var *y = dt_batchnorm(&s.layer, map);
    cr_expect(y->count == 4, "two numbers of one example are enough");
    s.tape->recording = false;
    y = dt_batchnorm(&s.layer, one);
    cr_expect(y->count == 2, "and for testing one");
    sample_free(&s);
}

/* ---- in training */

typedef struct {
    dt_conv_layer c1;
    dt_batchnorm_layer n1, n2;
    dt_linear_layer f2, out;
} toy_norm;

static void toy_norm_init(toy_norm *m, dt_params *params)
{
    dt_conv_init(&m->c1, params, "c1", 1, 3, 3);
    dt_batchnorm_init(&m->n1, params, "n1", 3);
    dt_linear_init(&m->f2, params, "f2", 3 * 6 * 6, 7, .no_bias = true);
    dt_batchnorm_init(&m->n2, params, "n2", 7, .no_gamma = true);
    dt_linear_init(&m->out, params, "out", 7, TOY_CLASSES);
}
static dt_var *toy_norm_forward(const toy_norm *m, dt_var *x)
{
    x = dt_sigmoid(dt_batchnorm(&m->n1, dt_conv(&m->c1, x)));
    x = dt_sigmoid(dt_batchnorm(&m->n2, dt_linear(&m->f2, dt_flatten(x))));
    return dt_linear(&m->out, x);
}
DT_MODEL(toy_norm);
static const dt_task norm_task = {"norm", "Norm", &toy_norm_model, toy_softmax, .frame = TOY_FRAME};

/* 50 examples in batches of 20, 20 and 10. */
static const dt_recipe recipe = {.epochs = 4,
                                 .batch = 20,
                                 .schedule = {DT_LINEAR, .lr = 0.5},
                                 .optimizer = {.momentum = 0.9, .weight_decay = 1e-3},
                                 .max_norm = 2};

typedef struct {
    dt_images images;
    dt_network net;
    dt_trainer trainer;
} training;

static void start(training *t, const dt_recipe *how)
{
    t->images = toy_images(50, TOY_SIDE, TOY_CLASSES);
    dt_network_init(&t->net, &norm_task, 1);
    dt_trainer_init(&t->trainer, &t->net, &dt_cpu, &t->images, how, 1);
}

static dt_status step(training *t)
{
    dt_error err;
    return dt_trainer_step(&t->trainer, &err);
}

static void end(training *t)
{
    dt_trainer_free(&t->trainer);
    dt_network_free(&t->net);
    dt_images_free(&t->images);
}

static bool same_values(const training *a, const training *b)
{
    return memcmp(a->net.params->values, b->net.params->values, (size_t)a->net.params->size * sizeof(real)) == 0;
}

static real *averages(const training *t)
{
    return t->net.params->values + ((const toy_norm *)t->net.model)->n1.running->offset;
}

Test(batchnorm_training, learns_with_running_averages_that_tell_the_same)
{
    training t;
    dt_recipe how = {.epochs = 60, .batch = 25, .schedule.lr = 1};
    start(&t, &how);
    while (!dt_trainer_finished(&t.trainer)) cr_assert(eq(int, (int)step(&t), DT_OK));
    cr_expect(t.trainer.step_loss < 0.1, "loss %g", t.trainer.step_loss);
    cr_expect(eq(dbl, dt_network_error(&t.net, &dt_cpu, &t.images), 0));
    end(&t);
}

Test(batchnorm_training, any_number_of_threads_gives_the_same_bits)
{
    training one, many;
    dt_threads_set(1);
    start(&one, &recipe);
    while (!dt_trainer_finished(&one.trainer)) step(&one);
    for (int threads = 2; threads <= 3; threads++) {
        dt_threads_set(threads);
        start(&many, &recipe);
        while (!dt_trainer_finished(&many.trainer)) step(&many);
        cr_expect(same_values(&one, &many), "%d threads", threads);
        end(&many);
    }
    dt_threads_set(1);
    end(&one);
}

Test(batchnorm_training, resuming_gives_the_same_bits)
{
    training whole, after;
    start(&whole, &recipe);
    for (int done = 0; done < 12; done++) {
        start(&after, &recipe);
        dt_blob from[DT_TRAINER_BLOBS], to[DT_TRAINER_BLOBS];
        int n = dt_trainer_blobs(&whole.trainer, from);
        cr_assert(eq(int, n, dt_trainer_blobs(&after.trainer, to)));
        for (int i = 0; i < n; i++) memcpy(to[i].data, from[i].data, from[i].bytes);
        step(&whole), step(&after);
        cr_expect(same_values(&whole, &after), "resumed after %d steps", done);
        end(&after);
    }
    cr_expect(averages(&whole)[0] != 0 && averages(&whole)[3] != 1, "the averages have moved");
    end(&whole);
}

/* The batch that breaks down is run once more to find the op: neither run may leave anything behind. */
Test(batchnorm_training, a_step_that_breaks_down_leaves_the_averages_alone)
{
    training t;
    start(&t, &recipe);
    step(&t);
    size_t bytes = (size_t)t.net.params->size * sizeof(real);
    real *former = malloc(bytes);
    t.net.params->values[((const toy_norm *)t.net.model)->out.bias->offset] = (real)NAN;
    memcpy(former, t.net.params->values, bytes);
    cr_expect(eq(int, (int)step(&t), DT_ERR_DATA));
    cr_expect(eq(int, memcmp(former, t.net.params->values, bytes), 0));
    free(former);
    end(&t);
}

/* Numbers whose square is none would make the variance infinite and the loss a harmless one. */
Test(batchnorm_training, an_infinite_variance_is_told)
{
    training t;
    start(&t, &recipe);
    step(&t);
    const dt_param *w = ((const toy_norm *)t.net.model)->f2.weight;
    for (int64_t i = 0; i < w->count; i++) t.net.params->values[w->offset + i] = (real)1e25;
    cr_expect(eq(int, (int)step(&t), DT_ERR_DATA));
    end(&t);
}

/* Testing, a loss that was not gone back from, and another model's step change nothing. */
Test(batchnorm_training, only_a_step_of_training_changes_the_averages)
{
    training t;
    start(&t, &recipe);
    step(&t);
    real former[6];
    memcpy(former, averages(&t), sizeof former);
    dt_network_error(&t.net, &dt_cpu, &t.images);
    cr_expect(eq(int, memcmp(former, averages(&t), sizeof former), 0));
    step(&t);
    cr_expect(ne(int, memcmp(former, averages(&t), sizeof former), 0));
    end(&t);
}

Test(batchnorm_training, a_shard_is_the_whole_batch)
{
    training t;
    dt_recipe how = recipe;
    how.batch = 50;
    start(&t, &how);
    cr_expect(t.trainer.shards.size == 50 && t.trainer.shards.lanes == 1);
    end(&t);
    how.shard = 16;
    start(&t, &how);
    EXPECT_MISUSE("a batch of 50 in shards of 16, but \"n2\" mixes its examples", step(&t));
    end(&t);
    dt_threads_set(1);
}

/* A tape of one image, as the table of layers takes it, is no batch; a recording one says so. */
Test(batchnorm_training, a_last_batch_of_one_example_is_misuse)
{
    training t;
    dt_recipe how = recipe;
    how.batch = 7; /* 50 = 7 * 7 + 1 */
    start(&t, &how);
    for (int i = 0; i < 7; i++) cr_assert(eq(int, (int)step(&t), DT_OK));
    EXPECT_MISUSE("batchnorm: the input [7,1] has one number a unit or map", step(&t));
    end(&t);
}
