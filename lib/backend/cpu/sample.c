#include "backend/cpu/kernels.h"
#include "backend/cpu/philox.h"
#include "backend/cpu/vecmath.h"
#include "core/threads.h"

enum { GRAIN = 8192 }; /* numbers in a piece */

typedef struct {
    const dt_noise *noise;
    int64_t features, n;
    real *x;
} fill;

#ifdef DT_DOUBLE

/* The pairs of VL blocks of the stream, by libm. */
static void draw_pairs(dt_rng stream, uint64_t block, vec pair[2])
{
    for (int i = 0; i < VL; i++) {
        double two[2];
        dt_rng_normal_pair(stream, block + (uint64_t)i, two);
        pair[0][i] = two[0];
        pair[1][i] = two[1];
    }
}

#else

/* One word of each of VL blocks. */
typedef uint32_t word __attribute__((vector_size(VEC_BYTES)));
static inline word gather(words low, words high)
{
    typedef uint32_t half __attribute__((vector_size(VEC_BYTES / 2)));
    const half part[2] = {__builtin_convertvector(low, half), __builtin_convertvector(high, half)};
    word all;
    memcpy(&all, part, sizeof all);
    return all;
}

/* The lower 31 bits. */
static inline vec to_real(word w)
{
    return __builtin_convertvector((vec_mask)w & INT32_MAX, vec);
}

/* sqrt(-2 log u) of u = (w + 1/2) / 2^32. Near 1 a float says little of u, but all of 1 - u: there it is
 * -log u = 2 atanh((1 - u) / (1 + u)), by the series of atanh. */
static inline vec radius_of(word w)
{
    const vec above = (to_real(~w) + 0.5f) * 0x1p-32f; /* 1 - u, if u > 1/2 */
    const vec below = (to_real(w) + 0.5f) * 0x1p-32f;  /* u, if not */
    const vec z = above * vec_reciprocal(2 - above), q = z * z;
    vec p = vec_set(1.0f / 13);
    for (int k = 11; k > 0; k -= 2) p = p * q + 1.0f / (real)k;
    return vec_sqrt(2 * vec_select((vec_mask)w < 0, 2 * z * p, -vec_log(below)));
}

/* cosine and sine of 2 pi (w + 1/2) / 2^32: of what is beyond the nearest quarter turn, by their Taylor series, turned
 * by that quarter. */
static inline void turn(word w, vec *cosine, vec *sine)
{
    const word quarter = (w + (1u << 29)) >> 30;
    const vec_mask beyond = (vec_mask)(w - (quarter << 30));
    const vec x = (__builtin_convertvector(beyond, vec) + 0.5f) * (6.28318530717958648f * 0x1p-32f);
    const vec q = x * x;
    const vec s = x + x * q * (-1.0f / 6 + q * (1.0f / 120 + q * (-1.0f / 5040 + q * (1.0f / 362880))));
    const vec c = 1 + q * (-0.5f + q * (1.0f / 24 + q * (-1.0f / 720 + q * (1.0f / 40320))));
    const vec_mask odd = (quarter & 1) != 0;
    const vec a = vec_select(odd, s, c), b = vec_select(odd, c, s);
    *cosine = vec_select(((quarter + 1) & 2) != 0, -a, a);
    *sine = vec_select((quarter & 2) != 0, -b, b);
}

/* The pairs of VL blocks of the stream, within 1e-6 of dt_rng_normal_pair. */
static inline void draw_pairs(dt_rng stream, uint64_t block, vec pair[2])
{
    words low[4], high[4];
    vec cosine, sine;
    philox_blocks(stream, block, low);
    philox_blocks(stream, block + LANES, high);
    const vec radius = radius_of(gather(low[0], high[0]));
    turn(gather(low[1], high[1]), &cosine, &sine);
    pair[0] = radius * cosine;
    pair[1] = radius * sine;
}

#endif

/* Pairs first .. end-1 of features: both numbers of a block of the stream, for each example. */
static void fill_range(void *context, int64_t first, int64_t end)
{
    const fill *j = context;
    const dt_noise *noise = j->noise;
    for (int64_t pair = first; pair < end; pair++) {
        const uint64_t row = (((uint64_t)noise->op << 27) + (uint64_t)pair) << 20;
        real *x = j->x + 2 * pair * j->n;
        for (int64_t k = 0; k < j->n; k += VL) {
            vec two[2];
            draw_pairs(noise->stream, row + (uint64_t)(noise->first + k), two);
            vec_store_row(x, k, j->n, two[0]);
            if (2 * pair + 1 < j->features) vec_store_row(x + j->n, k, j->n, two[1]);
        }
    }
}

void dt_cpu_normal_fill(const dt_noise *noise, int64_t features, int64_t n, real *x)
{
    fill j = {noise, features, n, x};
    dt_parallel_ranges((features + 1) / 2, 1 + GRAIN / (4 * n), fill_range, &j);
}

typedef struct {
    const real *mean, *log_variance, *noise, *dz;
    real beta;
    real *out;
} job;

static void forward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i += VL) {
        const vec deviation = vec_exp(vec_load_row(j->log_variance, i, end) / 2);
        vec_store_row(j->out, i, end, vec_load_row(j->mean, i, end) + deviation * vec_load_row(j->noise, i, end));
    }
}

void dt_cpu_gaussian_sample_forward(int64_t count, const real *mean, const real *log_variance, const real *noise,
                                    real *z)
{
    job j = {.mean = mean, .log_variance = log_variance, .noise = noise, .out = z};
    dt_parallel_ranges(count, GRAIN, forward_range, &j);
}

static void backward_range(void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i += VL) {
        const vec deviation = vec_exp(vec_load_row(j->log_variance, i, end) / 2);
        const vec slope = deviation * vec_load_row(j->noise, i, end) / 2;
        vec_add_row(j->out, i, end, vec_load_row(j->dz, i, end) * slope, j->beta);
    }
}

void dt_cpu_gaussian_sample_backward(int64_t count, const real *log_variance, const real *noise, const real *dz,
                                     real beta, real *dlog_variance)
{
    job j = {.log_variance = log_variance, .noise = noise, .dz = dz, .beta = beta, .out = dlog_variance};
    dt_parallel_ranges(count, GRAIN, backward_range, &j);
}
