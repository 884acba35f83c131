/* models/deep_mlp.h: against a naive network, and the theory of first weights. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "misuse.h"
#include "models/deep_mlp.h"

enum { PIXELS = 28 * 28, N = 4, MOST = 3 };
static const int32_t labels[N] = {3, 1, 4, 1};

typedef struct {
    dt_params *params;
    deep_mlp net;
    dt_tape *tape;
    dt_var *x, *s[DEEP_MLP_MOST], *z[DEEP_MLP_MOST], *scores;
} sample;

/* `size`: of the pixels. */
static void sample_init(sample *k, deep_mlp shape, double size)
{
    k->params = dt_params_new(5);
    k->net = shape;
    deep_mlp_init(&k->net, k->params);
    k->tape = dt_tape_new(&dt_cpu, k->params, NULL);
    k->x = dt_input(k->tape, 4, (int64_t[]){1, 28, 28, N});
    dt_rng stream = dt_rng_stream(5, "pixels", 0);
    for (int64_t i = 0; i < k->x->count; i++) k->x->value[i] = (real)(size * dt_rng_normal(stream, (uint64_t)i));
    k->scores = deep_mlp_watch(&k->net, k->x, k->s, k->z);
    dt_params_zero_gradients(k->params);
}

static void sample_free(sample *k)
{
    dt_tape_free(k->tape);
    dt_params_free(k->params);
}

static double sigmoid(double s)
{
    return 1 / (1 + exp(-s));
}
static double softsign(double s)
{
    return s / (1 + fabs(s));
}
static double relu(double s)
{
    return s > 0 ? s : 0;
}

static const struct {
    dt_var *(*activation)(dt_var *s);
    double (*naive)(double s);
} units[] = {{dt_tanh, tanh}, {dt_sigmoid, sigmoid}, {dt_softsign, softsign}, {dt_relu, relu}};

/* One layer on one image, by its definition: the greatest difference from y, of `out` units. */
static double off(const sample *k, const dt_linear_layer *layer, const dt_var *in, const dt_var *y, int64_t image)
{
    const real *w = k->params->values + layer->weight->offset, *bias = k->params->values + layer->bias->offset;
    int64_t inputs = layer->weight->dim[1];
    double worst = 0;
    for (int64_t i = 0; i < layer->weight->dim[0]; i++) {
        double sum = (double)bias[i];
        for (int64_t j = 0; j < inputs; j++) sum += (double)w[i * inputs + j] * (double)in->value[j * N + image];
        worst = fmax(worst, fabs(sum - (double)y->value[i * N + image]));
    }
    return worst;
}

Test(deep_mlp, is_the_network_of_its_fields)
{
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        sample k;
        sample_init(
            &k, (deep_mlp){.depth = MOST, .width = 7, .activation = units[u].activation, .init = DT_INIT_GLOROT}, 1);
        cr_expect(eq(i64, dt_params_count(k.params), PIXELS * 7 + 7 + 2 * (7 * 7 + 7) + 7 * 10 + 10));
        cr_expect(k.scores->dim[0] == 10 && k.scores->dim[1] == N);
        for (int64_t n = 0; n < N; n++) {
            const dt_var *in = k.x;
            for (int64_t i = 0; i < MOST; i++) {
                cr_expect(off(&k, &k.net.hidden[i], in, k.s[i], n) < 1e-4, "layer %d, image %d", (int)i + 1, (int)n);
                for (int64_t j = n; j < k.z[i]->count; j += N)
                    cr_expect(fabs((double)k.z[i]->value[j] - units[u].naive((double)k.s[i]->value[j])) < 1e-5);
                in = k.z[i];
            }
            cr_expect(off(&k, &k.net.out, in, k.scores, n) < 1e-4);
        }
        dt_var *again = deep_mlp_forward(&k.net, k.x);
        for (int64_t j = 0; j < again->count; j++) cr_expect(again->value[j] == k.scores->value[j]);
        sample_free(&k);
    }
}

/* What the experiment reads: s[i]->gradient is that of the sum of the losses, image by image, so the first layer's
 * weights have the sum of its products with the pixels. */
Test(deep_mlp, leaves_each_images_gradient_in_its_column)
{
    sample k;
    sample_init(&k, (deep_mlp){2, 5, dt_tanh, .init = DT_INIT_GLOROT}, 1);
    dt_backward(dt_softmax_xent(k.scores, labels), 1);
    const real *dw = k.params->gradients + k.net.hidden[0].weight->offset;
    double size = 0;
    for (int64_t i = 0; i < 5; i++)
        for (int64_t j = 0; j < PIXELS; j += 37) {
            double sum = 0;
            for (int64_t n = 0; n < N; n++) sum += (double)k.s[0]->gradient[i * N + n] * (double)k.x->value[j * N + n];
            cr_expect(fabs(sum - (double)dw[i * PIXELS + j]) < 1e-4, "%g, %g", sum, (double)dw[i * PIXELS + j]);
            size = fmax(size, fabs(sum));
        }
    cr_expect(size > 1e-2, "there is a gradient");
    sample_free(&k);
}

/* d loss / d s of one image alone against the same image within a batch: nothing of the others is in its column. */
Test(deep_mlp, an_image_alone_has_the_same_gradient)
{
    sample k;
    sample_init(&k, (deep_mlp){2, 5, dt_sigmoid, .init = DT_INIT_STANDARD}, 1);
    dt_backward(dt_softmax_xent(k.scores, labels), 1);
    for (int64_t n = 0; n < N; n++) {
        dt_tape *tape = dt_tape_new(&dt_cpu, k.params, NULL);
        dt_var *x = dt_input(tape, 4, (int64_t[]){1, 28, 28, 1}), *s[2], *z[2];
        for (int64_t i = 0; i < PIXELS; i++) x->value[i] = k.x->value[i * N + n];
        dt_backward(dt_softmax_xent(deep_mlp_watch(&k.net, x, s, z), labels + n), 1);
        for (int64_t i = 0; i < 5; i++)
            cr_expect(fabs((double)s[0]->gradient[i] - (double)k.s[0]->gradient[i * N + n]) < 1e-6);
        dt_tape_free(tape);
    }
    sample_free(&k);
}

static double mean_square(const real *x, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)x[i] * (double)x[i] / (double)count;
    return sum;
}

/* n Var[w] = 1/3 from standard weights, 1 from normalised ones; for small activations tanh is the identity, so this is
 * the factor of each layer on the mean square, forwards and backwards (Glorot & Bengio 2010, eqs. 5, 6 and 15). */
static void expect_factor(dt_init_kind init, double factor)
{
    sample k;
    sample_init(&k, (deep_mlp){MOST, 500, dt_tanh, .init = init}, 0.01);
    dt_backward(dt_softmax_xent(k.scores, labels), 1);
    for (int64_t i = 1; i < MOST; i++) {
        double forward = mean_square(k.z[i]->value, k.z[i]->count) / mean_square(k.z[i - 1]->value, k.z[i - 1]->count);
        double back = mean_square(k.s[i - 1]->gradient, k.s[i]->count) / mean_square(k.s[i]->gradient, k.s[i]->count);
        cr_expect(fabs(forward / factor - 1) < 0.15, "forward to layer %d: %g, not %g", (int)i + 1, forward, factor);
        cr_expect(fabs(back / factor - 1) < 0.15, "back to layer %d: %g, not %g", (int)i, back, factor);
    }
    sample_free(&k);
}

Test(deep_mlp, first_weights_scale_as_the_theory_says)
{
    expect_factor(DT_INIT_STANDARD, 1.0 / 3);
    expect_factor(DT_INIT_GLOROT, 1);
    expect_factor(DT_INIT_HE, 2);
}

/* The figures compare starts, so these must differ by their scale alone. */
Test(deep_mlp, standard_and_normalised_draw_the_same_numbers)
{
    sample a, b;
    sample_init(&a, (deep_mlp){2, 6, dt_tanh, .init = DT_INIT_STANDARD}, 1);
    sample_init(&b, (deep_mlp){2, 6, dt_tanh, .init = DT_INIT_GLOROT}, 1);
    int64_t from = a.net.hidden[1].weight->offset;
    for (int64_t i = from; i < from + 36; i++) /* sqrt(6 / 12) / (1 / sqrt(6)) = sqrt 3 */
        cr_expect(fabs((double)b.params->values[i] - sqrt(3) * (double)a.params->values[i]) < 1e-6);
    sample_free(&a), sample_free(&b);
}

Test(deep_mlp, wrong_fields_are_misuse)
{
    dt_params *params = dt_params_new(1);
    deep_mlp none = {.depth = 0, .width = 3, .activation = dt_tanh},
             many = {.depth = DEEP_MLP_MOST + 1, .width = 3, .activation = dt_tanh}, without = {.depth = 2, .width = 3};
    EXPECT_MISUSE("deep_mlp: 0 hidden layers", deep_mlp_init(&none, params));
    EXPECT_MISUSE("deep_mlp: 65 hidden layers (1 to 64)", deep_mlp_init(&many, params));
    EXPECT_MISUSE("no activation", deep_mlp_init(&without, params));
    dt_params_free(params);
}

Test(deep_mlp, has_the_sizes_of_the_papers)
{
    static const struct {
        deep_mlp shape;
        int64_t count;
    } papers[] = {{{.depth = 2, .width = 1000, .activation = dt_relu}, 785 * 1000 + 1001 * 1000 + 1001 * 10},
                  {{.depth = 3, .width = 1024, .last = 2048, .activation = dt_relu},
                   785 * 1024 + 1025 * 1024 + 1025 * 2048 + 2049 * 10}};
    for (int i = 0; i < 2; i++) {
        dt_params *params = dt_params_new(1);
        deep_mlp m = papers[i].shape;
        deep_mlp_init(&m, params);
        cr_expect(dt_params_count(params) == papers[i].count, "%lld", (long long)dt_params_count(params));
        dt_params_free(params);
    }
}
