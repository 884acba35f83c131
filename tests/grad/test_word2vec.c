/* One update of word vectors is the rate times the loss's slope, downwards (Mikolov et al. 2013b, eq. 3 and 4). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"

enum { IN = 5, OUT = 9, STRIDE = DT_WINDOW_COLUMNS };

static const int32_t input[] = {0, 3, 1, 4}, target[] = {2, 0, 8, 5, 7, 1, 3, 4, 6};
static const real label[] = {1, 0, 0, 1, 0, 0, 1, 0, 0};

typedef struct {
    real in[IN * STRIDE], out[OUT * STRIDE];
} vectors;

static dt_windows windows_of(vectors *v, const dt_window *one, bool mean)
{
    return (dt_windows){.window = one,
                        .count = 1,
                        .input = input,
                        .target = target,
                        .label = label,
                        .mean = mean,
                        .in = v->in,
                        .out = v->out,
                        .stride = STRIDE};
}

/* - log s(x) for label 1, - log s(-x) for label 0, over all pairs. */
static double loss_of(const vectors *v, const dt_window *one, bool mean)
{
    double loss = 0;
    for (int a = 0; a < (mean ? 1 : one->inputs); a++)
        for (int b = 0; b < one->targets; b++) {
            double x = 0;
            for (int c = 0; c < STRIDE; c++) {
                double h = 0;
                for (int i = 0; i < one->inputs; i++)
                    if (mean || i == a) h += (double)v->in[input[i] * STRIDE + c] / (mean ? one->inputs : 1);
                x += h * (double)v->out[target[b] * STRIDE + c];
            }
            loss += log1p(exp(label[b] != 0 ? -x : x));
        }
    return loss;
}

/* `factor` times what the update adds to each number of a matrix must be minus the slope. */
static double worst_of(vectors *v, const dt_window *one, bool mean, real *number, const real *moved, int64_t count,
                       double factor, double *largest)
{
    const real h = (real)1e-5;
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        const real old = number[i];
        number[i] = old + h;
        const double above = loss_of(v, one, mean);
        number[i] = old - h;
        const double below = loss_of(v, one, mean);
        number[i] = old;
        const double slope = (above - below) / (2 * (double)h), step = factor * ((double)moved[i] - (double)old);
        worst = fmax(worst, fabs(slope + step));
        *largest = fmax(*largest, fabs(slope));
    }
    return worst;
}

static void check(int32_t inputs, int32_t targets, bool mean)
{
    const dt_window one = {.inputs = inputs, .targets = targets};
    vectors v, moved;
    real score[64], error[64];
    const real *part = score;
    double largest = 0;
    const dt_rng stream = dt_rng_stream(1, "vectors", 0);
    for (int i = 0; i < IN * STRIDE; i++) v.in[i] = (real)dt_rng_normal(stream, (uint64_t)i) / 2;
    for (int i = 0; i < OUT * STRIDE; i++) v.out[i] = (real)dt_rng_normal(stream, (uint64_t)(1000 + i)) / 2;
    moved = v;
    const dt_windows w = windows_of(&moved, &one, mean);
    dt_cpu.window_scores(&w, 0, STRIDE, score);
    dt_cpu.window_errors(&w, 1, &part, 1, error);
    dt_cpu.window_update(&w, 0, STRIDE, error);
    cr_expect(lt(dbl, worst_of(&v, &one, mean, v.out, moved.out, OUT * STRIDE, 1, &largest), 1e-8));
    /* The original gives each word of a mean the whole gradient of the mean. */
    cr_expect(lt(dbl, worst_of(&v, &one, mean, v.in, moved.in, IN * STRIDE, mean ? 1.0 / inputs : 1, &largest), 1e-8));
    cr_expect(gt(dbl, largest, 0.1));
}

Test(word2vec, updates_go_down_the_slope)
{
    for (int mean = 0; mean < 2; mean++)
        for (int32_t inputs = 1; inputs <= 4; inputs++)
            for (int32_t targets = 1; targets <= OUT; targets++) check(inputs, targets, mean);
}
