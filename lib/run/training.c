#include "run/training.h"

#include <math.h>

void dt_training_init(dt_training *t, dt_trial *trial, const char *name, const dt_task *task, const dt_images *images,
                      const dt_recipe *recipe)
{
    uint64_t seed = dt_trial_seed(trial);
    *t = (dt_training){.trial = trial, .name = name, .share = 1};
    dt_network_init(&t->net, task, seed);
    dt_trainer_init(&t->trainer, &t->net, dt_trial_backend(trial), images, recipe, seed);
}

void dt_training_free(dt_training *t)
{
    dt_trainer_free(&t->trainer);
    dt_network_free(&t->net);
}

int64_t dt_training_steps(const dt_training *t)
{
    return t->trainer.state.epoch * t->trainer.batches + t->trainer.state.batch;
}

static void show_progress(const dt_training *t, int64_t epoch)
{
    const dt_trainer *tr = &t->trainer;
    double done = (double)dt_training_steps(t) / (double)dt_trainer_steps(tr);
    dt_trial_progress(t->trial, t->before + t->share * done, "%s, rate %.3g, epoch %lld/%lld  loss %.4f", t->name,
                      tr->recipe.schedule.lr, (long long)epoch + 1, (long long)tr->recipe.epochs, tr->step_loss);
}

dt_status dt_training_until(dt_training *t, int64_t steps, double *loss, dt_error *err)
{
    dt_status status = DT_OK;
    int64_t from = dt_training_steps(t);
    double sum = 0;
    while (status == DT_OK && dt_training_steps(t) < steps && !dt_trainer_finished(&t->trainer) &&
           !dt_trial_stopped(t->trial)) {
        int64_t epoch = t->trainer.state.epoch;
        status = dt_trainer_step(&t->trainer, err);
        sum += t->trainer.step_loss;
        show_progress(t, epoch);
    }
    int64_t taken = dt_training_steps(t) - from;
    if (loss) *loss = taken > 0 ? sum / (double)taken : (double)NAN;
    return status;
}

double dt_training_loss(const dt_training *t)
{
    return t->trainer.state.loss / (double)t->trainer.recipe.examples;
}

dt_status dt_training_exam(const dt_training *t, bool held_out, double *error, dt_error *err)
{
    dt_images seen, exam;
    dt_status status = DT_OK;
    if (held_out)
        dt_images_split(t->trainer.images, t->trainer.recipe.examples, &seen, &exam);
    else
        status = dt_trial_exam(t->trial, &exam, err);
    if (status != DT_OK) return status;
    DT_REQUIRE(exam.count > 0, "dt_training_exam: the recipe of %s leaves no image out", t->net.task->id);
    *error = dt_network_error(&t->net, t->trainer.backend, &exam);
    dt_images_free(&exam);
    return DT_OK;
}
