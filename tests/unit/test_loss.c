/* The losses against their formulas in double. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <float.h>
#include <string.h>

#include "backend/backend.h"
#include "guarded.h"

enum { MOST_CLASSES = 11, MOST = 40 };

static void draw_labels(int32_t *labels, int64_t n, int64_t classes)
{
    dt_rng stream = dt_rng_stream(1, "labels", (uint64_t)(n * 100 + classes));
    for (int64_t j = 0; j < n; j++) labels[j] = (int32_t)dt_rng_below(stream, (uint64_t)j, (uint32_t)classes);
}

/* Of example j: log of the sum of exp(sign * score), and of exp(-rubbish); the probabilities into p. */
static double naive_log_sum(int64_t classes, int64_t n, int64_t j, double sign, const real *scores, double rubbish,
                            double *p)
{
    double greatest = -rubbish, sum;
    for (int64_t c = 0; c < classes; c++) greatest = fmax(greatest, sign * (double)scores[c * n + j]);
    sum = exp(-rubbish - greatest);
    for (int64_t c = 0; c < classes; c++) sum += exp(sign * (double)scores[c * n + j] - greatest);
    for (int64_t c = 0; c < classes; c++) p[c] = exp(sign * (double)scores[c * n + j] - greatest) / sum;
    return log(sum) + greatest;
}

typedef struct {
    int64_t classes, n;
    bool map;
    real rubbish; /* of map */
    double range; /* of the scores */
} log_case;

static void forward(const log_case *t, const real *scores, const int32_t *labels, real *p, real *loss)
{
    if (t->map)
        dt_cpu.map_forward(t->classes, t->n, scores, labels, t->rubbish, p, loss);
    else
        dt_cpu.softmax_xent_forward(t->classes, t->n, scores, labels, p, loss);
}

static void check_log_forward(const log_case *t)
{
    int64_t classes = t->classes, n = t->n, wrong = 0;
    int32_t labels[MOST];
    double sign = t->map ? -1 : 1, wanted_p[MOST_CLASSES];
    real *scores = uniforms_new(classes * n, t->range, (uint64_t)(classes + n));
    real *p = output_new(classes * n, (real)NAN), *loss = output_new(n, (real)NAN);
    draw_labels(labels, n, classes);
    forward(t, scores, labels, p, loss);
    for (int64_t j = 0; j < n; j++) {
        double log_sum = naive_log_sum(classes, n, j, sign, scores, t->map ? (double)t->rubbish : INFINITY, wanted_p);
        double own = (double)scores[labels[j] * n + j];
        /* The loss is a difference of scores, so its error is in proportion to them. */
        wrong += !(fabs((double)loss[j] - (log_sum - sign * own)) <= 1e-6 * fmax(1, t->range));
        for (int64_t c = 0; c < classes; c++)
            wrong += !(fabs((double)p[c * n + j] - wanted_p[c]) <= 1e-6 * fmax(1, t->range / 10));
    }
    cr_expect(eq(i64, wrong, 0), "%s of %d classes, n %d, range %g, rubbish %g", t->map ? "map" : "softmax",
              (int)classes, (int)n, t->range, (double)t->rubbish);
    cr_expect(marks_intact(p, classes * n) && marks_intact(loss, n));
    guarded_free(scores), guarded_free(p), guarded_free(loss);
}

Test(loss, log_losses_of_every_batch)
{
    static const int64_t classes[] = {1, 2, 10, 11};
    for (size_t k = 0; k < 4; k++)
        for (int64_t n = 1; n <= MOST; n++) {
            check_log_forward(&(log_case){classes[k], n, .range = 4});
            check_log_forward(&(log_case){classes[k], n, .map = true, .rubbish = 1, .range = 4});
            check_log_forward(&(log_case){classes[k], n, .map = true, .rubbish = -3, .range = 4});
        }
}

Test(loss, log_losses_of_large_scores)
{
    static const double ranges[] = {100, 1e4, 1e8};
    for (size_t k = 0; k < 3; k++) {
        check_log_forward(&(log_case){10, 37, .range = ranges[k]});
        check_log_forward(&(log_case){10, 37, .map = true, .rubbish = 10, .range = ranges[k]});
    }
}

Test(loss, softmax_by_hand)
{
    real scores[4] = {0, 1000, (real)log(3), -1000}, p[4], loss[2]; /* two classes of two examples */
    dt_cpu.softmax_xent_forward(2, 2, scores, (int32_t[]){1, 1}, p, loss);
    cr_expect(is_close((double)p[0], 0.25, 1e-6) && is_close((double)p[2], 0.75, 1e-6));
    cr_expect(is_close((double)loss[0], log(4.0 / 3), 1e-6));
    cr_expect(p[1] == 1 && p[3] < 1e-37);
    cr_expect(eq(flt, loss[1], 2000));
}

/* LeCun et al. 1998, eq. 9: penalties 0 and log 2, rubbish log 4: y + log(1 + 1/2 + 1/4). */
Test(loss, map_by_hand)
{
    real y[2] = {0, (real)log(2)}, q[2], loss[1];
    dt_cpu.map_forward(2, 1, y, (int32_t[]){1}, (real)log(4), q, loss);
    cr_expect(is_close((double)loss[0], log(2) + log(1.75), 1e-6));
    cr_expect(is_close((double)q[0], 4.0 / 7, 1e-6) && is_close((double)q[1], 2.0 / 7, 1e-6));
}

/* Its purpose: without it the loss falls for ever as all penalties rise together; with it, large penalties cost. */
Test(loss, the_rubbish_class_holds_the_penalties_down)
{
    real q[2], loss[3];
    for (int k = 0; k < 3; k++) {
        real y[2] = {(real)(100 * k), (real)(100 * k + 3)};
        dt_cpu.map_forward(2, 1, y, (int32_t[]){0}, 1, q, &loss[k]);
    }
    cr_expect(loss[1] > loss[0] + 50 && loss[2] > loss[1] + 50, "%g %g %g", (double)loss[0], (double)loss[1],
              (double)loss[2]);
}

Test(loss, an_infinite_rubbish_penalty_is_the_softmax)
{
    enum { N = 19, COUNT = 10 * N };
    int32_t labels[N];
    draw_labels(labels, N, 10);
    real *y = uniforms_new(COUNT, 5, 1), negated[COUNT], p[COUNT], q[COUNT], xent[N], map[N];
    for (int i = 0; i < COUNT; i++) negated[i] = -y[i];
    dt_cpu.map_forward(10, N, y, labels, INFINITY, q, map);
    dt_cpu.softmax_xent_forward(10, N, negated, labels, p, xent);
    cr_expect(eq(int, memcmp(p, q, sizeof p), 0));
    cr_expect(eq(int, memcmp(map, xent, sizeof map), 0));
    guarded_free(y);
}

static void check_log_backward(bool map, int64_t classes, int64_t n, real beta)
{
    int32_t labels[MOST];
    real *p = uniforms_new(classes * n, 1, 1), *dloss = uniforms_new(n, 2, 2);
    real *d = output_new(classes * n, beta != 0 ? 5 : (real)NAN);
    draw_labels(labels, n, classes);
    if (map)
        dt_cpu.map_backward(classes, n, p, labels, dloss, beta, d);
    else
        dt_cpu.softmax_xent_backward(classes, n, p, labels, dloss, beta, d);
    int64_t wrong = 0;
    for (int64_t i = 0; i < classes * n; i++) {
        double wanted = (double)dloss[i % n] * ((double)p[i] - (labels[i % n] == i / n)) * (map ? -1 : 1);
        wrong += !is_close((double)d[i], wanted + (beta != 0 ? 5 : 0), 1e-6);
    }
    cr_expect(eq(i64, wrong, 0), "%s backward of %d classes, n %d, beta %g", map ? "map" : "softmax", (int)classes,
              (int)n, (double)beta);
    cr_expect(marks_intact(d, classes * n));
    guarded_free(p), guarded_free(dloss), guarded_free(d);
}

static void check_mse(int64_t classes, int64_t n, real beta)
{
    const real low = (real)-0.8, high = (real)1.3;
    int32_t labels[MOST];
    real *y = uniforms_new(classes * n, 2, 3), *dloss = uniforms_new(n, 2, 4), *loss = output_new(n, (real)NAN);
    real *d = output_new(classes * n, beta != 0 ? 5 : (real)NAN);
    draw_labels(labels, n, classes);
    dt_cpu.mse_forward(classes, n, y, labels, low, high, loss);
    dt_cpu.mse_backward(classes, n, y, labels, low, high, dloss, beta, d);
    int64_t wrong = 0;
    for (int64_t j = 0; j < n; j++) {
        double sum = 0;
        for (int64_t c = 0; c < classes; c++) {
            double error = (double)y[c * n + j] - (double)(labels[j] == c ? high : low);
            sum += error * error / 2;
            wrong += !is_close((double)d[c * n + j], (double)dloss[j] * error + (beta != 0 ? 5 : 0), 1e-6);
        }
        wrong += !is_close((double)loss[j], sum, 1e-6);
    }
    cr_expect(eq(i64, wrong, 0), "mse of %d classes, n %d, beta %g", (int)classes, (int)n, (double)beta);
    cr_expect(marks_intact(d, classes * n) && marks_intact(loss, n));
    guarded_free(y), guarded_free(dloss), guarded_free(loss), guarded_free(d);
}

Test(loss, backward_and_squared_error_of_every_batch)
{
    static const int64_t classes[] = {1, 2, 10};
    for (size_t k = 0; k < 3; k++)
        for (int64_t n = 1; n <= MOST; n++)
            for (int beta = 0; beta < 2; beta++) {
                check_log_backward(false, classes[k], n, (real)beta);
                check_log_backward(true, classes[k], n, (real)beta);
                check_mse(classes[k], n, (real)beta);
            }
}

/* Targets -1 and 1: outputs 1 and 0 for the label 0 are (0 + 1) / 2 away. */
Test(loss, squared_error_by_hand)
{
    real y[2] = {1, 0}, loss[1], d[2];
    dt_cpu.mse_forward(2, 1, y, (int32_t[]){0}, -1, 1, loss);
    cr_expect(eq(flt, loss[0], 0.5f));
    dt_cpu.mse_backward(2, 1, y, (int32_t[]){0}, -1, 1, (real[]){2}, 0, d);
    cr_expect(d[0] == 0 && d[1] == 2);
}

Test(loss, not_a_number_shows_in_its_example_only)
{
    for (int64_t n = 1; n <= MOST; n++) {
        real scores[3 * MOST], p[3 * MOST], loss[MOST];
        int32_t labels[MOST] = {0};
        int64_t bad = n / 2;
        for (int64_t at = 0; at < 3; at++) {
            for (int64_t i = 0; i < 3 * n; i++) scores[i] = i == at * n + bad ? (real)NAN : (real)(i % 5);
            for (int map = 0; map < 2; map++) {
                if (map)
                    dt_cpu.map_forward(3, n, scores, labels, 1, p, loss);
                else
                    dt_cpu.softmax_xent_forward(3, n, scores, labels, p, loss);
                for (int64_t j = 0; j < n; j++)
                    cr_expect(isnan(loss[j]) == (j == bad), "n %d, class %d: loss %d is %g", (int)n, (int)at, (int)j,
                              (double)loss[j]);
            }
        }
    }
}
