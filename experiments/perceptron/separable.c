/* The perceptron where a line separates the classes: how many mistakes, against Novikoff's bound (R / gamma)^2.
 *
 * The bias is the weight of a constant third coordinate, so x = (x1, x2, 1), and R and gamma are measured in these
 * three dimensions. gamma is the margin of a line that is known from the start, not the widest one: the bound holds for
 * each separating unit vector, and is lowest for the widest margin. */
#include <math.h>
#include <stdlib.h>

#include "core/rng.h"
#include "experiments/perceptron/parts.h"
#include "models/perceptron.h"

enum { POINTS = 200, DIM = 3 };

static const double rounding = 1e-9; /* relative: of the bound, which is attained exactly by the orthogonal points */

/* A line of random direction through the neighbourhood of the origin, and standard normal points on both sides, without
 * those nearer than `margin`. */
static void separable_points(uint64_t seed, int64_t run, double margin, double u[DIM], double x[], double y[])
{
    dt_rng stream = dt_rng_stream(seed, "separable", (uint64_t)run);
    double angle = 2 * acos(-1) * dt_rng_uniform(stream, 0), offset = dt_rng_uniform(stream, 1) - 0.5;
    double length = sqrt(1 + offset * offset);
    u[0] = cos(angle) / length, u[1] = sin(angle) / length, u[2] = offset / length;
    int64_t n = 0;
    for (uint64_t draw = 1; n < POINTS; draw++) {
        double *p = x + n * DIM;
        p[0] = dt_rng_normal(stream, 2 * draw), p[1] = dt_rng_normal(stream, 2 * draw + 1), p[2] = 1;
        double score = u[0] * p[0] + u[1] * p[1] + u[2];
        if (fabs(score) < margin) continue;
        y[n++] = score > 0 ? 1 : -1;
    }
}

typedef struct {
    dt_trial *trial;
    int64_t broken; /* runs with more mistakes than the bound */
} novikoff;

static dt_status one_run(novikoff *v, int64_t run, const char *name, const perceptron_data *d, const double *u,
                         double *w, dt_error *err)
{
    novikoff_bound bound = perceptron_bound(d, u);
    double most = bound.mistakes * (1 + rounding);
    int64_t mistakes = perceptron_learn(d, most, w);
    v->broken += (double)mistakes > most;
    return dt_trial_row(v->trial, err, "%llu\t%lld\t%s\t%.9g\t%.9g\t%.9g\t%lld",
                        (unsigned long long)dt_trial_seed(v->trial), (long long)run, name, bound.radius, bound.margin,
                        bound.mistakes, (long long)mistakes);
}

static dt_status random_sets(novikoff *v, dt_error *err)
{
    static const struct {
        const char *name;
        double margin;
    } sets[] = {
        {"margin 1", 1}, {"margin 0.3", 0.3}, {"margin 0.1", 0.1}, {"margin 0.03", 0.03}, {"margin 0.01", 0.01}};
    enum { SETS = sizeof sets / sizeof *sets };
    double x[POINTS * DIM], y[POINTS], u[DIM], w[DIM];
    perceptron_data d = {POINTS, DIM, x, y};
    int64_t runs = runs_of(v->trial);
    dt_status status = DT_OK;
    for (int s = 0; s < SETS; s++)
        for (int64_t run = 0; run < runs && status == DT_OK && !dt_trial_stopped(v->trial); run++) {
            separable_points(dt_trial_seed(v->trial), s * runs + run, sets[s].margin, u, x, y);
            status = one_run(v, run + 1, sets[s].name, &d, u, w, err);
            dt_trial_progress(v->trial, (double)(s * runs + run) / (double)(SETS * runs), "%s", sets[s].name);
        }
    return status;
}

/* The worst case: n points along n axes, all of class 1. u = (1, .., 1) / sqrt(n) has the margin 1 / sqrt(n) and R is
 * 1, so the bound is n; and each point is a mistake once, for w is 0 along its axis until it was seen. */
static dt_status orthogonal_sets(novikoff *v, dt_error *err)
{
    static const int64_t sizes[] = {10, 32, 100, 316, 1000};
    dt_status status = DT_OK;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes && status == DT_OK; s++) {
        int64_t n = sizes[s];
        double *memory = calloc((size_t)(n * n + 3 * n), sizeof *memory);
        if (!memory) return dt_error_set(err, DT_ERR_SYSTEM, NULL, -1, "", "out of memory");
        double *x = memory, *y = x + n * n, *u = y + n, *w = u + n;
        for (int64_t i = 0; i < n; i++) x[i * n + i] = y[i] = u[i] = 1;
        status = one_run(v, (int64_t)s + 1, "orthogonal points", &(perceptron_data){n, n, x, y}, u, w, err);
        free(memory);
    }
    return status;
}

dt_status novikoff_run(dt_trial *trial, dt_error *err)
{
    novikoff v = {.trial = trial};
    dt_status status = random_sets(&v, err);
    if (status == DT_OK) status = orthogonal_sets(&v, err);
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    return dt_trial_value(trial, "novikoff", (double)v.broken, err);
}

static dt_status loss_row(dt_trial *trial, const char *name, double margin, double loss, dt_error *err)
{
    return dt_trial_row(trial, err, "loss\t%s\t%.9g\t%.9g\t%.9g\t%.9g", name, margin, loss, loss, loss);
}

/* The losses as functions of the margin m = y w.x: 0-1 (is the answer wrong?), the perceptron's max(0, -m), the squared
 * error of a sigmoid, (1 - sigmoid(m))^2, and the logistic log(1 + exp(-m)). The first is drawn by its corners. */
dt_status losses_run(dt_trial *trial, dt_error *err)
{
    static const double corner[][2] = {{-4, 1}, {0, 1}, {0, 0}, {4, 0}};
    dt_status status = DT_OK;
    for (int i = 0; i < 4 && status == DT_OK; i++) status = loss_row(trial, "0-1", corner[i][0], corner[i][1], err);
    for (int i = -80; i <= 80 && status == DT_OK; i++) {
        double m = i / 20.0, wrong = 1 / (1 + exp(m));
        status = loss_row(trial, "perceptron", m, fmax(0, -m), err);
        if (status == DT_OK) status = loss_row(trial, "sigmoid, squared error", m, wrong * wrong, err);
        if (status == DT_OK) status = loss_row(trial, "logistic", m, log1p(exp(-m)), err);
    }
    return status;
}
