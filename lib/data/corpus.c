#include "data/corpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/file.h"
#include "data/sha256.h"

static dt_status fill(int fd, dt_corpus *out, dt_error *err)
{
    for (int64_t have = 0; have < out->count;) {
        ssize_t got = read(fd, out->bytes + have, (size_t)(out->count - have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return dt_error_set(err, DT_ERR_IO, out->path, have, NULL, "cannot be read: %s", strerror(errno));
        if (got == 0)
            return dt_error_set(err, DT_ERR_DATA, out->path, have, "let nobody change the file while it is read",
                                "the file ends after %lld of %lld bytes", (long long)have, (long long)out->count);
        have += got;
    }
    return DT_OK;
}

/* Room for `count` bytes, and the name. */
static dt_status make(const char *name, int64_t count, dt_corpus *out, dt_error *err)
{
    *out = (dt_corpus){.bytes = malloc((size_t)count), .count = count};
    snprintf(out->path, sizeof out->path, "%s", name);
    if (out->bytes) return DT_OK;
    *out = (dt_corpus){0};
    return dt_error_set(err, DT_ERR_SYSTEM, name, -1, NULL, "out of memory for %lld bytes", (long long)count);
}

dt_status dt_corpus_read(const char *path, dt_corpus *out, dt_error *err)
{
    *out = (dt_corpus){0};
    int fd;
    int64_t size;
    dt_status status = dt_file_open(path, "give a file with text in it", &fd, &size, err);
    if (status != DT_OK) return status;
    status = make(path, size, out, err);
    if (status == DT_OK) status = fill(fd, out, err);
    if (status == DT_OK) status = dt_sha256(out->bytes, (size_t)size, NULL, 0, out->sha256, err);
    close(fd);
    if (status != DT_OK) dt_corpus_free(out);
    return status;
}

dt_status dt_corpus_copy(const char *name, const void *bytes, int64_t count, dt_corpus *out, dt_error *err)
{
    *out = (dt_corpus){0};
    if (count == 0) return dt_error_set(err, DT_ERR_DATA, name, -1, "give at least one character", "is empty");
    dt_status status = make(name, count, out, err);
    if (status != DT_OK) return status;
    memcpy(out->bytes, bytes, (size_t)count);
    status = dt_sha256(bytes, (size_t)count, NULL, 0, out->sha256, err);
    if (status != DT_OK) dt_corpus_free(out);
    return status;
}

void dt_corpus_free(dt_corpus *corpus)
{
    free(corpus->bytes);
    *corpus = (dt_corpus){0};
}

int dt_utf8_length(const uint8_t *s, int64_t left)
{
    if (s[0] < 0x80) return 1;
    const int length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || left < length) return 0;
    for (int i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    /* The second byte tells overlong forms, surrogates and what lies above U+10FFFF. */
    const bool refused = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
                         (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f);
    return refused ? 0 : length;
}

dt_status dt_corpus_check_utf8(const dt_corpus *corpus, const char *hint, dt_error *err)
{
    for (int64_t i = 0, length; i < corpus->count; i += length) {
        length = dt_utf8_length(corpus->bytes + i, corpus->count - i);
        if (length == 0)
            return dt_error_set(err, DT_ERR_DATA, corpus->path, i, hint, "the byte %02x is not part of UTF-8",
                                corpus->bytes[i]);
    }
    return DT_OK;
}
