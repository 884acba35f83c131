/* Eight Gaussians on a ring, from a GAN and from one whose generator looks ahead (Metz et al. 2017, section 3.1 and
 * appendix A; the measures are those of Srivastava et al. 2017, section 4). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/gan/parts.h"
#include "models/ring_gan.h"

DT_MODEL(ring_gan);

enum { MODES = 8, NETS = 2, LATENT = 256, SAMPLES = 2500, POINTS = 40, CELLS = 64 };
static const double RADIUS = 2, DEVIATION = 0.02, NEAR = 3 /* deviations */, HALF_SIDE = 3 /* of the pictures */;
static const char *const names[NETS] = {"plain", "unrolled"};

/* Where the trial stands: a blob of checkpoints. */
typedef struct {
    int64_t net, frames;               /* the one in training; of its film */
    double modes[NETS], quality[NETS]; /* of those that are done: modes, % of samples near one */
    int64_t steps;                     /* since the last point, and what is summed over them */
    double on_real, on_fake;
    uint8_t film[NETS][FRAMES][CELLS * CELLS]; /* how many samples fell into each cell */
} ring_state;

typedef struct {
    dt_trial *trial;
    dt_gan gan;
    int64_t steps;
    bool loads;
    ring_state at;
    real *z, *x; /* the samples' noise [LATENT,SAMPLES]; samples [2,SAMPLES] */
} ring;

static double centre(int mode, int axis)
{
    const double angle = 2 * M_PI * mode / MODES;
    return RADIUS * (axis ? sin(angle) : cos(angle));
}

/* x [2,N]. */
static void real_points(void *context, int64_t step, dt_var *x)
{
    const ring *r = context;
    const uint64_t seed = dt_trial_seed(r->trial);
    const dt_rng which = dt_rng_stream(seed, "modes", (uint64_t)step),
                 noise = dt_rng_stream(seed, "points", (uint64_t)step);
    const int64_t n = dt_batch(x);
    for (int64_t j = 0; j < n; j++) {
        double two[2];
        const int mode = (int)dt_rng_below(which, (uint64_t)j, MODES);
        dt_rng_normal_pair(noise, (uint64_t)j, two);
        for (int axis = 0; axis < 2; axis++)
            x->value[axis * n + j] = (real)(centre(mode, axis) + DEVIATION * two[axis]);
    }
}

/* How many modes have a sample within NEAR deviations, and which share of the samples, in %, is so near one. */
static void measure(ring *r, double *modes, double *quality)
{
    bool covered[MODES] = {false};
    int64_t near = 0;
    dt_gan_generate(&r->gan, r->z, SAMPLES, r->x);
    for (int64_t j = 0; j < SAMPLES; j++)
        for (int m = 0; m < MODES; m++) {
            const double dx = (double)r->x[j] - centre(m, 0), dy = (double)r->x[SAMPLES + j] - centre(m, 1);
            if (sqrt(dx * dx + dy * dy) > NEAR * DEVIATION) continue;
            covered[m] = true;
            near++;
        }
    *modes = 0;
    for (int m = 0; m < MODES; m++) *modes += covered[m];
    *quality = 100.0 * (double)near / SAMPLES;
}

static void add_frame(ring *r)
{
    uint8_t *cell = r->at.film[r->at.net][r->at.frames++];
    dt_gan_generate(&r->gan, r->z, SAMPLES, r->x);
    for (int64_t j = 0; j < SAMPLES; j++) {
        const int64_t column = (int64_t)floor(((double)r->x[j] + HALF_SIDE) / (2 * HALF_SIDE) * CELLS);
        const int64_t row = (int64_t)floor((HALF_SIDE - (double)r->x[SAMPLES + j]) / (2 * HALF_SIDE) * CELLS);
        if (row < 0 || row >= CELLS || column < 0 || column >= CELLS) continue;
        uint8_t *c = &cell[row * CELLS + column];
        if (*c < UINT8_MAX) ++*c;
    }
}

static dt_status point(ring *r, dt_error *err)
{
    double modes, quality;
    measure(r, &modes, &quality);
    const struct {
        const char *panel;
        double value;
    } points[] = {{"modes of 8", modes},
                  {"samples near a mode (%)", quality},
                  {"D(x)", r->at.on_real / (double)r->at.steps},
                  {"D(G(z))", r->at.on_fake / (double)r->at.steps}};
    dt_status status = DT_OK;
    for (size_t i = 0; i < sizeof points / sizeof *points && status == DT_OK; i++)
        status = dt_trial_point(r->trial, points[i].panel, names[r->at.net], (double)r->gan.state.step, points[i].value,
                                err);
    r->at.steps = 0;
    r->at.on_real = r->at.on_fake = 0;
    return status;
}

static dt_status keep(ring *r, bool load, dt_error *err)
{
    dt_blob blobs[1 + DT_GAN_BLOBS] = {{"trial", &r->at, sizeof r->at}};
    const int n = 1 + dt_gan_blobs(&r->gan, blobs + 1);
    return load ? dt_trial_load(r->trial, blobs, n, err) : dt_trial_keep(r->trial, blobs, n, err);
}

static dt_status train(ring *r, dt_error *err)
{
    dt_status status = DT_OK;
    if (r->loads)
        status = keep(r, true, err);
    else
        add_frame(r);
    r->loads = false;
    while (status == DT_OK && r->gan.state.step < r->steps && !dt_trial_stopped(r->trial)) {
        status = dt_gan_step(&r->gan, err);
        const int64_t step = r->gan.state.step;
        r->at.steps++;
        r->at.on_real += r->gan.on_real;
        r->at.on_fake += r->gan.on_fake;
        dt_trial_progress(r->trial, ((double)r->at.net + (double)step / (double)r->steps) / NETS,
                          "%s, step %lld/%lld  D(x) %.3f  D(G(z)) %.3f", names[r->at.net], (long long)step,
                          (long long)r->steps, r->gan.on_real, r->gan.on_fake);
        if (status == DT_OK && r->at.frames < FRAMES && share_reached(step, r->steps, FRAMES - 1)) add_frame(r);
        if (status == DT_OK && share_reached(step, r->steps, POINTS)) status = point(r, err);
        if (status == DT_OK) status = keep(r, false, err);
    }
    return status;
}

/* Both networks side by side, the plain one at the left. */
static dt_status write_film(const ring *r, dt_error *err)
{
    enum { WIDTH = NETS * CELLS };
    static real tile[CELLS * WIDTH];
    char caption[32];
    const int frames = r->steps + 1 < FRAMES ? (int)r->steps + 1 : FRAMES;
    dt_sheet film;
    dt_sheet_open(&film, "ring_film", false);
    for (int f = 0; f < frames; f++) {
        for (int i = 0; i < CELLS * WIDTH; i++) {
            const int row = i / WIDTH, column = i % WIDTH;
            const double count = r->at.film[column / CELLS][f][row * CELLS + column % CELLS];
            tile[i] = (real)fmin(1, sqrt(count / 20));
        }
        snprintf(caption, sizeof caption, "step %lld", (long long)(r->steps * f / (frames - 1)));
        dt_sheet_tile(&film, f / 4, f % 4, CELLS, WIDTH, caption, "", tile, 1);
    }
    return dt_trial_sheet(r->trial, &film, err);
}

static dt_status train_net(ring *r, int64_t latent, int64_t width, int64_t unroll, dt_error *err)
{
    const ring_gan g = {.name = "g", .in = latent, .width = width, .out = 2, .layers = 2},
                   d = {.name = "d", .in = 2, .width = width, .out = 1, .layers = 1, .scale = 0.25};
    const dt_gan_task task = {names[r->at.net], &ring_gan_model, &ring_gan_model, &g, &d, latent};
    const dt_gan_recipe recipe = gan_recipe(
        r->trial, (dt_gan_recipe){.batch = 512,
                                  .optimizer = {.kind = DT_ADAM, .momentum = 0.5, .rho = 0.999, .epsilon = 1e-8},
                                  .lr_generator = 1e-3,
                                  .lr_discriminator = 1e-4,
                                  .saddle = true,
                                  .unroll = r->at.net ? unroll : 0});
    dt_gan_init(&r->gan, &task, &recipe, dt_trial_backend(r->trial), dt_trial_seed(r->trial), real_points, r);
    const dt_rng noise = dt_rng_stream(dt_trial_seed(r->trial), "samples", 0);
    for (int64_t i = 0; i < latent * SAMPLES; i++) r->z[i] = (real)dt_rng_normal(noise, (uint64_t)i);
    dt_status status = train(r, err);
    if (status == DT_OK && !dt_trial_stopped(r->trial)) {
        measure(r, &r->at.modes[r->at.net], &r->at.quality[r->at.net]);
        dt_trial_say(r->trial, "%s: %.0f of 8 modes, %.1f %% of the samples near one", names[r->at.net],
                     r->at.modes[r->at.net], r->at.quality[r->at.net]);
        r->at.net++;
        r->at.frames = 0;
    }
    dt_gan_free(&r->gan);
    return status;
}

dt_status ring_run(dt_trial *trial, dt_error *err)
{
    static const int64_t steps[DT_PRESETS] = {60, 12500, 25000}, widths[DT_PRESETS] = {16, 128, 128};
    const dt_preset preset = dt_trial_preset(trial);
    const int64_t latent = gan_latent(trial, LATENT),
                  unroll = dt_trial_int(trial, "unroll", preset == DT_PAPER ? 10 : 5);
    static ring r;
    r = (ring){.trial = trial, .steps = dt_trial_int(trial, "steps", steps[preset]), .loads = dt_trial_kept(trial)};
    r.z = malloc((size_t)(latent * SAMPLES) * sizeof *r.z);
    r.x = malloc(2 * SAMPLES * sizeof *r.x);
    DT_REQUIRE(r.z && r.x, "ring: out of memory");
    dt_status status = DT_OK;
    if (r.loads) status = dt_trial_load(trial, &(dt_blob){"trial", &r.at, sizeof r.at}, 1, err);
    while (status == DT_OK && r.at.net < NETS && !dt_trial_stopped(trial))
        status = train_net(&r, latent, widths[preset], unroll, err);
    if (status == DT_OK && !dt_trial_stopped(trial) && dt_trial_first(trial)) status = write_film(&r, err);
    if (status == DT_OK && !dt_trial_stopped(trial))
        status = dt_trial_values(trial,
                                 (dt_trial_result[]){{"plain_modes", r.at.modes[0]},
                                                     {"plain_quality", r.at.quality[0]},
                                                     {"unrolled_modes", r.at.modes[1]},
                                                     {"unrolled_quality", r.at.quality[1]},
                                                     {"modes_gained", r.at.modes[1] - r.at.modes[0]},
                                                     {0}},
                                 err);
    free(r.z);
    free(r.x);
    return status;
}
