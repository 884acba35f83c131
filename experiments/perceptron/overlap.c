/* Two Gaussian clouds that no line separates. The perceptron goes on changing its weights for ever; logistic
 * regression, with the same loop, comes to rest, at the same weights from any start. */
#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "experiments/perceptron/parts.h"
#include "models/perceptron.h"

enum { POINTS = 200, DIM = 3, PASSES = 500, LAST = 100, STARTS = 5 };

static const double rate = 0.05;    /* of both learners, one example an update */
static const double batch_rate = 1; /* of gradient descent on the loss of all examples; stable below 2 / (|x|^2 / 4) */
static const double start_size = 3; /* first weights: normal, this deviation */

typedef enum { PERCEPTRON, LOGISTIC, BATCH, LEARNERS } learner;
static const char *const learner_names[] = {"perceptron", "logistic regression", "batch gradient"};

typedef struct {
    uint64_t seed;
    bool shuffle;
    double decay, x[POINTS * DIM], y[POINTS];
    perceptron_data data;
} clouds;

/* Half of the points in each class, deviation 1 in each direction; the last coordinate is 1. */
static void clouds_init(clouds *c, const dt_trial *trial)
{
    const dt_flags *flags = dt_trial_flags(trial);
    *c = (clouds){
        .seed = dt_trial_seed(trial), .shuffle = dt_flag_on(flags, "shuffle"), .decay = dt_flag_real(flags, "decay")};
    double half = dt_flag_real(flags, "distance") / 2;
    dt_rng stream = dt_rng_stream(c->seed, "clouds", 0);
    double angle = 2 * acos(-1) * dt_rng_uniform(dt_rng_stream(c->seed, "direction", 0), 0);
    for (int64_t i = 0; i < POINTS; i++) {
        double *p = c->x + i * DIM;
        c->y[i] = i % 2 ? 1 : -1;
        p[0] = c->y[i] * half * cos(angle) + dt_rng_normal(stream, (uint64_t)(2 * i));
        p[1] = c->y[i] * half * sin(angle) + dt_rng_normal(stream, (uint64_t)(2 * i + 1));
        p[2] = 1;
    }
    c->data = (perceptron_data){POINTS, DIM, c->x, c->y};
}

static void first_weights(const clouds *c, int start, double w[DIM])
{
    dt_rng stream = dt_rng_stream(c->seed, "start", (uint64_t)start);
    for (int k = 0; k < DIM; k++) w[k] = start_size * dt_rng_normal(stream, (uint64_t)k);
}

static void one_pass(const clouds *c, learner who, int start, int pass, double w[DIM])
{
    uint32_t order[POINTS];
    if (c->shuffle)
        dt_rng_permutation(dt_rng_stream(c->seed, "order", (uint64_t)(start * PASSES + pass)), order, POINTS);
    const uint32_t *o = c->shuffle ? order : NULL;
    if (who == PERCEPTRON)
        perceptron_pass(&c->data, o, rate, w);
    else if (who == LOGISTIC)
        logistic_pass(&c->data, o, rate, c->decay, w);
    else {
        double gradient[DIM];
        logistic_loss(&c->data, c->decay, w, gradient);
        for (int k = 0; k < DIM; k++) w[k] -= batch_rate * gradient[k];
    }
}

typedef struct {
    double w[DIM], low, high; /* errors of the last passes */
} outcome;

static outcome learn(const clouds *c, learner who, int start)
{
    outcome o = {.low = INFINITY, .high = -INFINITY};
    first_weights(c, start, o.w);
    for (int pass = 0; pass < PASSES; pass++) {
        one_pass(c, who, start, pass, o.w);
        if (pass < PASSES - LAST) continue;
        double error = perceptron_error(&c->data, o.w);
        o.low = fmin(o.low, error);
        o.high = fmax(o.high, error);
    }
    return o;
}

/* The greatest difference in any weight between the first start and the others. */
static double spread(const outcome o[STARTS])
{
    double most = 0;
    for (int s = 1; s < STARTS; s++)
        for (int k = 0; k < DIM; k++) most = fmax(most, fabs(o[s].w[k] - o[0].w[k]));
    return most;
}

dt_status overlap_run(dt_trial *trial, dt_error *err)
{
    clouds c;
    outcome o[LEARNERS][STARTS];
    clouds_init(&c, trial);
    dt_status status = DT_OK;
    for (int who = 0; who < LEARNERS; who++)
        for (int s = 0; s < STARTS && status == DT_OK; s++) {
            const outcome *r = &o[who][s];
            o[who][s] = learn(&c, (learner)who, s);
            status = dt_trial_row(trial, err, "%llu\t%s\t%d\t%.12g\t%.12g\t%.12g\t%.6g\t%.6g\t%.6g\t%.12g",
                                  (unsigned long long)c.seed, learner_names[who], s + 1, r->w[0], r->w[1], r->w[2],
                                  perceptron_error(&c.data, r->w), r->low, r->high,
                                  logistic_loss(&c.data, c.decay, r->w, NULL));
        }
    const outcome *p = &o[PERCEPTRON][0], *l = &o[LOGISTIC][0];
    if (status == DT_OK) status = dt_trial_value(trial, "unsettled", p->high - p->low, err);
    if (status == DT_OK) status = dt_trial_value(trial, "settled", l->high - l->low, err);
    return status == DT_OK ? dt_trial_value(trial, "same_weights", spread(o[LOGISTIC]), err) : status;
}

/* Two panels, for the errors of the first passes hide what comes later. */
static dt_status error_row(dt_trial *trial, const char *name, int pass, double error, dt_error *err)
{
    static const char *const panels[] = {"first passes", "all later passes"};
    enum { FIRST = 20 };
    dt_status status = DT_OK;
    for (int p = 0; p < 2 && status == DT_OK; p++)
        if (p == 0 ? pass <= FIRST : pass >= FIRST)
            status =
                dt_trial_row(trial, err, "%s\t%s\t%d\t%.6g\t%.6g\t%.6g", panels[p], name, pass, error, error, error);
    return status;
}

dt_status epochs_run(dt_trial *trial, dt_error *err)
{
    clouds c;
    dt_status status = DT_OK;
    clouds_init(&c, trial);
    for (int who = PERCEPTRON; who <= LOGISTIC; who++) {
        double w[DIM];
        first_weights(&c, 0, w);
        for (int pass = 0; pass <= PASSES && status == DT_OK; pass++) {
            status = error_row(trial, learner_names[who], pass, perceptron_error(&c.data, w), err);
            one_pass(&c, (learner)who, 0, pass, w);
        }
    }
    return status;
}

static dt_status line_row(dt_trial *trial, int who, const char *panel, const char *kind, const double w[DIM],
                          dt_error *err)
{
    return dt_trial_row(trial, err, "%s\t%s\t%s\t%.6g\t%.6g\t%.6g", learner_names[who], panel, kind, w[0], w[1], w[2]);
}

/* For plots/lines.gp: the points (x1, x2, label), and in each panel the lines a x1 + b x2 + c = 0 after each of its
 * passes, at most 20 of them, the last one marked. */
static dt_status lines_of(dt_trial *trial, const clouds *c, int who, dt_error *err)
{
    static const struct {
        const char *title;
        int first, last;
    } panels[] = {{"start", 0, 0}, {"passes 1 to 5", 1, 5}, {"passes 6 to 50", 6, 50}, {"passes 401 to 500", 401, 500}};
    double w[DIM];
    dt_status status = DT_OK;
    first_weights(c, 0, w);
    for (int pass = 0; pass <= PASSES; pass++) {
        if (pass > 0) one_pass(c, (learner)who, 0, pass - 1, w);
        for (size_t i = 0; i < sizeof panels / sizeof *panels && status == DT_OK; i++) {
            int from_end = panels[i].last - pass, every = (panels[i].last - panels[i].first) / 20 + 1;
            if (pass < panels[i].first || from_end < 0 || from_end % every != 0) continue;
            status = line_row(trial, who, panels[i].title, from_end ? "line" : "last", w, err);
        }
    }
    return status;
}

dt_status lines_run(dt_trial *trial, dt_error *err)
{
    clouds c;
    dt_status status = DT_OK;
    clouds_init(&c, trial);
    for (int64_t i = 0; i < POINTS && status == DT_OK; i++)
        status = dt_trial_row(trial, err, "-\t-\tpoint\t%.6g\t%.6g\t%g", c.x[i * DIM], c.x[i * DIM + 1], c.y[i]);
    for (int who = PERCEPTRON; who <= LOGISTIC && status == DT_OK; who++) status = lines_of(trial, &c, who, err);
    return status;
}
