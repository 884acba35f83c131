#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/rng.h"
#include "run/checkpoint.h"
#include "scratch.h"

TestSuite(checkpoint, .init = scratch_make, .fini = scratch_remove);

static float weights[5] = {1.5f, -2, 0, 3e-20f, 7};
static unsigned char counter[3] = {1, 2, 250};

static dt_status write_small(const char *path, dt_error *err)
{
    json_t *meta = json_pack("{s:i, s:s, s:f}", "step", 40, "model", "lenet", "best", 0.1 + 0.2);
    const dt_blob blobs[] = {
        {"weights", weights, sizeof weights}, {"counter", counter, sizeof counter}, {"none", NULL, 0}};
    dt_status status = dt_checkpoint_write(path, meta, blobs, 3, err);
    json_decref(meta);
    return status;
}

/* Opens a file that must be refused, and says how it was. */
static dt_status refused(const char *name, dt_error *err)
{
    dt_checkpoint *ck;
    memset(err, 0, sizeof *err);
    dt_status status = dt_checkpoint_open(scratch_path(name), &ck, err);
    cr_assert(status != DT_OK, "a bad file was read");
    cr_assert(ck == NULL);
    cr_assert(eq(int, (int)status, (int)err->status));
    return status;
}

Test(checkpoint, round_trip)
{
    dt_error err;
    dt_checkpoint *ck;
    cr_assert(eq(int, (int)write_small(scratch_path("c"), &err), DT_OK));
    cr_assert(eq(int, (int)dt_checkpoint_open(scratch_path("c"), &ck, &err), DT_OK));
    const json_t *meta = dt_checkpoint_meta(ck);
    cr_assert(eq(i64, json_integer_value(json_object_get(meta, "step")), 40));
    cr_assert(eq(dbl, json_real_value(json_object_get(meta, "best")), 0.1 + 0.2));
    float w[5];
    unsigned char c[3];
    cr_assert(eq(int, (int)dt_checkpoint_blob(ck, "weights", w, sizeof w, &err), DT_OK));
    cr_assert(eq(int, (int)dt_checkpoint_blob(ck, "counter", c, sizeof c, &err), DT_OK));
    cr_assert(eq(int, (int)dt_checkpoint_blob(ck, "none", c, 0, &err), DT_OK));
    cr_assert(memcmp(w, weights, sizeof w) == 0 && memcmp(c, counter, sizeof c) == 0);
    cr_assert(eq(int, access(scratch_path("c.tmp"), F_OK), -1));
    dt_checkpoint_close(ck);
}

Test(checkpoint, same_content_same_bytes)
{
    dt_error err;
    json_t *one = json_pack("{s:i, s:i}", "a", 1, "b", 2), *two = json_pack("{s:i, s:i}", "b", 2, "a", 1);
    cr_assert(eq(int, (int)dt_checkpoint_write(scratch_path("1"), one, NULL, 0, &err), DT_OK));
    cr_assert(eq(int, (int)dt_checkpoint_write(scratch_path("2"), two, NULL, 0, &err), DT_OK));
    size_t n1, n2;
    char *b1 = scratch_read("1", &n1), *b2 = scratch_read("2", &n2);
    cr_assert(n1 == n2 && memcmp(b1, b2, n1) == 0);
    /* the layout of the header's comment, byte by byte */
    static const char layout[] = "DITTOCKP\x01\0\0\0\x21\0\0\0{\"blobs\":[],\"meta\":{\"a\":1,\"b\":2}}";
    cr_assert(eq(sz, n1, sizeof layout - 1 + 4));
    cr_assert(memcmp(b1, layout, sizeof layout - 1) == 0);
    free(b1);
    free(b2);
    json_decref(one);
    json_decref(two);
}

Test(checkpoint, blob_missing_or_of_another_size)
{
    dt_error err;
    dt_checkpoint *ck;
    float w[6] = {0};
    write_small(scratch_path("c"), &err);
    dt_checkpoint_open(scratch_path("c"), &ck, &err);
    cr_assert(eq(int, (int)dt_checkpoint_blob(ck, "weights", w, sizeof w, &err), DT_ERR_CONFIG));
    cr_assert(eq(str, err.message, "blob \"weights\" has 20 bytes, but 24 are needed"));
    cr_assert(eq(int, (int)dt_checkpoint_blob(ck, "weight", w, 20, &err), DT_ERR_CONFIG));
    cr_assert(eq(str, err.message, "it has no blob \"weight\""));
    dt_checkpoint_close(ck);
}

Test(checkpoint, truncation_at_every_byte)
{
    dt_error err;
    size_t n;
    write_small(scratch_path("c"), &err);
    free(scratch_read("c", &n));
    for (size_t keep = n; keep-- > 0;) {
        cr_assert(eq(int, truncate(scratch_path("c"), (off_t)keep), 0));
        cr_assert(eq(int, (int)refused("c", &err), DT_ERR_DATA));
        cr_assert(strstr(err.message, "truncated") != NULL, "%zu: %s", keep, err.message);
        cr_assert(eq(i64, err.offset, (int64_t)keep));
    }
}

Test(checkpoint, every_single_bit_flip)
{
    dt_error err;
    size_t n;
    write_small(scratch_path("c"), &err);
    char *bytes = scratch_read("c", &n);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        scratch_write("c", bytes, n);
        refused("c", &err);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    free(bytes);
}

Test(checkpoint, random_bit_flips)
{
    enum { N = 1 << 14 };
    dt_error err;
    static float big[N];
    dt_rng rng = dt_rng_stream(1, "flips", 0);
    for (uint32_t i = 0; i < N; i++) big[i] = (float)dt_rng_normal(rng, i);
    json_t *meta = json_object();
    const dt_blob blob = {"big", big, sizeof big};
    cr_assert(eq(int, (int)dt_checkpoint_write(scratch_path("c"), meta, &blob, 1, &err), DT_OK));
    json_decref(meta);
    int fd = open(scratch_path("c"), O_RDWR);
    off_t size = lseek(fd, 0, SEEK_END);
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t bit = dt_rng_below(rng, N + i, (uint32_t)size * 8);
        unsigned char byte, flipped;
        cr_assert(pread(fd, &byte, 1, bit / 8) == 1);
        flipped = byte ^ (unsigned char)(1 << bit % 8);
        cr_assert(pwrite(fd, &flipped, 1, bit / 8) == 1);
        refused("c", &err);
        cr_assert(pwrite(fd, &byte, 1, bit / 8) == 1);
    }
    close(fd);
    dt_checkpoint *ck;
    cr_assert(eq(int, (int)dt_checkpoint_open(scratch_path("c"), &ck, &err), DT_OK));
    dt_checkpoint_close(ck);
}

Test(checkpoint, each_fault_has_its_sentence)
{
    dt_error err;
    size_t n;
    cr_assert(eq(int, (int)refused("absent", &err), DT_ERR_IO));
    scratch_write("c", "#!/bin/sh\n", 10);
    cr_assert(eq(int, (int)refused("c", &err), DT_ERR_DATA));
    cr_assert(eq(str, err.message, "not a ditto checkpoint"));
    cr_assert(eq(int, (int)refused("", &err), DT_ERR_IO));
    cr_assert(eq(str, err.message, "not a regular file"));
    write_small(scratch_path("c"), &err);
    char *bytes = scratch_read("c", &n);
    bytes[8] = 9;
    scratch_write("c", bytes, n);
    cr_assert(eq(int, (int)refused("c", &err), DT_ERR_CONFIG));
    cr_assert(eq(str, err.message, "a checkpoint of version 9; this program reads version 1"));
    bytes[8] = 1;
    bytes[n - 4 - 4 - 1] ^= 1; /* the last byte of "counter": before its CRC and that of "none" */
    scratch_write("c", bytes, n);
    cr_assert(eq(int, (int)refused("c", &err), DT_ERR_DATA));
    cr_assert(eq(str, err.message, "corrupt blob \"counter\": its checksum is wrong"));
    cr_assert(eq(i64, err.offset, (int64_t)n - 4 - 4 - 3));
    bytes[n - 4 - 4 - 1] ^= 1;
    bytes[n] = '!';
    scratch_write("c", bytes, n + 1);
    cr_assert(eq(int, (int)refused("c", &err), DT_ERR_DATA));
    cr_assert(eq(str, err.message, "1 bytes after the last blob"));
    free(bytes);
}

/* After a failed write the former checkpoint is whole and nothing else is left. */
static void former_is_whole(const char *before, size_t n)
{
    size_t m;
    char *after = scratch_read("c", &m);
    cr_assert(after && m == n && memcmp(before, after, n) == 0);
    struct stat st;
    cr_assert(lstat(scratch_path("c.tmp"), &st) == -1 && errno == ENOENT);
    free(after);
}

Test(checkpoint, full_disk)
{
    dt_error err;
    size_t n;
    write_small(scratch_path("c"), &err);
    char *before = scratch_read("c", &n);
    cr_assert(eq(int, symlink("/dev/full", scratch_path("c.tmp")), 0));
    cr_assert(eq(int, (int)write_small(scratch_path("c"), &err), DT_ERR_IO));
    cr_assert(strstr(err.message, "No space left") && strstr(err.hint, "free some space"));
    former_is_whole(before, n);
    free(before);
}

/* A limit on the size of files stops the write at any byte, as a disk that fills up does. */
Test(checkpoint, disk_full_at_every_byte)
{
    dt_error err;
    size_t n;
    write_small(scratch_path("c"), &err);
    char *before = scratch_read("c", &n);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    for (size_t room = 0; room < n; room++) {
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){room, limit.rlim_max});
        cr_assert(eq(int, (int)write_small(scratch_path("c"), &err), DT_ERR_IO));
        former_is_whole(before, n);
    }
    setrlimit(RLIMIT_FSIZE, &limit);
    cr_assert(eq(int, (int)write_small(scratch_path("c"), &err), DT_OK));
    free(before);
}

Test(checkpoint, folder_that_is_a_file)
{
    dt_error err;
    scratch_write("file", "x", 1);
    cr_assert(eq(int, (int)write_small(scratch_path("file/c"), &err), DT_ERR_IO));
    cr_assert(err.hint[0] != '\0');
}

Test(checkpoint_as_user, read_only_folder) /* a skipped test runs no .fini: it makes its folder itself */
{
    if (geteuid() == 0) cr_skip_test("root writes in read-only folders");
    scratch_make();
    dt_error err;
    size_t n;
    write_small(scratch_path("c"), &err);
    char *before = scratch_read("c", &n);
    chmod(scratch_folder, 0500);
    dt_status status = write_small(scratch_path("c"), &err);
    chmod(scratch_folder, 0700);
    cr_assert(eq(int, (int)status, DT_ERR_IO));
    former_is_whole(before, n);
    free(before);
    scratch_remove();
}
