#include "core/rng.h"
#include "data/idx.h"
#include "data_files.h"

/* Three images of 2 x 4. */
static const uint8_t images[] = {0,  0,  8,  3,  0,  0,  0,  3,  0,  0,  0,  2,  0,  0,  0,  4,  10, 11, 12, 13,
                                 14, 15, 16, 17, 20, 21, 22, 23, 24, 25, 26, 27, 30, 31, 32, 33, 34, 35, 36, 255};
enum { SIZE = sizeof images };

/* Reads the bytes as an IDX file of three dimensions, checks what every failure must fill in, and frees. */
static dt_status read_bytes(test_folder *f, const void *bytes, size_t count, dt_error *err)
{
    dt_idx idx;
    dt_status status = dt_idx_read(folder_write(f, "file", bytes, count), 3, &idx, err);
    if (status) {
        cr_assert(eq(int, err->status, status));
        cr_assert(err->message[0] != '\0');
        cr_assert(eq(str, err->path, f->path));
        cr_assert(idx.bytes == NULL);
    }
    dt_idx_free(&idx);
    return status;
}

/* A wrong file: the offset of the error and a part of its message. */
static void check_refused(const void *bytes, size_t count, int64_t offset, const char *message)
{
    test_folder f = folder_new();
    dt_error err;
    cr_expect(eq(int, read_bytes(&f, bytes, count, &err), DT_ERR_DATA));
    cr_expect(eq(i64, err.offset, offset), "%s", err.message);
    cr_expect(strstr(err.message, message) != NULL, "message: %s", err.message);
    folder_remove(&f);
}

static void check_refused_change(size_t at, uint8_t value, int64_t offset, const char *message)
{
    uint8_t bytes[SIZE];
    memcpy(bytes, images, SIZE);
    bytes[at] = value;
    check_refused(bytes, SIZE, offset, message);
}

Test(idx, reads_raw_and_gzip_alike)
{
    /* sha256sum of the raw file */
    static const char hash[] = "3f55f8566138799e03e61baaaf50cff10ddabfd647ff4fe4974b868460590bab";
    test_folder f = folder_new();
    uint8_t packed[256];
    size_t n = gzip_bytes(images, SIZE, packed, sizeof packed);
    for (int gz = 0; gz < 2; gz++) {
        dt_idx idx;
        dt_error err;
        const char *path = folder_write(&f, "file", gz ? packed : images, gz ? n : SIZE);
        cr_assert(eq(int, dt_idx_read(path, 3, &idx, &err), DT_OK));
        cr_expect(eq(int, idx.rank, 3));
        cr_expect(idx.dim[0] == 3 && idx.dim[1] == 2 && idx.dim[2] == 4);
        cr_expect(memcmp(idx.bytes, images + 16, SIZE - 16) == 0);
        cr_expect(eq(str, idx.sha256, (char *)(uintptr_t)hash));
        dt_idx_free(&idx);
        cr_expect(idx.bytes == NULL);
    }
    folder_remove(&f);
}

Test(idx, reads_beyond_its_first_block)
{
    enum { COUNT = 3000000 };
    uint8_t *bytes = calloc(1, 8 + COUNT);
    memcpy(bytes, (uint8_t[]){0, 0, 8, 1, COUNT >> 24, COUNT >> 16 & 255, COUNT >> 8 & 255, COUNT & 255}, 8);
    for (int i = 0; i < COUNT; i++) bytes[8 + i] = (uint8_t)(i % 251);
    test_folder f = folder_new();
    dt_idx idx;
    cr_assert(eq(int, dt_idx_read(folder_write(&f, "file", bytes, 8 + COUNT), 1, &idx, NULL), DT_OK));
    cr_expect(eq(i64, idx.dim[0], COUNT));
    cr_expect(memcmp(idx.bytes, bytes + 8, COUNT) == 0);
    dt_idx_free(&idx);
    folder_remove(&f);
    free(bytes);
}

Test(idx, refuses_a_wrong_header)
{
    check_refused_change(0, 1, 0, "00 00");
    check_refused_change(1, 7, 1, "00 00");
    check_refused_change(2, 0x0d, 2, "type 0d");
    check_refused_change(3, 1, 3, "has 1 dimension where 3 are expected");
    check_refused_change(7, 0, 4, "dimension 0 is 0");
    check_refused_change(15, 0, 12, "dimension 2 is 0");
    check_refused_change(4, 0xff, 4, "more elements");
    check_refused_change(12, 0x7f, 12, "more elements");
}

Test(idx, refuses_dimensions_whose_product_overflows)
{
    uint8_t bytes[SIZE];
    memcpy(bytes, images, SIZE);
    memset(bytes + 4, 0xff, 12);
    check_refused(bytes, SIZE, 4, "more elements");
}

Test(idx, refuses_trailing_bytes)
{
    uint8_t longer[SIZE + 1] = {0}, packed[256];
    memcpy(longer, images, SIZE);
    check_refused(longer, sizeof longer, SIZE, "bytes follow");
    check_refused(packed, gzip_bytes(longer, sizeof longer, packed, sizeof packed), SIZE, "bytes follow");
    check_refused_change(7, 2, 32, "bytes follow after the last of 16 elements");
}

Test(idx, refuses_an_empty_file)
{
    check_refused("", 0, 0, "empty");
    uint8_t packed[64];
    check_refused(packed, gzip_bytes("", 0, packed, sizeof packed), 0, "ends within the 4-byte magic");
}

Test(idx, refuses_what_is_no_file)
{
    test_folder f = folder_new();
    dt_idx idx;
    dt_error err;
    cr_expect(eq(int, dt_idx_read(f.dir, 3, &idx, &err), DT_ERR_IO));
    cr_expect(strstr(err.message, "is a folder") != NULL);
    snprintf(f.path, sizeof f.path, "%s/missing", f.dir);
    cr_expect(eq(int, dt_idx_read(f.path, 3, &idx, &err), DT_ERR_IO));
    cr_expect(strstr(err.message, "No such file") != NULL);
    cr_expect(strstr(err.hint, "datasets/fetch") != NULL);
    cr_expect(eq(int, dt_idx_read("/dev/null", 3, &idx, &err), DT_ERR_IO));
    folder_remove(&f);
}

Test(idx, refuses_every_truncation)
{
    test_folder f = folder_new();
    uint8_t packed[256];
    size_t n = gzip_bytes(images, SIZE, packed, sizeof packed);
    dt_error err;
    for (size_t cut = 0; cut < SIZE; cut++) {
        cr_expect(eq(int, read_bytes(&f, images, cut, &err), DT_ERR_DATA));
        cr_expect(eq(i64, err.offset, (int64_t)cut), "cut at %zu: %s", cut, err.message);
    }
    for (size_t cut = 0; cut < n; cut++)
        cr_expect(eq(int, read_bytes(&f, packed, cut, &err), DT_ERR_DATA), "gzip cut at %zu of %zu", cut, n);
    folder_remove(&f);
}

/* A flip among the pixels of a raw file gives other valid pixels; every other one is an error, but for the fields of
 * the gzip header that carry no data (its flags can also turn the stream's start into a comment: then the data is
 * damaged). */
Test(idx, survives_bit_flips)
{
    test_folder f = folder_new();
    uint8_t packed[256], bytes[256];
    size_t n = gzip_bytes(images, SIZE, packed, sizeof packed);
    dt_rng rng = dt_rng_stream(1, "idx flips", 0);
    for (uint32_t i = 0; i < 10000; i++) {
        bool gz = i % 2;
        size_t count = gz ? n : SIZE;
        memcpy(bytes, gz ? packed : images, count);
        uint32_t bit = dt_rng_below(rng, i, (uint32_t)(8 * count));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        dt_error err;
        dt_status status = read_bytes(&f, bytes, count, &err);
        if (!gz) cr_expect(eq(int, status, bit / 8 < 16 ? DT_ERR_DATA : DT_OK), "raw, bit %u", bit);
        if (gz && bit / 8 >= 10 && bit / 8 != n - 9) cr_expect(eq(int, status, DT_ERR_DATA), "gzip, bit %u", bit);
    }
    folder_remove(&f);
}
