#include "optim/lbfgs.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

static double dot(int64_t n, const double *a, const double *b)
{
    enum { SUMS = 8 }; /* side by side, for the compiler to put into registers */
    double sum[SUMS] = {0}, total = 0;
    int64_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int k = 0; k < SUMS; k++) sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++) total += a[i] * b[i];
    for (int k = 0; k < SUMS; k++) total += sum[k];
    return total;
}

static void add(int64_t n, double factor, const double *a, double *b)
{
    for (int64_t i = 0; i < n; i++) b[i] += factor * a[i];
}

static double *numbers(int64_t count)
{
    double *p = calloc((size_t)count, sizeof *p);
    DT_REQUIRE(p, "dt_lbfgs_init: out of memory");
    return p;
}

void dt_lbfgs_init(dt_lbfgs *l, int64_t n, const double *x, int memory, dt_objective objective, void *context)
{
    DT_REQUIRE(n > 0 && memory >= 0, "dt_lbfgs_init: %lld numbers, a memory of %d", (long long)n, memory);
    *l = (dt_lbfgs){.n = n, .memory = memory ? memory : 10, .objective = objective, .context = context};
    l->x = numbers(n), l->gradient = numbers(n), l->direction = numbers(n);
    l->trial = numbers(n), l->trial_gradient = numbers(n);
    l->s = numbers(n * l->memory), l->y = numbers(n * l->memory);
    l->curvature = numbers(l->memory), l->alpha = numbers(l->memory);
    memcpy(l->x, x, (size_t)n * sizeof *x);
    l->value = objective(context, l->x, l->gradient);
    l->evaluations = 1;
}

void dt_lbfgs_free(dt_lbfgs *l)
{
    free(l->x), free(l->gradient), free(l->direction);
    free(l->trial), free(l->trial_gradient);
    free(l->s), free(l->y);
    free(l->curvature), free(l->alpha);
    *l = (dt_lbfgs){0};
}

double dt_lbfgs_norm(const dt_lbfgs *l)
{
    return sqrt(dot(l->n, l->gradient, l->gradient));
}

/* ---- the direction */

/* direction = -H gradient: algorithm 7.4, with q and then r in `direction`. */
static void find_direction(dt_lbfgs *l)
{
    int64_t n = l->n;
    double *d = l->direction;
    memcpy(d, l->gradient, (size_t)n * sizeof *d);
    for (int64_t i = l->stored - 1; i >= l->stored - l->pairs; i--) {
        int64_t k = i % l->memory;
        l->alpha[k] = dot(n, l->s + k * n, d) / l->curvature[k];
        add(n, -l->alpha[k], l->y + k * n, d);
    }
    if (l->pairs > 0) {
        int64_t k = (l->stored - 1) % l->memory;
        const double *y = l->y + k * n;
        double gamma = l->curvature[k] / dot(n, y, y);
        for (int64_t i = 0; i < n; i++) d[i] *= gamma;
    }
    for (int64_t i = l->stored - l->pairs; i < l->stored; i++) {
        int64_t k = i % l->memory;
        double beta = dot(n, l->y + k * n, d) / l->curvature[k];
        add(n, l->alpha[k] - beta, l->s + k * n, d);
    }
    for (int64_t i = 0; i < n; i++) d[i] = -d[i];
}

/* Keeps the pair of the step from x to trial. The Wolfe conditions make s'y positive; a step that was taken without
 * them, because no better one was found, may not, and H would not be positive definite with it. */
static void keep_pair(dt_lbfgs *l)
{
    int64_t n = l->n, k = l->stored % l->memory;
    double *s = l->s + k * n, *y = l->y + k * n;
    double sy = 0, yy = 0;
    for (int64_t i = 0; i < n; i++) {
        double ds = l->trial[i] - l->x[i], dy = l->trial_gradient[i] - l->gradient[i];
        sy += ds * dy;
        yy += dy * dy;
    }
    if (!(sy > DBL_EPSILON * yy)) return;
    for (int64_t i = 0; i < n; i++) {
        s[i] = l->trial[i] - l->x[i];
        y[i] = l->trial_gradient[i] - l->gradient[i];
    }
    l->curvature[k] = sy;
    l->stored++;
    if (l->pairs < l->memory) l->pairs++;
}

/* ---- the step along it */

/* phi(at) = f(x + at * direction) */
typedef struct {
    double at, value, slope;
} point;

typedef struct {
    dt_lbfgs *l;
    point start;
    int left; /* evaluations */
} search;

static point probe(search *s, double at)
{
    dt_lbfgs *l = s->l;
    for (int64_t i = 0; i < l->n; i++) l->trial[i] = l->x[i] + at * l->direction[i];
    l->trial_value = l->objective(l->context, l->trial, l->trial_gradient);
    l->evaluations++;
    s->left--;
    return (point){at, l->trial_value, dot(l->n, l->trial_gradient, l->direction)};
}

/* Sufficient decrease, c1 = 1e-4. False for NaN. */
static bool is_low(const search *s, point p)
{
    return p.value <= s->start.value + 1e-4 * p.at * s->start.slope;
}

static bool is_wolfe(const search *s, point p)
{
    return is_low(s, p) && fabs(p.slope) <= -0.9 * s->start.slope;
}

/* The minimum of the cubic through both (equation 3.59), away from the ends; the middle where there is none. */
static double between(point a, point b)
{
    double width = b.at - a.at, d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.at - b.at);
    double d2 = copysign(sqrt(d1 * d1 - a.slope * b.slope), width);
    double share = 1 - (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
    if (!isfinite(share)) share = 0.5;
    return a.at + width * fmin(fmax(share, 0.1), 0.9);
}

/* Algorithm 3.6: a step that fulfils the conditions lies between `low`, the lowest so far, and `high`. If the
 * evaluations are used up, `low` will do if it is lower than the start. */
static bool zoom(search *s, point low, point high)
{
    while (s->left > 1) {
        point p = probe(s, between(low, high));
        if (is_wolfe(s, p)) return true;
        if (!is_low(s, p) || p.value >= low.value) {
            high = p;
        } else {
            if (p.slope * (high.at - low.at) >= 0) high = low;
            low = p;
        }
    }
    return low.value < s->start.value && probe(s, low.at).value < s->start.value;
}

/* Algorithm 3.5, from the step `at` on; leaves the result in l->trial. False: nothing lower was found. */
static bool line_search(dt_lbfgs *l, double at)
{
    search s = {l, {0, l->value, dot(l->n, l->gradient, l->direction)}, 40};
    if (!(s.start.slope < 0)) return false;
    point last = s.start;
    while (s.left > 1) {
        point p = probe(&s, at);
        if (is_wolfe(&s, p)) return true;
        if (!is_low(&s, p) || (last.at > 0 && p.value >= last.value)) return zoom(&s, last, p);
        if (p.slope >= 0) return zoom(&s, p, last);
        last = p;
        at *= 2;
    }
    return last.value < s.start.value && probe(&s, last.at).value < s.start.value;
}

bool dt_lbfgs_step(dt_lbfgs *l)
{
    bool found = false;
    if (l->pairs > 0) {
        find_direction(l);
        found = line_search(l, 1);
        if (!found) l->pairs = 0; /* rounding has spoiled them: once more from the gradient alone */
    }
    if (!found) {
        double norm = dt_lbfgs_norm(l);
        find_direction(l);
        if (!(norm > 0) || !line_search(l, fmin(1, 1 / norm))) return false;
    }
    keep_pair(l);
    double *x = l->x, *gradient = l->gradient;
    l->x = l->trial, l->trial = x;
    l->gradient = l->trial_gradient, l->trial_gradient = gradient;
    l->value = l->trial_value;
    l->iterations++;
    return true;
}

dt_lbfgs_end dt_lbfgs_run(dt_lbfgs *l, double tolerance, int64_t iterations)
{
    for (; dt_lbfgs_norm(l) > tolerance; iterations--) {
        if (iterations == 0) return DT_LBFGS_ITERATIONS;
        if (!dt_lbfgs_step(l)) return DT_LBFGS_STUCK;
    }
    return isfinite(dt_lbfgs_norm(l)) ? DT_LBFGS_CONVERGED : DT_LBFGS_STUCK;
}
