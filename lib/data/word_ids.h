/* A text of any length as ids of words: in a file without a name, mapped into memory, so that many passes over it cost
 * no reading of words and the system may take its pages back. */
#ifndef DT_DATA_WORD_IDS_H
#define DT_DATA_WORD_IDS_H

#include "data/vocabulary.h"

typedef struct {
    const int32_t *id;      /* [count]; -1 where a line ends. Words that the vocabulary lacks are left out */
    int64_t count;          /* 0: none of the words is in the vocabulary */
    int64_t words, unknown; /* how many are in the vocabulary, and how many are not */
} dt_word_ids;

/* Reads the text, `most` bytes of it, or with 0 all (data/word_reader.h, whose errors these are); the file is made in
 * `folder`. DT_ERR_IO: it cannot be made or written. A vocabulary without <unk>. On error *out is all zero. */
dt_status dt_word_ids_read(const char *path, const dt_vocabulary *v, int64_t most, const char *folder, dt_word_ids *out,
                           dt_error *err);
void dt_word_ids_free(dt_word_ids *ids);

#endif
