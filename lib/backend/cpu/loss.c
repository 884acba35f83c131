#include <math.h>

#include "backend/cpu/kernels.h"
#include "backend/cpu/vecmath.h"

/* The losses work on [classes, n]: a register holds one class of VL examples. The last register of a row may be
 * partial. */

/* 1 where the example's label is `class`. */
static vec onehot(const int32_t *labels, int64_t first, int64_t n, int64_t class)
{
    vec v = {0};
    for (int64_t i = 0; i < VL && first + i < n; i++) v[i] = labels[first + i] == class;
    return v;
}

/* p = softmax of sign * scores over the classes and, if `rubbish` is finite, one more class of constant score -rubbish;
 * loss[j] = log of the sum of exponentials - the label's score. */
static void log_loss(int64_t classes, int64_t n, real sign, const real *scores, const int32_t *labels, real rubbish,
                     real *p, real *loss)
{
    for (int64_t first = 0; first < n; first += VL) {
        vec greatest = vec_set(-rubbish);
        for (int64_t c = 0; c < classes; c++) {
            vec s = sign * vec_load_row(scores + c * n, first, n);
            greatest = vec_select(s > greatest, s, greatest);
        }
        vec sum = isinf(rubbish) ? vec_set(0) : vec_exp(-rubbish - greatest);
        for (int64_t c = 0; c < classes; c++) {
            vec e = vec_exp(sign * vec_load_row(scores + c * n, first, n) - greatest);
            sum += e;
            vec_store_row(p + c * n, first, n, e);
        }
        for (int64_t c = 0; c < classes; c++)
            vec_store_row(p + c * n, first, n, vec_load_row(p + c * n, first, n) / sum);
        for (int64_t i = 0; i < VL && first + i < n; i++) {
            real own = sign * scores[labels[first + i] * n + first + i];
            loss[first + i] = (real)log((double)sum[i]) + greatest[i] - own;
        }
    }
}

/* dscores (by beta) = sign * dloss[j] (p - onehot). */
static void log_loss_backward(int64_t classes, int64_t n, real sign, const real *p, const int32_t *labels,
                              const real *dloss, real beta, real *dscores)
{
    for (int64_t c = 0; c < classes; c++)
        for (int64_t first = 0; first < n; first += VL) {
            vec d = vec_load_row(p + c * n, first, n) - onehot(labels, first, n, c);
            vec_add_row(dscores + c * n, first, n, sign * vec_load_row(dloss, first, n) * d, beta);
        }
}

void dt_cpu_softmax_xent_forward(int64_t classes, int64_t n, const real *scores, const int32_t *labels, real *p,
                                 real *loss)
{
    log_loss(classes, n, 1, scores, labels, INFINITY, p, loss);
}

void dt_cpu_softmax_xent_backward(int64_t classes, int64_t n, const real *p, const int32_t *labels, const real *dloss,
                                  real beta, real *dscores)
{
    log_loss_backward(classes, n, 1, p, labels, dloss, beta, dscores);
}

void dt_cpu_map_forward(int64_t classes, int64_t n, const real *y, const int32_t *labels, real rubbish, real *q,
                        real *loss)
{
    log_loss(classes, n, -1, y, labels, rubbish, q, loss);
}

void dt_cpu_map_backward(int64_t classes, int64_t n, const real *q, const int32_t *labels, const real *dloss, real beta,
                         real *dy)
{
    log_loss_backward(classes, n, -1, q, labels, dloss, beta, dy);
}

void dt_cpu_mse_forward(int64_t classes, int64_t n, const real *y, const int32_t *labels, real low, real high,
                        real *loss)
{
    for (int64_t first = 0; first < n; first += VL) {
        vec sum = {0};
        for (int64_t c = 0; c < classes; c++) {
            vec error = vec_load_row(y + c * n, first, n) - (low + (high - low) * onehot(labels, first, n, c));
            sum += error * error;
        }
        vec_store_row(loss, first, n, sum / 2);
    }
}

void dt_cpu_mse_backward(int64_t classes, int64_t n, const real *y, const int32_t *labels, real low, real high,
                         const real *dloss, real beta, real *dy)
{
    for (int64_t c = 0; c < classes; c++)
        for (int64_t first = 0; first < n; first += VL) {
            vec error = vec_load_row(y + c * n, first, n) - (low + (high - low) * onehot(labels, first, n, c));
            vec_add_row(dy + c * n, first, n, vec_load_row(dloss, first, n) * error, beta);
        }
}
