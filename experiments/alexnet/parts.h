/* The trials of this experiment: layers.c (the two networks of cuda-convnet, with its ablations), fig1.c (ReLU against
 * tanh), imagenet.c (the large network on a folder of images, which photographs.c opens). What the first two share is
 * in train.c; answers.c asks a trained network, look.c draws what it has become. */
#ifndef EXPERIMENTS_ALEXNET_PARTS_H
#define EXPERIMENTS_ALEXNET_PARTS_H

#include "data/folder.h"
#include "models/cifarnet.h"
#include "run/training.h"

dt_status layers80sec_run(dt_trial *trial, dt_error *err);
dt_status layers18pct_run(dt_trial *trial, dt_error *err);
dt_status fig1_run(dt_trial *trial, dt_error *err);
dt_status imagenet_run(dt_trial *trial, dt_error *err);

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

/* ---- photographs.c */

/* Images are kept as 256 x 256 (section 2), and read so many at a time. */
enum { KEPT = 256, PHOTOGRAPHS = 128 };

/* The user's images. */
typedef struct {
    dt_folder train, exam;
    real *mean;     /* [3,256,256], of the training images */
    int64_t broken; /* left out */
} photographs;

/* Lists the images of --images: FOLDER/train and FOLDER/val where both are there, or else FOLDER, of which every tenth
 * image of each class is held out. Then reads each of them once, for the mean, and because a broken one must not show
 * in the midst of the training: it is DT_ERR_DATA, or with --skip-broken named on stderr and left out. Progress of the
 * trial goes up to `end`; after ^C the mean is NULL. Free it in any case. */
dt_status photographs_open(dt_trial *trial, double end, photographs *p, dt_error *err);
void photographs_close(photographs *p);

/* A dt_batch_reader (run/trainer.h) of a dt_folder, for n up to PHOTOGRAPHS. */
dt_status photographs_read(const void *folder, const uint32_t *order, int64_t n, uint8_t *pixels, int32_t *labels,
                           dt_error *err);

/* ---- look.c: the figures of a trained network. `exam` has the test images. */
dt_status look(dt_training *t, const dt_images *exam, bool ten, dt_error *err);

#endif
