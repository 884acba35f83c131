#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "optim/schedule.h"
#include "optim/sgd.h"

static void expect_rate(const dt_schedule *s, double epoch, double wanted)
{
    double rate = dt_schedule_at(s, epoch);
    cr_expect(fabs(rate - wanted) < 1e-12, "kind %d at epoch %g: %.12g, not %.12g", (int)s->kind, epoch, rate, wanted);
}

Test(schedule, by_hand)
{
    const dt_schedule constant = {DT_CONSTANT, .lr = 0.1, .epochs = 10};
    expect_rate(&constant, 0, 0.1);
    expect_rate(&constant, 9.99, 0.1);
    const dt_schedule linear = {DT_LINEAR, .lr = 0.1, .epochs = 10};
    expect_rate(&linear, 0, 0.1);
    expect_rate(&linear, 2.5, 0.075);
    expect_rate(&linear, 10, 0);
    const dt_schedule cosine = {DT_COSINE, .lr = 0.1, .epochs = 12};
    expect_rate(&cosine, 0, 0.1);
    expect_rate(&cosine, 4, 0.075); /* cos 60 degrees is a half */
    expect_rate(&cosine, 6, 0.05);
    expect_rate(&cosine, 12, 0);
    const dt_schedule exponential = {DT_EXPONENTIAL, .lr = 0.1, .epochs = 10, .factor = 0.25};
    expect_rate(&exponential, 0, 0.1);
    expect_rate(&exponential, 0.5, 0.05);
    expect_rate(&exponential, 2, 0.00625);
    const dt_schedule step = {DT_STEP, .lr = 0.1, .epochs = 10, .factor = 0.5, .every = 3};
    expect_rate(&step, 0, 0.1);
    expect_rate(&step, 2.99, 0.1);
    expect_rate(&step, 3, 0.05);
    expect_rate(&step, 9.5, 0.0125);
    const dt_schedule inverse = {DT_INVERSE, .lr = 0.1, .epochs = 10, .factor = 0.5};
    expect_rate(&inverse, 0, 0.1);
    expect_rate(&inverse, 2, 0.05);
    expect_rate(&inverse, 8, 0.02);
}

/* LeCun et al. 1998, section III.B: 5e-4 for two passes, 2e-4 for three, 1e-4 for three, 5e-5 for four, then 1e-5. */
Test(schedule, a_table)
{
    static const dt_schedule_row rows[] = {{2, 5}, {5, 2}, {8, 1}, {12, 0.5}, {0, 0.1}};
    const dt_schedule table = {DT_TABLE, .lr = 1e-4, .epochs = 20, .table = rows};
    static const double wanted[20] = {5, 5, 2, 2, 2, 1, 1, 1, .5, .5, .5, .5, .1, .1, .1, .1, .1, .1, .1, .1};
    for (int epoch = 0; epoch < 20; epoch++) {
        expect_rate(&table, epoch, 1e-4 * wanted[epoch]);
        expect_rate(&table, epoch + 0.999, 1e-4 * wanted[epoch]);
    }
}

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
    dt_sgd sgd;
    dt_sgd_init(&sgd, params, 0.5, false, 0.5);
    dt_sgd_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.5, 1.75);
    expect_values(params, sgd.velocity, 2, 1);
    dt_sgd_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 0.8125, 1.375);
    expect_values(params, sgd.velocity, 2.75, 1.5);
    expect_zero_padding(params, params->values);
    expect_zero_padding(params, sgd.velocity);
    dt_sgd_free(&sgd);
    cr_expect(sgd.velocity == NULL);
    dt_params_free(params);
}

Test(sgd, without_decay_all_are_alike)
{
    dt_params *params = five_params();
    dt_sgd sgd;
    dt_sgd_init(&sgd, params, 0, false, 0);
    dt_sgd_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.75, 1.75);
    dt_sgd_free(&sgd);
    dt_params_free(params);
}

/* v = 1, w = 2 - 0.25 (1 + 0.5 * 1); v = 1.5, w = 1.625 - 0.25 (1 + 0.5 * 1.5). */
Test(sgd, nesterov)
{
    dt_params *params = five_params();
    dt_sgd sgd;
    dt_sgd_init(&sgd, params, 0.5, true, 0);
    dt_sgd_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.625, 1.625);
    dt_sgd_step(&sgd, &dt_cpu, params, 0.25);
    expect_values(params, params->values, 1.1875, 1.1875);
    expect_values(params, sgd.velocity, 1.5, 1.5);
    dt_sgd_free(&sgd);
    dt_params_free(params);
}
