#include "backend/cpu/cells.h"

#include "backend/cpu/vecmath.h"

/* The functions below are inlined with a constant cell, so that the loops do not choose. */
#define INLINE static inline __attribute__((always_inline))

INLINE void simple_forward(dt_cell cell, const dt_cell_row *r)
{
    const int64_t n = r->hidden;
    for (int64_t j = 0; j < n; j += VL) {
        vec a = vec_load_row(r->gates, j, n);
        vec h = cell == DT_CELL_TANH      ? vec_tanh(a)
                : cell == DT_CELL_SIGMOID ? vec_sigmoid(a)
                                          : vec_select(a <= 0, vec_set(0), a); /* in this order a NaN stays one */
        vec_store_row(r->h, j, n, h);
    }
}

INLINE void simple_backward(dt_cell cell, const dt_cell_row *r)
{
    const int64_t n = r->hidden;
    for (int64_t j = 0; j < n; j += VL) {
        vec h = vec_load_row(r->h, j, n), d = vec_load_row(r->dh, j, n);
        vec slope = cell == DT_CELL_TANH      ? 1 - h * h
                    : cell == DT_CELL_SIGMOID ? h * (1 - h)
                                              : vec_select(h > 0, vec_set(1), vec_set(0));
        vec_store_row(r->d_input, j, n, d * slope);
    }
}

static void lstm_forward(const dt_cell_row *r)
{
    const int64_t n = r->hidden;
    real *i_row = r->gates, *f_row = i_row + n, *o_row = f_row + n, *g_row = o_row + n;
    for (int64_t j = 0; j < n; j += VL) {
        vec i = vec_sigmoid(vec_load_row(i_row, j, n)), f = vec_sigmoid(vec_load_row(f_row, j, n));
        vec o = vec_sigmoid(vec_load_row(o_row, j, n)), g = vec_tanh(vec_load_row(g_row, j, n));
        vec c = f * vec_load_row(r->c_before, j, n) + i * g;
        vec_store_row(i_row, j, n, i);
        vec_store_row(f_row, j, n, f);
        vec_store_row(o_row, j, n, o);
        vec_store_row(g_row, j, n, g);
        vec_store_row(r->c, j, n, c);
        vec_store_row(r->h, j, n, o * vec_tanh(c));
    }
}

static void lstm_backward(const dt_cell_row *r)
{
    const int64_t n = r->hidden;
    real *i_row = r->gates, *f_row = i_row + n, *o_row = f_row + n, *g_row = o_row + n;
    for (int64_t j = 0; j < n; j += VL) {
        vec i = vec_load_row(i_row, j, n), f = vec_load_row(f_row, j, n);
        vec o = vec_load_row(o_row, j, n), g = vec_load_row(g_row, j, n);
        vec t = vec_tanh(vec_load_row(r->c, j, n)), dh = vec_load_row(r->dh, j, n);
        vec dc = vec_load_row(r->dc, j, n) + dh * o * (1 - t * t);
        vec_store_row(i_row, j, n, dc * g * i * (1 - i));
        vec_store_row(f_row, j, n, dc * vec_load_row(r->c_before, j, n) * f * (1 - f));
        vec_store_row(o_row, j, n, dh * t * o * (1 - o));
        vec_store_row(g_row, j, n, dc * i * (1 - g * g));
        vec_store_row(r->dc, j, n, dc * f);
    }
}

static void gru_forward(const dt_cell_row *row)
{
    const int64_t size = row->hidden;
    real *r_row = row->gates, *z_row = r_row + size, *n_row = z_row + 2 * size;
    const real *q_row = z_row + size;
    for (int64_t j = 0; j < size; j += VL) {
        vec r = vec_sigmoid(vec_load_row(r_row, j, size)), z = vec_sigmoid(vec_load_row(z_row, j, size));
        vec n = vec_tanh(vec_load_row(n_row, j, size) + r * vec_load_row(q_row, j, size));
        vec_store_row(r_row, j, size, r);
        vec_store_row(z_row, j, size, z);
        vec_store_row(n_row, j, size, n);
        vec_store_row(row->h, j, size, n + z * (vec_load_row(row->h_before, j, size) - n));
    }
}

static void gru_backward(const dt_cell_row *row)
{
    const int64_t size = row->hidden;
    const real *r_row = row->gates, *z_row = r_row + size, *q_row = z_row + size, *n_row = q_row + size;
    for (int64_t j = 0; j < size; j += VL) {
        vec r = vec_load_row(r_row, j, size), z = vec_load_row(z_row, j, size);
        vec q = vec_load_row(q_row, j, size), n = vec_load_row(n_row, j, size), dh = vec_load_row(row->dh, j, size);
        vec dn = dh * (1 - z) * (1 - n * n), dz = dh * (vec_load_row(row->h_before, j, size) - n) * z * (1 - z);
        vec dr = dn * q * r * (1 - r);
        real *const parts[2] = {row->d_input, row->d_recurrent};
        for (int k = 0; k < 2; k++) {
            vec_store_row(parts[k], j, size, dr);
            vec_store_row(parts[k] + size, j, size, dz);
            vec_store_row(parts[k] + 2 * size, j, size, k ? dn * r : dn);
        }
        vec_store_row(row->dh, j, size, dh * z);
    }
}

void dt_cell_forward(const dt_cell_row *r)
{
    switch (r->cell) {
    case DT_CELL_TANH:
        simple_forward(DT_CELL_TANH, r);
        break;
    case DT_CELL_SIGMOID:
        simple_forward(DT_CELL_SIGMOID, r);
        break;
    case DT_CELL_RELU:
        simple_forward(DT_CELL_RELU, r);
        break;
    case DT_CELL_LSTM:
        lstm_forward(r);
        break;
    case DT_CELL_GRU:
        gru_forward(r);
        break;
    }
}

void dt_cell_backward(const dt_cell_row *r)
{
    switch (r->cell) {
    case DT_CELL_TANH:
        simple_backward(DT_CELL_TANH, r);
        break;
    case DT_CELL_SIGMOID:
        simple_backward(DT_CELL_SIGMOID, r);
        break;
    case DT_CELL_RELU:
        simple_backward(DT_CELL_RELU, r);
        break;
    case DT_CELL_LSTM:
        lstm_backward(r);
        break;
    case DT_CELL_GRU:
        gru_backward(r);
        break;
    }
}
