#include "data/word_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/corpus.h"
#include "data/file.h"
#include "data/units.h"

enum { BUFFER = 1 << 20 };

/* Moves what is left to the buffer's beginning and fills the rest. */
static dt_status fill(dt_word_reader *r, dt_error *err)
{
    memmove(r->buffer, r->buffer + r->at, (size_t)(r->have - r->at));
    r->before += r->at;
    r->have -= r->at;
    r->at = 0;
    while (r->have < BUFFER && !r->ended) {
        const int64_t room = BUFFER - r->have, left = r->most - r->before - r->have;
        const ssize_t got = read(r->fd, r->buffer + r->have, (size_t)(room < left ? room : left));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return dt_error_set(err, DT_ERR_IO, r->path, r->before + r->have, NULL, "cannot be read: %s",
                                strerror(errno));
        r->have += got;
        r->ended = got == 0;
    }
    return DT_OK;
}

static bool packed(const dt_word_reader *r)
{
    static const uint8_t xz[] = {0xfd, '7', 'z', 'X', 'Z', 0}, gzip[] = {0x1f, 0x8b};
    return (r->have >= (int64_t)sizeof xz && memcmp(r->buffer, xz, sizeof xz) == 0) ||
           (r->have >= (int64_t)sizeof gzip && memcmp(r->buffer, gzip, sizeof gzip) == 0);
}

dt_status dt_word_reader_open(dt_word_reader *r, const char *path, int64_t most, dt_error *err)
{
    int64_t size;
    *r = (dt_word_reader){.fd = -1, .most = most > 0 ? most : INT64_MAX};
    snprintf(r->path, sizeof r->path, "%s", path);
    dt_status status = dt_file_open(path, "give a file with text in it", &r->fd, &size, err);
    if (status != DT_OK) return status;
    r->buffer = malloc(BUFFER);
    DT_REQUIRE(r->buffer, "out of memory for reading a text");
    status = fill(r, err);
    if (status == DT_OK && packed(r))
        status = dt_error_set(err, DT_ERR_DATA, path, 0, "unpack it with xz -d or gzip -d", "is compressed");
    if (status != DT_OK) dt_word_reader_close(r);
    return status;
}

/* What is wrong with a word, if something is. */
static dt_status check(const dt_word_reader *r, dt_error *err)
{
    for (int64_t i = 0, length; i < r->bytes; i += length) {
        length = 1;
        if (r->word[i] == 0)
            return dt_error_set(err, DT_ERR_DATA, r->path, r->before + r->at - r->bytes + i, "is this a text file?",
                                "a NUL byte is part of no word");
        if (r->word[i] < 0x80) continue;
        length = dt_utf8_length(r->word + i, r->bytes - i);
        if (length == 0)
            return dt_error_set(err, DT_ERR_DATA, r->path, r->before + r->at - r->bytes + i,
                                "convert the text to UTF-8, say with iconv", "the byte %02x is not part of UTF-8",
                                r->word[i]);
    }
    return DT_OK;
}

dt_status dt_word_reader_next(dt_word_reader *r, dt_error *err)
{
    dt_status status;
    for (;;) {
        while (r->at < r->have && units_blank(r->buffer[r->at]) && r->buffer[r->at] != '\n') r->at++;
        if (r->at + DT_WORD_MOST < r->have || r->ended) break;
        if (r->at < r->have && r->buffer[r->at] == '\n') break;
        if ((status = fill(r, err)) != DT_OK) return status;
    }
    r->word = r->buffer + r->at;
    r->bytes = 0;
    if (r->at == r->have) {
        if (!r->in_line) r->word = NULL;
        r->in_line = false;
        return DT_OK;
    }
    r->in_line = *r->word != '\n';
    if (!r->in_line) {
        r->at++;
        return DT_OK;
    }
    const int64_t most = r->have - r->at < DT_WORD_MOST + 1 ? r->have - r->at : DT_WORD_MOST + 1;
    while (r->bytes < most && !units_blank(r->word[r->bytes])) r->bytes++;
    if (r->bytes > DT_WORD_MOST)
        return dt_error_set(err, DT_ERR_DATA, r->path, r->before + r->at, "is this a text with blanks between words?",
                            "a word has more than %d bytes", DT_WORD_MOST);
    r->at += r->bytes;
    return check(r, err);
}

void dt_word_reader_close(dt_word_reader *r)
{
    if (r->fd >= 0) close(r->fd);
    free(r->buffer);
    r->buffer = NULL;
    r->fd = -1;
}
