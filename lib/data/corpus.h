/* A text in memory, as bytes; what its units are (words, bytes or code points) is the vocabulary's matter
 * (data/vocabulary.h). */
#ifndef DT_DATA_CORPUS_H
#define DT_DATA_CORPUS_H

#include "core/error.h"

typedef struct {
    uint8_t *bytes;
    int64_t count;   /* of bytes, at least 1 */
    char sha256[65]; /* of the file */
    char path[256];  /* for messages */
} dt_corpus;

/* Reads a text file as it is, whatever its bytes. DT_ERR_IO: it cannot be read. DT_ERR_DATA: it is empty, or grew
 * shorter while it was read. DT_ERR_SYSTEM: out of memory. On error *out is all zero. */
dt_status dt_corpus_read(const char *path, dt_corpus *out, dt_error *err);

/* A text that lies in memory already, copied: a prime that is to be continued, say. `name` stands for the path in
 * messages. Errors as above. */
dt_status dt_corpus_copy(const char *name, const void *bytes, int64_t count, dt_corpus *out, dt_error *err);

void dt_corpus_free(dt_corpus *corpus);

/* How many bytes the character at s has, of which `left` bytes are there; 0: it is not UTF-8 (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF). */
int dt_utf8_length(const uint8_t *s, int64_t left);

/* DT_ERR_DATA with the offset of the first byte that is not UTF-8; `hint` says what to do. */
dt_status dt_corpus_check_utf8(const dt_corpus *corpus, const char *hint, dt_error *err);

#endif
