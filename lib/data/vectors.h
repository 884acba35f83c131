/* Word vectors in files, in the two formats of the original word2vec, which many programs read. Both begin with a line
 * "WORDS DIMS". Text: a line a word, the word and its numbers with blanks between. Binary: the word, a blank, its
 * numbers as 32-bit floats, low byte first, and a line end (which some programs leave out). */
#ifndef DT_DATA_VECTORS_H
#define DT_DATA_VECTORS_H

#include "data/vocabulary.h"

typedef struct {
    dt_vocabulary words; /* in the file's order; files have no counts, so they are 1 */
    int64_t dims;
    float *value; /* [words.size][dims] */
} dt_vectors;

/* Tells the formats apart by itself. DT_ERR_DATA with the offset: the first line is another, the file ends too early or
 * goes on after the last word, a number is missing, too many or not finite, a word occurs twice. On error *out is all
 * zero. */
dt_status dt_vectors_read(const char *path, dt_vectors *out, dt_error *err);
void dt_vectors_free(dt_vectors *v);

/* Writes them; value [words->size][dims]. In text nine digits, with which a
 * float comes back as it was. DT_ERR_IO: the file cannot be written; it is then removed. */
dt_status dt_vectors_write(const char *path, bool binary, const dt_vocabulary *words, int64_t dims, const real *value,
                           dt_error *err);

#endif
