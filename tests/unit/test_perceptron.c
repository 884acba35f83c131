/* models/perceptron.h and models/parity.h: by hand, against the theorem, against finite differences. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "models/parity.h"
#include "models/perceptron.h"

static void expect_weights(const double *w, double w1, double w2, double w3)
{
    cr_expect(w[0] == w1 && w[1] == w2 && w[2] == w3, "(%g, %g, %g) is not (%g, %g, %g)", w[0], w[1], w[2], w1, w2, w3);
}

/* w = 0 is a mistake: w = 0.5 (1, 2, 1). Then y w.x = -(1.5 - 1 + 0.5) = -1: w = 0.5 (1 - 3, 2 + 1, 1 - 1). */
Test(perceptron, two_updates_by_hand)
{
    const double x[] = {1, 2, 1, 3, -1, 1}, y[] = {1, -1};
    perceptron_data d = {2, 3, x, y};
    double w[3] = {0};
    cr_expect(perceptron_error(&d, w) == 100);
    cr_expect(perceptron_pass(&d, NULL, 0.5, w) == 2);
    expect_weights(w, -1, 1.5, 0);
    cr_expect(perceptron_error(&d, w) == 0);
    cr_expect(perceptron_pass(&d, NULL, 0.5, w) == 0, "both are right now");
    expect_weights(w, -1, 1.5, 0);
}

Test(perceptron, takes_the_examples_in_the_given_order)
{
    const double x[] = {1, 2, 1, -1, -1, 1}, y[] = {1, -1};
    perceptron_data d = {2, 3, x, y};
    double forward[3] = {0}, backward[3] = {0};
    cr_expect(perceptron_pass(&d, NULL, 1, forward) == 1);
    expect_weights(forward, 1, 2, 1);
    cr_expect(perceptron_pass(&d, (uint32_t[]){1, 0}, 1, backward) == 1);
    expect_weights(backward, 1, 1, -1);
    const double swapped[] = {-1, -1, 1, 1, 2, 1}, swapped_y[] = {-1, 1};
    double a[3] = {0}, b[3] = {0};
    logistic_pass(&d, (uint32_t[]){1, 0}, 1, 0.1, a);
    logistic_pass(&(perceptron_data){2, 3, swapped, swapped_y}, NULL, 1, 0.1, b);
    expect_weights(a, b[0], b[1], b[2]);
}

/* |x| = 5 along (3, 4): R = gamma = 5, one mistake at most; u = (3, 4) is not a unit vector. */
Test(novikoff, bound_by_hand)
{
    const double x[] = {3, 4, -3, -4, 4, 3}, y[] = {1, -1, 1}, u[] = {3, 4};
    double w[2];
    novikoff_bound b = perceptron_bound(&(perceptron_data){2, 2, x, y}, u);
    cr_expect(b.radius == 5 && b.margin == 5 && b.mistakes == 1);
    cr_expect(perceptron_learn(&(perceptron_data){2, 2, x, y}, b.mistakes, w) == 1);
    b = perceptron_bound(&(perceptron_data){3, 2, x, y}, u);
    cr_expect(fabs(b.margin - 24.0 / 5) < 1e-12 && fabs(b.mistakes - 625.0 / 576) < 1e-12, "%g, %g", b.margin,
              b.mistakes);
    const double other[] = {-1, 0};
    b = perceptron_bound(&(perceptron_data){3, 2, x, y}, other);
    cr_expect(b.margin < 0 && isinf(b.mistakes), "this line does not separate");
}

/* Points along the axes, all of one class: the bound is their number, and each is a mistake once. */
Test(novikoff, is_attained_by_orthogonal_points)
{
    enum { N = 16 };
    double x[N * N] = {0}, y[N], u[N], w[N];
    for (int i = 0; i < N; i++) x[i * N + i] = y[i] = u[i] = 1;
    perceptron_data d = {N, N, x, y};
    novikoff_bound b = perceptron_bound(&d, u);
    cr_expect(b.radius == 1 && b.margin == 0.25 && b.mistakes == N);
    cr_expect(perceptron_learn(&d, b.mistakes, w) == N);
    for (int i = 0; i < N; i++) cr_expect(w[i] == 1);
}

/* n points (x1, x2, 1): two clouds whose means lie at +-half (0.8, 0.6). */
static perceptron_data clouds(uint64_t seed, int64_t n, double half, double *x, double *y)
{
    dt_rng stream = dt_rng_stream(seed, "test clouds", 0);
    for (int64_t i = 0; i < n; i++) {
        y[i] = i % 2 ? 1 : -1;
        x[3 * i] = 0.8 * half * y[i] + dt_rng_normal(stream, (uint64_t)(2 * i));
        x[3 * i + 1] = 0.6 * half * y[i] + dt_rng_normal(stream, (uint64_t)(2 * i + 1));
        x[3 * i + 2] = 1;
    }
    return (perceptron_data){n, 3, x, y};
}

Test(novikoff, holds_where_a_line_separates, .timeout = 10)
{
    enum { N = 50 };
    double x[3 * N], y[N], w[3];
    const double u[] = {0.8, 0.6, 0};
    int separated = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        perceptron_data d = clouds(seed, N, 3, x, y);
        novikoff_bound b = perceptron_bound(&d, u);
        if (!(b.margin > 0)) continue;
        separated++;
        int64_t mistakes = perceptron_learn(&d, INFINITY, w);
        cr_expect((double)mistakes <= b.mistakes, "seed %d: %d mistakes, the bound is %g", (int)seed, (int)mistakes,
                  b.mistakes);
        cr_expect(mistakes >= 1 && perceptron_error(&d, w) == 0);
    }
    cr_expect(separated > 10, "only %d sets were separable", separated);
}

Test(novikoff, gives_up_where_none_does, .timeout = 10)
{
    const double x[] = {0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1}, y[] = {-1, 1, 1, -1};
    double w[3];
    int64_t mistakes = perceptron_learn(&(perceptron_data){4, 3, x, y}, 1000, w);
    cr_expect(mistakes > 1000 && mistakes <= 1004, "%d", (int)mistakes);
}

Test(logistic, loss_by_hand_and_far_out)
{
    const double x[] = {2, 1}, y[] = {1};
    perceptron_data d = {1, 2, x, y};
    const double zero[] = {0, 0}, some[] = {1, -1}, right[] = {1000, 0}, wrong[] = {-1000, 0};
    cr_expect(fabs(logistic_loss(&d, 0.5, zero, NULL) - log(2)) < 1e-15);
    cr_expect(fabs(logistic_loss(&d, 0.5, some, NULL) - (log(1 + exp(-1)) + 0.5)) < 1e-12);
    cr_expect(logistic_loss(&d, 0, right, NULL) == 0 && logistic_loss(&d, 0, wrong, NULL) == 2000, "no overflow");
}

Test(logistic, gradient_against_finite_differences)
{
    enum { N = 20 };
    double x[3 * N], y[N], gradient[3];
    perceptron_data d = clouds(7, N, 0.7, x, y);
    const double w[] = {0.7, -1.3, 0.4}, decay = 0.03, h = 1e-5;
    logistic_loss(&d, decay, w, gradient);
    for (int k = 0; k < 3; k++) {
        double up[3], down[3];
        memcpy(up, w, sizeof w), memcpy(down, w, sizeof w);
        up[k] += h, down[k] -= h;
        double slope = (logistic_loss(&d, decay, up, NULL) - logistic_loss(&d, decay, down, NULL)) / (2 * h);
        cr_expect(fabs(slope) > 1e-3 && fabs(slope - gradient[k]) < 1e-8, "%d: %.12g, finite difference %.12g", k,
                  gradient[k], slope);
    }
}

/* With one example a pass is one step of gradient descent on the loss. */
Test(logistic, a_pass_descends_the_gradient)
{
    const double x[] = {0.5, -2, 1}, y[] = {-1};
    perceptron_data d = {1, 3, x, y};
    double w[] = {0.3, -0.2, 0.1}, gradient[3], expected[3];
    logistic_loss(&d, 0.2, w, gradient);
    for (int k = 0; k < 3; k++) expected[k] = w[k] - 0.25 * gradient[k];
    logistic_pass(&d, NULL, 0.25, 0.2, w);
    for (int k = 0; k < 3; k++) cr_expect(fabs(w[k] - expected[k]) < 1e-15, "%d: %g, %g", k, w[k], expected[k]);
}

/* Where no line separates: after many passes logistic regression is at the same place from both starts, in rest; the
 * perceptron has mistakes in every pass, and its places differ. */
Test(logistic, forgets_its_start_and_the_perceptron_does_not)
{
    enum { N = 60 };
    double x[3 * N], y[N], a[] = {5, 0, -3}, b[] = {-4, 6, 1}, before[3], p[] = {5, 0, -3}, q[] = {-4, 6, 1};
    perceptron_data d = clouds(3, N, 0.7, x, y);
    int64_t fewest = N;
    for (int pass = 0; pass < 1000; pass++) {
        memcpy(before, a, sizeof a);
        logistic_pass(&d, NULL, 0.05, 1e-4, a);
        logistic_pass(&d, NULL, 0.05, 1e-4, b);
        int64_t mistakes = perceptron_pass(&d, NULL, 0.05, p);
        perceptron_pass(&d, NULL, 0.05, q);
        if (mistakes < fewest) fewest = mistakes;
    }
    double spread = 0, moved = 0, apart = 0;
    for (int k = 0; k < 3; k++) {
        spread = fmax(spread, fabs(a[k] - b[k]));
        moved = fmax(moved, fabs(a[k] - before[k]));
        apart = fmax(apart, fabs(p[k] - q[k]));
    }
    cr_expect(spread < 1e-6 && moved < 1e-6, "logistic regression: spread %g, still moving %g", spread, moved);
    cr_expect(fewest > 0 && apart > 1e-3, "the perceptron: %d mistakes, %g apart", (int)fewest, apart);
    cr_expect(fabs(a[0]) + fabs(a[1]) > 0.1, "it has learned something");
}

Test(parity, patterns_and_targets)
{
    for (int64_t bits = 1; bits <= 8; bits++) {
        enum { MOST = 256 };
        real x[8 * MOST], t[MOST];
        int64_t n = (int64_t)1 << bits;
        parity_patterns(bits, x, t);
        for (int64_t i = 0; i < n; i++) {
            int64_t number = 0, ones = 0;
            for (int64_t b = 0; b < bits; b++) {
                number += (int64_t)x[b * n + i] << b;
                ones += x[b * n + i] == 1;
            }
            cr_expect(number == i && t[i] == (real)(ones % 2), "%d bits, pattern %d", (int)bits, (int)i);
        }
    }
}

typedef struct {
    dt_params *params;
    parity net;
    dt_tape *tape;
    real x[8 * 256], t[256];
    int64_t bits;
} task;

static void task_init(task *k, int64_t bits, int64_t hidden, uint64_t seed)
{
    k->params = dt_params_new(seed);
    k->bits = bits;
    parity_init(&k->net, k->params, bits, hidden);
    k->tape = dt_tape_new(&dt_cpu, k->params, NULL);
    parity_patterns(bits, k->x, k->t);
}
static void task_free(task *k)
{
    dt_tape_free(k->tape);
    dt_params_free(k->params);
}
static dt_var *task_forward(task *k)
{
    dt_tape_reset(k->tape);
    return parity_forward(&k->net, dt_constant(k->tape, 2, (int64_t[]){k->bits, (int64_t)1 << k->bits}, k->x));
}

/* Rumelhart, Hinton, Williams 1986: hidden unit k sees whether at least k bits are 1, and the output adds them up with
 * alternating signs. */
Test(parity, solved_by_weights_set_by_hand)
{
    for (int64_t bits = 2; bits <= 8; bits++) {
        task k;
        task_init(&k, bits, bits, 1);
        real *v = k.params->values;
        for (int64_t h = 0; h < bits; h++) {
            for (int64_t b = 0; b < bits; b++) v[k.net.hidden.weight->offset + h * bits + b] = 40;
            v[k.net.hidden.bias->offset + h] = (real)(-40 * ((double)h + 0.5));
            v[k.net.out.weight->offset + h] = h % 2 ? -40 : 40;
        }
        v[k.net.out.bias->offset] = -20;
        double worst = parity_worst(task_forward(&k), k.t);
        cr_expect(worst < 1e-6, "%d bits: %g", (int)bits, worst);
        v[k.net.out.weight->offset] = 0;
        cr_expect(parity_worst(task_forward(&k), k.t) > 0.9, "without the first unit one 1 is not seen");
        task_free(&k);
    }
}

/* d/dbias of 1/2 mean (y - t)^2 is the mean of (y - t) y (1 - y). */
Test(parity, backward_is_that_of_the_mean_squared_error)
{
    task k;
    task_init(&k, 3, 5, 4);
    dt_params_zero_gradients(k.params);
    dt_var *y = task_forward(&k);
    double expected = 0;
    for (int i = 0; i < 8; i++) {
        double out = (double)y->value[i];
        expected += (out - (double)k.t[i]) * out * (1 - out) / 8;
    }
    parity_backward(y, k.t);
    double got = (double)k.params->gradients[k.net.out.bias->offset];
    cr_expect(fabs(expected) > 1e-4 && fabs(got - expected) < 1e-6, "%g, expected %g", got, expected);
    y->value[3] = NAN;
    cr_expect(isnan(parity_worst(y, k.t)), "a breakdown must show");
    task_free(&k);
}

static int64_t learn_xor(task *k)
{
    dt_optimizer optimizer;
    dt_optimizer_init(&optimizer, k->params, &(dt_optimizer_recipe){.kind = DT_SGD, .momentum = 0.9});
    int64_t step = 0;
    for (; step < 3000; step++) {
        dt_var *y = task_forward(k);
        if (parity_worst(y, k->t) < 0.1) break;
        dt_params_zero_gradients(k->params);
        parity_backward(y, k->t);
        dt_optimizer_step(&optimizer, &dt_cpu, k->params, 1);
    }
    dt_optimizer_free(&optimizer);
    return step;
}

Test(parity, xor_is_learned_and_the_same_bits_each_time)
{
    task a, b, c;
    task_init(&a, 2, 8, 1), task_init(&b, 2, 8, 1), task_init(&c, 2, 8, 2);
    int64_t steps = learn_xor(&a);
    size_t bytes = (size_t)a.params->size * sizeof(real);
    cr_expect(steps > 0 && steps < 3000, "%d", (int)steps);
    cr_expect(learn_xor(&b) == steps && memcmp(a.params->values, b.params->values, bytes) == 0);
    learn_xor(&c);
    cr_expect(memcmp(a.params->values, c.params->values, bytes) != 0, "another seed, other weights");
    task_free(&a), task_free(&b), task_free(&c);
}
