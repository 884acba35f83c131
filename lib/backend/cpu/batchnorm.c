#include <math.h>

#include "backend/cpu/kernels.h"
#include "backend/cpu/vec.h"
#include "core/threads.h"

/* A channel is a row of `columns` numbers. PIECE: numbers in the rows of one piece of work; STRETCH: numbers that are
 * summed in float, within the L1 cache, before they are added in double, so that the error does not grow with the row;
 * BLOCK: rows of up to SHORT numbers that are taken together. */
enum { PIECE = 8192, STRETCH = 128 * VL, SHORT = 8 * VL, BLOCK = 16 };

typedef struct {
    int64_t columns;
    real epsilon, beta;
    const real *x, *gamma, *bias, *dy;
    real *mean, *variance, *y, *dx, *dgamma, *dbias;
} job;

static inline int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

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

static inline real inverse_deviation(real variance, real epsilon)
{
    return 1 / (real)sqrt((double)(variance + epsilon));
}

/* Of rows c .. c + rows - 1. Short ones are taken step by step together: within one row each step waits for the one
 * before, a dozen latencies in all, but those of different rows overlap. */
static void statistics(const job *j, int64_t c, int64_t rows)
{
    const int64_t n = j->columns;
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

static void forward_rows(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t n = j->columns, most = n <= SHORT ? BLOCK : 1;
    for (int64_t c = first; c < end; c += most) {
        const int64_t rows = least(end - c, most);
        real inverse[BLOCK];
        statistics(j, c, rows);
        for (int64_t r = 0; r < rows; r++) inverse[r] = inverse_deviation(j->variance[c + r], j->epsilon);
        for (int64_t r = 0; r < rows; r++) {
            const real *x = j->x + (c + r) * n, mean = j->mean[c + r];
            const real factor = j->gamma ? j->gamma[c + r] * inverse[r] : inverse[r];
            const real bias = j->bias ? j->bias[c + r] : 0;
            real *y = j->y + (c + r) * n;
            for (int64_t i = 0; i < n; i += VL) vec_store_row(y, i, n, (vec_load_row(x, i, n) - mean) * factor + bias);
        }
    }
}

/* sum[0] = the sum of dy, sum[1] = that of dy (x - mean) */
static inline void gradient_sums(const real *x, const real *dy, int64_t n, real mean, double sum[2])
{
    sum[0] = sum[1] = 0;
    for (int64_t from = 0; from < n; from += STRETCH) {
        const int64_t end = from + least(n - from, STRETCH);
        vec plain[2] = {{0}}, product[2] = {{0}};
        int64_t j = from;
        for (; j + 2 * VL <= end; j += 2 * VL)
            for (int v = 0; v < 2; v++) {
                vec d = vec_load(dy + j + v * VL);
                plain[v] += d;
                product[v] += d * (vec_load(x + j + v * VL) - mean);
            }
        for (; j < end; j += VL) { /* beyond the end dy is 0 */
            vec d = vec_load_row(dy, j, end);
            plain[0] += d;
            product[0] += d * (vec_load_row(x, j, end) - mean);
        }
        sum[0] += (double)vec_sum(plain[0] + plain[1]);
        sum[1] += (double)vec_sum(product[0] + product[1]);
    }
}

static inline __attribute__((always_inline)) void spread(bool add, const job *j, int64_t c, const double sum[2],
                                                         real inverse)
{
    const int64_t n = j->columns;
    const real *x = j->x + c * n, *dy = j->dy + c * n;
    real *dx = j->dx + c * n;
    const real factor = j->gamma ? j->gamma[c] * inverse : inverse, mean = j->mean[c];
    const real dy_mean = (real)(sum[0] / (double)n), slope = (real)(sum[1] / (double)n) * inverse * inverse;
    for (int64_t i = 0; i < n; i += VL) {
        vec d = factor * (vec_load_row(dy, i, n) - dy_mean - slope * (vec_load_row(x, i, n) - mean));
        vec_store_row(dx, i, n, add ? d + vec_load_row(dx, i, n) : d);
    }
}

static void backward_rows(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t n = j->columns, most = n <= SHORT ? BLOCK : 1;
    for (int64_t c = first; c < end; c += most) {
        const int64_t rows = least(end - c, most);
        double sum[BLOCK][2];
        real inverse[BLOCK];
        for (int64_t r = 0; r < rows; r++) inverse[r] = inverse_deviation(j->variance[c + r], j->epsilon);
        for (int64_t r = 0; r < rows; r++)
            gradient_sums(j->x + (c + r) * n, j->dy + (c + r) * n, n, j->mean[c + r], sum[r]);
        for (int64_t r = 0; r < rows && j->dbias; r++) j->dbias[c + r] += (real)sum[r][0];
        for (int64_t r = 0; r < rows && j->dgamma; r++) j->dgamma[c + r] += (real)sum[r][1] * inverse[r];
        for (int64_t r = 0; r < rows && j->dx; r++)
            j->beta != 0 ? spread(true, j, c + r, sum[r], inverse[r]) : spread(false, j, c + r, sum[r], inverse[r]);
    }
}

static int64_t rows_in_piece(int64_t columns)
{
    return columns < PIECE ? PIECE / columns : 1;
}

void dt_cpu_batchnorm_forward(int64_t channels, int64_t columns, real epsilon, const real *x, const real *gamma,
                              const real *bias, real *mean, real *variance, real *y)
{
    job j = {.columns = columns,
             .epsilon = epsilon,
             .x = x,
             .gamma = gamma,
             .bias = bias,
             .mean = mean,
             .variance = variance,
             .y = y};
    dt_parallel_ranges(channels, rows_in_piece(columns), forward_rows, &j);
}

void dt_cpu_batchnorm_backward(int64_t channels, int64_t columns, real epsilon, const real *x, const real *gamma,
                               const real *mean, const real *variance, const real *dy, real beta, real *dx,
                               real *dgamma, real *dbias)
{
    job j = {.columns = columns,
             .epsilon = epsilon,
             .beta = beta,
             .x = x,
             .gamma = gamma,
             .dy = dy,
             .mean = (real *)(uintptr_t)mean, /* only read */
             .variance = (real *)(uintptr_t)variance,
             .dx = dx,
             .dgamma = dgamma,
             .dbias = dbias};
    dt_parallel_ranges(channels, rows_in_piece(columns), backward_rows, &j);
}
