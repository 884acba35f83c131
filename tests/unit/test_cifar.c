/* The reader of CIFAR-10's binary form. Its files have one size, so the tests make them sparse and write into them. */
#include <fcntl.h>
#include <sys/stat.h>

#include "core/rng.h"
#include "data/cifar.h"
#include "data_files.h"

enum { RECORD = 3073, RECORDS = 10000, BYTES = RECORD * RECORDS };

/* dir/NAME with BYTES zeros. */
static void make_file(test_folder *f, const char *name)
{
    folder_write(f, name, "", 0);
    cr_assert(eq(int, truncate(f->path, BYTES), 0));
}

static void make_training(test_folder *f)
{
    for (int i = 1; i <= 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "data_batch_%d.bin", i);
        make_file(f, name);
    }
}

static void put(const test_folder *f, const char *name, int64_t at, uint8_t value)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    int fd = open(path, O_WRONLY);
    cr_assert(fd >= 0);
    cr_assert(eq(i64, pwrite(fd, &value, 1, at), 1));
    close(fd);
}

static void expect_refused(const test_folder *f, bool test, dt_status wanted, const char *file, int64_t offset,
                           const char *message)
{
    dt_images images;
    dt_error err;
    cr_expect(eq(int, dt_images_read_cifar(f->dir, test, "cifar10", &images, &err), wanted));
    cr_expect(strstr(err.path, file) != NULL, "%s is not %s", err.path, file);
    cr_expect(eq(i64, err.offset, offset), "%s", err.message);
    cr_expect(strstr(err.message, message) != NULL, "message: %s", err.message);
    cr_expect(images.pixels == NULL && images.count == 0);
}

Test(cifar, reads_five_batches_in_order)
{
    test_folder f = folder_new();
    make_training(&f);
    put(&f, "data_batch_1.bin", 0, 9);
    put(&f, "data_batch_1.bin", 1, 200);                                 /* the first red byte */
    put(&f, "data_batch_2.bin", RECORD, 3);                              /* the second label */
    put(&f, "data_batch_5.bin", BYTES - RECORD, 7);                      /* the last label */
    put(&f, "data_batch_5.bin", BYTES - 1, 77);                          /* the last blue byte */
    put(&f, "data_batch_3.bin", 2 * RECORD + 1 + 1024 + 5 * 32 + 6, 50); /* image 2, green, row 5, column 6 */
    dt_images s;
    dt_error err;
    cr_assert(eq(int, dt_images_read(DT_CIFAR_FILES, f.dir, false, "cifar10", &s, &err), DT_OK));
    cr_expect(s.count == 50000 && s.channels == 3 && s.height == 32 && s.width == 32 && s.classes == 10);
    cr_expect(eq(str, s.name, "cifar10"));
    cr_expect(s.labels[0] == 9 && s.labels[1] == 0 && s.labels[10001] == 3 && s.labels[49999] == 7);
    cr_expect(s.pixels[0] == 200 && s.pixels[50000 * 3072 - 1] == 77);
    cr_expect(eq(u8, s.pixels[(((int64_t)20002 * 3 + 1) * 32 + 5) * 32 + 6], 50));
    int64_t sum = 0;
    for (int64_t i = 0; i < 50000 * 3072; i++) sum += s.pixels[i];
    cr_expect(eq(i64, sum, 200 + 77 + 50));
    char hash[65];
    memcpy(hash, s.sha256, sizeof hash);
    dt_images_free(&s);
    put(&f, "data_batch_4.bin", 12345, 1);
    cr_assert(eq(int, dt_images_read_cifar(f.dir, false, "cifar10", &s, &err), DT_OK));
    cr_expect(strlen(hash) == 64 && strcmp(hash, s.sha256) != 0, "another byte, another fingerprint");
    dt_images_free(&s);
    folder_remove(&f);
}

Test(cifar, the_fingerprint_is_the_hash_of_the_hashes)
{
    test_folder f = folder_new();
    make_file(&f, "test_batch.bin");
    dt_images s;
    cr_assert(eq(int, dt_images_read_cifar(f.dir, true, "cifar10", &s, NULL), DT_OK));
    cr_expect(eq(i64, s.count, 10000));
    /* head -c 30730000 /dev/zero | sha256sum | head -c 64 | sha256sum */
    cr_expect(eq(str, s.sha256, "9fb191f3931400d00cdc9c876d6246e4a74a4dde1448a8f9da60e4fce9a90bee"));
    dt_images_free(&s);
    folder_remove(&f);
}

Test(cifar, refuses_a_missing_batch)
{
    test_folder f = folder_new();
    dt_error err;
    make_training(&f);
    snprintf(f.path, sizeof f.path, "%s/data_batch_3.bin", f.dir);
    cr_assert(eq(int, dt_images_present(DT_CIFAR_FILES, f.dir, false, "cifar10", &err), DT_OK));
    remove(f.path);
    expect_refused(&f, false, DT_ERR_IO, "/data_batch_3.bin", -1, "No such file");
    expect_refused(&f, true, DT_ERR_IO, "/test_batch.bin", -1, "No such file");
    cr_expect(eq(int, dt_images_present(DT_CIFAR_FILES, f.dir, false, "cifar10", &err), DT_ERR_IO));
    cr_expect(strstr(err.path, "/data_batch_3.bin") != NULL);
    cr_expect(eq(str, err.hint, "run: datasets/fetch cifar10"));
    cr_expect(eq(int, dt_images_present(DT_CIFAR_FILES, f.dir, true, "cifar10", &err), DT_ERR_IO));
    cr_assert(eq(int, mkdir(f.path, 0700), 0));
    expect_refused(&f, false, DT_ERR_IO, "/data_batch_3.bin", -1, "is a folder");
    folder_remove(&f);
}

Test(cifar, refuses_every_label_above_9)
{
    test_folder f = folder_new();
    make_file(&f, "test_batch.bin");
    put(&f, "test_batch.bin", 7 * RECORD, 10);
    expect_refused(&f, true, DT_ERR_DATA, "/test_batch.bin", 7 * RECORD, "the label of image 7 is 10, above 9");
    put(&f, "test_batch.bin", 7 * RECORD, 9);
    put(&f, "test_batch.bin", BYTES - RECORD, 255);
    expect_refused(&f, true, DT_ERR_DATA, "/test_batch.bin", BYTES - RECORD, "image 9999 is 255");
    folder_remove(&f);
}

/* Cut at and around the ends of records, and with bytes that follow. */
Test(cifar, refuses_every_other_length)
{
    test_folder f = folder_new();
    make_file(&f, "test_batch.bin");
    static const int64_t records[] = {0, 1, 2, 4999, 5000, 9998, 9999, 10000};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        for (int64_t beside = -3; beside <= 3; beside++) {
            const int64_t size = records[i] * RECORD + beside;
            if (size <= 0 || size == BYTES) continue;
            cr_assert(eq(int, truncate(f.path, size), 0));
            expect_refused(&f, true, DT_ERR_DATA, "/test_batch.bin", size < BYTES ? size : BYTES,
                           "bytes instead of 30730000");
        }
    cr_assert(eq(int, truncate(f.path, 0), 0));
    expect_refused(&f, true, DT_ERR_DATA, "/test_batch.bin", 0, "is empty");
    folder_remove(&f);
}

/* A flip in a label may make it one above 9; any other gives another valid file. */
Test(cifar, survives_bit_flips)
{
    test_folder f = folder_new();
    make_file(&f, "test_batch.bin");
    dt_rng rng = dt_rng_stream(1, "cifar flips", 0);
    for (uint32_t i = 0; i < 24; i++) {
        const bool label = i % 2;
        const int64_t record = dt_rng_below(rng, 3 * i, RECORDS);
        const int64_t at = record * RECORD + (label ? 0 : 1 + dt_rng_below(rng, 3 * i + 1, RECORD - 1));
        const uint8_t value = (uint8_t)(1u << dt_rng_below(rng, 3 * i + 2, 8));
        put(&f, "test_batch.bin", at, value);
        dt_images s;
        dt_error err;
        const dt_status status = dt_images_read_cifar(f.dir, true, "cifar10", &s, &err);
        cr_expect(eq(int, status, label &&value > 9 ? DT_ERR_DATA : DT_OK), "byte %d is %d", (int)at, value);
        if (status) cr_expect(eq(i64, err.offset, at));
        dt_images_free(&s);
        put(&f, "test_batch.bin", at, 0);
    }
    folder_remove(&f);
}
