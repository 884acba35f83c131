#include "optim/optimizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "optim/spec.h"

static int blocks_of(const dt_optimizer_recipe *recipe)
{
    switch (recipe->kind) {
    case DT_SGD:
        return recipe->momentum != 0;
    case DT_ADAGRAD:
    case DT_RMSPROP:
        return 1;
    case DT_ADADELTA:
    case DT_ADAM:
        return 2;
    }
    dt_misuse("dt_optimizer_init: unknown kind %d", (int)recipe->kind);
}

void dt_optimizer_init(dt_optimizer *o, const dt_params *params, const dt_optimizer_recipe *recipe)
{
    DT_REQUIRE(recipe->momentum >= 0 && recipe->momentum < 1 && recipe->rho >= 0 && recipe->rho < 1,
               "dt_optimizer_init: momentum %g and rho %g must be at least 0 and below 1", recipe->momentum,
               recipe->rho);
    DT_REQUIRE(recipe->kind == DT_SGD || recipe->epsilon > 0, "dt_optimizer_init: epsilon is %g, must be above 0",
               recipe->epsilon);
    *o = (dt_optimizer){.recipe = *recipe, .blocks = blocks_of(recipe)};
    size_t bytes = (size_t)params->size * sizeof(real);
    for (int i = 0; i < o->blocks; i++) {
        o->block[i] = aligned_alloc(64, bytes);
        DT_REQUIRE(o->block[i], "dt_optimizer_init: out of memory");
        memset(o->block[i], 0, bytes);
    }
}

void dt_optimizer_free(dt_optimizer *o)
{
    for (int i = 0; i < o->blocks; i++) free(o->block[i]);
    *o = (dt_optimizer){0};
}

static void sgd(const dt_optimizer *o, const dt_backend *backend, dt_params *params, double lr)
{
    dt_sgd_update update = {0, (real)o->recipe.momentum, 0, o->recipe.nesterov};
    for (int i = 0; i < params->n; i++) {
        const dt_param *p = params->list[i];
        if (p->rate > 0) continue;
        update.lr = (real)(lr * p->lr_mult);
        update.weight_decay = p->decays ? (real)(o->recipe.weight_decay * p->decay_mult) : 0;
        dt_kernel(backend, sgd_step)(&update, p->count, params->gradients + p->offset,
                                     o->blocks ? o->block[0] + p->offset : NULL, params->values + p->offset);
    }
}

static void adaptive(const dt_optimizer *o, const dt_backend *backend, dt_params *params, double lr)
{
    const dt_optimizer_recipe *r = &o->recipe;
    dt_adaptive_update update = {
        .epsilon = (real)r->epsilon, .first_rate = (real)(1 - r->momentum), .second_rate = (real)(1 - r->rho)};
    if (r->kind == DT_ADAM) {
        double t = (double)o->steps;
        lr /= 1 - pow(r->momentum, t);
        update.root_scale = (real)(1 / sqrt(1 - pow(r->rho, t)));
    }
    for (int i = 0; i < params->n; i++) {
        const dt_param *p = params->list[i];
        if (p->rate > 0) continue;
        const real *gradient = params->gradients + p->offset;
        real *values = params->values + p->offset, *first = o->block[0] + p->offset,
             *second = o->blocks > 1 ? o->block[1] + p->offset : NULL;
        update.lr = (real)(lr * p->lr_mult);
        update.weight_decay = p->decays ? (real)(r->weight_decay * p->decay_mult) : 0;
        if (r->kind == DT_ADAGRAD)
            dt_kernel(backend, adagrad_step)(&update, p->count, gradient, first, values);
        else if (r->kind == DT_RMSPROP)
            dt_kernel(backend, rmsprop_step)(&update, p->count, gradient, first, values);
        else if (r->kind == DT_ADADELTA)
            dt_kernel(backend, adadelta_step)(&update, p->count, gradient, first, second, values);
        else
            dt_kernel(backend, adam_step)(&update, p->count, gradient, first, second, values);
    }
}

/* Running averages: dt_params_add_running. */
static void follow(const dt_backend *backend, dt_params *params)
{
    for (int i = 0; i < params->n; i++) {
        const dt_param *p = params->list[i];
        if (p->rate == 0) continue;
        dt_sgd_update update = {.lr = (real)p->rate};
        dt_kernel(backend, sgd_step)(&update, p->count, params->gradients + p->offset, NULL,
                                     params->values + p->offset);
    }
}

void dt_optimizer_step(dt_optimizer *o, const dt_backend *backend, dt_params *params, double lr)
{
    o->steps++;
    follow(backend, params);
    if (o->recipe.kind == DT_SGD)
        sgd(o, backend, params, lr);
    else
        adaptive(o, backend, params, lr);
}

/* ---- as text */

enum { SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADADELTA, ADAM };

#define MOMENTUM_IS "MOMENTUM", DT_SPEC_SHARE, 0.9
static const dt_spec specs[] = {
    [SGD] = {"sgd", 0, 0, 0, {{0}}},
    [MOMENTUM] = {"momentum", 0, 1, 1, {{MOMENTUM_IS}}},
    [NESTEROV] = {"nesterov", 0, 1, 1, {{MOMENTUM_IS}}},
    [ADAGRAD] = {"adagrad", 0, 0, 1, {{"EPSILON", DT_SPEC_POSITIVE, 1e-8}}},
    [RMSPROP] = {"rmsprop", 0, 1, 2, {{"RHO", DT_SPEC_SHARE, 0.9}, {"EPSILON", DT_SPEC_POSITIVE, 1e-8}}},
    [ADADELTA] = {"adadelta", 0, 1, 2, {{"RHO", DT_SPEC_SHARE, 0.95}, {"EPSILON", DT_SPEC_POSITIVE, 1e-6}}},
    [ADAM] = {"adam",
              0,
              2,
              3,
              {{"BETA1", DT_SPEC_SHARE, 0.9}, {"BETA2", DT_SPEC_SHARE, 0.999}, {"EPSILON", DT_SPEC_POSITIVE, 1e-8}}},
    {.name = NULL}};

dt_status dt_optimizer_parse(const char *text, dt_optimizer_recipe *recipe, dt_error *err)
{
    int which;
    double x[DT_SPEC_NUMBERS];
    dt_status status = dt_spec_parse("the optimizer", specs, text, &which, x, err);
    if (status != DT_OK) return status;
    double decay = recipe->weight_decay;
    switch (which) {
    case SGD:
        *recipe = (dt_optimizer_recipe){.kind = DT_SGD};
        break;
    case MOMENTUM:
    case NESTEROV:
        *recipe = (dt_optimizer_recipe){.kind = DT_SGD, .momentum = x[0], .nesterov = which == NESTEROV};
        break;
    case ADAGRAD:
        *recipe = (dt_optimizer_recipe){.kind = DT_ADAGRAD, .epsilon = x[0]};
        break;
    case RMSPROP:
    case ADADELTA:
        *recipe =
            (dt_optimizer_recipe){.kind = which == RMSPROP ? DT_RMSPROP : DT_ADADELTA, .rho = x[0], .epsilon = x[1]};
        break;
    default:
        *recipe = (dt_optimizer_recipe){.kind = DT_ADAM, .momentum = x[0], .rho = x[1], .epsilon = x[2]};
    }
    recipe->weight_decay = decay;
    return DT_OK;
}

const char *dt_optimizer_name(const dt_optimizer_recipe *r, char *buf, size_t size)
{
    switch (r->kind) {
    case DT_SGD:
        return dt_spec_text(&specs[r->momentum == 0 ? SGD
                                   : r->nesterov    ? NESTEROV
                                                    : MOMENTUM],
                            &r->momentum, buf, size);
    case DT_ADAGRAD:
        return dt_spec_text(&specs[ADAGRAD], &r->epsilon, buf, size);
    case DT_RMSPROP:
    case DT_ADADELTA:
        return dt_spec_text(&specs[r->kind == DT_RMSPROP ? RMSPROP : ADADELTA], (double[]){r->rho, r->epsilon}, buf,
                            size);
    case DT_ADAM:
        return dt_spec_text(&specs[ADAM], (double[]){r->momentum, r->rho, r->epsilon}, buf, size);
    }
    dt_misuse("dt_optimizer_name: unknown kind %d", (int)r->kind);
}
