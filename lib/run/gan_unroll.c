/* Looking ahead (Metz et al. 2017, section 2.3). From t_0, what D is now, K steps of Adam on the same examples lead to
 * t_K, and G lowers F(x, t_K), x being the fakes. Besides F's own gradient in x there is what x does to these steps:
 *
 *     t_k+1 = t_k + Adam's step by g_k,      g_k = the gradient of D's loss L in t, at (x, t_k)
 *
 * and on the way back, where a_k is the gradient of F in t_k, and u what reaches g_k through Adam's step,
 *
 *     a_k = a_k+1 + L_tt u      dF/dx += L_xt u.
 *
 * These products with second derivatives are differences of first ones, at t_k + e u and t_k - e u (Pearlmutter 1994,
 * section 2): no tape of a tape is needed, and in float, for a small e, they lose some three of the seven digits. */
#include <math.h>
#include <string.h>

#include "run/gan_step.h"
#include "tape/tape.h"

/* The length of e u. */
static const double SHIFT = 0.01;

int64_t dt_gan_path_size(const dt_gan *gan)
{
    return (gan->recipe.unroll + 1) * (1 + gan->discriminator.optimizer.blocks) * gan->discriminator.params->size;
}

/* What D was before step k: its values (block 0) and Adam's averages of the gradient (1) and of its square (2). */
static real *path_of(const dt_gan *gan, int64_t k, int block)
{
    const dt_gan_side *d = &gan->discriminator;
    return gan->path + (k * (1 + d->optimizer.blocks) + block) * d->params->size;
}

static void copy_path(dt_gan *gan, int64_t k, bool back)
{
    dt_gan_side *d = &gan->discriminator;
    for (int i = 0; i <= d->optimizer.blocks; i++) {
        real *block = i ? d->optimizer.block[i - 1] : d->params->values, *kept = path_of(gan, k, i);
        memcpy(back ? block : kept, back ? kept : block, (size_t)d->params->size * sizeof *block);
    }
}

/* What flows back: gradients of F in D's parameters, in Adam's averages, and in the gradient that it was given. */
typedef struct {
    double *values, *mean, *square, *u;
} adjoint;

/* Through Adam's step k, the optimizer's step number `number` (Kingma & Ba 2015, algorithm 1):
 * m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, t' = t - lr m' / (s sqrt(v') + eps). Parameters that never had a
 * gradient are left out: it stays 0 nearby. Returns the length of u. */
static double back_through_adam(const dt_gan *gan, int64_t k, int64_t number, const adjoint *a)
{
    const dt_optimizer_recipe *r = &gan->discriminator.optimizer.recipe;
    const dt_params *params = gan->discriminator.params;
    const double b1 = r->momentum, b2 = r->rho, s = 1 / sqrt(1 - pow(b2, (double)number));
    const double lr = gan->recipe.lr_discriminator * dt_gan_decay(gan) / (1 - pow(b1, (double)number));
    const real *before = path_of(gan, k, 1), *mean = path_of(gan, k + 1, 1), *square = path_of(gan, k + 1, 2);
    double length = 0;
    for (int p = 0; p < params->n; p++) {
        const int64_t first = params->list[p]->offset;
        for (int64_t i = first; i < first + params->list[p]->count; i++) {
            const double root = sqrt((double)square[i]), below = s * root + r->epsilon;
            a->u[i] = 0;
            if (root == 0 || params->list[p]->rate > 0) continue;
            const double gain = lr * params->list[p]->lr_mult * a->values[i] / below;
            const double to_mean = a->mean[i] - gain;
            const double to_square = a->square[i] + gain * (double)mean[i] / below * s / (2 * root);
            const double g = ((double)mean[i] - b1 * (double)before[i]) / (1 - b1);
            a->u[i] = (1 - b1) * to_mean + 2 * (1 - b2) * g * to_square;
            a->mean[i] = b1 * to_mean;
            a->square[i] = b2 * to_square;
            length += a->u[i] * a->u[i];
        }
    }
    return sqrt(length);
}

/* D's loss at t_k + e u: its gradient in D's parameters, and in the fakes into dx. */
static void look_beside(dt_gan *gan, const dt_var *fake, int64_t k, double e, const double *u, real *dx)
{
    dt_params *params = gan->discriminator.params;
    const real *values = path_of(gan, k, 0);
    for (int64_t i = 0; i < params->size; i++) params->values[i] = values[i] + (real)(e * u[i]);
    dt_gan_discriminate(gan, fake, k + 1, dx);
}

/* dx += L_xt u and a += L_tt u, u being `length` long. */
static void add_products(dt_gan *gan, const dt_var *fake, int64_t k, double length, const adjoint *a, real *dx)
{
    const int64_t size = gan->discriminator.params->size;
    dt_arena *arena = fake->tape->arena;
    const double e = SHIFT / length;
    real *dx_above = dt_arena_reals(arena, fake->count), *dx_below = dt_arena_reals(arena, fake->count);
    real *above = dt_arena_reals(arena, size);
    const real *below = gan->discriminator.params->gradients;
    look_beside(gan, fake, k, e, a->u, dx_above);
    memcpy(above, below, (size_t)size * sizeof *above);
    look_beside(gan, fake, k, -e, a->u, dx_below);
    for (int64_t i = 0; i < size; i++) a->values[i] += ((double)above[i] - (double)below[i]) / (2 * e);
    for (int64_t i = 0; i < fake->count; i++) dx[i] += (real)(((double)dx_above[i] - (double)dx_below[i]) / (2 * e));
}

static void go_back(dt_gan *gan, const dt_var *fake, int64_t steps, real *dx)
{
    const dt_params *params = gan->discriminator.params;
    dt_arena *arena = fake->tape->arena;
    double *of[4];
    for (int i = 0; i < 4; i++) {
        of[i] = dt_arena_alloc(arena, (size_t)params->size * sizeof *of[i]);
        for (int64_t j = 0; j < params->size; j++) of[i][j] = i == 0 ? (double)params->gradients[j] : 0;
    }
    const adjoint a = {of[0], of[1], of[2], of[3]};
    for (int64_t k = gan->recipe.unroll - 1; k >= 0; k--) {
        const dt_arena_mark mark = dt_arena_tell(arena);
        const double length = back_through_adam(gan, k, steps + k + 1, &a);
        if (length > 0) add_products(gan, fake, k, length, &a, dx);
        dt_arena_rewind(arena, mark);
    }
}

bool dt_gan_look_ahead(dt_gan *gan, const dt_var *fake, double *loss, real *dx)
{
    dt_gan_side *d = &gan->discriminator;
    const int64_t steps = d->optimizer.steps, unroll = gan->recipe.unroll;
    bool fine = true;
    copy_path(gan, 0, false);
    for (int64_t k = 0; k < unroll && fine; k++) {
        dt_gan_discriminate(gan, fake, k + 1, NULL);
        fine = dt_gan_update(gan, d, gan->recipe.lr_discriminator);
        copy_path(gan, k + 1, false);
    }
    if (fine) {
        *loss = dt_gan_generator_loss(gan, fake, unroll + 1, true, dx);
        go_back(gan, fake, steps, dx);
    }
    copy_path(gan, 0, true);
    d->optimizer.steps = steps;
    return fine;
}
