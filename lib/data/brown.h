/* The Brown corpus as NLTK and others distribute it: WORD/TAG pairs between blanks, a sentence a line, and empty lines
 * between paragraphs. */
#ifndef DT_DATA_BROWN_H
#define DT_DATA_BROWN_H

#include "data/corpus.h"

/* The words without their tags, a paragraph a line, so that a line's end is the paragraph's mark. The tag is what
 * follows the last stroke of a token. Errors are those of dt_corpus_read; a token without a tag is DT_ERR_DATA with its
 * offset. The hash is the file's. On error *out is all zero. */
dt_status dt_corpus_read_brown(const char *path, dt_corpus *out, dt_error *err);

#endif
