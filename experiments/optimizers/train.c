/* What the trials share: the methods, one training, the search for a rate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/optimizers/parts.h"
#include "models/linear.h"

const method methods[METHODS] = {
    [SGD] = {"SGD", {.kind = DT_SGD}, 0.1},
    [MOMENTUM] = {"momentum", {.kind = DT_SGD, .momentum = 0.9}, 0.03},
    [NESTEROV] = {"Nesterov", {.kind = DT_SGD, .momentum = 0.9, .nesterov = true}, 0.03},
    [ADAGRAD] = {"AdaGrad", {DT_USUAL_ADAGRAD}, 0.01},
    [RMSPROP] = {"RMSProp", {DT_USUAL_RMSPROP}, 0.001},
    [ADADELTA] = {"AdaDelta", {DT_USUAL_ADADELTA}, 1},
    [ADAM] = {"Adam", {DT_USUAL_ADAM}, 0.001},
};

/* ---- the networks of more than one trial */

DT_MODEL(linear);
const dt_task softmax_task = {
    .id = "softmax", .title = "softmax", .model = &linear_model, .loss = dt_softmax_xent, .frame = PIXELS};

static const deep_mlp hidden = {.depth = 1, .width = 100, .activation = dt_relu, .init = DT_INIT_HE};
const dt_task hidden_task = {.id = "hidden",
                             .title = "784-100-10",
                             .model = &deep_mlp_model,
                             .shape = &hidden,
                             .loss = dt_softmax_xent,
                             .frame = PIXELS};

/* ---- one training */

/* The trainer stops at what is not a number; the rest of the course is then infinite. */
void train(dt_trial *trial, const lesson *l, course *c)
{
    dt_training t;
    DT_REQUIRE(l->recipe.epochs <= MOST_PASSES, "train: %lld passes", (long long)l->recipe.epochs);
    *c = (course){.lr = l->recipe.schedule.lr, .passes = l->recipe.epochs};
    for (int64_t p = 0; p < c->passes; p++) c->loss[p] = INFINITY;
    dt_training_init(&t, trial, l->name, l->task, l->images, &l->recipe);
    t.before = l->done;
    t.share = 0; /* nobody knows how many trainings a search takes */
    while (!dt_trainer_finished(&t.trainer) && !dt_trial_stopped(trial)) {
        if (dt_training_until(&t, dt_training_steps(&t) + 1, NULL, NULL) != DT_OK) break;
        if (l->after_step) l->after_step(l->context, &t.trainer);
        if (t.trainer.state.batch == 0) c->loss[t.trainer.state.epoch - 1] = dt_training_loss(&t);
    }
    dt_training_free(&t);
}

/* ---- the rate */

double best_rate(double usual, double (*cost)(void *context, double lr), void *context)
{
    double best = cost(context, usual), at = usual;
    for (int way = 1; way >= -1; way -= 2) {
        bool moved = false;
        for (int k = 1; k <= MOST_WALK; k++) {
            double lr = usual * pow(10, way * k / 2.0), next = cost(context, lr);
            if (!(next < best)) break;
            best = next, at = lr, moved = true;
        }
        if (moved) break; /* the other neighbour is where it came from */
    }
    return at;
}

typedef struct {
    dt_trial *trial;
    lesson lesson;
    course *best;
} search;

static double last_loss(void *context, double lr)
{
    search *s = context;
    course c;
    s->lesson.recipe.schedule.lr = lr;
    train(s->trial, &s->lesson, &c);
    double loss = c.loss[c.passes - 1];
    if (s->best->passes == 0 || loss < s->best->loss[s->best->passes - 1]) *s->best = c;
    return loss;
}

void train_best(dt_trial *trial, const lesson *l, double usual, course *best)
{
    search s = {trial, *l, best};
    *best = (course){0};
    best_rate(usual, last_loss, &s);
}

void hold_out(const dt_images *images, int64_t most, dt_images *train_on, dt_images *validation)
{
    dt_images_hold_out(images, 6, train_on, validation);
    if (most && train_on->count > most) train_on->count = most;
    if (most && validation->count > most) validation->count = most;
}
