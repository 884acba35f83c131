/* The tape, and the shapes that ops give and refuse. That the gradients are right is for tests/grad. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "ditto.h"
#include "misuse.h"

static dt_params *params;
static dt_tape *tape;
static const dt_param *scale; /* [3,2]: 1, 2, .. 6 */

static void setup(void)
{
    params = dt_params_new(1);
    scale = dt_params_add(params, "scale", 2, (int64_t[]){3, 2}, (dt_init){.kind = DT_INIT_CONSTANT});
    for (int i = 0; i < 6; i++) params->values[i] = (real)(i + 1);
    tape = dt_tape_new(&dt_cpu, params, NULL);
}

static void teardown(void)
{
    dt_tape_free(tape);
    dt_params_free(params);
}

TestSuite(tape, .init = setup, .fini = teardown);

static dt_var *input(int rank, int64_t a, int64_t b, int64_t c, int64_t d)
{
    dt_var *x = dt_input(tape, rank, (int64_t[]){a, b, c, d});
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)(i % 7) - 3;
    return x;
}

static void expect_shape(const dt_var *x, const char *wanted)
{
    char text[DT_NAME_SIZE];
    cr_expect(eq(str, (char *)dt_shape_text(x, true, text, sizeof text), (char *)wanted));
}

Test(tape, shapes_of_every_op)
{
    static const int32_t labels[5] = {0};
    static const real centres[7 * 4] = {0};
    dt_var *x = input(4, 6, 8, 9, 5), *w = input(4, 3, 6, 3, 2), *flat = input(2, 4, 5, 0, 0),
           *bias = input(1, 3, 0, 0, 0);
    expect_shape(dt_conv_of(x, w, bias, (dt_conv_how){0}), "[3,6,8,5]");
    expect_shape(dt_conv_of(x, w, NULL, (dt_conv_how){.pad = 1}), "[3,8,10,5]");
    expect_shape(dt_conv_of(x, w, bias, (dt_conv_how){.pad = 1, .stride = 2}), "[3,4,5,5]");
    expect_shape(dt_conv_of(x, w, bias, (dt_conv_how){.stride = 3}), "[3,2,3,5]");
    expect_shape(dt_conv_of(input(4, 2, 4, 4, 5), input(3, 4, 3, 3, 0), bias,
                            (dt_conv_how){.table = (const char *const[]){"XX.", ".XX"}}),
                 "[3,2,2,5]");
    expect_shape(dt_linear_of(flat, input(2, 3, 4, 0, 0), bias), "[3,5]");
    expect_shape(dt_maxpool(x, 2), "[6,4,4,5]");
    expect_shape(dt_avgpool(x, 3), "[6,2,3,5]");
    expect_shape(dt_maxpool(x, 3, .stride = 2), "[6,3,4,5]");
    expect_shape(dt_maxpool(x, 3, .stride = 2, .clipped = true), "[6,4,4,5]");
    expect_shape(dt_avgpool(x, 1, .stride = 4, .clipped = true), "[6,2,3,5]");
    expect_shape(dt_avgpool(x, 9, .stride = 2, .clipped = true), "[6,1,1,5]");
    expect_shape(dt_global_avgpool(x), "[6,5]");
    expect_shape(dt_lrn(x, 5, .k = 2, .alpha = 1e-4, .beta = 0.75), "[6,8,9,5]");
    expect_shape(dt_add(x, input(4, 2, 8, 9, 5)), "[6,8,9,5]");
    expect_shape(dt_subsample_of(input(4, 3, 4, 6, 5), bias, bias, 2), "[3,2,3,5]");
    expect_shape(dt_tanh(x), "[6,8,9,5]");
    expect_shape(dt_scaled_tanh(flat), "[4,5]");
    expect_shape(dt_sigmoid(bias), "[3]");
    expect_shape(dt_relu(x), "[6,8,9,5]");
    expect_shape(dt_rbf(flat, centres, 7), "[7,5]");
    expect_shape(dt_concat(x, input(4, 2, 8, 9, 5)), "[8,8,9,5]");
    expect_shape(dt_flatten(x), "[432,5]");
    expect_shape(dt_reshape(x, 3, (int64_t[]){48, 9, 5}), "[48,9,5]");
    expect_shape(dt_softmax_xent(flat, labels), "[5]");
    expect_shape(dt_map_loss(flat, labels, 1), "[5]");
    expect_shape(dt_mse(flat, labels, -1, 1), "[5]");
    expect_shape(dt_use(tape, scale), "[3,2]");
}

Test(tape, shape_text)
{
    char text[DT_NAME_SIZE], small[6];
    const dt_var *x = input(4, 6, 28, 28, 64);
    cr_expect(eq(str, (char *)dt_shape_text(x, true, text, sizeof text), "[6,28,28,64]"));
    cr_expect(eq(str, (char *)dt_shape_text(x, false, text, sizeof text), "[6,28,28]"));
    cr_expect(eq(str, (char *)dt_shape_text(x, true, small, sizeof small), "[6,28"), "cut off, not beyond");
    cr_expect(eq(i64, dt_batch(x), 64));
    cr_expect(eq(i64, dt_features(x), 6 * 28 * 28));
}

Test(tape, conv_refuses_wrong_shapes)
{
    dt_var *x = input(4, 2, 5, 5, 3), *w = input(4, 4, 2, 3, 3), *bias = input(1, 4, 0, 0, 0),
           *flat = input(2, 4, 3, 0, 0);
    static const char *const table[2] = {"XX", ".X"};
    EXPECT_MISUSE("conv: the input of  has shape [4,3], must be [channels,height,width,batch]",
                  dt_conv_of(flat, w, bias, (dt_conv_how){0}));
    EXPECT_MISUSE("has shape [4,3], must be [out,in/groups,kernel_h,kernel_w]",
                  dt_conv_of(x, flat, bias, (dt_conv_how){0}));
    EXPECT_MISUSE("has shape [4,2,3,3], must be [links,kernel_h,kernel_w]",
                  dt_conv_of(x, w, bias, (dt_conv_how){.table = table}));
    EXPECT_MISUSE("needs a bias", dt_conv_of(x, input(3, 3, 3, 3, 0), NULL, (dt_conv_how){.table = table}));
    EXPECT_MISUSE("the input [3,5,5,3] has 3 channels", dt_conv_of(input(4, 3, 5, 5, 3), w, bias, (dt_conv_how){0}));
    EXPECT_MISUSE("has 3 biases for 4 output maps", dt_conv_of(x, w, input(1, 3, 0, 0, 0), (dt_conv_how){0}));
    EXPECT_MISUSE("with padding 0 does not fit the input [2,2,5,3]",
                  dt_conv_of(input(4, 2, 2, 5, 3), w, bias, (dt_conv_how){0}));
    EXPECT_MISUSE("with stride -1, 1 groups", dt_conv_of(x, w, bias, (dt_conv_how){.stride = -1}));
    EXPECT_MISUSE("in 3 groups wants 6", dt_conv_of(x, w, bias, (dt_conv_how){.groups = 3}));
    EXPECT_MISUSE("2 groups and a connection table",
                  dt_conv_of(x, input(3, 3, 3, 3, 0), bias, (dt_conv_how){.groups = 2, .table = table}));
    EXPECT_MISUSE("with padding 3 does not fit", dt_conv_of(x, w, bias, (dt_conv_how){.pad = 3}));
    EXPECT_MISUSE("with padding -1 does not fit", dt_conv_of(x, w, bias, (dt_conv_how){.pad = -1}));
    EXPECT_MISUSE("has 4 kernels, its table 3 connections",
                  dt_conv_of(x, input(3, 4, 3, 3, 0), input(1, 2, 0, 0, 0), (dt_conv_how){.table = table}));
}

Test(tape, linear_refuses_wrong_shapes)
{
    dt_var *x = input(2, 4, 3, 0, 0), *w = input(2, 5, 4, 0, 0);
    EXPECT_MISUSE("linear: the input of scale has shape [2,5,5,3], must be [features,batch] (dt_flatten makes it so)",
                  dt_linear_of(input(4, 2, 5, 5, 3), dt_use(tape, scale), NULL));
    EXPECT_MISUSE("linear: the input [4,3] does not fit scale [3,2]", dt_linear_of(x, dt_use(tape, scale), NULL));
    EXPECT_MISUSE("linear: the input [4,3] does not fit  [4]", dt_linear_of(x, input(1, 4, 0, 0, 0), NULL));
    EXPECT_MISUSE("has 4 biases for 5 outputs", dt_linear_of(x, w, input(1, 4, 0, 0, 0)));
}

Test(tape, pools_refuse_wrong_shapes)
{
    dt_var *x = input(4, 2, 4, 5, 3), *two = input(1, 2, 0, 0, 0);
    EXPECT_MISUSE("maxpool: the input has shape [4,3], must be [channels,height,width,batch]",
                  dt_maxpool(input(2, 4, 3, 0, 0), 2));
    EXPECT_MISUSE("maxpool: windows of 5 x 5 at every 5 do not fit the input [2,4,5,3]", dt_maxpool(x, 5));
    EXPECT_MISUSE("avgpool: windows of 0 x 0 at every 0 do not fit", dt_avgpool(x, 0));
    EXPECT_MISUSE("avgpool: windows of -1 x -1 at every -1 do not fit", dt_avgpool(x, -1));
    EXPECT_MISUSE("subsample: the input [2,4,5,3] is not a multiple of 2", dt_subsample_of(x, two, two, 2));
    EXPECT_MISUSE("has 2 coefficients and 3 biases for 2 maps", dt_subsample_of(x, two, input(1, 3, 0, 0, 0), 2));
    EXPECT_MISUSE("has 3 coefficients and 2 biases for 2 maps", dt_subsample_of(x, input(1, 3, 0, 0, 0), two, 2));
}

Test(tape, concat_and_rbf_refuse_wrong_shapes)
{
    static const real centre[4] = {0};
    dt_var *x = input(4, 2, 4, 5, 3);
    EXPECT_MISUSE("concat: [2,4,5,3] and [2,4,6,3] differ beyond their first dimension",
                  dt_concat(x, input(4, 2, 4, 6, 3)));
    EXPECT_MISUSE("concat: [2,4,5,3] and [40,3] differ", dt_concat(x, input(2, 40, 3, 0, 0)));
    EXPECT_MISUSE("concat: [2,4,5,3] must be a sequence", dt_concat_features(x, x));
    EXPECT_MISUSE("concat: [2,4,3] and [3,4,3] differ beyond their second dimension",
                  dt_concat_features(input(3, 2, 4, 3, 0), input(3, 3, 4, 3, 0)));
    EXPECT_MISUSE("rbf: the input has shape [2,4,5,3], must be [features,batch]", dt_rbf(x, centre, 1));
}

Test(tape, losses_refuse_wrong_labels)
{
    static const int32_t labels[3] = {0, 4, 1}, negative[3] = {0, 1, -1};
    dt_var *x = input(2, 4, 3, 0, 0);
    EXPECT_MISUSE("softmax_xent: label 4 of example 1 is not one of 4 classes", dt_softmax_xent(x, labels));
    EXPECT_MISUSE("map_loss: label -1 of example 2 is not one of 4 classes", dt_map_loss(x, negative, 1));
    EXPECT_MISUSE("mse: label 4 of example 1", dt_mse(x, labels, -1, 1));
    EXPECT_MISUSE("mse: the input has shape [4,1,1,3], must be [classes,batch]",
                  dt_mse(input(4, 4, 1, 1, 3), labels, -1, 1));
}

Test(tape, values_refuse_wrong_shapes)
{
    EXPECT_MISUSE("a value has rank 0, must be 1 to 5", dt_input(tape, 0, (int64_t[]){1}));
    EXPECT_MISUSE("a value has rank 6, must be 1 to 5", dt_input(tape, 6, (int64_t[]){1, 1, 1, 1, 1, 1}));
    EXPECT_MISUSE("a value of shape [3,0,2] has no elements", dt_input(tape, 3, (int64_t[]){3, 0, 2}));
    EXPECT_MISUSE("reshape: [3,2] has 6 elements, the new shape [4,2] has 8",
                  dt_reshape(dt_use(tape, scale), 2, (int64_t[]){4, 2}));
}

Test(tape, misuse_names_the_line_that_called)
{
    dt_var *x = input(2, 4, 3, 0, 0);
    char place[64];
    snprintf(place, sizeof place, "test_tape.c:%d)", __LINE__ + 1);
    EXPECT_MISUSE(place, dt_maxpool(x, 2));
}

Test(tape, inputs_of_two_tapes_do_not_mix)
{
    dt_tape *other = dt_tape_new(&dt_cpu, params, NULL);
    dt_var *x = input(2, 2, 3, 0, 0), *y = dt_input(other, 2, (int64_t[]){2, 3});
    EXPECT_MISUSE("concat: input 1 is on another tape", dt_concat(x, y));
    dt_tape_free(other);
}

Test(tape, reshaping_shares_values_and_gradients)
{
    dt_var *x = dt_use(tape, scale), *y = dt_tanh(x), *view = dt_reshape(y, 1, (int64_t[]){6});
    dt_var *again = dt_reshape(view, 2, (int64_t[]){2, 3});
    cr_expect(view->value == y->value && again->value == y->value);
    cr_expect(tape->last == y, "a view is not on the tape");
    dt_var *sum = dt_relu(again);
    dt_backward(sum, 1);
    for (int i = 0; i < 6; i++) {
        double t = tanh(i + 1);
        cr_expect(fabs((double)params->gradients[i] - (1 - t * t)) < 1e-6, "gradient %d", i);
    }
    cr_expect(y->gradient != NULL && again->base == y);
}

Test(tape, a_view_can_be_the_end)
{
    dt_var *y = dt_relu(dt_use(tape, scale));
    dt_backward(dt_flatten(y), 3);
    for (int i = 0; i < 6; i++) cr_expect(eq(flt, params->gradients[i], 3));
}

/* y = relu(p) + relu(p), once through two uses of the parameter and once through one value used twice. */
Test(tape, gradients_of_what_is_used_twice_add_up)
{
    dt_var *x = dt_use(tape, scale);
    dt_backward(dt_concat(dt_relu(x), dt_relu(dt_use(tape, scale))), 1);
    for (int i = 0; i < 6; i++) cr_expect(eq(flt, params->gradients[i], 2));
    dt_tape_reset(tape);
    dt_params_zero_gradients(params);
    dt_var *y = dt_relu(dt_use(tape, scale));
    dt_backward(dt_concat(dt_relu(y), dt_concat(y, y)), 1);
    for (int i = 0; i < 6; i++) cr_expect(eq(flt, params->gradients[i], 3));
}

/* y = a + b: a has a gradient of its own, b takes over that of y, which nobody asks for any more. */
Test(tape, a_summand_takes_over_the_gradient)
{
    const real dy[6] = {1, -2, 3, -4, 5, -6};
    dt_var *a = dt_relu(dt_use(tape, scale)), *b = dt_relu(dt_use(tape, scale)), *y = dt_add(a, b);
    dt_backward_from(y, dy);
    cr_expect(y->gradient == NULL && a->gradient && b->gradient && a->gradient != b->gradient);
    for (int i = 0; i < 6; i++) cr_expect(a->gradient[i] == dy[i] && b->gradient[i] == dy[i]);
    for (int i = 0; i < 6; i++) cr_expect(eq(flt, params->gradients[i], 2 * dy[i]));
}

/* To one that has a gradient already, or is a parameter, it is added. */
Test(tape, a_summand_that_has_a_gradient_keeps_it)
{
    dt_var *p = dt_use(tape, scale), *a = dt_relu(p);
    dt_backward(dt_add(dt_add(a, p), dt_add(p, a)), 1);
    for (int i = 0; i < 6; i++) cr_expect(a->gradient[i] == 2 && params->gradients[i] == 4);
}

Test(tape, gradients_are_added_to_the_parameters)
{
    for (int step = 1; step <= 3; step++) {
        dt_tape_reset(tape);
        dt_backward(dt_relu(dt_use(tape, scale)), (real)0.5);
        for (int i = 0; i < 6; i++) cr_expect(eq(flt, params->gradients[i], (real)(0.5 * step)));
    }
}

Test(tape, a_block_of_its_own_takes_the_gradients)
{
    real *own = calloc((size_t)params->size, sizeof *own);
    dt_tape *other = dt_tape_new(&dt_cpu, params, own);
    dt_backward(dt_relu(dt_use(other, scale)), 2);
    for (int i = 0; i < 6; i++) cr_expect(own[i] == 2 && params->gradients[i] == 0);
    dt_tape_free(other);
    free(own);
}

Test(tape, a_weight_for_each_element)
{
    const real dy[6] = {1, -2, 3, -4, 5, -6};
    dt_backward_from(dt_relu(dt_use(tape, scale)), dy);
    for (int i = 0; i < 6; i++) cr_expect(eq(flt, params->gradients[i], dy[i]));
}

Test(tape, constants_are_read_where_they_lie)
{
    static const real data[6] = {1, 2, 3, 4, 5, 6};
    dt_var *x = dt_constant(tape, 2, (int64_t[]){2, 3}, data);
    cr_expect(x->value == data && !x->needs_gradient);
    dt_var *y = dt_linear_of(x, dt_use(tape, scale), NULL);
    cr_expect(eq(flt, y->value[0], 1 * 1 + 2 * 4));
    dt_backward(y, 1);
    cr_expect(x->gradient == NULL);
    cr_expect(eq(flt, params->gradients[0], 1 + 2 + 3));
}

/* A second walk would hand on what the first left in the values in between once more. */
Test(tape, going_backward_twice_is_misuse)
{
    dt_var *a = dt_relu(dt_use(tape, scale)), *b = dt_relu(dt_use(tape, scale));
    dt_backward(a, 1);
    EXPECT_MISUSE("dt_backward: called twice on one tape", dt_backward(b, 1));
    dt_tape_reset(tape);
    dt_backward(dt_relu(dt_use(tape, scale)), 1);
    cr_expect(eq(flt, params->gradients[0], 2));
}

Test(tape, nothing_to_differentiate_is_misuse)
{
    dt_var *y = dt_relu(input(2, 4, 3, 0, 0));
    EXPECT_MISUSE("dt_backward: nothing that was computed here depends on a parameter", dt_backward(y, 1));
}

Test(tape, a_tape_for_testing_takes_no_gradients)
{
    tape->recording = false;
    dt_var *y = dt_relu(dt_use(tape, scale));
    cr_expect(y->value[5] == 6 && !y->needs_gradient);
    EXPECT_MISUSE("dt_backward: this tape does not record (it was made for testing)", dt_backward(y, 1));
    EXPECT_MISUSE("this tape does not record", dt_backward_from(y, y->value));
    for (int i = 0; i < 6; i++) cr_expect(params->gradients[i] == 0);
}

/* The whole of a small network with every kind of scratch memory. */
static dt_var *small_network(dt_conv_layer *c, dt_subsample_layer *s, dt_linear_layer *l, const int32_t *labels)
{
    dt_var *x = input(4, 2, 8, 8, 20);
    x = dt_scaled_tanh(dt_subsample(s, dt_maxpool(dt_conv(c, x), 2)));
    return dt_softmax_xent(dt_linear(l, dt_flatten(x)), labels);
}

Test(tape, after_the_first_step_no_memory_is_taken)
{
    static const int32_t labels[20] = {0};
    dt_conv_layer c;
    dt_subsample_layer s;
    dt_linear_layer l;
    dt_conv_init(&c, params, "c", 2, 3, 3, .pad = 1, .table = (const char *const[]){"XX.", ".XX"});
    dt_subsample_init(&s, params, "s", 3, 2);
    dt_linear_init(&l, params, "l", 3 * 2 * 2, 4);
    size_t held = 0;
    real *first = NULL;
    for (int step = 0; step < 10; step++) {
        dt_tape_reset(tape);
        dt_var *loss = small_network(&c, &s, &l, labels);
        dt_backward(loss, 1);
        if (step == 0) held = dt_arena_size(tape->arena), first = loss->value;
        cr_expect(eq(sz, dt_arena_size(tape->arena), held), "step %d", step);
        cr_expect(loss->value == first, "step %d", step);
    }
    cr_expect(held > 0);
}

Test(tape, costs_are_counted_by_the_example)
{
    dt_var *x = input(4, 6, 8, 9, 5), *w = input(4, 3, 6, 3, 2), *bias = input(1, 3, 0, 0, 0),
           *flat = input(2, 4, 5, 0, 0);
    static const real centre[7 * 4] = {0};
    const struct {
        dt_var *y;
        int64_t connections;
        double flops;
    } cases[] = {
        {dt_conv_of(x, w, bias, (dt_conv_how){0}), 6 * 8 * (3 * 36 + 3), 2 * 6 * 8 * 3 * 36},
        {dt_conv_of(x, w, NULL, (dt_conv_how){0}), 6 * 8 * 3 * 36, 2 * 6 * 8 * 3 * 36},
        {dt_linear_of(flat, input(2, 3, 4, 0, 0), bias), 12 + 3, 24},
        {dt_linear_of(flat, input(2, 3, 4, 0, 0), NULL), 12, 24},
        {dt_maxpool(x, 2), 6 * 4 * 4 * 4, 6 * 4 * 4 * 4},
        {dt_avgpool(x, 3), 6 * 2 * 3 * 9, 6 * 2 * 3 * 9},
        {dt_avgpool(x, 3, .stride = 2, .clipped = true), 6 * (3 + 3 + 3 + 2) * 4 * 3, 6 * (3 + 3 + 3 + 2) * 4 * 3},
        {dt_conv_of(x, input(4, 4, 3, 3, 2), NULL, (dt_conv_how){.stride = 2, .groups = 2}), 3 * 4 * 4 * 3 * 6,
         2 * 3 * 4 * 4 * 3 * 6},
        {dt_subsample_of(input(4, 3, 4, 6, 5), bias, bias, 2), 3 * 2 * 3 * 5, 3 * 2 * 3 * 6},
        {dt_rbf(flat, centre, 7), 28, 84},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dt_cost cost = cases[i].y->op->cost(cases[i].y);
        cr_expect(eq(i64, cost.connections, cases[i].connections), "case %zu", i);
        cr_expect(eq(dbl, cost.flops, cases[i].flops), "case %zu", i);
    }
}
