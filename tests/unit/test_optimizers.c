/* experiments/optimizers: the search for a rate, the objective of a whole batch, the claims'
 * arithmetic, the two surfaces; by hand and against finite differences. */
#include <criterion/criterion.h>

#include "experiments/optimizers/objective.c"
#include "experiments/optimizers/rates.c"
#include "experiments/optimizers/second_order.c"
#include "experiments/optimizers/surfaces.c"
#include "experiments/optimizers/train.c"
#include "toy.h"

/* ---- the search for a rate */

typedef struct {
    double best, top; /* lowest cost; from `top` on it breaks down */
    int asked;
} valley;

static double valley_cost(void *context, double lr)
{
    valley *v = context;
    v->asked++;
    return lr >= v->top ? INFINITY : pow(log10(lr / v->best), 2);
}

static void expect_rate(valley v, double usual, double rate, int asked)
{
    double found = best_rate(usual, valley_cost, &v);
    cr_expect(fabs(found / rate - 1) < 1e-9, "%g is not %g", found, rate);
    cr_expect(v.asked == asked, "%d trainings, not %d", v.asked, asked);
}

Test(best_rate, stays_between_two_worse_neighbours)
{
    expect_rate((valley){.best = 0.1, .top = INFINITY}, 0.1, 0.1, 3);
}

Test(best_rate, walks_up_and_down)
{
    expect_rate((valley){.best = 10, .top = INFINITY}, 0.1, 10, 6);
    expect_rate((valley){.best = 0.001, .top = INFINITY}, 0.1, 0.001, 7);
}

Test(best_rate, comes_down_from_where_it_breaks_down)
{
    expect_rate((valley){.best = 1, .top = 0.1}, 0.1, 0.1 / sqrt(10), 4);
}

Test(best_rate, gives_up_in_the_end)
{
    expect_rate((valley){.best = 1e9, .top = INFINITY}, 1, 1e4, 1 + MOST_WALK);
}

/* ---- the objective */

static objective toy_objective(const dt_images *images, const dt_task *task, double decay)
{
    objective o;
    objective_init(&o, task, &dt_cpu, images, decay, 3);
    return o;
}

static void start_of(const objective *o, double *x)
{
    for (int64_t i = 0; i < o->net.params->size; i++) x[i] = (double)o->net.params->values[i];
}

/* Along a random direction; with a penalty that is large enough to be seen. */
Test(objective, gradient_is_that_of_the_value)
{
    dt_images images = toy_images(130, 28, 10);
    objective o = toy_objective(&images, &smooth_task, 0.1);
    int64_t n = o.net.params->size;
    double *x = calloc((size_t)n, sizeof *x), *moved = calloc((size_t)n, sizeof *x), *g = calloc((size_t)n, sizeof *x);
    double slope = 0, value[2];
    const double h = 1e-4;
    start_of(&o, x);
    objective_at(&o, x, g);
    for (int way = 0; way < 2; way++) {
        slope = 0;
        memcpy(moved, x, (size_t)n * sizeof *x);
        for (int k = 0; k < o.net.params->n; k++) {
            const dt_param *p = o.net.params->list[k];
            for (int64_t i = p->offset; i < p->offset + p->count; i++) {
                double direction = dt_rng_normal(dt_rng_stream(4, "direction", 0), (uint64_t)i);
                moved[i] += (way ? h : -h) * direction;
                slope += g[i] * direction;
            }
        }
        value[way] = objective_at(&o, moved, NULL);
    }
    double measured = (value[1] - value[0]) / (2 * h);
    cr_expect(fabs(slope) > 0.01 && fabs(measured / slope - 1) < 5e-3, "%g is not %g", measured, slope);
    cr_expect(o.evaluations == 3);
    free(x), free(moved), free(g);
    objective_free(&o);
    dt_images_free(&images);
}

Test(objective, does_not_count_the_same_point_twice)
{
    dt_images images = toy_images(20, 28, 10);
    objective o = toy_objective(&images, &softmax_task, 0);
    int64_t n = o.net.params->size;
    double *x = calloc((size_t)n, sizeof *x), *g = calloc((size_t)n, sizeof *x);
    double first = objective_at(&o, x, NULL);
    cr_expect(fabs(first - log(10)) < 1e-6, "equal scores for ten classes: %g", first);
    cr_expect(objective_at(&o, x, g) == first && o.evaluations == 1);
    x[0] = 1;
    objective_at(&o, x, g);
    cr_expect(o.evaluations == 2);
    free(x), free(g);
    objective_free(&o);
    dt_images_free(&images);
}

/* Weights 1, 2, ..., biases too: only the weights count. */
Test(objective, penalty_leaves_biases_out)
{
    dt_params *params = dt_params_new(1);
    dt_linear_layer layer;
    dt_linear_init(&layer, params, "l", 2, 2);
    for (int i = 0; i < 4; i++) params->values[layer.weight->offset + i] = (real)(i + 1);
    params->values[layer.bias->offset] = 100;
    cr_expect(fabs(objective_penalty(params, 0.2) - 0.1 * 30) < 1e-6);
    dt_params_free(params);
}

/* L-BFGS from the same start gets below the gradient's norm that it began with, on the float network. */
Test(objective, can_be_minimised)
{
    dt_images images = toy_images(60, 28, 10);
    objective o = toy_objective(&images, &softmax_task, 0.01);
    double *x = calloc((size_t)o.net.params->size, sizeof *x);
    dt_lbfgs l;
    dt_lbfgs_init(&l, o.net.params->size, x, 0, objective_at, &o);
    double before = l.value, norm = dt_lbfgs_norm(&l);
    dt_lbfgs_run(&l, 0, 20);
    cr_expect(l.value < before / 2 && dt_lbfgs_norm(&l) < norm / 100, "%g after %g", l.value, before);
    cr_expect(o.evaluations > 20 && o.evaluations <= l.evaluations);
    dt_lbfgs_free(&l);
    free(x);
    objective_free(&o);
    dt_images_free(&images);
}

/* More images than one batch of judge() has. */
Test(judge, agrees_with_the_objective_and_the_library)
{
    dt_images images = toy_images(600, 28, 10);
    objective o = toy_objective(&images, &smooth_task, 0);
    double *x = calloc((size_t)o.net.params->size, sizeof *x);
    start_of(&o, x);
    double value = objective_at(&o, x, NULL);
    double loss, error = dt_network_judge(&o.net, &dt_cpu, &images, &loss);
    cr_expect(fabs(loss - value) < 1e-6, "%g, %g", loss, value);
    cr_expect(error == dt_network_error(&o.net, &dt_cpu, &images) && error > 0);
    free(x);
    objective_free(&o);
    dt_images_free(&images);
}

Test(hold_out, takes_the_last_sixth)
{
    dt_images images = toy_images(60, 28, 10), first, rest;
    hold_out(&images, 0, &first, &rest);
    cr_expect(first.count == 50 && rest.count == 10 && rest.labels == images.labels + 50);
    hold_out(&images, 20, &first, &rest);
    cr_expect(first.count == 20 && rest.count == 10 && rest.labels == images.labels + 50);
    dt_images_free(&images);
}

/* ---- what the claims are made of */

Test(sweep, edge_is_the_highest_usable_rate_over_the_best)
{
    double rate[RATES], loss[RATES];
    for (int i = 0; i < RATES; i++) rate[i] = pow(10, i), loss[i] = i < 8 ? fabs(i - 5.0) / 10 + 0.1 : INFINITY;
    cr_expect(fabs(edge(rate, loss) - 100) < 1e-9, "%g", edge(rate, loss));
    loss[7] = 2.31; /* more than log(10) */
    cr_expect(fabs(edge(rate, loss) - 10) < 1e-9, "%g", edge(rate, loss));
}

Test(decay, schedules_begin_alike_and_end_as_said)
{
    const double end[DECAYS] = {first_rate, first_rate / 100, first_rate / 100, 0, first_rate / 10};
    for (int i = 0; i < DECAYS; i++) {
        dt_schedule s = schedule_of(i, 12);
        cr_expect(fabs(dt_schedule_at(&s, 0) - first_rate) < 1e-12, "%s", curve_names[i]);
        double last = dt_schedule_at(&s, i == STEP ? 11.99 : 12);
        cr_expect(fabs(last - end[i]) < 1e-9, "%s ends at %g, not %g", curve_names[i], last, end[i]);
    }
}

Test(second_order, early_is_a_tenth_of_the_budget)
{
    duel d = {.budget = 50, .marks = 10};
    cr_expect(all_marks[early(&d)] == 5);
    d.budget = 200, d.marks = MARKS;
    cr_expect(all_marks[early(&d)] == 20);
    d.budget = 2, d.marks = 2;
    cr_expect(all_marks[early(&d)] == 1);
}

/* ---- the surfaces */

Test(bowl, rates_by_hand)
{
    hike h[DESCENTS];
    bowl_hikes(h);
    cr_expect(fabs(h[3].lr - 2.0 / 101) < 1e-12);
    cr_expect(fabs(h[4].lr - 4.0 / 121) < 1e-12 && fabs(h[4].recipe.momentum - 81.0 / 121) < 1e-12);
    cr_expect(fabs(h[5].lr - 0.01) < 1e-12 && fabs(h[5].recipe.momentum - 9.0 / 11) < 1e-12);
}

/* One step at half the critical rate takes away the steep coordinate, and a hundredth of the flat one. */
Test(bowl, a_step_by_hand)
{
    walker k;
    walk_from(&k, &dt_cpu, bowl_gradient, &(dt_optimizer_recipe){.kind = DT_SGD}, 0.01, (const double[]){-5, 1});
    cr_expect(fabs(distance(&k) - sqrt(26)) < 1e-6);
    walk(&k, 1);
    cr_expect(fabs(coordinate(&k, 0) + 4.95) < 1e-6 && fabs(coordinate(&k, 1)) < 1e-6);
    walk_end(&k);
}

Test(bowl, critical_rate_is_that_of_theory)
{
    cr_expect(fabs(critical_rate(&dt_cpu) - 0.02) < 1e-6, "%g", critical_rate(&dt_cpu));
}

/* E = (1 - w1 w2)^2 / 2 at (0.5, -1): 1.5 wrong. */
Test(saddle, gradient_and_loss_by_hand)
{
    real w[2] = {(real)0.5, -1}, g[2];
    saddle_gradient(w, g);
    cr_expect(fabs((double)g[0] - 1.5) < 1e-6 && fabs((double)g[1] + 0.75) < 1e-6, "(%g, %g)", (double)g[0],
              (double)g[1]);
    walker k;
    walk_from(&k, &dt_cpu, saddle_gradient, &(dt_optimizer_recipe){.kind = DT_SGD}, 0.1, (const double[]){0.5, -1});
    cr_expect(fabs(saddle_loss(&k) - 1.125) < 1e-6);
    walk_end(&k);
}

/* Each step multiplies w1^2 - w2^2 by 1 - lr^2 (1 - w1 w2)^2, exactly. */
Test(saddle, a_step_shrinks_the_invariant_as_said)
{
    const double start[2] = {0.5, -1}, lr = 0.1;
    walker k;
    walk_from(&k, &dt_cpu, saddle_gradient, &(dt_optimizer_recipe){.kind = DT_SGD}, lr, start);
    walk(&k, 1);
    double after = pow(coordinate(&k, 0), 2) - pow(coordinate(&k, 1), 2);
    cr_expect(fabs(after / (0.25 - 1) - (1 - lr * lr * 2.25)) < 1e-6, "%g", after);
    walk_end(&k);
}

/* A tenth of the rate, a tenth of the drift: what is left of it is the size of the steps. */
Test(saddle, drift_goes_with_the_rate)
{
    double large = greatest_drift(&dt_cpu, 0.01), small = greatest_drift(&dt_cpu, 0.001);
    cr_expect(large / small > 8 && large / small < 12, "%g and %g", large, small);
}
