#include "backend/cpu/tile.h"

#include "backend/cpu/vec.h"

/* Maps and vectors in one tile: as many sums as the registers hold beside the operands, which is also more than the
 * eight that hide the latency of the multiply-adds. */
#if defined(__AVX512F__) || defined(__aarch64__)
enum { MAX_MAPS = 8 };
#define MAX_VECTORS(maps) ((maps) > 6 ? 3 : 4)
#define FOR_EACH_TILE(T) T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8)
#else
enum { MAX_MAPS = 4 };
#define MAX_VECTORS(maps) 3
#define FOR_EACH_TILE(T) T(1) T(2) T(3) T(4)
#endif

typedef void tile_kernel(const dt_tile_sum *s, int64_t part, const real *x, const real *w, const real *bias, real *y);

/* Inlined with constant MAPS and VECTORS. part = 0: full vectors; else VECTORS is 1 and only `part` elements of it
 * exist. */
static inline __attribute__((always_inline)) void tile(const int MAPS, const int VECTORS, const dt_tile_sum *s,
                                                       int64_t part, const real *x, const real *w, const real *bias,
                                                       real *y)
{
    const int64_t x_step = s->loop[2].x_step, w_step = s->loop[2].w_step, ahead_step = s->ahead_step;
    const int64_t w_map = s->w_map, y_map = s->y_map;
    vec sum[8][4];
    VEC_UNROLL
    for (int o = 0; o < MAPS; o++) {
        VEC_UNROLL
        for (int v = 0; v < VECTORS; v++) {
            const real *from = y + o * y_map + v * VL;
            if (s->add)
                sum[o][v] = part ? vec_load_part(from, part) : vec_load(from);
            else
                sum[o][v] = bias ? vec_set(bias[o]) : (vec){0};
        }
    }
    const dt_tile_loop *l = s->loop;
    const real *ahead = s->ahead;
    for (int64_t a = 0; a < l[0].count; a++)
        for (int64_t b = 0; b < l[1].count; b++) {
            const real *xp = x + a * l[0].x_step + b * l[1].x_step;
            const real *wp = w + a * l[0].w_step + b * l[1].w_step;
            for (int64_t c = l[2].count; c > 0; c--, xp += x_step, wp += w_step, ahead += ahead_step) {
                __builtin_prefetch(ahead, 0, 2);
                vec xv[4];
                VEC_UNROLL
                for (int v = 0; v < VECTORS; v++)
                    xv[v] = vec_keep(part ? vec_load_part(xp, part) : vec_load(xp + v * VL));
                VEC_UNROLL
                for (int o = 0; o < MAPS; o++) {
                    vec wv = vec_set(wp[o * w_map]);
                    VEC_UNROLL
                    for (int v = 0; v < VECTORS; v++) sum[o][v] += wv * xv[v];
                }
            }
        }
    VEC_UNROLL
    for (int o = 0; o < MAPS; o++) {
        VEC_UNROLL
        for (int v = 0; v < VECTORS; v++) {
            real *to = y + o * y_map + v * VL;
            if (part)
                vec_store_part(to, sum[o][v], part);
            else
                vec_store(to, sum[o][v]);
        }
    }
}

#define DEFINE(maps, vectors)                                                                             \
    static void tile_##maps##x##vectors(const dt_tile_sum *s, int64_t part, const real *x, const real *w, \
                                        const real *bias, real *y)                                        \
    {                                                                                                     \
        (void)part;                                                                                       \
        tile(maps, vectors < MAX_VECTORS(maps) ? vectors : MAX_VECTORS(maps), s, 0, x, w, bias, y);       \
    }
#define DEFINE_ALL(maps)                                                                                               \
    DEFINE(maps, 1)                                                                                                    \
    DEFINE(maps, 2)                                                                                                    \
    DEFINE(maps, 3)                                                                                                    \
    DEFINE(maps, 4)                                                                                                    \
    static void tile_##maps##_part(const dt_tile_sum *s, int64_t part, const real *x, const real *w, const real *bias, \
                                   real *y)                                                                            \
    {                                                                                                                  \
        tile(maps, 1, s, part, x, w, bias, y);                                                                         \
    }
FOR_EACH_TILE(DEFINE_ALL)

/* kernels[maps - 1][full vectors], or [0] for part of one vector. */
#define ENTRY(maps) {tile_##maps##_part, tile_##maps##x1, tile_##maps##x2, tile_##maps##x3, tile_##maps##x4},
static tile_kernel *const kernels[MAX_MAPS][5] = {FOR_EACH_TILE(ENTRY)};

/* Cuts `total` into the fewest pieces of at most `most`, evenly: the size of the piece that starts with `left` to go.
 */
static int64_t piece(int64_t left, int64_t most)
{
    int64_t pieces = (left + most - 1) / most;
    return (left + pieces - 1) / pieces;
}

void dt_tile_run(const dt_tile_sum *s, int64_t maps, int64_t run, const real *x, const real *w, const real *bias,
                 real *y)
{
    const int64_t most_maps = piece(maps, MAX_MAPS), most_vectors = MAX_VECTORS(most_maps);
    for (int64_t j = 0; j < run;) {
        const int64_t vectors = run - j >= VL ? piece((run - j) / VL, most_vectors) : 0, part = run - j;
        for (int64_t o = 0; o < maps;) {
            int64_t size = piece(maps - o, most_maps);
            kernels[size - 1][vectors](s, part, x + j, w + o * s->w_map, bias ? bias + o : NULL, y + o * s->y_map + j);
            o += size;
        }
        j += vectors ? vectors * VL : part;
    }
}
