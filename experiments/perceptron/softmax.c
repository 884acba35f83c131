/* The linear unit's modern form, one for each of ten classes, by the recipe that is documented with its number. */
#include "experiments/perceptron/parts.h"
#include "models/linear.h"
#include "run/trainer.h"

DT_MODEL(linear);

static dt_var *cross_entropy(dt_var *scores, const int32_t *labels)
{
    return dt_softmax_xent(scores, labels);
}

/* deeplearning.net's logistic_sgd: 74 passes over 50,000 images whose pixels are 0 to 1, batches of 600, constant rate,
 * no momentum, weights from 0, judged by 16 whole batches of test images: its number, 7.489583 %, is 719 of 9,600. */
static const dt_task task = {"softmax",     "softmax regression",    &linear_model,
                             cross_entropy, .frame = {28, 28, 0, 1}, .exam = 9600};
/* The defaults of --epochs, --batch and --lr are the rest of the recipe. */
static const dt_recipe documented = {.shard = 100, .schedule.kind = DT_CONSTANT, .examples = 50000};

static dt_recipe recipe_of(const dt_trial *trial)
{
    const dt_flags *flags = dt_trial_flags(trial);
    dt_recipe r = documented;
    r.epochs = dt_flag_int(flags, "epochs");
    r.batch = dt_flag_int(flags, "batch");
    r.schedule.lr = dt_flag_real(flags, "lr");
    if (dt_trial_preset(trial) == DT_SMOKE) r.examples = 2000;
    if (dt_trial_preset(trial) == DT_SMOKE && !dt_flag_given(flags, "epochs")) r.epochs = 2;
    int64_t count = dt_trial_images(trial)->count;
    if (r.examples > count) r.examples = count;
    return r;
}

static dt_status train(dt_trial *trial, dt_trainer *t, dt_error *err)
{
    dt_status status = DT_OK;
    while (!dt_trainer_finished(t) && status == DT_OK && !dt_trial_stopped(trial)) {
        status = dt_trainer_step(t, err);
        dt_trial_progress(trial, (double)(t->state.epoch * t->batches + t->state.batch) / (double)dt_trainer_steps(t),
                          "epoch %lld/%lld  loss %.4f", (long long)t->state.epoch + 1, (long long)t->recipe.epochs,
                          t->step_loss);
        if (status != DT_OK || t->state.batch != 0) continue;
        double examples = (double)t->recipe.examples;
        status =
            dt_trial_row(trial, err, "%llu\t%lld\t%.6g\t%.6g", (unsigned long long)dt_trial_seed(trial),
                         (long long)t->state.epoch, t->state.loss / examples, 100 * (double)t->state.wrong / examples);
    }
    return status;
}

dt_status softmax_run(dt_trial *trial, dt_error *err)
{
    dt_recipe recipe = recipe_of(trial);
    dt_network net;
    dt_trainer trainer;
    dt_network_init(&net, &task, dt_trial_seed(trial));
    dt_trainer_init(&trainer, &net, dt_trial_backend(trial), dt_trial_images(trial), &recipe, dt_trial_seed(trial));
    dt_status status = train(trial, &trainer, err);
    if (status == DT_OK && dt_trainer_finished(&trainer)) {
        dt_images exam;
        status = dt_trial_exam(trial, &exam, err);
        if (status == DT_OK) {
            if (exam.count > task.exam) exam.count = task.exam;
            status = dt_trial_value(trial, "softmax", dt_network_error(&net, dt_trial_backend(trial), &exam), err);
            dt_images_free(&exam);
        }
    }
    dt_trainer_free(&trainer);
    dt_network_free(&net);
    return status;
}
