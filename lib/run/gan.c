#include "run/gan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"

enum { AVERAGED = 200 };      /* steps */
static const double WON = 20; /* nats */

static void side_init(dt_gan_side *s, const dt_model *model, const void *shape, const dt_gan *gan, uint64_t seed)
{
    *s = (dt_gan_side){.params = dt_params_new(seed), .model = calloc(1, model->size)};
    DT_REQUIRE(s->model, "dt_gan_init: out of memory");
    if (shape) memcpy(s->model, shape, model->size);
    model->init(s->model, s->params);
    dt_optimizer_init(&s->optimizer, s->params, &gan->recipe.optimizer);
    s->tape = dt_tape_new(gan->backend, s->params, NULL);
}

static void side_free(dt_gan_side *s)
{
    dt_tape_free(s->tape);
    dt_optimizer_free(&s->optimizer);
    dt_params_free(s->params);
    free(s->model);
}

void dt_gan_init(dt_gan *gan, const dt_gan_task *task, const dt_gan_recipe *recipe, const dt_backend *backend,
                 uint64_t seed, dt_gan_source source, void *context)
{
    DT_REQUIRE(task->latent > 0 && recipe->batch > 0 && recipe->unroll >= 0,
               "dt_gan_init: %s with %lld latent numbers, batches of %lld, unrolled %lld steps", task->title,
               (long long)task->latent, (long long)recipe->batch, (long long)recipe->unroll);
    *gan = (dt_gan){
        .task = task, .backend = backend, .recipe = *recipe, .seed = seed, .source = source, .context = context};
    side_init(&gan->generator, task->generator, task->generator_shape, gan, seed);
    side_init(&gan->discriminator, task->discriminator, task->discriminator_shape, gan, seed);
    const dt_gan_side *d = &gan->discriminator;
    if (recipe->unroll > 0) {
        gan->saved = malloc((size_t)(d->params->size * (1 + d->optimizer.blocks)) * sizeof *gan->saved);
        DT_REQUIRE(gan->saved, "dt_gan_init: out of memory");
    }
}

void dt_gan_free(dt_gan *gan)
{
    side_free(&gan->generator);
    side_free(&gan->discriminator);
    free(gan->saved);
    *gan = (dt_gan){0};
}

int dt_gan_blobs(const dt_gan *gan, dt_blob blobs[DT_GAN_BLOBS])
{
    static const char *const names[2][2 + DT_OPTIMIZER_BLOCKS] = {
        {"generator", "generator/steps", "generator/1", "generator/2"},
        {"discriminator", "discriminator/steps", "discriminator/1", "discriminator/2"}};
    const dt_gan_side *const sides[2] = {&gan->generator, &gan->discriminator};
    int n = 0;
    for (int k = 0; k < 2; k++) {
        const dt_gan_side *s = sides[k];
        const size_t bytes = (size_t)s->params->size * sizeof(real);
        blobs[n++] = (dt_blob){names[k][0], s->params->values, bytes};
        blobs[n++] = (dt_blob){names[k][1], (void *)(uintptr_t)&s->optimizer.steps, sizeof s->optimizer.steps};
        for (int i = 0; i < s->optimizer.blocks; i++)
            blobs[n++] = (dt_blob){names[k][2 + i], s->optimizer.block[i], bytes};
    }
    blobs[n++] = (dt_blob){"state", (void *)(uintptr_t)&gan->state, sizeof gan->state};
    return n;
}

/* ---- one step */

static double factor_of(const dt_gan *gan)
{
    return gan->recipe.decay > 0 ? pow(gan->recipe.decay, (double)gan->state.step) : 1;
}

static double momentum_of(const dt_gan *gan)
{
    const dt_gan_recipe *r = &gan->recipe;
    if (r->momentum_end == 0) return r->optimizer.momentum;
    const double share = fmin(1, (double)gan->state.step / (double)r->momentum_steps);
    return r->optimizer.momentum + share * (r->momentum_end - r->optimizer.momentum);
}

/* What the gradient says, unless it is not a number. */
static bool update(dt_gan *gan, dt_gan_side *s, double lr)
{
    s->norm = dt_params_clip(s->params, gan->backend, 0);
    if (!isfinite(s->norm)) return false;
    s->optimizer.recipe.momentum = momentum_of(gan);
    dt_optimizer_step(&s->optimizer, gan->backend, s->params, lr * factor_of(gan));
    return true;
}

/* An empty tape of D with noise of its own for each pass of the step. */
static dt_tape *begin(dt_gan *gan, bool frozen, int64_t pass)
{
    dt_tape *tape = gan->discriminator.tape;
    dt_tape_reset(tape);
    tape->frozen = frozen;
    tape->dropout = gan->recipe.dropout;
    const uint64_t passes = (uint64_t)gan->recipe.unroll + 2;
    dt_tape_noise(tape, dt_rng_stream(gan->seed, "discriminator", (uint64_t)gan->state.step * passes + (uint64_t)pass),
                  0, gan->recipe.batch);
    return tape;
}

/* D's loss where it should say `real` of x: one number an example. *said: the mean of its probabilities. */
static dt_var *judge(const dt_gan *gan, dt_var *x, bool is_real, double *said)
{
    dt_var *logits =
        gan->task->discriminator->forward(gan->discriminator.model, dt_dropout(x, gan->recipe.input_dropout));
    dt_var *target = dt_input(x->tape, logits->rank, logits->dim);
    *said = 0;
    for (int64_t i = 0; i < target->count; i++) {
        target->value[i] = is_real;
        *said += 1 / (1 + exp(-(double)logits->value[i])) / (double)target->count;
    }
    return dt_bernoulli_nll(target, logits);
}

static double mean_of(const dt_var *loss)
{
    double sum = 0;
    for (int64_t i = 0; i < loss->count; i++) sum += (double)loss->value[i];
    return sum / (double)loss->count;
}

/* One step of D on real examples and fakes. */
static bool train_discriminator(dt_gan *gan, const dt_var *fake, int64_t pass)
{
    dt_tape *tape = begin(gan, false, pass);
    double on_real, on_fake;
    dt_var *x = dt_input(tape, fake->rank, fake->dim);
    gan->source(gan->context, gan->state.step, x);
    dt_var *first = judge(gan, x, true, &on_real);
    dt_var *second = judge(gan, dt_constant(tape, fake->rank, fake->dim, fake->value), false, &on_fake);
    if (pass == 0) {
        const double fooled = mean_of(second);
        gan->on_real = on_real;
        gan->on_fake = on_fake;
        gan->d_loss = mean_of(first) + fooled;
        gan->state.d_fooled += (fooled - gan->state.d_fooled) / AVERAGED;
    }
    dt_tape_begin(tape);
    dt_backward(dt_concat(first, second), 1 / (real)gan->recipe.batch);
    dt_tape_end(tape);
    return update(gan, &gan->discriminator, gan->recipe.lr_discriminator);
}

/* One step of G, whose examples are the fakes, by what D says of them. */
static bool train_generator(dt_gan *gan, dt_var *fake)
{
    dt_tape *tape = begin(gan, true, gan->recipe.unroll + 1);
    double said;
    dt_var *x = dt_constant(tape, fake->rank, fake->dim, fake->value);
    x->needs_gradient = true;
    dt_var *loss = judge(gan, x, true, &said);
    gan->g_loss = mean_of(loss);
    gan->state.g_loss += (gan->g_loss - gan->state.g_loss) / AVERAGED;
    dt_backward(loss, 1 / (real)gan->recipe.batch);
    dt_tape_begin(fake->tape);
    dt_backward_from(fake, x->gradient);
    dt_tape_end(fake->tape);
    return update(gan, &gan->generator, gan->recipe.lr_generator);
}

/* D's parameters and its optimizer's state into `saved`, or back. */
static void copy_discriminator(dt_gan *gan, bool back, int64_t *steps)
{
    dt_gan_side *d = &gan->discriminator;
    const size_t size = (size_t)d->params->size, bytes = size * sizeof(real);
    for (int i = 0; i <= d->optimizer.blocks; i++) {
        real *block = i ? d->optimizer.block[i - 1] : d->params->values, *copy = gan->saved + (size_t)i * size;
        memcpy(back ? block : copy, back ? copy : block, bytes);
    }
    *(back ? &d->optimizer.steps : steps) = *(back ? steps : &d->optimizer.steps);
}

static dt_status broke_down(const dt_gan *gan, const dt_gan_side *side, dt_error *err)
{
    char culprit[128];
    if (!dt_tape_culprit(side->tape, culprit, sizeof culprit)) snprintf(culprit, sizeof culprit, "its gradient");
    return dt_error_set(err, DT_ERR_DATA, NULL, -1, "lower --lr",
                        "the training of %s broke down in step %lld: not a number in %s of the %s (loss of the "
                        "discriminator %g, of the generator %g)",
                        gan->task->title, (long long)gan->state.step + 1, culprit,
                        side == &gan->generator ? "generator" : "discriminator", gan->d_loss, gan->g_loss);
}

/* Of averages that begin at 0, so they are too low at first: a winner must win for a while. */
static dt_status look_for_winner(const dt_gan *gan, dt_error *err)
{
    const bool discriminator = gan->state.g_loss > WON, generator = gan->state.d_fooled > WON;
    if (!discriminator && !generator) return DT_OK;
    return dt_error_set(err, DT_ERR_DATA, NULL, -1,
                        discriminator ? "weaken the discriminator: lower --lr-discriminator, or raise --dropout"
                                      : "weaken the generator: lower --lr-generator",
                        "the training of %s was stopped in step %lld: the %s has won (D(x) %.3g, D(G(z)) %.3g, loss of "
                        "the discriminator %.3g, of the generator %.3g)",
                        gan->task->title, (long long)gan->state.step, discriminator ? "discriminator" : "generator",
                        gan->on_real, gan->on_fake, gan->d_loss, gan->g_loss);
}

dt_status dt_gan_step(dt_gan *gan, dt_error *err)
{
    dt_tape *tape = gan->generator.tape;
    int64_t steps = 0;
    dt_tape_reset(tape);
    dt_tape_noise(tape, dt_rng_stream(gan->seed, "generator", (uint64_t)gan->state.step), 0, gan->recipe.batch);
    dt_var *z = dt_normal_input(tape, 2, (int64_t[]){gan->task->latent, gan->recipe.batch});
    dt_var *fake = gan->task->generator->forward(gan->generator.model, z);
    for (int64_t pass = 0; pass <= gan->recipe.unroll; pass++) {
        if (!train_discriminator(gan, fake, pass)) return broke_down(gan, &gan->discriminator, err);
        if (pass == 0 && gan->saved) copy_discriminator(gan, false, &steps);
    }
    if (!train_generator(gan, fake)) return broke_down(gan, &gan->generator, err);
    if (gan->saved) copy_discriminator(gan, true, &steps);
    gan->state.step++;
    return look_for_winner(gan, err);
}

void dt_gan_generate(const dt_gan *gan, const real *z, int64_t count, real *x)
{
    dt_tape *tape = dt_tape_new(gan->backend, gan->generator.params, NULL);
    tape->recording = false;
    dt_var *noise = dt_constant(tape, 2, (int64_t[]){gan->task->latent, count}, z);
    const dt_var *made = gan->task->generator->forward(gan->generator.model, noise);
    memcpy(x, made->value, (size_t)made->count * sizeof *x);
    dt_tape_free(tape);
}
