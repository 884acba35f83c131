/* Phrases as single words (Mikolov et al. 2013b, section 4): "new york" becomes "new_york" where the two stand side by
 * side more often than chance would have it. Two runs make phrases of up to four words. */
#ifndef DT_DATA_PHRASES_H
#define DT_DATA_PHRASES_H

#include "core/error.h"

typedef struct {
    int64_t least;    /* delta of eq. 6, and words that occur fewer times are in no phrase */
    double threshold; /* of (count(a b) - delta) / (count(a) count(b)), eq. 6, times the number of words */
} dt_phrase_options;

/* Reads the text `from` twice (data/word_reader.h) and writes it to `to` with its phrases joined by '_'; *joined is how
 * often that happened. The memory is that of its different pairs of words. DT_ERR_IO: `to` cannot be written. */
dt_status dt_phrases_write(const char *from, const char *to, const dt_phrase_options *options, int64_t *joined,
                           dt_error *err);

#endif
