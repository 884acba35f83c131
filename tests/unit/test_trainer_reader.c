/* A trainer whose images are read batch by batch does what one does that has them in memory. */
#include "toy_training.h"

/* Images that lie in memory after all, behind a reader that notes what it is asked for. */
typedef struct {
    const dt_images *images;
    int64_t calls, examples;
    int64_t broken; /* the call that fails; 0: none */
} shelf;

static dt_status read(const void *source, const uint32_t *order, int64_t n, uint8_t *pixels, int32_t *labels,
                      dt_error *err)
{
    shelf *s = (shelf *)(uintptr_t)source;
    const int64_t size = s->images->channels * s->images->height * s->images->width;
    s->examples += n;
    if (++s->calls == s->broken) return dt_error_set(err, DT_ERR_IO, "a shelf", -1, NULL, "is empty");
    for (int64_t i = 0; i < n; i++) {
        memcpy(pixels + i * size, s->images->pixels + order[i] * size, (size_t)size);
        labels[i] = s->images->labels[order[i]];
    }
    return DT_OK;
}

static const dt_recipe recipe = {.epochs = 3,
                                 .batch = 20,
                                 .shard = 6,
                                 .schedule = {DT_LINEAR, .lr = 0.05},
                                 .optimizer = {.momentum = 0.9},
                                 .dropout = 0.2};

/* A training whose trainer knows only how many images there are and their mean. */
static void start_reading(training *t, dt_images *bare, shelf *s, const dt_recipe *how)
{
    t->images = toy_images(TOY_COUNT, TOY_SIDE, TOY_CLASSES);
    t->images.mean = bare->mean;
    *s = (shelf){.images = &t->images};
    *bare = t->images;
    bare->pixels = NULL;
    bare->labels = NULL;
    dt_network_init(&t->net, &toy_conv_task, 1);
    dt_trainer_init(&t->trainer, &t->net, &dt_cpu, bare, how, 1);
    dt_trainer_read_by(&t->trainer, read, s);
}

/* With and without what changes the images, in shards and in one lane, a last batch that is smaller among them. */
Test(trainer_reader, images_that_are_read_train_like_those_in_memory)
{
    real mean[TOY_SIDE * TOY_SIDE];
    for (int i = 0; i < TOY_SIDE * TOY_SIDE; i++) mean[i] = (real)i;
    for (int kind = 0; kind < 8; kind++) {
        dt_recipe how = recipe;
        if (kind & 1) how.jitter = (dt_jitter){.shift = 1, .mirror = true};
        if (kind & 2) how.distortion = (dt_distortion){1, (real)0.1, (real)0.1, (real)0.2};
        how.one_lane = kind & 4;
        training memory, reading;
        shelf s;
        dt_images bare = {.mean = mean};
        start(&memory, &toy_conv_task, &how, 1);
        memory.images.mean = mean;
        start_reading(&reading, &bare, &s, &how);
        finish(&memory), finish(&reading);
        cr_expect(same_values(&memory, &reading), "kind %d", kind);
        cr_expect(eq(i64, memory.trainer.state.wrong, reading.trainer.state.wrong));
        cr_expect(s.calls == 9 && s.examples == 3 * TOY_COUNT);
        end(&memory), end(&reading);
    }
}

/* The parameters stay as they are, and the step can be taken again. */
Test(trainer_reader, an_error_ends_the_step_before_it_began)
{
    training whole, broken;
    shelf s;
    dt_images bare = {0};
    dt_error err = {.message = ""};
    start(&whole, &toy_conv_task, &recipe, 1);
    start_reading(&broken, &bare, &s, &recipe);
    s.broken = 2;
    step(&broken);
    cr_expect(eq(int, dt_trainer_step(&broken.trainer, &err), DT_ERR_IO));
    cr_expect(eq(str, err.path, "a shelf"));
    finish(&broken), finish(&whole);
    cr_expect(same_values(&whole, &broken));
    end(&whole), end(&broken);
}

/* Labels beyond a byte. */
static dt_status read_two(const void *source, const uint32_t *order, int64_t n, uint8_t *pixels, int32_t *labels,
                          dt_error *err)
{
    (void)err;
    memset(pixels, 0, (size_t)n * TOY_SIDE * TOY_SIDE);
    for (int64_t i = 0; i < n; i++) {
        labels[i] = ((const int32_t *)source)[order[i]];
        pixels[i * TOY_SIDE * TOY_SIDE + order[i]] = 255;
    }
    return DT_OK;
}

typedef struct {
    dt_linear_layer out;
} wide;

static void wide_init(wide *m, dt_params *params)
{
    dt_linear_init(&m->out, params, "out", TOY_SIDE * TOY_SIDE, 1000);
}
static dt_var *wide_forward(const wide *m, dt_var *x)
{
    return dt_linear(&m->out, dt_flatten(x));
}
DT_MODEL(wide);

Test(trainer_reader, a_thousand_classes)
{
    static const int32_t labels[2] = {999, 256};
    static const dt_task task = {"wide", "Wide", &wide_model, toy_softmax, .frame = TOY_FRAME};
    const dt_images bare = {.count = 2, .channels = 1, .height = TOY_SIDE, .width = TOY_SIDE, .classes = 1000};
    training t = {.images = {.view = true}};
    dt_network_init(&t.net, &task, 1);
    dt_trainer_init(&t.trainer, &t.net, &dt_cpu, &bare, &(dt_recipe){.epochs = 60, .batch = 2, .schedule.lr = 0.5}, 1);
    dt_trainer_read_by(&t.trainer, read_two, labels);
    finish(&t);
    cr_expect(eq(i64, t.trainer.state.wrong, 0));
    end(&t);
}
