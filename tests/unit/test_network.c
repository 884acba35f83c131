#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "toy.h"

Test(network, the_best_output_is_the_answer)
{
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    static const real scores[3 * 5] = {
        1, -5, 0, 2,  3, /* class 0 of the five examples */
        2, -9, 0, 2,  1, /* 1 */
        0, -4, 0, -1, 3, /* 2 */
    };
    static const int32_t greatest[5] = {1, 2, 0, 0, 0}, smallest[5] = {2, 1, 0, 2, 1}; /* of equals the first */
    dt_var *output = dt_constant(tape, 2, (int64_t[]){3, 5}, scores);
    dt_task task = toy_linear_task;
    dt_network net = {.task = &task};
    int32_t answer[5];
    dt_network_answers(&net, output, answer);
    cr_expect(eq(int, memcmp(answer, greatest, sizeof answer), 0));
    task.smallest_wins = true;
    dt_network_answers(&net, output, answer);
    cr_expect(eq(int, memcmp(answer, smallest, sizeof answer), 0));
    dt_tape_free(tape);
    dt_params_free(params);
}

Test(network, starts_from_its_seed)
{
    dt_network a, b, c;
    dt_network_init(&a, &toy_conv_task, 5);
    dt_network_init(&b, &toy_conv_task, 5);
    dt_network_init(&c, &toy_conv_task, 6);
    size_t bytes = (size_t)a.params->size * sizeof(real);
    cr_expect(eq(int, memcmp(a.params->values, b.params->values, bytes), 0));
    cr_expect(ne(int, memcmp(a.params->values, c.params->values, bytes), 0));
    cr_expect(eq(i64, dt_params_count(a.params), 5 * 10 + 5 * 2 + 46 * 4));
    dt_network_free(&a);
    dt_network_free(&b);
    dt_network_free(&c);
    cr_expect(a.params == NULL && a.model == NULL);
}

/* More images than one batch of the evaluation takes, and not a multiple of anything. */
Test(network, classifies_each_image_as_it_would_alone)
{
    enum { COUNT = 1100 };
    dt_images images = toy_images(COUNT, TOY_SIDE, TOY_CLASSES);
    dt_network net;
    dt_network_init(&net, &toy_conv_task, 5);
    int32_t together[COUNT + 1], alone, label;
    together[COUNT] = 4711;
    for (int threads = 1; threads <= 3; threads++) {
        dt_threads_set(threads);
        memset(together, 0xff, COUNT * sizeof *together);
        dt_network_classify(&net, &dt_cpu, &images, together);
        cr_expect(eq(i32, together[COUNT], 4711));
        dt_tape *tape = dt_tape_new(&dt_cpu, net.params, NULL);
        int differ = 0, kinds[TOY_CLASSES] = {0};
        for (uint32_t i = 0; i < COUNT; i++) {
            dt_tape_reset(tape);
            dt_var *x = dt_input(tape, 4, (int64_t[]){1, TOY_SIDE, TOY_SIDE, 1});
            dt_batch_gather(&images, &toy_conv_task.frame, &i, 1, x->value, &label);
            dt_network_answers(&net, toy_conv_forward(net.model, x), &alone);
            differ += alone != together[i];
            kinds[alone]++;
        }
        cr_expect(eq(int, differ, 0), "%d threads", threads);
        cr_expect(kinds[0] < COUNT, "an untrained network that always says 0 shows nothing");
        dt_tape_free(tape);
    }
    dt_network_free(&net);
    dt_images_free(&images);
}

Test(network, error_is_the_percentage_of_wrong_answers)
{
    dt_images images = toy_images(40, TOY_SIDE, TOY_CLASSES);
    dt_network net;
    dt_network_init(&net, &toy_linear_task, 5);
    memset(net.params->values, 0, (size_t)net.params->size * sizeof(real)); /* always 0, the first of equals */
    cr_expect(eq(dbl, dt_network_error(&net, &dt_cpu, &images), 75));
    for (int i = 0; i < 3; i++) images.labels[i * 4 + 1] = 0;
    cr_expect(eq(dbl, dt_network_error(&net, &dt_cpu, &images), 67.5));
    memset(images.labels, 0, 40);
    cr_expect(eq(dbl, dt_network_error(&net, &dt_cpu, &images), 0));
    dt_network_free(&net);
    dt_images_free(&images);
}

/* Image by image, by the definition; more images than one batch of the evaluation takes. */
Test(network, judges_by_the_mean_loss_and_the_wrong_answers)
{
    enum { COUNT = 700 };
    dt_images images = toy_images(COUNT, TOY_SIDE, TOY_CLASSES);
    dt_network net;
    dt_network_init(&net, &toy_linear_task, 5);
    dt_tape *tape = dt_tape_new(&dt_cpu, net.params, NULL);
    double sum = 0, loss;
    int wrong = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        int32_t label;
        dt_tape_reset(tape);
        dt_var *x = dt_input(tape, 4, (int64_t[]){1, TOY_SIDE, TOY_SIDE, 1});
        dt_batch_gather(&images, &toy_linear_task.frame, &i, 1, x->value, &label);
        const real *score = toy_linear_forward(net.model, x)->value;
        double total = 0;
        bool best = true;
        for (int c = 0; c < TOY_CLASSES; c++) {
            total += exp((double)score[c]);
            best &= score[c] <= score[label];
        }
        sum += log(total) - (double)score[label];
        wrong += !best;
    }
    for (int threads = 1; threads <= 3; threads++) {
        dt_threads_set(threads);
        double error = dt_network_judge(&net, &dt_cpu, &images, &loss);
        cr_expect(fabs(error - 100.0 * wrong / COUNT) < 1e-9, "%g %%, and %d are wrong", error, wrong);
        cr_expect(fabs(loss / (sum / COUNT) - 1) < 1e-5, "loss %g, should be %g", loss, sum / COUNT);
        cr_expect(eq(dbl, dt_network_judge(&net, &dt_cpu, &images, NULL), error));
    }
    cr_expect(wrong > 0 && wrong < COUNT);
    dt_tape_free(tape);
    dt_network_free(&net);
    dt_images_free(&images);
}

/* A model with a field to be set. */
typedef struct {
    int64_t width;
    dt_linear_layer hidden, out;
} toy_wide;

static void toy_wide_init(toy_wide *m, dt_params *params)
{
    dt_linear_init(&m->hidden, params, "hidden", TOY_SIDE * TOY_SIDE, m->width);
    dt_linear_init(&m->out, params, "out", m->width, TOY_CLASSES);
    m->width = 0;
}
static dt_var *toy_wide_forward(const toy_wide *m, dt_var *x)
{
    return dt_linear(&m->out, dt_linear(&m->hidden, dt_flatten(x)));
}
DT_MODEL(toy_wide);

Test(network, takes_a_copy_of_the_tasks_shape)
{
    toy_wide shape = {.width = 7};
    dt_task task = {"wide", "Wide", &toy_wide_model, toy_softmax, .shape = &shape, .frame = TOY_FRAME};
    dt_network a, b;
    dt_network_init(&a, &task, 5);
    cr_expect(shape.width == 7 && shape.hidden.weight == NULL, "the shape is left as it was");
    dt_network_init(&b, &task, 5);
    for (int k = 0; k < 2; k++) {
        const dt_params *params = k ? b.params : a.params;
        const toy_wide *own = k ? b.model : a.model;
        cr_expect(eq(i64, dt_params_count(params), 64 * 7 + 7 + 7 * 4 + 4));
        cr_expect(own->hidden.weight == params->list[0], "layers of its own");
    }
    dt_network_free(&a);
    dt_network_free(&b);
}
