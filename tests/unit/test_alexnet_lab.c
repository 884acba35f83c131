/* experiments/alexnet: how it asks a trained network, its neighbours, and when fig. 1's goal is reached. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>

/* Names that other experiments have as well. */
#define fig1_run alexnet_fig1_run
#define look alexnet_look
#include "experiments/alexnet/answers.c"
/* each after the names that it hides */
#include "experiments/alexnet/fig1.c"
#include "experiments/alexnet/look.c"
#include "experiments/alexnet/train.c"

enum { IMAGES = 103 };

/* A network of few maps with weights large enough that its answers differ, and random images. */
typedef struct {
    cifarnet shape;
    dt_task task;
    dt_training t;
    dt_images images;
} sample;

static void sample_init(sample *s, int64_t side)
{
    *s = (sample){.shape = {.maps = 2, .side = side, .no_fc64 = true},
                  .images = {.count = IMAGES, .channels = 3, .height = SIDE, .width = SIDE, .classes = CLASSES}};
    s->task = (dt_task){.id = "net",
                        .title = "net",
                        .model = &cifarnet_model,
                        .shape = &s->shape,
                        .loss = dt_softmax_xent,
                        .frame = {side, side, 0, 255}};
    s->images.pixels = malloc(IMAGES * PIXELS);
    s->images.labels = calloc(IMAGES, 1);
    cr_assert(s->images.pixels && s->images.labels);
    for (uint32_t i = 0; i < IMAGES * PIXELS; i++)
        s->images.pixels[i] = (uint8_t)dt_rng_below(dt_rng_stream(5, "pixels", 0), i, 256);
    dt_network_init(&s->t.net, &s->task, 1);
    s->t.trainer.backend = &dt_cpu;
    for (int64_t i = 0; i < s->t.net.params->size; i++) s->t.net.params->values[i] *= 10;
}

static void sample_free(sample *s)
{
    dt_network_free(&s->t.net);
    dt_images_free(&s->images);
}

/* More images than one batch: the last ones alone must get the same answers. */
Test(alexnet_lab, answers_do_not_depend_on_the_batch)
{
    sample s;
    sample_init(&s, SIDE);
    const int64_t size = hidden_size(s.t.net.model);
    cr_expect(eq(i64, size, 4 * 4 * 4));
    real *share = malloc(IMAGES * CLASSES * sizeof *share), *hidden = malloc((size_t)(IMAGES * size) * sizeof *hidden),
         one[CLASSES], *alone = malloc((size_t)size * sizeof *alone);
    ask(&s.t, &s.images, false, share, hidden);
    double spread = 0;
    for (int64_t i = IMAGES - 4; i < IMAGES; i++) {
        dt_images last = s.images;
        last.count = 1;
        last.pixels += i * PIXELS;
        last.labels += i;
        ask(&s.t, &last, false, one, alone);
        double sum = 0;
        for (int c = 0; c < CLASSES; c++) {
            sum += (double)share[i * CLASSES + c];
            cr_expect(fabs((double)(share[i * CLASSES + c] - one[c])) < 1e-5, "image %d, class %d", (int)i, c);
        }
        cr_expect(fabs(sum - 1) < 1e-5, "image %d: the shares' sum is %g", (int)i, sum);
        for (int64_t k = 0; k < size; k++) {
            cr_expect(fabs((double)(hidden[i * size + k] - alone[k])) < 1e-3, "image %d, unit %d", (int)i, (int)k);
            spread += fabs((double)alone[k]);
        }
    }
    cr_expect(spread > 0, "the hidden layer says something");
    free(share);
    free(hidden);
    free(alone);
    sample_free(&s);
}

/* The ten crops of an image are those of its reflection; the one in the middle is not. */
Test(alexnet_lab, ten_crops_do_not_see_a_reflection)
{
    sample s;
    sample_init(&s, CROP);
    dt_images image = s.images, mirrored = s.images;
    image.count = mirrored.count = 1;
    mirrored.pixels = malloc(PIXELS);
    dt_move(image.pixels, 3, SIDE, SIDE, 0, 0, true, mirrored.pixels);
    real ten[2][CLASSES], one[2][CLASSES];
    ask(&s.t, &image, true, ten[0], NULL);
    ask(&s.t, &mirrored, true, ten[1], NULL);
    ask(&s.t, &image, false, one[0], NULL);
    ask(&s.t, &mirrored, false, one[1], NULL);
    double apart = 0, from_one = 0;
    for (int c = 0; c < CLASSES; c++) {
        cr_expect(fabs((double)(ten[0][c] - ten[1][c])) < 1e-5, "class %d: %g and %g", c, (double)ten[0][c],
                  (double)ten[1][c]);
        apart = fmax(apart, fabs((double)(one[0][c] - one[1][c])));
        from_one = fmax(from_one, fabs((double)(one[0][c] - ten[0][c])));
    }
    cr_expect(apart > 1e-4 && from_one > 1e-4, "%g, %g", apart, from_one);
    free(mirrored.pixels);
    sample_free(&s);
}

Test(alexnet_lab, an_error_is_the_share_of_wrong_best_classes)
{
    sample s;
    sample_init(&s, SIDE);
    real *share = malloc(IMAGES * CLASSES * sizeof *share);
    ask(&s.t, &s.images, false, share, NULL);
    for (int i = 0; i < IMAGES; i++) s.images.labels[i] = (uint8_t)best_class(share + (ptrdiff_t)i * CLASSES);
    cr_expect(eq(dbl, exam_error(&s.t, &s.images, false), 0));
    for (int i = 0; i < IMAGES; i += 2) s.images.labels[i] = (s.images.labels[i] + 1) % CLASSES;
    cr_expect(ieee_ulp_eq(dbl, exam_error(&s.t, &s.images, false), 100.0 * 52 / 103, 4));
    free(share);
    sample_free(&s);
}

Test(alexnet_lab, the_best_classes_fall)
{
    static const real share[CLASSES] = {0.05f, 0.3f, 0, 0.1f, 0.02f, 0.3f, 0.2f, 0.01f, 0.01f, 0.01f};
    static const int32_t wanted[BEST] = {1, 5, 6, 3, 0};
    int32_t best[BEST];
    best_classes(share, best);
    for (int k = 0; k < BEST; k++) cr_expect(eq(i32, best[k], wanted[k]));
    cr_expect(eq(i32, best_class(share), 1));
}

/* Points 0, 1, 2, ... on a line, shuffled; asked at 4.4. */
Test(alexnet_lab, the_nearest_come_first)
{
    static const real line[] = {9, 0, 8, 0, 4, 0, 1, 0, 7, 0, 3, 0, 2, 0, 5, 0, 6, 0}, point[] = {4.4f, 0};
    static const int64_t wanted[NEIGHBOURS] = {2, 7, 5, 8, 6, 4};
    int64_t found[NEIGHBOURS];
    nearest(point, line, 9, 2, found);
    for (int k = 0; k < NEIGHBOURS; k++) cr_expect(eq(i64, found[k], wanted[k]), "neighbour %d", k);
}

Test(alexnet_lab, the_goal_is_crossed_between_two_passes)
{
    cr_expect(eq(dbl, crossing(4, 30, 20), 3.5));
    cr_expect(eq(dbl, crossing(4, 26, 25), 4));
    cr_expect(eq(dbl, crossing(1, NAN, 12), 1));
    cr_expect(eq(dbl, ratio((double[]){4, 20}, 80), 5));
    cr_expect(eq(dbl, ratio((double[]){4, INFINITY}, 80), 20));
    cr_expect(isnan(ratio((double[]){INFINITY, 20}, 80)));
}

/* Planes become pixels: red, green and blue of one place after another. */
Test(alexnet_lab, a_tile_in_colour)
{
    static const real planes[12] = {1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400};
    static const float wanted[12] = {1, 10, 100, 2, 20, 200, 3, 30, 300, 4, 40, 400};
    dt_sheet sheet;
    dt_sheet_open(&sheet, "colours", true);
    dt_sheet_colours(&sheet, 3, 5, 2, 2, "blue", "all", planes);
    fflush(sheet.pixels.file);
    fflush(sheet.table.file);
    cr_assert(eq(sz, sheet.pixels.size, sizeof wanted));
    cr_expect(memcmp(sheet.pixels.bytes, wanted, sizeof wanted) == 0);
    cr_expect(strstr(sheet.table.bytes, "0\t3\t5\t2\t2\tblue\tall\n") != NULL);
    fclose(sheet.pixels.file);
    fclose(sheet.table.file);
    free(sheet.pixels.bytes);
    free(sheet.table.bytes);
}

/* One cat is taken for a dog. */
Test(alexnet_lab, a_confusion_matrix_counts_answers_by_class)
{
    static const char *const names[] = {"cat", "dog"};
    static const int32_t answer[4] = {0, 1, 1, 1};
    uint8_t labels[4] = {0, 0, 1, 1};
    const dt_images images = {.count = 4, .classes = 2, .labels = labels};
    dt_buffer b;
    dt_buffer_open(&b, "confusion.tsv");
    dt_confusion_print(b.file, names, &images, answer);
    fflush(b.file);
    cr_expect(eq(str, b.bytes, "cat\tdog\n1\t1\n0\t2\n"));
    fclose(b.file);
    free(b.bytes);
}
