#include "backend/cpu/cut.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/tile.h"
#include "backend/cpu/transpose.h"
#include "core/error.h"
#include "core/threads.h"

/* c is cut into pieces of some rows by some panels of PANEL columns. Within a piece the sum over k goes in steps of at
 * most DEPTH, for each of which the panel's part of b is copied to [DEPTH][PANEL], so that it stays in the L1 cache
 * while all rows of a pass by. a is read where it lies, one number at a time, unless it is transposed and large: then
 * the piece's part is copied too, as it lies, [DEPTH][rows]. (The scheme of Goto and van de Geijn 2008, "Anatomy of
 * high-performance matrix multiplication".)
 *
 * Against OpenBLAS 0.3.21 with its AVX-512 kernels, one thread, float: the products of small batches (LeNet-5's, n =
 * 32) are 0.9 to 1.7 times as fast, its two smallest weight gradients 0.75 and 0.9; an 800-unit layer at n = 128
 * is 1.05 to 1.1 times as fast; square matrices from 256 up 0.75 to 1.0. It is our own all
 * the same: OpenBLAS takes SSE kernels without a word on a processor newer than its release (measured: 5 times slower),
 * and whether it starts threads of its own depends on which of its variants is installed. */
enum {
    PANEL = 3 * VL,
    DEPTH = 160,     /* a multiple of VL */
    STRIP = 8,       /* rows of a tile */
    MOST_ROWS = 960, /* of a by DEPTH: a good half of an L2 cache of 1 MiB */
    MOST_PACKED_ROWS = 400,
    LEAST_ROWS = 32,
    FEW_ROWS = 200,
    WORTH_WAKING = 1 << 20,                 /* multiplications that take longer than a sleeping thread takes to begin */
    SMALL_B = 24576 / (int)sizeof(real),    /* an operand that fits the L1 cache as it is */
    LARGE_A = (2 << 20) / (int)sizeof(real) /* one that does not fit the L2 cache */
};

typedef struct {
    bool transpose_a, transpose_b, add, pack_a, pack_b;
    int64_t m, n, k, rows, columns, groups; /* rows, columns: of c in one piece; groups: pieces side by side */
    int64_t a_row, a_step;                  /* strides of op(a) along m and along k */
    const real *a, *b;
    real *c;
} product;

/* to[l][i] = from[i][l] for i < columns, l < depth, both at most VL; what lies beyond in `to`, up to VL, is
 * overwritten. `stride` is between the rows of `from`, PANEL between those of `to`. */
static void transpose_block(const real *from, int64_t stride, int64_t columns, int64_t depth, real *to)
{
#ifdef VEC_HAS_SHUFFLE
    vec r[VL];
    if (columns >= VL && depth >= VL) VEC_UNROLL
    for (int i = 0; i < VL; i++) r[i] = vec_load(from + i * stride);
    else for (int i = 0; i < VL; i++) r[i] = i >= columns ? (vec){0}
                                             : depth < VL ? vec_load_part(from + i * stride, depth)
                                                          : vec_load(from + i * stride);
    vec_transpose(r);
    VEC_UNROLL
    for (int i = 0; i < VL; i++) vec_store(to + i * PANEL, r[i]);
#else
    for (int64_t l = 0; l < depth; l++)
        for (int64_t i = 0; i < columns; i++) to[l * PANEL + i] = from[i * stride + l];
#endif
}

/* panel[l][j] = op(b)[first_k + l][first_j + j] */
static void pack_panel(const product *p, int64_t first_k, int64_t depth, int64_t first_j, int64_t columns, real *panel)
{
    if (p->transpose_b) {
        const real *b = p->b + first_j * p->k + first_k;
        for (int64_t j = 0; j < columns; j += VL)
            for (int64_t l = 0; l < depth; l += VL)
                transpose_block(b + j * p->k + l, p->k, least(columns - j, VL), least(depth - l, VL),
                                panel + l * PANEL + j);
    } else {
        const real *b = p->b + first_k * p->n + first_j;
        for (int64_t l = 0; l < depth; l++, b += p->n, panel += PANEL) {
            int64_t j = 0;
            for (; j + VL <= columns; j += VL) vec_store(panel + j, vec_load(b + j));
            if (j < columns) vec_store(panel + j, vec_load_part(b + j, columns - j));
        }
    }
}

/* block[l][i] = a[first_k + l][first_row + i] */
static void pack_block(const product *p, int64_t first_k, int64_t depth, int64_t first_row, int64_t rows, real *block)
{
    const real *a = p->a + first_k * p->m + first_row;
    for (int64_t l = 0; l < depth; l++, a += p->m, block += p->rows) memcpy(block, a, (size_t)rows * sizeof(real));
}

/* c[row ..][column ..] = or += the sum over k in first_k .. first_k + depth - 1, for one panel. */
static void multiply_panel(const product *p, int64_t first_k, int64_t depth, int64_t row, int64_t rows, int64_t column,
                           int64_t columns, const real *block)
{
    _Alignas(64) real panel[DEPTH * PANEL];
    const real *b = p->b + first_k * p->n + column;
    if (p->pack_b) {
        pack_panel(p, first_k, depth, column, columns, panel);
        b = panel;
    }
    dt_tile_sum sum = {
        .loop = {{1, 0, 0}, {1, 0, 0}, {depth, p->pack_b ? PANEL : p->n, p->pack_a ? p->rows : p->a_step}},
        .w_map = p->a_row,
        .y_map = p->n,
        .add = p->add || first_k > 0};
    const real *a = p->pack_a ? block : p->a + row * p->a_row + first_k * p->a_step;
    real *c = p->c + row * p->n + column;
    if (!p->pack_a || column > 0 || first_k + depth >= p->k) {
        dt_tile_run(&sum, rows, columns, b, a, NULL, c);
    } else {
        /* The lines that are copied next are fetched in the meantime, column by column: two strips are one line. */
        for (int64_t i = 0; i < rows; i += STRIP) {
            const bool fetch = i % (int64_t)(64 / sizeof(real)) == 0;
            sum.ahead = fetch ? p->a + (first_k + depth) * p->m + row + i : NULL;
            sum.ahead_step = fetch ? p->m : 0;
            dt_tile_run(&sum, least(rows - i, STRIP), columns, b, a + i, NULL, c + i * p->n);
        }
    }
}

static void multiply_piece(void *context, int64_t i)
{
    const product *p = context;
    _Alignas(64) real block[DEPTH * MOST_PACKED_ROWS];
    const int64_t row = i / p->groups * p->rows, rows = least(p->m - row, p->rows);
    const int64_t column = i % p->groups * p->columns, end = least(p->n, column + p->columns);
    const int64_t depth = pieces_of(p->k, pieces_of(p->k, DEPTH));
    for (int64_t l = 0; l < p->k; l += depth) {
        const int64_t count = least(p->k - l, depth);
        if (p->pack_a) pack_block(p, l, count, row, rows, block);
        for (int64_t j = column; j < end; j += PANEL)
            multiply_panel(p, l, count, row, rows, j, least(end - j, PANEL), block);
    }
}

/* As few parts of rows as there are threads, because each copies the panels of b anew; as many groups of columns as
 * let the threads end together, unless each would copy a anew. Where rows are few, a copy of a transposed b costs so
 * much beside the product that the threads share columns only. */
static void cut(product *p)
{
    const int64_t threads = dt_threads_free(p->m * p->n * p->k >= WORTH_WAKING);
    const int64_t panels = pieces_of(p->n, PANEL), most_parts = pieces_of(p->m, LEAST_ROWS);
    int64_t parts = pieces_of(p->m, p->pack_a ? MOST_PACKED_ROWS : MOST_ROWS);
    const bool share_columns = p->transpose_b && !p->pack_a && p->m <= FEW_ROWS && panels > threads;
    if (parts < threads && !share_columns) parts = least(threads, most_parts);
    p->groups = p->pack_a || threads == 1 ? 1 : least(panels, pieces_of(8 * threads, parts));
    p->rows = pieces_of(p->m, parts);
    if (p->pack_a) p->rows = pieces_of(p->rows, STRIP) * STRIP;
    p->columns = pieces_of(panels, p->groups) * PANEL;
    p->groups = pieces_of(p->n, p->columns);
}

/* y[r] = (beta y[r]) + sum over j of matrix[r][j] x[j] */
typedef struct {
    int64_t rows, columns;
    const real *matrix, *x;
    real *y;
    bool add;
} row_products;

static void multiply_rows(void *context, int64_t i)
{
    const row_products *p = context;
    const int64_t end = (i + 1) * LEAST_ROWS < p->rows ? (i + 1) * LEAST_ROWS : p->rows;
    for (int64_t r = i * LEAST_ROWS; r < end; r++) {
        const real *row = p->matrix + r * p->columns;
        vec sum[4] = {{0}};
        int64_t j = 0;
        for (; j + 4 * VL <= p->columns; j += 4 * VL)
            for (int v = 0; v < 4; v++) sum[v] += vec_load(row + j + v * VL) * vec_load(p->x + j + v * VL);
        for (; j + VL <= p->columns; j += VL) sum[0] += vec_load(row + j) * vec_load(p->x + j);
        if (j < p->columns) sum[1] += vec_load_part(row + j, p->columns - j) * vec_load_part(p->x + j, p->columns - j);
        p->y[r] = (p->add ? p->y[r] : 0) + vec_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
    }
}

void dt_cpu_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const real *a, const real *b,
                 real beta, real *c)
{
    DT_REQUIRE(m > 0 && n > 0 && k > 0, "gemm: %lld x %lld x %lld, all must be positive", (long long)m, (long long)n,
               (long long)k);
    const bool add = beta != 0;
    if (n == 1 && transpose_a) { /* c' = b' a, so that the runs are rows of a */
        dt_cpu_gemm(false, false, 1, m, k, b, a, beta, c);
    } else if (n == 1 || (m == 1 && transpose_b)) {
        row_products p = {n == 1 ? m : n, k, n == 1 ? a : b, n == 1 ? b : a, c, add};
        dt_parallel_for(pieces_of(p.rows, LEAST_ROWS), multiply_rows, &p);
    } else {
        product p = {.transpose_a = transpose_a,
                     .transpose_b = transpose_b,
                     .add = add,
                     .m = m,
                     .n = n,
                     .k = k,
                     .a_row = transpose_a ? 1 : k,
                     .a_step = transpose_a ? m : 1,
                     .a = a,
                     .b = b,
                     .c = c};
        p.pack_a = transpose_a && n > PANEL && m * k > LARGE_A;
        p.pack_b = transpose_b || (n > 4 * VL && k * n > SMALL_B && m > 2 * STRIP);
        cut(&p);
        dt_parallel_for(p.groups * pieces_of(m, p.rows), multiply_piece, &p);
    }
}
