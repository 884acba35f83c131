/* The optimizers: how gradients change the parameters. In all of them
 *
 *     g = gradient + weight_decay * w          (the penalty weight_decay / 2 * |w|^2, on weights only)
 *
 * and all is elementwise; a parameter may have multiples of lr and weight_decay as its own (dt_param). All averages
 * begin at 0; t = 1, 2, ... counts the steps.
 *
 * SGD        m: momentum
 *     v = m v + g                                                                                  (Polyak 1964)
 *     w = w - lr v,  or, with nesterov,  w = w - lr (g + m v)             (Sutskever et al. 2013, section 2)
 * AdaGrad    (Duchi, Hazan, Singer 2011, fig. 1, with diagonal matrices; epsilon is their delta)
 *     s = s + g^2
 *     w = w - lr g / (sqrt(s) + epsilon)
 * RMSProp    (Tieleman & Hinton 2012, lecture 6e, slide 29; epsilon guards the division)
 *     s = rho s + (1 - rho) g^2
 *     w = w - lr g / (sqrt(s) + epsilon)
 * AdaDelta   (Zeiler 2012, algorithm 1; there lr is 1)
 *     s = rho s + (1 - rho) g^2
 *     d = sqrt(u + epsilon) / sqrt(s + epsilon) g
 *     u = rho u + (1 - rho) d^2
 *     w = w - lr d
 * Adam       (Kingma & Ba 2015, algorithm 1; momentum is their beta1, rho their beta2)
 *     m = beta1 m + (1 - beta1) g
 *     s = beta2 s + (1 - beta2) g^2
 *     w = w - lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon) */
#ifndef DT_OPTIM_OPTIMIZER_H
#define DT_OPTIM_OPTIMIZER_H

#include "backend/backend.h"
#include "core/error.h"
#include "tape/params.h"

typedef enum { DT_SGD, DT_ADAGRAD, DT_RMSPROP, DT_ADADELTA, DT_ADAM } dt_optimizer_kind;

/* All 0: plain gradient descent. The others need an epsilon; with the usual numbers: {DT_USUAL_ADAM, .weight_decay =
 * 1e-4}. */
typedef struct {
    dt_optimizer_kind kind;
    double momentum; /* SGD; Adam's beta1 */
    bool nesterov;   /* SGD */
    double rho;      /* RMSProp, AdaDelta; Adam's beta2 */
    double epsilon;  /* all but SGD */
    double weight_decay;
} dt_optimizer_recipe;

#define DT_USUAL_ADAGRAD .kind = DT_ADAGRAD, .epsilon = 1e-8
#define DT_USUAL_RMSPROP .kind = DT_RMSPROP, .rho = 0.9, .epsilon = 1e-8
#define DT_USUAL_ADADELTA .kind = DT_ADADELTA, .rho = 0.95, .epsilon = 1e-6
#define DT_USUAL_ADAM .kind = DT_ADAM, .momentum = 0.9, .rho = 0.999, .epsilon = 1e-8

enum { DT_OPTIMIZER_BLOCKS = 2, DT_OPTIMIZER_NAME = 96 };

/* Its whole state, for checkpoints: `steps`, and `blocks` flat blocks laid out like the parameters' values, each of
 * params->size reals. */
typedef struct {
    dt_optimizer_recipe recipe;
    int64_t steps; /* done */
    int blocks;
    real *block[DT_OPTIMIZER_BLOCKS]; /* v; s; s and u; m and s */
} dt_optimizer;

/* `params` must be complete: the state is laid out like it. A momentum or rho outside [0, 1) and an epsilon that is
 * missing are misuse errors. */
void dt_optimizer_init(dt_optimizer *optimizer, const dt_params *params, const dt_optimizer_recipe *recipe);
void dt_optimizer_free(dt_optimizer *optimizer);

/* One update from params->gradients; running averages take their own step (dt_params_add_running). */
void dt_optimizer_step(dt_optimizer *optimizer, const dt_backend *backend, dt_params *params, double lr);

/* Reads "sgd", "momentum:0.9", "nesterov:0.9", "adagrad", "rmsprop:0.9", "adadelta:0.95" or "adam:0.9,0.999"; epsilon
 * may follow as the last number, and numbers may be left out from the end. The recipe's weight_decay stays. Otherwise
 * DT_ERR_CONFIG, with all forms in the hint, and the recipe stays as it is. */
dt_status dt_optimizer_parse(const char *text, dt_optimizer_recipe *recipe, dt_error *err);

/* The text from which dt_optimizer_parse makes the same recipe (but for the weight decay), into buf of at least
 * DT_OPTIMIZER_NAME bytes. Returns buf. */
const char *dt_optimizer_name(const dt_optimizer_recipe *recipe, char *buf, size_t size);

#endif
