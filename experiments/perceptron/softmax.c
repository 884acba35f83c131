/* The linear unit's modern form, one for each of ten classes, by the recipe that is documented with its number. */
#include "experiments/perceptron/parts.h"
#include "models/linear.h"
#include "run/training.h"

DT_MODEL(linear);

/* deeplearning.net's logistic_sgd: 74 passes over 50,000 images whose pixels are 0 to 1, batches of 600, constant rate,
 * no momentum, weights from 0, judged by 16 whole batches of test images: its number, 7.489583 %, is 719 of 9,600. */
static const dt_task task = {.id = "softmax",
                             .title = "softmax regression",
                             .model = &linear_model,
                             .loss = dt_softmax_xent,
                             .frame = {28, 28, 0, 1},
                             .exam = 9600};
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

static dt_status train(dt_training *t, dt_error *err)
{
    const dt_trainer *tr = &t->trainer;
    dt_status status = DT_OK;
    while (!dt_trainer_finished(tr) && status == DT_OK && !dt_trial_stopped(t->trial)) {
        status = dt_training_until(t, (tr->state.epoch + 1) * tr->batches, NULL, err);
        if (status != DT_OK || tr->state.batch != 0) continue;
        status = dt_trial_row(t->trial, err, "%llu\t%lld\t%.6g\t%.6g", (unsigned long long)dt_trial_seed(t->trial),
                              (long long)tr->state.epoch, dt_training_loss(t),
                              100 * (double)tr->state.wrong / (double)tr->recipe.examples);
    }
    return status;
}

dt_status softmax_run(dt_trial *trial, dt_error *err)
{
    dt_recipe recipe = recipe_of(trial);
    dt_training t;
    dt_training_init(&t, trial, "softmax regression", &task, dt_trial_images(trial), &recipe);
    dt_status status = train(&t, err);
    if (status == DT_OK && dt_trainer_finished(&t.trainer)) {
        dt_images exam;
        status = dt_trial_exam(trial, &exam, err);
        if (status == DT_OK) {
            if (exam.count > task.exam) exam.count = task.exam;
            status = dt_trial_value(trial, "softmax", dt_network_error(&t.net, dt_trial_backend(trial), &exam), err);
            dt_images_free(&exam);
        }
    }
    dt_training_free(&t);
    return status;
}
