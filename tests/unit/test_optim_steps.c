/* The optimizers' steps: worked out by hand, over threads and over a resume, and down to a minimum. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "core/threads.h"
#include "guarded.h"
#include "misuse.h"
#include "optim/optimizer.h"

/* Weights, bias, weights, weights, bias: what decays and what does not lie in turn. */
static dt_params *five_params(void)
{
    static const int rank[5] = {2, 1, 2, 4, 1};
    dt_params *params = dt_params_new(1);
    for (int i = 0; i < 5; i++) {
        char name[4] = {(char)('a' + i), '\0'};
        dt_params_add(params, name, rank[i], (int64_t[]){3, 2, 3, 1}, (dt_init){.kind = DT_INIT_CONSTANT, .value = 2});
        for (int64_t k = 0; k < params->list[i]->count; k++) params->gradients[params->list[i]->offset + k] = 1;
    }
    return params;
}

static void expect_values(const dt_params *params, const real *block, double weights, double biases)
{
    for (int i = 0; i < params->n; i++)
        for (int64_t k = 0; k < params->list[i]->count; k++) {
            double got = (double)block[params->list[i]->offset + k],
                   wanted = params->list[i]->rank > 1 ? weights : biases;
            cr_expect(fabs(got - wanted) < 1e-6, "%s, element %d: %g, not %g", params->list[i]->name, (int)k, got,
                      wanted);
        }
}

static void expect_zero_padding(const dt_params *params, const real *block)
{
    double sum = 0, own = 0;
    for (int64_t i = 0; i < params->size; i++) sum += fabs((double)block[i]);
    for (int i = 0; i < params->n; i++)
        for (int64_t k = 0; k < params->list[i]->count; k++) own += fabs((double)block[params->list[i]->offset + k]);
    cr_expect(fabs(sum - own) < 1e-9, "the padding holds %g", sum - own);
}

/* w = 2, gradient 1, decay 0.5, momentum 0.5, lr 0.25. Weights: v = 2, w = 1.5; v = 1 + 1.75 = 2.75, w = 0.8125.
 * Biases: v = 1, b = 1.75; v = 1.5, b = 1.375. */
Test(sgd, decays_weights_and_not_biases)
{
    dt_params *params = five_params();
    dt_optimizer sgd;
    dt_optimizer_init(&sgd, params, &(dt_optimizer_recipe){.momentum = 0.5, .weight_decay = 0.5});
    dt_optimizer_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.5, 1.75);
    expect_values(params, sgd.block[0], 2, 1);
    dt_optimizer_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 0.8125, 1.375);
    expect_values(params, sgd.block[0], 2.75, 1.5);
    expect_zero_padding(params, params->values);
    expect_zero_padding(params, sgd.block[0]);
    dt_optimizer_free(&sgd);
    cr_expect(sgd.block[0] == NULL);
    dt_params_free(params);
}

Test(sgd, without_decay_all_are_alike)
{
    dt_params *params = five_params();
    dt_optimizer sgd;
    dt_optimizer_init(&sgd, params, &(dt_optimizer_recipe){0});
    cr_expect(eq(int, sgd.blocks, 0));
    dt_optimizer_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.75, 1.75);
    dt_optimizer_free(&sgd);
    dt_params_free(params);
}

/* The weights' decay three times the recipe's, the biases' rate twice: as above with decay 1.5, and with lr 0.5 for the
 * biases. Weights: v = 4, w = 1; v = 2 + 2.5 = 4.5, w = -0.125. Biases: v = 1, b = 1.5; v = 1.5, b = 0.75. */
static void give_multiples(dt_params *params)
{
    for (int i = 0; i < params->n; i++) {
        params->list[i]->decay_mult = 3;
        if (!params->list[i]->decays) params->list[i]->lr_mult = 2;
    }
}

Test(sgd, parameters_have_multiples_of_rate_and_decay)
{
    dt_params *params = five_params();
    give_multiples(params);
    dt_optimizer sgd;
    dt_optimizer_init(&sgd, params, &(dt_optimizer_recipe){.momentum = 0.5, .weight_decay = 0.5});
    dt_optimizer_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1, 1.5);
    dt_optimizer_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, -0.125, 0.75);
    dt_optimizer_free(&sgd);
    dt_params_free(params);
}

/* AdaGrad's first step is lr g / |g|, whatever the decay: 0.25 and 0.5. Its sum of squares shows the decay: (1 + 1.5 *
 * 2)^2 = 16. */
Test(optimizer, adaptive_steps_have_multiples_of_rate_and_decay)
{
    dt_params *params = five_params();
    give_multiples(params);
    dt_optimizer adagrad;
    dt_optimizer_init(&adagrad, params, &(dt_optimizer_recipe){DT_USUAL_ADAGRAD, .weight_decay = 0.5});
    dt_optimizer_step(&adagrad, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.75, 1.5);
    expect_values(params, adagrad.block[0], 16, 1);
    dt_optimizer_free(&adagrad);
    dt_params_free(params);
}

/* v = 1, w = 2 - 0.25 (1 + 0.5 * 1); v = 1.5, w = 1.625 - 0.25 (1 + 0.5 * 1.5). */
Test(sgd, nesterov)
{
    dt_params *params = five_params();
    dt_optimizer sgd;
    dt_optimizer_init(&sgd, params, &(dt_optimizer_recipe){.momentum = 0.5, .nesterov = true});
    dt_optimizer_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.625, 1.625);
    dt_optimizer_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.1875, 1.1875);
    expect_values(params, sgd.block[0], 1.5, 1.5);
    dt_optimizer_free(&sgd);
    dt_params_free(params);
}

Test(optimizer, refuses_numbers_out_of_range)
{
    dt_params *params = five_params();
    dt_optimizer o;
    EXPECT_MISUSE("momentum 1 and rho 0 must be", dt_optimizer_init(&o, params, &(dt_optimizer_recipe){.momentum = 1}));
    EXPECT_MISUSE("epsilon is 0", dt_optimizer_init(&o, params, &(dt_optimizer_recipe){.kind = DT_ADAM}));
    dt_params_free(params);
}

/* ---- three steps by hand, on two numbers */

/* w = (1, 1), the gradients (3, -4), (4, 3), (0, 0), lr 1/2; epsilon 1 where it stands outside the root. */
static void expect_three_steps(const dt_optimizer_recipe *recipe, const double wanted[3][2])
{
    static const real gradients[3][2] = {{3, -4}, {4, 3}, {0, 0}};
    dt_params *params = dt_params_new(1);
    dt_params_add(params, "w", 1, (int64_t[]){2}, (dt_init){.kind = DT_INIT_CONSTANT, .value = 1});
    dt_optimizer o;
    dt_optimizer_init(&o, params, recipe);
    for (int t = 0; t < 3; t++) {
        memcpy(params->gradients, gradients[t], sizeof gradients[t]);
        dt_optimizer_step(&o, &dt_cpu, params, 0.5);
        for (int i = 0; i < 2; i++)
            cr_expect(is_close((double)params->values[i], wanted[t][i], 1e-6),
                      "kind %d, step %d: w[%d] is %.9g, not %.9g", (int)recipe->kind, t + 1, i,
                      (double)params->values[i], wanted[t][i]);
        cr_expect(eq(i64, o.steps, t + 1));
    }
    dt_optimizer_free(&o);
    dt_params_free(params);
}

/* s = (9, 16), w = (1 - 1/2 3/4, 1 + 1/2 4/5); s = (25, 25), w -= 1/2 (4/6, 3/6); then the gradient is 0. */
Test(optimizer, adagrad_by_hand)
{
    static const double wanted[3][2] = {{0.625, 1.4}, {0.625 - 1.0 / 3, 1.4 - 0.25}, {0.625 - 1.0 / 3, 1.4 - 0.25}};
    expect_three_steps(&(dt_optimizer_recipe){DT_ADAGRAD, .epsilon = 1}, wanted);
}

/* rho 3/4: s = (9/4, 4), roots (3/2, 2), w = (1 - 1/2 3/2.5, 1 + 1/2 4/3) = (0.4, 5/3);
 * s = (27/16 + 4, 3 + 9/4) = (91/16, 21/4), w -= 1/2 (4/(sqrt(91)/4 + 1), 3/(sqrt(21)/2 + 1)); then the gradient is 0.
 */
Test(optimizer, rmsprop_by_hand)
{
    double second[2] = {0.4 - 2 / (sqrt(91) / 4 + 1), 5.0 / 3 - 1.5 / (sqrt(21) / 2 + 1)};
    const double wanted[3][2] = {{0.4, 5.0 / 3}, {second[0], second[1]}, {second[0], second[1]}};
    expect_three_steps(&(dt_optimizer_recipe){DT_RMSPROP, .rho = 0.75, .epsilon = 1}, wanted);
}

/* rho 3/4, epsilon 1. First: s = (9/4, 4), d = (sqrt(1 / (13/4)) 3, -sqrt(1/5) 4), d^2 = (36/13, 16/5),
 * u = d^2 / 4 = (9/13, 4/5). Second: s = (91/16, 21/4) as above, d = (sqrt((22/13) / (107/16)) 4,
 * sqrt((9/5) / (25/4)) 3), the roots' arguments 352/1391 and 36/125. Third: the gradient, and with it d, is 0. */
Test(optimizer, adadelta_by_hand)
{
    const double first[2] = {1 - 0.5 * 6 / sqrt(13), 1 + 0.5 * 4 / sqrt(5)};
    const double second[2] = {first[0] - 0.5 * 4 * sqrt(352.0 / 1391), first[1] - 0.5 * 3 * sqrt(36.0 / 125)};
    const double wanted[3][2] = {{first[0], first[1]}, {second[0], second[1]}, {second[0], second[1]}};
    expect_three_steps(&(dt_optimizer_recipe){DT_ADADELTA, .rho = 0.75, .epsilon = 1}, wanted);
}

/* beta1 1/2, beta2 3/4, epsilon 1.
 * First:  m = (3/2, -2), corrected by 1/2: (3, -4); s = (9/4, 4), corrected by 1/4: (9, 16).
 *         w = (1 - 1/2 3/4, 1 + 1/2 4/5).
 * Second: m = (3/4 + 2, -1 + 3/2) = (11/4, 1/2), corrected by 3/4: (11/3, 2/3); s = (91/16, 21/4), corrected by 7/16:
 *         (13, 12). w -= 1/2 ((11/3) / (sqrt(13) + 1), (2/3) / (sqrt(12) + 1)).
 * Third:  m = (11/8, 1/4), corrected by 7/8: (11/7, 2/7); s = (273/64, 63/16), corrected by 37/64: (273/37, 252/37).
 *         w -= 1/2 ((11/7) / (sqrt(273/37) + 1), (2/7) / (sqrt(252/37) + 1)). */
Test(optimizer, adam_by_hand)
{
    const double second[2] = {0.625 - 0.5 * (11.0 / 3) / (sqrt(13) + 1), 1.4 - 0.5 * (2.0 / 3) / (sqrt(12) + 1)};
    const double third[2] = {second[0] - 0.5 * (11.0 / 7) / (sqrt(273.0 / 37) + 1),
                             second[1] - 0.5 * (2.0 / 7) / (sqrt(252.0 / 37) + 1)};
    const double wanted[3][2] = {{0.625, 1.4}, {second[0], second[1]}, {third[0], third[1]}};
    expect_three_steps(&(dt_optimizer_recipe){DT_ADAM, .momentum = 0.5, .rho = 0.75, .epsilon = 1}, wanted);
}

/* Whatever the gradients' size, Adam's first step is lr (Kingma & Ba 2015, section 2.1), with decay on weights only: w
 * = 2, gradient 1, g = 1 + 0.5 * 2; without bias correction it would be another. */
Test(optimizer, all_kinds_decay_weights_and_not_biases)
{
    static const dt_optimizer_recipe recipes[] = {{DT_ADAGRAD, .epsilon = 1, .weight_decay = 0.5},
                                                  {DT_RMSPROP, .epsilon = 1, .weight_decay = 0.5},
                                                  {DT_ADADELTA, .epsilon = 1, .weight_decay = 0.5},
                                                  {DT_ADAM, .epsilon = 1, .weight_decay = 0.5}};
    for (size_t i = 0; i < 4; i++) {
        dt_params *params = five_params();
        dt_optimizer o;
        dt_optimizer_init(&o, params, &recipes[i]);
        dt_optimizer_step(&o, &dt_cpu, params, 0.25);
        bool delta = recipes[i].kind == DT_ADADELTA;
        expect_values(params, params->values, 2 - 0.25 * (delta ? 2 / sqrt(5) : 2.0 / 3),
                      2 - 0.25 * (delta ? 1 / sqrt(2) : 1.0 / 2));
        expect_zero_padding(params, params->values);
        for (int k = 0; k < o.blocks; k++) expect_zero_padding(params, o.block[k]);
        dt_optimizer_free(&o);
        dt_params_free(params);
    }
}

/* ---- bits */

static const dt_optimizer_recipe every_kind[] = {
    {0},
    {.momentum = 0.9, .weight_decay = 0.01},
    {.momentum = 0.9, .nesterov = true},
    {DT_USUAL_ADAGRAD, .weight_decay = 0.01},
    {DT_USUAL_RMSPROP},
    {DT_USUAL_ADADELTA},
    {DT_USUAL_ADAM, .weight_decay = 0.01},
};
enum { KINDS = sizeof every_kind / sizeof *every_kind };

/* Parameters of odd sizes, one of them longer than the pieces that threads take. */
static dt_params *some_params(void)
{
    dt_params *params = dt_params_new(3);
    dt_init init = {DT_INIT_LECUN, .fan_in = 4};
    dt_params_add(params, "a", 2, (int64_t[]){241, 287}, init);
    dt_params_add(params, "b", 1, (int64_t[]){13}, init);
    dt_params_add(params, "c", 2, (int64_t[]){7, 3}, init);
    return params;
}

static void draw_gradients(dt_params *params, int64_t step)
{
    dt_rng stream = dt_rng_stream(5, "gradients", (uint64_t)step);
    for (int k = 0; k < params->n; k++)
        for (int64_t i = 0; i < params->list[k]->count; i++)
            params->gradients[params->list[k]->offset + i] =
                (real)dt_rng_normal(stream, (uint64_t)(params->list[k]->offset + i));
}

static void take_steps(dt_optimizer *o, dt_params *params, int64_t first, int64_t end)
{
    for (int64_t t = first; t < end; t++) {
        draw_gradients(params, t);
        dt_optimizer_step(o, &dt_cpu, params, 0.01);
    }
}

Test(optimizer, same_bits_for_any_number_of_threads)
{
    for (size_t i = 0; i < KINDS; i++) {
        dt_params *one = some_params(), *three = some_params();
        dt_optimizer a, b;
        size_t bytes = (size_t)one->size * sizeof(real);
        dt_optimizer_init(&a, one, &every_kind[i]);
        dt_optimizer_init(&b, three, &every_kind[i]);
        dt_threads_set(1);
        take_steps(&a, one, 0, 3);
        dt_threads_set(3);
        take_steps(&b, three, 0, 3);
        cr_expect(memcmp(one->values, three->values, bytes) == 0, "recipe %d", (int)i);
        for (int k = 0; k < a.blocks; k++)
            cr_expect(memcmp(a.block[k], b.block[k], bytes) == 0, "recipe %d, block %d", (int)i, k);
        dt_optimizer_free(&a), dt_optimizer_free(&b);
        dt_params_free(one), dt_params_free(three);
    }
}

/* Values, blocks and steps are all there is. */
Test(optimizer, resuming_gives_the_same_bits)
{
    static const int blocks[KINDS] = {0, 1, 1, 1, 1, 2, 2};
    for (size_t i = 0; i < KINDS; i++) {
        dt_params *whole = some_params(), *before = some_params(), *after = some_params();
        dt_optimizer a, b, c;
        size_t bytes = (size_t)whole->size * sizeof(real);
        dt_optimizer_init(&a, whole, &every_kind[i]);
        dt_optimizer_init(&b, before, &every_kind[i]);
        dt_optimizer_init(&c, after, &every_kind[i]);
        cr_expect(eq(int, a.blocks, blocks[i]), "recipe %d", (int)i);
        take_steps(&a, whole, 0, 5);
        take_steps(&b, before, 0, 2);
        memcpy(after->values, before->values, bytes);
        for (int k = 0; k < b.blocks; k++) memcpy(c.block[k], b.block[k], bytes);
        c.steps = b.steps;
        take_steps(&c, after, 2, 5);
        cr_expect(memcmp(whole->values, after->values, bytes) == 0, "recipe %d", (int)i);
        dt_optimizer_free(&a), dt_optimizer_free(&b), dt_optimizer_free(&c);
        dt_params_free(whole), dt_params_free(before), dt_params_free(after);
    }
}

/* ---- they minimise */

/* f(w) = 1/2 (w_0^2 + 100 w_1^2) from (1, 1), where it is 50.5, to a thousandth of that in 400 steps. The rates are
 * round numbers, AdaDelta's the paper's; gradient descent's is near 2/100, beyond which it diverges. */
Test(optimizer, each_descends_an_ill_conditioned_quadratic)
{
    static const struct {
        dt_optimizer_recipe recipe;
        double lr;
    } cases[] = {{{0}, 0.015},
                 {{.momentum = 0.9}, 0.01},
                 {{.momentum = 0.9, .nesterov = true}, 0.01},
                 {{DT_USUAL_ADAGRAD}, 0.5},
                 {{DT_USUAL_RMSPROP}, 0.01},
                 {{DT_USUAL_ADADELTA}, 1},
                 {{DT_USUAL_ADAM}, 0.1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dt_params *params = dt_params_new(1);
        dt_params_add(params, "w", 1, (int64_t[]){2}, (dt_init){.kind = DT_INIT_CONSTANT, .value = 1});
        dt_optimizer o;
        dt_optimizer_init(&o, params, &cases[i].recipe);
        for (int t = 0; t < 400; t++) {
            params->gradients[0] = params->values[0];
            params->gradients[1] = 100 * params->values[1];
            dt_optimizer_step(&o, &dt_cpu, params, cases[i].lr);
        }
        double x = (double)params->values[0], y = (double)params->values[1], f = 0.5 * (x * x + 100 * y * y);
        cr_expect(f < 0.05, "recipe %d: f is %g at (%g, %g)", (int)i, f, x, y);
        dt_optimizer_free(&o);
        dt_params_free(params);
    }
}
