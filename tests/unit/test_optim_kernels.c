/* The kernels of AdaGrad, RMSProp, AdaDelta and Adam against the formulas of optim/optimizer.h in double. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "guarded.h"
#include "optim/optimizer.h"

static void naive_step(dt_optimizer_kind kind, const dt_adaptive_update *u, double gradient, double *first,
                       double *second, double *w)
{
    double lr = (double)u->lr, epsilon = (double)u->epsilon, keep = 1 - (double)u->second_rate;
    double g = gradient + (double)u->weight_decay * *w;
    switch (kind) {
    case DT_ADAGRAD:
        *first = *first + g * g;
        *w -= lr * g / (sqrt(*first) + epsilon);
        return;
    case DT_RMSPROP:
        *first = keep * *first + (1 - keep) * g * g;
        *w -= lr * g / (sqrt(*first) + epsilon);
        return;
    case DT_ADADELTA: {
        *first = keep * *first + (1 - keep) * g * g;
        double d = sqrt(*second + epsilon) / sqrt(*first + epsilon) * g;
        *second = keep * *second + (1 - keep) * d * d;
        *w -= lr * d;
        return;
    }
    default:
        *first = (1 - (double)u->first_rate) * *first + (double)u->first_rate * g;
        *second = keep * *second + (1 - keep) * g * g;
        *w -= lr * *first / ((double)u->root_scale * sqrt(*second) + epsilon);
    }
}

static void kernel_step(dt_optimizer_kind kind, const dt_adaptive_update *u, int64_t n, const real *gradient,
                        real *first, real *second, real *w)
{
    if (kind == DT_ADAGRAD) dt_cpu.adagrad_step(u, n, gradient, first, w);
    if (kind == DT_RMSPROP) dt_cpu.rmsprop_step(u, n, gradient, first, w);
    if (kind == DT_ADADELTA) dt_cpu.adadelta_step(u, n, gradient, first, second, w);
    if (kind == DT_ADAM) dt_cpu.adam_step(u, n, gradient, first, second, w);
}

static void check_kernel(dt_optimizer_kind kind, const dt_adaptive_update *u, int64_t n)
{
    real *w = output_new(n, 0), *first = output_new(n, 0), *second = output_new(n, 0);
    double *twin = calloc(3 * (size_t)n, sizeof *twin);
    bool has_second = kind == DT_ADADELTA || kind == DT_ADAM;
    int64_t wrong = 0;
    for (int64_t i = 0; i < n; i++) twin[3 * i] = (double)(w[i] = (real)(1 + i % 13) / 4);
    for (uint64_t step = 0; step < 3; step++) {
        real *gradient = uniforms_new(n, 1, step);
        kernel_step(kind, u, n, gradient, first, second, w);
        for (int64_t i = 0; i < n; i++) {
            naive_step(kind, u, (double)gradient[i], &twin[3 * i + 1], &twin[3 * i + 2], &twin[3 * i]);
            wrong += !is_close((double)w[i], twin[3 * i], 2e-6) || !is_close((double)first[i], twin[3 * i + 1], 1e-6) ||
                     !is_close((double)second[i], twin[3 * i + 2], 1e-6) || (!has_second && second[i] != 0);
        }
        guarded_free(gradient);
    }
    cr_expect(eq(i64, wrong, 0), "kind %d, decay %g, %d numbers", (int)kind, (double)u->weight_decay, (int)n);
    cr_expect(marks_intact(w, n) && marks_intact(first, n) && marks_intact(second, n));
    free(twin);
    guarded_free(w), guarded_free(first), guarded_free(second);
}

static void check_kernels(dt_optimizer_kind kind)
{
    static const int64_t counts[] = {1, 2, 7, 15, 16, 17, 33, 1000, 33001};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
        for (int decays = 0; decays < 2; decays++)
            check_kernel(kind,
                         &(dt_adaptive_update){.lr = (real)0.1,
                                               .weight_decay = decays ? (real)0.25 : 0,
                                               .epsilon = (real)0.01,
                                               .first_rate = (real)0.125,
                                               .second_rate = (real)0.0625,
                                               .root_scale = (real)1.5},
                         counts[k]);
}

Test(adagrad_step, as_its_formula)
{
    check_kernels(DT_ADAGRAD);
}

Test(rmsprop_step, as_its_formula)
{
    check_kernels(DT_RMSPROP);
}

Test(adadelta_step, as_its_formula)
{
    check_kernels(DT_ADADELTA);
}

Test(adam_step, as_its_formula)
{
    check_kernels(DT_ADAM);
}
