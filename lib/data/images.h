/* A set of labelled images in memory. */
#ifndef DT_DATA_IMAGES_H
#define DT_DATA_IMAGES_H

#include "core/error.h"

typedef struct {
    char name[32]; /* "mnist" */
    int64_t count, channels, height, width, classes;
    uint8_t *pixels; /* [count][channels][height][width], 0 is background */
    uint8_t *labels; /* [count], each below classes */
    char sha256[65]; /* the data set's fingerprint: the hash of the image file's hash and the label file's, joined */
    bool view;       /* pixels and labels belong to another dt_images */
    const real
        *mean; /* [channels][height][width]: taken away from each image in a batch, the caller's; NULL: nothing */
} dt_images;

/* Reads dir/SPLIT-images-idx3-ubyte and dir/SPLIT-labels-idx1-ubyte (or the same with .gz), ten classes; split is
 * "train" or "t10k", `name` the data set's. Errors are those of dt_idx_read, a missing file (DT_ERR_IO), counts that
 * differ and labels above 9 (DT_ERR_DATA). On error *out is all zero. */
dt_status dt_images_read_idx(const char *dir, const char *split, const char *name, dt_images *out, dt_error *err);

/* The files that a data set comes in: MNIST's (above), CIFAR-10's (data/cifar.h). */
typedef enum { DT_IDX_FILES, DT_CIFAR_FILES } dt_image_files;

/* Reads the training or the test images of the data set `name` in dir; *out and errors are those of its reader. */
dt_status dt_images_read(dt_image_files files, const char *dir, bool test, const char *name, dt_images *out,
                         dt_error *err);

/* Whether its files are there, without reading them. */
dt_status dt_images_present(dt_image_files files, const char *dir, bool test, const char *name, dt_error *err);

/* Frees what the images own; a view owns nothing. */
void dt_images_free(dt_images *images);

/* mean [channels][height][width] = the mean of all images, byte by byte. */
void dt_images_mean(const dt_images *images, real *mean);

/* A copy with each image scaled about its centre by `factor` (0 < factor <= 1) within the same frame, averaging by
 * area: 0.8 makes of MNIST's digits the 16x16 ones in a 28x28 frame of LeNet-1. DT_ERR_SYSTEM: out of memory (*out is
 * then all zero). */
dt_status dt_images_shrunk(const dt_images *from, double factor, dt_images *out, dt_error *err);

/* The first n_first images and the rest, as views that live as long as `images`. 0 <= n_first <= count. */
void dt_images_split(const dt_images *images, int64_t n_first, dt_images *first, dt_images *rest);

/* Training images to choose and to compare by, so that the test set need not be read: the last 1 / part of them, and
 * those before it to train on, as views. part >= 1. */
void dt_images_hold_out(const dt_images *images, int64_t part, dt_images *train, dt_images *held_out);

#endif
