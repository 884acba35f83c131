/* Two surfaces of two parameters, on which one sees what the methods do: a quadratic bowl that is a hundred times
 * steeper one way than the other, and LeCun's network of one weight a layer, 1-1-1, with its saddle. The library's own
 * optimizers walk them. */
#include <math.h>

#include "experiments/optimizers/parts.h"

/* ---- walking */

typedef struct {
    const dt_backend *backend;
    dt_params *params;
    dt_optimizer optimizer;
    void (*gradient)(const real *w, real *g);
    double lr;
} walker;

static void walk_from(walker *k, const dt_backend *backend, void (*gradient)(const real *, real *),
                      const dt_optimizer_recipe *recipe, double lr, const double start[2])
{
    *k = (walker){.backend = backend, .params = dt_params_new(1), .gradient = gradient, .lr = lr};
    dt_params_add(k->params, "w", 1, (int64_t[]){2}, (dt_init){.kind = DT_INIT_CONSTANT});
    k->params->values[0] = (real)start[0];
    k->params->values[1] = (real)start[1];
    dt_optimizer_init(&k->optimizer, k->params, recipe);
}

static void walk_end(walker *k)
{
    dt_optimizer_free(&k->optimizer);
    dt_params_free(k->params);
}

static void walk(walker *k, int steps)
{
    for (int i = 0; i < steps; i++) {
        k->gradient(k->params->values, k->params->gradients);
        dt_optimizer_step(&k->optimizer, k->backend, k->params, k->lr);
    }
}

static double coordinate(const walker *k, int i)
{
    return (double)k->params->values[i];
}

static double distance(const walker *k)
{
    return hypot(coordinate(k, 0), coordinate(k, 1));
}

static dt_status place(dt_trial *trial, const char *panel, const char *path, int step, const walker *k, dt_error *err)
{
    return dt_trial_row(trial, err, "%s\t%s\t%d\t%.6g\t%.6g", panel, path, step, coordinate(k, 0), coordinate(k, 1));
}

/* ---- the bowl: E = (flat w1^2 + steep w2^2) / 2, condition number 100 */

static const double flat = 1, steep = 100;
static const double bowl_start[2] = {-5, 0.35};

static void bowl_gradient(const real *w, real *g)
{
    g[0] = (real)flat * w[0];
    g[1] = (real)steep * w[1];
}

/* Each method at the rate that theory says is best for it, but for the first three and Adam; k is the condition number.
 * Gradient descent: 2 / (flat + steep), factor (k - 1) / (k + 1). Momentum (Polyak 1964): rate 4 / (sqrt(steep) +
 * sqrt(flat))^2, factor and square root of the momentum (sqrt(k) - 1) / (sqrt(k) + 1). Nesterov: rate 1 / steep, the
 * momentum that square root, factor 1 - 1 / sqrt(k). */
typedef struct {
    const char *name;
    double lr;
    dt_optimizer_recipe recipe;
    const char *claim; /* of 1 - the factor a step, in percent */
} hike;

enum { DESCENTS = 7 };

static void bowl_hikes(hike h[DESCENTS])
{
    double root = (sqrt(steep) - sqrt(flat)) / (sqrt(steep) + sqrt(flat));
    h[0] = (hike){"gradient descent, half the critical rate", 1 / steep, {.kind = DT_SGD}, NULL};
    h[1] = (hike){"gradient descent, 95 % of it", 0.95 * 2 / steep, {.kind = DT_SGD}, NULL};
    h[2] = (hike){"gradient descent, 101 % of it", 1.01 * 2 / steep, {.kind = DT_SGD}, NULL};
    h[3] = (hike){"gradient descent, best rate", 2 / (flat + steep), {.kind = DT_SGD}, "bowl_descent"};
    h[4] = (hike){"momentum, best rate",
                  4 / pow(sqrt(steep) + sqrt(flat), 2),
                  {.kind = DT_SGD, .momentum = root * root},
                  "bowl_momentum"};
    h[5] =
        (hike){"Nesterov, best rate", 1 / steep, {.kind = DT_SGD, .momentum = root, .nesterov = true}, "bowl_nesterov"};
    h[6] = (hike){"Adam, rate 0.3", 0.3, {DT_USUAL_ADAM}, NULL};
}

/* The figure's paths; the best rate of gradient descent looks like 95 % of the critical one. */
dt_status bowl_paths_run(dt_trial *trial, dt_error *err)
{
    enum { STEPS = 60 };
    hike h[DESCENTS];
    dt_status status = DT_OK;
    bowl_hikes(h);
    for (int i = 0; i < DESCENTS; i++) {
        walker k;
        if (i == 3) continue;
        walk_from(&k, dt_trial_backend(trial), bowl_gradient, &h[i].recipe, h[i].lr, bowl_start);
        for (int step = 0; step <= STEPS && status == DT_OK; step++, walk(&k, 1))
            status = place(trial, h[i].name, "path", step, &k, err);
        walk_end(&k);
    }
    return status;
}

/* The greatest rate at which the steep coordinate does not grow in 1,000 steps, by bisection. */
static double critical_rate(const dt_backend *backend)
{
    double low = 0.5 / steep, high = 8 / steep;
    for (int i = 0; i < 40; i++) {
        double lr = (low + high) / 2;
        walker k;
        walk_from(&k, backend, bowl_gradient, &(dt_optimizer_recipe){.kind = DT_SGD}, lr, bowl_start);
        walk(&k, 1000);
        if (fabs(coordinate(&k, 1)) <= fabs(bowl_start[1]))
            low = lr;
        else
            high = lr;
        walk_end(&k);
    }
    return low;
}

/* Distance from the minimum against steps, and its mean factor a step between steps 100 and 200. */
dt_status bowl_run(dt_trial *trial, dt_error *err)
{
    enum { STEPS = 200 };
    hike h[DESCENTS];
    bowl_hikes(h);
    dt_status status = dt_trial_value(trial, "bowl_critical", critical_rate(dt_trial_backend(trial)) * steep, err);
    for (int i = 0; i < DESCENTS; i++) {
        walker k;
        double middle = 0;
        walk_from(&k, dt_trial_backend(trial), bowl_gradient, &h[i].recipe, h[i].lr, bowl_start);
        for (int step = 0; step <= STEPS && status == DT_OK; step++) {
            if (step > 0) walk(&k, 1);
            if (step == STEPS / 2) middle = distance(&k);
            if (step % 2 == 0)
                status = dt_trial_point(trial, "distance from the minimum", h[i].name, step, distance(&k), err);
        }
        if (h[i].claim && status == DT_OK)
            status = dt_trial_value(trial, h[i].claim, 100 * (1 - pow(distance(&k) / middle, 2.0 / STEPS)), err);
        walk_end(&k);
    }
    return status;
}

/* ---- the 1-1-1 network y = w2 w1 x, which is to learn y = x: E = (1 - w1 w2)^2 / 2. Its minima are the two branches
 * of the hyperbola w1 w2 = 1; 0 is a saddle, and the line w1 = -w2 leads into it. */

static void saddle_gradient(const real *w, real *g)
{
    real wrong = 1 - w[0] * w[1];
    g[0] = -wrong * w[1];
    g[1] = -wrong * w[0];
}

static double saddle_loss(const walker *k)
{
    return pow(1 - coordinate(k, 0) * coordinate(k, 1), 2) / 2;
}

enum { STARTS = 7 };
static const double saddle_start[STARTS][2] = {{-1.5, 1.5}, {-1.5, 1.4},  {1.4, -1.5}, {-0.3, 1.9},
                                               {1.9, -0.9}, {-0.2, -0.1}, {-1.9, -1.2}};

/* From a point near the saddle on the diagonal, before the surface bends: E's slope there is -w. */
static double escape_factor(const dt_backend *backend)
{
    const double near[2] = {1e-6, 1e-6};
    walker k;
    walk_from(&k, backend, saddle_gradient, &(dt_optimizer_recipe){.kind = DT_SGD}, 0.1, near);
    walk(&k, 50);
    double factor = pow(distance(&k) / hypot(near[0], near[1]), 1.0 / 50);
    walk_end(&k);
    return factor;
}

/* A gradient that is followed in infinitely small steps keeps w1^2 - w2^2; each step of rate lr takes off the share
 * lr^2 (1 - w1 w2)^2. */
static double greatest_drift(const dt_backend *backend, double lr)
{
    double most = 0;
    for (int s = 0; s < STARTS; s++) {
        const double *w = saddle_start[s], before = w[0] * w[0] - w[1] * w[1];
        if (before == 0) continue;
        walker k;
        walk_from(&k, backend, saddle_gradient, &(dt_optimizer_recipe){.kind = DT_SGD}, lr, w);
        walk(&k, (int)(20 / lr));
        double after = pow(coordinate(&k, 0), 2) - pow(coordinate(&k, 1), 2);
        most = fmax(most, fabs(after / before - 1));
        walk_end(&k);
    }
    return most;
}

dt_status saddle_run(dt_trial *trial, dt_error *err)
{
    enum { STEPS = 150 };
    static const struct {
        const char *name;
        double lr;
        dt_optimizer_recipe recipe;
    } who[] = {{"gradient descent", 0.1, {.kind = DT_SGD}},
               {"momentum", 0.02, {.kind = DT_SGD, .momentum = 0.9}},
               {"Adam", 0.05, {DT_USUAL_ADAM}}};
    const dt_backend *backend = dt_trial_backend(trial);
    double ridge = NAN;
    dt_status status = DT_OK;
    for (int m = 0; m < 3; m++)
        for (int s = 0; s < STARTS; s++) {
            char path[16];
            walker k;
            snprintf(path, sizeof path, "start %d", s + 1);
            walk_from(&k, backend, saddle_gradient, &who[m].recipe, who[m].lr, saddle_start[s]);
            for (int step = 0; step <= STEPS && status == DT_OK; step++, walk(&k, 1))
                status = place(trial, who[m].name, path, step, &k, err);
            if (m == 0 && s == 0) ridge = saddle_loss(&k);
            walk_end(&k);
        }
    if (status == DT_OK) status = dt_trial_value(trial, "saddle_ridge", ridge, err);
    if (status == DT_OK) status = dt_trial_value(trial, "saddle_escape", escape_factor(backend), err);
    return status == DT_OK ? dt_trial_value(trial, "saddle_invariant", greatest_drift(backend, 0.01), err) : status;
}
