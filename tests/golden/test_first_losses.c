/* The loss of the first twenty training steps of each model on a batch that is always the same. Whoever changes the
 * initial values, an op, the order of the random numbers or the optimizer changes these numbers, and should know it.
 * They were computed in float; the tolerance is for other instruction sets and compilers. To print the tables anew
 * after an intended change:
 *
 *     DITTO_GOLDEN=1 build/tests/unit -j1 --filter 'first_losses/?*' */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "models/lenet1.h"
#include "models/lenet4.h"
#include "models/lenet5.h"
#include "models/lenet5_modern.h"
#include "models/linear.h"
#include "models/mlp.h"
#include "run/trainer.h"
#include "toy.h"

DT_MODEL(lenet5);
DT_MODEL(lenet5_modern);
DT_MODEL(lenet4);
DT_MODEL(lenet1);
DT_MODEL(mlp);
DT_MODEL(linear);

enum { STEPS = 20, BATCH = 16 };

static const double tolerance = 1e-3;

static dt_var *map_criterion(dt_var *penalties, const int32_t *labels)
{
    return dt_map_loss(penalties, labels, 10);
}

static void train(const dt_task *task, double lr, double *losses)
{
    const dt_recipe recipe = {
        .epochs = STEPS, .batch = BATCH, .shard = 8, .schedule.lr = lr, .optimizer.momentum = 0.9};
    dt_images images = toy_images(BATCH, 28, 10);
    dt_network net;
    dt_trainer trainer;
    dt_network_init(&net, task, 1);
    dt_trainer_init(&trainer, &net, &dt_cpu, &images, &recipe, 1);
    for (int i = 0; i < STEPS; i++) {
        dt_error err = {0};
        cr_assert(dt_trainer_step(&trainer, &err) == DT_OK, "%s", err.message);
        losses[i] = trainer.step_loss;
    }
    dt_trainer_free(&trainer);
    dt_network_free(&net);
    dt_images_free(&images);
}

static void check(const char *name, const dt_model *model, dt_var *(*loss)(dt_var *, const int32_t *), int64_t side,
                  double lr, const double *wanted)
{
    const dt_task task = {name, name, model, loss, .frame = {side, side, (real)-0.1, (real)1.175}};
    double losses[STEPS];
    train(&task, lr, losses);
    if (getenv("DITTO_GOLDEN")) {
        fprintf(stderr, "%s:", name);
        for (int i = 0; i < STEPS; i++) fprintf(stderr, "%s %.7g", i ? "," : "", losses[i]);
        fprintf(stderr, "\n");
        cr_skip("the losses were printed, not compared");
    }
    for (int i = 0; i < STEPS; i++)
        cr_expect(fabs(losses[i] - wanted[i]) <= tolerance * fabs(wanted[i]), "%s, step %d: %.7g, not %.7g", name, i,
                  losses[i], wanted[i]);
}

Test(first_losses, lenet5)
{
    static const double wanted[STEPS] = {74.00235, 73.85206, 73.56803, 73.16639, 72.66263, 72.07143, 71.4065,
                                         70.68059, 69.90537, 69.09151, 68.2486,  67.38526, 66.50914, 65.62694,
                                         64.74456, 63.86703, 62.99866, 62.14305, 61.30313, 60.48125};
    check("lenet5", &lenet5_model, map_criterion, 32, 1e-3, wanted);
}

Test(first_losses, lenet5_modern)
{
    static const double wanted[STEPS] = {2.348507,  2.324333,  2.281673,  2.226747,  2.163216,  2.093167, 2.0154,
                                         1.926994,  1.82511,   1.707358,  1.572402,  1.419649,  1.249988, 1.069018,
                                         0.8842333, 0.7045508, 0.5405539, 0.4008042, 0.2905762, 0.2089376};
    check("lenet5_modern", &lenet5_modern_model, toy_softmax, 32, 0.02, wanted);
}

Test(first_losses, lenet4)
{
    static const double wanted[STEPS] = {4.999938, 4.982764, 4.950306, 4.904404, 4.846829, 4.779258, 4.703267,
                                         4.620324, 4.531783, 4.438882, 4.342745, 4.244384, 4.144706, 4.04451,
                                         3.944499, 3.845286, 3.747395, 3.651272, 3.557288, 3.465749};
    check("lenet4", &lenet4_model, toy_squared_error, 32, 2e-3, wanted);
}

Test(first_losses, lenet1)
{
    static const double wanted[STEPS] = {4.996349, 4.987301, 4.970149, 4.945762, 4.914928, 4.878339, 4.836576,
                                         4.790103, 4.739256, 4.684228, 4.625056, 4.561601, 4.493519, 4.420221,
                                         4.340829, 4.254113, 4.158423, 4.05162,  3.931026, 3.793427};
    check("lenet1", &lenet1_model, toy_squared_error, 28, 1e-3, wanted);
}

Test(first_losses, mlp)
{
    static const double wanted[STEPS] = {5.000294, 4.982839, 4.949853, 4.903211, 4.844716, 4.776078, 4.698901,
                                         4.614677, 4.524778, 4.430459, 4.332856, 4.232988, 4.131764, 4.029986,
                                         3.928355, 3.827481, 3.727883, 3.630003, 3.534207, 3.440795};
    check("mlp", &mlp_model, toy_squared_error, 28, 2e-3, wanted);
}

Test(first_losses, linear)
{
    static const double wanted[STEPS] = {2.302585, 2.290084, 2.26642,  2.232875, 2.190664, 2.14094,  2.084792,
                                         2.023246, 1.957269, 1.88777,  1.815605, 1.741575, 1.666428, 1.590856,
                                         1.515497, 1.440929, 1.367668, 1.296167, 1.226809, 1.15991};
    check("linear", &linear_model, toy_softmax, 28, 2e-3, wanted);
}
