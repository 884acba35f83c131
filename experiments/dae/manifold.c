/* A denoising autoencoder in the plane (Alain & Bengio 2013): points about a spiral, whose density and score are known;
 * where it moves a point to; and the Markov chain of noise and repair (Bengio et al. 2013). */
#include <math.h>
#include <stdlib.h>

#include "experiments/dae/parts.h"

enum { CENTRES = 240, BATCH = 256, SHARD = 64, JUDGED = 2000, GRID = 49, EVERY = 2, CHAIN = 1500, BURN_IN = 100 };

static const double WIDTH = 1 /* the density's deviation across the spiral */, REACH = 16 /* of the figure */;
static const double TURNS = 1.5, START = 3, PITCH = 7; /* the radius grows by PITCH a turn */

typedef struct {
    double x, y;
} point;

typedef struct {
    dt_trial *trial;
    dae model;
    dt_params *params;
    double noise; /* sigma */
    point centre[CENTRES];
    int64_t step;
} plane;

/* ---- the density: equal parts of normal ones about the centres */

/* Centres that are equally far from one another, nearly: the radius is START + PITCH turns. */
static void place_centres(plane *p)
{
    const double end = START * TURNS + PITCH * TURNS * TURNS / 2; /* the length up to t turns, over 2 pi, if the radius
                                                                   * changed slowly */
    for (int k = 0; k < CENTRES; k++) {
        const double length = end * (k + 0.5) / CENTRES;
        const double t = (sqrt(START * START + 2 * PITCH * length) - START) / PITCH, r = START + PITCH * t;
        p->centre[k].x = r * cos(2 * M_PI * t);
        p->centre[k].y = r * sin(2 * M_PI * t);
    }
}

/* The density's logarithm at a place, and its gradient there, the score; `variance` is that about each centre. */
static double log_density(const plane *p, double variance, point at, point *score)
{
    double least = INFINITY, sum = 0, x = 0, y = 0;
    for (int k = 0; k < CENTRES; k++)
        least = fmin(least, pow(at.x - p->centre[k].x, 2) + pow(at.y - p->centre[k].y, 2));
    for (int k = 0; k < CENTRES; k++) {
        const double dx = p->centre[k].x - at.x, dy = p->centre[k].y - at.y;
        const double part = exp((least - dx * dx - dy * dy) / (2 * variance));
        sum += part;
        x += part * dx / variance;
        y += part * dy / variance;
    }
    *score = (point){x / sum, y / sum};
    return log(sum / CENTRES) - least / (2 * variance) - log(2 * M_PI * variance);
}

static double distance(const plane *p, point at)
{
    double least = INFINITY;
    for (int k = 0; k < CENTRES; k++) least = fmin(least, hypot(at.x - p->centre[k].x, at.y - p->centre[k].y));
    return least;
}

/* The index-th point of a stream. */
static point draw(const plane *p, dt_rng stream, uint64_t index)
{
    double two[2];
    const dt_rng which = {stream.seed, stream.purpose ^ dt_rng_purpose("centre"), stream.step};
    const point c = p->centre[dt_rng_below(which, index, CENTRES)];
    dt_rng_normal_pair(stream, index, two);
    return (point){c.x + WIDTH * two[0], c.y + WIDTH * two[1]};
}

/* ---- training */

static void run_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    plane *p = context;
    const uint64_t seed = dt_trial_seed(p->trial);
    const dt_rng stream = dt_rng_stream(seed, "points", (uint64_t)p->step);
    dt_tape_noise(tape, dt_rng_stream(seed, "noise", (uint64_t)p->step), first, count);
    dt_var *x = dt_input(tape, 2, (int64_t[]){2, count});
    for (int64_t i = 0; i < count; i++) {
        const point at = draw(p, stream, (uint64_t)(first + i));
        x->value[i] = (real)at.x;
        x->value[count + i] = (real)at.y;
    }
    dt_backward(dae_loss(&p->model, x), (real)1 / BATCH);
}

/* By Adam, with a rate that falls linearly to 0. */
static dt_status train(plane *p, int64_t steps, dt_error *err)
{
    const dt_backend *backend = dt_trial_backend(p->trial);
    const double rate = dt_trial_real(p->trial, "lr-pretrain", 0.03);
    dt_optimizer optimizer;
    dt_shards shards;
    dt_optimizer_init(&optimizer, p->params, &(dt_optimizer_recipe){DT_USUAL_ADAM});
    dt_shards_init(&shards, backend, p->params, BATCH, SHARD);
    dt_status status = DT_OK;
    for (; p->step < steps && status == DT_OK && !dt_trial_stopped(p->trial); p->step++) {
        dt_shards_run(&shards, BATCH, true, run_shard, p);
        const double norm = dt_params_clip(p->params, backend, 0);
        if (!isfinite(norm))
            status = dt_error_set(err, DT_ERR_DATA, NULL, -1, "lower --lr-pretrain",
                                  "the training in the plane broke down in step %lld: the gradient's norm is %g, lr %g",
                                  (long long)p->step + 1, norm, rate);
        else
            dt_optimizer_step(&optimizer, backend, p->params, rate * (1 - (double)p->step / (double)steps));
        dt_trial_progress(p->trial, (double)p->step / (double)steps, "step %lld/%lld", (long long)p->step + 1,
                          (long long)steps);
    }
    dt_shards_free(&shards);
    dt_optimizer_free(&optimizer);
    return status;
}

/* r(x) of `count` points. */
static void repair(const plane *p, const point *at, int64_t count, point *to)
{
    dt_tape *tape = dt_tape_new(dt_trial_backend(p->trial), p->params, NULL);
    tape->recording = false;
    dt_var *x = dt_input(tape, 2, (int64_t[]){2, count});
    for (int64_t i = 0; i < count; i++) x->value[i] = (real)at[i].x, x->value[count + i] = (real)at[i].y;
    const dt_var *r = dae_reconstruct(&p->model, x);
    for (int64_t i = 0; i < count; i++) to[i] = (point){(double)r->value[i], (double)r->value[count + i]};
    dt_tape_free(tape);
}

/* ---- what came of it */

/* The field against the scores, over points of the density. */
static dt_status compare(const plane *p, dt_error *err)
{
    static point at[JUDGED], to[JUDGED];
    double wrong = 0, all = 0, wrong_smooth = 0, all_smooth = 0, cosine = 0;
    const double variance = WIDTH * WIDTH, sigma2 = p->noise * p->noise;
    const dt_rng stream = dt_rng_stream(dt_trial_seed(p->trial), "exam", 0);
    for (uint64_t i = 0; i < JUDGED; i++) at[i] = draw(p, stream, i);
    repair(p, at, JUDGED, to);
    for (int i = 0; i < JUDGED; i++) {
        const point field = {(to[i].x - at[i].x) / sigma2, (to[i].y - at[i].y) / sigma2};
        point score, smooth;
        log_density(p, variance, at[i], &score);
        log_density(p, variance + sigma2, at[i], &smooth);
        wrong += pow(field.x - score.x, 2) + pow(field.y - score.y, 2);
        all += pow(score.x, 2) + pow(score.y, 2);
        wrong_smooth += pow(field.x - smooth.x, 2) + pow(field.y - smooth.y, 2);
        all_smooth += pow(smooth.x, 2) + pow(smooth.y, 2);
        cosine += (field.x * score.x + field.y * score.y) / hypot(field.x, field.y) / hypot(score.x, score.y) / JUDGED;
    }
    return dt_trial_values(p->trial,
                           (dt_trial_result[]){{"score_smoothed", 100 * sqrt(wrong_smooth / all_smooth)},
                                               {"score", 100 * sqrt(wrong / all)},
                                               {"score_cosine", cosine},
                                               {0}},
                           err);
}

/* The table for plots/field.gp: the density on a grid, and on every second place where r moves the point to. */
static dt_status write_field(const plane *p, dt_error *err)
{
    static point at[GRID * GRID], to[GRID * GRID];
    dt_status status = DT_OK;
    for (int i = 0; i < GRID * GRID; i++)
        at[i] = (point){REACH * (2.0 * (i % GRID) / (GRID - 1) - 1), REACH * (2.0 * (i / GRID) / (GRID - 1) - 1)};
    repair(p, at, GRID * GRID, to);
    for (int i = 0; i < GRID * GRID && status == DT_OK; i++) {
        point score;
        const double density = exp(log_density(p, WIDTH * WIDTH, at[i], &score));
        const bool shown = i % GRID % EVERY == 0 && i / GRID % EVERY == 0;
        status = dt_trial_row(p->trial, err, "%.4g\t%.4g\t%.3g\t%.3g\t%.3g", at[i].x, at[i].y, density,
                              shown ? to[i].x - at[i].x : (double)NAN, shown ? to[i].y - at[i].y : (double)NAN);
    }
    return status;
}

/* The variance of x about r(x~), in each direction: that of the normal density P(x | x~) of the chain. */
static double spread(const plane *p)
{
    static point at[JUDGED], noisy[JUDGED], to[JUDGED];
    double sum = 0;
    const uint64_t seed = dt_trial_seed(p->trial);
    for (uint64_t i = 0; i < JUDGED; i++) {
        double two[2];
        at[i] = draw(p, dt_rng_stream(seed, "spread", 0), i);
        dt_rng_normal_pair(dt_rng_stream(seed, "spread noise", 0), i, two);
        noisy[i] = (point){at[i].x + p->noise * two[0], at[i].y + p->noise * two[1]};
    }
    repair(p, noisy, JUDGED, to);
    for (int i = 0; i < JUDGED; i++) sum += pow(to[i].x - at[i].x, 2) + pow(to[i].y - at[i].y, 2);
    return sum / (2 * JUDGED);
}

/* One chain from the spiral's inner end: x~ = x + noise, x = r(x~) + what r does not know; as a table of two series. */
static dt_status walk(const plane *p, dt_error *err)
{
    const uint64_t seed = dt_trial_seed(p->trial);
    const dt_rng noise = dt_rng_stream(seed, "chain noise", 0), rest = dt_rng_stream(seed, "chain", 0);
    const double deviation = sqrt(spread(p));
    dt_trial_say(p->trial, "noise of %g, repaired to within %.5f in each direction", p->noise, deviation);
    point x = p->centre[0];
    int near = 0;
    dt_buffer table;
    dt_buffer_open(&table, "chain.tsv");
    fputs("series\tx\ty\n", table.file);
    for (int i = 0; i < CHAIN; i++) {
        const point data = draw(p, dt_rng_stream(seed, "exam", 0), (uint64_t)i);
        fprintf(table.file, "data\t%.3f\t%.3f\n", data.x, data.y);
    }
    for (uint64_t i = 0; i < CHAIN + BURN_IN; i++) {
        double two[2], other[2];
        dt_rng_normal_pair(noise, i, two);
        dt_rng_normal_pair(rest, i, other);
        const point noisy = {x.x + p->noise * two[0], x.y + p->noise * two[1]};
        repair(p, &noisy, 1, &x);
        x.x += deviation * other[0];
        x.y += deviation * other[1];
        if (i < BURN_IN) continue;
        near += distance(p, x) < 3 * WIDTH;
        fprintf(table.file, "chain\t%.3f\t%.3f\n", x.x, x.y);
    }
    dt_status status = dt_trial_buffer(p->trial, &table, err);
    return status == DT_OK ? dt_trial_value(p->trial, "chain", 100.0 * near / CHAIN, err) : status;
}

dt_status manifold_run(dt_trial *trial, dt_error *err)
{
    static const int64_t hidden[DT_PRESETS] = {16, 256, 256}, steps[DT_PRESETS] = {50, 60000, 400000};
    const dt_preset preset = dt_trial_preset(trial);
    const double noise = level_flag(trial, WIDTH / 2);
    static plane p;
    p = (plane){.trial = trial,
                .noise = noise,
                .params = dt_params_new(dt_trial_seed(trial)),
                .model = {.name = "plane",
                          .in = 2,
                          .hidden = size_flag(trial, "hidden", hidden[preset]),
                          .noise = DAE_GAUSSIAN,
                          .level = noise,
                          .untied = true,
                          .unbounded = true}};
    if (noise == 0) {
        dt_params_free(p.params);
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "give --level a number above 0",
                            "manifold: without noise there is no field to compare with the score");
    }
    place_centres(&p);
    dae_init(&p.model, p.params);
    dt_status status = train(&p, steps[preset], err);
    const bool whole = status == DT_OK && !dt_trial_stopped(trial);
    if (whole) status = compare(&p, err);
    if (whole && status == DT_OK && dt_trial_first(trial)) status = write_field(&p, err);
    if (whole && status == DT_OK && dt_trial_first(trial)) status = walk(&p, err);
    dt_params_free(p.params);
    return status;
}
