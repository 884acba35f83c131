#include "backend/cpu/winograd.h"

#include "backend/cpu/tile.h"
#include "core/threads.h"

/* Channels x maps: the weights at all points fit half of an L2 cache of 2 MiB. What the transforms of one channel or
 * map cost, in multiplications with so many maps or channels. Measured: beside dy's, the gradient of the weights has
 * x's matrices to transpose. */
enum { MOST_WEIGHTS = 8192, TRANSFORM = 20, TRANSFORM_AND_TRANSPOSE = 30 };

/* Whether it takes fewer multiplications than the definition, with whole tiles. */
static bool pays(const dt_conv_shape *s, int64_t transform)
{
    if (s->stride != 1 || s->groups != 1 || s->kernel_h != s->kernel_w || (s->kernel_h != 3 && s->kernel_h != 5) ||
        s->n < VL || s->in_c * s->out_c > MOST_WEIGHTS)
        return false;
    const int64_t side = POINTS + 1 - s->kernel_h, tiles = pieces_of(s->out_h, side) * pieces_of(s->out_w, side);
    const int64_t products = s->in_c * s->out_c, transforms = transform * (s->in_c + s->out_c);
    return SQUARE * (products + transforms) * tiles < s->kernel_h * s->kernel_w * s->out_h * s->out_w * products;
}

bool dt_winograd_pays(const dt_conv_shape *s)
{
    return pays(s, TRANSFORM);
}

bool dt_winograd_pays_for_weights(const dt_conv_shape *s)
{
    return pays(s, TRANSFORM_AND_TRANSPOSE);
}

void dt_winograd_cut(plan *p)
{
    const int64_t fit = WORKING_SET / SQUARE / (p->channels + p->maps) / VL * VL, most = least(fit, MOST_COLUMNS);
    p->side = POINTS + 1 - p->h.kernel;
    p->across = pieces_of(p->w.out, p->side);
    p->tiles = p->across * pieces_of(p->h.out, p->side);
    p->chunk = p->n <= most ? p->n : pieces_of(pieces_of(p->n, pieces_of(p->n, most)), VL) * VL;
    p->chunks = pieces_of(p->n, p->chunk);
    p->batch = most > p->chunk ? most / p->chunk : 1;
    p->blocks = p->chunks * pieces_of(p->tiles, p->batch);
}

void dt_winograd_input(const plan *p, const block *b, const real *x, real *v)
{
    const int64_t plane = plane_of(p->channels, b->count);
    x += b->first;
    for (int64_t c = 0; c < p->channels; c++, x += p->h.in * p->w.in * p->n)
        for (int64_t t = 0; t < b->tiles; t++) {
            const window at = window_of(p, b, t, p->h.in, p->w.in, p->h.pad, POINTS);
            fetch_next(POINTS, p->side, &at, b->n, x);
            for (int64_t j = 0; j < b->n; j += VL) {
                const int64_t left = b->n - j;
                vec d[POINTS][POINTS];
                for (int k = 0; k < POINTS; k++) {
                    load_column(POINTS, &at, k, left, x + j, d[k]);
                    input_line(d[k]);
                }
                for (int i = 0; i < POINTS; i++) {
                    vec line[POINTS] = {d[0][i], d[1][i], d[2][i], d[3][i], d[4][i], d[5][i]};
                    input_line(line);
                    store_points(line, i, left, plane, v + c * b->count + t * b->n + j);
                }
            }
        }
}

/* Row i of the window = (itself or `start`) + line. */
static inline __attribute__((always_inline)) void store_row(const int size, const window *at, int64_t i, int64_t left,
                                                            const vec line[POINTS], bool add, real start, real *plane)
{
    VEC_UNROLL
    for (int k = 0; k < size; k++) {
        real *to = plane + offset_of(at, i, k);
        if (at->whole && left >= VL)
            vec_store(to, line[k] + (add ? vec_load(to) : vec_set(start)));
        else if (is_inside(at, i, k))
            vec_store_row(to, 0, left, line[k] + (add ? vec_load_row(to, 0, left) : vec_set(start)));
    }
}

/* y = (y or bias) + A' m A, m [SQUARE][maps][count] */
static inline __attribute__((always_inline)) void points_to_output(const int side, const plan *p, const block *b,
                                                                   const real *m, const real *bias, bool add, real *y)
{
    const int64_t plane = plane_of(p->maps, b->count);
    y += b->first;
    for (int64_t o = 0; o < p->maps; o++, y += p->h.out * p->w.out * p->n)
        for (int64_t t = 0; t < b->tiles; t++) {
            const window at = window_of(p, b, t, p->h.out, p->w.out, 0, side);
            const real start = bias ? bias[o] : 0;
            fetch_next(side, side, &at, b->n, y);
            for (int64_t j = 0; j < b->n; j += VL) {
                const int64_t left = b->n - j;
                const real *from = m + o * b->count + t * b->n + j;
                vec d[POINTS][POINTS];
                for (int k = 0; k < POINTS; k++) {
                    VEC_UNROLL
                    for (int i = 0; i < POINTS; i++) d[k][i] = vec_load_row(from + (i * POINTS + k) * plane, 0, left);
                    output_line(side, d[k]);
                }
                for (int i = 0; i < side; i++) {
                    vec line[POINTS] = {d[0][i], d[1][i], d[2][i], d[3][i], d[4][i], d[5][i]};
                    output_line(side, line);
                    store_row(side, &at, i, left, line, add, start, y + j);
                }
            }
        }
}

/* ---- y from x, and dx from dy */

typedef struct {
    plan p;
    dt_winograd_weights w;
    const real *x, *bias;
    real *y;
    bool add;
    real *u;       /* [SQUARE][maps][channels] = G w G' */
    real *scratch; /* [pieces][both] */
    int64_t pieces, both;
} correlation;

static inline __attribute__((always_inline)) void weights_to_points(const int taps, const correlation *c, int64_t o)
{
    const dt_winograd_weights *w = &c->w;
    const int64_t channels = c->p.channels, plane = plane_of(c->p.maps, channels);
    for (int64_t j = 0; j < channels; j += VL) {
        const int64_t lanes = least(VL, channels - j);
        vec g[POINTS][POINTS] = {{{0}}};
        for (int k = 0; k < taps; k++) {
            for (int i = 0; i < taps; i++)
                for (int64_t l = 0; l < lanes; l++)
                    g[k][i][l] = w->at[o * w->map + (j + l) * w->channel + i * w->row + k * w->tap];
            kernel_line(taps, g[k]);
        }
        for (int i = 0; i < POINTS; i++) {
            vec line[POINTS];
            VEC_UNROLL
            for (int k = 0; k < taps; k++) line[k] = g[k][i];
            kernel_line(taps, line);
            store_points(line, i, lanes, plane, c->u + o * channels + j);
        }
    }
}

static void weights_of_map(void *context, int64_t o)
{
    const correlation *c = context;
    c->p.h.kernel == 3 ? weights_to_points(3, c, o) : weights_to_points(5, c, o);
}

static void correlate_block(const correlation *c, int64_t i, real *v, real *m)
{
    const plan *p = &c->p;
    const block b = block_at(p, i);
    const int64_t from = plane_of(p->channels, b.count), to = plane_of(p->maps, b.count);
    dt_winograd_input(p, &b, c->x, v);
    const dt_tile_sum sum = {
        .loop = {{1, 0, 0}, {1, 0, 0}, {p->channels, b.count, 1}}, .w_map = p->channels, .y_map = b.count};
    for (int64_t k = 0; k < SQUARE; k++)
        dt_tile_run(&sum, p->maps, b.count, v + k * from, c->u + k * plane_of(p->maps, p->channels), NULL, m + k * to);
    p->side == 4 ? points_to_output(4, p, &b, m, c->bias, c->add, c->y)
                 : points_to_output(2, p, &b, m, c->bias, c->add, c->y);
}

static void correlate_piece(void *context, int64_t i)
{
    const correlation *c = context;
    real *v = c->scratch + i * c->both, *m = v + SQUARE * plane_of(c->p.channels, c->p.chunk * c->p.batch);
    for (int64_t k = i; k < c->p.blocks; k += c->pieces) correlate_block(c, k, v, m);
}

void dt_winograd_correlate(const dt_conv_axis *h, const dt_conv_axis *w, int64_t n, int64_t channels, int64_t maps,
                           const real *x, const dt_winograd_weights *weights, const real *bias, bool add, real *y,
                           dt_arena *arena)
{
    dt_arena_mark mark = dt_arena_tell(arena);
    correlation c = {.p = {.h = *h, .w = *w, .n = n, .channels = channels, .maps = maps},
                     .w = *weights,
                     .x = x,
                     .bias = bias,
                     .y = y,
                     .add = add};
    dt_winograd_cut(&c.p);
    const int64_t columns = c.p.chunk * c.p.batch;
    c.u = dt_arena_reals(arena, SQUARE * plane_of(maps, channels));
    c.pieces = least(dt_threads_free(true), c.p.blocks);
    c.both = SQUARE * (plane_of(channels, columns) + plane_of(maps, columns));
    c.scratch = dt_arena_reals(arena, c.pieces * c.both);
    dt_parallel_for(maps, weights_of_map, &c);
    dt_parallel_for(c.pieces, correlate_piece, &c);
    dt_arena_rewind(arena, mark);
}
