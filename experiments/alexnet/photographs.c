/* A folder of the user's images: which of them are for training, whether all can be read, and their mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "experiments/alexnet/parts.h"

enum { NUMBERS = 3 * KEPT * KEPT };
/* Every tenth image of a class is held out where there is no val; in smoke there are at most so many of each kind. */
enum { TENTH = 10, SMOKE_IMAGES = 32 };

static void *need(void *memory)
{
    DT_REQUIRE(memory, "photographs: out of memory");
    return memory;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The classes of both must be the same ones. */
static dt_status compare_classes(const dt_folder *a, const dt_folder *b, dt_error *err)
{
    int64_t c = 0;
    while (c < a->classes && c < b->classes && strcmp(a->class_names[c], b->class_names[c]) == 0) c++;
    if (c == a->classes && c == b->classes) return DT_OK;
    const bool extra = c == a->classes || (c < b->classes && strcmp(b->class_names[c], a->class_names[c]) < 0);
    const dt_folder *with = extra ? b : a, *without = extra ? a : b;
    return dt_error_set(err, DT_ERR_DATA, without->dir, -1, "train and val must have the same classes",
                        "has no class %s, but %s has", with->class_names[c], with->dir);
}

/* Every tenth image of each class, or the last one of a class of fewer. A class of a single image keeps it. */
static void choose_held_out(const dt_folder *f, bool *held_out)
{
    for (int64_t i = 0, first = 0; i < f->count; i++) {
        if (f->labels[i] != f->labels[first]) first = i;
        const bool last = i + 1 == f->count || f->labels[i + 1] != f->labels[i];
        const int64_t nth = i - first + 1;
        held_out[i] = nth % TENTH == 0 || (last && nth > 1 && nth < TENTH);
    }
}

/* The folder's images as p->train and p->exam. */
static dt_status split(photographs *p, const char *dir, dt_error *err)
{
    dt_status status = dt_folder_open(dir, KEPT, &p->train, err);
    if (status == DT_OK) status = dt_folder_open(dir, KEPT, &p->exam, err);
    if (status != DT_OK) return status;
    if (p->train.count != p->exam.count)
        return dt_error_set(err, DT_ERR_DATA, dir, -1, "run it again", "changed while it was read");
    bool *held_out = need(malloc((size_t)p->exam.count * sizeof *held_out));
    choose_held_out(&p->exam, held_out);
    dt_folder_keep(&p->exam, held_out);
    for (int64_t i = 0; i < p->train.count; i++) held_out[i] = !held_out[i];
    dt_folder_keep(&p->train, held_out);
    free(held_out);
    return DT_OK;
}

/* DIR/train and DIR/val if both are there, else a part of DIR is held out. */
static dt_status list_images(photographs *p, const char *dir, dt_error *err)
{
    char train[600], val[600];
    snprintf(train, sizeof train, "%s/train", dir);
    snprintf(val, sizeof val, "%s/val", dir);
    dt_status status;
    if (is_folder(train) && is_folder(val)) {
        status = dt_folder_open(train, KEPT, &p->train, err);
        if (status == DT_OK) status = dt_folder_open(val, KEPT, &p->exam, err);
        if (status == DT_OK) status = compare_classes(&p->train, &p->exam, err);
    } else {
        status = split(p, dir, err);
    }
    return status;
}

/* Leaves at most `most` images, spread over the classes. */
static void thin_out(dt_folder *f, int64_t most)
{
    bool *wanted = need(malloc((size_t)(f->count + 1) * sizeof *wanted));
    for (int64_t i = 0; i < f->count; i++)
        wanted[i] = f->count <= most || i * most / f->count != (i + 1) * most / f->count;
    dt_folder_keep(f, wanted);
    free(wanted);
}

/* ---- looking through them: an image that is broken must show before the training, not in the midst of it */

/* Adds the images first .. first + n - 1 to sum [NUMBERS] (unless NULL); those that are broken become unwanted. */
static dt_status look_at(dt_trial *trial, photographs *p, const dt_folder *f, int64_t first, int64_t n, uint8_t *pixels,
                         uint64_t *sum, bool *wanted, dt_error *err)
{
    const bool skip = dt_flag_on(dt_trial_flags(trial), "skip-broken");
    uint32_t order[PHOTOGRAPHS];
    dt_error each[PHOTOGRAPHS];
    char text[1400];
    for (int64_t i = 0; i < n; i++) order[i] = (uint32_t)(first + i);
    dt_folder_read(f, order, n, pixels, each);
    for (int64_t i = 0; i < n; i++) {
        wanted[first + i] = each[i].status == DT_OK;
        if (each[i].status == DT_OK) {
            for (int64_t k = 0; sum && k < NUMBERS; k++) sum[k] += pixels[i * NUMBERS + k];
            continue;
        }
        *err = each[i];
        if (each[i].status != DT_ERR_DATA) return each[i].status;
        snprintf(err->hint, sizeof err->hint, "%s",
                 skip ? "left out" : "mend or remove it, or let broken images be left out by --skip-broken");
        if (!skip) return DT_ERR_DATA;
        dt_trial_warn(trial, "%s", dt_error_text(err, text, sizeof text));
        p->broken++;
    }
    return DT_OK;
}

/* Reads each image once, from `done` on to `end` of the trial. */
static dt_status look_through(dt_trial *trial, photographs *p, dt_folder *f, uint64_t *sum, double done, double end,
                              dt_error *err)
{
    uint8_t *pixels = need(malloc((size_t)PHOTOGRAPHS * NUMBERS));
    bool *wanted = need(calloc((size_t)f->count + 1, sizeof *wanted));
    dt_status status = DT_OK;
    for (int64_t first = 0; first < f->count && status == DT_OK && !dt_trial_stopped(trial); first += PHOTOGRAPHS) {
        const int64_t left = f->count - first, n = left < PHOTOGRAPHS ? left : PHOTOGRAPHS;
        status = look_at(trial, p, f, first, n, pixels, sum, wanted, err);
        dt_trial_progress(trial, done + (end - done) * (double)(first + n) / (double)f->count,
                          "looked at %lld of %lld images of %s", (long long)(first + n), (long long)f->count, f->dir);
    }
    if (status == DT_OK && !dt_trial_stopped(trial)) {
        dt_folder_keep(f, wanted);
        if (f->count == 0)
            status = dt_error_set(err, DT_ERR_DATA, f->dir, -1,
                                  "each class needs images that can be read, and one of them to hold out",
                                  "has no image left");
    }
    free(wanted);
    free(pixels);
    return status;
}

dt_status photographs_open(dt_trial *trial, double end, photographs *p, dt_error *err)
{
    *p = (photographs){0};
    dt_status status = list_images(p, dt_flag_text(dt_trial_flags(trial), "images"), err);
    if (status != DT_OK) return status;
    if (dt_trial_preset(trial) == DT_SMOKE) {
        thin_out(&p->train, SMOKE_IMAGES);
        thin_out(&p->exam, SMOKE_IMAGES);
    }
    uint64_t *sum = need(calloc(NUMBERS, sizeof *sum));
    const double part = (double)p->exam.count / (double)(p->exam.count + p->train.count);
    status = look_through(trial, p, &p->exam, NULL, 0, end * part, err);
    if (status == DT_OK) status = look_through(trial, p, &p->train, sum, end * part, end, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) {
        p->mean = need(malloc(NUMBERS * sizeof *p->mean));
        for (int64_t k = 0; k < NUMBERS; k++) p->mean[k] = (real)((double)sum[k] / (double)p->train.count);
        if (p->broken > 0) dt_trial_warn(trial, "broken images left out: %lld", (long long)p->broken);
        dt_trial_say(trial, "%s: %lld classes, %lld training images, %lld held out", p->train.dir,
                     (long long)p->train.classes, (long long)p->train.count, (long long)p->exam.count);
    }
    free(sum);
    return status;
}

void photographs_close(photographs *p)
{
    dt_folder_free(&p->train);
    dt_folder_free(&p->exam);
    free(p->mean);
}

dt_status photographs_read(const void *folder, const uint32_t *order, int64_t n, uint8_t *pixels, int32_t *labels,
                           dt_error *err)
{
    const dt_folder *f = folder;
    dt_error each[PHOTOGRAPHS];
    dt_status status = dt_folder_read(f, order, n, pixels, each);
    for (int64_t i = n - 1; i >= 0; i--) {
        labels[i] = f->labels[order[i]];
        if (each[i].status != DT_OK) *err = each[i];
    }
    return status;
}
