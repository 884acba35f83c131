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
