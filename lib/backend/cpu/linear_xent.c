/* The softmax over many classes with its scores. Scores, 28 MB for 700 words of 10,000, are written and read once: the
 * classes are cut into blocks, each of which goes through all that is to be done while its scores are in the L2 cache.
 * Forward: scores, exponentials and their sum, by example. Backward: the gradient of the scores, of the weights of the
 * block, and the block's part in the gradient of x. Blocks are dealt out to PARTS, which are added up in order: the
 * same for any number of threads. Within a block, examples are columns in panels of DT_PANEL: so w is read as it lies
 * in forward and backward, and the softmax goes along registers of examples. */
#include <math.h>

#include "backend/cpu/kernels.h"
#include "backend/cpu/rows.h"
#include "backend/cpu/transpose.h"
#include "backend/cpu/vecmath.h"
#include "core/threads.h"

enum { PARTS = 8, SLACK = 40 /* e^40 times 10^9 classes is a float, and e^-87 too */ };

typedef struct {
    const dt_linear_xent_shape *s;
    const dt_linear_xent_gradients *d;
    int64_t examples, panels, padded; /* padded: examples in whole panels */
    int64_t blocks, block, parts;
    const real *x, *w, *bias;
    const int32_t *labels;
    real *columns; /* [panels,in,DT_PANEL]: x, with zeros for the examples that there are not */
    real *e;       /* blocks after each other, [panels,classes of the block,DT_PANEL]: exp(score - reference) */
    real *factor;  /* [blocks,padded]: forward: the reference; backward: what makes e the probability */
    real *scores;  /* [parts]: the block's e, where they are not kept */
    real *reference, *sum, *own; /* [parts,padded] of the part's blocks so far: a score not far below the greatest; sum
                                  * of the e; score of the label */
    const real *dloss;
    real *weight;         /* [padded]: dloss, or 0 */
    real *dx;             /* [parts,panels,in,DT_PANEL] */
    const real *packed_x; /* x with its padded examples as the depth */
    real *mean_w;         /* [in]: the mean row of w, with which the mean score comes cheaply; NULL: no smoothing */
    real *mean;           /* [padded]: mean score */
    real *loss;
} xent;

static int64_t first_class(const xent *x, int64_t block)
{
    return block * x->block;
}

static int64_t classes_of(const xent *x, int64_t block)
{
    const int64_t left = x->s->classes - first_class(x, block);
    return left < x->block ? left : x->block;
}

static void cut(xent *x)
{
    x->examples = x->s->steps * x->s->n;
    x->panels = (x->examples + DT_PANEL - 1) / DT_PANEL;
    x->padded = x->panels * DT_PANEL;
    x->blocks = dt_linear_xent_blocks(x->s);
    x->block = x->s->classes > 2 * DT_XENT_BLOCK ? DT_XENT_BLOCK : (x->s->classes + x->blocks - 1) / x->blocks;
    x->parts = x->blocks < PARTS ? x->blocks : PARTS;
}

static void keep(xent *x, real *kept)
{
    x->e = kept;
    x->factor = kept + x->padded * x->s->classes;
}

/* How many examples from `first` on lie in one panel and one step: side by side here and in x. */
static int64_t stretch(const xent *x, int64_t panel, int64_t first)
{
    const int64_t end = (panel + 1) * DT_PANEL < x->examples ? (panel + 1) * DT_PANEL : x->examples;
    const int64_t in_step = x->s->n - first % x->s->n;
    return end - first < in_step ? end - first : in_step;
}

static void columns_of_panel(void *context, int64_t panel)
{
    const xent *x = context;
    const int64_t in = x->s->in, n = x->s->n;
    real *to = x->columns + panel * in * DT_PANEL;
    memset(to, 0, (size_t)(in * DT_PANEL) * sizeof *to);
    for (int64_t first = panel * DT_PANEL, count; (count = stretch(x, panel, first)) > 0; first += count) {
        const real *from = x->x + first / n * in * n + first % n;
        for (int64_t f = 0; f < in; f++)
            memcpy(to + f * DT_PANEL + first % DT_PANEL, from + f * n, (size_t)count * sizeof *to);
    }
}

/* ---- label smoothing: the mean over the classes of the scores */

enum { MEAN_FEATURES = 64 };

static void mean_row(void *context, int64_t first, int64_t end)
{
    const xent *x = context;
    for (int64_t f = first; f < end; f++) x->mean_w[f] = 0;
    for (int64_t c = 0; c < x->s->classes; c++)
        for (int64_t f = first; f < end; f++) x->mean_w[f] += x->w[c * x->s->in + f];
    for (int64_t f = first; f < end; f++) x->mean_w[f] /= (real)x->s->classes;
}

static void mean_scores(xent *x, dt_arena *arena)
{
    double bias = 0;
    x->mean_w = dt_arena_reals(arena, x->s->in);
    x->mean = dt_arena_reals(arena, x->padded);
    dt_parallel_ranges(x->s->in, MEAN_FEATURES, mean_row, x);
    for (int64_t c = 0; x->bias && c < x->s->classes; c++) bias += (double)x->bias[c] / (double)x->s->classes;
    for (int64_t panel = 0; panel < x->panels; panel++) {
        const real *columns = x->columns + panel * x->s->in * DT_PANEL;
        real *mean = x->mean + panel * DT_PANEL;
        for (int64_t i = 0; i < DT_PANEL; i++) mean[i] = (real)bias;
        for (int64_t f = 0; f < x->s->in; f++)
            for (int64_t i = 0; i < DT_PANEL; i++) mean[i] += x->mean_w[f] * columns[f * DT_PANEL + i];
    }
}

/* e = exp(score + bias - reference) for one panel of a block, its sum added to that of the examples. */
static void exponentials(int64_t count, const real *bias, real *score, real *reference, real *sum)
{
    for (int v = 0; v < DT_PANEL; v += VL) {
        vec most = vec_set(-INFINITY), before = vec_load(reference + v), total = vec_load(sum + v);
        for (int64_t j = 0; j < count; j++) {
            vec own = vec_load(score + j * DT_PANEL + v) + (bias ? bias[j] : 0);
            most = vec_select(own > most, own, most);
        }
        vec after = vec_select(most <= before + SLACK, before, most);
        total *= vec_exp(before - after);
        for (int64_t j = 0; j < count; j++) {
            real *at = score + j * DT_PANEL + v;
            vec own = vec_exp(vec_load(at) + (bias ? bias[j] : 0) - after);
            vec_store(at, own);
            total += own;
        }
        vec_store(reference + v, after);
        vec_store(sum + v, total);
    }
}

static void forward_block(const xent *x, int64_t part, int64_t b)
{
    const int64_t in = x->s->in, first = first_class(x, b), count = classes_of(x, b);
    const real *bias = x->bias ? x->bias + first : NULL;
    real *score = x->e ? x->e + first * x->padded : x->scores + part * x->padded * x->block;
    real *reference = x->reference + part * x->padded, *sum = x->sum + part * x->padded;
    dt_rows_product p = {.depth = in, .columns = DT_PANEL, .a = x->w + first * in, .a_row = in, .a_step = 1};
    p.c_row = DT_PANEL;
    for (int64_t panel = 0; panel < x->panels; panel++, score += count * DT_PANEL) {
        const int64_t at = panel * DT_PANEL;
        p.packed = x->columns + panel * in * DT_PANEL, p.c = score;
        dt_multiply_rows(&p, count);
        for (int64_t i = at; i < at + DT_PANEL && i < x->examples; i++) {
            const int64_t label = x->labels[i] - first;
            if (label >= 0 && label < count)
                x->own[part * x->padded + i] = score[label * DT_PANEL + i - at] + (bias ? bias[label] : 0);
        }
        exponentials(count, bias, score, reference + at, sum + at);
    }
    if (x->factor) memcpy(x->factor + b * x->padded, reference, (size_t)x->padded * sizeof *reference);
}

static void forward_part(void *context, int64_t part)
{
    const xent *x = context;
    for (int64_t i = part * x->padded; i < (part + 1) * x->padded; i++) {
        x->reference[i] = -INFINITY;
        x->sum[i] = x->own[i] = 0;
    }
    for (int64_t b = part; b < x->blocks; b += x->parts) forward_block(x, part, b);
}

/* Turns the references of an example's blocks into what makes their e probabilities. Most blocks of a part share one.
 */
static void probability_factors(const xent *x, int64_t i, real greatest, double sum)
{
    for (int64_t p = 0; p < x->parts; p++) {
        real reference = greatest, factor = (real)(1 / sum);
        for (int64_t b = p; b < x->blocks; b += x->parts) {
            real *at = x->factor + b * x->padded + i;
            if (*at != reference) {
                reference = *at;
                factor = (real)(exp((double)(reference - greatest)) / sum);
            }
            *at = factor;
        }
    }
}

/* Puts the parts together: the losses, and the factors for backward. */
static void finish(void *context, int64_t first, int64_t end)
{
    const xent *x = context;
    for (int64_t i = first; i < end; i++) {
        real greatest = x->reference[i];
        double sum = 0, own = 0;
        for (int64_t p = 1; p < x->parts; p++)
            if (!(x->reference[p * x->padded + i] <= greatest)) greatest = x->reference[p * x->padded + i];
        for (int64_t p = 0; p < x->parts; p++) {
            const int64_t at = p * x->padded + i;
            sum += (double)x->sum[at] * exp((double)(x->reference[at] - greatest));
            own += (double)x->own[at];
        }
        if (x->mean) own += (double)x->s->smooth * ((double)x->mean[i] - own);
        x->loss[i] = (real)(log(sum) + (double)greatest - own);
        if (x->factor) probability_factors(x, i, greatest, sum);
    }
}

void dt_cpu_linear_xent_forward(const dt_linear_xent_shape *s, const real *x_in, const real *w, const real *bias,
                                const int32_t *labels, real *kept, real *loss, dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    xent x = {.s = s, .x = x_in, .w = w, .bias = bias, .labels = labels, .loss = loss};
    cut(&x);
    if (kept)
        keep(&x, kept);
    else
        x.scores = dt_arena_reals(arena, x.parts * x.padded * x.block);
    x.columns = dt_arena_reals(arena, x.padded * s->in);
    x.reference = dt_arena_reals(arena, x.parts * x.padded);
    x.sum = dt_arena_reals(arena, x.parts * x.padded);
    x.own = dt_arena_reals(arena, x.parts * x.padded);
    dt_parallel_for(x.panels, columns_of_panel, &x);
    if (s->smooth > 0) mean_scores(&x, arena);
    dt_parallel_for(x.parts, forward_part, &x);
    dt_parallel_ranges(x.examples, DT_PANEL, finish, &x);
    dt_arena_rewind(arena, mark);
}

/* Turns the block's e into the gradients of the scores and adds them to those of the bias. */
static void score_gradients(const xent *x, int64_t b, real *block)
{
    const int64_t first = first_class(x, b), count = classes_of(x, b);
    vec total[DT_XENT_BLOCK] = {{0}};
    for (int64_t panel = 0; panel < x->panels; panel++, block += count * DT_PANEL) {
        const int64_t at = panel * DT_PANEL;
        vec factor[DT_PANEL_VECTORS], even[DT_PANEL_VECTORS];
        for (int v = 0; v < DT_PANEL_VECTORS; v++) {
            const vec weight = vec_load(x->weight + at + v * VL);
            factor[v] = weight * vec_load(x->factor + b * x->padded + at + v * VL);
            even[v] = weight * (x->s->smooth / (real)x->s->classes);
        }
        for (int64_t j = 0; j < count; j++)
            for (int v = 0; v < DT_PANEL_VECTORS; v++) {
                vec e = vec_load(block + j * DT_PANEL + v * VL) * factor[v] - even[v];
                vec_store(block + j * DT_PANEL + v * VL, e);
                total[j] += e;
            }
        for (int64_t i = at; i < at + DT_PANEL && i < x->examples; i++) {
            const int64_t label = x->labels[i] - first;
            if (label < 0 || label >= count) continue;
            const real own = x->weight[i] * (1 - x->s->smooth);
            block[label * DT_PANEL + i - at] -= own;
            total[label][i % VL] -= own;
        }
    }
    for (int64_t j = 0; x->d->bias && j < count; j++) x->d->bias[first + j] += vec_sum(total[j]);
}

static void backward_part(void *context, int64_t part)
{
    const xent *x = context;
    const int64_t in = x->s->in;
    for (int64_t b = part; b < x->blocks; b += x->parts) {
        const int64_t first = first_class(x, b), count = classes_of(x, b);
        real *e = x->e + first * x->padded, *dw = x->d->w ? x->d->w + first * in : NULL;
        score_gradients(x, b, e);
        const dt_rows_product weights = {.depth = x->padded,
                                         .columns = in,
                                         .a = e,
                                         .a_row = DT_PANEL,
                                         .a_step = 1,
                                         .chunk = DT_PANEL,
                                         .a_chunk = count * DT_PANEL,
                                         .packed = x->packed_x,
                                         .start = x->d->add_w ? dw : NULL,
                                         .start_row = in,
                                         .c = dw,
                                         .c_row = in};
        if (dw) dt_multiply_rows(&weights, count);
        if (!x->d->x) continue;
        for (int64_t panel = 0; panel < x->panels; panel++) {
            real *dx = x->dx + (part * x->panels + panel) * in * DT_PANEL;
            const dt_rows_product inputs = {.depth = count,
                                            .columns = DT_PANEL,
                                            .a = x->w + first * in,
                                            .a_row = 1,
                                            .a_step = in,
                                            .packed = e + panel * count * DT_PANEL,
                                            .start = b != part ? dx : NULL,
                                            .start_row = DT_PANEL,
                                            .c = dx,
                                            .c_row = DT_PANEL};
            dt_multiply_rows(&inputs, in);
        }
    }
}

/* Adds up the parts of dx for one panel. */
static void input_of_panel(void *context, int64_t panel)
{
    const xent *x = context;
    const int64_t in = x->s->in, n = x->s->n, size = x->panels * in * DT_PANEL;
    for (int64_t first = panel * DT_PANEL, count; (count = stretch(x, panel, first)) > 0; first += count)
        for (int64_t f = 0; f < in; f++) {
            const real *from = x->dx + (panel * in + f) * DT_PANEL + first % DT_PANEL;
            real *to = x->d->x + first / n * in * n + f * n + first % n;
            for (int64_t i = 0; i < count; i++) {
                real sum = x->d->add_x ? to[i] : 0;
                for (int64_t p = 0; p < x->parts; p++) sum += from[p * size + i];
                to[i] = sum;
            }
        }
}

/* The rows of x by panels of features; `i` is the step. */
static void pack_step(void *context, int64_t i)
{
    const xent *x = context;
    const int64_t in = x->s->in, n = x->s->n;
    real *packed = (real *)(uintptr_t)x->packed_x + i * n * DT_PANEL;
    for (int64_t panel = 0; dt_panel_start(in, panel) < in; panel++) {
        const int64_t first = dt_panel_start(in, panel), count = dt_panel_start(in, panel + 1) - first;
        dt_transpose(count, n, x->x + (i * in + first) * n, n, false, packed + panel * x->padded * DT_PANEL, DT_PANEL);
    }
}

void dt_cpu_linear_xent_backward(const dt_linear_xent_shape *s, const real *x_in, const real *w, const int32_t *labels,
                                 real *kept, const real *dloss, const dt_linear_xent_gradients *d, dt_arena *arena)
{
    const dt_arena_mark mark = dt_arena_tell(arena);
    xent x = {.s = s, .d = d, .x = x_in, .w = w, .labels = labels, .dloss = dloss};
    cut(&x);
    keep(&x, kept);
    x.weight = dt_arena_reals(arena, x.padded);
    for (int64_t i = 0; i < x.padded; i++) x.weight[i] = i < x.examples ? dloss[i] : 0;
    if (d->x) x.dx = dt_arena_reals(arena, x.parts * x.padded * s->in);
    if (d->w) {
        const int64_t count = dt_packed_reals(x.padded, s->in);
        real *packed_x = dt_arena_reals(arena, count);
        memset(packed_x, 0, (size_t)count * sizeof *packed_x);
        x.packed_x = packed_x;
        dt_parallel_for(s->steps, pack_step, &x);
    }
    dt_parallel_for(x.parts, backward_part, &x);
    if (d->x) dt_parallel_for(x.panels, input_of_panel, &x);
    dt_arena_rewind(arena, mark);
}
