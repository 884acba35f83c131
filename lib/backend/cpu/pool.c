#include <string.h>

#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/error.h"
#include "core/threads.h"

/* Both pools run along the examples of one window: for each window, `n` contiguous numbers of each of its positions. */

typedef struct {
    const dt_pool_shape *s;
    real weight, beta;
    const real *x, *dy;
    real *y, *dx;
    uint8_t *which;
    const uint8_t *chosen;
} job;

enum { MAX_WINDOW = 15 * 15 };

/* offset[k]: from the first example of a window to that of its position k, row by row. */
static int64_t window_offsets(const dt_pool_shape *s, int64_t offset[MAX_WINDOW])
{
    int64_t k = 0;
    DT_REQUIRE(s->size * s->size <= MAX_WINDOW, "pooling: windows of %lld x %lld are too large", (long long)s->size,
               (long long)s->size);
    for (int64_t row = 0; row < s->size; row++)
        for (int64_t column = 0; column < s->size; column++) offset[k++] = (row * s->in_w + column) * s->n;
    return k;
}

/* Where in a channel's plane the window (oh, ow) begins. */
static int64_t window_at(const dt_pool_shape *s, int64_t oh, int64_t ow)
{
    return (oh * s->in_w + ow) * s->stride * s->n;
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

static void max_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    int64_t offset[MAX_WINDOW], places = window_offsets(s, offset), first = c * s->out_h * s->out_w * s->n;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, first += s->n) {
            const real *x = j->x + c * s->in_h * s->in_w * s->n + window_at(s, oh, ow);
            for (int64_t i = 0; i < s->n; i += VL) {
                maximum m = {vec_load_row(x, i, s->n), {0}};
                for (int64_t k = 1; k < places; k++) m = greater_of(m, vec_load_row(x + offset[k], i, s->n), k);
                vec_store_row(j->y + first, i, s->n, m.value);
                store_which(j->which + first, i, s->n, m.at);
            }
        }
}

#ifdef VEC_HAS_SHUFFLE
/* Windows of 2 x 2 side by side, a register divisible by the batch: VL outputs of a row come from twice as many numbers
 * of two rows, the even and the odd columns apart. */
static bool windows_pair(const dt_pool_shape *s)
{
    return s->size == 2 && s->stride == 2 && s->n < VL && VL % s->n == 0;
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
            vec window[4];
            for (int k = 0; k < 4; k += 2) {
                vec low = vec_load_row(x + k / 2 * row, 2 * i, 2 * run);
                vec high = 2 * i + VL < 2 * run ? vec_load_row(x + k / 2 * row, 2 * i + VL, 2 * run) : low;
                window[k] = __builtin_shuffle(low, high, even);
                window[k + 1] = __builtin_shuffle(low, high, odd);
            }
            maximum m = {window[0], {0}};
            for (int k = 1; k < 4; k++) m = greater_of(m, window[k], k);
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

static void sum_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    int64_t offset[MAX_WINDOW], places = window_offsets(s, offset);
    real *y = j->y + c * s->out_h * s->out_w * s->n;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, y += s->n) {
            const real *x = j->x + c * s->in_h * s->in_w * s->n + window_at(s, oh, ow);
            for (int64_t i = 0; i < s->n; i += VL) {
                vec sum = vec_load_row(x, i, s->n);
                for (int64_t k = 1; k < places; k++) sum += vec_load_row(x + offset[k], i, s->n);
                vec_store_row(y, i, s->n, j->weight * sum);
            }
        }
}

/* Gradients are added to dx, which is cleared first where beta is 0 and some of it would not be written: windows may
 * overlap or leave an edge out. Otherwise each element is written once. */
static bool windows_tile(const dt_pool_shape *s)
{
    return s->stride == s->size && s->in_h == s->out_h * s->size && s->in_w == s->out_w * s->size;
}

/* A max-pool's gradient where the batch is smaller than a register: one addition for each window. */
static void scatter_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    int64_t offset[MAX_WINDOW], first = c * s->out_h * s->out_w * s->n;
    real *plane = j->dx + c * s->in_h * s->in_w * s->n;
    window_offsets(s, offset);
    if (j->beta == 0) memset(plane, 0, (size_t)(s->in_h * s->in_w * s->n) * sizeof *plane);
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, first += s->n) {
            real *dx = plane + window_at(s, oh, ow);
            for (int64_t i = 0; i < s->n; i++) dx[offset[j->chosen[first + i]] + i] += j->weight * j->dy[first + i];
        }
}

static void backward_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    int64_t offset[MAX_WINDOW], places = window_offsets(s, offset), first = c * s->out_h * s->out_w * s->n;
    real *plane = j->dx + c * s->in_h * s->in_w * s->n;
    bool add = j->beta != 0 || !windows_tile(s);
    if (j->beta == 0 && add) memset(plane, 0, (size_t)(s->in_h * s->in_w * s->n) * sizeof *plane);
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, first += s->n) {
            real *dx = plane + window_at(s, oh, ow);
            for (int64_t i = 0; i < s->n; i += VL) {
                vec d = j->weight * vec_load_row(j->dy + first, i, s->n);
                vec_mask at = j->chosen ? load_which(j->chosen + first, i, s->n) : (vec_mask){0};
                for (int64_t k = 0; k < places; k++) {
                    vec share = j->chosen ? vec_select(at == (vec_lane)k, d, vec_set(0)) : d;
                    if (add) share += vec_load_row(dx + offset[k], i, s->n);
                    vec_store_row(dx + offset[k], i, s->n, share);
                }
            }
        }
}

void dt_cpu_maxpool_forward(const dt_pool_shape *s, const real *x, real *y, uint8_t *which)
{
    dt_parallel_for(s->channels, windows_pair(s) ? max_channel_of_pairs : max_channel,
                    &(job){.s = s, .x = x, .y = y, .which = which});
}

void dt_cpu_maxpool_backward(const dt_pool_shape *s, const real *dy, const uint8_t *which, real beta, real *dx)
{
    dt_parallel_for(s->channels, s->n < VL ? scatter_channel : backward_channel,
                    &(job){.s = s, .weight = 1, .beta = beta, .dy = dy, .chosen = which, .dx = dx});
}

void dt_cpu_sumpool_forward(const dt_pool_shape *s, real weight, const real *x, real *y)
{
    dt_parallel_for(s->channels, sum_channel, &(job){.s = s, .weight = weight, .x = x, .y = y});
}

void dt_cpu_sumpool_backward(const dt_pool_shape *s, real weight, const real *dy, real beta, real *dx)
{
    dt_parallel_for(s->channels, backward_channel, &(job){.s = s, .weight = weight, .beta = beta, .dy = dy, .dx = dx});
}
