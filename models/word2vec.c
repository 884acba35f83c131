#include "models/word2vec.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/error.h"
#include "core/threads.h"
#include "models/word2vec_plan.h"

enum { PLANS = 8 }; /* pieces that are planned side by side */

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for word vectors");
    return memory;
}

/* Few words come again soon: their errors must not wait for each other so long. */
static int64_t batch_for(int64_t words)
{
    enum { LEAST = 8, WORDS = 64 };
    const int64_t batch = words / WORDS;
    return batch < LEAST ? LEAST : batch < WORD2VEC_BATCH ? batch : WORD2VEC_BATCH;
}

/* Zeros in whole pages, large ones where the system has them: rows lie anywhere in the matrix. */
static real *matrix_new(int64_t rows, int64_t stride)
{
    enum { HUGE_PAGE = 1 << 21 };
    const size_t bytes = ((size_t)(rows * stride) * sizeof(real) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    real *matrix = need(aligned_alloc(HUGE_PAGE, bytes));
    madvise(matrix, bytes, MADV_HUGEPAGE);
    memset(matrix, 0, bytes);
    return matrix;
}

/* How likely each word is kept: the original's formula, of which 2013b, section 2.3, prints the first term. */
static void init_keep(word2vec *m)
{
    const int64_t n = m->words->size;
    m->keep = need(malloc((size_t)n * sizeof *m->keep));
    for (int64_t i = 0; i < n; i++) {
        const double f = (double)m->words->count[i] / (double)(m->text->words ? m->text->words : 1);
        const double share = m->recipe.sample / f;
        m->keep[i] = m->recipe.sample > 0 ? (uint64_t)(fmin(1, sqrt(share) + share) * 0x1p32) : UINT64_C(1) << 32;
    }
}

/* In order, lanes of at least two cache lines, as many as the vectors allow and not as there are threads, so that sums
 * are always added in the same order; without locks, one. */
static void init_lanes(word2vec *m)
{
    const int64_t lines = (m->recipe.dims + DT_WINDOW_COLUMNS - 1) / DT_WINDOW_COLUMNS;
    m->columns = lines * DT_WINDOW_COLUMNS;
    m->lanes = m->recipe.hogwild || lines < 4 ? 1 : lines < 16 ? 2 : WORD2VEC_LANES;
    for (int l = 0; l <= m->lanes; l++) m->cut[l] = (lines * l + m->lanes - 1) / m->lanes * DT_WINDOW_COLUMNS;
}

static int64_t width_of(const word2vec *m, int lane)
{
    return m->cut[lane + 1] - m->cut[lane];
}

static real *lane_of(const word2vec *m, real *matrix, int64_t rows, int lane)
{
    return matrix + rows * m->cut[lane];
}

static void init_noise(word2vec *m)
{
    double *weight = need(malloc((size_t)m->words->size * sizeof *weight));
    for (int64_t i = 0; i < m->words->size; i++) weight[i] = pow((double)m->words->count[i], 0.75);
    dt_alias_init(&m->noise, weight, m->words->size);
    free(weight);
}

void word2vec_init(word2vec *m, const word2vec_recipe *recipe, const dt_backend *backend, const dt_vocabulary *words,
                   const dt_word_ids *text)
{
    DT_REQUIRE(recipe->dims >= 1 && recipe->window >= 1 && recipe->window <= DT_WINDOW_INPUTS / 2 &&
                   recipe->negatives >= 0 && recipe->negatives < DT_WINDOW_INPUTS && words->size >= 2,
               "word2vec_init: %lld words, %lld dims, window %lld, %lld negatives", (long long)words->size,
               (long long)recipe->dims, (long long)recipe->window, (long long)recipe->negatives);
    *m = (word2vec){.recipe = *recipe, .backend = backend, .words = words, .text = text};
    init_lanes(m);
    m->rows_out = recipe->hierarchical ? words->size - 1 : words->size;
    m->in = matrix_new(words->size, m->columns);
    m->out = matrix_new(m->rows_out, m->columns);
    m->batch = batch_for(words->size);
    m->blocks = (text->count + WORD2VEC_BLOCK - 1) / WORD2VEC_BLOCK;
    init_keep(m);
    if (recipe->hierarchical)
        dt_huffman_init(&m->tree, words->count, words->size);
    else
        init_noise(m);
    const dt_rng stream = dt_rng_stream(recipe->seed, "word vectors", 0);
    for (int l = 0; l < m->lanes; l++)
        for (int64_t i = 0; i < words->size; i++)
            for (int64_t j = m->cut[l]; j < m->cut[l + 1] && j < recipe->dims; j++)
                lane_of(m, m->in, words->size, l)[i * width_of(m, l) + j - m->cut[l]] =
                    (real)((dt_rng_uniform(stream, (uint64_t)(i * recipe->dims + j)) - 0.5) / (double)recipe->dims);
    m->plans = dt_threads() > PLANS ? dt_threads() : PLANS;
    m->plan = need(malloc((size_t)m->plans * sizeof *m->plan));
    for (int i = 0; i < m->plans; i++) word2vec_plan_init(&m->plan[i]);
}

void word2vec_free(word2vec *m)
{
    for (int i = 0; i < m->plans; i++) word2vec_plan_free(&m->plan[i]);
    free(m->plan);
    free(m->keep);
    dt_alias_free(&m->noise);
    dt_huffman_free(&m->tree);
    free(m->in);
    free(m->out);
    *m = (word2vec){0};
}

int64_t word2vec_pieces(const word2vec *m)
{
    return m->blocks * m->recipe.passes;
}

static real rate_at(const word2vec *m, int64_t piece)
{
    return (real)(m->recipe.rate * fmax(1e-4, 1 - (double)piece / (double)word2vec_pieces(m)));
}

/* ---- one piece: columns for the threads */

typedef struct {
    const word2vec *m;
    const word2vec_plan *plan;
    int parts; /* of the lanes, for the threads that are there */
    real rate;
    real *score[2][WORD2VEC_LANES]; /* of this batch and the one before it */
    real *error[WORD2VEC_LANES];    /* by part: each needs all of them */
    int64_t batch;                  /* whose scores are computed; the one before is brought to its end */
} training;

static int64_t most_targets(const word2vec *m)
{
    int64_t most = 1 + m->recipe.negatives;
    for (int64_t i = 0; i < m->tree.words; i++)
        if (m->tree.start[i + 1] - m->tree.start[i] > most) most = m->tree.start[i + 1] - m->tree.start[i];
    return most;
}

static void training_init(training *t, const word2vec *m)
{
    enum { LANES = WORD2VEC_LANES };
    *t = (training){.m = m};
    const int64_t pairs = m->batch * (m->recipe.cbow ? 1 : 2 * m->recipe.window) * most_targets(m);
    const int64_t room = (pairs + 127) / 64 * 64; /* and a gap: threads write side by side */
    real *at = need(aligned_alloc(64, (size_t)(3 * LANES * room) * sizeof *at));
    for (int l = 0; l < LANES; l++)
        for (int k = 0; k < 3; k++, at += room) *(k < 2 ? &t->score[k][l] : &t->error[l]) = at;
}

static void training_free(training *t)
{
    free(t->score[0][0]);
}

/* The windows of a batch, with one lane of the rows. */
static dt_windows batch_of(const training *t, int64_t batch, int lane)
{
    const word2vec *m = t->m;
    const int64_t first = batch * m->batch, left = t->plan->count - first;
    return (dt_windows){.window = t->plan->window + first,
                        .count = left < m->batch ? left : m->batch,
                        .input = t->plan->input,
                        .target = t->plan->target,
                        .label = t->plan->label,
                        .mean = m->recipe.cbow,
                        .in = lane_of(m, m->in, m->words->size, lane),
                        .out = lane_of(m, m->out, m->rows_out, lane),
                        .stride = width_of(m, lane)};
}

/* The end of one batch and the beginning of the next, in the i-th part of the lanes. */
static void train_lanes(void *context, int64_t i)
{
    const training *t = context;
    const dt_backend *b = t->m->backend;
    const int lanes = t->m->lanes, first = (int)i * lanes / t->parts, end = ((int)i + 1) * lanes / t->parts;
    if (t->batch > 0) {
        const dt_windows w = batch_of(t, t->batch - 1, first);
        dt_kernel(b, window_errors)(&w, lanes, (const real *const *)t->score[(t->batch - 1) % 2], t->rate, t->error[i]);
        for (int l = first; l < end; l++) {
            const dt_windows lane = batch_of(t, t->batch - 1, l);
            dt_kernel(b, window_update)(&lane, 0, lane.stride, t->error[i]);
        }
    }
    for (int l = first; l < end && t->batch * t->m->batch < t->plan->count; l++) {
        const dt_windows lane = batch_of(t, t->batch, l);
        dt_kernel(b, window_scores)(&lane, 0, lane.stride, t->score[t->batch % 2][l]);
    }
}

static void train_piece(training *t, const word2vec_plan *plan, int64_t piece)
{
    t->plan = plan;
    t->rate = rate_at(t->m, piece);
    t->parts = dt_threads_free(true) < t->m->lanes ? dt_threads_free(true) : t->m->lanes;
    for (t->batch = 0; (t->batch - 1) * t->m->batch < plan->count; t->batch++)
        dt_parallel_for(t->parts, train_lanes, t);
}

/* ---- all of them */

static void make_plan(void *context, int64_t i)
{
    const word2vec *m = context;
    word2vec_plan_make(&m->plan[i], m, m->done + i);
}

/* Pieces in their order, some planned side by side. */
static void train_in_order(word2vec *m, int64_t end)
{
    training t;
    training_init(&t, m);
    while (m->done < end) {
        const int64_t n = end - m->done < PLANS ? end - m->done : PLANS;
        dt_parallel_for(n, make_plan, m);
        for (int64_t i = 0; i < n; i++) train_piece(&t, &m->plan[i], m->done + i);
        m->done += n;
    }
    training_free(&t);
}

typedef struct {
    const word2vec *m;
    atomic_int_fast64_t next;
    int64_t end;
} herd;

/* Whoever is free takes the next piece. All threads read and write the same rows, on purpose and without atomics, to
 * which C11 gives no meaning. What is relied on instead: the processor reads and writes an aligned number whole, and
 * the kernels, compiled apart, read a row once for a window and use what they have read. A thread may lose another's
 * step, or see a row half updated, as each number still is one of those that were written. */
static void run_wild(void *context, int64_t i)
{
    herd *h = context;
    training t;
    training_init(&t, h->m);
    for (int64_t piece; (piece = atomic_fetch_add(&h->next, 1)) < h->end;) {
        word2vec_plan_make(&h->m->plan[i], h->m, piece);
        train_piece(&t, &h->m->plan[i], piece);
    }
    training_free(&t);
}

void word2vec_train(word2vec *m, int64_t most)
{
    const int64_t left = word2vec_pieces(m) - m->done, end = m->done + (most < left ? most : left);
    if (!m->recipe.hogwild) {
        train_in_order(m, end);
        return;
    }
    herd h = {.m = m, .end = end};
    atomic_init(&h.next, m->done);
    dt_parallel_for(dt_threads() < m->plans ? dt_threads() : m->plans, run_wild, &h);
    m->done = end;
}

void word2vec_windows(word2vec *m, void (*visit)(void *context, int32_t w, const int32_t *around, int64_t n),
                      void *context)
{
    DT_REQUIRE(!m->recipe.hierarchical, "word2vec_windows: targets are nodes, not words");
    word2vec_plan *plan = &m->plan[0];
    for (int64_t piece = 0; piece < m->blocks; piece++) {
        word2vec_plan_make(plan, m, piece);
        for (int64_t i = 0; i < plan->count; i++) {
            const dt_window *w = &plan->found[i];
            visit(context, plan->target[w->target], plan->input + w->input, w->inputs);
        }
    }
}

real *word2vec_vectors(const word2vec *m)
{
    const int64_t dims = m->recipe.dims;
    real *vectors = need(malloc((size_t)(m->words->size * dims) * sizeof *vectors));
    for (int l = 0; l < m->lanes; l++) {
        const real *lane = lane_of(m, m->in, m->words->size, l);
        const int64_t width = width_of(m, l), used = dims - m->cut[l] < width ? dims - m->cut[l] : width;
        for (int64_t i = 0; i < m->words->size; i++)
            memcpy(vectors + i * dims + m->cut[l], lane + i * width, (size_t)used * sizeof *vectors);
    }
    return vectors;
}

bool word2vec_finite(const word2vec *m)
{
    return isfinite(dt_sum_squares(m->words->size * m->columns, m->in) +
                    dt_sum_squares(m->rows_out * m->columns, m->out));
}
