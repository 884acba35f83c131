#include "run/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "run/atomic.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "checkpoints are little-endian, and so must be the machine");

static const char magic[8] = {'D', 'I', 'T', 'T', 'O', 'C', 'K', 'P'};
enum { VERSION = 1, PREFIX = 16, CRC = 4 };
static const char start_afresh[] = "remove the file to start anew";

struct dt_checkpoint {
    char *path;
    unsigned char *bytes;
    size_t size, blobs_at;
    json_t *header;
};

static uint32_t crc_of(const void *data, size_t bytes)
{
    return (uint32_t)crc32_z(0, data, bytes);
}

static json_t *header_of(const json_t *meta, const dt_blob *blobs, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++)
            DT_REQUIRE(strcmp(blobs[i].name, blobs[j].name) != 0, "checkpoint: two blobs named %s", blobs[i].name);
        json_array_append_new(list,
                              json_pack("{s:s, s:I}", "name", blobs[i].name, "bytes", (json_int_t)blobs[i].bytes));
    }
    return json_pack("{s:o, s:O}", "blobs", list, "meta", meta);
}

static dt_status put(dt_atomic *file, const void *data, size_t bytes, uint32_t crc, dt_error *err)
{
    dt_status status = dt_atomic_write(file, data, bytes, err);
    return status == DT_OK ? dt_atomic_write(file, &crc, CRC, err) : status;
}

dt_status dt_checkpoint_write(const char *path, const json_t *meta, const dt_blob *blobs, int n, dt_error *err)
{
    DT_REQUIRE(json_is_object(meta), "checkpoint: meta is no JSON object");
    json_t *header = header_of(meta, blobs, n);
    char *text = header ? json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(header);
    size_t length = text ? strlen(text) : 0;
    unsigned char *head = malloc(PREFIX + length);
    if (!text || !head || length > UINT32_MAX) {
        free(text);
        free(head);
        return dt_error_set(err, DT_ERR_SYSTEM, path, -1, "", "cannot make the checkpoint's header");
    }
    const uint32_t numbers[2] = {VERSION, (uint32_t)length};
    memcpy(head, magic, sizeof magic);
    memcpy(head + sizeof magic, numbers, sizeof numbers);
    memcpy(head + PREFIX, text, length);
    free(text);
    dt_atomic file;
    dt_status status = dt_atomic_open(&file, path, err);
    if (status == DT_OK) status = put(&file, head, PREFIX + length, crc_of(head, PREFIX + length), err);
    for (int i = 0; i < n && status == DT_OK; i++)
        status = put(&file, blobs[i].data, blobs[i].bytes, crc_of(blobs[i].data, blobs[i].bytes), err);
    if (status == DT_OK) status = dt_atomic_commit(&file, err);
    free(head);
    return status;
}

static dt_status read_all(int fd, dt_checkpoint *ck, dt_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return dt_error_set(err, DT_ERR_IO, ck->path, -1, "", "cannot stat: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return dt_error_set(err, DT_ERR_IO, ck->path, -1, "give the checkpoint itself", "not a regular file");
    ck->size = (size_t)st.st_size;
    ck->bytes = malloc(ck->size + 1);
    if (!ck->bytes) return dt_error_set(err, DT_ERR_SYSTEM, ck->path, -1, "", "no memory for its %zu bytes", ck->size);
    for (size_t at = 0; at < ck->size;) {
        ssize_t n = read(fd, ck->bytes + at, ck->size - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return dt_error_set(err, DT_ERR_IO, ck->path, (int64_t)at, "", "cannot read: %s", strerror(errno));
        if (n == 0) ck->size = at; /* it shrank: found to be truncated below */
        at += (size_t)n;
    }
    return DT_OK;
}

static dt_status truncated(const dt_checkpoint *ck, const char *within, dt_error *err)
{
    return dt_error_set(err, DT_ERR_DATA, ck->path, (int64_t)ck->size, start_afresh,
                        "truncated checkpoint: the file ends within %s", within);
}

/* Whether the blobs of the parsed header are as the writer makes them. */
static bool well_formed(const json_t *header)
{
    const json_t *list = json_object_get(header, "blobs");
    if (!json_is_object(json_object_get(header, "meta")) || !json_is_array(list)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *blob = json_array_get(list, i), *bytes = json_object_get(blob, "bytes");
        if (!json_is_string(json_object_get(blob, "name"))) return false;
        if (!json_is_integer(bytes) || json_integer_value(bytes) < 0) return false;
    }
    return true;
}

static dt_status verify_header(dt_checkpoint *ck, dt_error *err)
{
    size_t known = ck->size < sizeof magic ? ck->size : sizeof magic;
    if (memcmp(ck->bytes, magic, known) != 0)
        return dt_error_set(err, DT_ERR_DATA, ck->path, 0, start_afresh, "not a ditto checkpoint");
    if (ck->size < PREFIX) return truncated(ck, "the header", err);
    uint32_t numbers[2], crc;
    memcpy(numbers, ck->bytes + sizeof magic, sizeof numbers);
    if (numbers[0] != VERSION)
        return dt_error_set(err, DT_ERR_CONFIG, ck->path, sizeof magic, start_afresh,
                            "a checkpoint of version %u; this program reads version %d", numbers[0], VERSION);
    size_t length = numbers[1];
    if (ck->size - PREFIX < CRC || ck->size - PREFIX - CRC < length) return truncated(ck, "the header", err);
    memcpy(&crc, ck->bytes + PREFIX + length, CRC);
    if (crc != crc_of(ck->bytes, PREFIX + length))
        return dt_error_set(err, DT_ERR_DATA, ck->path, 0, start_afresh, "corrupt header: its checksum is wrong");
    json_error_t why;
    ck->header = json_loadb((const char *)ck->bytes + PREFIX, length, JSON_REJECT_DUPLICATES, &why);
    if (!ck->header || !well_formed(ck->header))
        return dt_error_set(err, DT_ERR_DATA, ck->path, PREFIX, start_afresh, "the header is not a checkpoint's");
    ck->blobs_at = PREFIX + length + CRC;
    return DT_OK;
}

static dt_status verify_blobs(const dt_checkpoint *ck, dt_error *err)
{
    const json_t *list = json_object_get(ck->header, "blobs");
    size_t at = ck->blobs_at;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *blob = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(blob, "name"));
        size_t bytes = (size_t)json_integer_value(json_object_get(blob, "bytes")), left = ck->size - at;
        if (left < CRC || left - CRC < bytes) {
            char within[160];
            snprintf(within, sizeof within, "blob \"%s\", of %zu bytes", name, bytes);
            return truncated(ck, within, err);
        }
        uint32_t crc;
        memcpy(&crc, ck->bytes + at + bytes, CRC);
        if (crc != crc_of(ck->bytes + at, bytes))
            return dt_error_set(err, DT_ERR_DATA, ck->path, (int64_t)at, start_afresh,
                                "corrupt blob \"%s\": its checksum is wrong", name);
        at += bytes + CRC;
    }
    if (at != ck->size)
        return dt_error_set(err, DT_ERR_DATA, ck->path, (int64_t)at, start_afresh, "%zu bytes after the last blob",
                            ck->size - at);
    return DT_OK;
}

dt_status dt_checkpoint_open(const char *path, dt_checkpoint **out, dt_error *err)
{
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return dt_error_set(err, DT_ERR_IO, path, -1, errno == ENOENT ? start_afresh : "",
                            "cannot open the checkpoint: %s", strerror(errno));
    dt_checkpoint *ck = calloc(1, sizeof *ck);
    if (ck) ck->path = strdup(path);
    dt_status status = DT_OK;
    if (!ck || !ck->path) status = dt_error_set(err, DT_ERR_SYSTEM, path, -1, "", "out of memory");
    if (status == DT_OK) status = read_all(fd, ck, err);
    close(fd);
    if (status == DT_OK) status = verify_header(ck, err);
    if (status == DT_OK) status = verify_blobs(ck, err);
    if (status == DT_OK)
        *out = ck;
    else
        dt_checkpoint_close(ck);
    return status;
}

void dt_checkpoint_close(dt_checkpoint *ck)
{
    if (!ck) return;
    json_decref(ck->header);
    free(ck->bytes);
    free(ck->path);
    free(ck);
}

const json_t *dt_checkpoint_meta(const dt_checkpoint *ck)
{
    return json_object_get(ck->header, "meta");
}

dt_status dt_checkpoint_blob(const dt_checkpoint *ck, const char *name, void *dest, size_t bytes, dt_error *err)
{
    static const char hint[] =
        "the checkpoint is of another model; give that run's flags, or remove the file to start anew";
    const json_t *list = json_object_get(ck->header, "blobs");
    size_t at = ck->blobs_at;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *blob = json_array_get(list, i);
        size_t has = (size_t)json_integer_value(json_object_get(blob, "bytes"));
        if (strcmp(json_string_value(json_object_get(blob, "name")), name) == 0) {
            if (has != bytes)
                return dt_error_set(err, DT_ERR_CONFIG, ck->path, -1, hint,
                                    "blob \"%s\" has %zu bytes, but %zu are needed", name, has, bytes);
            memcpy(dest, ck->bytes + at, bytes);
            return DT_OK;
        }
        at += has + CRC;
    }
    return dt_error_set(err, DT_ERR_CONFIG, ck->path, -1, hint, "it has no blob \"%s\"", name);
}
