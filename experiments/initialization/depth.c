/* How the gradient that reaches the first layer depends on the number of layers above it, before the first update. For
 * weights of mean 0, a layer of n units multiplies the mean square of back-propagated gradients by
 *
 *     n Var[w] E[f'(s)^2]         (Glorot & Bengio 2010, eq. 6)
 *
 * so its root is the factor per layer: with standard weights n Var[w] = 1/3, with normalised ones 1, with He's 2. */
#include <math.h>
#include <string.h>

#include "experiments/initialization/parts.h"

typedef struct {
    const char *name;
    dt_var *(*activation)(dt_var *s);
    int64_t most; /* layers */
} unit;
static const unit units[] = {
    {"sigmoid", dt_sigmoid, 10}, {"tanh", dt_tanh, 10}, {"softsign", dt_softsign, 10}, {"ReLU", dt_relu, 30}};

typedef struct {
    const char *name;
    dt_init_kind init;
} start;
static const start starts[] = {
    {"standard", DT_INIT_STANDARD}, {"normalised (Xavier)", DT_INIT_GLOROT}, {"He", DT_INIT_HE}};

/* What is claimed: the factor per layer. */
static const struct {
    const char *id, *unit, *start;
} claims[] = {{"depth_sigmoid", "sigmoid", "standard"},
              {"depth_relu", "ReLU", "normalised (Xavier)"},
              {"depth_relu_he", "ReLU", "He"}};

/* The root mean square over the images of the norm of one image's gradient with respect to the first layer's weights,
 * which are the products of its back-propagated gradients and its pixels. */
static double first_gradient(const glance *g)
{
    double squares = 0;
    for (int64_t n = 0; n < GLANCE_IMAGES; n++) {
        double back = 0, in = 0;
        for (int64_t k = n; k < g->s[0]->count; k += GLANCE_IMAGES) back += pow((double)g->s[0]->gradient[k], 2);
        for (int64_t k = n; k < g->x->count; k += GLANCE_IMAGES) in += pow((double)g->x->value[k], 2);
        squares += back * in / GLANCE_IMAGES;
    }
    return sqrt(squares);
}

static dt_status curve(dt_trial *trial, const unit *u, const start *from, dt_error *err)
{
    double first = 0, last = 0;
    dt_status status = curve_begin(trial, u->name, from->name, 1, err);
    for (int64_t depth = 1; depth <= u->most && status == DT_OK; depth++) {
        glance g;
        glance_init(&g, trial,
                    (deep_mlp){.depth = depth,
                               .width = dt_trial_int(trial, "width", 100),
                               .activation = u->activation,
                               .init = from->init});
        last = first_gradient(&g);
        if (depth == 1) first = last;
        glance_free(&g);
        status = curve_point(trial, u->name, from->name, (double)depth, last, err);
    }
    for (size_t i = 0; i < sizeof claims / sizeof *claims && status == DT_OK; i++)
        if (strcmp(claims[i].unit, u->name) == 0 && strcmp(claims[i].start, from->name) == 0)
            status = dt_trial_value(trial, claims[i].id, pow(last / first, 1 / (double)(u->most - 1)), err);
    return status;
}

dt_status depth_run(dt_trial *trial, dt_error *err)
{
    enum { UNITS = sizeof units / sizeof *units, STARTS = sizeof starts / sizeof *starts };
    dt_status status = DT_OK;
    for (int u = 0; u < UNITS; u++)
        for (int from = 0; from < STARTS && status == DT_OK && !dt_trial_stopped(trial); from++) {
            dt_trial_progress(trial, (u + from / (double)STARTS) / UNITS, "%s, %s", units[u].name, starts[from].name);
            status = curve(trial, &units[u], &starts[from], err);
        }
    return status;
}
