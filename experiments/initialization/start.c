/* The five-layer tanh network before its first update, from standard and from normalised weights (Glorot & Bengio 2010,
 * section 4.2: figs. 6, 7 and 8, and the Jacobians). Both draw the same numbers, at another scale. */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/initialization/parts.h"

enum { LAYERS = 5, STARTS = 2, KINDS = 3 };

static const dt_init_kind inits[STARTS] = {DT_INIT_STANDARD, DT_INIT_GLOROT};
static const char *const starts[STARTS] = {"standard", "normalised"};
/* activations, back-propagated gradients, weight gradients */
static const char *const kinds[KINDS] = {"z", "gradient of s", "gradient of w"};

void glance_init(glance *g, const dt_trial *trial, deep_mlp shape)
{
    const dt_images *images = dt_trial_images(trial);
    dt_rng stream = dt_rng_stream(dt_trial_seed(trial), "minibatch", 0);
    uint32_t order[GLANCE_IMAGES];
    for (uint64_t i = 0; i < GLANCE_IMAGES; i++) order[i] = dt_rng_below(stream, i, (uint32_t)images->count);
    g->net = shape;
    g->params = dt_params_new(dt_trial_seed(trial));
    deep_mlp_init(&g->net, g->params);
    g->tape = dt_tape_new(dt_trial_backend(trial), g->params, NULL);
    dt_params_zero_gradients(g->params);
    g->x = dt_input(g->tape, 4, (int64_t[]){1, pixels.height, pixels.width, GLANCE_IMAGES});
    dt_batch_gather(images, &pixels, order, GLANCE_IMAGES, g->x->value, g->labels);
    dt_backward(dt_softmax_xent(deep_mlp_watch(&g->net, g->x, g->s, g->z), g->labels), 1);
}

void glance_free(glance *g)
{
    dt_tape_free(g->tape);
    dt_params_free(g->params);
}

static deep_mlp tanh_network(const dt_trial *trial, int start)
{
    static const int64_t width[DT_PRESETS] = {100, 1000, 1000};
    return (deep_mlp){.depth = dt_trial_int(trial, "depth", LAYERS),
                      .width = dt_trial_int(trial, "width", width[dt_trial_preset(trial)]),
                      .activation = dt_tanh,
                      .init = inits[start]};
}

typedef struct {
    const real *value;
    int64_t count;
} numbers;

/* One of the three kinds, in hidden layer i + 1. */
static numbers look(const glance *g, int kind, int64_t i)
{
    const dt_param *w = g->net.hidden[i].weight;
    if (kind == 0) return (numbers){g->z[i]->value, g->z[i]->count};
    if (kind == 1) return (numbers){g->s[i]->gradient, g->s[i]->count};
    return (numbers){g->params->gradients + w->offset, w->count};
}

static double deviation(numbers x)
{
    double mean = 0, squares = 0;
    for (int64_t k = 0; k < x.count; k++) mean += (double)x.value[k] / (double)x.count;
    for (int64_t k = 0; k < x.count; k++) squares += pow((double)x.value[k] - mean, 2) / (double)x.count;
    return sqrt(squares);
}

/* The deviations of one kind as a curve over the layers, and as a claim how far they have faded on their way: that of
 * the first layer over that of the last, and for activations, which go up, the other way round. */
static dt_status deviations_of(dt_trial *trial, const glance *g, int kind, int start, dt_error *err)
{
    static const char *const claims[KINDS][STARTS] = {
        {"forward", "forward_n"}, {"backward", "backward_n"}, {"weights", "weights_n"}};
    int64_t depth = g->net.depth;
    dt_status status = curve_begin(trial, kinds[kind], starts[start], 1, err);
    for (int64_t i = 0; i < depth && status == DT_OK; i++)
        status = curve_point(trial, kinds[kind], starts[start], (double)i + 1, deviation(look(g, kind, i)), err);
    double ratio = deviation(look(g, kind, 0)) / deviation(look(g, kind, depth - 1));
    return status == DT_OK ? dt_trial_value(trial, claims[kind][start], kind == 0 ? 1 / ratio : ratio, err) : status;
}

dt_status start_run(dt_trial *trial, dt_error *err)
{
    dt_status status = DT_OK;
    for (int start = 0; start < STARTS && status == DT_OK; start++) {
        glance g;
        glance_init(&g, trial, tanh_network(trial, start));
        for (int kind = 0; kind < KINDS && status == DT_OK; kind++) status = deviations_of(trial, &g, kind, start, err);
        glance_free(&g);
    }
    return status;
}

/* Density of x / unit in bins of equal width around -range, ..., 0, ..., range. */
static dt_status histogram(dt_trial *trial, const char *panel, const char *series, numbers x, double unit, double range,
                           dt_error *err)
{
    enum { BINS = 61 };
    int64_t count[BINS] = {0};
    double width = 2 * range / (BINS - 1);
    for (int64_t k = 0; k < x.count; k++) {
        double bin = floor(((double)x.value[k] / unit + range) / width + 0.5);
        if (bin >= 0 && bin < BINS) count[(int)bin]++;
    }
    dt_status status = DT_OK;
    for (int b = 0; b < BINS && status == DT_OK; b++)
        status =
            curve_point(trial, panel, series, -range + b * width, (double)count[b] / ((double)x.count * width), err);
    return status;
}

dt_status histograms_run(dt_trial *trial, dt_error *err)
{
    static const double ranges[KINDS] = {1, 3, 3};
    dt_status status = DT_OK;
    for (int start = 0; start < STARTS && status == DT_OK; start++) {
        glance g;
        glance_init(&g, trial, tanh_network(trial, start));
        for (int kind = 0; kind < KINDS && status == DT_OK; kind++)
            for (int64_t i = 0; i < g.net.depth && i < 8 && status == DT_OK; i++) {
                char panel[64], series[32];
                snprintf(panel, sizeof panel, "%s, %s", kinds[kind], starts[start]);
                snprintf(series, sizeof series, "layer %lld", (long long)i + 1);
                double unit = kind == 0 ? 1 : deviation(look(&g, kind, g.net.depth - 1));
                status = histogram(trial, panel, series, look(&g, kind, i), unit, ranges[kind], err);
            }
        glance_free(&g);
    }
    return status;
}

/* ---- the Jacobian of the last hidden layer's activations with respect to those of the one below, for one image:
 * J = diag(1 - z^2) W, since tanh' = 1 - tanh^2 */

/* Its singular values: the roots of the eigenvalues of J'J, n of them, unordered. */
static void singular_values(const dt_backend *backend, int64_t n, const real *jacobian, double *value)
{
    real *square = malloc((size_t)(n * n) * sizeof *square);
    gsl_matrix *copy = gsl_matrix_alloc((size_t)n, (size_t)n);
    gsl_vector *eigen = gsl_vector_alloc((size_t)n);
    gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc((size_t)n);
    DT_REQUIRE(square && copy && eigen && work, "singular_values: out of memory");
    dt_kernel(backend, gemm)(true, false, n, n, n, jacobian, jacobian, 0, square);
    for (int64_t i = 0; i < n * n; i++) copy->data[i] = (double)square[i];
    gsl_eigen_symm(copy, eigen, work);
    for (int64_t i = 0; i < n; i++) value[i] = sqrt(fmax(0, gsl_vector_get(eigen, (size_t)i)));
    gsl_eigen_symm_free(work);
    gsl_vector_free(eigen);
    gsl_matrix_free(copy);
    free(square);
}

static real *jacobian_of(const glance *g)
{
    int64_t n = g->net.width, top = g->net.depth - 1;
    real *jacobian = malloc((size_t)(n * n) * sizeof *jacobian);
    DT_REQUIRE(jacobian, "jacobian_of: out of memory");
    const real *w = g->params->values + g->net.hidden[top].weight->offset;
    for (int64_t i = 0; i < n; i++) {
        real z = g->z[top]->value[i * GLANCE_IMAGES]; /* of the first image */
        for (int64_t k = 0; k < n; k++) jacobian[i * n + k] = (1 - z * z) * w[i * n + k];
    }
    return jacobian;
}

static dt_status jacobian_from(dt_trial *trial, int start, dt_error *err)
{
    static const char *const claims[STARTS] = {"jacobian", "jacobian_n"};
    enum { BINS = 30 };
    glance g;
    glance_init(&g, trial, tanh_network(trial, start));
    int64_t n = g.net.width;
    double *value = malloc((size_t)n * sizeof *value), mean = 0, width = 2.0 / BINS;
    DT_REQUIRE(value, "jacobian_from: out of memory");
    real *jacobian = jacobian_of(&g);
    singular_values(g.tape->backend, n, jacobian, value);
    int64_t count[BINS] = {0};
    for (int64_t i = 0; i < n; i++) {
        mean += value[i] / (double)n;
        if (value[i] < 2) count[(int)(value[i] / width)]++;
    }
    dt_status status = curve_begin(trial, "density", starts[start], width / 2, err);
    for (int b = 0; b < BINS && status == DT_OK; b++)
        status = curve_point(trial, "density", starts[start], (b + 0.5) * width, (double)count[b] / ((double)n * width),
                             err);
    free(jacobian);
    free(value);
    glance_free(&g);
    return status == DT_OK ? dt_trial_value(trial, claims[start], mean, err) : status;
}

dt_status jacobian_run(dt_trial *trial, dt_error *err)
{
    dt_status status = DT_OK;
    for (int start = 0; start < STARTS && status == DT_OK && !dt_trial_stopped(trial); start++) {
        dt_trial_progress(trial, start / (double)STARTS, "%s weights", starts[start]);
        status = jacobian_from(trial, start, err);
    }
    return status;
}
