/* Convolutions with 3 x 3 and 5 x 5 kernels by Winograd's minimal filtering (Lavin & Gray 2016, "Fast algorithms for
 * convolutional neural networks"), where channels and maps are many.
 *
 * Along one axis, `side` outputs of a kernel of r = 7 - side taps are the product of two polynomials, which is found
 * from its values at the POINTS 0, 1, -1, 2, -2 and infinity: 6 multiplications instead of side r. In the plane that is
 * 36 for 16 outputs of a 3 x 3 kernel (144 by its definition) or for 4 of a 5 x 5 one (100). With B, G and A as there,
 *
 *     y tile = A' [ sum over channels of (G w G') * (B' x B) ] A,      * element by element,
 *
 * which is 36 matrix products [maps,channels] x [channels,tiles and examples]. The gradient with respect to the weights
 * is the same with dy in the kernel's place, now `side` long, and r outputs (B depends on the points alone):
 *
 *     dw = A' [ sum over tiles and examples of (G dy G') * (B' x B) ] A.
 *
 * Transforms run along the examples, so each of their steps is one of whole vectors. Private to backend/cpu. */
#ifndef DT_BACKEND_CPU_WINOGRAD_H
#define DT_BACKEND_CPU_WINOGRAD_H

#include "backend/cpu/conv.h"
#include "backend/cpu/cut.h"
#include "backend/cpu/vec.h"

enum {
    POINTS = 6,
    SQUARE = POINTS * POINTS,
    WORKING_SET = (1 << 20) / (int)sizeof(real), /* of one block, in the L2 cache */
    MOST_COLUMNS = 16 * VL
};

/* ---- the transforms of one line of six, in place */

/* B' d */
static inline __attribute__((always_inline)) void input_line(vec d[POINTS])
{
    const vec even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], even2 = d[4] - d[2], odd2 = 2 * (d[3] - d[1]);
    const vec zero = 4 * d[0] - 5 * d[2] + d[4], infinity = 4 * d[1] - 5 * d[3] + d[5];
    d[0] = zero;
    d[1] = even + odd;
    d[2] = even - odd;
    d[3] = even2 + odd2;
    d[4] = even2 - odd2;
    d[5] = infinity;
}

/* G g: the values of the polynomial with `taps` coefficients, over the points' weights. */
static inline __attribute__((always_inline)) void kernel_line(const int taps, vec g[POINTS])
{
    const vec g2 = taps > 2 ? g[2] : vec_set(0), g3 = taps > 3 ? g[3] : vec_set(0), g4 = taps > 4 ? g[4] : vec_set(0);
    const vec even = g[0] + g2 + g4, odd = g[1] + g3, even2 = g[0] + 4 * g2 + 16 * g4, odd2 = 2 * g[1] + 8 * g3;
    const real one = (real)-1 / 6, two = (real)1 / 24;
    g[5] = g[taps - 1];
    g[0] = (real)0.25 * g[0];
    g[1] = one * (even + odd);
    g[2] = one * (even - odd);
    g[3] = two * (even2 + odd2);
    g[4] = two * (even2 - odd2);
}

/* A' m */
static inline __attribute__((always_inline)) void output_line(const int outputs, vec m[POINTS])
{
    const vec even = m[1] + m[2], odd = m[1] - m[2], even2 = m[3] + m[4], odd2 = m[3] - m[4];
    const vec infinity = m[5];
    m[0] = m[0] + even + even2;
    m[1] = odd + 2 * odd2;
    if (outputs > 2) m[2] = even + 4 * even2;
    if (outputs > 3) m[3] = odd + 8 * odd2;
    if (outputs > 4) m[4] = even + 16 * even2;
    m[outputs - 1] += infinity;
}

/* ---- the plane, cut into tiles, and the tiles and examples into blocks that stay in the L2 cache */

typedef struct {
    dt_conv_axis h, w;
    int64_t n, channels, maps;
    int64_t side, across, tiles;          /* outputs along a tile; tiles in a row, and in all */
    int64_t chunk, chunks, batch, blocks; /* examples in a block, such parts of n, tiles in a block; blocks in all */
} plan;

/* One block: `count` columns, which are its tiles' examples, tile by tile. */
typedef struct {
    int64_t tile, tiles, first, n, count;
} block;

/* Fills in the rest of a plan with axes, n, channels and maps. */
void dt_winograd_cut(plan *p);

static inline block block_at(const plan *p, int64_t i)
{
    block b = {.tile = i / p->chunks * p->batch, .first = i % p->chunks * p->chunk};
    b.tiles = least(p->batch, p->tiles - b.tile);
    b.n = least(p->chunk, p->n - b.first);
    b.count = b.tiles * b.n;
    return b;
}

/* From one point's matrix [rows,count] to the next: a line more, so that they do not all fall into the same sets of the
 * L1 cache. */
static inline int64_t plane_of(int64_t rows, int64_t count)
{
    return rows * count + VL;
}

/* Places of a plane [height,width,n] from (top, left) on, which may lie beyond its edges. `whole`: `size` x `size` of
 * them lie inside. */
typedef struct {
    int64_t top, left, height, width, n;
    bool whole;
} window;

/* Tile t of the block in a plane of these inputs or outputs, `pad` before its place. */
static inline window window_of(const plan *p, const block *b, int64_t t, int64_t height, int64_t width, int64_t pad,
                               int64_t size)
{
    const int64_t row = (b->tile + t) / p->across, column = (b->tile + t) % p->across;
    window at = {row * p->side - pad, column * p->side - pad, height, width, p->n, false};
    at.whole = at.top >= 0 && at.left >= 0 && at.top + size <= height && at.left + size <= width;
    return at;
}

static inline bool is_inside(const window *at, int64_t i, int64_t k)
{
    return at->top + i >= 0 && at->top + i < at->height && at->left + k >= 0 && at->left + k < at->width;
}

static inline int64_t offset_of(const window *at, int64_t i, int64_t k)
{
    return ((at->top + i) * at->width + at->left + k) * at->n;
}

/* line[i] = `left` examples of the window's column k, 0 beyond the edges. */
static inline __attribute__((always_inline)) void load_column(const int size, const window *at, int64_t k, int64_t left,
                                                              const real *plane, vec line[POINTS])
{
    VEC_UNROLL
    for (int i = 0; i < size; i++) {
        if (at->whole && left >= VL)
            line[i] = vec_load(plane + offset_of(at, i, k));
        else
            line[i] = is_inside(at, i, k) ? vec_load_row(plane + offset_of(at, i, k), 0, left) : vec_set(0);
    }
}

/* Row i of a square of points, to or from matrices that lie `plane` apart. */
static inline __attribute__((always_inline)) void store_points(const vec line[POINTS], int i, int64_t left,
                                                               int64_t plane, real *to)
{
    VEC_UNROLL
    for (int k = 0; k < POINTS; k++) vec_store_row(to + (i * POINTS + k) * plane, 0, left, line[k]);
}

/* Fetches the same window of the next plane into the L2 cache, line after line, which the processor's own fetching
 * then follows: the transforms jump too much for it. */
static inline __attribute__((always_inline)) void fetch_next(const int64_t size, int64_t side, const window *at,
                                                             int64_t n, const real *plane)
{
    const real *next = plane + at->height * at->width * at->n;
    for (int64_t i = 0; i < size; i++)
        for (int64_t k = size - side; k < size; k++)
            for (int64_t j = 0; j < n; j += VL) __builtin_prefetch(next + offset_of(at, i, k) + j, 0, 2);
}

/* v [SQUARE][channels][count] = B' x B */
void dt_winograd_input(const plan *p, const block *b, const real *x, real *v);

#endif
