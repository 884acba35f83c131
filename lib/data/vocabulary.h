/* Vocabularies: the units of a text, words or characters, and their ids. Ids go by frequency, the most frequent is 0,
 * and among equals by their bytes, so the same text gives the same ids everywhere.
 *
 * Words stand between blanks. "<unk>" takes the place of every word that is too rare or that the vocabulary lacks, and
 * "<eos>" (end of sentence) stands for each line end; both may also occur in the text itself. Characters are bytes,
 * then any file will do, or the code points of UTF-8. */
#ifndef DT_DATA_VOCABULARY_H
#define DT_DATA_VOCABULARY_H

#include "data/corpus.h"

typedef enum { DT_WORDS, DT_BYTES, DT_CODE_POINTS } dt_unit;

typedef struct {
    dt_unit unit;
    int64_t size;         /* ids are 0 .. size-1 */
    int64_t *count;       /* [size]: how often each occurs in the text that the vocabulary was made of */
    uint8_t *bytes;       /* the units one after another, */
    int64_t *start;       /* [size+1]: unit i is bytes[start[i]] .. bytes[start[i+1]-1] */
    int32_t unknown, end; /* the ids of <unk> and <eos>; -1: there is none */
    char fingerprint[65]; /* hash of the units in their order: two of the same give the same ids */
    int32_t *slot;        /* hash table of `slots` ids, -1 where it is free */
    int64_t slots;
} dt_vocabulary;

/* For words; all 0: every word counts, and line ends are blanks. */
typedef struct {
    int64_t least;  /* a word that occurs fewer times than this becomes <unk> */
    bool unknown;   /* there is an <unk> even if no word is that rare */
    bool line_ends; /* each line ends in an <eos> */
    bool leave_out; /* rare words are no part of the vocabulary, and there is no <unk> for them */
    int64_t most;   /* of a file that is read, only so many bytes; 0: all */
} dt_word_options;

/* The vocabulary of a text. Errors: the text is not UTF-8 (words, code points), or has a NUL (words), DT_ERR_DATA with
 * the offset; it has only one different unit, so that there is nothing to predict, DT_ERR_DATA. On error *out is all
 * zero. */
dt_status dt_vocabulary_words(const dt_corpus *text, const dt_word_options *options, dt_vocabulary *out, dt_error *err);
dt_status dt_vocabulary_characters(const dt_corpus *text, dt_unit unit, dt_vocabulary *out, dt_error *err);

/* The same for the words of a file that is read from its beginning to its end, however long it is: the memory is that
 * of its different words. Further errors: those of data/word_reader.h. */
dt_status dt_vocabulary_read_words(const char *path, const dt_word_options *options, dt_vocabulary *out, dt_error *err);
void dt_vocabulary_free(dt_vocabulary *v);

/* The id of a unit; where the vocabulary lacks it, that of <unk>, or -1 if it has none. */
int32_t dt_vocabulary_id(const dt_vocabulary *v, const void *bytes, int64_t count);

/* The unit with this id: its bytes, without a NUL after them, and their number in *count. */
const uint8_t *dt_vocabulary_unit(const dt_vocabulary *v, int32_t id, int64_t *count);

/* The vocabulary as text, for a file or a checkpoint: a line "words", "bytes" or "code points", then a line a unit:
 * its count, a tab, the unit, in which control characters, blanks, backslashes, and for DT_BYTES all beyond ASCII,
 * are written \xHH. *size excludes the NUL at the end. The caller frees it. */
char *dt_vocabulary_text(const dt_vocabulary *v, int64_t *size);

/* Reads that text back. DT_ERR_DATA with the offset: it is no such text, or a unit occurs twice. `path` is for the
 * message. On error *out is all zero. */
dt_status dt_vocabulary_parse(const char *path, const char *text, int64_t size, dt_vocabulary *out, dt_error *err);

/* DT_ERR_CONFIG unless `fingerprint`, that a checkpoint at `path` was made with, is this vocabulary's. */
dt_status dt_vocabulary_check(const dt_vocabulary *v, const char *fingerprint, const char *path, dt_error *err);

/* A text as ids. */
typedef struct {
    int32_t *id;     /* [count], each below the vocabulary's size */
    int64_t count;   /* at least 1 */
    int64_t unknown; /* of them, how many are <unk> */
} dt_tokens;

/* DT_ERR_DATA with the offset: the text is not UTF-8 where it must be, or has a unit that the vocabulary lacks and
 * <unk> is not in it; a text of blanks alone. On error *out is all zero. */
dt_status dt_tokens_read(const dt_vocabulary *v, const dt_corpus *text, dt_tokens *out, dt_error *err);
void dt_tokens_free(dt_tokens *tokens);

#endif
