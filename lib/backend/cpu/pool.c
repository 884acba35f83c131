#include <string.h>

#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
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

/* Offset in a channel's plane of the first example of position k (row by row) of window (oh, ow). */
static int64_t position(const dt_pool_shape *s, int64_t oh, int64_t ow, int64_t k)
{
    return ((oh * s->stride + k / s->size) * s->in_w + ow * s->stride + k % s->size) * s->n;
}

typedef uint8_t vec_byte __attribute__((vector_size(VL)));

static void max_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    const real *x = j->x + c * s->in_h * s->in_w * s->n;
    int64_t first = c * s->out_h * s->out_w * s->n;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, first += s->n) {
            real *y = j->y + first;
            uint8_t *which = j->which + first;
            int64_t i = 0;
            for (; i + VL <= s->n; i += VL) {
                vec best = vec_load(x + position(s, oh, ow, 0) + i);
                vec_mask at = {0};
                for (int64_t k = 1; k < s->size * s->size; k++) {
                    vec other = vec_load(x + position(s, oh, ow, k) + i);
                    vec_mask greater = other > best;
                    best = vec_select(greater, other, best);
                    at = (greater & (vec_lane)k) | (~greater & at);
                }
                vec_store(y + i, best);
                vec_byte bytes = __builtin_convertvector(at, vec_byte);
                memcpy(which + i, &bytes, sizeof bytes);
            }
            for (; i < s->n; i++) {
                real best = x[position(s, oh, ow, 0) + i];
                which[i] = 0;
                for (int64_t k = 1; k < s->size * s->size; k++) {
                    real other = x[position(s, oh, ow, k) + i];
                    if (other > best) best = other, which[i] = (uint8_t)k;
                }
                y[i] = best;
            }
        }
}

static void sum_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    const real *x = j->x + c * s->in_h * s->in_w * s->n;
    real *y = j->y + c * s->out_h * s->out_w * s->n;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, y += s->n) {
            int64_t i = 0;
            for (; i + VL <= s->n; i += VL) {
                vec sum = vec_load(x + position(s, oh, ow, 0) + i);
                for (int64_t k = 1; k < s->size * s->size; k++) sum += vec_load(x + position(s, oh, ow, k) + i);
                vec_store(y + i, j->weight * sum);
            }
            for (; i < s->n; i++) {
                real sum = x[position(s, oh, ow, 0) + i];
                for (int64_t k = 1; k < s->size * s->size; k++) sum += x[position(s, oh, ow, k) + i];
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

/* dx at one position of one window: the share of dy that `which` (NULL: every position) lets through. */
static void spread(int64_t n, const real *dy, const uint8_t *which, uint8_t k, real weight, bool add, real *dx)
{
    int64_t i = 0;
    for (; i + VL <= n; i += VL) {
        vec d = weight * vec_load(dy + i);
        if (which) {
            vec_byte bytes;
            memcpy(&bytes, which + i, sizeof bytes);
            d = vec_select(__builtin_convertvector(bytes, vec_mask) == (vec_lane)k, d, vec_set(0));
        }
        vec_store(dx + i, add ? d + vec_load(dx + i) : d);
    }
    for (; i < n; i++) {
        real d = which && which[i] != k ? 0 : weight * dy[i];
        dx[i] = add ? dx[i] + d : d;
    }
}

static void backward_channel(void *context, int64_t c)
{
    const job *j = context;
    const dt_pool_shape *s = j->s;
    real *dx = j->dx + c * s->in_h * s->in_w * s->n;
    bool add = j->beta != 0 || !windows_tile(s);
    if (j->beta == 0 && add) memset(dx, 0, (size_t)(s->in_h * s->in_w * s->n) * sizeof *dx);
    int64_t first = c * s->out_h * s->out_w * s->n;
    for (int64_t oh = 0; oh < s->out_h; oh++)
        for (int64_t ow = 0; ow < s->out_w; ow++, first += s->n)
            for (int64_t k = 0; k < s->size * s->size; k++)
                spread(s->n, j->dy + first, j->chosen ? j->chosen + first : NULL, (uint8_t)k, j->weight, add,
                       dx + position(s, oh, ow, k));
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
