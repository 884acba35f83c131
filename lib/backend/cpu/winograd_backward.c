#include "backend/cpu/kernels.h"
#include "backend/cpu/winograd.h"
#include "core/threads.h"

/* Columns, at least, whose gradients are summed before they are added to others'. */
enum { PART = 256 };

/* v [SQUARE][maps][count] = G dy G' */
static inline __attribute__((always_inline)) void gradient_to_points(const int side, const plan *p, const block *b,
                                                                     const real *dy, real *v)
{
    const int64_t plane = plane_of(p->maps, b->count);
    dy += b->first;
    for (int64_t o = 0; o < p->maps; o++, dy += p->h.out * p->w.out * p->n)
        for (int64_t t = 0; t < b->tiles; t++) {
            const window at = window_of(p, b, t, p->h.out, p->w.out, 0, side);
            fetch_next(side, side, &at, b->n, dy);
            for (int64_t j = 0; j < b->n; j += VL) {
                const int64_t left = b->n - j;
                vec d[POINTS][POINTS];
                for (int k = 0; k < side; k++) {
                    load_column(side, &at, k, left, dy + j, d[k]);
                    kernel_line(side, d[k]);
                }
                for (int i = 0; i < POINTS; i++) {
                    vec line[POINTS];
                    VEC_UNROLL
                    for (int k = 0; k < side; k++) line[k] = d[k][i];
                    kernel_line(side, line);
                    store_points(line, i, left, plane, v + o * b->count + t * b->n + j);
                }
            }
        }
}

typedef struct {
    plan p;
    const real *x, *dy;
    real *dw;
    real *sums; /* [parts][SQUARE][maps][channels] */
    real *scratch;
    int64_t parts, blocks, pieces, both; /* `blocks` in one part */
} weight_gradient;

static void add_block(const weight_gradient *g, int64_t i, real *v, real *m, bool add, real *sum)
{
    const plan *p = &g->p;
    const block b = block_at(p, i);
    dt_winograd_input(p, &b, g->x, v);
    p->side == 4 ? gradient_to_points(4, p, &b, g->dy, m) : gradient_to_points(2, p, &b, g->dy, m);
    for (int64_t k = 0; k < SQUARE; k++)
        dt_cpu_gemm(false, true, p->maps, p->channels, b.count, m + k * plane_of(p->maps, b.count),
                    v + k * plane_of(p->channels, b.count), add, sum + k * p->maps * p->channels);
}

static void gradient_piece(void *context, int64_t i)
{
    const weight_gradient *g = context;
    real *v = g->scratch + i * g->both, *m = v + SQUARE * plane_of(g->p.channels, g->p.chunk * g->p.batch);
    for (int64_t part = i; part < g->parts; part += g->pieces) {
        const int64_t first = part * g->blocks, end = least(first + g->blocks, g->p.blocks);
        for (int64_t k = first; k < end; k++)
            add_block(g, k, v, m, k > first, g->sums + part * SQUARE * g->p.maps * g->p.channels);
    }
}

static inline __attribute__((always_inline)) void points_to_weights(const int taps, const weight_gradient *g, int64_t o)
{
    const int64_t channels = g->p.channels, plane = g->p.maps * channels;
    real *dw = g->dw + o * channels * taps * taps;
    for (int64_t j = 0; j < channels; j += VL) {
        const int64_t lanes = least(VL, channels - j);
        vec m[POINTS][POINTS] = {{{0}}};
        for (int k = 0; k < POINTS; k++) {
            for (int64_t part = 0; part < g->parts; part++)
                for (int i = 0; i < POINTS; i++)
                    m[k][i] +=
                        vec_load_row(g->sums + (part * SQUARE + i * POINTS + k) * plane + o * channels + j, 0, lanes);
            output_line(taps, m[k]);
        }
        for (int i = 0; i < taps; i++) {
            vec line[POINTS] = {m[0][i], m[1][i], m[2][i], m[3][i], m[4][i], m[5][i]};
            output_line(taps, line);
            for (int k = 0; k < taps; k++)
                for (int64_t l = 0; l < lanes; l++) dw[((j + l) * taps + i) * taps + k] += line[k][l];
        }
    }
}

static void gradient_of_map(void *context, int64_t o)
{
    const weight_gradient *g = context;
    g->p.h.kernel == 3 ? points_to_weights(3, g, o) : points_to_weights(5, g, o);
}

void dt_winograd_backward_weights(const dt_conv_shape *s, const real *x, const real *dy, real *dw, dt_arena *arena)
{
    dt_arena_mark mark = dt_arena_tell(arena);
    weight_gradient g = {.p = {.h = {s->out_h, s->in_h, s->kernel_h, s->pad, 1},
                               .w = {s->out_w, s->in_w, s->kernel_w, s->pad, 1},
                               .n = s->n,
                               .channels = s->in_c,
                               .maps = s->out_c},
                         .x = x,
                         .dy = dy,
                         .dw = dw};
    dt_winograd_cut(&g.p);
    const int64_t columns = g.p.chunk * g.p.batch;
    g.blocks = pieces_of(PART, columns);
    g.parts = pieces_of(g.p.blocks, g.blocks);
    g.pieces = least(dt_threads_free(true), g.parts);
    g.both = SQUARE * (plane_of(s->in_c, columns) + plane_of(s->out_c, columns));
    g.sums = dt_arena_reals(arena, g.parts * SQUARE * s->out_c * s->in_c);
    g.scratch = dt_arena_reals(arena, g.pieces * g.both);
    dt_parallel_for(g.pieces, gradient_piece, &g);
    dt_parallel_for(s->out_c, gradient_of_map, &g);
    dt_arena_rewind(arena, mark);
}
