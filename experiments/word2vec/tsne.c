/* t-SNE, van der Maaten, Hinton 2008, "Visualizing data using t-SNE": with p_ij how likely i would choose j as its
 * neighbour in the space (a Gaussian whose width gives the same perplexity everywhere), and q_ij the same in the plane
 * (Student's t), the gradient of the divergence of q from p is 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2)
 * (eq. 5). All pairs are computed: for some thousand points. */
#include <math.h>
#include <stdlib.h>

#include "core/threads.h"
#include "experiments/word2vec/parts.h"

enum { EARLY = 100, GRAIN = 32 };
static const double EXAGGERATION = 4, RATE = 100;

typedef struct {
    int64_t n;
    double *p; /* [n][n]: first squared distances, then p_j|i, then p_ij */
    double perplexity;
    const double *xy;
    double *gradient; /* [n][2]: its two sums, */
    double *push;     /* [n][2]: of which this one lacks its factor 1/Z, */
    double *z;        /* [n]: and row i's part of Z */
    double exaggeration;
} map;

/* p_j|i for the width at which the entropy of row i is the logarithm of the perplexity, by bisection. */
static void weigh_rows(void *context, int64_t first, int64_t end)
{
    const map *m = context;
    for (int64_t i = first; i < end; i++) {
        double *row = m->p + i * m->n, low = 0, high = INFINITY, beta = 1;
        for (int step = 0; step < 60; step++) {
            double sum = 0, mean = 0;
            for (int64_t j = 0; j < m->n; j++) {
                const double w = j == i ? 0 : exp(-beta * row[j]);
                sum += w;
                mean += w * row[j];
            }
            const double entropy = sum > 0 ? log(sum) + beta * mean / sum : 0;
            *(entropy > log(m->perplexity) ? &low : &high) = beta;
            beta = isinf(high) ? 2 * beta : (low + high) / 2;
        }
        double sum = 0;
        for (int64_t j = 0; j < m->n; j++) sum += row[j] = j == i ? 0 : exp(-beta * row[j]);
        for (int64_t j = 0; j < m->n; j++) row[j] = sum > 0 ? row[j] / sum : 0;
    }
}

/* What attracts each point, and what repels it, apart: Z is known only when all rows are done. */
static void pull_rows(void *context, int64_t first, int64_t end)
{
    const map *m = context;
    for (int64_t i = first; i < end; i++) {
        double ax = 0, ay = 0, rx = 0, ry = 0, z = 0;
        for (int64_t j = 0; j < m->n; j++) {
            const double dx = m->xy[2 * i] - m->xy[2 * j], dy = m->xy[2 * i + 1] - m->xy[2 * j + 1];
            const double q = 1 / (1 + dx * dx + dy * dy), pull = m->exaggeration * m->p[i * m->n + j] * q;
            ax += pull * dx;
            ay += pull * dy;
            rx += q * q * dx;
            ry += q * q * dy;
            z += j == i ? 0 : q;
        }
        m->gradient[2 * i] = ax;
        m->gradient[2 * i + 1] = ay;
        m->push[2 * i] = rx;
        m->push[2 * i + 1] = ry;
        m->z[i] = z;
    }
}

static double *numbers(int64_t n)
{
    double *x = calloc((size_t)n, sizeof *x);
    DT_REQUIRE(x, "out of memory for a map");
    return x;
}

static void find_neighbours(map *m, const real *unit, int64_t dims)
{
    const int64_t n = m->n;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t k = 0; k < dims; k++) {
                const double d = (double)unit[i * dims + k] - (double)unit[j * dims + k];
                sum += d * d;
            }
            m->p[i * n + j] = sum;
        }
    dt_parallel_ranges(n, GRAIN, weigh_rows, m);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++)
            m->p[i * n + j] = m->p[j * n + i] = (m->p[i * n + j] + m->p[j * n + i]) / (2 * (double)n);
}

/* From the principal components, made small: similar words begin side by side. Steps with momentum; at first the
 * attraction is exaggerated, so that clusters form (section 3.4). */
void tsne(const real *unit, int64_t n, int64_t dims, double perplexity, int64_t steps, double *xy)
{
    map m = {.n = n,
             .p = numbers(n * n),
             .perplexity = perplexity < (double)n / 3 ? perplexity : (double)n / 3,
             .xy = xy,
             .gradient = numbers(2 * n),
             .push = numbers(2 * n),
             .z = numbers(n)};
    double *speed = numbers(2 * n), *gain = numbers(2 * n);
    find_neighbours(&m, unit, dims);
    principal_components(unit, n, dims, xy);
    for (int64_t i = 0; i < 2 * n; i++) xy[i] *= 1e-2, gain[i] = 1;
    for (int64_t step = 0; step < steps; step++) {
        double z = 0;
        m.exaggeration = step < EARLY ? EXAGGERATION : 1;
        dt_parallel_ranges(n, GRAIN, pull_rows, &m);
        for (int64_t i = 0; i < n; i++) z += m.z[i];
        for (int64_t i = 0; i < 2 * n; i++) {
            const double g = 4 * (m.gradient[i] - m.push[i] / z);
            gain[i] = g * speed[i] < 0 ? gain[i] + 0.2 : fmax(0.01, 0.8 * gain[i]);
            speed[i] = (step < EARLY ? 0.5 : 0.8) * speed[i] - RATE * gain[i] * g;
        }
        for (int64_t i = 0; i < 2 * n; i++) xy[i] += speed[i];
    }
    free(m.p);
    free(m.gradient);
    free(m.push);
    free(m.z);
    free(speed);
    free(gain);
}
