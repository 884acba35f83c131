/* Learning-rate schedules, and the texts that name schedules and optimizers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "misuse.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"

static void expect_rate(const dt_schedule *s, double epoch, double wanted)
{
    double rate = dt_schedule_at(s, epoch);
    cr_expect(fabs(rate - wanted) < 1e-12, "kind %d at epoch %g: %.12g, not %.12g", (int)s->kind, epoch, rate, wanted);
}

Test(schedule, by_hand)
{
    const dt_schedule constant = {DT_CONSTANT, .lr = 0.1, .epochs = 10};
    expect_rate(&constant, 0, 0.1);
    expect_rate(&constant, 9.99, 0.1);
    const dt_schedule linear = {DT_LINEAR, .lr = 0.1, .epochs = 10};
    expect_rate(&linear, 0, 0.1);
    expect_rate(&linear, 2.5, 0.075);
    expect_rate(&linear, 10, 0);
    const dt_schedule cosine = {DT_COSINE, .lr = 0.1, .epochs = 12};
    expect_rate(&cosine, 0, 0.1);
    expect_rate(&cosine, 4, 0.075); /* cos 60 degrees is a half */
    expect_rate(&cosine, 6, 0.05);
    expect_rate(&cosine, 12, 0);
    const dt_schedule exponential = {DT_EXPONENTIAL, .lr = 0.1, .epochs = 10, .factor = 0.25};
    expect_rate(&exponential, 0, 0.1);
    expect_rate(&exponential, 0.5, 0.05);
    expect_rate(&exponential, 2, 0.00625);
    const dt_schedule step = {DT_STEP, .lr = 0.1, .epochs = 10, .factor = 0.5, .every = 3};
    expect_rate(&step, 0, 0.1);
    expect_rate(&step, 2.99, 0.1);
    expect_rate(&step, 3, 0.05);
    expect_rate(&step, 9.5, 0.0125);
    const dt_schedule hold = {DT_HOLD, .lr = 0.1, .epochs = 10, .factor = 0.5, .every = 4};
    expect_rate(&hold, 0, 0.1);
    expect_rate(&hold, 3.99, 0.1);
    expect_rate(&hold, 4, 0.05);
    expect_rate(&hold, 4.5, 0.05);
    expect_rate(&hold, 6, 0.0125);
    const dt_schedule inverse = {DT_INVERSE, .lr = 0.1, .epochs = 10, .factor = 0.5};
    expect_rate(&inverse, 0, 0.1);
    expect_rate(&inverse, 2, 0.05);
    expect_rate(&inverse, 8, 0.02);
}

/* LeCun et al. 1998, section III.B: 5e-4 for two passes, 2e-4 for three, 1e-4 for three, 5e-5 for four, then 1e-5. */
Test(schedule, a_table)
{
    static const dt_schedule_row rows[] = {{2, 5}, {5, 2}, {8, 1}, {12, 0.5}, {0, 0.1}};
    const dt_schedule table = {DT_TABLE, .lr = 1e-4, .epochs = 20, .table = rows};
    static const double wanted[20] = {5, 5, 2, 2, 2, 1, 1, 1, .5, .5, .5, .5, .1, .1, .1, .1, .1, .1, .1, .1};
    for (int epoch = 0; epoch < 20; epoch++) {
        expect_rate(&table, epoch, 1e-4 * wanted[epoch]);
        expect_rate(&table, epoch + 0.999, 1e-4 * wanted[epoch]);
    }
}

/* Update t = 1 + epoch * batches. */
Test(schedule, root_of_the_updates)
{
    dt_schedule root = {DT_SQRT, .lr = 0.3, .epochs = 10, .batches = 4};
    expect_rate(&root, 0, 0.3);
    expect_rate(&root, 0.75, 0.15);
    expect_rate(&root, 2, 0.1);
    root.batches = 0;
    EXPECT_MISUSE("the updates in an epoch are missing", dt_schedule_at(&root, 1));
}

/* ---- as text */

static void expect_schedule(const char *text, const char *name, dt_schedule_kind kind, double factor, double every)
{
    dt_schedule s = {DT_COSINE, .lr = 0.5, .epochs = 7, .batches = 3, .factor = 9, .every = 9};
    dt_error err = {0};
    char buf[DT_SCHEDULE_NAME];
    cr_expect(dt_schedule_parse(text, &s, &err) == DT_OK, "%s: %s", text, err.message);
    cr_expect(s.kind == kind && s.factor == factor && s.every == every, "%s: kind %d, %.17g, %.17g", text, (int)s.kind,
              s.factor, s.every);
    cr_expect(s.lr == 0.5 && s.epochs == 7 && s.batches == 3, "%s changes the rate", text);
    cr_expect(eq(str, (char *)(uintptr_t)dt_schedule_name(&s, buf, sizeof buf), (char *)(uintptr_t)name));
}

Test(schedule, texts)
{
    expect_schedule("constant", "constant", DT_CONSTANT, 0, 0);
    expect_schedule("linear", "linear", DT_LINEAR, 0, 0);
    expect_schedule("cosine", "cosine", DT_COSINE, 0, 0);
    expect_schedule("exp:0.97", "exp:0.97", DT_EXPONENTIAL, 0.97, 0);
    expect_schedule("step:0.5,10", "step:0.5,10", DT_STEP, 0.5, 10);
    expect_schedule("hold:0.5,4", "hold:0.5,4", DT_HOLD, 0.5, 4);
    expect_schedule("inverse:1e-2", "inverse:0.01", DT_INVERSE, 0.01, 0);
    expect_schedule("inverse:0.1000000000000000055", "inverse:0.1", DT_INVERSE, 0.1, 0);
    expect_schedule("exp:0.99999999999999989", "exp:0.9999999999999999", DT_EXPONENTIAL, 1 - 0x1p-53, 0);
    expect_schedule("sqrt", "sqrt", DT_SQRT, 0, 0);
    char buf[DT_SCHEDULE_NAME];
    const dt_schedule table = {DT_TABLE, .lr = 1};
    cr_expect(eq(str, (char *)(uintptr_t)dt_schedule_name(&table, buf, sizeof buf), "table"));
}

static void expect_optimizer(const char *text, const char *name, dt_optimizer_recipe wanted)
{
    dt_optimizer_recipe r = {DT_ADAM,    .momentum = 0.5, .nesterov = true,
                             .rho = 0.5, .epsilon = 1,    .weight_decay = 0.25};
    dt_error err = {0};
    char buf[DT_OPTIMIZER_NAME];
    cr_expect(dt_optimizer_parse(text, &r, &err) == DT_OK, "%s: %s", text, err.message);
    cr_expect(r.kind == wanted.kind && r.momentum == wanted.momentum && r.nesterov == wanted.nesterov &&
                  r.rho == wanted.rho && r.epsilon == wanted.epsilon,
              "%s: kind %d, momentum %g, nesterov %d, rho %g, epsilon %g", text, (int)r.kind, r.momentum, r.nesterov,
              r.rho, r.epsilon);
    cr_expect(r.weight_decay == 0.25, "%s changes the weight decay", text);
    cr_expect(eq(str, (char *)(uintptr_t)dt_optimizer_name(&r, buf, sizeof buf), (char *)(uintptr_t)name));
}

Test(optimizer, texts)
{
    expect_optimizer("sgd", "sgd", (dt_optimizer_recipe){0});
    expect_optimizer("momentum:0.95", "momentum:0.95", (dt_optimizer_recipe){.momentum = 0.95});
    expect_optimizer("momentum", "momentum:0.9", (dt_optimizer_recipe){.momentum = 0.9});
    expect_optimizer("momentum:0", "sgd", (dt_optimizer_recipe){0});
    expect_optimizer("nesterov:0.99", "nesterov:0.99", (dt_optimizer_recipe){.momentum = 0.99, .nesterov = true});
    expect_optimizer("adagrad", "adagrad", (dt_optimizer_recipe){DT_USUAL_ADAGRAD});
    expect_optimizer("adagrad:1e-4", "adagrad:0.0001", (dt_optimizer_recipe){DT_ADAGRAD, .epsilon = 1e-4});
    expect_optimizer("rmsprop", "rmsprop:0.9", (dt_optimizer_recipe){DT_USUAL_RMSPROP});
    expect_optimizer("rmsprop:0.99,1e-3", "rmsprop:0.99,0.001",
                     (dt_optimizer_recipe){DT_RMSPROP, .rho = 0.99, .epsilon = 1e-3});
    expect_optimizer("adadelta", "adadelta:0.95", (dt_optimizer_recipe){DT_USUAL_ADADELTA});
    expect_optimizer("adam", "adam:0.9,0.999", (dt_optimizer_recipe){DT_USUAL_ADAM});
    expect_optimizer("adam:0", "adam:0,0.999", (dt_optimizer_recipe){DT_ADAM, .rho = 0.999, .epsilon = 1e-8});
    expect_optimizer("adam:0.9,0.99,1e-3", "adam:0.9,0.99,0.001",
                     (dt_optimizer_recipe){DT_ADAM, .momentum = 0.9, .rho = 0.99, .epsilon = 1e-3});
}

static void expect_refused(dt_status status, const dt_error *err, const char *text, const char *message)
{
    cr_expect(eq(int, (int)status, DT_ERR_CONFIG), "%s", text);
    cr_expect(eq(str, (char *)(uintptr_t)err->message, (char *)(uintptr_t)message));
}

Test(optimizer, texts_that_are_refused)
{
    static const char *const cases[][2] = {
        {"", "the optimizer \"\" is not known"},
        {"ada", "the optimizer \"ada\" is not known"},
        {"Adam", "the optimizer \"Adam\" is not known"},
        {"adam ", "the optimizer \"adam \" is not known"},
        {"adam:", "the optimizer \"adam:\" has no number at \"\""},
        {"adam:0.9,", "the optimizer \"adam:0.9,\" has no number at \"\""},
        {"adam:0.9 ,0.99", "the optimizer \"adam:0.9 ,0.99\" has no number at \"0.9 ,0.99\""},
        {"adam:0.9, 0.99", "the optimizer \"adam:0.9, 0.99\" has no number at \" 0.99\""},
        {"adam:nan", "the optimizer \"adam:nan\" has no number at \"nan\""},
        {"adam:1e999", "the optimizer \"adam:1e999\" has no number at \"1e999\""},
        {"adam:0.9,0.999,1e-8,4", "the optimizer \"adam:0.9,0.999,1e-8,4\" has 4 numbers, adam takes at most 3"},
        {"adam:1,2,3,4,5", "the optimizer \"adam:1,2,3,4,5\" has 5 numbers, adam takes at most 3"},
        {"sgd:0.9", "the optimizer \"sgd:0.9\" has 1 numbers, sgd takes at most 0"},
        {"momentum:1", "the optimizer \"momentum:1\" has 1 for MOMENTUM, which must be at least 0 and below 1"},
        {"adam:0.9,-0.5", "the optimizer \"adam:0.9,-0.5\" has -0.5 for BETA2, which must be at least 0 and below 1"},
        {"rmsprop:0.9,0", "the optimizer \"rmsprop:0.9,0\" has 0 for EPSILON, which must be positive (at least 1e-30)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dt_optimizer_recipe r = {.momentum = 0.5, .weight_decay = 0.25}, former = r;
        dt_error err = {0};
        expect_refused(dt_optimizer_parse(cases[i][0], &r, &err), &err, cases[i][0], cases[i][1]);
        cr_expect(r.kind == former.kind && r.momentum == 0.5 && r.weight_decay == 0.25, "%s", cases[i][0]);
        cr_expect(eq(str, err.hint,
                     "it is one of sgd, momentum[:MOMENTUM], nesterov[:MOMENTUM], adagrad[:EPSILON], "
                     "rmsprop[:RHO,EPSILON], adadelta[:RHO,EPSILON], adam[:BETA1,BETA2,EPSILON]"));
    }
    cr_expect(dt_optimizer_parse("ada", &(dt_optimizer_recipe){0}, NULL) == DT_ERR_CONFIG);
}

Test(schedule, texts_that_are_refused)
{
    static const char *const cases[][2] = {
        {"exponential", "the schedule \"exponential\" is not known"},
        {"table", "the schedule \"table\" is not known"},
        {"exp", "the schedule \"exp\" lacks the number FACTOR"},
        {"step:0.5", "the schedule \"step:0.5\" lacks the number EVERY"},
        {"step:0.5,0", "the schedule \"step:0.5,0\" has 0 for EVERY, which must be positive (at least 1e-30)"},
        {"sqrt:2", "the schedule \"sqrt:2\" has 1 numbers, sqrt takes at most 0"},
        {"exp:x", "the schedule \"exp:x\" has no number at \"x\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dt_schedule s = {DT_COSINE, .factor = 0.5};
        dt_error err = {0};
        expect_refused(dt_schedule_parse(cases[i][0], &s, &err), &err, cases[i][0], cases[i][1]);
        cr_expect(s.kind == DT_COSINE && s.factor == 0.5, "%s", cases[i][0]);
        cr_expect(eq(str, err.hint,
                     "it is one of constant, linear, cosine, exp:FACTOR, step:FACTOR,EVERY, hold:FACTOR,EVERY, "
                     "inverse:FACTOR, sqrt"));
    }
}
