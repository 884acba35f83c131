/* The data of the figures, which plots/draw turns into pictures: error curves, the comparison in bars, and of the first
 * network its filters, the feature maps of a digit, the misclassified test images and the confusion matrix. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/run.h"
#include "run/sheet.h"
#include "run/stats.h"

enum { MAX_SEEDS = 64 };

/* ---- the figures of the record: curves and bars */

static const char train_panel[] = "training error (%)";

static const char *exam_panel(const dt_run *s)
{
    return s->validates ? "validation error (%)" : "test error (%)";
}

/* One point of a curve: mean and standard deviation over the seeds of a network's error after an epoch (0: the last).
 */
static void point(FILE *out, const char *panel, const char *series, double x, const char *model, int epoch, bool exam,
                  const dt_eval_row *rows, int n)
{
    double values[MAX_SEEDS];
    int seeds = 0;
    for (int i = 0; i < n && seeds < MAX_SEEDS; i++) {
        bool last = i + 1 == n || rows[i + 1].epoch <= rows[i].epoch;
        if (strcmp(rows[i].model, model) != 0 || (epoch ? rows[i].epoch != epoch : !last)) continue;
        values[seeds++] = exam ? rows[i].test_error : rows[i].train_error;
    }
    if (seeds == 0) return;
    dt_stats stats = dt_stats_of(values, seeds);
    double sd = seeds > 1 ? stats.sd : 0;
    fprintf(out, "%s\t%s\t%.6g\t%.6g\t%.6g\t%.6g\n", panel, series, x, stats.mean, fmax(stats.mean - sd, 0),
            stats.mean + sd);
}

static void curve(FILE *out, const char *panel, const char *series, const dt_study *study, bool exam,
                  const dt_eval_row *rows, int n)
{
    int epochs = 0;
    for (int i = 0; i < n; i++)
        if (strcmp(rows[i].model, study->task.id) == 0 && rows[i].epoch > epochs) epochs = rows[i].epoch;
    for (int epoch = 1; epoch <= epochs; epoch++)
        point(out, panel, series, epoch, study->task.id, epoch, exam, rows, n);
}

/* The first network on fewer examples: a point of the figure over the size of the training set. */
static bool is_smaller(const dt_run *s, const dt_study *study)
{
    const dt_study *first = s->experiment->studies;
    return study != first && study->task.model == first->task.model && study->recipe[s->program.preset].examples != 0;
}

static int64_t examples_of(const dt_run *s, const dt_study *study)
{
    int64_t examples = study->recipe[s->program.preset].examples;
    return examples ? examples : s->program.train.count;
}

/* From the smallest training set to the whole one. */
static void size_curve(FILE *out, const dt_run *s, int first, const dt_eval_row *rows, int n)
{
    for (int64_t done = 0;;) {
        const dt_study *next = NULL;
        for (int i = 0; i < s->experiment->n_studies; i++) {
            const dt_study *study = &s->experiment->studies[i];
            if (!s->trained[i] || (i != first && !is_smaller(s, study)) || examples_of(s, study) <= done) continue;
            if (!next || examples_of(s, study) < examples_of(s, next)) next = study;
        }
        if (!next) return;
        done = examples_of(s, next);
        point(out, "error (%)", exam_panel(s), (double)done, next->task.id, 0, true, rows, n);
        point(out, "error (%)", train_panel, (double)done, next->task.id, 0, false, rows, n);
    }
}

static void references(FILE *out, const char *panel, const dt_study *study, const char *series, const json_t *result)
{
    size_t k;
    json_t *claim;
    json_array_foreach(json_object_get(result, "claims"), k, claim)
    {
        const json_t *published = json_object_get(claim, "published");
        if (strcmp(json_string_value(json_object_get(claim, "id")), study->task.id) != 0 || !json_is_number(published))
            continue;
        fprintf(out, "%s\t%s\t%.6g\tpublished %.6g\n", panel, series, json_number_value(published),
                json_number_value(published));
    }
}

/* Three figures: all networks' test error against passes; the first one's test and training error; the same against the
 * number of examples. */
static dt_status curves(const dt_run *s, const json_t *result, bool *sizes, dt_error *err)
{
    dt_eval_row *rows;
    int n;
    dt_status status = dt_eval_read(s, &rows, &n, err);
    if (status != DT_OK) return status;
    dt_buffer all, all_published, passes, passes_published, size;
    dt_buffer_open(&all, "curves.tsv");
    dt_buffer_open(&all_published, "curves.ref.tsv");
    dt_buffer_open(&passes, "passes.tsv");
    dt_buffer_open(&passes_published, "passes.ref.tsv");
    dt_buffer_open(&size, "size.tsv");
    FILE *const points[] = {all.file, passes.file, size.file};
    for (int i = 0; i < 3; i++) fprintf(points[i], "panel\tseries\tx\tmean\tlow\thigh\n");
    fprintf(all_published.file, "panel\tseries\tvalue\tlabel\n");
    fprintf(passes_published.file, "panel\tseries\tvalue\tlabel\n");
    int first = dt_run_pictured(s);
    for (int i = 0; i < s->experiment->n_studies; i++) {
        const dt_study *study = &s->experiment->studies[i];
        if (!s->trained[i]) continue;
        if (is_smaller(s, study)) {
            *sizes = true;
        } else {
            curve(all.file, exam_panel(s), study->task.title, study, true, rows, n);
            references(all_published.file, exam_panel(s), study, study->task.title, result);
        }
    }
    size_curve(size.file, s, first, rows, n);
    const dt_study *study = &s->experiment->studies[first];
    curve(passes.file, "error (%)", exam_panel(s), study, true, rows, n);
    curve(passes.file, "error (%)", train_panel, study, false, rows, n);
    references(passes_published.file, "error (%)", study, exam_panel(s), result);
    free(rows);
    dt_buffer *const written[] = {&all, &all_published, &passes, &passes_published, &size};
    for (int i = 0; i < 5; i++) {
        dt_status one = dt_buffer_write(written[i], s->program.record, status == DT_OK ? err : NULL);
        if (status == DT_OK) status = one;
    }
    return status;
}

static void number(FILE *out, const json_t *value)
{
    if (json_is_number(value)) fprintf(out, "%.6g", json_number_value(value));
    fputc('\t', out);
}

static dt_status bars(const dt_run *s, const json_t *result, dt_error *err)
{
    dt_buffer b;
    dt_buffer_open(&b, "bars.tsv");
    size_t k;
    json_t *claim;
    fprintf(b.file, "label\tgroup\tpublished\tmean\tlow\thigh\tfrom_memory\n");
    json_array_foreach(json_object_get(result, "claims"), k, claim)
    {
        const json_t *mean = json_object_get(claim, "mean"), *ci = json_object_get(claim, "ci95");
        if (!json_is_number(mean)) continue;
        fprintf(b.file, "%s\t\t", json_string_value(json_object_get(claim, "what")));
        number(b.file, json_object_get(claim, "published"));
        double half = json_is_number(ci) ? json_number_value(ci) : 0, m = json_number_value(mean);
        fprintf(b.file, "%.6g\t%.6g\t%.6g\t%d\n", m, m - half, m + half,
                strchr(json_string_value(json_object_get(claim, "marks")), 'M') != NULL);
    }
    return dt_buffer_write(&b, s->program.record, err);
}

/* ---- the pictures of the first network */

/* The kernels of the first layer: of a convolution [maps][..][h][w], each a tile; of a first linear layer nothing. */
static dt_status filters(const dt_run *s, const dt_network *net, dt_error *err)
{
    dt_sheet sh;
    dt_sheet_open(&sh, "filters", false);
    const dt_param *w = net->params->list[0];
    if (w->rank == 4)
        for (int64_t m = 0; m < w->dim[0]; m++) {
            char caption[32];
            snprintf(caption, sizeof caption, "map %lld", (long long)m + 1);
            int64_t plane = w->dim[2] * w->dim[3];
            dt_sheet_tile(&sh, 0, (int)m, w->dim[2], w->dim[3], caption, "",
                          net->params->values + w->offset + m * w->dim[1] * plane, 1);
        }
    return dt_sheet_close(&sh, s->program.record, err);
}

/* One row of tiles for each stage whose maps are planes, in the order of the network; the name is that of the layer
 * before. */
static int stages(dt_sheet *sh, const dt_var *y, const char *name)
{
    if (!y) return 1;
    int row = stages(sh, y->previous, y->name[0] ? y->name : name);
    bool squashed = strcmp(y->op->name, "activation") == 0;
    if (y->rank != 4 || !squashed) return row;
    char group[64];
    const dt_var *named = y;
    while (!named->name[0] && named->n_inputs) named = named->input[0];
    snprintf(group, sizeof group, "%s", named->name);
    for (int64_t c = 0; c < y->dim[0]; c++)
        dt_sheet_tile(sh, row, (int)c, y->dim[1], y->dim[2], "", group, y->value + c * y->dim[1] * y->dim[2], 1);
    return row + 1;
}

static dt_status feature_maps(const dt_run *s, const dt_network *net, const dt_images *images, dt_error *err)
{
    const dt_frame *frame = &net->task->frame;
    dt_sheet sh;
    dt_sheet_open(&sh, "feature_maps", true);
    dt_tape *tape = dt_tape_new(s->program.backend, net->params, NULL);
    dt_var *x = dt_input(tape, 4, (int64_t[]){images->channels, frame->height, frame->width, 1});
    int32_t label;
    dt_batch_gather(images, frame, &(uint32_t){0}, 1, x->value, &label);
    dt_sheet_tile(&sh, 0, 0, frame->height, frame->width, "", "input", x->value, 1);
    net->task->model->forward(net->model, x);
    stages(&sh, tape->last, "");
    dt_tape_free(tape);
    return dt_sheet_close(&sh, s->program.record, err);
}

static dt_status misclassified(const dt_run *s, const dt_images *images, const int32_t *answer, int *wrong,
                               dt_error *err)
{
    dt_sheet sh;
    dt_sheet_open(&sh, "misclassified", false);
    int64_t plane = images->height * images->width;
    real *pixels = malloc((size_t)plane * sizeof *pixels);
    DT_REQUIRE(pixels, "out of memory");
    for (int64_t i = 0; i < images->count; i++) {
        if (answer[i] == images->labels[i]) continue;
        char caption[64];
        snprintf(caption, sizeof caption, "%s→%s", s->program.dataset->classes[images->labels[i]],
                 s->program.dataset->classes[answer[i]]);
        for (int64_t p = 0; p < plane; p++) pixels[p] = images->pixels[i * images->channels * plane + p];
        dt_sheet_tile(&sh, sh.tiles / 12, sh.tiles % 12, images->height, images->width, caption, "", pixels, 1);
    }
    *wrong = sh.tiles;
    free(pixels);
    return dt_sheet_close(&sh, s->program.record, err);
}

static dt_status confusion(const dt_run *s, const dt_images *images, const int32_t *answer, dt_error *err)
{
    dt_buffer b;
    dt_buffer_open(&b, "confusion.tsv");
    dt_confusion_print(b.file, s->program.dataset->classes, images, answer);
    return dt_buffer_write(&b, s->program.record, err);
}

static dt_status pictures(const dt_run *s, int study, int *wrong, dt_error *err)
{
    const dt_task *task = &s->experiment->studies[study].task;
    dt_images test;
    dt_status status = dt_run_exam(s, task, &test, err);
    if (status != DT_OK) return status;
    dt_network net;
    dt_network_init(&net, task, 1);
    memcpy(net.params->values, s->trained[study], (size_t)net.params->size * sizeof(real));
    int32_t *answer = malloc((size_t)test.count * sizeof *answer);
    DT_REQUIRE(answer, "out of memory");
    dt_network_classify(&net, s->program.backend, &test, answer);
    status = filters(s, &net, err);
    if (status == DT_OK) status = feature_maps(s, &net, &test, err);
    if (status == DT_OK) status = misclassified(s, &test, answer, wrong, err);
    if (status == DT_OK) status = confusion(s, &test, answer, err);
    free(answer);
    dt_network_free(&net);
    dt_images_free(&test);
    return status;
}

int dt_run_pictured(const dt_run *s)
{
    int study = 0;
    while (study < s->experiment->n_studies - 1 && !s->trained[study]) study++;
    return study;
}

dt_status dt_run_figures(dt_run *s, const json_t *result, dt_error *err)
{
    int study = dt_run_pictured(s), wrong = 0;
    bool sizes = false;
    const char *title = s->experiment->studies[study].task.title, *data = s->program.dataset->title;
    dt_status status = curves(s, result, &sizes, err);
    if (status == DT_OK) status = bars(s, result, err);
    if (status == DT_OK) status = pictures(s, study, &wrong, err);
    if (status != DT_OK) return status;
    dt_buffer list;
    dt_buffer_open(&list, "figures.tsv");
    FILE *out = list.file;
    fprintf(out, "figure\tscript\tdata\ttitle\toptions\n");
    fprintf(out, "curves\tcurves\tcurves.tsv\t%s: %s against passes over the training set\txlabel=passes\n", data,
            s->validates ? "validation error" : "test error");
    fprintf(out, "passes\tcurves\tpasses.tsv\t%s: errors against passes over the training set\txlabel=passes\n", title);
    if (sizes)
        fprintf(out,
                "size\tcurves\tsize.tsv\t%s: errors against the size of the training set\txlabel=training images\n",
                title);
    fprintf(out, "comparison\tbars\tbars.tsv\t%s: error rates, ours beside the published\txlabel=error (%%)\n", data);
    fprintf(out, "filters\tsheet\tfilters.tsv\t%s: the kernels of the first layer\tpalette=diverging\n", title);
    fprintf(out, "feature_maps\tsheet\tfeature_maps.tsv\t%s: a test image, stage by stage\t\n", title);
    fprintf(out,
            "misclassified\tsheet\tmisclassified.tsv\t%s: the %d misclassified images "
            "(true→answer)\tpalette=ink;range=0:255\n",
            title, wrong);
    fprintf(out, "confusion\tconfusion\tconfusion.tsv\t%s: confusion matrix\t\n", title);
    return dt_buffer_write(&list, s->program.record, err);
}
