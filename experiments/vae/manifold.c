/* Two latent dimensions (Kingma & Welling 2014, fig. 4): the unit square through the inverse of the normal
 * distribution's function, so that the grid's points are equally likely, and what the decoder makes of each. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/vae/parts.h"

enum { GRID = 20, FILM_GRID = 10, FRAMES = 16, SIDE = 28 };

/* The grid's images, image after image, from left to right and from top to bottom. */
static real *draw_grid(const dt_training *t, int64_t grid)
{
    const int64_t count = grid * grid;
    real *z = malloc((size_t)(2 * count) * sizeof *z), *columns = malloc((size_t)(VAE_PIXELS * count) * sizeof *z),
         *image = malloc((size_t)(VAE_PIXELS * count) * sizeof *z);
    DT_REQUIRE(z && columns && image, "draw_grid: out of memory");
    for (int64_t i = 0; i < count; i++) {
        z[i] = (real)gsl_cdf_ugaussian_Pinv(((double)(i % grid) + 0.5) / (double)grid);
        z[count + i] = (real)gsl_cdf_ugaussian_Pinv(1 - ((double)(i / grid) + 0.5) / (double)grid);
    }
    decode(t->net.model, t->net.params, t->trainer.backend, z, count, columns);
    for (int64_t i = 0; i < VAE_PIXELS * count; i++) image[i % count * VAE_PIXELS + i / count] = columns[i];
    free(z);
    free(columns);
    return image;
}

/* A small grid as one tile of the film. */
static void add_frame(dt_sheet *film, const dt_training *t, int frame)
{
    enum { WIDTH = FILM_GRID * SIDE };
    static real tile[WIDTH * WIDTH];
    char caption[64];
    real *image = draw_grid(t, FILM_GRID);
    for (int64_t i = 0; i < WIDTH * WIDTH; i++) {
        const int64_t row = i / WIDTH, column = i % WIDTH, which = row / SIDE * FILM_GRID + column / SIDE;
        tile[i] = image[which * VAE_PIXELS + row % SIDE * SIDE + column % SIDE];
    }
    snprintf(caption, sizeof caption, "%lld samples", (long long)(dt_training_steps(t) * t->trainer.recipe.batch));
    dt_sheet_tile(film, frame / (FRAMES / 2), frame % (FRAMES / 2), WIDTH, WIDTH, caption, "", tile, 1);
    free(image);
}

/* The number of steps of a frame: 0, then equal ratios from ten steps to all. */
static int64_t steps_of(const dt_training *t, int frame)
{
    const double all = (double)dt_trainer_steps(&t->trainer), first = all < 10 ? 1 : 10;
    return frame == 0 ? 0 : (int64_t)round(first * pow(all / first, (frame - 1.0) / (FRAMES - 2)));
}

dt_status manifold_run(dt_trial *trial, dt_error *err)
{
    static const int64_t hidden[DT_PRESETS] = {50, 500, 500}, epochs[DT_PRESETS] = {1, 12, 200};
    const dt_preset preset = dt_trial_preset(trial);
    const vae shape = vae_of_paper(2, dt_trial_int(trial, "hidden", hidden[preset]));
    const dt_task task = vae_task("manifold", &shape);
    const dt_recipe recipe = vae_recipe(trial, epochs[preset]);
    dt_training t;
    dt_sheet film, sheet;
    dt_status status = DT_OK;
    dt_training_init(&t, trial, "2 dimensions", &task, dt_trial_images(trial), &recipe);
    dt_sheet_open(&film, "film", false);
    for (int frame = 0; frame < FRAMES && status == DT_OK && !dt_trial_stopped(trial); frame++) {
        status = dt_training_until(&t, steps_of(&t, frame), NULL, err);
        if (status == DT_OK) add_frame(&film, &t, frame);
    }
    dt_sheet_open(&sheet, "manifold", false);
    real *image = draw_grid(&t, GRID);
    for (int i = 0; i < GRID * GRID; i++)
        dt_sheet_tile(&sheet, i / GRID, i % GRID, SIDE, SIDE, "", "", image + i * VAE_PIXELS, 1);
    free(image);
    const dt_status closed = dt_trial_sheet(trial, &film, err), also = dt_trial_sheet(trial, &sheet, err);
    dt_training_free(&t);
    return status != DT_OK ? status : closed != DT_OK ? closed : also;
}
