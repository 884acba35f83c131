/* All optimizers end where GSL's minimisers do, on a function whose minimum has no formula: logistic regression of
 * eight points with a penalty. */
#include <criterion/criterion.h>
#include <gsl/gsl_multimin.h>
#include <math.h>

#include "optim/optimizer.h"
#include "optim/schedule.h"

enum { POINTS = 8, DIMENSIONS = 3 };

/* x1, x2 and the class; the third weight is the bias's. The classes overlap, and x2 is ten times as large as x1. */
static const double points[POINTS][DIMENSIONS] = {{0.2, 3, 1},  {1.1, 9, 1},   {0.7, -8, 1},  {-0.4, 12, 1},
                                                  {-1, -5, -1}, {0.3, -2, -1}, {-0.8, 6, -1}, {-0.1, -11, -1}};

/* f(w) = mean of log(1 + exp(-class w'x)) + 0.05 |w|^2 */
static double logistic(const double *w, double *gradient)
{
    double f = 0;
    for (int k = 0; k < DIMENSIONS; k++) {
        f += 0.05 * w[k] * w[k];
        gradient[k] = 0.1 * w[k];
    }
    for (int i = 0; i < POINTS; i++) {
        const double x[DIMENSIONS] = {points[i][0], points[i][1], 1}, label = points[i][2];
        double margin = 0;
        for (int k = 0; k < DIMENSIONS; k++) margin += label * w[k] * x[k];
        f += log1p(exp(-margin)) / POINTS;
        for (int k = 0; k < DIMENSIONS; k++) gradient[k] -= label * x[k] / (1 + exp(margin)) / POINTS;
    }
    return f;
}

static double gsl_value(const gsl_vector *w, void *context)
{
    double gradient[DIMENSIONS];
    (void)context;
    return logistic(w->data, gradient);
}

static void gsl_gradient(const gsl_vector *w, void *context, gsl_vector *gradient)
{
    (void)context;
    logistic(w->data, gradient->data);
}

static void gsl_both(const gsl_vector *w, void *context, double *value, gsl_vector *gradient)
{
    (void)context;
    *value = logistic(w->data, gradient->data);
}

static void gsl_minimum(const gsl_multimin_fdfminimizer_type *type, double w[DIMENSIONS])
{
    gsl_multimin_function_fdf f = {gsl_value, gsl_gradient, gsl_both, DIMENSIONS, NULL};
    gsl_vector *from = gsl_vector_calloc(DIMENSIONS);
    gsl_multimin_fdfminimizer *m = gsl_multimin_fdfminimizer_alloc(type, DIMENSIONS);
    gsl_multimin_fdfminimizer_set(m, &f, from, 0.1, 0.1);
    for (int i = 0; i < 1000 && gsl_multimin_fdfminimizer_iterate(m) == 0; i++) {
    }
    for (int k = 0; k < DIMENSIONS; k++) w[k] = gsl_vector_get(m->x, (size_t)k);
    cr_expect(gsl_multimin_test_gradient(m->gradient, 1e-6) == 0, "%s did not arrive", type->name);
    gsl_multimin_fdfminimizer_free(m);
    gsl_vector_free(from);
}

/* 20,000 steps from 0 with a rate that falls linearly to 0, in float. */
static void descend(const dt_optimizer_recipe *recipe, double lr, double w[DIMENSIONS])
{
    enum { STEPS = 20000 };
    const dt_schedule schedule = {.kind = DT_LINEAR, .lr = lr, .epochs = STEPS};
    dt_params *params = dt_params_new(1);
    dt_params_add(params, "w", 1, (int64_t[]){DIMENSIONS}, (dt_init){.kind = DT_INIT_CONSTANT});
    dt_optimizer o;
    dt_optimizer_init(&o, params, recipe);
    for (int t = 0; t < STEPS; t++) {
        double gradient[DIMENSIONS];
        for (int k = 0; k < DIMENSIONS; k++) w[k] = (double)params->values[k];
        logistic(w, gradient);
        for (int k = 0; k < DIMENSIONS; k++) params->gradients[k] = (real)gradient[k];
        dt_optimizer_step(&o, &dt_cpu, params, dt_schedule_at(&schedule, t));
    }
    for (int k = 0; k < DIMENSIONS; k++) w[k] = (double)params->values[k];
    dt_optimizer_free(&o);
    dt_params_free(params);
}

Test(optimizer, each_ends_where_gsl_does)
{
    static const struct {
        dt_optimizer_recipe recipe;
        double lr;
    } cases[] = {{{0}, 0.1},
                 {{.momentum = 0.9}, 0.01},
                 {{.momentum = 0.9, .nesterov = true}, 0.01},
                 {{DT_USUAL_ADAGRAD}, 0.1},
                 {{DT_USUAL_RMSPROP}, 0.01},
                 {{DT_USUAL_ADADELTA}, 1},
                 {{DT_USUAL_ADAM}, 0.01}};
    double bfgs[DIMENSIONS], cg[DIMENSIONS], w[DIMENSIONS], gradient[DIMENSIONS];
    gsl_minimum(gsl_multimin_fdfminimizer_vector_bfgs2, bfgs);
    gsl_minimum(gsl_multimin_fdfminimizer_conjugate_fr, cg);
    const double least = logistic(bfgs, gradient);
    for (int k = 0; k < DIMENSIONS; k++) cr_expect(fabs(bfgs[k] - cg[k]) < 1e-4 && fabs(bfgs[k]) > 0.01);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        descend(&cases[i].recipe, cases[i].lr, w);
        cr_expect(logistic(w, gradient) - least < 1e-8, "recipe %d: f is %g too high", (int)i,
                  logistic(w, gradient) - least);
        for (int k = 0; k < DIMENSIONS; k++)
            cr_expect(fabs(w[k] - bfgs[k]) < 2e-4, "recipe %d: w[%d] is %g, GSL's %g", (int)i, k, w[k], bfgs[k]);
    }
}
