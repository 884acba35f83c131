#include "backend/cpu/rows.h"
#include "backend/cpu/cut.h"

#include "backend/cpu/transpose.h"
#include "core/threads.h"

/* Rows in a tile: as many as leave registers for the operands, with a whole panel or with less. */
#define MOST_ROWS(vectors) (VEC_REGISTERS == 32 && (vectors) < DT_PANEL_VECTORS ? 8 : 6)

typedef void tile_kernel(const dt_rows_product *p, const real *panel, const real *a, const real *start, real *c,
                         int64_t last);

/* ROWS x VECTORS registers of c, the last one of each row with `last` numbers. What lies beyond the columns in a panel
 * is computed and not stored. Inlined with constant ROWS and VECTORS. */
static inline __attribute__((always_inline)) void tile(const int ROWS, const int VECTORS, const dt_rows_product *p,
                                                       const real *panel, const real *a, const real *start, real *c,
                                                       int64_t last)
{
    const int64_t a_row = p->a_row, a_step = p->a_step, c_row = p->c_row, start_row = p->start_row;
    vec sum[8][4];
    VEC_UNROLL
    for (int r = 0; r < ROWS; r++) {
        VEC_UNROLL
        for (int v = 0; v < VECTORS; v++)
            sum[r][v] = !start            ? (vec){0}
                        : v < VECTORS - 1 ? vec_load(start + r * start_row + v * VL)
                                          : vec_load_row(start + r * start_row + v * VL, 0, last);
    }
    const int64_t chunk = p->chunk ? p->chunk : p->depth;
    for (int64_t from = 0; from < p->depth; from += chunk, a += p->a_chunk) {
        const real *x = a;
        for (int64_t l = 0; l < chunk; l++, panel += DT_PANEL, x += a_step) {
            vec b[4];
            VEC_UNROLL
            for (int v = 0; v < VECTORS; v++) b[v] = vec_keep(vec_load(panel + v * VL));
            VEC_UNROLL
            for (int r = 0; r < ROWS; r++) {
                vec ar = vec_set(x[r * a_row]);
                VEC_UNROLL
                for (int v = 0; v < VECTORS; v++) sum[r][v] += ar * b[v];
            }
        }
    }
    VEC_UNROLL
    for (int r = 0; r < ROWS; r++) {
        VEC_UNROLL
        for (int v = 0; v < VECTORS - 1; v++) vec_store(c + r * c_row + v * VL, sum[r][v]);
        vec_store_row(c + r * c_row + (VECTORS - 1) * VL, 0, last, sum[r][VECTORS - 1]);
    }
}

#define DEFINE(rows, vectors)                                                                                          \
    static void tile_##rows##x##vectors(const dt_rows_product *p, const real *panel, const real *a, const real *start, \
                                        real *c, int64_t last)                                                         \
    {                                                                                                                  \
        tile(rows <= MOST_ROWS(vectors) ? rows : 1, vectors <= DT_PANEL_VECTORS ? vectors : 1, p, panel, a, start, c,  \
             last);                                                                                                    \
    }
#define DEFINE_ALL(rows) DEFINE(rows, 1) DEFINE(rows, 2) DEFINE(rows, 3) DEFINE(rows, 4)
#define FOR_EACH_TILE(T) T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8)
FOR_EACH_TILE(DEFINE_ALL)
#define ENTRY(rows) {tile_##rows##x1, tile_##rows##x2, tile_##rows##x3, tile_##rows##x4},
static tile_kernel *const kernels[8][4] = {FOR_EACH_TILE(ENTRY)}; /* [rows - 1][vectors - 1] */

int64_t dt_packed_reals(int64_t depth, int64_t columns)
{
    return pieces_of(columns, DT_PANEL) * depth * DT_PANEL;
}

int64_t dt_panel_start(int64_t columns, int64_t panel)
{
    const int64_t panels = pieces_of(columns, DT_PANEL), vectors = pieces_of(columns, VL);
    return panel >= panels ? columns : vectors * panel / panels * VL;
}

typedef struct {
    bool transpose;
    int64_t depth, columns, w_row;
    const real *w;
    real *packed;
} packing;

static void pack_panel(void *context, int64_t i)
{
    const packing *p = context;
    const int64_t first = dt_panel_start(p->columns, i), columns = dt_panel_start(p->columns, i + 1) - first;
    const int64_t beyond = pieces_of(columns, VL) * VL - columns;
    real *panel = p->packed + i * p->depth * DT_PANEL;
    if (p->transpose) dt_transpose(columns, p->depth, p->w + first * p->w_row, p->w_row, false, panel, DT_PANEL);
    for (int64_t l = 0; l < p->depth && (!p->transpose || beyond); l++) {
        real *to = panel + l * DT_PANEL;
        if (!p->transpose) memcpy(to, p->w + l * p->w_row + first, (size_t)columns * sizeof(real));
        if (beyond) memset(to + columns, 0, (size_t)beyond * sizeof(real));
    }
}

void dt_pack(bool transpose, int64_t depth, int64_t columns, const real *w, int64_t w_row, real *packed)
{
    packing p = {transpose, depth, columns, w_row, w, packed};
    dt_parallel_for(pieces_of(columns, DT_PANEL), pack_panel, &p);
}

void dt_multiply_rows(const dt_rows_product *p, int64_t rows)
{
    const int64_t panels = pieces_of(p->columns, DT_PANEL);
    for (int64_t i = 0; i < panels; i++) {
        const int64_t first = dt_panel_start(p->columns, i), columns = dt_panel_start(p->columns, i + 1) - first;
        const int64_t vectors = pieces_of(columns, VL), last = columns - (vectors - 1) * VL;
        const real *panel = p->packed + i * p->depth * DT_PANEL;
        int64_t pieces = pieces_of(rows, MOST_ROWS(vectors));
        for (int64_t r = 0; r < rows; pieces--) {
            const int64_t count = pieces_of(rows - r, pieces);
            kernels[count - 1][vectors - 1](p, panel, p->a + r * p->a_row,
                                            p->start ? p->start + r * p->start_row + first : NULL,
                                            p->c + r * p->c_row + first, last);
            r += count;
        }
    }
}
