#include "models/perceptron.h"

#include <math.h>
#include <stddef.h>

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += a[k] * b[k];
    return sum;
}

double perceptron_score(const perceptron_data *d, const double *w, int64_t i)
{
    return dot(w, d->x + i * d->dim, d->dim);
}

/* y_i w.x_i: positive where the answer is right. */
static double margin_of(const perceptron_data *d, const double *w, int64_t i)
{
    return d->y[i] * perceptron_score(d, w, i);
}

static void move(const perceptron_data *d, int64_t i, double step, double *w)
{
    for (int64_t k = 0; k < d->dim; k++) w[k] += step * d->y[i] * d->x[i * d->dim + k];
}

int64_t perceptron_pass(const perceptron_data *d, const uint32_t *order, double rate, double *w)
{
    int64_t mistakes = 0;
    for (int64_t t = 0; t < d->n; t++) {
        int64_t i = order ? order[t] : t;
        if (margin_of(d, w, i) > 0) continue;
        move(d, i, rate, w);
        mistakes++;
    }
    return mistakes;
}

void logistic_pass(const perceptron_data *d, const uint32_t *order, double rate, double decay, double *w)
{
    for (int64_t t = 0; t < d->n; t++) {
        int64_t i = order ? order[t] : t;
        double wrong = 1 / (1 + exp(margin_of(d, w, i)));
        for (int64_t k = 0; k < d->dim; k++) w[k] -= rate * decay * w[k];
        move(d, i, rate * wrong, w);
    }
}

double logistic_loss(const perceptron_data *d, double decay, const double *w, double *gradient)
{
    double sum = 0;
    if (gradient)
        for (int64_t k = 0; k < d->dim; k++) gradient[k] = decay * w[k];
    for (int64_t i = 0; i < d->n; i++) {
        double margin = margin_of(d, w, i), wrong = 1 / (1 + exp(margin));
        sum += margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin; /* never exp of something large */
        if (gradient) move(d, i, -wrong / (double)d->n, gradient);
    }
    return sum / (double)d->n + decay / 2 * dot(w, w, d->dim);
}

double perceptron_error(const perceptron_data *d, const double *w)
{
    int64_t wrong = 0;
    for (int64_t i = 0; i < d->n; i++) wrong += margin_of(d, w, i) <= 0;
    return 100.0 * (double)wrong / (double)d->n;
}

novikoff_bound perceptron_bound(const perceptron_data *d, const double *u)
{
    novikoff_bound b = {0, INFINITY, INFINITY};
    double length = sqrt(dot(u, u, d->dim));
    for (int64_t i = 0; i < d->n; i++) {
        const double *x = d->x + i * d->dim;
        b.radius = fmax(b.radius, sqrt(dot(x, x, d->dim)));
        b.margin = fmin(b.margin, margin_of(d, u, i) / length);
    }
    if (b.margin > 0) b.mistakes = b.radius / b.margin * (b.radius / b.margin);
    return b;
}

int64_t perceptron_learn(const perceptron_data *d, double most, double *w)
{
    int64_t mistakes = 0, before;
    for (int64_t k = 0; k < d->dim; k++) w[k] = 0;
    do {
        before = mistakes;
        mistakes += perceptron_pass(d, NULL, 1, w);
    } while (mistakes > before && (double)mistakes <= most);
    return mistakes;
}
