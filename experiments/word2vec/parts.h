/* The parts of this experiment: corpus.c reads the text and trains one set of vectors, trials.c and hogwild.c say
 * which, own.c does it with the user's text; analogy.c and similarity.c judge vectors, svd.c makes others by counting;
 * look.c answers questions, figures.c and map.c draw. */
#ifndef EXPERIMENTS_WORD2VEC_PARTS_H
#define EXPERIMENTS_WORD2VEC_PARTS_H

#include "data/vectors.h"
#include "models/word2vec.h"
#include "run/trials.h"

/* ---- corpus.c */

extern const dt_text_set wiki_text, eval_texts;

/* A text in training. Not to be moved. */
typedef struct {
    dt_vocabulary words;
    dt_word_ids ids;
} text;

/* The trial's text; in smoke only its beginning. */
dt_status text_read(dt_trial *trial, text *t, dt_error *err);

/* Any file, or its first `most` bytes (0: all), with words that occur at least `least` times. */
dt_status text_read_file(dt_trial *trial, const char *path, int64_t least, int64_t most, text *t, dt_error *err);
void text_free(text *t);

/* The original's defaults, with what the flags change. */
word2vec_recipe recipe_of(const dt_trial *trial, bool cbow, bool hierarchical);

/* Trains `m`, which the caller frees, while the trial's progress goes from `from` to `to`; *seconds is what it took.
 * DT_ERR_DATA: the numbers are not finite. After ^C (dt_trial_stopped) it ends early. */
dt_status train(dt_trial *trial, const char *name, const text *t, const word2vec_recipe *recipe, double from, double to,
                word2vec *m, double *seconds, dt_error *err);

/* ---- space.c: vectors of length 1, for cosines */

typedef struct {
    const dt_vocabulary *words; /* outlives it */
    int64_t size, dims;         /* the first `size` words */
    real *unit;                 /* [size][dims] */
} space;

/* Of the first `most` words; value [words][dims]. */
void space_init(space *s, const dt_vocabulary *words, int64_t most, int64_t dims, const real *value);

/* Of the FREQUENT most frequent words. */
void space_of(space *s, const word2vec *m);
void space_free(space *s);

/* The word's number, as it is written or else in lower case; -1: it is not among them. */
int32_t space_find(const space *s, const char *word, int64_t bytes);
double space_cosine(const space *s, int32_t a, int32_t b);

/* The first two principal components of n vectors [n][dims], as coordinates xy [n][2]. */
void principal_components(const real *vectors, int64_t n, int64_t dims, double *xy);

/* ---- analogy.c */

enum { SECTIONS = 24, FREQUENT = 30000 };

typedef struct {
    char name[64];
    bool syntactic;
    int64_t questions, seen, right;
} section;

/* Totals come first. */
enum { TOTAL, SEMANTIC, SYNTACTIC, TOTALS };
typedef struct {
    section of[SECTIONS];
    int n;
} score;

/* "a is to b as c is to ?", for each question of the file at `path` whose words are all in the space: right if of all
 * other words the nearest to b - a + c is the one given (Mikolov et al. 2013a, section 4.1). */
dt_status analogy_score(const dt_backend *backend, const space *s, const char *path, score *out, dt_error *err);
double percent(const section *s);

/* The same for the trial's file; and for the 30,000 most frequent words, as the original's compute-accuracy does. */
dt_status judge_space(dt_trial *trial, const space *s, score *out, dt_error *err);
dt_status judge(dt_trial *trial, const word2vec *m, score *out, dt_error *err);

/* ---- similarity.c */

enum { SIMILARITY_SETS = 5 };
extern const char *const similarity_names[SIMILARITY_SETS];

typedef struct {
    double rho[SIMILARITY_SETS];                           /* NaN: fewer than 3 pairs were seen */
    int64_t pairs[SIMILARITY_SETS], seen[SIMILARITY_SETS]; /* seen: both words are in the space */
} likeness;

/* Spearman's rank correlation of cosines with what people say, for each of the sets. */
dt_status judge_likeness(const dt_trial *trial, const space *s, likeness *out, dt_error *err);

/* ---- svd.c: Levy, Goldberg 2014, "Neural word embedding as implicit matrix factorization" */

/* Vectors [words][dims] of the first `words` words by the SVD of shifted positive PMI, from pairs drawn as skip-gram's
 * are; the caller frees them. */
real *svd_vectors(dt_trial *trial, const text *t, const word2vec_recipe *recipe, int64_t words);

/* ---- figures.c, map.c, tsne.c: for the first seed */

dt_status draw_pairs(dt_trial *trial, const space *s, dt_error *err);
dt_status draw_map(dt_trial *trial, const space *s, dt_error *err);

/* xy [n][2]: a map of unit vectors [n][dims] in which neighbours stay neighbours (van der Maaten, Hinton 2008). */
void tsne(const real *unit, int64_t n, int64_t dims, double perplexity, int64_t steps, double *xy);

/* ---- look.c: --analogy, --nearest */

dt_status look_answer(const dt_program *program, dt_error *err);

/* ---- trials.c, hogwild.c, own.c */

dt_status table_run(dt_trial *trial, dt_error *err);
dt_status demo_run(dt_trial *trial, dt_error *err);
dt_status dimension_run(dt_trial *trial, dt_error *err);
dt_status passes_run(dt_trial *trial, dt_error *err);
dt_status hogwild_run(dt_trial *trial, dt_error *err);
dt_status own_text_run(dt_trial *trial, dt_error *err);

#endif
