/* "Second-order methods do not beat SGD in practice", put to the test: L-BFGS and GSL's BFGS and conjugate gradients,
 * which ask for the gradient of all images at once, against SGD on batches of 50, from the same first weights, at equal
 * numbers of examples whose gradient is computed. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>

#include "experiments/optimizers/objective.h"
#include "experiments/optimizers/parts.h"
#include "optim/lbfgs.h"

static const double penalty = 1e-4; /* without it, softmax regression need not have a minimum */

/* tanh: the line searches suppose that the gradient is continuous. */
static const deep_mlp smooth = {.depth = 1, .width = 50, .activation = dt_tanh, .init = DT_INIT_GLOROT};
static const dt_task smooth_task = {.id = "smooth",
                                    .title = "784-50-10, tanh",
                                    .model = &deep_mlp_model,
                                    .shape = &smooth,
                                    .loss = dt_softmax_xent,
                                    .frame = PIXELS};

/* ---- what is kept of each method: where it stands after so many passes over the images */

static const int64_t all_marks[] = {1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200};
enum { MARKS = sizeof all_marks / sizeof *all_marks };

typedef struct {
    dt_trial *trial;
    const dt_task *task;
    const char *title;
    dt_images images, validation;
    int64_t budget; /* passes over the images: gradients of all of them */
    int marks;      /* within the budget, which is the last */
    double done;
} duel;

typedef struct {
    double loss[MARKS], error[MARKS]; /* the loss with its penalty, of the training images; validation error, % */
    int next;
} record;

static void keep(record *r, double loss, double error)
{
    r->loss[r->next] = loss;
    r->error[r->next++] = error;
}

/* With the penalty. */
static double training_loss(const dt_network *net, const dt_backend *backend, const dt_images *images)
{
    double loss;
    dt_network_judge(net, backend, images, &loss);
    return loss + objective_penalty(net->params, penalty);
}

/* ---- methods for whole batches */

typedef struct {
    const char *name;
    /* Goes on by one iteration; false: it cannot. *at is the point reached. */
    bool (*step)(void *state, const double **at);
    void *state;
} minimizer;

/* The point reached with k evaluations is the last one that was accepted when no more than k had been made. */
static void follow(const duel *d, objective *o, const minimizer *m, const double *start, record *r)
{
    const double *at = start;
    bool going = true;
    while (r->next < d->marks && !dt_trial_stopped(d->trial)) {
        objective_set(o, at);
        double loss = training_loss(&o->net, o->backend, o->images);
        double error = dt_network_error(&o->net, o->backend, &d->validation);
        going = going && m->step(m->state, &at);
        while (r->next < d->marks && (!going || all_marks[r->next] < o->evaluations)) keep(r, loss, error);
        dt_trial_progress(d->trial, d->done, "%s, %s, pass %lld  loss %.4f", d->title, m->name,
                          (long long)o->evaluations, loss);
    }
}

static bool lbfgs_step(void *state, const double **at)
{
    dt_lbfgs *l = state;
    bool moved = dt_lbfgs_step(l);
    *at = l->x;
    return moved;
}

/* When GSL finds no way down, it is restarted along the gradient once before it counts as stuck. */
static bool gsl_step(void *state, const double **at)
{
    gsl_multimin_fdfminimizer *s = state;
    int status = gsl_multimin_fdfminimizer_iterate(s);
    if (status != GSL_SUCCESS) {
        gsl_multimin_fdfminimizer_restart(s);
        status = gsl_multimin_fdfminimizer_iterate(s);
    }
    *at = gsl_multimin_fdfminimizer_x(s)->data;
    return status == GSL_SUCCESS;
}

static double gsl_value(const gsl_vector *x, void *o)
{
    return objective_at(o, x->data, NULL);
}

static void gsl_gradient(const gsl_vector *x, void *o, gsl_vector *g)
{
    objective_at(o, x->data, g->data);
}

static void gsl_both(const gsl_vector *x, void *o, double *value, gsl_vector *g)
{
    *value = objective_at(o, x->data, g->data);
}

typedef enum { OURS, GSL_BFGS, GSL_CG, WHOLE } whole;
static const char *const whole_names[WHOLE] = {"L-BFGS", "BFGS (GSL)", "conjugate gradients (GSL)"};

static void run_gsl(const duel *d, objective *o, whole who, const double *start, record *r)
{
    const size_t n = (size_t)o->net.params->size;
    /* The first step's length, and how exact the line search is: what GSL's manual recommends. */
    const double first_step = 0.1, exactness = 0.1;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    gsl_multimin_fdfminimizer *s = gsl_multimin_fdfminimizer_alloc(
        who == GSL_BFGS ? gsl_multimin_fdfminimizer_vector_bfgs2 : gsl_multimin_fdfminimizer_conjugate_fr, n);
    DT_REQUIRE(s, "run_gsl: out of memory");
    gsl_multimin_function_fdf f = {gsl_value, gsl_gradient, gsl_both, n, o};
    gsl_vector_const_view x = gsl_vector_const_view_array(start, n);
    gsl_multimin_fdfminimizer_set(s, &f, &x.vector, first_step, exactness);
    follow(d, o, &(minimizer){whole_names[who], gsl_step, s}, start, r);
    gsl_multimin_fdfminimizer_free(s);
    gsl_set_error_handler(handler);
}

static void run_whole(const duel *d, whole who, record *r)
{
    objective o;
    objective_init(&o, d->task, dt_trial_backend(d->trial), &d->images, penalty, dt_trial_seed(d->trial));
    double *start = malloc((size_t)o.net.params->size * sizeof *start);
    DT_REQUIRE(start, "run_whole: out of memory");
    for (int64_t i = 0; i < o.net.params->size; i++) start[i] = (double)o.net.params->values[i];
    if (who == OURS) {
        dt_lbfgs l;
        dt_lbfgs_init(&l, o.net.params->size, start, 0, objective_at, &o);
        follow(d, &o, &(minimizer){whole_names[who], lbfgs_step, &l}, start, r);
        dt_lbfgs_free(&l);
    } else
        run_gsl(d, &o, who, start, r);
    free(start);
    objective_free(&o);
}

/* ---- SGD */

typedef struct {
    const duel *d;
    record now, best;
    double best_loss;
} sgd;

static void at_mark(void *context, const dt_trainer *t)
{
    sgd *s = context;
    record *r = &s->now;
    if (t->state.batch != 0 || r->next == s->d->marks || t->state.epoch != all_marks[r->next]) return;
    keep(r, training_loss(t->net, t->backend, &s->d->images), dt_network_error(t->net, t->backend, &s->d->validation));
}

static double sgd_at(void *context, double lr)
{
    sgd *s = context;
    const duel *d = s->d;
    lesson l = {.task = d->task,
                .images = &d->images,
                .name = d->title,
                .done = d->done,
                .after_step = at_mark,
                .context = s,
                .recipe = {.epochs = d->budget,
                           .batch = 50,
                           .optimizer.weight_decay = penalty,
                           .schedule = {.kind = DT_LINEAR, .lr = lr}}};
    course c;
    s->now = (record){0};
    train(d->trial, &l, &c);
    while (s->now.next < d->marks) keep(&s->now, INFINITY, 100); /* it broke down */
    double loss = s->now.loss[d->marks - 1];
    if (loss < s->best_loss) s->best = s->now, s->best_loss = loss;
    return loss;
}

/* ---- the trial */

static dt_status write_curve(const duel *d, const char *series, const record *r, dt_error *err)
{
    char panel[96];
    dt_status status = DT_OK;
    for (int k = 0; k < d->marks && k < r->next && status == DT_OK; k++) {
        snprintf(panel, sizeof panel, "%s: training loss", d->title);
        status = dt_trial_point(d->trial, panel, series, (double)all_marks[k], r->loss[k], err);
        snprintf(panel, sizeof panel, "%s: validation error (%%)", d->title);
        if (status == DT_OK) status = dt_trial_point(d->trial, panel, series, (double)all_marks[k], r->error[k], err);
    }
    return status;
}

/* The last mark at or before a tenth of the budget. */
static int early(const duel *d)
{
    int k = 0;
    while (k + 1 < d->marks && all_marks[k + 1] * 10 <= d->budget) k++;
    return k;
}

static dt_status fight(duel *d, const char *id, dt_error *err)
{
    char claim[64];
    double done = d->done;
    record r[WHOLE] = {{.next = 0}};
    sgd s = {.d = d, .best_loss = INFINITY};
    best_rate(0.1, sgd_at, &s);
    dt_status status = write_curve(d, "SGD", &s.best, err);
    for (int who = 0; who < WHOLE && status == DT_OK; who++) {
        d->done = done + 0.3 + 0.05 * who;
        run_whole(d, (whole)who, &r[who]);
        status = write_curve(d, whole_names[who], &r[who], err);
    }
    if (status != DT_OK || dt_trial_stopped(d->trial)) return status;
    int last = d->marks - 1, first = early(d);
    double loss = INFINITY, soon = INFINITY, error = INFINITY;
    for (int who = 0; who < WHOLE; who++) {
        loss = fmin(loss, r[who].loss[last]);
        soon = fmin(soon, r[who].loss[first]);
        error = fmin(error, r[who].error[last]);
    }
    snprintf(claim, sizeof claim, "%s_sgd", id);
    status = dt_trial_value(d->trial, claim, 100 * s.best.loss[last] / loss, err);
    snprintf(claim, sizeof claim, "%s_sgd_early", id);
    if (status == DT_OK) status = dt_trial_value(d->trial, claim, 100 * s.best.loss[first] / soon, err);
    snprintf(claim, sizeof claim, "%s_sgd_error", id);
    return status == DT_OK ? dt_trial_value(d->trial, claim, s.best.error[last] - error, err) : status;
}

dt_status second_order_run(dt_trial *trial, dt_error *err)
{
    static const int64_t budget[DT_PRESETS] = {2, 50, 200}, images[DT_PRESETS] = {500, 10000, 10000};
    dt_preset preset = dt_trial_preset(trial);
    duel d = {.trial = trial, .budget = budget[preset]};
    hold_out(dt_trial_images(trial), images[preset], &d.images, &d.validation);
    while (d.marks < MARKS && all_marks[d.marks] <= d.budget) d.marks++;
    d.task = &softmax_task;
    d.title = "softmax";
    dt_status status = fight(&d, "softmax", err);
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    d.task = &smooth_task;
    d.title = "784-50-10";
    d.done = 0.5;
    return fight(&d, "mlp", err);
}
