/* What a gradient check cannot see: a value that is wrong together with its gradient, and memory that happens to hold
 * zeros. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ditto.h"
#include "models/lenet5.h"
#include "models/lenet5_modern.h"
#include "models/nplm.h"

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
TestSuite(values, .init = setup, .fini = teardown);

/* One example with these numbers. */
static dt_var *column(int64_t count, const real *numbers)
{
    return dt_constant(tape, 2, (int64_t[]){count, 1}, numbers);
}
static dt_var *plane(const real *numbers)
{
    return dt_constant(tape, 4, (int64_t[]){1, 2, 2, 1}, numbers);
}

static void expect_value(const char *what, const dt_var *y, double wanted)
{
    cr_expect(fabs((double)y->value[0] - wanted) < 1e-14 * fmax(1, fabs(wanted)), "%s: %.17g, not %.17g", what,
              (double)y->value[0], wanted);
}

Test(values, activations)
{
    dt_var *x = column(1, (real[]){(real)0.6});
    expect_value("tanh", dt_tanh(x), tanh(0.6));
    expect_value("scaled tanh", dt_scaled_tanh(x), 1.7159 * tanh(2 * 0.6 / 3));
    expect_value("sigmoid", dt_sigmoid(x), 1 / (1 + exp(-0.6)));
    expect_value("relu", dt_relu(x), 0.6);
    expect_value("relu", dt_relu(column(1, (real[]){-1})), 0);
    expect_value("softsign", dt_softsign(x), 0.6 / 1.6);
    expect_value("softsign", dt_softsign(column(1, (real[]){-3})), -0.75);
    expect_value("leaky relu", dt_leaky_relu(x, 0.2), 0.6);
    expect_value("leaky relu", dt_leaky_relu(column(1, (real[]){-3}), 0.2), -0.6);
    expect_value("maxout", dt_maxout(column(4, (real[]){-7, -2, 5, 3}), 2), -2);
    expect_value("maxout", dt_maxout(column(4, (real[]){-7, -2, 5, 3}), 4), 5);
}

Test(values, dropout)
{
    enum { UNITS = 40 };
    const double p = 0.3;
    dt_rng stream = dt_rng_stream(2, "dropout", 9);
    real numbers[UNITS];
    for (int i = 0; i < UNITS; i++) numbers[i] = (real)(i + 1);
    dt_tape_noise(tape, stream, 6, 1);
    dt_var *y = dt_dropout(column(UNITS, numbers), p);
    int kept = 0;
    for (uint64_t i = 0; i < UNITS; i++) { /* example 6 of the first random op: block 2^20 (i / 4) + 6 of the stream */
        bool keep = dt_rng_uniform(stream, (((i / 4) << 20) + 6) * 4 + i % 4) > p;
        double wanted = keep ? (double)numbers[i] / (1 - p) : 0;
        cr_expect(fabs((double)y->value[i] - wanted) < 1e-13, "unit %d: %g, not %g", (int)i, (double)y->value[i],
                  wanted);
        kept += keep;
    }
    cr_expect(kept > UNITS / 2 && kept < UNITS, "%d of %d are kept", kept, UNITS);
}

Test(values, pools)
{
    static const real numbers[] = {1, -2, 5, 3};
    dt_var *x = plane(numbers), *two = column(1, (real[]){2}), *ten = column(1, (real[]){10});
    expect_value("maxpool", dt_maxpool(x, 2), 5);
    expect_value("avgpool", dt_avgpool(x, 2), 7.0 / 4);
    expect_value("avgpool, clipped", dt_avgpool(x, 3, .clipped = true), 7.0 / 4);
    expect_value("global avgpool", dt_global_avgpool(x), 7.0 / 4);
    expect_value("subsample", dt_subsample_of(x, two, ten, 2), 2 * 7 + 10);
}

Test(values, normalisation_of_responses)
{
    static const real numbers[] = {1, -2, 5, 3}; /* four maps of one place, or one map of four */
    dt_var *maps = dt_constant(tape, 4, (int64_t[]){4, 1, 1, 1}, numbers), *map = plane(numbers);
    dt_var *y = dt_lrn(maps, 3, .k = 2, .alpha = 0.1, .beta = 0.75);
    expect_value("lrn, first map", y, 1 / pow(2 + 0.1 * (1 + 4), 0.75));
    cr_expect(fabs((double)y->value[2] - 5 / pow(2 + 0.1 * (4 + 25 + 9), 0.75)) < 1e-14, "lrn, third map");
    expect_value("lrn within a map", dt_lrn(map, 3, DT_LRN_WITHIN_MAP, .k = 1, .alpha = 0.1, .beta = 0.5),
                 1 / sqrt(1 + 0.1 * (1 + 4 + 25 + 9)));
    expect_value("lrn of one number", dt_lrn(map, 1, DT_LRN_WITHIN_MAP, .k = 1, .alpha = 0.1, .beta = 1), 1 / 1.1);
}

Test(values, sums)
{
    static const real numbers[] = {1, -2, 5, 3};
    dt_var *maps = dt_constant(tape, 4, (int64_t[]){2, 1, 2, 1}, numbers),
           *fewer = dt_constant(tape, 4, (int64_t[]){1, 1, 2, 1}, (real[]){10, 20});
    dt_var *y = dt_add(maps, fewer);
    static const real wanted[] = {11, 18, 5, 3};
    for (int i = 0; i < 4; i++) cr_expect(y->value[i] == wanted[i], "element %d is %g", i, (double)y->value[i]);
}

Test(values, convolutions_and_products)
{
    static const real numbers[] = {1, -2, 5, 3}, weights[] = {1, 10, 100, 1000}, bias[] = {7}, centre[] = {1, 1, 1, 1};
    dt_var *x = plane(numbers), *w = dt_constant(tape, 4, (int64_t[]){1, 1, 2, 2}, weights), *b = column(1, bias);
    expect_value("conv", dt_conv_of(x, w, b, (dt_conv_how){0}), 1 - 20 + 500 + 3000 + 7);
    expect_value("conv with padding", dt_conv_of(x, w, b, (dt_conv_how){.pad = 1}), 1000 + 7);
    const dt_var *up = dt_conv_transposed_of(x, w, b, (dt_conv_how){0});
    static const real spread[] = {1 + 7, 10 - 2 + 7, -20 + 7, 100 + 5 + 7, 1000 - 200 + 50 + 3 + 7};
    for (int i = 0; i < 5; i++)
        cr_expect(up->count == 9 && up->value[i] == spread[i], "conv_transposed %d: %g", i, (double)up->value[i]);
    dt_var *row = dt_constant(tape, 2, (int64_t[]){1, 4}, weights);
    expect_value("linear", dt_linear_of(column(4, numbers), row, b), 1 - 20 + 500 + 3000 + 7);
    expect_value("rbf", dt_rbf(column(4, numbers), centre, 1), 0 + 9 + 16 + 4);
}

Test(values, losses)
{
    static const int32_t label = 1;
    dt_var *y = column(3, (real[]){(real)0.5, 2, -1});
    double up = exp(0.5) + exp(2) + exp(-1), down = exp(-0.5) + exp(-2) + exp(1);
    expect_value("softmax_xent", dt_softmax_xent(y, &label), log(up) - 2);
    expect_value("map_loss", dt_map_loss(y, &label, (real)0.25), 2 + log(exp(-0.25) + down));
    expect_value("mse", dt_mse(y, &label, -1, 3), (1.5 * 1.5 + 1 + 0) / 2);
}

Test(values, densities)
{
    dt_var *x = column(2, (real[]){(real)0.25, 1}), *a = column(2, (real[]){(real)0.5, -2});
    dt_var *m = column(2, (real[]){3, (real)-0.5}), *v = column(2, (real[]){(real)0.4, -1});
    const double p = 1 / (1 + exp(-0.5)), q = 1 / (1 + exp(2)), log_2_pi = log(8 * atan(1));
    expect_value("bernoulli_nll", dt_bernoulli_nll(x, a), -0.25 * log(p) - 0.75 * log(1 - p) - log(q));
    expect_value("gaussian_nll", dt_gaussian_nll(x, m, v),
                 (2 * log_2_pi + 0.4 - 1 + 2.75 * 2.75 * exp(-0.4) + 1.5 * 1.5 * exp(1)) / 2);
    expect_value("gaussian_nll, standard", dt_gaussian_nll(x, NULL, NULL), (2 * log_2_pi + 0.0625 + 1) / 2);
    expect_value("gaussian_kl", dt_gaussian_kl(m, v), (9 + 0.25 + exp(0.4) + exp(-1) + 0.6 - 2) / 2);
    expect_value("gaussian_kl of itself", dt_gaussian_kl(column(1, (real[]){0}), column(1, (real[]){0})), 0);
    dt_var *noise = column(2, (real[]){-2, 1});
    expect_value("gaussian_sample", dt_gaussian_sample(m, v, noise), 3 - 2 * exp(0.2));
}

Test(values, contraction)
{
    const double a = 0.25 * 0.75, b = 0.5 * 0.5;
    dt_var *h = column(2, (real[]){(real)0.25, (real)0.5});
    dt_var *w = dt_reshape(column(4, (real[]){1, -2, 3, 0}), 2, (int64_t[]){2, 2});
    expect_value("contraction", dt_contraction(h, w), a * a * 5 + b * b * 9);
    expect_value("linear_transposed", dt_linear_transposed_of(h, w, NULL), 0.25 + 1.5);
}

Test(values, the_noise_of_samples_is_the_tapes)
{
    enum { UNITS = 5, EXAMPLES = 3 };
    const dt_rng stream = dt_rng_stream(2, "noise", 9);
    tape->recording = false; /* as in testing */
    dt_tape_noise(tape, stream, 6, EXAMPLES);
    for (uint64_t op = 0; op < 2; op++) {
        const dt_var *e = dt_normal_input(tape, 2, (int64_t[]){UNITS, EXAMPLES});
        for (uint64_t f = 0; f < UNITS; f++)
            for (uint64_t j = 0; j < EXAMPLES; j++) {
                const uint64_t block = (((op << 27) + f / 2) << 20) + 6 + j;
                cr_expect((double)e->value[f * EXAMPLES + j] == dt_rng_normal(stream, 2 * block + f % 2),
                          "op %d, unit %d of example %d", (int)op, (int)f, (int)j);
            }
    }
}

Test(values, frozen_parameters_take_no_gradient)
{
    const dt_param *p =
        dt_params_add(params, "p", 2, (int64_t[]){1, 2}, (dt_init){.kind = DT_INIT_CONSTANT, .value = 3});
    tape->frozen = true;
    dt_var *x = dt_input(tape, 2, (int64_t[]){2, 1});
    x->value[0] = 5, x->value[1] = 7;
    x->needs_gradient = true;
    dt_backward(dt_linear_of(x, dt_use(tape, p), NULL), 2);
    cr_expect(x->gradient[0] == 6 && x->gradient[1] == 6, "the input's gradient is %g", (double)x->gradient[0]);
    for (int64_t i = 0; i < params->size; i++) cr_expect(params->gradients[i] == 0, "parameter %d", (int)i);
}

/* Everything that a step takes from the arena next is not a number. */
static void poison(void)
{
    dt_tape_reset(tape);
    dt_arena_mark start = dt_arena_tell(tape->arena);
    while (dt_arena_tell(tape->arena).chunk == start.chunk) {
        real *block = dt_arena_reals(tape->arena, 1024);
        for (int i = 0; i < 1024; i++) block[i] = (real)NAN;
    }
    dt_tape_reset(tape);
}

/* The sum of the gradients' squares after one step on memory that holds NaNs. */
static double norm_on_poisoned_memory(dt_var *(*forward)(const void *model, dt_var *x), const void *model,
                                      bool penalties)
{
    static const int32_t labels[2] = {3, 1};
    dt_params_zero_gradients(params);
    poison();
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, 32, 32, 2});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)(i % 7) / 7;
    dt_var *y = forward(model, x);
    dt_backward(penalties ? dt_map_loss(y, labels, 1) : dt_softmax_xent(y, labels), 1);
    return dt_sum_squares(params->size, params->gradients);
}

static dt_var *lenet5_of(const void *model, dt_var *x)
{
    return lenet5_forward(model, x);
}
static dt_var *lenet5_modern_of(const void *model, dt_var *x)
{
    return lenet5_modern_forward(model, x);
}

Test(values, nothing_is_read_before_it_is_written)
{
    lenet5 old;
    lenet5_init(&old, params);
    double norm = norm_on_poisoned_memory(lenet5_of, &old, true);
    cr_expect(isfinite(norm) && norm > 0, "lenet5: %g", norm);
    teardown();
    setup();
    lenet5_modern modern;
    lenet5_modern_init(&modern, params);
    norm = norm_on_poisoned_memory(lenet5_modern_of, &modern, false);
    cr_expect(isfinite(norm) && norm > 0, "lenet5_modern: %g", norm);
}

/* The parameter may be the first input or the last: the other one is a constant. */
Test(values, gradients_flow_through_whichever_input_needs_them)
{
    static const real fixed[] = {3, 4};
    const dt_param *p =
        dt_params_add(params, "p", 2, (int64_t[]){2, 1}, (dt_init){.kind = DT_INIT_CONSTANT, .value = 1});
    for (int last = 0; last < 2; last++) {
        dt_params_zero_gradients(params);
        dt_tape_reset(tape);
        dt_var *x = dt_use(tape, p), *constant = column(2, fixed),
               *y = last ? dt_concat(constant, x) : dt_concat(x, constant);
        cr_assert(y->needs_gradient);
        dt_backward(y, 2);
        const real *gradient = params->gradients + p->offset;
        cr_expect(gradient[0] == 2 && gradient[1] == 2, "%d: %g and %g", last, (double)gradient[0],
                  (double)gradient[1]);
        cr_expect(!constant->gradient, "%d: a constant takes a gradient", last);
    }
}

Test(values, embedding_takes_rows)
{
    static const real table[3 * 2] = {1, 10, 2, 20, 3, 30};
    static const int32_t ids[2 * 2] = {2, 0, 1, 2};
    static const real wanted[2 * 2 * 2] = {3, 1, 30, 10, 2, 3, 20, 30};
    const dt_var *y = dt_embedding_of((dt_symbols){ids, 2, 2}, dt_constant(tape, 2, (int64_t[]){3, 2}, table));
    cr_expect(y->rank == 3 && y->dim[0] == 2 && y->dim[1] == 2 && y->dim[2] == 2);
    for (int i = 0; i < 8; i++) cr_expect(y->value[i] == wanted[i], "%d: %g", i, (double)y->value[i]);
}

static const real *values_of(const dt_param *param)
{
    return params->values + param->offset;
}

static void nplm_random(nplm *m)
{
    nplm_init(m, params);
    dt_rng stream = dt_rng_stream(8, "weights", 0);
    for (int64_t i = 0; i < params->size; i++) params->values[i] = (real)(dt_rng_uniform(stream, (uint64_t)i) - 0.5);
}

/* The scores of Bengio et al. 2003, eq. 1, word by word: m of 4 words, 2 before, 3 features, 2 hidden units. */
static void equation_1(const nplm *m, const int32_t words[2], double y[4])
{
    const real *c = values_of(m->c.weight), *h = values_of(m->h.weight), *d = values_of(m->h.bias);
    const real *u = values_of(m->u.weight), *b = values_of(m->u.bias), *w = m->direct ? values_of(m->w.weight) : NULL;
    double x[6], hidden[2];
    for (int i = 0; i < 6; i++) x[i] = (double)c[words[i / 3] * 3 + i % 3];
    for (int j = 0; j < 2; j++) {
        hidden[j] = (double)d[j];
        for (int i = 0; i < 6; i++) hidden[j] += (double)h[j * 6 + i] * x[i];
        hidden[j] = tanh(hidden[j]);
    }
    for (int v = 0; v < 4; v++) {
        y[v] = (double)b[v] + (double)u[v * 2] * hidden[0] + (double)u[v * 2 + 1] * hidden[1];
        for (int i = 0; i < 6 && w; i++) y[v] += (double)w[v * 6 + i] * x[i];
    }
}

Test(values, nplm_is_equation_1)
{
    nplm m = {.vocabulary = 4, .context = 2, .features = 3, .hidden = 2, .direct = true};
    static const int32_t words[2] = {3, 1};
    nplm_random(&m);
    const dt_var *y = nplm_forward(&m, tape, (dt_symbols){words, 2, 1});
    double wanted[4];
    equation_1(&m, words, wanted);
    for (int v = 0; v < 4; v++)
        cr_expect(fabs(wanted[v] - (double)y->value[v]) < 1e-13, "%g, not %g", (double)y->value[v], wanted[v]);
}

/* exp(-loss) is the probability of the softmax (what mixtures of models are made from), on a tape that records and on
 * one that does not, as in testing. */
static void check_probabilities(bool direct)
{
    nplm m = {.vocabulary = 4, .context = 2, .features = 3, .hidden = 2, .direct = direct};
    static const int32_t words[2 * 4] = {3, 0, 1, 1, 1, 2, 2, 1}, next[4] = {0, 1, 2, 3};
    nplm_random(&m);
    for (int recording = 0; recording < 2; recording++) {
        tape->recording = recording;
        const dt_var *loss = nplm_loss(&m, tape, (dt_symbols){words, 2, 4}, next);
        cr_expect(loss->rank == 1 && loss->dim[0] == 4);
        for (int n = 0; n < 4; n++) {
            double y[4], sum = 0;
            equation_1(&m, (int32_t[2]){words[n], words[4 + n]}, y);
            for (int v = 0; v < 4; v++) sum += exp(y[v]);
            cr_expect(fabs(exp(-(double)loss->value[n]) - exp(y[next[n]]) / sum) < 1e-13, "%d, %d: %g", direct, n,
                      (double)loss->value[n]);
        }
    }
}

Test(values, nplm_gives_probabilities)
{
    check_probabilities(false);
}

Test(values, nplm_with_direct_connections_gives_probabilities)
{
    check_probabilities(true);
}
