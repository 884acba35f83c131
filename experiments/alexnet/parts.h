/* The trials of this experiment: layers.c (the two networks of cuda-convnet, with its ablations), fig1.c (ReLU against
 * tanh). What they share is in train.c; answers.c asks a trained network, look.c draws what it has become. */
#ifndef EXPERIMENTS_ALEXNET_PARTS_H
#define EXPERIMENTS_ALEXNET_PARTS_H

#include "models/cifarnet.h"
#include "run/training.h"

dt_status layers80sec_run(dt_trial *trial, dt_error *err);
dt_status layers18pct_run(dt_trial *trial, dt_error *err);
dt_status fig1_run(dt_trial *trial, dt_error *err);

enum { CLASSES = 10, SIDE = 32, CROP = 24, PIXELS = 3 * SIDE * SIDE };
extern const char *const class_names[CLASSES];

/* ---- train.c */

/* A network with its images and recipe. */
typedef struct {
    cifarnet shape;
    dt_task task;
    dt_recipe recipe;
    dt_schedule_row rates[3];
    dt_images images; /* a view */
    real *mean;       /* [3,32,32], of the images: taken away from each */
} lesson;

/* Passes at the rate, at a tenth of it, and at a hundredth. */
typedef struct {
    int64_t whole, tenth, hundredth;
} passes;

/* The recipe of cuda-convnet: batches of 128, momentum 0.9. The first `images` training images (0: all). --lr and
 * --epochs stand for `lr` and `p.whole`. The lesson is not to be moved. */
void lesson_init(lesson *l, const dt_trial *trial, const char *title, const cifarnet *shape, int64_t images, passes p,
                 double lr);
void lesson_free(lesson *l);

/* The training error of the last pass in percent, each image before its update. */
double pass_error(const dt_training *t);

/* ---- answers.c */

/* What the network says of each image: its softmax into share [images->count][CLASSES], and unless NULL its last hidden
 * layer into hidden [images->count][hidden_size(l)]. `ten`: the mean of the softmax over ten crops of 24 x 24, at the
 * four corners and in the middle, as they are and reflected (Krizhevsky et al. 2012, section 4.1). */
void ask(const dt_training *t, const dt_images *images, bool ten, real *share, real *hidden);

/* Numbers in the last hidden layer for one image. */
int64_t hidden_size(const cifarnet *m);

/* The class with the largest share. */
int32_t best_class(const real share[CLASSES]);

/* The part of the images, in percent, whose best class is not their label. */
double exam_error(const dt_training *t, const dt_images *exam, bool ten);

/* ---- look.c: the figures of a trained network. `exam` has the test images. */
dt_status look(dt_training *t, const dt_images *exam, bool ten, dt_error *err);

#endif
