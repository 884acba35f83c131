/* XOR: what no linear unit can do, and a hidden layer can learn. Then the parity of more bits. */
#include <math.h>
#include <stdlib.h>

#include "experiments/perceptron/parts.h"
#include "models/parity.h"
#include "models/perceptron.h"

/* ---- linear units, exactly: small whole numbers leave nothing to rounding */

enum {
    PATTERNS = 4,
    ALL = 1 << PATTERNS,
    XOR = 1 << 1 | 1 << 2
}; /* bit n of a labelling: pattern n = x1 + 2 x2 is 1 */

typedef struct {
    int w1, w2, bias; /* the unit answers 1 where 2 w1 x1 + 2 w2 x2 + bias > 0; the bias is odd, so it is never 0 */
} unit;

static int answers(unit u)
{
    int labels = 0;
    for (int n = 0; n < PATTERNS; n++)
        if (2 * u.w1 * (n & 1) + 2 * u.w2 * (n >> 1) + u.bias > 0) labels |= 1 << n;
    return labels;
}

/* Whether weights from -1, 0, 1 give these labels. */
static bool separate(int labels, unit *u)
{
    for (u->w1 = -1; u->w1 <= 1; u->w1++)
        for (u->w2 = -1; u->w2 <= 1; u->w2++)
            for (u->bias = -3; u->bias <= 3; u->bias += 2)
                if (answers(*u) == labels) return true;
    return false;
}

/* Whether no weights at all can: a set of patterns whose y (x1, x2, 1), with y = 1 or -1 for the label, add up to 0.
 * Then the sum of y w.x over the set is 0 for any w, so not all its members can be positive. */
static bool impossible(int labels)
{
    for (int set = 1; set < ALL; set++) {
        int sum[3] = {0};
        for (int n = 0; n < PATTERNS; n++) {
            int y = set >> n & 1 ? (labels >> n & 1 ? 1 : -1) : 0;
            sum[0] += y * (n & 1), sum[1] += y * (n >> 1), sum[2] += y;
        }
        if (sum[0] == 0 && sum[1] == 0 && sum[2] == 0) return true;
    }
    return false;
}

static int agreement(int a, int b)
{
    int same = 0;
    for (int n = 0; n < PATTERNS; n++) same += (a >> n & 1) == (b >> n & 1);
    return same;
}

/* The best accuracy on XOR, in percent, that perceptrons from random weights reach after any of 100 passes. */
static double best_perceptron(const dt_trial *trial)
{
    static const double x[] = {0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1}, y[] = {-1, 1, 1, -1};
    perceptron_data d = {PATTERNS, 3, x, y};
    double best = 0;
    for (int64_t start = 0; start < runs_of(trial); start++) {
        double w[3];
        for (uint64_t k = 0; k < 3; k++)
            w[k] = dt_rng_normal(dt_rng_stream(dt_trial_seed(trial), "linear", (uint64_t)start), k);
        for (int pass = 0; pass < 100; pass++) {
            perceptron_pass(&d, NULL, 1, w);
            best = fmax(best, 100 - perceptron_error(&d, w));
        }
    }
    return best;
}

/* Each of the 16 labellings of the four patterns is either separated by an explicit unit or impossible, by an explicit
 * proof; so the units that are found give all answers that any linear unit can give. */
dt_status dichotomies_run(dt_trial *trial, dt_error *err)
{
    int best = 0;
    dt_status status = DT_OK;
    for (int labels = 0; labels < ALL && status == DT_OK; labels++) {
        unit u;
        bool separable = separate(labels, &u);
        if (separable == impossible(labels))
            return dt_error_set(err, DT_ERR_DATA, NULL, -1, "", "labelling %d is neither separated nor impossible",
                                labels);
        int same = agreement(labels, XOR);
        if (separable && same > best) best = same;
        char name[PATTERNS + 1] = {0};
        for (int n = 0; n < PATTERNS; n++) name[n] = labels >> n & 1 ? '1' : '0';
        if (separable)
            status = dt_trial_row(trial, err, "%s\tyes\t%d\t%d\t%g\t%d", name, u.w1, u.w2, u.bias / 2.0, same);
        else
            status = dt_trial_row(trial, err, "%s\tno\t\t\t\t%d", name, same);
    }
    if (status != DT_OK) return status;
    return dt_trial_value(trial, "xor_linear", fmax(100.0 * best / PATTERNS, best_perceptron(trial)), err);
}

/* ---- networks */

static const double xor_rate = 1, parity_rate = 4;
static const dt_optimizer_recipe descent = {.kind = DT_SGD, .momentum = 0.9};
static const double close_enough = 0.1; /* to the target, for every pattern */

typedef struct {
    int64_t presentations; /* of all patterns, before they were learned or given up */
    double worst;          /* distance from a target */
} outcome;

/* Gradient descent on all patterns at once, until they are learned; lr is for the mean over the patterns. */
static outcome learn(const dt_trial *trial, int64_t bits, int64_t hidden, double lr, int64_t start)
{
    enum { MOST_BITS = 8, MOST = 1 << MOST_BITS };
    real x[MOST_BITS * MOST], t[MOST];
    int64_t most = dt_flag_int(dt_trial_flags(trial), "presentations");
    outcome o = {0};
    dt_params *params = dt_params_new(dt_trial_seed(trial) << 24 | (uint64_t)start);
    parity net;
    dt_optimizer optimizer;
    parity_init(&net, params, bits, hidden);
    dt_optimizer_init(&optimizer, params, &descent);
    dt_tape *tape = dt_tape_new(dt_trial_backend(trial), params, NULL);
    parity_patterns(bits, x, t);
    for (;; o.presentations++) {
        dt_tape_reset(tape);
        dt_var *y = parity_forward(&net, dt_constant(tape, 2, (int64_t[]){bits, (int64_t)1 << bits}, x));
        o.worst = parity_worst(y, t);
        if (!(o.worst >= close_enough) || o.presentations == most) break;
        if (o.presentations % 1024 == 1023 && dt_trial_stopped(trial)) break;
        dt_params_zero_gradients(params);
        parity_backward(y, t);
        dt_optimizer_step(&optimizer, tape->backend, params, lr);
    }
    dt_tape_free(tape);
    dt_optimizer_free(&optimizer);
    dt_params_free(params);
    return o;
}

/* Networks of one shape, from many starts. */
typedef struct {
    int64_t bits, hidden;
    const char *shape; /* for the table */
    double lr;
    double done, share; /* of the trial: before it, and its own */
    int64_t learned;    /* the result: how many */
} shape;

static dt_status learn_many(dt_trial *trial, shape *n, dt_error *err)
{
    int64_t runs = runs_of(trial);
    dt_status status = DT_OK;
    for (int64_t start = 0; start < runs && status == DT_OK && !dt_trial_stopped(trial); start++) {
        outcome o = learn(trial, n->bits, n->hidden, n->lr, start);
        if (isnan(o.worst))
            return dt_error_set(err, DT_ERR_DATA, NULL, -1, "lower the learning rate in xor.c",
                                "the network %lld-%lld-1 broke down: not a number after %lld presentations",
                                (long long)n->bits, (long long)n->hidden, (long long)o.presentations);
        bool success = o.worst < close_enough;
        n->learned += success;
        status = dt_trial_row(trial, err, "%llu\t%lld\t%lld\t%lld\t%s\t%d\t%lld\t%.4g",
                              (unsigned long long)dt_trial_seed(trial), (long long)start + 1, (long long)n->bits,
                              (long long)n->hidden, n->shape, success, (long long)o.presentations, o.worst);
        dt_trial_progress(trial, n->done + n->share * (double)(start + 1) / (double)runs,
                          "%lld-%lld-1, start %lld of %lld", (long long)n->bits, (long long)n->hidden,
                          (long long)start + 1, (long long)runs);
    }
    return status;
}

dt_status xor_run(dt_trial *trial, dt_error *err)
{
    static const struct {
        int64_t hidden;
        const char *claim; /* the share that learned; NULL: nothing is claimed */
    } nets[] = {{2, "xor_2"}, {3, NULL}, {4, "xor_4"}, {8, "xor_8"}};
    dt_status status = DT_OK;
    for (int i = 0; i < 4 && status == DT_OK; i++) {
        shape n = {2, nets[i].hidden, "2-H-1", xor_rate, i / 4.0, 0.25, 0};
        status = learn_many(trial, &n, err);
        if (status == DT_OK && nets[i].claim && !dt_trial_stopped(trial))
            status = dt_trial_value(trial, nets[i].claim, 100.0 * (double)n.learned / (double)runs_of(trial), err);
    }
    return status;
}

/* Parity with as many hidden units as bits, which is enough: let unit k see whether at least k bits are 1. Then with
 * twice as many. */
dt_status parity_run(dt_trial *trial, dt_error *err)
{
    static const int64_t most_bits[DT_PRESETS] = {3, 6, 8};
    int64_t most = most_bits[dt_trial_preset(trial)], longest = 0;
    double networks = 2 * (double)(most - 1), done = 0;
    dt_status status = DT_OK;
    for (int64_t bits = 2; bits <= most && status == DT_OK; bits++) {
        shape equal = {bits, bits, "N hidden units", parity_rate, done, 1 / networks, 0},
              twice = {bits, 2 * bits, "2N hidden units", parity_rate, done + 1 / networks, 1 / networks, 0};
        status = learn_many(trial, &equal, err);
        if (status == DT_OK) status = learn_many(trial, &twice, err);
        if (equal.learned > 0) longest = bits;
        done += 2 / networks;
    }
    if (status != DT_OK || dt_trial_stopped(trial)) return status;
    return dt_trial_value(trial, "parity", (double)longest, err);
}
