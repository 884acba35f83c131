/* Skip-gram with negative sampling as a matrix: Levy, Goldberg 2014 show that its best vectors would have the products
 *
 *     in[w] out[c] = PMI(w, c) - log k,      PMI(w, c) = log (#(w,c) |D| / (#(w) #(c))),
 *
 * with k negatives and #(w,c) pairs of D. Here are the best vectors in another sense: U sqrt(S) of the largest singular
 * values of max(0, PMI - log k), found by subspace iteration (Halko, Martinsson, Tropp 2011, algorithm 4.4). Pairs
 * count both ways, so the matrix is symmetric, and its singular values are the magnitudes of its eigenvalues. */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "experiments/word2vec/parts.h"

enum { ROUNDS = 5, SPARE = 12, GRAIN = 256 };

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for a matrix of words");
    return memory;
}

/* ---- counting */

/* Row w has the columns column[start[w]] .. column[start[w+1]-1]; while it is filled, one for each pair. */
typedef struct {
    int64_t words;
    int64_t *start; /* [words+1] */
    int64_t *fill;  /* [words] */
    int32_t *column;
    real *value;
} sparse;

static void count_pairs(void *context, int32_t w, const int32_t *around, int64_t n)
{
    sparse *s = context;
    for (int64_t i = 0; i < n && w < s->words; i++)
        if (around[i] < s->words) s->fill[w]++, s->fill[around[i]]++;
}

static void note_pairs(void *context, int32_t w, const int32_t *around, int64_t n)
{
    sparse *s = context;
    for (int64_t i = 0; i < n && w < s->words; i++)
        if (around[i] < s->words) {
            s->column[s->fill[w]++] = around[i];
            s->column[s->fill[around[i]]++] = w;
        }
}

/* All pairs of the text, row by row. */
static void sparse_init(sparse *s, word2vec *m, int64_t words)
{
    *s = (sparse){.words = words,
                  .start = need(calloc((size_t)words + 1, sizeof *s->start)),
                  .fill = need(calloc((size_t)words, sizeof *s->fill))};
    word2vec_windows(m, count_pairs, s);
    for (int64_t w = 0; w < words; w++) {
        s->start[w + 1] = s->start[w] + s->fill[w];
        s->fill[w] = s->start[w];
    }
    s->column = need(malloc((size_t)(s->start[words] + 1) * sizeof *s->column));
    word2vec_windows(m, note_pairs, s);
}

static void sparse_free(sparse *s)
{
    free(s->start);
    free(s->fill);
    free(s->column);
    free(s->value);
}

/* Makes each row's pairs the entries max(0, PMI - log k) that are above 0. */
static void shift_pmi(sparse *s, double k)
{
    const double all = (double)s->start[s->words];
    int64_t *total = s->fill, *times = need(calloc((size_t)s->words, sizeof *times)), at = 0, begin = 0;
    int32_t *seen = need(malloc((size_t)s->words * sizeof *seen));
    s->value = need(malloc((size_t)(s->start[s->words] + 1) * sizeof *s->value));
    for (int64_t w = 0; w < s->words; w++) total[w] = s->start[w + 1] - s->start[w];
    for (int64_t w = 0; w < s->words; w++) {
        int64_t different = 0;
        for (int64_t i = begin; i < s->start[w + 1]; i++)
            if (times[s->column[i]]++ == 0) seen[different++] = s->column[i];
        begin = s->start[w + 1];
        s->start[w] = at;
        for (int64_t i = 0; i < different; i++) {
            const int32_t c = seen[i];
            const double value = log((double)times[c] * all / ((double)total[w] * (double)total[c])) - log(k);
            times[c] = 0;
            if (value <= 0) continue;
            s->column[at] = c;
            s->value[at++] = (real)value;
        }
    }
    s->start[s->words] = at;
    free(times);
    free(seen);
}

/* ---- the largest singular values */

typedef struct {
    const sparse *s;
    int64_t rank;
    const real *x; /* [words][rank] */
    real *y;       /* s x */
} product;

static void multiply_rows(void *context, int64_t first, int64_t end)
{
    const product *p = context;
    for (int64_t w = first; w < end; w++) {
        real *y = p->y + w * p->rank;
        memset(y, 0, (size_t)p->rank * sizeof *y);
        for (int64_t i = p->s->start[w]; i < p->s->start[w + 1]; i++) {
            const real *x = p->x + p->s->column[i] * p->rank, value = p->s->value[i];
            for (int64_t r = 0; r < p->rank; r++) y[r] += value * x[r];
        }
    }
}

/* Makes the columns of x [n][rank] orthonormal, one after another, each twice (Gram and Schmidt; once is not enough in
 * float). Rows of `columns` [rank][n] are scratch. */
static void orthonormalise(real *x, int64_t n, int64_t rank, double *column)
{
    for (int64_t r = 0; r < rank; r++)
        for (int64_t i = 0; i < n; i++) column[r * n + i] = (double)x[i * rank + r];
    for (int64_t r = 0; r < rank; r++) {
        double *now = column + r * n, norm = 0;
        for (int64_t q = 0; q < 2 * r; q++) {
            const double *before = column + q % r * n;
            double dot = 0;
            for (int64_t i = 0; i < n; i++) dot += now[i] * before[i];
            for (int64_t i = 0; i < n; i++) now[i] -= dot * before[i];
        }
        for (int64_t i = 0; i < n; i++) norm += now[i] * now[i];
        norm = norm > 0 ? 1 / sqrt(norm) : 0;
        for (int64_t i = 0; i < n; i++) now[i] *= norm;
    }
    for (int64_t r = 0; r < rank; r++)
        for (int64_t i = 0; i < n; i++) x[i * rank + r] = (real)column[r * n + i];
}

/* [n][dims]: x v sqrt(|lambda|) of the eigenvalues of x' s x with the largest magnitudes; sx is s x. */
static real *largest(const real *x, const real *sx, int64_t n, int64_t rank, int64_t dims)
{
    gsl_matrix *t = gsl_matrix_calloc((size_t)rank, (size_t)rank), *v = gsl_matrix_alloc((size_t)rank, (size_t)rank);
    gsl_vector *lambda = gsl_vector_alloc((size_t)rank);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc((size_t)rank);
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = 0; a < rank; a++)
            for (int64_t b = 0; b < rank; b++)
                t->data[a * rank + b] += 0.5 * ((double)x[i * rank + a] * (double)sx[i * rank + b] +
                                                (double)x[i * rank + b] * (double)sx[i * rank + a]);
    gsl_eigen_symmv(t, lambda, v, work);
    gsl_eigen_symmv_sort(lambda, v, GSL_EIGEN_SORT_ABS_DESC);
    real *vectors = need(malloc((size_t)(n * dims) * sizeof *vectors));
    for (int64_t i = 0; i < n; i++)
        for (int64_t d = 0; d < dims; d++) {
            double sum = 0;
            for (int64_t a = 0; a < rank; a++) sum += (double)x[i * rank + a] * v->data[a * rank + d];
            vectors[i * dims + d] = (real)(sum * sqrt(fabs(gsl_vector_get(lambda, (size_t)d))));
        }
    gsl_eigen_symmv_free(work);
    gsl_vector_free(lambda);
    gsl_matrix_free(v);
    gsl_matrix_free(t);
    return vectors;
}

static real *decompose(const sparse *s, int64_t dims, uint64_t seed)
{
    const int64_t n = s->words, rank = dims + SPARE < n ? dims + SPARE : n;
    real *x = need(malloc((size_t)(n * rank) * sizeof *x)), *y = need(malloc((size_t)(n * rank) * sizeof *y));
    double *column = need(malloc((size_t)(n * rank) * sizeof *column));
    const dt_rng stream = dt_rng_stream(seed, "subspace", 0);
    for (int64_t i = 0; i < n * rank; i++) y[i] = (real)dt_rng_normal(stream, (uint64_t)i);
    for (int round = 0; round < ROUNDS; round++) {
        memcpy(x, y, (size_t)(n * rank) * sizeof *x);
        orthonormalise(x, n, rank, column);
        dt_parallel_ranges(n, GRAIN, multiply_rows, &(product){s, rank, x, y});
    }
    real *vectors = largest(x, y, n, rank, dims);
    free(x);
    free(y);
    free(column);
    return vectors;
}

real *svd_vectors(dt_trial *trial, const text *t, const word2vec_recipe *recipe, int64_t words)
{
    word2vec m;
    sparse s;
    word2vec_recipe pairs = *recipe;
    pairs.dims = 1;
    pairs.negatives = 0;
    word2vec_init(&m, &pairs, dt_trial_backend(trial), &t->words, &t->ids);
    sparse_init(&s, &m, words);
    word2vec_free(&m);
    shift_pmi(&s, (double)recipe->negatives);
    dt_trial_say(trial, "shifted positive PMI: %lld words, %lld entries", (long long)words, (long long)s.start[words]);
    real *vectors = decompose(&s, recipe->dims < words ? recipe->dims : words, recipe->seed);
    sparse_free(&s);
    return vectors;
}
