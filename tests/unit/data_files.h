/* Small input files for the tests of lib/data: raw and gzipped, whole, cut off and damaged, in a folder that each test
 * makes for itself and removes. */
#ifndef TESTS_UNIT_DATA_FILES_H
#define TESTS_UNIT_DATA_FILES_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/error.h"

typedef struct {
    char dir[64];
    char path[128]; /* of the file last written */
} test_folder;

static inline test_folder folder_new(void)
{
    test_folder f = {.dir = "/tmp/ditto-test-XXXXXX"};
    cr_assert(mkdtemp(f.dir) != NULL);
    return f;
}

static inline void folder_remove(const test_folder *f)
{
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    cr_assert(eq(int, system(command), 0));
}

/* Writes dir/name and returns its path, which is valid until the next call. */
static inline const char *folder_write(test_folder *f, const char *name, const void *bytes, size_t count)
{
    snprintf(f->path, sizeof f->path, "%s/%s", f->dir, name);
    FILE *file = fopen(f->path, "wb");
    cr_assert(file != NULL);
    cr_assert(eq(sz, fwrite(bytes, 1, count, file), count));
    cr_assert(eq(int, fclose(file), 0));
    return f->path;
}

/* The bytes, gzipped, into to[room]; returns how many. */
static inline size_t gzip_bytes(const void *bytes, size_t count, uint8_t *to, size_t room)
{
    z_stream z = {
        .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)count, .next_out = to, .avail_out = (uInt)room};
    cr_assert(eq(int, deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK));
    cr_assert(eq(int, deflate(&z, Z_FINISH), Z_STREAM_END));
    deflateEnd(&z);
    return room - z.avail_out;
}

#endif
