/* experiments/word2vec: questions, principal components, the map, and the SVD, on spaces small enough to know better.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define train word2vec_train_text /* a name that another experiment has as well */
#include "experiments/word2vec/analogy.c"
#include "experiments/word2vec/corpus.c"
#include "experiments/word2vec/space.c"
#include "experiments/word2vec/svd.c"
#define GRAIN TSNE_GRAIN /* each its own */
#include "experiments/word2vec/tsne.c"
#include "scratch.h"

/* Words of two dimensions whose numbers are `value`; the vocabulary is made of a text in which each occurs. */
static void small_space(const char *line, const real *value, int64_t dims, dt_vocabulary *words, space *s)
{
    dt_error err;
    const dt_corpus corpus = {.path = "a text", .bytes = (uint8_t *)(uintptr_t)line, .count = (int64_t)strlen(line)};
    cr_assert(dt_vocabulary_words(&corpus, &(dt_word_options){.leave_out = true}, words, &err) == DT_OK);
    space_init(s, words, words->size, dims, value);
}

static void small_space_free(dt_vocabulary *words, space *s)
{
    space_free(s);
    dt_vocabulary_free(words);
}

Test(word2vec_lab, words_are_found_in_lower_case_too)
{
    static const real value[] = {3, 4, 0, 2, 0, 0};
    dt_vocabulary words;
    space s;
    small_space("a a a b b c", value, 2, &words, &s);
    cr_expect(space_find(&s, "A", 1) == 0 && space_find(&s, "b", 1) == 1 && space_find(&s, "d", 1) == -1);
    cr_expect(fabs((double)s.unit[0] - 0.6) < 1e-6 && fabs((double)s.unit[1] - 0.8) < 1e-6);
    cr_expect(fabs(space_cosine(&s, 0, 1) - 0.8) < 1e-6, "%g", space_cosine(&s, 0, 1));
    cr_expect(eq(dbl, space_cosine(&s, 0, 2), 0), "a vector of zeros is like nothing");
    space_free(&s);
    space_init(&s, &words, 1, 2, value);
    cr_expect(space_find(&s, "b", 1) == -1, "only the first words are in it");
    small_space_free(&words, &s);
}

/* Sums of directions: man + royal = king, woman + royal = queen. Without king, queen and woman themselves being left
 * out of the answers, "queen" would answer its own question. */
Test(word2vec_lab, questions_are_counted_and_answered, .init = scratch_make, .fini = scratch_remove)
{
    static const real value[] = {1, 0, 0, 0,   /* man */
                                 0, 1, 0, 0,   /* woman */
                                 1, 0, 1, 0,   /* king */
                                 0, 1, 1, 0,   /* queen */
                                 0, 0, 0, 1,   /* tree */
                                 1, 0, 0, .1}; /* boy */
    dt_vocabulary words;
    dt_error err;
    space s;
    score out;
    small_space("man man man man man man woman woman woman woman woman king king king king queen queen queen tree tree "
                "boy",
                value, 4, &words, &s);
    static const char questions[] =
        ": family\nman king woman queen\nKing man queen woman\nman king woman tree\nman king woman bishop\n"
        ": gram1-none\nking queen man woman\n";
    scratch_write("questions", questions, sizeof questions - 1);
    cr_assert(analogy_score(&dt_cpu, &s, scratch_path("questions"), &out, &err) == DT_OK, "%s", err.message);
    cr_assert(out.n == TOTALS + 2);
    const section *family = &out.of[TOTALS];
    cr_expect_str_eq(family->name, "family");
    cr_expect(family->questions == 4 && family->seen == 3 && family->right == 2, "%d %d %d", (int)family->questions,
              (int)family->seen, (int)family->right);
    cr_expect(out.of[TOTAL].seen == 4 && out.of[TOTAL].right == 3 && out.of[SEMANTIC].right == 2 &&
              out.of[SYNTACTIC].seen == 1 && out.of[SYNTACTIC].right == 1);
    cr_expect(fabs(percent(family) - 200.0 / 3) < 1e-9);
    small_space_free(&words, &s);
}

/* Points on a line in three dimensions, and a little beside it. */
Test(word2vec_lab, principal_components_by_hand)
{
    enum { N = 5 };
    real x[3 * N];
    double xy[2 * N];
    for (int i = 0; i < N; i++) {
        const double along = i - 2, across = i % 2 ? 0.1 : -0.1;
        x[3 * i] = (real)(7 + 0.6 * along + 0.8 * across);
        x[3 * i + 1] = (real)(0.8 * along - 0.6 * across);
        x[3 * i + 2] = 1;
    }
    principal_components(x, N, 3, xy);
    for (int i = 0; i < N; i++) {
        cr_expect(fabs(fabs(xy[2 * i]) - abs(i - 2)) < 1e-5, "%g", xy[2 * i]);
        const double mean = -0.1 + 2 * 0.2 / N;
        cr_expect(fabs(fabs(xy[2 * i + 1]) - fabs((i % 2 ? 0.1 : -0.1) - mean)) < 1e-5, "%g", xy[2 * i + 1]);
    }
    cr_expect(xy[0] * xy[2 * (N - 1)] < 0, "the ends lie on different sides");
}

/* 30 points in each of three corners: on the map each point's nearest neighbours are of its corner. */
Test(word2vec_lab, a_map_keeps_neighbours)
{
    enum { GROUP = 30, N = 3 * GROUP, DIMS = 4, NEAREST = 10 };
    real x[N * DIMS];
    double xy[2 * N];
    const dt_rng stream = dt_rng_stream(1, "points", 0);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < DIMS; k++)
            x[i * DIMS + k] = (real)((k == i / GROUP) + 0.2 * dt_rng_normal(stream, (uint64_t)(i * DIMS + k)));
    tsne(x, N, DIMS, 10, 400, xy);
    int right = 0;
    for (int i = 0; i < N; i++) {
        bool taken[N] = {false};
        taken[i] = true;
        for (int near = 0; near < NEAREST; near++) {
            int best = -1;
            for (int j = 0; j < N; j++)
                if (!taken[j] && (best < 0 || hypot(xy[2 * j] - xy[2 * i], xy[2 * j + 1] - xy[2 * i + 1]) <
                                                  hypot(xy[2 * best] - xy[2 * i], xy[2 * best + 1] - xy[2 * i + 1])))
                    best = j;
            taken[best] = true;
            right += best / GROUP == i / GROUP;
        }
    }
    cr_expect(right > 0.97 * N * NEAREST, "%d of %d neighbours are of the same group", right, N * NEAREST);
}

/* The widths are such that each row has the perplexity that was asked for. */
Test(word2vec_lab, a_row_has_its_perplexity)
{
    enum { N = 40 };
    double p[N * N], perplexity = 7;
    map m = {.n = N, .p = p, .perplexity = perplexity};
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) p[i * N + j] = (i - j) * (i - j) * 0.01;
    weigh_rows(&m, 0, N);
    for (int i = 0; i < N; i++) {
        double entropy = 0, sum = 0;
        for (int j = 0; j < N; j++) {
            const double q = p[i * N + j];
            sum += q;
            entropy -= q > 0 ? q * log(q) : 0;
        }
        cr_expect(fabs(sum - 1) < 1e-9 && fabs(exp(entropy) - perplexity) < 1e-6, "row %d: %g", i, exp(entropy));
    }
}

/* Pairs (0,1) three times, (0,2) once, (1,2) never: both ways 8 pairs; of words 0, 1, 2: 4, 3, 1. */
Test(word2vec_lab, pmi_by_hand)
{
    sparse s = {.words = 3,
                .start = need(calloc(4, sizeof(int64_t))),
                .fill = need(calloc(3, sizeof(int64_t))),
                .column = need(calloc(8, sizeof(int32_t)))};
    static const int64_t start[] = {0, 4, 7, 8};
    static const int32_t column[] = {1, 2, 1, 1, 0, 0, 0, 0};
    memcpy(s.start, start, sizeof start);
    memcpy(s.column, column, sizeof column);
    shift_pmi(&s, 1.5);
    cr_assert(s.start[1] == 2 && s.start[2] == 3 && s.start[3] == 4, "all entries are positive");
    cr_expect(s.column[0] == 1 && fabs((double)s.value[0] - log(3.0 * 8 / (4 * 3) / 1.5)) < 1e-6);
    cr_expect(s.column[1] == 2 && fabs((double)s.value[1] - log(1.0 * 8 / (4 * 1) / 1.5)) < 1e-6);
    sparse_free(&s);
}

/* A symmetric matrix, against GSL's eigenvectors of the whole of it: products of the vectors are those of U S U'. */
Test(word2vec_lab, the_largest_singular_values)
{
    enum { N = 40, DIMS = 6 };
    gsl_matrix *a = gsl_matrix_calloc(N, N), *v = gsl_matrix_alloc(N, N);
    gsl_vector *lambda = gsl_vector_alloc(N);
    const dt_rng stream = dt_rng_stream(2, "matrix", 0);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j <= i; j++) {
            double x = 0.02 * dt_rng_uniform(stream, i * N + j);
            for (size_t k = 0; k < DIMS; k++) /* singular values far apart */
                x += exp2(3 - (double)k) * sin((double)((k + 1) * (i + 1))) * sin((double)((k + 1) * (j + 1)));
            gsl_matrix_set(a, i, j, x);
            gsl_matrix_set(a, j, i, x);
        }
    sparse s = {.words = N,
                .start = need(calloc(N + 1, sizeof(int64_t))),
                .column = need(calloc((size_t)N * N, sizeof(int32_t))),
                .value = need(calloc((size_t)N * N, sizeof(real)))};
    for (int64_t i = 0; i < N; i++) {
        s.start[i + 1] = (i + 1) * N;
        for (int64_t j = 0; j < N; j++) {
            s.column[i * N + j] = (int32_t)j;
            s.value[i * N + j] = (real)gsl_matrix_get(a, (size_t)i, (size_t)j);
        }
    }
    real *vectors = decompose(&s, DIMS, 1);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(N);
    gsl_eigen_symmv(a, lambda, v, work);
    gsl_eigen_symmv_sort(lambda, v, GSL_EIGEN_SORT_ABS_DESC);
    double worst = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double wanted = 0, found = 0;
            for (size_t k = 0; k < DIMS; k++) {
                wanted += fabs(gsl_vector_get(lambda, k)) * gsl_matrix_get(v, i, k) * gsl_matrix_get(v, j, k);
                found += (double)vectors[i * DIMS + k] * (double)vectors[j * DIMS + k];
            }
            worst = fmax(worst, fabs(wanted - found));
        }
    cr_expect(worst < 1e-3, "%g", worst);
    free(vectors);
    gsl_eigen_symmv_free(work);
    gsl_vector_free(lambda);
    gsl_matrix_free(v);
    gsl_matrix_free(a);
    sparse_free(&s);
}
