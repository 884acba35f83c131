/* experiments/batchnorm: the arithmetic behind its figures and claims, and its network. */
#include <criterion/criterion.h>

/* Names that other experiments have as well. */
#define point batchnorm_point
#include "experiments/batchnorm/train.c"
/* each after the names that it hides */
#include "experiments/batchnorm/fig1.c"
#define judge statistics_judge
#include "experiments/batchnorm/cifar.c"
#include "experiments/batchnorm/statistics.c"
#include "toy.h"

Test(batchnorm_lab, pixels_become_black_and_white)
{
    uint8_t pixels[] = {0, 127, 128, 255, 1, 200}, labels[] = {3, 4, 5};
    dt_images grey = {.count = 3, .channels = 1, .height = 1, .width = 2, .pixels = pixels, .labels = labels}, binary;
    binary_images(&grey, 2, &binary);
    static const uint8_t wanted[] = {0, 0, 255, 255};
    cr_expect(binary.count == 2 && memcmp(binary.pixels, wanted, 4) == 0 && binary.labels[1] == 4);
    cr_expect(pixels[1] == 127, "the images themselves stay grey");
    dt_images_free(&binary);
    binary_images(&grey, 0, &binary);
    cr_expect(binary.count == 3 && binary.pixels[5] == 255);
    dt_images_free(&binary);
}

Test(batchnorm_lab, marks_rise_to_the_last_step)
{
    static const int64_t steps[] = {1, 7, 49, 50, 99, 300, 50000, 100000000};
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        course c = {0};
        set_marks(&c, steps[k]);
        cr_assert(c.marks >= 1 && c.marks <= MOST_MARKS, "%lld steps: %lld marks", (long long)steps[k],
                  (long long)c.marks);
        cr_expect(c.step[c.marks - 1] == steps[k], "%lld steps end with %lld", (long long)steps[k],
                  (long long)c.step[c.marks - 1]);
        for (int64_t m = 1; m < c.marks; m++) cr_expect(c.step[m] > c.step[m - 1], "%lld steps", (long long)steps[k]);
    }
    course c = {0};
    set_marks(&c, 50000);
    cr_expect(c.step[0] == 1 && c.step[1] == 2 && c.step[2] == 5 && c.step[8] == 500 && c.step[9] == 1000);
}

Test(batchnorm_lab, reached_is_the_first_mark_that_is_not_lost_again)
{
    course c = {.marks = 5, .step = {10, 20, 30, 40, 50}, .accuracy = {50, 91, 89, 90, 95}};
    cr_expect(reached(&c, 90) == 0.8 && reached(&c, 40) == 0.2 && reached(&c, 95) == 1 && reached(&c, 99) == 1);
}

/* Unit 1: the median moves from 0 to 3 while the others are 2, then 4 apart; unit 2 stays. */
Test(batchnorm_lab, drift_is_the_median_s_way_in_widths)
{
    double first[] = {-1, 0, 1, 0, 1, 2}, second[] = {1, 3, 5, 0, 1, 2};
    course c = {.marks = 2, .units = 2, .input = {first, second}};
    double wanted = (3.0 / 3 + 0) / 2;
    cr_expect(fabs(drift(&c) - wanted) < 1e-12, "%g", drift(&c));
}

typedef struct {
    lesson l;
    dt_task task;
    dt_images images;
    dt_network net;
    dt_tape *tape;
} sample;

static void sample_init(sample *s, deep_mlp shape)
{
    s->l.shape = shape;
    s->task = (dt_task){"lab", "Lab", &deep_mlp_model, dt_softmax_xent, &s->l.shape, .frame = {28, 28, 0, 1}};
    s->images = toy_images(50, 28, TOY_CLASSES);
    s->images.classes = TOY_CLASSES;
    dt_network_init(&s->net, &s->task, 1);
    s->tape = dt_tape_new(&dt_cpu, s->net.params, NULL);
}

static void sample_free(sample *s)
{
    dt_tape_free(s->tape);
    dt_network_free(&s->net);
    dt_images_free(&s->images);
}

static dt_var *all_images(sample *s)
{
    uint32_t order[50];
    int32_t labels[50];
    for (uint32_t i = 0; i < 50; i++) order[i] = i;
    dt_var *x = dt_input(s->tape, 4, (int64_t[]){1, 28, 28, 50});
    dt_batch_gather(&s->images, &s->task.frame, order, 50, x->value, labels);
    return x;
}

/* At most 15, 50 and 85 percent of the numbers lie below. */
Test(batchnorm_lab, percentiles_of_what_goes_into_the_last_sigmoids)
{
    sample s;
    sample_init(&s, (deep_mlp){.depth = 2, .width = 5, .activation = dt_sigmoid, WEIGHTS});
    double input[5 * PERCENTILES];
    look(&s.net, &s.images, s.tape, input);
    dt_tape_reset(s.tape);
    dt_var *inner[DEEP_MLP_MOST], *z[DEEP_MLP_MOST];
    deep_mlp_watch(s.net.model, all_images(&s), inner, z);
    for (int u = 0; u < 5; u++)
        for (int p = 0; p < PERCENTILES; p++) {
            int below = 0, same = 0;
            for (int i = 0; i < 50; i++) {
                below += (double)inner[1]->value[u * 50 + i] < input[u * PERCENTILES + p];
                same += (double)inner[1]->value[u * 50 + i] == input[u * PERCENTILES + p];
            }
            cr_expect(below == 49 * percent[p] / 100 && same >= 1, "unit %d, %d %%: %d", u, percent[p], below);
        }
    sample_free(&s);
}

/* The network with normalisation before: units of mean 0 and variance 1, and no bias that it would take away again. */
Test(batchnorm_lab, the_network_normalises_where_it_is_told)
{
    static const deep_mlp_norm places[] = {DEEP_MLP_NORM_BEFORE, DEEP_MLP_NORM_AFTER};
    for (int k = 0; k < 2; k++) {
        sample s;
        sample_init(&s, (deep_mlp){.depth = 2, .width = 5, .activation = dt_sigmoid, WEIGHTS, .place = places[k]});
        int64_t weights = 784 * 5 + 5 * 5 + 5 * 10 + 10, biases = k ? 2 * 5 : 0, norms = 2 * 2 * 5;
        cr_expect(dt_params_count(s.net.params) == weights + biases + norms);
        dt_var *inner[DEEP_MLP_MOST], *z[DEEP_MLP_MOST];
        deep_mlp_watch(s.net.model, all_images(&s), inner, z);
        for (int i = 0; i < 2; i++)
            for (int u = 0; u < 5; u++) {
                const real *row = (k ? z : inner)[i]->value + u * 50;
                double mean = 0, squares = 0;
                for (int n = 0; n < 50; n++) mean += (double)row[n] / 50, squares += pow((double)row[n], 2) / 50;
                cr_expect(fabs(mean) < 1e-4 && fabs(squares - 1) < 0.05, "layer %d, unit %d: %g, %g", i, u, mean,
                          squares);
            }
        sample_free(&s);
    }
}

Test(batchnorm_lab, errors_in_batches)
{
    sample s;
    sample_init(&s,
                (deep_mlp){.depth = 1, .width = 5, .activation = dt_sigmoid, WEIGHTS, .place = DEEP_MLP_NORM_BEFORE});
    uint32_t order[50];
    sort_by_class(&s.images, order);
    bool seen[50] = {false};
    for (int i = 0; i < 50; i++) {
        seen[order[i]] = true;
        cr_expect(i == 0 || s.images.labels[order[i]] >= s.images.labels[order[i - 1]]);
    }
    for (int i = 0; i < 50; i++) cr_expect(seen[i], "%d is left out", i);
    double whole = dt_network_error(&s.net, &dt_cpu, &s.images);
    for (int64_t n = 5; n <= 50; n += 5) {
        if (50 % n) continue;
        double error = error_in_batches(&s.net, &dt_cpu, &s.images, order, n);
        cr_expect(fabs(error - whole) < 1e-9, "running averages do not care for batches: %g, %g", error, whole);
    }
    /* of one image twice, the batch's statistics know nothing but the mean: it answers as if it saw nothing */
    ((deep_mlp *)s.net.model)->norm[0].of_batch = true;
    for (uint32_t i = 0; i < 50; i++) order[i] = i / 2;
    double blind = error_in_batches(&s.net, &dt_cpu, &s.images, order, 2);
    int32_t constant = -1;
    dt_tape_reset(s.tape);
    s.tape->recording = false;
    dt_var *x = dt_input(s.tape, 4, (int64_t[]){1, 28, 28, 2});
    memset(x->value, 0, (size_t)x->count * sizeof(real));
    int32_t answer[2];
    dt_network_answers(&s.net, deep_mlp_forward(s.net.model, x), answer);
    constant = answer[0];
    int wrong = 0;
    for (int i = 0; i < 50; i++) wrong += s.images.labels[order[i]] != constant;
    cr_expect(fabs(blind - 2.0 * wrong) < 1e-9, "%g, not %g", blind, 2.0 * wrong);
    sample_free(&s);
}

/* The best of the network without is at its third mark, 30 steps; the other is there at its first. */
Test(batchnorm_lab, steps_to_the_best_without_over_steps_to_it_with)
{
    double slow[] = {30, 50, 60, 55}, fast[] = {60, 40, 70, 80}, later[] = {20, 59.9, 61, 10},
           never[] = {59, 59, 59, 59};
    curve without = {10, 4, slow}, with = {10, 4, fast};
    cr_expect(best(&without) == 60 && steps_to(&without, 60) == 30 && steps_to(&without, 60.1) == 0);
    cr_expect(ratio(&without, &with) == 3);
    with.accuracy = later;
    cr_expect(ratio(&without, &with) == 1);
    with.accuracy = never;
    cr_expect(ratio(&without, &with) == 0);
    with = (curve){10, 1, fast};
    cr_expect(ratio(&without, &with) == 3, "it broke down after the first mark");
    with.marks = 0;
    cr_expect(ratio(&without, &with) == 0, "it broke down before");
}

/* What the four networks differ by: section 4.2 of the paper. */
Test(batchnorm_lab, the_papers_variants)
{
    static const double lr[WAYS] = {1, 1, 5, 30}, decay[WAYS] = {1, 1, 0.2, 0.2};
    for (int i = 0; i < WAYS; i++) {
        cr_expect(ways[i].shape.batchnorm == (i > 0) && (ways[i].claim != NULL) == (i > 0));
        cr_expect(ways[i].lr == lr[i] && ways[i].decay == decay[i] && !ways[i].shape.lrn);
    }
}
