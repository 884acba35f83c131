/* Vectors as directions. */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/word2vec/parts.h"

void space_init(space *s, const dt_vocabulary *words, int64_t most, int64_t dims, const real *value)
{
    *s = (space){.words = words, .size = words->size < most ? words->size : most, .dims = dims};
    s->unit = malloc((size_t)(s->size * dims) * sizeof *s->unit);
    DT_REQUIRE(s->unit, "out of memory for %lld vectors", (long long)s->size);
    for (int64_t i = 0; i < s->size; i++) {
        const double norm = sqrt(dt_sum_squares(dims, value + i * dims));
        for (int64_t k = 0; k < dims; k++)
            s->unit[i * dims + k] = norm > 0 ? (real)((double)value[i * dims + k] / norm) : 0;
    }
}

void space_of(space *s, const word2vec *m)
{
    real *vectors = word2vec_vectors(m);
    space_init(s, m->words, FREQUENT, m->recipe.dims, vectors);
    free(vectors);
}

void space_free(space *s)
{
    free(s->unit);
    *s = (space){0};
}

int32_t space_find(const space *s, const char *word, int64_t bytes)
{
    char lower[256];
    int32_t id = dt_vocabulary_id(s->words, word, bytes);
    if (id < 0 && bytes < (int64_t)sizeof lower) {
        for (int64_t i = 0; i < bytes; i++)
            lower[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] - 'A' + 'a' : word[i]);
        id = dt_vocabulary_id(s->words, lower, bytes);
    }
    return id < s->size ? id : -1;
}

double space_cosine(const space *s, int32_t a, int32_t b)
{
    double sum = 0;
    for (int64_t k = 0; k < s->dims; k++) sum += (double)s->unit[a * s->dims + k] * (double)s->unit[b * s->dims + k];
    return sum;
}

/* The covariance of the vectors about their mean. */
static gsl_matrix *covariance(const real *vectors, int64_t n, int64_t dims, double *mean)
{
    gsl_matrix *c = gsl_matrix_calloc((size_t)dims, (size_t)dims);
    for (int64_t k = 0; k < dims; k++) {
        mean[k] = 0;
        for (int64_t i = 0; i < n; i++) mean[k] += (double)vectors[i * dims + k] / (double)n;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < dims; k++)
            for (int64_t l = 0; l < dims; l++)
                c->data[k * dims + l] +=
                    ((double)vectors[i * dims + k] - mean[k]) * ((double)vectors[i * dims + l] - mean[l]);
    return c;
}

void principal_components(const real *vectors, int64_t n, int64_t dims, double *xy)
{
    double *mean = malloc((size_t)dims * sizeof *mean);
    DT_REQUIRE(mean, "out of memory for principal components");
    gsl_matrix *c = covariance(vectors, n, dims, mean), *axes = gsl_matrix_alloc((size_t)dims, (size_t)dims);
    gsl_vector *variance = gsl_vector_alloc((size_t)dims);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc((size_t)dims);
    gsl_eigen_symmv(c, variance, axes, work);
    gsl_eigen_symmv_sort(variance, axes, GSL_EIGEN_SORT_VAL_DESC);
    for (int64_t i = 0; i < n; i++)
        for (int64_t p = 0; p < 2; p++) {
            xy[2 * i + p] = 0;
            for (int64_t k = 0; k < dims && p < dims; k++)
                xy[2 * i + p] += ((double)vectors[i * dims + k] - mean[k]) * gsl_matrix_get(axes, (size_t)k, (size_t)p);
        }
    gsl_eigen_symmv_free(work);
    gsl_vector_free(variance);
    gsl_matrix_free(axes);
    gsl_matrix_free(c);
    free(mean);
}
