#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdatomic.h>

#include "misuse.h"
#include "toy.h"

enum { BATCH = 101, PIXELS = TOY_SIDE * TOY_SIDE };

typedef struct {
    toy_conv model;
    dt_params *params;
    dt_images images;
    int32_t labels[BATCH];
    atomic_int visits[BATCH], calls, recorded, wrong;
    int64_t size, n;
    bool one_lane;
} bench;

static void bench_init(bench *b)
{
    memset(b, 0, sizeof *b);
    b->params = dt_params_new(1);
    toy_conv_init(&b->model, b->params);
    b->images = toy_images(BATCH, TOY_SIDE, TOY_CLASSES);
    for (int i = 0; i < BATCH; i++) b->labels[i] = b->images.labels[i];
}

static void bench_free(bench *b)
{
    dt_images_free(&b->images);
    dt_params_free(b->params);
}

static dt_var *loss_of(bench *b, dt_tape *tape, int64_t first, int64_t count)
{
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, TOY_SIDE, TOY_SIDE, count});
    for (int64_t p = 0; p < PIXELS; p++)
        for (int64_t j = 0; j < count; j++)
            x->value[p * count + j] = (real)b->images.pixels[(first + j) * PIXELS + p] / 255;
    return dt_mse(toy_conv_forward(&b->model, x), b->labels + first, -1, 1);
}

static void body(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    bench *b = context;
    bool last = first + count == b->n;
    bool fits = first % b->size == 0 && (count == b->size || (last && count > 0 && count < b->size));
    if (!fits || tape->last) atomic_fetch_add(&b->wrong, 1); /* a failed assertion belongs on the main thread */
    for (int64_t i = first; i < first + count; i++) atomic_fetch_add(&b->visits[i], 1);
    atomic_fetch_add(&b->calls, 1);
    dt_var *loss = loss_of(b, tape, first, count);
    if (tape->recording) {
        atomic_fetch_add(&b->recorded, 1);
        dt_backward(loss, 1 / (real)b->n);
    }
}

static void run(bench *b, int64_t n, int64_t size, bool recording)
{
    dt_shards shards;
    (b->one_lane ? dt_shards_init_one_lane : dt_shards_init)(&shards, &dt_cpu, b->params, BATCH, size);
    b->size = shards.size;
    b->n = n;
    dt_shards_run(&shards, n, recording, body, b);
    dt_shards_free(&shards);
    cr_expect(b->wrong == 0, "%d shards of a wrong size, or on a tape that was not reset", b->wrong);
}

static real *copy_of_gradients(const dt_params *params)
{
    real *copy = malloc((size_t)params->size * sizeof *copy);
    memcpy(copy, params->gradients, (size_t)params->size * sizeof *copy);
    return copy;
}

static void poison(dt_params *params)
{
    for (int64_t i = 0; i < params->size; i++) params->gradients[i] = 77;
}

/* Whatever the shards' size, also where fewer of them than lanes are left and where the last is smaller. */
Test(shards, gradients_are_those_of_the_whole_batch)
{
    static const int64_t sizes[] = {1, 3, 7, 12, 16, 32, 50, 51, 100, 101, 500}, ns[] = {BATCH, 100, 33, 2, 1};
    bench b;
    bench_init(&b);
    for (size_t k = 0; k < sizeof ns / sizeof *ns; k++) {
        int64_t n = ns[k];
        dt_tape *tape = dt_tape_new(&dt_cpu, b.params, NULL);
        dt_params_zero_gradients(b.params);
        dt_backward(loss_of(&b, tape, 0, n), 1 / (real)n);
        dt_tape_free(tape);
        real *wanted = copy_of_gradients(b.params);
        for (size_t s = 0; s < 2 * sizeof sizes / sizeof *sizes; s++) {
            const int64_t size = sizes[s / 2];
            b.one_lane = s % 2;
            poison(b.params);
            for (int i = 0; i < BATCH; i++) b.visits[i] = 0;
            run(&b, n, size, true);
            double worst = 0;
            for (int64_t i = 0; i < b.params->size; i++) {
                double off = fabs((double)(b.params->gradients[i] - wanted[i])) / fmax(1, fabs((double)wanted[i]));
                if (!(off <= worst)) worst = off;
            }
            cr_expect(worst <= 1e-5, "%d examples in shards of %d: off by %g", (int)n, (int)size, worst);
            for (int i = 0; i < BATCH; i++) cr_expect(b.visits[i] == (i < n), "example %d: %d visits", i, b.visits[i]);
        }
        free(wanted);
    }
    bench_free(&b);
}

Test(shards, same_bits_for_any_number_of_threads)
{
    static const int64_t sizes[] = {5, 16, 40};
    bench b;
    bench_init(&b);
    for (size_t s = 0; s < 6; s++) {
        real *one = NULL;
        b.one_lane = s % 2;
        for (int threads = 1; threads <= 4; threads++) {
            dt_threads_set(threads);
            poison(b.params);
            run(&b, BATCH, sizes[s / 2], true);
            if (threads == 1)
                one = copy_of_gradients(b.params);
            else
                cr_expect(eq(int, memcmp(one, b.params->gradients, (size_t)b.params->size * sizeof *one), 0),
                          "%d threads", threads);
        }
        free(one);
    }
    bench_free(&b);
}

Test(shards, without_recording_the_gradients_are_left_alone)
{
    bench b;
    bench_init(&b);
    for (int64_t size = 10; size <= 200; size += 190) {
        poison(b.params);
        run(&b, BATCH, size, false);
        for (int64_t i = 0; i < b.params->size; i++) cr_assert(b.params->gradients[i] == 77);
    }
    cr_expect(b.calls == 11 + 1 && b.recorded == 0);
    bench_free(&b);
}

Test(shards, their_size)
{
    bench b;
    bench_init(&b);
    static const int64_t cases[][4] = {/* batch, asked, size, lanes */
                                       {64, 0, 32, 2},   {20, 0, 20, 1},  {64, 64, 64, 1},
                                       {64, 100, 64, 1}, {65, 16, 16, 5}, {1000, 10, 10, 8}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        dt_shards shards;
        dt_shards_init(&shards, &dt_cpu, b.params, cases[k][0], cases[k][1]);
        cr_expect(eq(i64, shards.size, cases[k][2]));
        cr_expect(eq(i64, shards.lanes, cases[k][3]));
        dt_shards_free(&shards);
    }
    dt_shards none;
    dt_shards_init_one_lane(&none, &dt_cpu, b.params, 100, 10);
    cr_expect(none.size == 10 && none.lanes == 1 && none.gradients[0] == NULL);
    dt_shards_free(&none);
    EXPECT_MISUSE("dt_shards_init: batch 0 in shards of 1", dt_shards_init(&none, &dt_cpu, b.params, 0, 1));
    EXPECT_MISUSE("dt_shards_init: batch 1 in shards of -1", dt_shards_init(&none, &dt_cpu, b.params, 1, -1));
    bench_free(&b);
}
