/* Word vectors: the windows of a text as small matrix products. What a window touches, some dozen rows, is read once
 * for all its pairs. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/transpose.h"
#include "backend/cpu/vecmath.h"
#include "core/error.h"

/* Targets in registers at a time: with an accumulator each, the inputs and a factor they fill them. */
enum { TILE = VEC_REGISTERS == 32 ? 8 : 4, AHEAD = 2 };

#define INLINE static inline __attribute__((always_inline))

/* TILES(n, f(K)): f with the constant K = n, for n up to TILE, so that its loops are unrolled. */
#define CASE(k, statement)                          \
    case k: {                                       \
        enum { K = (k) <= (int)TILE ? (k) : TILE }; \
        statement;                                  \
        break;                                      \
    }
#define TILES(n, statement) \
    switch (n) {            \
        CASE(1, statement)  \
        CASE(2, statement)  \
        CASE(3, statement)  \
        CASE(4, statement)  \
        CASE(5, statement)  \
        CASE(6, statement)  \
        CASE(7, statement)  \
        CASE(8, statement)  \
    }

/* Where the rows of a window are. */
typedef struct {
    int64_t inputs, targets;
    real *in[DT_WINDOW_INPUTS], *out[DT_WINDOW_INPUTS];
} rows;

static void find_rows(const dt_windows *w, const dt_window *one, rows *r)
{
    DT_REQUIRE(one->inputs >= 1 && one->inputs <= DT_WINDOW_INPUTS && one->targets >= 1 &&
                   one->targets <= DT_WINDOW_INPUTS && w->stride % DT_WINDOW_COLUMNS == 0,
               "window: %d inputs, %d targets, rows of %lld", one->inputs, one->targets, (long long)w->stride);
    r->inputs = one->inputs;
    r->targets = one->targets;
    for (int64_t a = 0; a < one->inputs; a++) r->in[a] = w->in + w->input[one->input + a] * w->stride;
    for (int64_t b = 0; b < one->targets; b++) r->out[b] = w->out + w->target[one->target + b] * w->stride;
}

/* Asks for what a later window reads: rows lie anywhere in matrices that are larger than the caches. */
static void fetch(const dt_windows *w, int64_t i, int64_t first, int64_t end)
{
    if (i >= w->count) return;
    const dt_window *one = &w->window[i];
    for (int64_t a = 0; a < one->inputs; a++)
        for (int64_t c = first; c < end; c += DT_WINDOW_COLUMNS)
            __builtin_prefetch(w->in + w->input[one->input + a] * w->stride + c, 1);
    for (int64_t b = 0; b < one->targets; b++)
        for (int64_t c = first; c < end; c += DT_WINDOW_COLUMNS)
            __builtin_prefetch(w->out + w->target[one->target + b] * w->stride + c, 1);
}

/* ---- scores */

/* R inputs times K targets over columns first .. end-1. */
INLINE void score_tile(int R, int K, real *const *x, real *const *t, int64_t first, int64_t end, real *score,
                       int64_t row)
{
    enum { SUMS = 2 * TILE > (int)VL ? 2 * TILE : (int)VL };
    vec sum[SUMS];
    real whole[SUMS] = {0};
    VEC_UNROLL
    for (int i = 0; i < SUMS; i++) sum[i] = (vec){0};
    for (int64_t c = first; c < end; c += VL) {
        vec at[2];
        for (int r = 0; r < R; r++) at[r] = vec_load(x[r] + c);
        for (int k = 0; k < K; k++) {
            const vec target = vec_load(t[k] + c);
            for (int r = 0; r < R; r++) sum[r * K + k] += at[r] * target;
        }
    }
    for (int i = 0; i < R * K; i += VL) vec_store(whole + i, vec_sums(sum + i));
    for (int r = 0; r < R; r++)
        for (int k = 0; k < K; k++) score[r * row + k] = whole[r * K + k];
}

/* `inputs` rows x against all targets. */
static void score_rows(const rows *r, real *const *x, int64_t inputs, int64_t first, int64_t end, real *score)
{
    for (int64_t b = 0; b < r->targets; b += TILE) {
        const int64_t k = r->targets - b < TILE ? r->targets - b : TILE;
        int64_t a = 0;
        for (; a + 2 <= inputs; a += 2)
            TILES(k, score_tile(2, K, x + a, r->out + b, first, end, score + a * r->targets + b, r->targets))
        if (a < inputs)
            TILES(k, score_tile(1, K, x + a, r->out + b, first, end, score + a * r->targets + b, r->targets))
    }
}

/* The mean of the inputs in the columns c .. c+VL-1. */
INLINE vec mean_of(const rows *r, int64_t c)
{
    vec sum = vec_load(r->in[0] + c);
    for (int64_t a = 1; a < r->inputs; a++) sum += vec_load(r->in[a] + c);
    return sum * (1 / (real)r->inputs);
}

enum { CHUNK = 128 }; /* columns of a mean that are kept at a time */

static void score_mean(const rows *r, int64_t first, int64_t end, real *score)
{
    _Alignas(64) real mean[CHUNK];
    real part[DT_WINDOW_INPUTS], *const x = mean;
    rows here;
    here.targets = r->targets;
    for (int64_t b = 0; b < r->targets; b++) score[b] = 0;
    for (int64_t c = first; c < end; c += CHUNK) {
        const int64_t n = end - c < CHUNK ? end - c : CHUNK;
        for (int64_t i = 0; i < n; i += VL) vec_store(mean + i, mean_of(r, c + i));
        for (int64_t b = 0; b < r->targets; b++) here.out[b] = r->out[b] + c;
        score_rows(&here, &x, 1, 0, n, part);
        for (int64_t b = 0; b < r->targets; b++) score[b] += part[b];
    }
}

void dt_cpu_window_scores(const dt_windows *w, int64_t first, int64_t end, real *score)
{
    for (int64_t i = 0; i < AHEAD; i++) fetch(w, i, first, end);
    for (int64_t i = 0; i < w->count; i++) {
        const dt_window *one = &w->window[i];
        real *at = score + (one->pair - w->window->pair);
        rows r;
        find_rows(w, one, &r);
        fetch(w, i + AHEAD, first, end);
        if (w->mean)
            score_mean(&r, first, end, at);
        else
            score_rows(&r, r.in, r.inputs, first, end, at);
    }
}

/* ---- errors */

void dt_cpu_window_errors(const dt_windows *w, int64_t parts, const real *const *part, real rate, real *error)
{
    if (w->count == 0) return;
    const dt_window *last = &w->window[w->count - 1];
    const int64_t base = w->window->pair, n = last->pair - base + dt_window_pairs(w, last);
    for (int64_t i = 0; i < n; i += VL) {
        vec score = vec_load_row(part[0] + i, 0, n - i);
        for (int64_t p = 1; p < parts; p++) score += vec_load_row(part[p] + i, 0, n - i);
        vec_store_row(error + i, 0, n - i, -rate * vec_sigmoid(score));
    }
    for (const dt_window *one = w->window; one <= last; one++)
        for (int64_t i = one->pair - base; i < one->pair - base + dt_window_pairs(w, one); i += one->targets)
            for (int64_t b = 0; b < one->targets; b++) error[i + b] += rate * w->label[one->target + b];
}

/* ---- update */

/* K targets and all inputs in one register of columns: x are the old inputs, dx what they get. */
INLINE void update_tile(int K, int64_t inputs, const vec *x, vec *dx, real *const *t, int64_t c, const real *error,
                        int64_t row)
{
    vec old[TILE], now[TILE];
    for (int k = 0; k < K; k++) now[k] = old[k] = vec_load(t[k] + c);
    for (int64_t a = 0; a < inputs; a++) {
        const vec at = x[a];
        vec d = dx[a];
        for (int k = 0; k < K; k++) {
            const vec e = vec_set(error[a * row + k]);
            d += e * old[k];
            now[k] += e * at;
        }
        dx[a] = d;
    }
    for (int k = 0; k < K; k++) vec_store(t[k] + c, now[k]);
}

/* `inputs` rows x, in registers of columns c .. c+VL-1, against all targets. */
INLINE void update_rows(const rows *r, int64_t inputs, const vec *x, vec *dx, int64_t c, const real *error)
{
    for (int64_t b = 0; b < r->targets; b += TILE) {
        const int64_t k = r->targets - b < TILE ? r->targets - b : TILE;
        TILES(k, update_tile(K, inputs, x, dx, r->out + b, c, error + b, r->targets))
    }
}

static void update_window(const rows *r, bool mean, int64_t first, int64_t end, const real *error)
{
    vec x[DT_WINDOW_INPUTS], dx[DT_WINDOW_INPUTS];
    for (int64_t c = first; c < end; c += VL) {
        if (mean) {
            x[0] = mean_of(r, c);
            dx[0] = (vec){0};
            update_rows(r, 1, x, dx, c, error);
        } else {
            for (int64_t a = 0; a < r->inputs; a++) x[a] = vec_load(r->in[a] + c), dx[a] = (vec){0};
            update_rows(r, r->inputs, x, dx, c, error);
        }
        /* An input that occurs twice gets both: it is read again. */
        for (int64_t a = 0; a < r->inputs; a++) vec_store(r->in[a] + c, vec_load(r->in[a] + c) + dx[mean ? 0 : a]);
    }
}

void dt_cpu_window_update(const dt_windows *w, int64_t first, int64_t end, const real *error)
{
    for (int64_t i = 0; i < w->count; i++) {
        rows r;
        find_rows(w, &w->window[i], &r);
        update_window(&r, w->mean, first, end, error + (w->window[i].pair - w->window->pair));
    }
}
