/* The kernels of word vectors against loops over single numbers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/backend.h"
#include "guarded.h"

enum { ROWS = 40, MOST_PAIRS = 4096 };

/* Three windows: one in the middle with many rows, among them one that occurs twice. */
typedef struct {
    dt_window window[3];
    int32_t input[64], target[64];
    real label[64];
    dt_windows w;
    int64_t pairs;
    real *in, *out; /* what w.in and w.out held at first */
} windows;

static void windows_init(windows *t, int32_t inputs, int32_t targets, bool mean, int64_t stride)
{
    int64_t input = 0, target = 0;
    *t = (windows){.w = {.window = t->window, .count = 3, .mean = mean, .stride = stride}};
    for (int i = 0; i < 3; i++) {
        dt_window *one = &t->window[i];
        *one = (dt_window){.inputs = i == 1 ? inputs : 1,
                           .targets = i == 1 ? targets : 2,
                           .input = input,
                           .target = target,
                           .pair = 7 + t->pairs};
        for (int a = 0; a < one->inputs; a++, input++)
            t->input[input] = a == 2 ? t->input[input - 2] : (5 * a + i) % ROWS;
        for (int b = 0; b < one->targets; b++) {
            t->label[target] = b % 3 == 0;
            t->target[target++] = (3 * b + 2 * i) % ROWS;
        }
        t->pairs += dt_window_pairs(&t->w, one);
    }
    t->w.input = t->input, t->w.target = t->target, t->w.label = t->label;
    t->in = uniforms_new(ROWS * stride, 1, 1);
    t->out = uniforms_new(ROWS * stride, 1, 2);
    t->w.in = uniforms_new(ROWS * stride, 1, 1);
    t->w.out = uniforms_new(ROWS * stride, 1, 2);
}

static void windows_free(windows *t)
{
    guarded_free(t->in), guarded_free(t->out), guarded_free(t->w.in), guarded_free(t->w.out);
}

/* Number c of what meets the targets: row a, or the mean of the rows. */
static double given(const windows *t, const dt_window *one, int64_t a, int64_t c, const real *in)
{
    if (!t->w.mean) return (double)in[t->input[one->input + a] * t->w.stride + c];
    double sum = 0;
    for (int64_t i = 0; i < one->inputs; i++) sum += (double)in[t->input[one->input + i] * t->w.stride + c];
    return sum / one->inputs;
}

static void naive_scores(const windows *t, int64_t first, int64_t end, double *score)
{
    for (int i = 0; i < 3; i++) {
        const dt_window *one = &t->window[i];
        for (int64_t a = 0; a < (t->w.mean ? 1 : one->inputs); a++)
            for (int64_t b = 0; b < one->targets; b++, score++) {
                *score = 0;
                for (int64_t c = first; c < end; c++)
                    *score +=
                        given(t, one, a, c, t->w.in) * (double)t->w.out[t->target[one->target + b] * t->w.stride + c];
            }
    }
}

/* One window's update of column c: everything from the old numbers. */
static void naive_update(const windows *t, const dt_window *one, int64_t c, const real *error, real *in, real *out)
{
    const int64_t inputs = t->w.mean ? 1 : one->inputs, stride = t->w.stride;
    double x[64], dx[64] = {0};
    for (int64_t a = 0; a < inputs; a++) x[a] = given(t, one, a, c, in);
    for (int64_t b = 0; b < one->targets; b++) {
        real *y = &out[t->target[one->target + b] * stride + c];
        const double old = (double)*y;
        double sum = old;
        for (int64_t a = 0; a < inputs; a++) {
            dx[a] += (double)error[a * one->targets + b] * old;
            sum += (double)error[a * one->targets + b] * x[a];
        }
        *y = (real)sum;
    }
    for (int64_t a = 0; a < one->inputs; a++) in[t->input[one->input + a] * stride + c] += (real)dx[t->w.mean ? 0 : a];
}

static void check(int32_t inputs, int32_t targets, bool mean, int64_t stride, int64_t first, int64_t end)
{
    windows t;
    windows_init(&t, inputs, targets, mean, stride);
    real *score = output_new(t.pairs, (real)NAN), *error = output_new(t.pairs, (real)NAN);
    real *other = uniforms_new(t.pairs, 2, 3);
    double wanted[MOST_PAIRS];
    int64_t wrong = 0;
    dt_cpu.window_scores(&t.w, first, end, score);
    naive_scores(&t, first, end, wanted);
    for (int64_t i = 0; i < t.pairs; i++) wrong += !is_close((double)score[i], wanted[i], 1e-5);
    cr_expect(eq(i64, wrong, 0), "scores, %d inputs, %d targets, mean %d", inputs, targets, mean);

    dt_cpu.window_errors(&t.w, 2, (const real *const[]){score, other}, (real)0.1, error);
    for (int64_t i = 0, pair = 0; i < 3; i++)
        for (int64_t k = 0; k < dt_window_pairs(&t.w, &t.window[i]); k++, pair++) {
            const double label = (double)t.label[t.window[i].target + k % t.window[i].targets];
            const double s = 1 / (1 + exp(-(double)score[pair] - (double)other[pair]));
            wrong += !(fabs((double)error[pair] - 0.1 * (label - s)) < 1e-6);
        }
    cr_expect(eq(i64, wrong, 0), "errors, %d inputs, %d targets, mean %d", inputs, targets, mean);

    dt_cpu.window_update(&t.w, first, end, error);
    for (int i = 0; i < 3; i++)
        for (int64_t c = first; c < end; c++)
            naive_update(&t, &t.window[i], c, error + t.window[i].pair - 7, t.in, t.out);
    for (int64_t i = 0; i < ROWS * stride; i++)
        wrong += !is_close((double)t.w.in[i], (double)t.in[i], 1e-5) ||
                 !is_close((double)t.w.out[i], (double)t.out[i], 1e-5);
    cr_expect(eq(i64, wrong, 0), "update, %d inputs, %d targets, mean %d", inputs, targets, mean);
    cr_expect(marks_intact(score, t.pairs) && marks_intact(error, t.pairs));
    guarded_free(score), guarded_free(error), guarded_free(other);
    windows_free(&t);
}

Test(windows, any_number_of_rows)
{
    for (int mean = 0; mean < 2; mean++)
        for (int32_t inputs = 1; inputs <= 7; inputs++)
            for (int32_t targets = 1; targets <= 13; targets++) check(inputs, targets, mean, 32, 0, 32);
}

Test(windows, any_columns)
{
    for (int mean = 0; mean < 2; mean++) {
        check(3, 6, mean, 16, 0, 16);
        check(4, 6, mean, 112, 0, 64);
        check(5, 6, mean, 112, 64, 112);
        check(6, 26, mean, 304, 0, 304);
        check(6, 9, mean, 304, 144, 304);
    }
}
