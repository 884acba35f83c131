#include "data/cifar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/file.h"
#include "data/sha256.h"

enum {
    RECORDS = 10000, /* in a file */
    CHANNELS = 3,
    SIDE = 32,
    PIXELS = CHANNELS * SIDE * SIDE,
    RECORD = 1 + PIXELS,
    FILE_BYTES = RECORDS * RECORD,
    CLASSES = 10,
    BATCHES = 5,
    HASH = 64, /* digits */
    PATH_SIZE = 4096
};

static const char damaged[] = "the file is damaged: remove it and fetch the data set again (datasets/fetch NAME)";

static int files_of(bool test)
{
    return test ? 1 : BATCHES;
}

static dt_status path_of(const char *dir, bool test, int file, char path[PATH_SIZE], dt_error *err)
{
    const int n = test ? snprintf(path, PATH_SIZE, "%s/test_batch.bin", dir)
                       : snprintf(path, PATH_SIZE, "%s/data_batch_%d.bin", dir, file + 1);
    return n < PATH_SIZE ? DT_OK : dt_error_set(err, DT_ERR_IO, dir, -1, NULL, "the path is too long");
}

static dt_status read_bytes(int fd, const char *path, uint8_t *bytes, dt_error *err)
{
    for (int64_t have = 0; have < FILE_BYTES;) {
        const ssize_t n = read(fd, bytes + have, (size_t)(FILE_BYTES - have));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return dt_error_set(err, DT_ERR_IO, path, have, NULL, "cannot be read: %s", strerror(errno));
        if (n == 0) return dt_error_set(err, DT_ERR_DATA, path, have, damaged, "the file ended while it was read");
        have += n;
    }
    return DT_OK;
}

/* The whole file into bytes [FILE_BYTES], and its hash. */
static dt_status read_file(const char *path, const char *hint, uint8_t *bytes, char *hash, dt_error *err)
{
    int fd;
    int64_t size;
    dt_status status = dt_file_open(path, hint, &fd, &size, err);
    if (status) return status;
    if (size != FILE_BYTES)
        status = dt_error_set(err, DT_ERR_DATA, path, size < FILE_BYTES ? size : FILE_BYTES, damaged,
                              "has %lld bytes instead of %d (%d records of %d)", (long long)size, FILE_BYTES, RECORDS,
                              RECORD);
    else
        status = read_bytes(fd, path, bytes, err);
    close(fd);
    return status ? status : dt_sha256(bytes, FILE_BYTES, NULL, 0, hash, err);
}

/* The records' labels and pixels apart. */
static dt_status split(const char *path, const uint8_t *bytes, uint8_t *labels, uint8_t *pixels, dt_error *err)
{
    for (int i = 0; i < RECORDS; i++, bytes += RECORD) {
        if (bytes[0] >= CLASSES)
            return dt_error_set(err, DT_ERR_DATA, path, (int64_t)i * RECORD, damaged,
                                "the label of image %d is %d, above %d", i, bytes[0], CLASSES - 1);
        labels[i] = bytes[0];
        memcpy(pixels + (size_t)i * PIXELS, bytes + 1, PIXELS);
    }
    return DT_OK;
}

dt_status dt_images_read_cifar(const char *dir, bool test, const char *name, dt_images *out, dt_error *err)
{
    const int files = files_of(test);
    char path[PATH_SIZE], hint[200], hashes[BATCHES * HASH + 1];
    snprintf(hint, sizeof hint, "run: datasets/fetch %s", name);
    *out = (dt_images){.count = (int64_t)files * RECORDS,
                       .channels = CHANNELS,
                       .height = SIDE,
                       .width = SIDE,
                       .classes = CLASSES,
                       .pixels = malloc((size_t)files * RECORDS * PIXELS),
                       .labels = malloc((size_t)files * RECORDS)};
    snprintf(out->name, sizeof out->name, "%s", name);
    uint8_t *bytes = malloc(FILE_BYTES);
    dt_status status = DT_OK;
    if (!bytes || !out->pixels || !out->labels)
        status =
            dt_error_set(err, DT_ERR_SYSTEM, dir, -1, NULL, "out of memory for %lld images", (long long)out->count);
    for (int i = 0; i < files && !status; i++) {
        const size_t first = (size_t)i * RECORDS;
        status = path_of(dir, test, i, path, err);
        if (!status) status = read_file(path, hint, bytes, hashes + (ptrdiff_t)i * HASH, err);
        if (!status) status = split(path, bytes, out->labels + first, out->pixels + first * PIXELS, err);
    }
    if (!status) status = dt_sha256(hashes, (size_t)files * HASH, NULL, 0, out->sha256, err);
    free(bytes);
    if (status) dt_images_free(out);
    return status;
}

dt_status dt_images_present_cifar(const char *dir, bool test, const char *name, dt_error *err)
{
    char path[PATH_SIZE], hint[200];
    snprintf(hint, sizeof hint, "run: datasets/fetch %s", name);
    for (int i = 0; i < files_of(test); i++) {
        dt_status status = path_of(dir, test, i, path, err);
        if (status) return status;
        if (access(path, F_OK) != 0) return dt_error_set(err, DT_ERR_IO, path, -1, hint, "is not there");
    }
    return DT_OK;
}
