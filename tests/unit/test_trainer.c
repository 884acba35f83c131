#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "misuse.h"
#include "toy_training.h"

/* 50 examples in batches of 20, 20 and 10, each in shards of 6. */
static const dt_recipe recipe = {.epochs = 4,
                                 .batch = 20,
                                 .shard = 6,
                                 .schedule = {DT_LINEAR, .lr = 0.05},
                                 .optimizer = {.momentum = 0.9, .weight_decay = 1e-3}};
static const dt_distortion distortion = {1, (real)0.1, (real)0.1, (real)0.2};
static const dt_jitter jitter = {.shift = 1, .mirror = true};

static void expect_overfitting(const dt_task *task, double lr)
{
    training t;
    dt_recipe how = {.epochs = 300, .batch = 16, .schedule.lr = lr, .optimizer.momentum = 0.9, .examples = 16};
    start(&t, task, &how, 1);
    step(&t);
    double first = t.trainer.step_loss;
    finish(&t);
    cr_expect(first > 0.5, "%s starts with loss %g", task->id, first);
    cr_expect(t.trainer.step_loss < 0.01, "%s ends with loss %g", task->id, t.trainer.step_loss);
    t.images.count = 16;
    cr_expect(eq(dbl, dt_network_error(&t.net, &dt_cpu, &t.images), 0));
    t.images.count = 50;
    end(&t);
}

Test(trainer, a_linear_model_learns_a_batch_by_heart)
{
    expect_overfitting(&toy_linear_task, 0.05);
}

Test(trainer, a_convolutional_model_learns_a_batch_by_heart)
{
    expect_overfitting(&toy_conv_task, 0.02);
}

Test(trainer, one_seed_gives_the_same_bits)
{
    for (int distorted = 0; distorted < 2; distorted++) {
        dt_recipe how = recipe;
        if (distorted) how.distortion = distortion, how.jitter = jitter;
        training a, b, c;
        start(&a, &toy_conv_task, &how, 1);
        start(&b, &toy_conv_task, &how, 1);
        start(&c, &toy_conv_task, &how, 2);
        finish(&a), finish(&b), finish(&c);
        cr_expect(same_values(&a, &b));
        cr_expect(same_values(&a, &c) == false, "another seed is another training");
        cr_expect(eq(dbl, a.trainer.step_loss, b.trainer.step_loss));
        cr_expect(eq(dbl, a.trainer.state.loss, b.trainer.state.loss));
        end(&a), end(&b), end(&c);
    }
}

Test(trainer, any_number_of_threads_gives_the_same_bits)
{
    dt_recipe how = recipe;
    how.distortion = distortion;
    how.jitter = jitter;
    training one, many;
    start(&one, &toy_conv_task, &how, 1);
    dt_threads_set(1);
    finish(&one);
    for (int threads = 2; threads <= 4; threads++) {
        start(&many, &toy_conv_task, &how, 1);
        dt_threads_set(threads);
        finish(&many);
        cr_expect(same_values(&one, &many), "%d threads", threads);
        cr_expect(eq(i64, one.trainer.state.wrong, many.trainer.state.wrong));
        end(&many);
    }
    end(&one);
}

/* Stops at every step, and goes on from there in another trainer. */
static void check_resuming(const dt_optimizer_recipe *optimizer)
{
    dt_recipe how = recipe;
    how.distortion = distortion;
    how.optimizer = *optimizer;
    training whole;
    start(&whole, &toy_conv_task, &how, 1);
    finish(&whole);
    for (int64_t stop = 0; stop < dt_trainer_steps(&whole.trainer); stop++) {
        training before, after;
        start(&before, &toy_conv_task, &how, 1);
        for (int64_t i = 0; i < stop; i++) step(&before);
        start(&after, &toy_conv_task, &how, 1);
        resume(&after, &before);
        end(&before);
        finish(&after);
        cr_expect(same_values(&whole, &after), "kind %d, stopped after %d steps", (int)optimizer->kind, (int)stop);
        cr_expect(eq(dbl, whole.trainer.state.loss, after.trainer.state.loss));
        cr_expect(eq(i64, whole.trainer.state.wrong, after.trainer.state.wrong));
        end(&after);
    }
    end(&whole);
}

Test(trainer, resuming_gives_the_same_bits)
{
    check_resuming(&recipe.optimizer);
    check_resuming(&(dt_optimizer_recipe){0});
    check_resuming(&(dt_optimizer_recipe){DT_USUAL_ADAGRAD});
    check_resuming(&(dt_optimizer_recipe){DT_USUAL_ADADELTA});
    check_resuming(&(dt_optimizer_recipe){DT_USUAL_ADAM});
}

Test(trainer, steps_epochs_and_rates)
{
    training t;
    start(&t, &toy_linear_task, &recipe, 1);
    cr_expect(eq(i64, t.trainer.batches, 3));
    cr_expect(eq(i64, dt_trainer_steps(&t.trainer), 12));
    uint32_t former[50] = {0};
    for (int64_t i = 0; i < 12; i++) {
        cr_expect(eq(i64, t.trainer.state.epoch, i / 3));
        cr_expect(eq(i64, t.trainer.state.batch, i % 3));
        step(&t);
        cr_expect(fabs(t.trainer.lr - 0.05 * (1 - (double)i / 12)) < 1e-12, "step %d: lr %g", (int)i, t.trainer.lr);
        bool seen[50] = {false};
        for (int k = 0; k < 50; k++) seen[t.trainer.order[k]] = true;
        for (int k = 0; k < 50; k++) cr_expect(seen[k], "epoch %d leaves out %d", (int)(i / 3), k);
        bool same = memcmp(former, t.trainer.order, sizeof former) == 0;
        cr_expect(eq(int, same, i % 3 != 0), "each epoch has an order of its own, step %d", (int)i);
        memcpy(former, t.trainer.order, sizeof former);
    }
    cr_expect(dt_trainer_finished(&t.trainer));
    EXPECT_MISUSE("dt_trainer_step: the training of linear is finished", dt_trainer_step(&t.trainer, NULL));
    end(&t);
}

/* At rate 0 nothing changes, so an epoch's sums are those of the network on all examples. */
Test(trainer, counts_losses_and_wrong_answers)
{
    training t;
    dt_recipe how = recipe;
    how.schedule.lr = 0;
    start(&t, &toy_conv_task, &how, 1);
    double error = dt_network_error(&t.net, &dt_cpu, &t.images), sum = 0;
    for (int i = 0; i < 3; i++) {
        step(&t);
        sum += t.trainer.step_loss * (i < 2 ? 20 : 10);
    }
    cr_expect(error > 0);
    cr_expect(fabs(100.0 * (double)t.trainer.state.wrong / 50 - error) < 1e-9);
    cr_expect(fabs(t.trainer.state.loss - sum) < 1e-9 * sum);
    end(&t);
}

Test(trainer, only_the_recipes_examples_are_used)
{
    training a, b;
    dt_recipe how = recipe;
    how.examples = 30;
    start(&a, &toy_linear_task, &how, 1);
    start(&b, &toy_linear_task, &how, 1);
    memset(b.images.pixels + 30 * TOY_SIDE * TOY_SIDE, 0, 20 * TOY_SIDE * TOY_SIDE);
    memset(b.images.labels + 30, 0, 20);
    cr_expect(eq(i64, a.trainer.batches, 2));
    finish(&a), finish(&b);
    cr_expect(same_values(&a, &b));
    end(&a), end(&b);
}

Test(trainer, clipping_bounds_the_step)
{
    training t;
    dt_recipe how = {.epochs = 1, .batch = 50, .schedule.lr = 2, .clip = 1e-3};
    start(&t, &toy_linear_task, &how, 1);
    size_t n = (size_t)t.net.params->size;
    real *former = malloc(n * sizeof *former);
    memcpy(former, t.net.params->values, n * sizeof *former);
    step(&t);
    for (size_t i = 0; i < n; i++) former[i] -= t.net.params->values[i];
    double moved = sqrt(dt_sum_squares((int64_t)n, former));
    cr_expect(t.trainer.gradient_norm > 0.01, "the norm before: %g", t.trainer.gradient_norm);
    cr_expect(fabs(moved / 2e-3 - 1) < 1e-3, "moved by %g", moved);
    free(former);
    end(&t);
}

static double longest_row(const dt_params *params)
{
    double longest = 0;
    for (int k = 0; k < params->n; k++) {
        const dt_param *p = params->list[k];
        int64_t columns = p->count / p->dim[0];
        for (int64_t r = 0; p->rank > 1 && r < p->dim[0]; r++)
            longest = fmax(longest, sqrt(dt_sum_squares(columns, params->values + p->offset + r * columns)));
    }
    return longest;
}

Test(trainer, max_norm_bounds_the_rows)
{
    dt_recipe how = recipe;
    double longest[2];
    for (int k = 0; k < 2; k++) {
        training t;
        how.max_norm = k ? 0.125 : 0;
        start(&t, &toy_linear_task, &how, 1);
        step(&t);
        longest[k] = longest_row(t.net.params);
        end(&t);
    }
    cr_expect(longest[0] > 0.15, "the longest row without: %g", longest[0]);
    cr_expect(fabs(longest[1] - 0.125) < 1e-6, "the longest row with: %g", longest[1]);
}

Test(trainer, a_rate_that_falls_with_the_root_of_the_updates)
{
    training t;
    dt_recipe how = recipe;
    how.schedule.kind = DT_SQRT;
    start(&t, &toy_linear_task, &how, 1);
    for (int i = 1; i <= 12; i++) {
        step(&t);
        cr_expect(fabs(t.trainer.lr - 0.05 / sqrt(i)) < 1e-12, "step %d: lr %g", i, t.trainer.lr);
    }
    end(&t);
}

/* At rate 0, with all examples in one batch, two epochs differ by nothing but the distortion or the crops. */
Test(trainer, distortion_and_jitter_are_new_in_each_epoch_and_never_random)
{
    enum { NONE, DISTORTION, JITTER, BOTH, KINDS };
    double loss[KINDS][2][2];
    for (int kind = 0; kind < KINDS; kind++)
        for (int again = 0; again < 2; again++) {
            dt_recipe how = {.epochs = 2, .batch = 50, .schedule.lr = 0};
            if (kind == DISTORTION || kind == BOTH) how.distortion = distortion;
            if (kind == JITTER || kind == BOTH) how.jitter = jitter;
            training t;
            start(&t, &toy_conv_task, &how, 1);
            for (int epoch = 0; epoch < 2; epoch++) step(&t), loss[kind][again][epoch] = t.trainer.step_loss;
            end(&t);
        }
    cr_expect(fabs(loss[NONE][0][0] - loss[NONE][0][1]) < 1e-6, "plain: %g, %g", loss[NONE][0][0], loss[NONE][0][1]);
    for (int kind = DISTORTION; kind < KINDS; kind++) {
        const double *l = loss[kind][0];
        for (int other = 0; other < kind; other++)
            cr_expect(fabs(l[0] - loss[other][0][0]) > 1e-5, "kinds %d and %d: %g", kind, other, l[0]);
        cr_expect(fabs(l[0] - l[1]) > 1e-5, "kind %d: %g, then %g", kind, l[0], l[1]);
        cr_expect(l[0] == loss[kind][1][0] && l[1] == loss[kind][1][1], "kind %d once more: the same", kind);
    }
}

static const dt_param *find(const dt_params *params, const char *name)
{
    for (int i = 0; i < params->n; i++)
        if (strcmp(params->list[i]->name, name) == 0) return params->list[i];
    cr_assert(0, "no parameter %s", name);
    return NULL;
}

/* The next step must fail with a message that contains `part`, and change nothing. */
static void expect_breakdown(training *t, const char *part)
{
    size_t bytes = (size_t)t->net.params->size * sizeof(real);
    real *former = malloc(bytes);
    memcpy(former, t->net.params->values, bytes);
    dt_error err = {0};
    cr_expect(eq(int, (int)dt_trainer_step(&t->trainer, &err), DT_ERR_DATA));
    cr_expect(strstr(err.message, part) != NULL, "\"%s\" is not in \"%s\"", part, err.message);
    cr_expect(strstr(err.message, "epoch 1, step 2") != NULL, "%s", err.message);
    cr_expect(strstr(err.hint, "--lr") != NULL);
    cr_expect(eq(int, memcmp(former, t->net.params->values, bytes), 0), "the parameters were changed");
    cr_expect(t->trainer.state.epoch == 0 && t->trainer.state.batch == 1);
    free(former);
}

Test(trainer, a_value_that_is_not_a_number_is_traced_to_its_op)
{
    static const char *const cases[][2] = {{"c1.weight", "not a number in the value of conv c1"},
                                           {"s2.coefficient", "not a number in the value of subsample s2"},
                                           {"out.bias", "not a number in the value of linear out"}};
    for (size_t k = 0; k < 3; k++)
        for (int threads = 1; threads <= 2; threads++) {
            training t;
            dt_threads_set(threads);
            start(&t, &toy_conv_task, &recipe, 1);
            step(&t);
            t.net.params->values[find(t.net.params, cases[k][0])->offset] = (real)NAN;
            expect_breakdown(&t, cases[k][1]);
            end(&t);
        }
}

/* Outputs of 1e30 are numbers, their squares are not. */
Test(trainer, a_loss_that_overflows_is_traced_to_the_loss)
{
    training t;
    start(&t, &toy_conv_task, &recipe, 1);
    step(&t);
    t.net.params->values[find(t.net.params, "out.bias")->offset] = (real)1e30;
    expect_breakdown(&t, "not a number in the value of mse");
    end(&t);
}

/* With all before it at 0 the last layer's weights do not show in its value, only in the gradient that it hands down.
 */
Test(trainer, a_gradient_that_overflows_is_traced_to_its_op)
{
    training t;
    dt_recipe how = recipe;
    how.batch = 1;
    start(&t, &toy_conv_task, &how, 1);
    step(&t);
    dt_params *params = t.net.params;
    memset(params->values, 0, (size_t)params->size * sizeof(real));
    const dt_param *out = find(params, "out.weight");
    for (int64_t i = 0; i < out->count; i++) params->values[out->offset + i] = (real)3e38;
    expect_breakdown(&t, "not a number in the gradient of activation");
    end(&t);
}

Test(trainer, a_rate_too_high_is_told_and_not_hung_on)
{
    training t;
    dt_recipe how = recipe;
    how.epochs = 1000;
    how.schedule.lr = 1e10;
    start(&t, &toy_conv_task, &how, 1);
    dt_error err = {0};
    dt_status status = DT_OK;
    for (int i = 0; i < 1000 && status == DT_OK; i++) status = dt_trainer_step(&t.trainer, &err);
    cr_expect(eq(int, (int)status, DT_ERR_DATA));
    cr_expect(strstr(err.message, "the training of Conv broke down") != NULL, "%s", err.message);
    for (int64_t i = 0; i < t.net.params->size; i++) cr_assert(isfinite(t.net.params->values[i]));
    end(&t);
}

Test(trainer, recipes_that_make_no_sense_are_misuse)
{
    dt_images images = toy_images(50, TOY_SIDE, TOY_CLASSES);
    dt_network net;
    dt_trainer trainer;
    dt_network_init(&net, &toy_linear_task, 1);
    EXPECT_MISUSE("recipe of linear: 0 epochs, batches of 20",
                  dt_trainer_init(&trainer, &net, &dt_cpu, &images, &(dt_recipe){.batch = 20}, 1));
    EXPECT_MISUSE("recipe of linear: 2 epochs, batches of 0",
                  dt_trainer_init(&trainer, &net, &dt_cpu, &images, &(dt_recipe){.epochs = 2}, 1));
    EXPECT_MISUSE(
        "recipe of linear: 51 examples, there are 50",
        dt_trainer_init(&trainer, &net, &dt_cpu, &images, &(dt_recipe){.epochs = 2, .batch = 20, .examples = 51}, 1));
    dt_network_free(&net);
    dt_images_free(&images);
}
