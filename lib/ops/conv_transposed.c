/* y[o][s i+k-pad][s j+l-pad] += w[c][o][k][l] x[c][i][j]   over c, i, j, k, l, and bias[o] once, with stride s
 *
 * A convolution C from y's maps to x's has this as the gradient of its input, so the kernels are C's: forward is its
 * backward with respect to the input, dx is C's forward of dy, dw its gradient of the weights with the two images
 * exchanged:
 *
 * dx[c][i][j]    = sum over o, k, l of w[c][o][k][l] dy[o][s i+k-pad][s j+l-pad]
 * dw[c][o][k][l] = sum over i, j and examples of x[c][i][j] dy[o][s i+k-pad][s j+l-pad]
 * dbias[o]       = sum of dy[o] */
#include "ops/op.h"

/* That of C: in_* are the maps of y, out_* those of x. */
static dt_conv_shape shape_of(const dt_var *x, const dt_var *w, const dt_var *bias, const dt_conv_how *how)
{
    const int64_t stride = how->stride ? how->stride : 1;
    DT_REQUIRE(x->rank == 4, "conv_transposed: the input of %s has shape %s, must be [channels,height,width,batch]",
               w->name, SHAPE(x));
    DT_REQUIRE(w->rank == 4 && w->dim[0] == x->dim[0],
               "conv_transposed: %s has shape %s, must be [%lld,out,kernel_h,kernel_w] for the input %s", w->name,
               SHAPE(w), (long long)x->dim[0], SHAPE(x));
    DT_REQUIRE(stride > 0 && how->groups <= 1 && !how->table, "conv_transposed: %s with stride %lld, %lld groups%s",
               w->name, (long long)stride, (long long)how->groups, how->table ? " and a connection table" : "");
    DT_REQUIRE(!bias || bias->count == w->dim[1], "conv_transposed: %s has %lld biases for %lld output maps",
               bias->name, (long long)bias->count, (long long)w->dim[1]);
    dt_conv_shape s = {.in_c = w->dim[1],
                       .in_h = stride * (x->dim[1] - 1) + w->dim[2] - 2 * how->pad,
                       .in_w = stride * (x->dim[2] - 1) + w->dim[3] - 2 * how->pad,
                       .out_c = x->dim[0],
                       .out_h = x->dim[1],
                       .out_w = x->dim[2],
                       .kernel_h = w->dim[2],
                       .kernel_w = w->dim[3],
                       .pad = how->pad,
                       .n = x->dim[3],
                       .stride = stride,
                       .groups = 1};
    DT_REQUIRE(s.pad >= 0 && s.pad < s.kernel_h && s.pad < s.kernel_w && s.in_h > 0 && s.in_w > 0,
               "conv_transposed: nothing is left of the input %s under the kernel of %s %s with padding %lld", SHAPE(x),
               w->name, SHAPE(w), (long long)s.pad);
    return s;
}

dt_var *dt_conv_transposed_of(dt_var *x, dt_var *w, dt_var *bias, dt_conv_how how)
{
    const dt_conv_shape s = shape_of(x, w, bias, &how);
    dt_var *y = dt_record(&dt_conv_transposed_op, bias ? 3 : 2, (dt_var *[]){x, w, bias}, 4,
                          (int64_t[]){s.in_c, s.in_h, s.in_w, s.n});
    dt_conv_shape *saved = y->saved = dt_arena_alloc(y->tape->arena, sizeof *saved);
    *saved = s;
    KERNEL(y, conv_backward_input)(&s, x->value, w->value, 0, y->value, y->tape->arena);
    if (bias) KERNEL(y, add_bias)(s.in_c, s.in_h * s.in_w * s.n, bias->value, y->value);
    return y;
}

/* The kernel overwrites: where a gradient is there already, the new one waits in scratch memory. */
static void input_backward(const dt_var *y, real beta, real *dx)
{
    const dt_var *x = y->input[0];
    dt_arena *arena = y->tape->arena;
    const dt_arena_mark mark = dt_arena_tell(arena);
    real *to = beta != 0 ? dt_arena_reals(arena, x->count) : dx;
    KERNEL(y, conv_forward)(y->saved, y->gradient, y->input[1]->value, NULL, to, arena);
    if (beta != 0) KERNEL(y, copy)(x->count, to, 1, dx);
    dt_arena_rewind(arena, mark);
}

static void backward(const dt_var *y)
{
    const dt_conv_shape *s = y->saved;
    real beta, *d;
    if ((d = dt_gradient(y->input[0], &beta))) input_backward(y, beta, d);
    if ((d = dt_gradient_sum(y->input[1])))
        KERNEL(y, conv_backward_weights)(s, y->gradient, y->input[0]->value, d, y->tape->arena);
    if (y->n_inputs == 3 && (d = dt_gradient_sum(y->input[2])))
        KERNEL(y, sum_rows)(s->in_c, s->in_h * s->in_w * s->n, y->gradient, d);
}

/* Every number of the input is multiplied by all weights of its map. */
static dt_cost cost(const dt_var *y)
{
    const dt_conv_shape *s = y->saved;
    const int64_t products = s->out_h * s->out_w * s->out_c * s->in_c * s->kernel_h * s->kernel_w;
    const int64_t biases = y->n_inputs == 3 ? s->in_c * s->in_h * s->in_w : 0;
    return (dt_cost){products + biases, 2.0 * (double)products};
}

const dt_op dt_conv_transposed_op = {"conv_transposed", "y = bias + the gradient of a convolution's input for x",
                                     backward, cost};
