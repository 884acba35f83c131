/* How a stack is trained (Vincent et al. 2010, section 3.5): layer after layer as autoencoders, then all of it with
 * labels. Every stage is a dt_training of one network, whose parameters are handed on. */
#include <stdlib.h>
#include <string.h>

#include "experiments/dae/parts.h"

DT_MODEL(sdae);

static const dt_frame frame = {SIDE, SIDE, 0, 1};

/* [1,N] -> [N]. */
static dt_var *as_it_is(dt_var *output, const int32_t *labels)
{
    (void)labels;
    return dt_reshape(output, 1, (int64_t[]){dt_batch(output)});
}

/* ---- flags */

dae_noise noise_flag(const dt_trial *trial)
{
    const char *name = dt_flag_text(dt_trial_flags(trial), "noise");
    return strcmp(name, "masking") == 0    ? DAE_MASKING
           : strcmp(name, "gaussian") == 0 ? DAE_GAUSSIAN
                                           : DAE_SALT_AND_PEPPER;
}

double level_flag(const dt_trial *trial, double level)
{
    const dt_flags *flags = dt_trial_flags(trial);
    return dt_flag_given(flags, "level") ? dt_flag_real(flags, "level") : level;
}

int64_t size_flag(const dt_trial *trial, const char *name, int64_t preset)
{
    const dt_flags *flags = dt_trial_flags(trial);
    return dt_flag_given(flags, name) ? dt_flag_int(flags, name) : preset;
}

void stack_noise(const dt_trial *trial, sdae *shape, double level)
{
    shape->noise = noise_flag(trial);
    for (int i = 0; i < SDAE_LAYERS; i++) shape->level[i] = level_flag(trial, level);
}

stack_plan stack_flags(const dt_trial *trial, stack_plan plan)
{
    const dt_flags *flags = dt_trial_flags(trial);
    plan.shape.layers = (int)size_flag(trial, "layers", plan.shape.layers);
    plan.shape.hidden = size_flag(trial, "hidden", plan.shape.hidden);
    plan.shape.untied = dt_flag_on(flags, "untied");
    plan.shape.sparsity = dt_flag_real(flags, "sparsity");
    plan.shape.contraction = dt_flag_real(flags, "contraction");
    if (plan.pretrain > 0) plan.pretrain = dt_trial_int(trial, "pretrain", plan.pretrain);
    plan.epochs = dt_trial_int(trial, "epochs", plan.epochs);
    plan.batch = dt_trial_int(trial, "batch", plan.batch);
    plan.lr = dt_trial_real(trial, "lr", plan.lr);
    plan.lr_pretrain = dt_trial_real(trial, "lr-pretrain", plan.lr_pretrain);
    return plan;
}

/* ---- one stage */

dt_task stack_task(const sdae *shape)
{
    const bool labels = shape->stage == shape->layers;
    return (dt_task){.id = "sdae",
                     .title = labels ? "stack" : "autoencoder",
                     .model = &sdae_model,
                     .loss = labels ? dt_softmax_xent : as_it_is,
                     .shape = shape,
                     .frame = frame};
}

static dt_recipe recipe_of(const stack *s, bool labels)
{
    const stack_plan *p = &s->plan;
    return (dt_recipe){.epochs = labels ? p->epochs : p->pretrain,
                       .batch = p->batch,
                       .shard = 20,
                       .schedule = {.kind = p->falls ? DT_LINEAR : DT_CONSTANT, .lr = labels ? p->lr : p->lr_pretrain},
                       .optimizer = {.momentum = p->momentum},
                       .examples = s->train};
}

static size_t bytes_of(const stack *s)
{
    return (size_t)s->size * sizeof(real);
}

static dt_status keep(stack *s, const dt_training *t, const dt_blob *own, bool load, dt_error *err)
{
    dt_blob blobs[3 + DT_TRAINER_BLOBS] = {*own, {"stack", &s->at, sizeof s->at}, {"best", s->best, bytes_of(s)}};
    const int n = 3 + dt_trainer_blobs(&t->trainer, blobs + 3);
    return load ? dt_trial_load(s->trial, blobs, n, err) : dt_trial_keep(s->trial, blobs, n, err);
}

/* At the end of a pass with labels: is it the best so far? */
static void validate(stack *s, const dt_training *t)
{
    dt_images seen, valid;
    dt_images_split(s->images, s->train, &seen, &valid);
    const double error = dt_network_error(&t->net, t->trainer.backend, &valid);
    if (s->at.best_epoch > 0 && error >= s->at.best_error) return;
    s->at.best_epoch = t->trainer.state.epoch;
    s->at.best_error = error;
    memcpy(s->best, t->net.params->values, bytes_of(s));
}

/* Where the stages of a stack lie in its progress: a pass with labels counts as much as one of an autoencoder. */
static void place(const stack *s, dt_training *t)
{
    const stack_plan *p = &s->plan;
    const double passes = (double)(p->pretrain * p->shape.layers + p->epochs);
    t->before = s->before + s->share * (double)(p->pretrain * s->at.stage) / passes;
    t->share = s->share * (double)t->trainer.recipe.epochs / passes;
}

static dt_status train_stage(stack *s, const dt_blob *own, bool load, dt_error *err)
{
    sdae shape = s->plan.shape;
    shape.stage = (int)s->at.stage;
    const bool labels = shape.stage == shape.layers;
    const dt_task task = stack_task(&shape);
    const dt_recipe recipe = recipe_of(s, labels);
    dt_training t;
    dt_training_init(&t, s->trial, s->plan.name, &task, s->images, &recipe);
    memcpy(t.net.params->values, s->values, bytes_of(s));
    place(s, &t);
    dt_status status = load ? keep(s, &t, own, true, err) : DT_OK;
    while (status == DT_OK && !dt_trainer_finished(&t.trainer) && !dt_trial_stopped(s->trial)) {
        const int64_t epoch = t.trainer.state.epoch;
        status = dt_training_until(&t, dt_training_steps(&t) + 1, NULL, err);
        if (status == DT_OK && labels && t.trainer.state.epoch > epoch) validate(s, &t);
        if (status == DT_OK) status = keep(s, &t, own, false, err);
    }
    memcpy(s->values, labels && s->at.best_epoch > 0 ? s->best : t.net.params->values, bytes_of(s));
    dt_training_free(&t);
    return status;
}

/* ---- the stack */

void stack_init(stack *s, dt_trial *trial, const dt_images *images, int64_t train, const stack_plan *plan)
{
    *s = (stack){.trial = trial, .images = images, .train = train, .plan = *plan, .share = 1};
    if (plan->pretrain == 0) s->at.stage = plan->shape.layers;
    const dt_task task = stack_task(&s->plan.shape);
    dt_network first;
    dt_network_init(&first, &task, dt_trial_seed(trial));
    s->size = first.params->size;
    s->values = malloc(bytes_of(s));
    s->best = calloc(1, bytes_of(s));
    DT_REQUIRE(s->values && s->best, "stack_init: out of memory");
    memcpy(s->values, first.params->values, bytes_of(s));
    dt_network_free(&first);
}

void stack_free(stack *s)
{
    free(s->values);
    free(s->best);
    *s = (stack){0};
}

dt_status stack_train(stack *s, const dt_blob *own, bool load, dt_error *err)
{
    dt_status status = DT_OK;
    if (load) status = dt_trial_load(s->trial, &(dt_blob){"stack", &s->at, sizeof s->at}, 1, err);
    for (; status == DT_OK && s->at.stage <= s->plan.shape.layers; s->at.stage++, load = false) {
        status = train_stage(s, own, load, err);
        if (dt_trial_stopped(s->trial)) break;
    }
    return status;
}

static double error_on(const stack *s, const dt_images *images)
{
    sdae shape = s->plan.shape;
    shape.stage = shape.layers;
    const dt_task task = stack_task(&shape);
    dt_network net;
    dt_network_init(&net, &task, dt_trial_seed(s->trial));
    memcpy(net.params->values, s->values, bytes_of(s));
    const double error = dt_network_error(&net, dt_trial_backend(s->trial), images);
    dt_network_free(&net);
    return error;
}

dt_status stack_judge(const stack *s, variant_kind kind, double *error, dt_error *err)
{
    static const int64_t most[DT_PAPER] = {500, 10000};
    const dt_preset preset = dt_trial_preset(s->trial);
    dt_images exam;
    dt_status status = DT_OK;
    *error = s->at.best_error;
    if (dt_flag_on(dt_trial_flags(s->trial), "validate")) return DT_OK;
    if (kind == VARIANTS)
        status = dt_trial_exam(s->trial, &exam, err);
    else
        status = variant_exam(s->trial, kind, preset == DT_PAPER ? variants[kind].test : most[preset], &exam, err);
    if (status != DT_OK) return status;
    *error = error_on(s, &exam);
    dt_images_free(&exam);
    return DT_OK;
}
