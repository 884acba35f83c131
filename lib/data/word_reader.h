/* The words of a text file one after another, with a piece of the file in memory: for texts of any length. */
#ifndef DT_DATA_WORD_READER_H
#define DT_DATA_WORD_READER_H

#include "core/error.h"

enum { DT_WORD_MOST = 65536 }; /* bytes of the longest word */

typedef struct {
    const uint8_t *word; /* the present one, good until the next call; NULL: the text is at its end */
    int64_t bytes;       /* 0: it is not a word but the end of a line */
    /* private */
    int fd;
    uint8_t *buffer;
    int64_t have, at, before; /* bytes in the buffer, those gone through, and those before it in the file */
    int64_t most;             /* of the file's bytes are read */
    bool in_line, ended;
    char path[256];
} dt_word_reader;

/* Words stand between blanks, as for data/vocabulary.h; a last line without a line end has one all the same. `most`:
 * only so many bytes of the file are read; 0: all. Errors of open: those of a file that is missing, no file or empty,
 * and a file that is compressed (DT_ERR_DATA). Errors of next, with the offset: the text is not UTF-8, has a NUL, or a
 * word of more than DT_WORD_MOST bytes (DT_ERR_DATA); it cannot be read (DT_ERR_IO). */
dt_status dt_word_reader_open(dt_word_reader *r, const char *path, int64_t most, dt_error *err);
dt_status dt_word_reader_next(dt_word_reader *r, dt_error *err);
void dt_word_reader_close(dt_word_reader *r);

#endif
