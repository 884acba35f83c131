/* The sizes of the convolutional networks as their papers and definitions have them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "models/alexnet.h"
#include "models/cifarnet.h"
#include "models/resnet.h"

/* Those that are trained: running averages are not. */
static int64_t trained(const dt_params *params)
{
    int64_t sum = 0;
    for (int i = 0; i < params->n; i++)
        if (params->list[i]->rate == 0) sum += params->list[i]->count;
    return sum;
}

static void expect_size(cifarnet m, int64_t wanted)
{
    dt_params *params = dt_params_new(1);
    cifarnet_init(&m, params);
    cr_expect(eq(i64, trained(params), wanted));
    dt_params_free(params);
}

Test(cifar_models, cifarnets_have_the_parameters_of_their_definitions)
{
    expect_size((cifarnet){0}, 145578);
    expect_size((cifarnet){.no_fc64 = true, .lrn = true}, 89578);
    /* crops of 24 x 24 leave maps of 3 x 3: 64 9 10 weights instead of 64 16 10 */
    expect_size((cifarnet){.no_fc64 = true, .side = 24}, 89578 - 64 * 7 * 10);
    /* gamma and beta for each map and unit, in place of one bias */
    expect_size((cifarnet){.batchnorm = true}, 145578 + 32 + 32 + 64 + 64);
    expect_size((cifarnet){.no_fc64 = true, .batchnorm = true}, 89578 + 32 + 32 + 64);
    expect_size((cifarnet){.no_fc64 = true, .maps = 16}, 16 * 76 + 16 * 401 + 32 * 401 + 512 * 10 + 10);
}

/* wc 0.004 for the convolutions, 0.03 and 1 for the full layers; epsB is twice epsW. */
Test(cifar_models, cifarnets_learn_by_the_rates_of_their_definitions)
{
    for (int no_fc64 = 0; no_fc64 < 2; no_fc64++) {
        dt_params *params = dt_params_new(1);
        cifarnet m = {.no_fc64 = no_fc64};
        cifarnet_init(&m, params);
        for (int i = 0; i < params->n; i++) {
            const dt_param *p = params->list[i];
            const double wc = p->name[0] == 'c' ? 0.004 : no_fc64 ? 1 : 0.03;
            cr_expect(eq(dbl, p->lr_mult, p->decays ? 1 : 2), "%s", p->name);
            if (p->decays) cr_expect(fabs(0.004 * p->decay_mult - wc) < 1e-12, "%s", p->name);
        }
        dt_params_free(params);
    }
}

/* The ablations are other functions of the same parameters, which are larger here than at the start, so that the
 * normalisation has something to do. */
Test(cifar_models, every_ablation_changes_the_scores)
{
    static const cifarnet shapes[] = {{.no_fc64 = true},
                                      {.no_fc64 = true, .lrn = true},
                                      {.no_fc64 = true, .batchnorm = true},
                                      {.no_fc64 = true, .plain_pools = true},
                                      {.no_fc64 = true, .pooling = CIFARNET_MAX},
                                      {.no_fc64 = true, .pooling = CIFARNET_AVERAGE},
                                      {.no_fc64 = true, .activation = dt_tanh}};
    enum { SHAPES = sizeof shapes / sizeof *shapes };
    double score[SHAPES];
    for (int i = 0; i < SHAPES; i++) {
        dt_params *params = dt_params_new(1);
        cifarnet m = shapes[i];
        cifarnet_init(&m, params);
        for (int64_t k = 0; k < m.conv1.weight->count; k++) params->values[m.conv1.weight->offset + k] *= 1000;
        dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
        dt_var *x = dt_input(tape, 4, (int64_t[]){3, 32, 32, 1});
        for (int64_t k = 0; k < x->count; k++) x->value[k] = (real)(k * 37 % 256) - 128;
        score[i] = (double)cifarnet_forward(&m, x)->value[3];
        for (int k = 0; k < i; k++)
            cr_expect(fabs(score[i] - score[k]) > 1e-3 * fabs(score[k]), "%d and %d: %g", i, k, score[i]);
        dt_tape_free(tape);
        dt_params_free(params);
    }
}

/* Ioffe & Szegedy 2015, section 3.2: before each nonlinearity, and so before the first pool, whose nonlinearity comes
 * after its maxima. */
Test(cifar_models, batch_normalisation_stands_before_each_nonlinearity)
{
    static const char *const wanted[] = {"conv1",      "norm1",   "maxpool",    "activation", "conv2",      "norm2",
                                         "activation", "avgpool", "conv3",      "norm3",      "activation", "avgpool",
                                         "fc64",       "norm64",  "activation", "fc10"};
    enum { OPS = sizeof wanted / sizeof *wanted, IMAGES = 4 };
    dt_params *params = dt_params_new(1);
    cifarnet m = {.batchnorm = true};
    cifarnet_init(&m, params);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_var *x = dt_input(tape, 4, (int64_t[]){3, 32, 32, IMAGES});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)(i * 37 % 251) - 125;
    int at = OPS, norms = 0;
    cifarnet_forward(&m, x);
    for (const dt_var *y = tape->last; y; y = y->previous) {
        if (!y->op) continue;
        const char *name = y->name[0] ? y->name : y->op->name;
        cr_assert(at > 0 && strcmp(name, wanted[--at]) == 0, "%s instead of %s", name,
                  at >= 0 ? wanted[at] : "nothing");
        norms += strcmp(y->op->name, "batchnorm") == 0;
    }
    cr_expect(at == 0 && norms == 4, "%d, %d", at, norms);
    dt_tape_free(tape);
    dt_params_free(params);
}

Test(cifar_models, the_first_convolution_starts_as_small_as_it_is_told)
{
    static const double told[] = {0, 0.01}, wanted[] = {1e-4, 0.01};
    for (int k = 0; k < 2; k++) {
        dt_params *params = dt_params_new(1);
        cifarnet m = {.conv1_sd = told[k]};
        cifarnet_init(&m, params);
        double squares = 0;
        for (int64_t i = 0; i < m.conv1.weight->count; i++)
            squares += pow((double)params->values[m.conv1.weight->offset + i], 2);
        const double sd = sqrt(squares / (double)m.conv1.weight->count);
        cr_expect(fabs(sd / wanted[k] - 1) < 0.05, "%g instead of %g", sd, wanted[k]);
        dt_params_free(params);
    }
}

/* He et al. 2016, table 6, in millions: 0.27, 0.46, 0.66, 0.85. */
Test(cifar_models, resnets_have_the_parameters_of_the_paper)
{
    static const int64_t n[] = {3, 5, 7, 9}, wanted[] = {269722, 464154, 658586, 853018};
    for (int i = 0; i < 4; i++) {
        dt_params *params = dt_params_new(1);
        resnet m = {.n = n[i]};
        resnet_init(&m, params);
        cr_expect(eq(i64, trained(params), wanted[i]), "n = %d", (int)n[i]);
        dt_params_free(params);
    }
}

/* Every layer's share of the operations: a shape that is wrong by one row would show. */
Test(cifar_models, one_image_costs_what_it_should)
{
    dt_params *params = dt_params_new(1);
    resnet m = {.n = 3};
    resnet_init(&m, params);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_var *x = dt_input(tape, 4, (int64_t[]){3, 32, 32, 1});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)(i % 5) - 2;
    cr_expect(eq(i64, resnet_forward(&m, x)->count, 10));
    double flops = 0, norms = 0;
    for (const dt_var *y = tape->last; y; y = y->previous) {
        if (strcmp(y->op->name, "conv") == 0) flops += y->op->cost(y).flops;
        if (strcmp(y->op->name, "batchnorm") == 0) norms += y->op->cost(y).flops;
    }
    /* 2 (32^2 9 (3 16 + 6 16^2) + 16^2 9 (16 32 + 5 32^2) + 8^2 9 (32 64 + 5 64^2)) */
    cr_expect(eq(dbl, flops, 2. * 9 * (1024 * (48 + 6 * 256) + 256 * (512 + 5 * 1024) + 64 * (2048 + 5 * 4096))));
    /* Shortcuts add 16 maps of 32^2, then 32 of 16^2 and 64 of 8^2, but the first of a stage only half the maps. */
    cr_expect(eq(dbl, norms, 2. * (7 * 16384 + 6 * 8192 + 6 * 4096) + 3 * 16384 + 2.5 * 8192 + 2.5 * 4096));
    dt_tape_free(tape);
    dt_params_free(params);
}

/* ---- AlexNet: Krizhevsky et al. 2012, fig. 2 and section 5 */

static const struct {
    const char *name;
    int64_t maps, side; /* side 0: units */
} alexnet_layers[] = {{"conv1", 96, 55},  {"conv2", 256, 27}, {"conv3", 384, 13}, {"conv4", 384, 13},
                      {"conv5", 256, 13}, {"fc6", 4096, 0},   {"fc7", 4096, 0},   {"fc8", 1000, 0}};

static void expect_layers(const dt_tape *tape)
{
    double flops = 0;
    for (size_t i = 0; i < sizeof alexnet_layers / sizeof *alexnet_layers; i++) {
        const dt_var *y = tape->last;
        while (y && strcmp(y->name, alexnet_layers[i].name) != 0) y = y->previous;
        cr_assert(y != NULL, "%s", alexnet_layers[i].name);
        cr_expect(eq(i64, y->dim[0], alexnet_layers[i].maps), "%s", y->name);
        if (alexnet_layers[i].side)
            cr_expect(y->dim[1] == alexnet_layers[i].side && y->dim[2] == y->dim[1], "%s", y->name);
        flops += y->op->cost(y).flops;
    }
    /* products in millions: 105.4 + 223.9 + 149.5 + 112.1 + 74.8, and 58.6 in the full layers */
    cr_expect(eq(dbl, flops, 2. * (665784864 + 58621952)));
}

static void expect_first_biases(const dt_params *params)
{
    for (int i = 1; i < params->n; i += 2) {
        const char *name = params->list[i]->name;
        const bool one = strchr("24567", name[name[0] == 'c' ? 4 : 2]) != NULL;
        cr_expect(eq(dbl, (double)params->values[params->list[i]->offset], one), "%s", name);
    }
}

/* Mean loss of two random images, and its gradients. */
static double alexnet_loss(const alexnet *m, dt_tape *tape)
{
    static const int32_t labels[2] = {7, 999};
    dt_tape_reset(tape);
    dt_params_zero_gradients(tape->params);
    dt_var *x = dt_input(tape, 4, (int64_t[]){3, ALEXNET_SIDE, ALEXNET_SIDE, 2});
    for (int64_t i = 0; i < x->count; i++)
        x->value[i] = (real)(256 * dt_rng_uniform(dt_rng_stream(2, "images", 0), (uint64_t)i) - 128);
    dt_var *loss = dt_softmax_xent(alexnet_forward(m, x), labels);
    dt_backward(loss, 0.5);
    return ((double)loss->value[0] + (double)loss->value[1]) / 2;
}

/* About 500 MB: the parameters and their gradients. One test, so that they are drawn once. */
Test(alexnet, has_the_papers_layers_and_60965224_parameters_and_learns_two_images)
{
    dt_params *params = dt_params_new(1);
    alexnet m = {0};
    alexnet_init(&m, params);
    cr_expect(eq(i64, trained(params), 60965224));
    expect_first_biases(params);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    const double before = alexnet_loss(&m, tape);
    expect_layers(tape);
    cr_expect(fabs(before - log(1000)) < 1.5, "first loss %g", before);
    dt_optimizer optimizer;
    dt_optimizer_init(&optimizer, params, &(dt_optimizer_recipe){.weight_decay = 0.0005});
    dt_optimizer_step(&optimizer, &dt_cpu, params, 0.001);
    const double after = alexnet_loss(&m, tape);
    cr_expect(after < before - 0.01, "loss %g, then %g", before, after);
    dt_optimizer_free(&optimizer);
    dt_tape_free(tape);
    dt_params_free(params);
}
