/* y[o][i][j] = bias[o] + sum over c, k, l of w[o][c][k][l] x[c][s i+k-pad][s j+l-pad]    (LeCun et al. 1998, section
 * II.A), with stride s
 *
 * dx[c][s i+k-pad][s j+l-pad] += w[o][c][k][l] dy[o][i][j]      over o, i, j, k, l
 * dw[o][c][k][l]               = sum over i, j and examples of dy[o][i][j] x[c][s i+k-pad][s j+l-pad]
 * dbias[o]                     = sum of dy[o] */
#include <string.h>

#include "ops/op.h"

typedef struct {
    dt_conv_shape s;
    dt_connections table;
    const real
        *dense; /* the weights [O,C,KH,KW]: w itself, or w spread out with zeros where the table has no connection */
} conv_saved;

static int64_t count_links(dt_connections table, int64_t in_c, int64_t out_c)
{
    if (!table) return in_c * out_c;
    int64_t links = 0;
    for (int64_t c = 0; c < in_c; c++)
        for (int64_t o = 0; o < out_c; o++) links += table[c][o] == 'X';
    return links;
}

/* Moves kernels between `linked` [links,KH,KW] and `dense` [O,C,KH,KW]: spreads them out, or adds the dense ones that
 * are linked. */
static void spread(const conv_saved *conv, const real *linked, real *dense)
{
    int64_t taps = conv->s.kernel_h * conv->s.kernel_w;
    for (int64_t o = 0; o < conv->s.out_c; o++)
        for (int64_t c = 0; c < conv->s.in_c; c++, dense += taps)
            if (conv->table[c][o] == 'X') {
                memcpy(dense, linked, (size_t)taps * sizeof *dense);
                linked += taps;
            } else {
                memset(dense, 0, (size_t)taps * sizeof *dense);
            }
}

static void gather(const conv_saved *conv, const real *dense, real *linked)
{
    int64_t taps = conv->s.kernel_h * conv->s.kernel_w;
    for (int64_t o = 0; o < conv->s.out_c; o++)
        for (int64_t c = 0; c < conv->s.in_c; c++, dense += taps)
            if (conv->table[c][o] == 'X')
                for (int64_t k = 0; k < taps; k++) *linked++ += dense[k];
}

static dt_conv_shape shape_of(const dt_var *x, const dt_var *w, const dt_var *bias, const dt_conv_how *how)
{
    const int first = how->table ? 1 : 2; /* where the kernel's own dimensions begin */
    DT_REQUIRE(x->rank == 4, "conv: the input of %s has shape %s, must be [channels,height,width,batch]", w->name,
               SHAPE(x));
    DT_REQUIRE(w->rank == first + 2, "conv: %s has shape %s, must be %s", w->name, SHAPE(w),
               how->table ? "[links,kernel_h,kernel_w]" : "[out,in/groups,kernel_h,kernel_w]");
    DT_REQUIRE(!how->table || bias, "conv: %s has a connection table, which needs a bias to tell the output maps",
               w->name);
    dt_conv_shape s = {.in_c = x->dim[0],
                       .in_h = x->dim[1],
                       .in_w = x->dim[2],
                       .out_c = how->table ? bias->dim[0] : w->dim[0],
                       .kernel_h = w->dim[first],
                       .kernel_w = w->dim[first + 1],
                       .pad = how->pad,
                       .n = x->dim[3],
                       .stride = how->stride ? how->stride : 1,
                       .groups = how->groups ? how->groups : 1};
    DT_REQUIRE(s.stride > 0 && s.groups > 0 && !(how->table && s.groups > 1),
               "conv: %s with stride %lld, %lld groups%s", w->name, (long long)s.stride, (long long)s.groups,
               how->table ? " and a connection table" : "");
    DT_REQUIRE(how->table || (w->dim[1] * s.groups == s.in_c && s.out_c % s.groups == 0),
               "conv: the input %s has %lld channels, %s %s in %lld group%s wants %lld", SHAPE(x), (long long)s.in_c,
               w->name, SHAPE(w), (long long)s.groups, s.groups == 1 ? "" : "s", (long long)(w->dim[1] * s.groups));
    DT_REQUIRE(!bias || bias->count == s.out_c, "conv: %s has %lld biases for %lld output maps", bias->name,
               (long long)bias->count, (long long)s.out_c);
    const int64_t room_h = s.in_h + 2 * s.pad - s.kernel_h, room_w = s.in_w + 2 * s.pad - s.kernel_w;
    DT_REQUIRE(room_h >= 0 && room_w >= 0 && s.pad >= 0 && s.pad < s.kernel_h && s.pad < s.kernel_w,
               "conv: the kernel of %s %s with padding %lld does not fit the input %s", w->name, SHAPE(w),
               (long long)s.pad, SHAPE(x));
    s.out_h = room_h / s.stride + 1;
    s.out_w = room_w / s.stride + 1;
    return s;
}

dt_var *dt_conv_of(dt_var *x, dt_var *w, dt_var *bias, dt_conv_how how)
{
    const dt_conv_shape s = shape_of(x, w, bias, &how);
    dt_var *y =
        dt_record(&dt_conv_op, bias ? 3 : 2, (dt_var *[]){x, w, bias}, 4, (int64_t[]){s.out_c, s.out_h, s.out_w, s.n});
    conv_saved *conv = y->saved = dt_arena_alloc(y->tape->arena, sizeof *conv);
    *conv = (conv_saved){.s = s, .table = how.table, .dense = w->value};
    if (how.table) {
        DT_REQUIRE(w->dim[0] == count_links(how.table, s.in_c, s.out_c),
                   "conv: %s has %lld kernels, its table %lld connections", w->name, (long long)w->dim[0],
                   (long long)count_links(how.table, s.in_c, s.out_c));
        real *dense = dt_arena_reals(y->tape->arena, s.out_c * s.in_c * s.kernel_h * s.kernel_w);
        spread(conv, w->value, dense);
        conv->dense = dense;
    }
    KERNEL(y, conv_forward)(&s, x->value, conv->dense, bias ? bias->value : NULL, y->value, y->tape->arena);
    return y;
}

static void weights_backward(const dt_var *y, const conv_saved *conv, real *dw)
{
    const dt_conv_shape *s = &conv->s;
    dt_arena *arena = y->tape->arena;
    if (!conv->table) {
        KERNEL(y, conv_backward_weights)(s, y->input[0]->value, y->gradient, dw, arena);
        return;
    }
    dt_arena_mark mark = dt_arena_tell(arena);
    int64_t count = s->out_c * s->in_c * s->kernel_h * s->kernel_w;
    real *dense = dt_arena_reals(arena, count);
    memset(dense, 0, (size_t)count * sizeof *dense);
    KERNEL(y, conv_backward_weights)(s, y->input[0]->value, y->gradient, dense, arena);
    gather(conv, dense, dw);
    dt_arena_rewind(arena, mark);
}

static void backward(const dt_var *y)
{
    const conv_saved *conv = y->saved;
    const dt_conv_shape *s = &conv->s;
    real beta, *d;
    if ((d = dt_gradient(y->input[0], &beta)))
        KERNEL(y, conv_backward_input)(s, y->gradient, conv->dense, beta, d, y->tape->arena);
    if ((d = dt_gradient_sum(y->input[1]))) weights_backward(y, conv, d);
    if (y->n_inputs == 3 && (d = dt_gradient_sum(y->input[2])))
        KERNEL(y, sum_rows)(s->out_c, s->out_h * s->out_w * s->n, y->gradient, d);
}

static dt_cost cost(const dt_var *y)
{
    const conv_saved *conv = y->saved;
    const dt_conv_shape *s = &conv->s;
    int64_t positions = s->out_h * s->out_w;
    int64_t weights = count_links(conv->table, s->in_c, s->out_c) / s->groups * s->kernel_h * s->kernel_w;
    int64_t biases = y->n_inputs == 3 ? s->out_c : 0;
    return (dt_cost){positions * (weights + biases), 2.0 * (double)(positions * weights)};
}

const dt_op dt_conv_op = {"conv", "y[o] = bias[o] + sum_c w[o][c] * x[c]", backward, cost};
