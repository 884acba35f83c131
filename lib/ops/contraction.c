/* The squared Frobenius norm of the Jacobian of h = sigmoid(w x + b) with respect to x (Rifai et al. 2011, eq. 7)
 *
 * loss = sum over j of a_j^2 r_j,  a_j = h_j (1 - h_j),  r_j = sum over i of w_ji^2
 *
 * dh_j = dloss 2 a_j (1 - 2 h_j) r_j        dw_ji = 2 w_ji times the sum over examples of dloss a_j^2 */
#include "ops/op.h"

dt_var *dt_contraction(dt_var *h, dt_var *w)
{
    DT_REQUIRE(h->rank == 2 && w->rank == 2 && w->dim[0] == h->dim[0], "contraction: the units %s do not fit %s %s",
               SHAPE(h), w->name, SHAPE(w));
    dt_var *loss = dt_record(&dt_contraction_op, 2, (dt_var *[]){h, w}, 1, (int64_t[]){dt_batch(h)});
    real *norms = loss->saved = dt_arena_reals(loss->tape->arena, h->dim[0]);
    KERNEL(loss, contraction_forward)(h->dim[0], w->dim[1], dt_batch(h), h->value, w->value, norms, loss->value);
    return loss;
}

static void backward(const dt_var *loss)
{
    dt_var *h = loss->input[0], *w = loss->input[1];
    const int64_t units = h->dim[0], in = w->dim[1], n = dt_batch(h);
    real beta, *dh = dt_gradient(h, &beta);
    if (dh) KERNEL(loss, contraction_units_backward)(units, n, h->value, loss->saved, loss->gradient, beta, dh);
    real *dw = dt_gradient(w, &beta);
    if (dw) KERNEL(loss, contraction_weights_backward)(units, in, n, h->value, w->value, loss->gradient, beta, dw);
}

const dt_op dt_contraction_op = {"contraction", "loss = sum_j (h_j (1 - h_j))^2 sum_i w_ji^2", backward, NULL};
