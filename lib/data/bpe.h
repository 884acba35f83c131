/* Words cut into pieces by byte-pair encoding (Sennrich, Haddow, Birch 2016, algorithm 1): the pair of neighbouring
 * symbols that is most frequent becomes a symbol, again and again. So rare words are made of frequent pieces, and no
 * word is unknown whose characters are known. A symbol is a code point at first, and a word's last one is another than
 * the same elsewhere.
 *
 * The result is a text again, in which "@@" ends every piece but the last one of a word. */
#ifndef DT_DATA_BPE_H
#define DT_DATA_BPE_H

#include "data/corpus.h"

typedef struct dt_bpe dt_bpe;

/* Learns up to `merges` merges from a text: fewer where no pair occurs twice. Of equally frequent pairs the one whose
 * symbols came first is taken. DT_ERR_DATA: the text is not UTF-8, has a NUL, or less than two different words. */
dt_status dt_bpe_learn(const dt_corpus *text, int64_t merges, dt_bpe **out, dt_error *err);
void dt_bpe_free(dt_bpe *bpe);

int64_t dt_bpe_merges(const dt_bpe *bpe);

/* The text with its words cut, line by line; it remembers new characters. DT_ERR_DATA: the text is not UTF-8 or has a
 * NUL. */
dt_status dt_bpe_cut(dt_bpe *bpe, const dt_corpus *text, dt_corpus *out, dt_error *err);

/* Joins the pieces of a line again, in place. */
void dt_bpe_join(char *line);

/* The merges as text, a line each, for a checkpoint: the two symbols with a tab between, the last one of a word with a
 * blank behind it. The caller frees it. dt_bpe_parse reads it: DT_ERR_DATA with the offset of the first line that is
 * none. */
char *dt_bpe_text(const dt_bpe *bpe);
dt_status dt_bpe_parse(const char *path, const char *text, dt_bpe **out, dt_error *err);

#endif
