/* What a trained network has become: its first filters, whom it mistakes for whom, the five best classes of some test
 * images, and their nearest neighbours in the last hidden layer (Krizhevsky et al. 2012, figs. 3 and 4). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/alexnet/parts.h"

enum { SHOWN = 8, BEST = 5, NEIGHBOURS = 6, SEARCHED = 10000, FILTERS_A_ROW = 8 };

const char *const class_names[CLASSES] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                          "dog",      "frog",       "horse", "ship", "truck"};

static dt_status filters(dt_training *t, dt_error *err)
{
    const cifarnet *m = t->net.model;
    const dt_param *w = m->conv1.weight;
    const int64_t size = w->dim[2], count = w->count / w->dim[0];
    dt_sheet sheet;
    dt_sheet_open(&sheet, "filters", false);
    for (int i = 0; i < w->dim[0]; i++)
        dt_sheet_colours(&sheet, i / FILTERS_A_ROW, i % FILTERS_A_ROW, size, size, "", "",
                         t->net.params->values + w->offset + i * count);
    return dt_trial_sheet(t->trial, &sheet, err);
}

static dt_status confusion(dt_trial *trial, const dt_images *exam, const real *share, dt_error *err)
{
    int32_t *answer = malloc((size_t)exam->count * sizeof *answer);
    DT_REQUIRE(answer, "confusion: out of memory");
    for (int64_t i = 0; i < exam->count; i++) answer[i] = best_class(share + i * CLASSES);
    dt_buffer b;
    dt_buffer_open(&b, "confusion.tsv");
    dt_confusion_print(b.file, class_names, exam, answer);
    free(answer);
    return dt_trial_buffer(trial, &b, err);
}

/* Image i as a tile. */
static void image_tile(dt_sheet *sheet, int row, int column, const dt_images *images, int64_t i)
{
    real pixels[PIXELS];
    const char *name = class_names[images->labels[i]];
    for (int64_t k = 0; k < PIXELS; k++) pixels[k] = images->pixels[i * PIXELS + k];
    dt_sheet_colours(sheet, row, column, SIDE, SIDE, "", name, pixels);
}

/* A bar as long as the share, red for the right class, on white. */
static void bar_tile(dt_sheet *sheet, int row, int column, int32_t class, double share, bool right)
{
    static const real red[3] = {200, 50, 30}, blue[3] = {0, 90, 160};
    real pixels[PIXELS];
    char caption[48];
    for (int64_t k = 0; k < PIXELS; k++) {
        const int64_t y = k / SIDE % SIDE, x = k % SIDE, colour = k / (SIDE * SIDE);
        const bool bar = y >= SIDE / 4 && y < 3 * SIDE / 4 && (double)x < share * SIDE;
        pixels[k] = bar ? (right ? red : blue)[colour] : 255;
    }
    snprintf(caption, sizeof caption, "%s %.0f %%", class_names[class], 100 * share);
    dt_sheet_colours(sheet, row, column, SIDE, SIDE, caption, "", pixels);
}

/* The classes in falling order of their shares, the first BEST of them. */
static void best_classes(const real share[CLASSES], int32_t best[BEST])
{
    bool taken[CLASSES] = {false};
    for (int k = 0; k < BEST; k++) {
        best[k] = -1;
        for (int32_t c = 0; c < CLASSES; c++)
            if (!taken[c] && (best[k] < 0 || share[c] > share[best[k]])) best[k] = c;
        taken[best[k]] = true;
    }
}

static dt_status five_best(dt_trial *trial, const dt_images *exam, const real *share, dt_error *err)
{
    dt_sheet sheet;
    dt_sheet_open(&sheet, "best", true);
    for (int i = 0; i < SHOWN && i < exam->count; i++) {
        int32_t best[BEST];
        best_classes(share + i * CLASSES, best);
        image_tile(&sheet, i, 0, exam, i);
        for (int k = 0; k < BEST; k++)
            bar_tile(&sheet, i, k + 1, best[k], (double)share[i * CLASSES + best[k]], best[k] == exam->labels[i]);
    }
    return dt_trial_sheet(trial, &sheet, err);
}

static double squared_distance(const real *a, const real *b, int64_t size)
{
    double sum = 0;
    for (int64_t k = 0; k < size; k++) sum += ((double)a[k] - (double)b[k]) * ((double)a[k] - (double)b[k]);
    return sum;
}

/* The rows of x [count][size] that are nearest to `point`, nearest first. */
static void nearest(const real *point, const real *x, int64_t count, int64_t size, int64_t found[NEIGHBOURS])
{
    double distance[NEIGHBOURS];
    for (int k = 0; k < NEIGHBOURS; k++) distance[k] = INFINITY, found[k] = 0;
    for (int64_t i = 0; i < count; i++) {
        const double d = squared_distance(point, x + i * size, size);
        int k = NEIGHBOURS;
        for (; k > 0 && d < distance[k - 1]; k--)
            if (k < NEIGHBOURS) distance[k] = distance[k - 1], found[k] = found[k - 1];
        if (k < NEIGHBOURS) distance[k] = d, found[k] = i;
    }
}

/* For some test images, the training images whose last hidden layer is nearest to theirs. */
static dt_status neighbours(dt_training *t, const dt_images *exam, dt_error *err)
{
    const int64_t size = hidden_size(t->net.model);
    dt_images searched, asked, rest;
    dt_images_split(t->trainer.images, t->trainer.images->count < SEARCHED ? t->trainer.images->count : SEARCHED,
                    &searched, &rest);
    dt_images_split(exam, exam->count < SHOWN ? exam->count : SHOWN, &asked, &rest);
    const int64_t all = searched.count + asked.count;
    real *share = malloc((size_t)(all * CLASSES) * sizeof *share),
         *hidden = malloc((size_t)(all * size) * sizeof *hidden);
    DT_REQUIRE(share && hidden, "neighbours: out of memory");
    real *questions = hidden + searched.count * size;
    ask(t, &searched, false, share, hidden);
    ask(t, &asked, false, share, questions);
    dt_sheet sheet;
    dt_sheet_open(&sheet, "neighbours", true);
    for (int i = 0; i < asked.count; i++) {
        int64_t found[NEIGHBOURS];
        nearest(questions + i * size, hidden, searched.count, size, found);
        image_tile(&sheet, i, 0, &asked, i);
        for (int k = 0; k < NEIGHBOURS; k++) image_tile(&sheet, i, k + 1, &searched, found[k]);
    }
    free(share);
    free(hidden);
    return dt_trial_sheet(t->trial, &sheet, err);
}

dt_status look(dt_training *t, const dt_images *exam, bool ten, dt_error *err)
{
    real *share = malloc((size_t)(exam->count * CLASSES) * sizeof *share);
    DT_REQUIRE(share, "look: out of memory");
    ask(t, exam, ten, share, NULL);
    dt_status status = filters(t, err);
    if (status == DT_OK) status = confusion(t->trial, exam, share, err);
    if (status == DT_OK) status = five_best(t->trial, exam, share, err);
    if (status == DT_OK) status = neighbours(t, exam, err);
    free(share);
    return status;
}
