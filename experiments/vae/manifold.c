/* Two latent dimensions (Kingma & Welling 2014, fig. 4): the unit square through the inverse of the normal
 * distribution's function, so that the grid's points are equally likely, and what the decoder makes of each. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/vae/parts.h"

enum { GRID = 20, FILM_GRID = 10, FRAMES = 16, SIDE = 28 };

/* The grid as one tile of a sheet. */
static void add_grid(dt_sheet *sheet, const dt_training *t, int64_t grid, int row, int column, const char *caption)
{
    const int64_t count = grid * grid, width = grid * SIDE;
    real *z = malloc((size_t)(2 * count) * sizeof *z), *image = malloc((size_t)(VAE_PIXELS * count) * sizeof *image),
         *tile = malloc((size_t)(width * width) * sizeof *tile);
    DT_REQUIRE(z && image && tile, "add_grid: out of memory");
    for (int64_t i = 0; i < count; i++) {
        z[i] = (real)gsl_cdf_ugaussian_Pinv(((double)(i % grid) + 0.5) / (double)grid);
        z[count + i] = (real)gsl_cdf_ugaussian_Pinv(1 - ((double)(i / grid) + 0.5) / (double)grid);
    }
    decode(t->net.model, t->net.params, t->trainer.backend, z, count, image);
    for (int64_t y = 0; y < width; y++)
        for (int64_t x = 0; x < width; x++)
            tile[y * width + x] = image[(y % SIDE * SIDE + x % SIDE) * count + y / SIDE * grid + x / SIDE];
    dt_sheet_tile(sheet, row, column, width, width, caption, "", tile, 1);
    free(z);
    free(image);
    free(tile);
}

static void add_frame(dt_sheet *film, const dt_training *t, int frame)
{
    char caption[64];
    const double samples = (double)(dt_training_steps(t) * t->trainer.recipe.batch);
    snprintf(caption, sizeof caption, "%.3g thousand", samples / 1000);
    add_grid(film, t, FILM_GRID, frame / (FRAMES / 2), frame % (FRAMES / 2), caption);
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
    add_grid(&sheet, &t, GRID, 0, 0, "");
    const dt_status closed = dt_trial_sheet(trial, &film, err), also = dt_trial_sheet(trial, &sheet, err);
    dt_training_free(&t);
    return status != DT_OK ? status : closed != DT_OK ? closed : also;
}
