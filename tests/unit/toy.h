/* A small task for the tests of training: images of which each class has its own bright square, and two networks that
 * sort them. */
#ifndef DT_TESTS_TOY_H
#define DT_TESTS_TOY_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ditto.h"
#include "run/network.h"

enum { TOY_SIDE = 8, TOY_CLASSES = 4 };

/* `count` grey images of side x side with labels in turn: noise up to 100, and in the class's place a square of 255.
 * The caller frees them with dt_images_free. */
static inline dt_images toy_images(int64_t count, int64_t side, int classes)
{
    dt_images images = {
        .name = "toy", .count = count, .channels = 1, .height = side, .width = side, .classes = classes};
    images.pixels = malloc((size_t)(count * side * side));
    images.labels = malloc((size_t)count);
    if (!images.pixels || !images.labels) abort();
    int64_t across = classes <= 4 ? 2 : 4, square = side / across;
    for (int64_t i = 0; i < count; i++) {
        uint8_t *pixel = images.pixels + i * side * side;
        dt_rng stream = dt_rng_stream(11, "toy", (uint64_t)i);
        images.labels[i] = (uint8_t)(i % classes);
        int64_t top = images.labels[i] / across * square, left = images.labels[i] % across * square;
        for (int64_t p = 0; p < side * side; p++) {
            bool inside = p / side >= top && p / side < top + square && p % side >= left && p % side < left + square;
            pixel[p] = inside ? 255 : (uint8_t)dt_rng_below(stream, (uint64_t)p, 101);
        }
    }
    return images;
}

typedef struct {
    dt_linear_layer out;
} toy_linear;

static inline void toy_linear_init(toy_linear *m, dt_params *params)
{
    dt_linear_init(&m->out, params, "out", TOY_SIDE * TOY_SIDE, TOY_CLASSES);
}
static inline dt_var *toy_linear_forward(const toy_linear *m, dt_var *x)
{
    return dt_linear(&m->out, dt_flatten(x));
}

typedef struct {
    dt_conv_layer c1;
    dt_subsample_layer s2;
    dt_linear_layer out;
} toy_conv;

static inline void toy_conv_init(toy_conv *m, dt_params *params)
{
    dt_conv_init(&m->c1, params, "c1", 1, 5, 3);
    dt_subsample_init(&m->s2, params, "s2", 5, 2);
    dt_linear_init(&m->out, params, "out", 5 * 3 * 3, TOY_CLASSES);
}
static inline dt_var *toy_conv_forward(const toy_conv *m, dt_var *x)
{
    x = dt_scaled_tanh(dt_conv(&m->c1, x));
    x = dt_scaled_tanh(dt_subsample(&m->s2, x));
    return dt_linear(&m->out, dt_flatten(x));
}

static inline dt_var *toy_softmax(dt_var *scores, const int32_t *labels)
{
    return dt_softmax_xent(scores, labels);
}
static inline dt_var *toy_squared_error(dt_var *outputs, const int32_t *labels)
{
    return dt_mse(outputs, labels, -1, 1);
}

DT_MODEL(toy_linear);
DT_MODEL(toy_conv);

#define TOY_FRAME                                   \
    {                                               \
        TOY_SIDE, TOY_SIDE, (real)-0.1, (real)1.175 \
    }
static const dt_task toy_linear_task = {"linear", "Linear", &toy_linear_model, toy_softmax, .frame = TOY_FRAME};
static const dt_task toy_conv_task = {"conv", "Conv", &toy_conv_model, toy_squared_error, .frame = TOY_FRAME};

#endif
