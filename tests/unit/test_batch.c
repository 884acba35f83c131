#include <math.h>

#include "data/batch.h"
#include "data/distort.h"
#include "data_files.h"

static dt_images random_images(int64_t count, int64_t channels, int64_t height, int64_t width)
{
    size_t bytes = (size_t)(count * channels * height * width);
    dt_images s = {.count = count,
                   .channels = channels,
                   .height = height,
                   .width = width,
                   .classes = 10,
                   .pixels = malloc(bytes),
                   .labels = malloc((size_t)count)};
    dt_rng rng = dt_rng_stream(3, "pixels", 0);
    for (size_t i = 0; i < bytes; i++) s.pixels[i] = (uint8_t)dt_rng_below(rng, i, 256);
    for (int64_t i = 0; i < count; i++) s.labels[i] = (uint8_t)(i % 10);
    return s;
}

static void gather_naive(const dt_images *s, const dt_frame *f, const uint32_t *order, int64_t n, real *x)
{
    int64_t top = (f->height - s->height) / 2, left = (f->width - s->width) / 2;
    for (int64_t c = 0; c < s->channels; c++)
        for (int64_t i = 0; i < f->height; i++)
            for (int64_t j = 0; j < f->width; j++)
                for (int64_t e = 0; e < n; e++) {
                    int64_t row = i - top, column = j - left;
                    bool inside = row >= 0 && row < s->height && column >= 0 && column < s->width;
                    int64_t at = inside ? (c * s->height + row) * s->width + column : 0;
                    real p = inside ? s->pixels[order[e] * s->channels * s->height * s->width + at] : 0;
                    if (inside && s->mean) p -= s->mean[at];
                    x[((c * f->height + i) * f->width + j) * n + e] = f->low + (f->high - f->low) * p / 255;
                }
}

Test(batch, gather_equals_its_naive_twin)
{
    static const struct {
        int64_t channels, height, width, frame_height, frame_width, n;
    } cases[] = {{1, 28, 28, 32, 32, 64}, {1, 28, 28, 28, 28, 1}, {1, 28, 28, 32, 32, 17}, {3, 32, 32, 32, 32, 16},
                 {2, 5, 3, 8, 4, 33},     {1, 1, 1, 3, 3, 130},   {3, 7, 9, 10, 9, 128},   {1, 28, 28, 33, 31, 200},
                 {3, 32, 32, 24, 24, 32}, {2, 6, 7, 9, 3, 17},    {2, 6, 7, 3, 8, 33}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        dt_images s = random_images(50, cases[k].channels, cases[k].height, cases[k].width);
        dt_frame f = {cases[k].frame_height, cases[k].frame_width, (real)-0.1, (real)1.175};
        int64_t n = cases[k].n, count = s.channels * f.height * f.width * n;
        uint32_t order[256];
        int32_t labels[256];
        for (int64_t e = 0; e < n; e++) order[e] = dt_rng_below(dt_rng_stream(4, "order", k), (uint64_t)e, 50);
        real *mean = malloc((size_t)(s.channels * s.height * s.width) * sizeof *mean);
        dt_images_mean(&s, mean);
        s.mean = k % 2 ? mean : NULL;
        real *x = malloc((size_t)(count + 1) * sizeof *x), *y = malloc((size_t)count * sizeof *y);
        for (int64_t i = 0; i <= count; i++) x[i] = 99;
        dt_batch_gather(&s, &f, order, n, x, labels);
        gather_naive(&s, &f, order, n, y);
        for (int64_t i = 0; i < count; i++)
            cr_assert(fabs((double)x[i] - (double)y[i]) < 1e-6, "case %zu, element %d: %g, naive %g", k, (int)i,
                      (double)x[i], (double)y[i]);
        for (int64_t e = 0; e < n; e++) cr_assert(eq(int, labels[e], (int)(order[e] % 10)));
        cr_assert(x[count] == 99, "case %zu wrote past the end", k);
        free(x);
        free(y);
        free(mean);
        dt_images_free(&s);
    }
}

/* One 2x2 image in a 3x4 frame, with byte p becoming p. */
Test(batch, gather_places_the_image_by_hand)
{
    dt_images s = random_images(1, 1, 2, 2);
    memcpy(s.pixels, (uint8_t[]){1, 2, 3, 4}, 4);
    dt_frame f = {.height = 3, .width = 4, .low = 0, .high = 255};
    real x[12];
    int32_t label;
    dt_batch_gather(&s, &f, &(uint32_t){0}, 1, x, &label);
    static const int expected[12] = {0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0};
    for (int i = 0; i < 12; i++) cr_expect(eq(int, (int)x[i], expected[i]), "element %d", i);
    dt_images_free(&s);
}

/* The middle 2x2 of a 4x5 image, without its mean: the odd column more is left out at the right. */
Test(batch, a_smaller_frame_shows_the_middle_without_the_mean)
{
    dt_images s = random_images(1, 1, 4, 5);
    real mean[20];
    for (int i = 0; i < 20; i++) s.pixels[i] = (uint8_t)(10 * i), mean[i] = (real)i;
    s.mean = mean;
    dt_frame f = {.height = 2, .width = 2, .low = 0, .high = 255};
    real x[5] = {[4] = 99};
    int32_t label;
    dt_batch_gather(&s, &f, &(uint32_t){0}, 1, x, &label);
    static const int expected[5] = {9 * 6, 9 * 7, 9 * 11, 9 * 12, 99};
    for (int i = 0; i < 5; i++) cr_expect(fabs((double)x[i] - expected[i]) < 1e-4, "element %d is %g", i, (double)x[i]);
    s.mean = NULL;
    dt_images_free(&s);
}

Test(batch, the_mean_of_all_images)
{
    dt_images s = random_images(70, 3, 15, 16);
    real mean[720];
    dt_images_mean(&s, mean);
    for (int k = 0; k < 720; k++) {
        double sum = 0;
        for (int i = 0; i < 70; i++) sum += s.pixels[720 * i + k];
        cr_assert(fabs((double)mean[k] - sum / 70) < 1e-4, "byte %d", k);
    }
    dt_images_free(&s);
}

Test(distort, zero_ranges_are_the_identity)
{
    dt_images s = random_images(20, 1, 28, 28);
    dt_distortion none = {0};
    uint8_t out[784];
    for (uint32_t i = 0; i < 20; i++) {
        dt_distort(&none, dt_rng_stream(1, "distort", 0), i, s.pixels + 784 * i, 28, 28, out);
        cr_assert(memcmp(out, s.pixels + 784 * i, 784) == 0, "image %u", i);
    }
    dt_images_free(&s);
}

Test(distort, depends_on_stream_and_example_only)
{
    dt_images s = random_images(1, 1, 28, 28);
    dt_distortion all = {.translate = 2, .scale = (real)0.15, .squeeze = (real)0.15, .shear = (real)0.2};
    uint8_t a[784], b[784];
    dt_rng stream = dt_rng_stream(1, "distort", 0);
    dt_distort(&all, stream, 7, s.pixels, 28, 28, a);
    dt_distort(&all, stream, 8, s.pixels, 28, 28, b);
    cr_expect(memcmp(a, b, 784) != 0, "another example");
    dt_distort(&all, dt_rng_stream(1, "distort", 1), 7, s.pixels, 28, 28, b);
    cr_expect(memcmp(a, b, 784) != 0, "another epoch");
    dt_distort(&all, stream, 7, s.pixels, 28, 28, b);
    cr_expect(memcmp(a, b, 784) == 0, "the same again");
    dt_images_free(&s);
}

typedef struct {
    double mass, x, y, xx, yy, xy;
} moments;

/* Mass, centre (about the middle of the field) and spread of a picture of 41 x 41. */
static moments measure(const uint8_t *p)
{
    moments m = {0};
    for (int i = 0; i < 41 * 41; i++) m.mass += p[i], m.x += p[i] * (i % 41 - 20), m.y += p[i] * (i / 41 - 20);
    m.x /= m.mass, m.y /= m.mass;
    for (int i = 0; i < 41 * 41; i++) {
        double x = i % 41 - 20 - m.x, y = i / 41 - 20 - m.y;
        m.xx += p[i] * x * x / m.mass, m.yy += p[i] * y * y / m.mass, m.xy += p[i] * x * y / m.mass;
    }
    return m;
}

/* Each kind alone, on a round blob: what the blob's moments say must be what the parameters, drawn again here, say. */
Test(distort, moves_the_moments_as_its_parameters_say)
{
    uint8_t blob[41 * 41], out[41 * 41];
    for (int i = 0; i < 41 * 41; i++) {
        double x = i % 41 - 20, y = i / 41 - 20;
        blob[i] = (uint8_t)(255 * exp(-(x * x + y * y) / 50));
    }
    moments before = measure(blob);
    dt_rng stream = dt_rng_stream(5, "distort", 0);
    for (uint32_t e = 0; e < 40; e++) {
        double u[5];
        for (int k = 0; k < 5; k++) u[k] = 2 * dt_rng_uniform(stream, 5 * e + (uint64_t)k) - 1;
        dt_distort(&(dt_distortion){.translate = 3}, stream, e, blob, 41, 41, out);
        moments m = measure(out);
        cr_expect(fabs(m.x - 3 * u[0]) < 0.05 && fabs(m.y - 3 * u[1]) < 0.05, "translation %u: %g %g", e, m.x, m.y);

        dt_distort(&(dt_distortion){.scale = (real)0.2}, stream, e, blob, 41, 41, out);
        m = measure(out);
        cr_expect(fabs(sqrt(m.xx / before.xx) - (1 + 0.2 * u[2])) < 0.02, "scale %u", e);
        cr_expect(fabs(sqrt(m.yy / before.yy) - (1 + 0.2 * u[2])) < 0.02, "scale %u", e);

        dt_distort(&(dt_distortion){.squeeze = (real)0.2}, stream, e, blob, 41, 41, out);
        m = measure(out);
        cr_expect(fabs(sqrt(m.xx / before.xx) - (1 + 0.2 * u[3])) < 0.02, "squeeze %u", e);
        cr_expect(fabs(sqrt(m.yy / before.yy) - 1 / (1 + 0.2 * u[3])) < 0.02, "squeeze %u", e);

        dt_distort(&(dt_distortion){.shear = (real)0.3}, stream, e, blob, 41, 41, out);
        m = measure(out);
        cr_expect(fabs(m.xy / m.yy - 0.3 * u[4]) < 0.02 && fabs(m.yy / before.yy - 1) < 0.02, "shear %u", e);
    }
}

/* All kinds at once against the inverse transformation composed step by step in double. */
Test(distort, undoes_the_steps_in_order)
{
    uint8_t src[81], out[81];
    for (int i = 0; i < 81; i++) src[i] = (uint8_t)(3 * i);
    dt_distortion all = {.translate = 1, .scale = (real)0.1, .squeeze = (real)0.1, .shear = (real)0.1};
    dt_rng stream = dt_rng_stream(6, "distort", 0);
    for (uint32_t e = 0; e < 20; e++) {
        double u[5];
        for (int k = 0; k < 5; k++) u[k] = 2 * dt_rng_uniform(stream, 5 * e + (uint64_t)k) - 1;
        dt_distort(&all, stream, e, src, 9, 9, out);
        double x = 0 - u[0], y = 0 - u[1]; /* the middle pixel, before translation */
        x /= (1 + 0.1 * u[2]) * (1 + 0.1 * u[3]), y /= (1 + 0.1 * u[2]) / (1 + 0.1 * u[3]); /* scaling, squeezing */
        x -= 0.1 * u[4] * y;                                                                /* shearing */
        double expected = 3 * (9 * (y + 4) + x + 4); /* src is linear, so bilinear sampling is exact */
        cr_expect(fabs(out[40] - expected) <= 0.51, "example %u: %d, expected %g", e, out[40], expected);
    }
}
