/* The convolution kernels, a row of the table in lib/backend/cpu/README.md for each shape: GFLOP/s on one thread of y,
 * of dx and of dw by each of three ways, and which one the library takes.
 *
 *   direct     sums in registers over runs of columns and examples
 *   winograd   6 x 6 points a tile
 *   product    y only: the windows copied out (im2col), then one matrix product
 *
 * Multiplications by padding are counted, though no way but the last does them. Each figure is the best of REPEATS of
 * the thread's own time, so that other programs matter little.
 *
 *   conv [BATCH...]     default: 32 64 128 37 100 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/cpu/conv.h"
#include "core/threads.h"

enum { REPEATS = 15 };

typedef struct {
    dt_conv_shape s;
    real *x, *w, *y, *dx, *dw, *windows;
    dt_arena *arena;
} kernels;

typedef void kernel(kernels *k, bool winograd);

static void forward(kernels *k, bool winograd)
{
    dt_conv_forward_group(&k->s, winograd, k->x, k->w, NULL, k->y, k->arena);
}

static void backward_input(kernels *k, bool winograd)
{
    dt_conv_backward_input_group(&k->s, winograd, k->y, k->w, 0, k->dx, k->arena);
}

static void backward_weights(kernels *k, bool winograd)
{
    dt_conv_backward_weights_group(&k->s, winograd, k->x, k->y, k->dw, k->arena);
}

/* windows [in_c kernel_h kernel_w][out_h out_w n] */
static void copy_windows(const kernels *k)
{
    const dt_conv_shape *s = &k->s;
    const size_t column = (size_t)s->n * sizeof(real);
    real *to = k->windows;
    for (int64_t row = 0; row < s->in_c * s->kernel_h * s->kernel_w; row++)
        for (int64_t at = 0; at < s->out_h * s->out_w; at++, to += s->n) {
            const int64_t tap = row % (s->kernel_h * s->kernel_w), c = row / (s->kernel_h * s->kernel_w);
            const int64_t h = at / s->out_w * s->stride + tap / s->kernel_w - s->pad;
            const int64_t w = at % s->out_w * s->stride + tap % s->kernel_w - s->pad;
            if (h < 0 || h >= s->in_h || w < 0 || w >= s->in_w)
                memset(to, 0, column);
            else
                memcpy(to, k->x + ((c * s->in_h + h) * s->in_w + w) * s->n, column);
        }
}

static void product(kernels *k, bool winograd)
{
    const dt_conv_shape *s = &k->s;
    (void)winograd;
    copy_windows(k);
    dt_cpu.gemm(false, false, s->out_c, s->out_h * s->out_w * s->n, s->in_c * s->kernel_h * s->kernel_w, k->w,
                k->windows, 0, k->y);
}

static double rate(kernels *k, kernel *run, bool winograd)
{
    const dt_conv_shape *s = &k->s;
    const double operations =
        2.0 * (double)(s->in_c * s->out_c * s->kernel_h * s->kernel_w) * (double)(s->out_h * s->out_w * s->n);
    double best = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        struct timespec start, end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
        run(k, winograd);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        const double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
        if (seconds < best) best = seconds;
    }
    return 1e-9 * operations / best;
}

static real *numbers(int64_t count)
{
    real *p = aligned_alloc(64, (size_t)(count * (int64_t)sizeof *p + 63) / 64 * 64);
    if (!p) exit(1);
    for (int64_t i = 0; i < count; i++) p[i] = (real)(i % 7 - 3) / 7;
    return p;
}

static void time_shape(const dt_conv_shape *s)
{
    const int64_t x = s->in_c * s->in_h * s->in_w * s->n, y = s->out_c * s->out_h * s->out_w * s->n;
    const int64_t w = s->in_c * s->out_c * s->kernel_h * s->kernel_w;
    kernels k = {.s = *s,
                 .x = numbers(x),
                 .w = numbers(w),
                 .y = numbers(y),
                 .dx = numbers(x),
                 .dw = numbers(w),
                 .windows = numbers(w / s->out_c * s->out_h * s->out_w * s->n),
                 .arena = dt_arena_new()};
    const bool can = s->stride == 1 && s->kernel_h <= 5 && s->kernel_h >= 3;
    kernel *const all[] = {forward, backward_input, backward_weights};
    const bool taken[] = {dt_winograd_pays(s), dt_winograd_pays(s), dt_winograd_pays_for_weights(s)};
    printf("| %dx%dx%d -> %d, %dx%d%s | %d |", (int)s->in_c, (int)s->in_h, (int)s->in_w, (int)s->out_c,
           (int)s->kernel_h, (int)s->kernel_w, s->stride > 1 ? ", stride 2" : "", (int)s->n);
    for (int i = 0; i < 3; i++) {
        const double direct = rate(&k, all[i], false), winograd = can ? rate(&k, all[i], true) : 0;
        printf(taken[i] ? " %.0f |" : " **%.0f** |", direct);
        printf(!can ? " |" : taken[i] ? " **%.0f** |" : " %.0f |", winograd);
        if (i == 0) printf(" %.0f |", rate(&k, product, false));
    }
    printf("\n");
    fflush(stdout);
    free(k.x), free(k.w), free(k.y), free(k.dx), free(k.dw), free(k.windows);
    dt_arena_free(k.arena);
}

int main(int argc, char *argv[])
{
    static const struct {
        int64_t in, side, out, kernel, pad, stride;
    } layers[] = {{3, 32, 32, 5, 2, 1},  {32, 16, 32, 5, 2, 1}, {32, 8, 64, 5, 2, 1},  {16, 32, 16, 3, 1, 1},
                  {32, 16, 32, 3, 1, 1}, {64, 8, 64, 3, 1, 1},  {16, 32, 32, 3, 1, 2}, {24, 13, 40, 3, 1, 1},
                  {20, 9, 30, 5, 2, 1},  {16, 16, 24, 7, 3, 1}, {3, 32, 16, 11, 5, 1}};
    static char *usual[] = {"32", "64", "128", "37", "100"};
    char **batch = argc > 1 ? argv + 1 : usual;
    const int batches = argc > 1 ? argc - 1 : (int)(sizeof usual / sizeof *usual);
    dt_threads_set(1);
    printf("| shape | n | y: direct | winograd | product | dx: direct | winograd | dw: direct | winograd |\n");
    printf("|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        for (int b = 0; b < batches; b++) {
            const int64_t n = atoi(batch[b]), taps = layers[i].kernel, side = layers[i].side;
            const int64_t out = (side + 2 * layers[i].pad - taps) / layers[i].stride + 1;
            if (n < 1) {
                fprintf(stderr, "conv: %s is no batch size\n", batch[b]);
                return 2;
            }
            time_shape(&(dt_conv_shape){.in_c = layers[i].in,
                                        .in_h = side,
                                        .in_w = side,
                                        .out_c = layers[i].out,
                                        .out_h = out,
                                        .out_w = out,
                                        .kernel_h = taps,
                                        .kernel_w = taps,
                                        .pad = layers[i].pad,
                                        .n = n,
                                        .stride = layers[i].stride,
                                        .groups = 1});
        }
    return 0;
}
