/* What the trials share: the methods, one training, the search for a rate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/optimizers/parts.h"
#include "models/deep_mlp.h"
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

/* One hidden layer of 100 rectified units. */
static void hidden_init(void *m, dt_params *params)
{
    deep_mlp *net = m;
    net->depth = 1;
    net->width = 100;
    net->activation = dt_relu;
    net->init = DT_INIT_HE;
    deep_mlp_init(net, params);
}

static dt_var *hidden_forward(const void *m, dt_var *x)
{
    return deep_mlp_forward(m, x);
}

dt_var *cross_entropy(dt_var *scores, const int32_t *labels)
{
    return dt_softmax_xent(scores, labels);
}

static const dt_model hidden_model = {sizeof(deep_mlp), hidden_init, hidden_forward};
const dt_task softmax_task = {
    .id = "softmax", .title = "softmax", .model = &linear_model, .loss = cross_entropy, .frame = PIXELS};
const dt_task hidden_task = {
    .id = "hidden", .title = "784-100-10", .model = &hidden_model, .loss = cross_entropy, .frame = PIXELS};

/* ---- one training */

/* The trainer stops at what is not a number; the rest of the course is then infinite. */
void train(dt_trial *trial, const lesson *l, course *c)
{
    dt_network net;
    dt_trainer t;
    DT_REQUIRE(l->recipe.epochs <= MOST_PASSES, "train: %lld passes", (long long)l->recipe.epochs);
    *c = (course){.lr = l->recipe.schedule.lr, .passes = l->recipe.epochs};
    for (int64_t p = 0; p < c->passes; p++) c->loss[p] = INFINITY;
    dt_network_init(&net, l->task, dt_trial_seed(trial));
    dt_trainer_init(&t, &net, dt_trial_backend(trial), l->images, &l->recipe, dt_trial_seed(trial));
    while (!dt_trainer_finished(&t) && !dt_trial_stopped(trial)) {
        if (dt_trainer_step(&t, NULL) != DT_OK) break;
        if (l->after_step) l->after_step(l->context, &t);
        if (t.state.batch == 0) c->loss[t.state.epoch - 1] = t.state.loss / (double)t.recipe.examples;
        dt_trial_progress(trial, l->done, "%s, rate %.3g, pass %lld/%lld  loss %.4f", l->name, c->lr,
                          (long long)(t.state.epoch + (t.state.batch > 0)), (long long)c->passes, t.step_loss);
    }
    dt_trainer_free(&t);
    dt_network_free(&net);
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

/* ---- judging */

enum { JUDGED = 512, JUDGED_SHARD = 64 };

typedef struct {
    const dt_network *net;
    const dt_images *images;
    int64_t first;
    real loss[JUDGED];
    int32_t label[JUDGED], answer[JUDGED];
} judgement;

static void judge_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    judgement *j = context;
    const dt_task *task = j->net->task;
    uint32_t order[JUDGED_SHARD];
    for (int64_t i = 0; i < count; i++) order[i] = (uint32_t)(j->first + first + i);
    dt_var *x = dt_input(tape, 4, (int64_t[]){j->images->channels, task->frame.height, task->frame.width, count});
    dt_batch_gather(j->images, &task->frame, order, count, x->value, j->label + first);
    dt_var *output = task->model->forward(j->net->model, x);
    dt_network_answers(j->net, output, j->answer + first);
    memcpy(j->loss + first, task->loss(output, j->label + first)->value, (size_t)count * sizeof *j->loss);
}

score judge(const dt_network *net, const dt_backend *backend, const dt_images *images)
{
    judgement j = {.net = net, .images = images};
    dt_shards shards;
    double loss = 0;
    int64_t wrong = 0;
    dt_shards_init(&shards, backend, net->params, JUDGED, JUDGED_SHARD);
    for (j.first = 0; j.first < images->count; j.first += JUDGED) {
        int64_t left = images->count - j.first, n = left < JUDGED ? left : JUDGED;
        dt_shards_run(&shards, n, false, judge_shard, &j);
        for (int64_t i = 0; i < n; i++) {
            loss += (double)j.loss[i];
            wrong += j.answer[i] != j.label[i];
        }
    }
    dt_shards_free(&shards);
    return (score){loss / (double)images->count, 100 * (double)wrong / (double)images->count};
}

void hold_out(const dt_images *images, int64_t most, dt_images *train_on, dt_images *validation)
{
    dt_images_split(images, images->count - images->count / 6, train_on, validation);
    if (most && train_on->count > most) train_on->count = most;
    if (most && validation->count > most) validation->count = most;
}

dt_status point(dt_trial *trial, const char *panel, const char *series, double x, double value, dt_error *err)
{
    return dt_trial_row(trial, err, "%llu\t%s\t%s\t%.6g\t%.6g", (unsigned long long)dt_trial_seed(trial), panel, series,
                        x, value);
}
