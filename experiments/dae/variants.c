/* The harder relatives of MNIST (Larochelle et al. 2007), made anew: digits as they are, turned, before noise or a
 * texture, and rectangles. Every image is a function of its set and its index. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/distort.h"
#include "experiments/dae/parts.h"

enum { DATA_SEED = 2007, PIXELS = SIDE * SIDE, WAVES = 40 };

const variant variants[VARIANTS] = {
    [BASIC] = {"basic", "basic", 10000, 2000, 50000, DIGITS, 2.84, 3.46, 0.10},
    [ROT] = {"rot", "rot", 10000, 2000, 50000, DIGITS, 9.53, 10.30, 0.25},
    [BG_RAND] = {"bg-rand", "bg_rand", 10000, 2000, 50000, DIGITS, 10.30, 11.28, 0.40},
    [BG_IMG] = {"bg-img", "bg_img", 10000, 2000, 50000, DIGITS, 16.68, 23.00, 0.25},
    [RECT] = {"rect", "rect", 1000, 200, 50000, 2, 1.99, 2.41, 0.10},
};

/* ---- single images */

static void lighten(const uint8_t *digit, uint8_t *image)
{
    for (int i = 0; i < PIXELS; i++)
        if (digit[i] > image[i]) image[i] = digit[i];
}

/* Waves of all directions whose amplitude falls as 1 over their frequency, as in photographs (Field 1987); from black
 * to white. */
static void texture(dt_rng stream, uint8_t *image)
{
    double sum[PIXELS] = {0}, low = INFINITY, high = -INFINITY;
    for (uint64_t k = 0; k < WAVES; k++) {
        const double cycles = 0.5 * pow(20, dt_rng_uniform(stream, 3 * k)); /* 0.5 to 10 in an image */
        const double angle = 2 * M_PI * dt_rng_uniform(stream, 3 * k + 1), phase = dt_rng_uniform(stream, 3 * k + 2);
        const double fx = cycles / SIDE * cos(angle), fy = cycles / SIDE * sin(angle);
        for (int i = 0; i < PIXELS; i++) sum[i] += cos(2 * M_PI * (fx * (i % SIDE) + fy * (i / SIDE) + phase)) / cycles;
    }
    for (int i = 0; i < PIXELS; i++) low = fmin(low, sum[i]), high = fmax(high, sum[i]);
    for (int i = 0; i < PIXELS; i++) image[i] = (uint8_t)(255 * (sum[i] - low) / (high - low) + 0.5);
}

/* The outline of a rectangle, white on black; its sides differ by 3 at least. */
static uint8_t rectangle(dt_rng stream, uint8_t *image)
{
    uint64_t i = 0;
    int width, height;
    do {
        width = 4 + (int)dt_rng_below(stream, i++, SIDE - 4);
        height = 4 + (int)dt_rng_below(stream, i++, SIDE - 4);
    } while (abs(width - height) < 3);
    const int left = (int)dt_rng_below(stream, i++, (uint32_t)(SIDE - width + 1));
    const int top = (int)dt_rng_below(stream, i, (uint32_t)(SIDE - height + 1));
    memset(image, 0, PIXELS);
    for (int x = left; x < left + width; x++) image[top * SIDE + x] = image[(top + height - 1) * SIDE + x] = 255;
    for (int y = top; y < top + height; y++) image[y * SIDE + left] = image[y * SIDE + left + width - 1] = 255;
    return width > height;
}

uint8_t variant_image(variant_kind kind, uint64_t index, const uint8_t *digit, uint8_t *image)
{
    const dt_rng stream = dt_rng_stream(DATA_SEED, variants[kind].id, index);
    switch (kind) {
    case ROT:
        dt_rotate(2 * M_PI * dt_rng_uniform(stream, 0), digit, SIDE, SIDE, image);
        break;
    case BG_RAND:
        for (uint64_t i = 0; i < PIXELS; i++) image[i] = (uint8_t)dt_rng_below(stream, i, 256);
        lighten(digit, image);
        break;
    case BG_IMG:
        texture(stream, image);
        lighten(digit, image);
        break;
    case RECT:
        return rectangle(stream, image);
    case BASIC:
    case VARIANTS:
        memcpy(image, digit, PIXELS);
        break;
    }
    return 0;
}

/* ---- sets */

/* Memory for `count` images. */
static dt_images empty(variant_kind kind, int64_t count)
{
    dt_images images = {
        .count = count, .channels = 1, .height = SIDE, .width = SIDE, .classes = variants[kind].classes};
    strcpy(images.name, variants[kind].id);
    images.pixels = malloc((size_t)(count * PIXELS));
    images.labels = malloc((size_t)count);
    DT_REQUIRE(images.pixels && images.labels, "variants: out of memory");
    return images;
}

/* The images index .. index + to->count - 1 of the set, of the digits `which` of `from` (rect: from none). */
static void fill(variant_kind kind, uint64_t index, const dt_images *from, const uint32_t *which, dt_images *to)
{
    for (int64_t i = 0; i < to->count; i++) {
        const uint8_t *digit = which ? from->pixels + (int64_t)which[i] * PIXELS : NULL;
        const uint8_t label = variant_image(kind, index + (uint64_t)i, digit, to->pixels + i * PIXELS);
        to->labels[i] = which ? from->labels[which[i]] : label;
    }
}

/* The training images in the order in which sets take them: first to learn from, then for the test. NULL: rect. */
static uint32_t *order_of(variant_kind kind, const dt_images *mnist)
{
    if (kind == RECT) return NULL;
    uint32_t *order = malloc((size_t)mnist->count * sizeof *order);
    DT_REQUIRE(order, "variants: out of memory");
    dt_rng_permutation(dt_rng_stream(DATA_SEED, "digits", 0), order, (uint32_t)mnist->count);
    return order;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How many to train on and to validate by: a sixth and a thirtieth of the digits at most. */
static void sizes(const dt_trial *trial, variant_kind kind, int64_t *train, int64_t *valid)
{
    const int64_t digits = dt_trial_images(trial)->count, part = dt_trial_preset(trial) == DT_SMOKE ? 20 : 1;
    *train = least(variants[kind].train / part, 1 + digits / 6);
    *valid = least(variants[kind].valid / part, 1 + digits / 30);
}

dt_status variant_learn(const dt_trial *trial, variant_kind kind, dt_images *images, int64_t *train, dt_error *err)
{
    const dt_images *mnist = dt_trial_images(trial);
    int64_t valid;
    if (mnist->height != SIDE || mnist->width != SIDE || mnist->channels != 1 || mnist->classes > DIGITS)
        return dt_error_set(err, DT_ERR_CONFIG, NULL, -1, "give MNIST, or a data set of its form",
                            "the sets are made of grey images of %d x %d pixels, these have %lld x %lld", SIDE, SIDE,
                            (long long)mnist->height, (long long)mnist->width);
    sizes(trial, kind, train, &valid);
    uint32_t *order = order_of(kind, mnist);
    *images = empty(kind, *train + valid);
    fill(kind, 0, mnist, order, images);
    free(order);
    return DT_OK;
}

dt_status variant_exam(const dt_trial *trial, variant_kind kind, int64_t most, dt_images *images, dt_error *err)
{
    const dt_images *mnist = dt_trial_images(trial);
    dt_images more = {0};
    int64_t train, valid;
    sizes(trial, kind, &train, &valid);
    const int64_t first = train + valid, rest = mnist->count - first;
    dt_status status = DT_OK;
    if (kind != RECT && most > rest) status = dt_trial_exam(trial, &more, err);
    if (status != DT_OK) return status;
    if (kind != RECT) most = least(most, rest + more.count);
    *images = empty(kind, most);
    uint32_t *order = order_of(kind, mnist), *others = malloc((size_t)(more.count + 1) * sizeof *others);
    DT_REQUIRE(others, "variants: out of memory");
    for (int64_t i = 0; i < more.count; i++) others[i] = (uint32_t)i;
    dt_images own = *images, beyond = *images;
    own.count = order ? least(most, rest) : most;
    beyond.count = most - own.count;
    beyond.pixels += own.count * PIXELS;
    beyond.labels += own.count;
    fill(kind, (uint64_t)first, mnist, order ? order + first : NULL, &own);
    fill(kind, (uint64_t)(first + own.count), &more, others, &beyond);
    free(order);
    free(others);
    dt_images_free(&more);
    return DT_OK;
}
