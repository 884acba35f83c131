/* Two networks that train each other (Goodfellow et al. 2014, algorithm 1): a generator G makes examples of noise z, a
 * discriminator D says how likely an example is real, with logits d. One step:
 *
 *     D lowers    mean of log(1 + exp(-d(x))) + mean of log(1 + exp(d(G(z))))     (eq. 1)
 *     G lowers    mean of log(1 + exp(-d(G(z))))                     (the end of section 3; the same z)
 *                 or what D raises                                   (`saddle`)
 *
 * each on a tape of its own: what D's tape says of the fakes' gradient is where G's tape begins. D comes first, and G
 * goes by the new one; or both go by what the other was (`together`). The batch is one shard, and the threads share out
 * its examples within the ops. */
#ifndef DT_RUN_GAN_H
#define DT_RUN_GAN_H

#include "core/error.h"
#include "run/checkpoint.h"
#include "run/network.h"

/* What is trained. Shapes as in dt_task: models whose free fields are set, or NULL. */
typedef struct {
    const char *title;                         /* for messages */
    const dt_model *generator, *discriminator; /* z [latent,N] -> examples [..,N]; these -> logits [1,N] */
    const void *generator_shape, *discriminator_shape;
    int64_t latent;
} dt_gan_task;

typedef struct {
    int64_t batch;
    dt_optimizer_recipe optimizer;         /* of both */
    double lr_generator, lr_discriminator; /* at the start */
    double decay;                          /* what both are multiplied by after each step; 0: 1 */
    double momentum_end;                   /* where SGD's momentum has risen to by `momentum_steps`; 0: it stays */
    int64_t momentum_steps;
    double input_dropout, dropout; /* of D: for its input, and for dt_hidden_dropout */
    bool saddle;                   /* G raises the whole of what D lowers, by eq. 1 */
    bool together;  /* G goes by the D before its update, of which dropout leaves out the same units; else by the new D,
                     * with units of its own. Not with `unroll` */
    int64_t unroll; /* G looks at the D of so many steps later, and at what its examples change in these steps (Metz et
                     * al. 2017, section 2.3; run/gan_unroll.c). Adam without weight decay only; 0: none */
} dt_gan_recipe;

/* Writes the real examples of a step into x, which has the shape of what G makes. */
typedef void (*dt_gan_source)(void *context, int64_t step, dt_var *x);

typedef struct {
    dt_params *params;
    void *model;
    dt_optimizer optimizer;
    dt_tape *tape;
    double norm; /* of its last gradient */
} dt_gan_side;

typedef struct {
    const dt_gan_task *task;
    const dt_backend *backend;
    dt_gan_recipe recipe;
    uint64_t seed;
    dt_gan_source source;
    void *context;
    dt_gan_side generator, discriminator;
    struct {
        int64_t step;              /* the next one */
        double d_fooled, g_caught; /* averages over some 200 steps: D's loss on fakes, and what it would be, were they
                                    * real */
    } state;
    real *path; /* D and its optimizer before each step ahead, and after the last (run/gan_unroll.c); NULL: none */
    const real *real; /* the examples of the step that is being taken */
    /* of the last step: means of sigmoid(d), and the losses */
    double on_real, on_fake, d_loss, g_loss;
} dt_gan;

/* Ready for the first step; the networks' parameters are drawn from the seed. Task and context outlive it. */
void dt_gan_init(dt_gan *gan, const dt_gan_task *task, const dt_gan_recipe *recipe, const dt_backend *backend,
                 uint64_t seed, dt_gan_source source, void *context);
void dt_gan_free(dt_gan *gan);

/* One step of each network. DT_ERR_DATA: it broke down, or one network has won: for some 200 steps the other's loss was
 * above 20 nats on average (G's of a saddle: 10), which it does not come back from. The sentence says which, and what
 * to try. */
dt_status dt_gan_step(dt_gan *gan, dt_error *err);

/* What G makes of z [latent,count], as in testing, into x [..,count]. */
void dt_gan_generate(const dt_gan *gan, const real *z, int64_t count, real *x);

/* What a checkpoint keeps: one of the same task, recipe and seed, into whose blobs these are copied, goes on with the
 * same bits. Returns how many there are. */
enum { DT_GAN_BLOBS = 1 + 2 * (2 + DT_OPTIMIZER_BLOCKS) };
int dt_gan_blobs(const dt_gan *gan, dt_blob blobs[DT_GAN_BLOBS]);

#endif
