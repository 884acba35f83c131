#include <string.h>

#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/error.h"
#include "core/threads.h"

/* Both pools run along the examples of one window: for each window, `n` contiguous numbers of each of its positions. */

typedef struct {
    const dt_pool_shape *s;
    bool mean;
    bool clear, add; /* dx is cleared first; it is added to what is there */
    const real *x, *dy;
    real *y, *dx;
    uint8_t *which;
    const uint8_t *chosen;
} job;

enum { MAX_WINDOW = 15 * 15 };

/* The places of a window that lie inside the input, row by row: where each is, counted from the window's first number,
 * and whether a window before this one had it, too. */
typedef struct {
    int64_t rows, columns, places;
    bool upper, left; /* no window before this one has any of its rows, columns */
    int64_t offset[MAX_WINDOW];
    bool again[MAX_WINDOW];
} window;

static void lay_out(const dt_pool_shape *s, window *w)
{
    const int64_t shared = s->size - s->stride; /* rows and columns that belong to the window before */
    DT_REQUIRE(s->size * s->size <= MAX_WINDOW, "pooling: windows of %lld x %lld are too large", (long long)s->size,
               (long long)s->size);
    w->places = 0;
    for (int64_t row = 0; row < w->rows; row++)
        for (int64_t column = 0; column < w->columns; column++, w->places++) {
            w->offset[w->places] = (row * s->in_w + column) * s->n;
            w->again[w->places] = (row < shared && !w->upper) || (column < shared && !w->left);
        }
}

/* Makes *w the window (oh, ow), if it is not laid out like it already. */
static inline void fit(const dt_pool_shape *s, int64_t oh, int64_t ow, window *w)
{
    const int64_t below = s->in_h - oh * s->stride, right = s->in_w - ow * s->stride;
    const int64_t rows = below < s->size ? below : s->size, columns = right < s->size ? right : s->size;
    const bool apart = s->stride >= s->size, upper = apart || oh == 0, left = apart || ow == 0;
    if (rows == w->rows && columns == w->columns && upper == w->upper && left == w->left) return;
    w->rows = rows, w->columns = columns, w->upper = upper, w->left = left;
    lay_out(s, w);
}

/* What is done to `count` windows side by side, laid out alike. The first begins at number `in` of the input, and its
 * output is number `out`. */
typedef void run_body(const job *j, const window *w, int64_t in, int64_t out, int64_t count);

static void each_run(const job *j, int64_t c, run_body *body)
{
    const dt_pool_shape *s = j->s;
    const int64_t fitting = (s->in_w - s->size) / s->stride + 1, whole = fitting < s->out_w ? fitting : s->out_w;
    const int64_t alone = s->stride < s->size; /* the first window shares nothing with one to its left */
    window first = {.rows = 0}, middle = {.rows = 0}, last = {.rows = 0};
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0, end; ow < s->out_w; ow = end) {
            window *w = ow < alone ? &first : ow < whole ? &middle : &last;
            end = w == &middle ? whole : ow + 1;
            fit(s, oh, ow, w);
            body(j, w, ((c * s->in_h + oh * s->stride) * s->in_w + ow * s->stride) * s->n,
                 ((c * s->out_h + oh) * s->out_w + ow) * s->n, end - ow);
        }
}

typedef uint8_t vec_byte __attribute__((vector_size(VL)));

/* The positions of VL maxima, or of those up to n. */
static void store_which(uint8_t *which, int64_t first, int64_t n, vec_mask at)
{
    vec_byte bytes = __builtin_convertvector(at, vec_byte);
    if (n - first >= VL)
        memcpy(which + first, &bytes, sizeof bytes);
    else
        for (int64_t i = first; i < n; i++) which[i] = bytes[i - first];
}

static vec_mask load_which(const uint8_t *which, int64_t first, int64_t n)
{
    vec_byte bytes = {0};
    if (n - first >= VL)
        memcpy(&bytes, which + first, sizeof bytes);
    else
        for (int64_t i = first; i < n; i++) bytes[i - first] = which[i];
    return __builtin_convertvector(bytes, vec_mask);
}

/* The greatest so far, and where it was. */
typedef struct {
    vec value;
    vec_mask at;
} maximum;

static inline maximum greater_of(maximum m, vec other, int64_t k)
{
    vec_mask greater = (other > m.value) | (other != other); /* a NaN wins, so that it shows */
    m.value = vec_select(greater, other, m.value);
    m.at = (greater & (vec_lane)k) | (~greater & m.at);
    return m;
}

static void max_run(const job *j, const window *w, int64_t in, int64_t out, int64_t count)
{
    const int64_t n = j->s->n, step = j->s->stride * n, places = w->places;
    const real *x = j->x + in;
    real *y = j->y + out;
    uint8_t *which = j->which + out;
    for (; count > 0; count--, x += step, y += n, which += n)
        for (int64_t i = 0; i < n; i += VL) {
            maximum m = {vec_load_row(x, i, n), {0}};
            for (int64_t k = 1; k < places; k++) m = greater_of(m, vec_load_row(x + w->offset[k], i, n), k);
            vec_store_row(y, i, n, m.value);
            store_which(which, i, n, m.at);
        }
}

static void max_channel(void *context, int64_t c)
{
    each_run(context, c, max_run);
}

#ifdef VEC_HAS_SHUFFLE
/* Windows of 2 x 2 side by side, a register divisible by the batch: VL outputs of a row come from twice as many numbers
 * of two rows, the even and the odd columns apart. */
static bool windows_pair(const dt_pool_shape *s)
{
    const bool whole = s->in_h >= 2 * s->out_h && s->in_w >= 2 * s->out_w;
    return whole && s->size == 2 && s->stride == 2 && s->n < VL && VL % s->n == 0;
}

static void max_channel_of_pairs(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    const int64_t run = s->out_w * s->n, row = s->in_w * s->n;
    vec_mask even, odd;
    for (int l = 0; l < VL; l++) {
        even[l] = (vec_lane)(l / s->n * 2 * s->n + l % s->n);
        odd[l] = (vec_lane)(even[l] + s->n);
    }
    for (int64_t oh = 0; oh < s->out_h; oh++) {
        const real *x = j->x + (c * s->in_h + 2 * oh) * row;
        const int64_t first = (c * s->out_h + oh) * run;
        for (int64_t i = 0; i < run; i += VL) {
            vec place[4];
            for (int k = 0; k < 4; k += 2) {
                vec low = vec_load_row(x + k / 2 * row, 2 * i, 2 * run);
                vec high = 2 * i + VL < 2 * run ? vec_load_row(x + k / 2 * row, 2 * i + VL, 2 * run) : low;
                place[k] = __builtin_shuffle(low, high, even);
                place[k + 1] = __builtin_shuffle(low, high, odd);
            }
            maximum m = {place[0], {0}};
            for (int k = 1; k < 4; k++) m = greater_of(m, place[k], k);
            vec_store_row(j->y + first, i, run, m.value);
            store_which(j->which + first, i, run, m.at);
        }
    }
}
#else
static bool windows_pair(const dt_pool_shape *s)
{
    (void)s;
    return false;
}
#define max_channel_of_pairs max_channel
#endif

static void sum_run(const job *j, const window *w, int64_t in, int64_t out, int64_t count)
{
    const int64_t n = j->s->n, step = j->s->stride * n, places = w->places;
    const real weight = j->mean ? 1 / (real)places : 1, *x = j->x + in;
    real *y = j->y + out;
    for (; count > 0; count--, x += step, y += n)
        for (int64_t i = 0; i < n; i += VL) {
            vec sum = vec_load_row(x, i, n);
            for (int64_t k = 1; k < places; k++) sum += vec_load_row(x + w->offset[k], i, n);
            vec_store_row(y, i, n, weight * sum);
        }
}

static void sum_channel(void *context, int64_t c)
{
    each_run(context, c, sum_run);
}

/* Whether each number of the input lies in some window. */
static bool windows_cover(const dt_pool_shape *s)
{
    return s->stride <= s->size && (s->out_h - 1) * s->stride + s->size >= s->in_h &&
           (s->out_w - 1) * s->stride + s->size >= s->in_w;
}

/* A max-pool's gradient where the batch is smaller than a register: one addition for each window. */
static void scatter_run(const job *j, const window *w, int64_t in, int64_t out, int64_t count)
{
    const int64_t n = j->s->n, step = j->s->stride * n;
    for (; count > 0; count--, in += step, out += n)
        for (int64_t i = 0; i < n; i++) j->dx[in + w->offset[j->chosen[out + i]] + i] += j->dy[out + i];
}

static void backward_run(const job *j, const window *w, int64_t in, int64_t out, int64_t count)
{
    const int64_t n = j->s->n, step = j->s->stride * n, places = w->places;
    const real weight = j->mean ? 1 / (real)places : 1, *dy = j->dy + out;
    const uint8_t *chosen = j->chosen ? j->chosen + out : NULL;
    const bool add = j->add, overlap = j->s->stride < j->s->size;
    real *dx = j->dx + in;
    for (; count > 0; count--, dx += step, dy += n, chosen += chosen ? n : 0)
        for (int64_t i = 0; i < n; i += VL) {
            vec d = weight * vec_load_row(dy, i, n);
            vec_mask at = chosen ? load_which(chosen, i, n) : (vec_mask){0};
            for (int64_t k = 0; k < places; k++) {
                real *to = dx + w->offset[k];
                vec share = chosen ? vec_select(at == (vec_lane)k, d, vec_set(0)) : d;
                if (add || (overlap && w->again[k])) share += vec_load_row(to, i, n);
                vec_store_row(to, i, n, share);
            }
        }
}

/* Where beta is 0, the first window that has a number overwrites its gradient, and what no window has is cleared. */
static void backward_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    const int64_t plane = s->in_h * s->in_w * s->n;
    if (j->clear) memset(j->dx + c * plane, 0, (size_t)plane * sizeof(real));
    each_run(j, c, j->chosen && s->n < VL ? scatter_run : backward_run);
}

static void backward(const dt_pool_shape *s, bool mean, const real *dy, const uint8_t *which, real beta, real *dx)
{
    const bool clear = beta == 0 && (!windows_cover(s) || (which && s->n < VL));
    dt_parallel_for(
        s->channels, backward_channel,
        &(job){.s = s, .mean = mean, .clear = clear, .add = clear || beta != 0, .dy = dy, .chosen = which, .dx = dx});
}

void dt_cpu_maxpool_forward(const dt_pool_shape *s, const real *x, real *y, uint8_t *which)
{
    dt_parallel_for(s->channels, windows_pair(s) ? max_channel_of_pairs : max_channel,
                    &(job){.s = s, .x = x, .y = y, .which = which});
}

void dt_cpu_maxpool_backward(const dt_pool_shape *s, const real *dy, const uint8_t *which, real beta, real *dx)
{
    backward(s, false, dy, which, beta, dx);
}

void dt_cpu_sumpool_forward(const dt_pool_shape *s, bool mean, const real *x, real *y)
{
    dt_parallel_for(s->channels, sum_channel, &(job){.s = s, .mean = mean, .x = x, .y = y});
}

void dt_cpu_sumpool_backward(const dt_pool_shape *s, bool mean, const real *dy, real beta, real *dx)
{
    backward(s, mean, dy, NULL, beta, dx);
}
