#include "data/images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/threads.h"
#include "data/cifar.h"
#include "data/idx.h"
#include "data/resample.h"
#include "data/sha256.h"

enum { CLASSES = 10, PATH_SIZE = 4096 };

/* dir/FILE if it is there, else dir/FILE.gz. */
static dt_status find_file(const char *dir, const char *split, const char *kind, const char *name, char path[PATH_SIZE],
                           dt_error *err)
{
    static const char *const ends[] = {"", ".gz"};
    for (int i = 0; i < 2; i++) {
        int n = snprintf(path, PATH_SIZE, "%s/%s-%s-ubyte%s", dir, split, kind, ends[i]);
        if (n >= PATH_SIZE) return dt_error_set(err, DT_ERR_IO, dir, -1, NULL, "the path is too long");
        if (access(path, F_OK) == 0) return DT_OK;
    }
    char hint[200];
    snprintf(hint, sizeof hint, "run: datasets/fetch %s", name);
    path[strlen(path) - strlen(ends[1])] = '\0';
    return dt_error_set(err, DT_ERR_IO, path, -1, hint, "is not there (nor with .gz)");
}

static dt_status check_labels(const dt_idx *images, const char *image_path, const dt_idx *labels,
                              const char *label_path, dt_error *err)
{
    if (images->dim[0] != labels->dim[0]) {
        const char *slash = strrchr(image_path, '/');
        return dt_error_set(err, DT_ERR_DATA, label_path, 4, "both files must come from the same release",
                            "holds %lld labels, but %s holds %lld images", (long long)labels->dim[0],
                            slash ? slash + 1 : image_path, (long long)images->dim[0]);
    }
    for (int64_t i = 0; i < labels->dim[0]; i++)
        if (labels->bytes[i] >= CLASSES)
            return dt_error_set(err, DT_ERR_DATA, label_path, 8 + i,
                                "the file is damaged: remove it and fetch it again", "label %lld is %d, above %d",
                                (long long)i, labels->bytes[i], CLASSES - 1);
    return DT_OK;
}

dt_status dt_images_read_idx(const char *dir, const char *split, const char *name, dt_images *out, dt_error *err)
{
    *out = (dt_images){0};
    char image_path[PATH_SIZE], label_path[PATH_SIZE], fingerprint[65];
    dt_idx images = {0}, labels = {0};
    dt_status status = find_file(dir, split, "images-idx3", name, image_path, err);
    if (!status) status = find_file(dir, split, "labels-idx1", name, label_path, err);
    if (!status) status = dt_idx_read(label_path, 1, &labels, err);
    if (!status) status = dt_idx_read(image_path, 3, &images, err);
    if (!status) status = check_labels(&images, image_path, &labels, label_path, err);
    if (!status) status = dt_sha256(images.sha256, 64, labels.sha256, 64, fingerprint, err);
    if (status) {
        dt_idx_free(&images);
        dt_idx_free(&labels);
        return status;
    }
    *out = (dt_images){.count = images.dim[0],
                       .channels = 1,
                       .height = images.dim[1],
                       .width = images.dim[2],
                       .classes = CLASSES,
                       .pixels = images.bytes,
                       .labels = labels.bytes};
    snprintf(out->name, sizeof out->name, "%s", name);
    memcpy(out->sha256, fingerprint, sizeof fingerprint);
    return DT_OK;
}

static const char *split_of(bool test)
{
    return test ? "t10k" : "train";
}

dt_status dt_images_read(dt_image_files files, const char *dir, bool test, const char *name, dt_images *out,
                         dt_error *err)
{
    return files == DT_CIFAR_FILES ? dt_images_read_cifar(dir, test, name, out, err)
                                   : dt_images_read_idx(dir, split_of(test), name, out, err);
}

dt_status dt_images_present(dt_image_files files, const char *dir, bool test, const char *name, dt_error *err)
{
    if (files == DT_CIFAR_FILES) return dt_images_present_cifar(dir, test, name, err);
    char path[PATH_SIZE];
    const char *split = split_of(test);
    dt_status status = find_file(dir, split, "images-idx3", name, path, err);
    return status == DT_OK ? find_file(dir, split, "labels-idx1", name, path, err) : status;
}

void dt_images_free(dt_images *images)
{
    if (!images->view) {
        free(images->pixels);
        free(images->labels);
    }
    *images = (dt_images){0};
}

typedef struct {
    const uint8_t *from;
    uint8_t *to;
    double *lines; /* [pieces][width] */
    int64_t planes, height, width;
    dt_grid rows, columns;
} shrink_job;

enum { PLANES_A_PIECE = 512 };

static void shrink_piece(void *context, int64_t piece)
{
    const shrink_job *job = context;
    int64_t size = job->height * job->width, end = (piece + 1) * PLANES_A_PIECE;
    if (end > job->planes) end = job->planes;
    for (int64_t i = piece * PLANES_A_PIECE; i < end; i++)
        dt_resample_area(job->from + i * size, job->height, job->width, job->rows, job->columns, job->to + i * size,
                         job->lines + piece * job->width);
}

/* The same frame seen from farther away: each of its n pixels covers 1/factor of the source's. */
static dt_grid shrunk(int64_t n, double factor)
{
    double centre = (double)n / 2;
    return (dt_grid){.start = centre - centre / factor, .step = 1 / factor, .count = n};
}

dt_status dt_images_shrunk(const dt_images *from, double factor, dt_images *out, dt_error *err)
{
    DT_REQUIRE(factor > 0 && factor <= 1, "dt_images_shrunk: the factor %g is not within 0 .. 1", factor);
    int64_t planes = from->count * from->channels, pieces = (planes + PLANES_A_PIECE - 1) / PLANES_A_PIECE;
    *out = *from;
    out->view = false;
    out->pixels = malloc((size_t)(planes * from->height * from->width));
    out->labels = malloc((size_t)from->count);
    shrink_job job = {.from = from->pixels,
                      .to = out->pixels,
                      .planes = planes,
                      .height = from->height,
                      .width = from->width,
                      .rows = shrunk(from->height, factor),
                      .columns = shrunk(from->width, factor),
                      .lines = malloc((size_t)(pieces * from->width) * sizeof *job.lines)};
    if (!out->pixels || !out->labels || !job.lines) {
        free(job.lines);
        dt_images_free(out);
        return dt_error_set(err, DT_ERR_SYSTEM, NULL, -1, NULL, "out of memory for %lld images",
                            (long long)from->count);
    }
    memcpy(out->labels, from->labels, (size_t)from->count);
    dt_parallel_for(pieces, shrink_piece, &job);
    free(job.lines);
    return DT_OK;
}

void dt_images_split(const dt_images *images, int64_t n_first, dt_images *first, dt_images *rest)
{
    DT_REQUIRE(n_first >= 0 && n_first <= images->count, "dt_images_split: %lld is not within 0 .. %lld",
               (long long)n_first, (long long)images->count);
    dt_images whole = *images;
    whole.view = true;
    *first = whole;
    first->count = n_first;
    *rest = whole;
    rest->count = whole.count - n_first;
    rest->pixels += n_first * whole.channels * whole.height * whole.width;
    rest->labels += n_first;
}

void dt_images_hold_out(const dt_images *images, int64_t part, dt_images *train, dt_images *held_out)
{
    DT_REQUIRE(part >= 1, "dt_images_hold_out: one in %lld", (long long)part);
    dt_images_split(images, images->count - images->count / part, train, held_out);
}

typedef struct {
    const dt_images *images;
    real *mean;
} mean_job;

/* Whole numbers, so the order of the additions does not matter. */
static void mean_range(void *context, int64_t first, int64_t end)
{
    enum { BLOCK = 256 };
    const mean_job *j = context;
    const int64_t size = j->images->channels * j->images->height * j->images->width;
    for (int64_t at = first; at < end; at += BLOCK) {
        const int64_t count = end - at < BLOCK ? end - at : BLOCK;
        uint64_t sum[BLOCK] = {0};
        for (int64_t i = 0; i < j->images->count; i++)
            for (int64_t k = 0; k < count; k++) sum[k] += j->images->pixels[i * size + at + k];
        for (int64_t k = 0; k < count; k++) j->mean[at + k] = (real)((double)sum[k] / (double)j->images->count);
    }
}

void dt_images_mean(const dt_images *images, real *mean)
{
    DT_REQUIRE(images->count > 0, "dt_images_mean: there are no images");
    dt_parallel_ranges(images->channels * images->height * images->width, 512, mean_range, &(mean_job){images, mean});
}
