/* The sizes of the CIFAR networks as their papers and definitions have them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

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

Test(cifar_models, cifarnet_has_145578_parameters)
{
    dt_params *params = dt_params_new(1);
    cifarnet m;
    cifarnet_init(&m, params);
    cr_expect(eq(i64, trained(params), 145578));
    dt_params_free(params);
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
    double flops = 0;
    for (const dt_var *y = tape->last; y; y = y->previous)
        if (y->op && strcmp(y->op->name, "conv") == 0) flops += y->op->cost(y).flops;
    /* 2 (32^2 9 (3 16 + 6 16^2) + 16^2 9 (16 32 + 5 32^2) + 8^2 9 (32 64 + 5 64^2)) */
    cr_expect(eq(dbl, flops, 2. * 9 * (1024 * (48 + 6 * 256) + 256 * (512 + 5 * 1024) + 64 * (2048 + 5 * 4096))));
    dt_tape_free(tape);
    dt_params_free(params);
}
