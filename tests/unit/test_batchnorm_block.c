/* Batch normalisation with the sum and the rectifier behind it: its kernels against naive twins in double, and the op
 * against the three ops that it stands for, whose numbers it gives bit for bit. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "ditto.h"
#include "guarded.h"

static const int64_t lengths[] = {2, 7, 16, 17, 60, 64, 65, 100, 1000, 5000};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths };
static const double epsilon = 1e-3;

/* ---- the kernels */

/* What a kernel works on, and what it leaves. */
typedef struct {
    dt_batchnorm_shape s;
    int64_t count;
    real *x, *gamma, *bias, *r, *mean, *variance, *y, *dy, *given, *dx, *dgamma, *dbias; /* given: dy before */
} arrays;

static arrays arrays_new(int64_t channels, int64_t n, int64_t added, bool relu, real beta)
{
    const int64_t count = channels * n;
    arrays a = {{channels, n, added, (real)epsilon, relu},
                count,
                uniforms_new(count, 1, 1),
                uniforms_new(channels, 2, 2),
                uniforms_new(channels, 1, 3),
                added ? uniforms_new(added * n, 1, 4) : NULL,
                output_new(channels, (real)NAN),
                output_new(channels, (real)NAN),
                output_new(count, (real)NAN),
                output_new(count, 0),
                uniforms_new(count, 1, 5),
                output_new(count, beta != 0 ? 5 : (real)NAN),
                output_new(channels, 100),
                output_new(channels, 200)};
    memcpy(a.dy, a.given, (size_t)count * sizeof(real));
    return a;
}

static void arrays_free(arrays *a)
{
    const real *all[] = {a->x, a->gamma, a->bias,  a->mean, a->variance, a->y,
                         a->r, a->dy,    a->given, a->dx,   a->dgamma,   a->dbias};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]) guarded_free(all[i]);
}

static bool all_marks_intact(const arrays *a)
{
    const int64_t channels = a->s.channels;
    return marks_intact(a->y, a->count) && marks_intact(a->dy, a->count) && marks_intact(a->dx, a->count) &&
           marks_intact(a->mean, channels) && marks_intact(a->variance, channels) &&
           marks_intact(a->dgamma, channels) && marks_intact(a->dbias, channels);
}

static void run(const arrays *a, real beta)
{
    dt_cpu.batchnorm_forward(&a->s, a->x, a->gamma, a->bias, a->r, a->mean, a->variance, a->y);
    dt_cpu.batchnorm_backward(&a->s, a->x, a->gamma, a->bias, a->mean, a->variance, a->r ? a->y : NULL, a->dy, beta,
                              a->dx, a->dgamma, a->dbias);
}

/* How many numbers of channel c are wrong. The gradient is let through where the kernel's own y is above 0, which near
 * 0 may not be where a more exact one is. */
static int64_t wrong_in_channel(const arrays *a, int64_t c, real beta)
{
    const int64_t n = a->s.columns, first = c * n;
    const double gamma = (double)a->gamma[c], bias = (double)a->bias[c];
    double mean = 0, variance = 0, sum = 0, product = 0;
    int64_t wrong = 0;
    for (int64_t i = 0; i < n; i++) mean += (double)a->x[first + i] / (double)n;
    for (int64_t i = 0; i < n; i++) variance += pow((double)a->x[first + i] - mean, 2) / (double)n;
    const double q = 1 / sqrt(variance + epsilon);
    for (int64_t i = first; i < first + n; i++) {
        const double h = ((double)a->x[i] - mean) * q;
        double y = gamma * h + bias + (c < a->s.added ? (double)a->r[i] : 0);
        if (a->s.relu && y < 0) y = 0;
        wrong += !is_close((double)a->y[i], y, 1e-5);
        const double d = a->s.relu && !(a->y[i] > 0) ? 0 : (double)a->given[i];
        sum += d, product += d * h;
        wrong += (double)a->dy[i] != (a->r ? d : (double)a->given[i]);
    }
    wrong += !is_close((double)a->dbias[c], 200 + sum, 1e-5) + !is_close((double)a->dgamma[c], 100 + product, 1e-5);
    for (int64_t i = first; i < first + n; i++) {
        const double h = ((double)a->x[i] - mean) * q;
        const double d = a->s.relu && !(a->y[i] > 0) ? 0 : (double)a->given[i];
        const double dx = gamma * q * (d - (sum + h * product) / (double)n);
        wrong += !is_close((double)a->dx[i], (beta != 0 ? 5 : 0) + dx, 1e-4);
    }
    return wrong;
}

static void check(int64_t channels, int64_t n, int64_t added, bool relu, real beta)
{
    arrays a = arrays_new(channels, n, added, relu, beta);
    run(&a, beta);
    int64_t wrong = 0;
    for (int64_t c = 0; c < channels; c++) wrong += wrong_in_channel(&a, c, beta);
    cr_expect(eq(i64, wrong, 0), "%d channels of %d, %d added, %s, beta %g", (int)channels, (int)n, (int)added,
              relu ? "relu" : "no relu", (double)beta);
    cr_expect(all_marks_intact(&a));
    arrays_free(&a);
}

Test(batchnorm_block, kernels_equal_their_naive_twins)
{
    for (size_t k = 0; k < N_LENGTHS; k++)
        for (int64_t channels = 1; channels <= 19; channels += 9)
            for (int64_t added = 0; added <= channels; added += (channels + 1) / 2)
                for (int relu = 0; relu < 2; relu++)
                    for (int beta = 0; beta < 2; beta++) check(channels, lengths[k], added, relu, (real)beta);
}

/* So large that they are written past the caches, if their rows lie on whole registers: here all, all but their ends,
 * and only the first. */
Test(batchnorm_block, large_arrays_equal_their_naive_twins)
{
    static const int64_t shapes[3][2] = {{1, 1 << 20}, {1, (1 << 20) + 17}, {2, (1 << 19) + 17}};
    for (int k = 0; k < 3; k++)
        for (int added = 0; added < 2; added++)
            for (int beta = 0; beta < 2; beta++) check(shapes[k][0], shapes[k][1], added, true, (real)beta);
}

/* At 0 the rectifier's gradient is 0, as that of dt_relu. */
Test(batchnorm_block, nothing_goes_back_where_the_value_is_zero)
{
    for (int added = 0; added < 2; added++) {
        arrays a = arrays_new(1, 70, added, true, 0);
        a.gamma[0] = a.bias[0] = 0;
        for (int64_t i = 0; i < 70 * added; i++) a.r[i] = 0;
        run(&a, 0);
        for (int64_t i = 0; i < 70; i++) cr_expect(a.y[i] == 0 && a.dx[i] == 0);
        cr_expect(a.dbias[0] == 200 && a.dgamma[0] == 100);
        arrays_free(&a);
    }
}

Test(batchnorm_block, a_number_that_is_none_shows)
{
    for (int added = 0; added < 2; added++) {
        arrays a = arrays_new(2, 70, 2 * added, true, 0);
        a.x[3] = (real)NAN;
        run(&a, 0);
        for (int64_t i = 0; i < 140; i++) cr_expect(isnan((double)a.y[i]) == (i < 70), "element %d", (int)i);
        arrays_free(&a);
    }
}

/* ---- the op */

/* One step on a layer of 3 maps, the shortcut of `added` maps (0: none) and the rectifier in one op or one by one. */
typedef struct {
    dt_params *params;
    dt_tape *tape;
    dt_var *x, *r, *y;
    const dt_param *gamma;
} block;

enum { MAPS = 3, PLACES = 6 };

static dt_var *random_input(dt_tape *tape, int64_t maps, uint64_t seed)
{
    dt_var *x = dt_input(tape, 4, (int64_t[]){maps, 2, 3, 11});
    x->needs_gradient = tape->recording;
    for (int64_t i = 0; i < x->count; i++)
        x->value[i] = (real)(2 * dt_rng_uniform(dt_rng_stream(seed, "input", 0), (uint64_t)i) - 1);
    return x;
}

static block step(bool fused, int64_t added, bool relu, bool recording)
{
    block b = {.params = dt_params_new(1)};
    dt_batchnorm_layer layer;
    dt_batchnorm_init(&layer, b.params, "n", MAPS);
    for (int c = 0; c < MAPS; c++) b.params->values[layer.gamma->offset + c] = (real)(0.7 * (c - 1.2));
    b.gamma = layer.gamma;
    b.tape = dt_tape_new(&dt_cpu, b.params, NULL);
    b.tape->recording = recording;
    b.x = random_input(b.tape, MAPS, 1);
    b.r = added ? random_input(b.tape, added, 2) : NULL;
    if (fused) {
        b.y = dt_batchnorm(&layer, b.x, .add = b.r, .relu = relu);
    } else {
        b.y = dt_batchnorm(&layer, b.x);
        if (added) b.y = dt_add(b.y, b.r);
        if (relu) b.y = dt_relu(b.y);
    }
    if (!recording) return b;
    dt_params_zero_gradients(b.params);
    real *dy = uniforms_new(b.y->count, 1, 7);
    dt_backward_from(b.y, dy);
    guarded_free(dy);
    return b;
}

static void block_free(block *b)
{
    dt_tape_free(b->tape);
    dt_params_free(b->params);
}

static bool same(const real *a, const real *b, int64_t count)
{
    return memcmp(a, b, (size_t)count * sizeof *a) == 0;
}

Test(batchnorm_block, gives_the_same_bits_as_the_ops_that_it_stands_for)
{
    for (int64_t added = 0; added <= MAPS; added++)
        for (int relu = 0; relu < 2; relu++) {
            block one = step(true, added, relu, true), apart = step(false, added, relu, true);
            cr_expect(same(one.y->value, apart.y->value, one.y->count), "y, %d maps, relu %d", (int)added, relu);
            cr_expect(same(one.x->gradient, apart.x->gradient, one.x->count), "dx, %d maps, relu %d", (int)added, relu);
            cr_expect(same(one.params->gradients, apart.params->gradients, one.params->size), "parameters");
            if (added) cr_expect(same(one.r->gradient, apart.r->gradient, one.r->count), "dr, %d maps", (int)added);
            block_free(&one), block_free(&apart);
            one = step(true, added, relu, false), apart = step(false, added, relu, false);
            cr_expect(same(one.y->value, apart.y->value, one.y->count), "testing, %d maps, relu %d", (int)added, relu);
            block_free(&one), block_free(&apart);
        }
}

Test(batchnorm_block, any_number_of_threads_gives_the_same_bits)
{
    for (int added = 0; added < 2; added++) {
        dt_threads_set(1);
        arrays one = arrays_new(21, 5000, 21 * added, true, 1);
        run(&one, 1);
        for (int threads = 2; threads <= 3; threads++) {
            dt_threads_set(threads);
            arrays many = arrays_new(21, 5000, 21 * added, true, 1);
            run(&many, 1);
            cr_expect(same(one.y, many.y, one.count) && same(one.dx, many.dx, one.count), "%d threads", threads);
            cr_expect(same(one.dy, many.dy, one.count), "%d threads", threads);
            cr_expect(same(one.dgamma, many.dgamma, 21) && same(one.dbias, many.dbias, 21), "%d threads", threads);
            arrays_free(&many);
        }
        arrays_free(&one);
    }
    dt_threads_set(1);
}

Test(batchnorm_block, costs_a_product_and_a_sum_and_the_sum_behind_it)
{
    block b = step(true, 2, true, false);
    const dt_cost cost = b.y->op->cost(b.y);
    cr_expect(cost.connections == (int64_t)2 * MAPS * PLACES && cost.flops == 2. * MAPS * PLACES + 2. * PLACES);
    block_free(&b);
}
