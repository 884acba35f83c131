#include <math.h>
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

static void max_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    int64_t offset[MAX_WINDOW], places = window_offsets(s, offset), first = c * s->out_h * s->out_w * s->n;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, first += s->n) {
            const real *x = j->x + c * s->in_h * s->in_w * s->n + window_at(s, oh, ow);
            real *y = j->y + first;
            uint8_t *which = j->which + first;
            int64_t i = 0;
            for (; i + VL <= s->n; i += VL) {
                vec best = vec_load(x + i);
                vec_mask at = {0};
                for (int64_t k = 1; k < places; k++) {
                    vec other = vec_load(x + offset[k] + i);
                    vec_mask greater = (other > best) | (other != other); /* a NaN wins, so that it shows */
                    best = vec_select(greater, other, best);
                    at = (greater & (vec_lane)k) | (~greater & at);
                }
                vec_store(y + i, best);
                vec_byte bytes = __builtin_convertvector(at, vec_byte);
                memcpy(which + i, &bytes, sizeof bytes);
            }
            for (; i < s->n; i++) {
                real best = x[i];
                int at = 0;
                for (int k = 1; k < (int)places; k++) {
                    real other = x[offset[k] + i];
                    bool greater = other > best || isnan(other);
                    best = greater ? other : best;
                    at = greater ? k : at;
                }
                y[i] = best;
                which[i] = (uint8_t)at;
            }
        }
}

static void sum_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    int64_t offset[MAX_WINDOW], places = window_offsets(s, offset);
    real *y = j->y + c * s->out_h * s->out_w * s->n;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, y += s->n) {
            const real *x = j->x + c * s->in_h * s->in_w * s->n + window_at(s, oh, ow);
            int64_t i = 0;
            for (; i + VL <= s->n; i += VL) {
                vec sum = vec_load(x + i);
                for (int64_t k = 1; k < places; k++) sum += vec_load(x + offset[k] + i);
                vec_store(y + i, j->weight * sum);
            }
            for (; i < s->n; i++) {
                real sum = x[i];
                for (int64_t k = 1; k < places; k++) sum += x[offset[k] + i];
                y[i] = j->weight * sum;
            }
        }
}

/* Gradients are added to dx, which is cleared first where beta is 0 and some of it would not be written: windows may overlap or
 * leave an edge out. Otherwise each element is written once. */
static bool windows_tile(const dt_pool_shape *s)
{
    return s->stride == s->size && s->in_h == s->out_h * s->size && s->in_w == s->out_w * s->size;
}

static void backward_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    int64_t offset[MAX_WINDOW], places = window_offsets(s, offset), first = c * s->out_h * s->out_w * s->n;
    real *plane = j->dx + c * s->in_h * s->in_w * s->n;
    bool add = j->beta != 0 || !windows_tile(s) || s->n < VL;
    if (j->beta == 0 && add) memset(plane, 0, (size_t)(s->in_h * s->in_w * s->n) * sizeof *plane);
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, first += s->n) {
            const real *dy = j->dy + first;
            const uint8_t *chosen = j->chosen ? j->chosen + first : NULL; /* NULL: every position gets its share */
            real *dx = plane + window_at(s, oh, ow);
            int64_t i = 0;
            for (; i + VL <= s->n; i += VL) {
                vec d = j->weight * vec_load(dy + i);
                vec_byte bytes = {0};
                if (chosen) memcpy(&bytes, chosen + i, sizeof bytes);
                vec_mask at = __builtin_convertvector(bytes, vec_mask);
                for (int64_t k = 0; k < places; k++) {
                    vec share = chosen ? vec_select(at == (vec_lane)k, d, vec_set(0)) : d;
                    vec_store(dx + offset[k] + i, add ? share + vec_load(dx + offset[k] + i) : share);
                }
            }
            for (; i < s->n; i++)
                for (int64_t k = 0; k < places; k++) {
                    if (chosen && add) k = chosen[i]; /* the others would get 0 */
                    real share = chosen && chosen[i] != k ? 0 : j->weight * dy[i];
                    dx[offset[k] + i] = add ? share + dx[offset[k] + i] : share;
                    if (chosen && add) break;
                }
        }
}

void dt_cpu_maxpool_forward(const dt_pool_shape *s, const real *x, real *y, uint8_t *which)
{
    dt_parallel_for(s->channels, max_channel, &(job){.s = s, .x = x, .y = y, .which = which});
}

void dt_cpu_maxpool_backward(const dt_pool_shape *s, const real *dy, const uint8_t *which, real beta, real *dx)
{
    dt_parallel_for(s->channels, backward_channel, &(job){.s = s, .weight = 1, .beta = beta, .dy = dy, .chosen = which, .dx = dx});
}

void dt_cpu_sumpool_forward(const dt_pool_shape *s, real weight, const real *x, real *y)
{
    dt_parallel_for(s->channels, sum_channel, &(job){.s = s, .weight = weight, .x = x, .y = y});
}

void dt_cpu_sumpool_backward(const dt_pool_shape *s, real weight, const real *dy, real beta, real *dx)
{
    dt_parallel_for(s->channels, backward_channel, &(job){.s = s, .weight = weight, .beta = beta, .dy = dy, .dx = dx});
}
