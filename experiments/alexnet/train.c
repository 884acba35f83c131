/* What the trials share. */
#include <stdlib.h>

#include "experiments/alexnet/parts.h"

DT_MODEL(cifarnet);

void lesson_init(lesson *l, const dt_trial *trial, const char *title, const cifarnet *shape, int64_t images, passes p,
                 double lr)
{
    const dt_images *all = dt_trial_images(trial);
    dt_images rest;
    p.whole = dt_trial_int(trial, "epochs", p.whole);
    *l = (lesson){
        .shape = *shape,
        .rates = {{(double)p.whole, 1}, {(double)(p.whole + p.tenth), 0.1}, {0, 0.01}},
        .mean = malloc(PIXELS * sizeof *l->mean),
    };
    DT_REQUIRE(l->mean, "lesson_init: out of memory");
    dt_images_split(all, images > 0 && images < all->count ? images : all->count, &l->images, &rest);
    dt_images_mean(&l->images, l->mean);
    l->images.mean = l->mean;
    const int64_t side = shape->side ? shape->side : SIDE;
    l->task = (dt_task){.id = title,
                        .title = title,
                        .model = &cifarnet_model,
                        .shape = &l->shape,
                        .loss = dt_softmax_xent,
                        .frame = {side, side, 0, 255}};
    l->recipe = (dt_recipe){.epochs = p.whole + p.tenth + p.hundredth,
                            .batch = 128,
                            .optimizer = {.momentum = 0.9, .weight_decay = 0.004},
                            .schedule = {.kind = DT_TABLE, .lr = dt_trial_real(trial, "lr", lr), .table = l->rates}};
}

void lesson_free(lesson *l)
{
    free(l->mean);
    *l = (lesson){0};
}

double pass_error(const dt_training *t)
{
    return 100.0 * (double)t->trainer.state.wrong / (double)t->trainer.recipe.examples;
}
