#include <math.h>

#include "backend/cpu/cut.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

/* A channel is a row of `columns` numbers. PIECE: numbers in the rows of one piece of work; STRETCH: numbers that are
 * summed in float, within the L1 cache, before they are added in double, so that the error does not grow with the row;
 * BLOCK: rows of up to SHORT numbers that are taken together; FAR: numbers in arrays that are written past the caches.
 */
enum { PIECE = 8192, STRETCH = 128 * VL, SHORT = 8 * VL, BLOCK = 16, FAR = 1 << 20 };

typedef struct {
    const dt_batchnorm_shape *s;
    const real *x, *gamma, *bias, *r, *value; /* value: y, on the way back */
    real *mean, *variance, *y, *dy;
    real beta, *dx, *dgamma, *dbias;
} job;

/* Inlined with constant choices, so that neither the loops nor short rows choose. */
#define INLINE static inline __attribute__((always_inline))

/* v with 0 from element `count` on. */
static inline vec first_of(vec v, int64_t count)
{
    vec_mask lane = {0};
    for (int i = 0; i < VL; i++) lane[i] = i;
    return vec_select(lane < (vec_lane)count, v, vec_set(0));
}

static inline real sum_of(const real *x, int64_t n)
{
    vec sum[4] = {{0}};
    int64_t j = 0;
    for (; j + 4 * VL <= n; j += 4 * VL)
        for (int v = 0; v < 4; v++) sum[v] += vec_load(x + j + v * VL);
    for (; j + VL <= n; j += VL) sum[0] += vec_load(x + j);
    if (j < n) sum[1] += vec_load_part(x + j, n - j);
    return vec_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* sum over j of (x[j] - mean)^2 */
static inline real squares_of(const real *x, int64_t n, real mean)
{
    vec sum[4] = {{0}};
    int64_t j = 0;
    for (; j + 4 * VL <= n; j += 4 * VL)
        for (int v = 0; v < 4; v++) {
            vec d = vec_load(x + j + v * VL) - mean;
            sum[v] += d * d;
        }
    for (; j + VL <= n; j += VL) {
        vec d = vec_load(x + j) - mean;
        sum[0] += d * d;
    }
    if (j < n) {
        vec d = first_of(vec_load_part(x + j, n - j) - mean, n - j);
        sum[1] += d * d;
    }
    return vec_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* The mean and variance of a row. Stretches are joined by the formula of Chan, Golub, LeVeque 1979. */
static inline void moments(const real *x, int64_t n, real *mean, real *variance)
{
    double so_far = 0, centre = 0, squares = 0;
    for (int64_t j = 0; j < n; j += STRETCH) {
        const int64_t count = least(n - j, STRETCH);
        const real own = sum_of(x + j, count) / (real)count;
        const double more = (double)count, away = (double)own - centre, total = so_far + more;
        squares += (double)squares_of(x + j, count, own) + away * away * (so_far * more / total);
        centre += away * (more / total);
        so_far = total;
    }
    *mean = (real)centre;
    *variance = (real)(squares / so_far);
}

/* A channel's numbers, and what is done to each. */
typedef struct {
    const real *x;
    real mean, inverse, factor, bias; /* inverse: of the deviation */
} channel;

/* Of channels c .. c + rows - 1; a loop of its own is done in registers. */
static inline void inverse_deviations(const job *j, int64_t c, int64_t rows, real *inverse)
{
    const real *variance = j->variance + c, epsilon = j->s->epsilon;
    for (int64_t k = 0; k < rows; k++) inverse[k] = 1 / (real)sqrt((double)(variance[k] + epsilon));
}

static inline channel channel_of(const job *j, int64_t c, real inverse)
{
    return (channel){.x = j->x + c * j->s->columns,
                     .mean = j->mean[c],
                     .inverse = inverse,
                     .factor = j->gamma ? j->gamma[c] * inverse : inverse,
                     .bias = j->bias ? j->bias[c] : 0};
}

static inline vec normal(const channel *w, vec x)
{
    return (x - w->mean) * w->factor + w->bias;
}

/* Of rows c .. c + rows - 1. Short ones are taken step by step together: within one row each step waits for the one
 * before, a dozen latencies in all, but those of different rows overlap. */
static void statistics(const job *j, int64_t c, int64_t rows)
{
    const int64_t n = j->s->columns;
    const real *x = j->x + c * n;
    real *mean = j->mean + c, *variance = j->variance + c;
    if (n > SHORT) {
        for (int64_t r = 0; r < rows; r++) moments(x + r * n, n, &mean[r], &variance[r]);
        return;
    }
    const real share = 1 / (real)n;
    for (int64_t r = 0; r < rows; r++) mean[r] = sum_of(x + r * n, n) * share;
    for (int64_t r = 0; r < rows; r++) variance[r] = squares_of(x + r * n, n, mean[r]) * share;
}

/* Whether an array, of which this is a row, is written past the caches. */
static inline bool is_far(const dt_batchnorm_shape *s, const real *row)
{
    return s->channels * s->columns >= FAR && (uintptr_t)row % VEC_BYTES == 0;
}

INLINE void store(bool far, real *row, int64_t first, int64_t n, vec v)
{
    if (far && n - first >= VL)
        vec_store_past(row + first, v);
    else
        vec_store_row(row, first, n, v);
}

INLINE void result(bool relu, bool far, const channel *w, const real *r, int64_t n, real *y)
{
    for (int64_t i = 0; i < n; i += VL) {
        vec v = normal(w, vec_load_row(w->x, i, n));
        if (r) v += vec_load_row(r, i, n);
        if (relu) v = vec_select(v <= 0, vec_set(0), v); /* in this order a NaN stays one */
        store(far, y, i, n, v);
    }
}

INLINE void forward_as(bool relu, const job *j, int64_t first, int64_t end)
{
    const int64_t n = j->s->columns, most = n <= SHORT ? BLOCK : 1;
    for (int64_t c = first; c < end; c += most) {
        const int64_t rows = least(end - c, most);
        real inverse[BLOCK];
        statistics(j, c, rows);
        inverse_deviations(j, c, rows, inverse);
        for (int64_t k = 0; k < rows; k++) {
            const channel w = channel_of(j, c + k, inverse[k]);
            const real *r = j->r && c + k < j->s->added ? j->r + (c + k) * n : NULL;
            real *y = j->y + (c + k) * n;
            is_far(j->s, y) ? result(relu, true, &w, r, n, y) : result(relu, false, &w, r, n, y);
        }
    }
    vec_past_end();
}

static void forward_rows(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    j->s->relu ? forward_as(true, j, first, end) : forward_as(false, j, first, end);
}

/* How the gradient goes back through max(0, .): it is not there; it is, and its value is computed again from x, which
 * spares reading it; or its value must be read, since something was added, and dy is changed in memory, since that
 * something needs it, too. */
typedef enum { NO_RELU, RELU_OF_X, RELU_OF_VALUE } rectifier;

INLINE vec load(bool whole, const real *row, int64_t first, int64_t n)
{
    return whole ? vec_load(row + first) : vec_load_row(row, first, n);
}

/* dy through the rectifier: times 1 or 0, as the op of its own does, so that a NaN stays one. */
INLINE vec through(rectifier how, const channel *w, vec x, vec value, vec dy)
{
    if (how == NO_RELU) return dy;
    return dy * vec_select((how == RELU_OF_X ? normal(w, x) : value) > 0, vec_set(1), vec_set(0));
}

/* Of the register at i: plain += dy, product += dy (x - mean). Beyond the end of the row dy is 0. */
INLINE void sum_register(rectifier how, bool whole, const channel *w, const real *value, real *dy, int64_t i,
                         int64_t end, vec *plain, vec *product)
{
    const vec x = load(whole, w->x, i, end), set = how == RELU_OF_VALUE ? load(whole, value, i, end) : x;
    const vec d = through(how, w, x, set, load(whole, dy, i, end));
    if (how == RELU_OF_VALUE) whole ? vec_store(dy + i, d) : vec_store_row(dy, i, end, d);
    *plain += d;
    *product += d * (x - w->mean);
}

/* sum[0] = the sum of dy, sum[1] = that of dy (x - mean) */
INLINE void sums_as(rectifier how, const channel *w, const real *value, real *dy, int64_t n, double sum[2])
{
    sum[0] = sum[1] = 0;
    for (int64_t from = 0; from < n; from += STRETCH) {
        const int64_t end = from + least(n - from, STRETCH);
        vec plain[2] = {{0}}, product[2] = {{0}};
        int64_t i = from;
        for (; i + 2 * VL <= end; i += 2 * VL)
            for (int v = 0; v < 2; v++) sum_register(how, true, w, value, dy, i + v * VL, end, &plain[v], &product[v]);
        for (; i < end; i += VL) sum_register(how, false, w, value, dy, i, end, &plain[0], &product[0]);
        sum[0] += (double)vec_sum(plain[0] + plain[1]);
        sum[1] += (double)vec_sum(product[0] + product[1]);
    }
}

INLINE void spread_as(rectifier how, bool add, bool far, const channel *w, const real *dy, const double sum[2],
                      int64_t n, real *dx)
{
    const real dy_mean = (real)(sum[0] / (double)n), slope = (real)(sum[1] / (double)n) * w->inverse * w->inverse;
    for (int64_t i = 0; i < n; i += VL) {
        const vec x = vec_load_row(w->x, i, n), g = through(how, w, x, x, vec_load_row(dy, i, n));
        const vec d = w->factor * (g - dy_mean - slope * (x - w->mean));
        store(far, dx, i, n, add ? d + vec_load_row(dx, i, n) : d);
    }
}

/* Rows c .. c + rows - 1. */
INLINE void backward_block(rectifier how, const job *j, int64_t c, int64_t rows)
{
    const int64_t n = j->s->columns;
    double sum[BLOCK][2];
    real inverse[BLOCK];
    inverse_deviations(j, c, rows, inverse);
    for (int64_t k = 0; k < rows; k++) {
        const channel w = channel_of(j, c + k, inverse[k]);
        const real *value = how == RELU_OF_VALUE ? j->value + (c + k) * n : NULL;
        sums_as(how, &w, value, j->dy + (c + k) * n, n, sum[k]);
    }
    for (int64_t k = 0; k < rows && j->dbias; k++) j->dbias[c + k] += (real)sum[k][0];
    for (int64_t k = 0; k < rows && j->dgamma; k++) j->dgamma[c + k] += (real)sum[k][1] * inverse[k];
    for (int64_t k = 0; k < rows && j->dx; k++) {
        const rectifier left = how == RELU_OF_VALUE ? NO_RELU : how; /* dy has gone through it */
        const channel w = channel_of(j, c + k, inverse[k]);
        const real *dy = j->dy + (c + k) * n;
        real *dx = j->dx + (c + k) * n;
        if (j->beta != 0)
            spread_as(left, true, false, &w, dy, sum[k], n, dx);
        else if (is_far(j->s, dx))
            spread_as(left, false, true, &w, dy, sum[k], n, dx);
        else
            spread_as(left, false, false, &w, dy, sum[k], n, dx);
    }
}

INLINE void backward_as(rectifier how, const job *j, int64_t first, int64_t end)
{
    const int64_t most = j->s->columns <= SHORT ? BLOCK : 1;
    for (int64_t c = first; c < end; c += most) backward_block(how, j, c, least(end - c, most));
    vec_past_end();
}

static void backward_rows(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    if (!j->s->relu)
        backward_as(NO_RELU, j, first, end);
    else if (!j->value)
        backward_as(RELU_OF_X, j, first, end);
    else
        backward_as(RELU_OF_VALUE, j, first, end);
}

static int64_t rows_in_piece(int64_t columns)
{
    return columns < PIECE ? PIECE / columns : 1;
}

void dt_cpu_batchnorm_forward(const dt_batchnorm_shape *s, const real *x, const real *gamma, const real *bias,
                              const real *r, real *mean, real *variance, real *y)
{
    job j = {.s = s, .x = x, .gamma = gamma, .bias = bias, .r = r, .mean = mean, .variance = variance, .y = y};
    dt_parallel_ranges(s->channels, rows_in_piece(s->columns), forward_rows, &j);
}

void dt_cpu_batchnorm_backward(const dt_batchnorm_shape *s, const real *x, const real *gamma, const real *bias,
                               const real *mean, const real *variance, const real *y, real *dy, real beta, real *dx,
                               real *dgamma, real *dbias)
{
    job j = {.s = s,
             .x = x,
             .gamma = gamma,
             .bias = bias,
             .value = y,
             .mean = (real *)(uintptr_t)mean, /* only read */
             .variance = (real *)(uintptr_t)variance,
             .dy = dy,
             .beta = beta,
             .dx = dx,
             .dgamma = dgamma,
             .dbias = dbias};
    dt_parallel_ranges(s->channels, rows_in_piece(s->columns), backward_rows, &j);
}
