#include "run/gan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "run/gan_step.h"

enum { AVERAGED = 200 }; /* steps */
/* Nats. Of the saddle, G's gradient is as small as what D says of its fakes. */
static const double WON = 20, WON_SADDLE = 10;

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
    DT_REQUIRE(!recipe->together || recipe->unroll == 0, "dt_gan_init: %s cannot look ahead and be updated together",
               task->title);
    side_init(&gan->generator, task->generator, task->generator_shape, gan, seed);
    side_init(&gan->discriminator, task->discriminator, task->discriminator_shape, gan, seed);
    if (recipe->unroll > 0) {
        DT_REQUIRE(recipe->optimizer.kind == DT_ADAM && recipe->optimizer.weight_decay == 0,
                   "dt_gan_init: %s is unrolled, so its optimizer must be Adam without weight decay", task->title);
        gan->path = malloc((size_t)dt_gan_path_size(gan) * sizeof *gan->path);
        DT_REQUIRE(gan->path, "dt_gan_init: out of memory");
    }
}

void dt_gan_free(dt_gan *gan)
{
    side_free(&gan->generator);
    side_free(&gan->discriminator);
    free(gan->path);
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

double dt_gan_decay(const dt_gan *gan)
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

bool dt_gan_update(dt_gan *gan, dt_gan_side *s, double lr)
{
    s->norm = dt_params_clip(s->params, gan->backend, 0);
    if (!isfinite(s->norm)) return false;
    s->optimizer.recipe.momentum = momentum_of(gan);
    dt_optimizer_step(&s->optimizer, gan->backend, s->params, lr * dt_gan_decay(gan));
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

/* D's loss where it should say `real` of x: one number an example. */
static dt_var *judge(const dt_gan *gan, dt_var *x, bool is_real, dt_gan_opinion *opinion)
{
    dt_var *logits =
        gan->task->discriminator->forward(gan->discriminator.model, dt_dropout(x, gan->recipe.input_dropout));
    dt_var *target = dt_input(x->tape, logits->rank, logits->dim);
    for (int64_t i = 0; i < target->count; i++) target->value[i] = is_real;
    dt_var *loss = dt_bernoulli_nll(target, logits);
    *opinion = (dt_gan_opinion){0};
    for (int64_t i = 0; i < target->count; i++) {
        const double logit = (double)logits->value[i], share = 1 / (double)target->count;
        opinion->logit += share * logit;
        opinion->said += share / (1 + exp(-logit));
        opinion->loss += share * (double)loss->value[i];
    }
    return loss;
}

dt_gan_verdict dt_gan_discriminate(dt_gan *gan, const dt_var *fake, int64_t pass, real *dx)
{
    dt_gan_verdict v;
    dt_tape *tape = begin(gan, false, pass);
    dt_var *x = dt_constant(tape, fake->rank, fake->dim, gan->real),
           *made = dt_constant(tape, fake->rank, fake->dim, fake->value);
    made->needs_gradient = dx != NULL;
    dt_var *first = judge(gan, made, false, &v.fake), *second = judge(gan, x, true, &v.real);
    dt_tape_begin(tape);
    dt_backward(dt_concat(first, second), 1 / (real)gan->recipe.batch);
    dt_tape_end(tape);
    if (dx) memcpy(dx, made->gradient, (size_t)made->count * sizeof *dx);
    return v;
}

double dt_gan_generator_loss(dt_gan *gan, const dt_var *fake, int64_t pass, bool of_d, real *dx)
{
    if (gan->recipe.saddle) {
        const dt_gan_verdict v = dt_gan_discriminate(gan, fake, pass, dx);
        real *gradient = gan->discriminator.params->gradients;
        for (int64_t i = 0; i < fake->count; i++) dx[i] = -dx[i];
        for (int64_t i = 0; i < gan->discriminator.params->size; i++) gradient[i] = -gradient[i];
        return -v.real.loss - v.fake.loss;
    }
    dt_tape *tape = begin(gan, !of_d, pass);
    dt_gan_opinion opinion;
    dt_var *x = dt_constant(tape, fake->rank, fake->dim, fake->value);
    x->needs_gradient = true;
    dt_var *loss = judge(gan, x, true, &opinion);
    dt_tape_begin(tape);
    dt_backward(loss, 1 / (real)gan->recipe.batch);
    dt_tape_end(tape);
    memcpy(dx, x->gradient, (size_t)x->count * sizeof *dx);
    return opinion.loss;
}

/* One step of D, with the averages that tell a winner. */
static bool train_discriminator(dt_gan *gan, const dt_var *fake)
{
    const dt_gan_verdict v = dt_gan_discriminate(gan, fake, 0, NULL);
    gan->on_real = v.real.said;
    gan->on_fake = v.fake.said;
    gan->d_loss = v.real.loss + v.fake.loss;
    gan->state.d_fooled += (v.fake.loss - gan->state.d_fooled) / AVERAGED;
    gan->state.g_caught += (v.fake.loss - v.fake.logit - gan->state.g_caught) / AVERAGED;
    return dt_gan_update(gan, &gan->discriminator, gan->recipe.lr_discriminator);
}

/* One step of G, whose examples are the fakes, by their gradient. */
static bool train_generator(dt_gan *gan, dt_var *fake, const real *dx)
{
    dt_tape_begin(fake->tape);
    dt_backward_from(fake, dx);
    dt_tape_end(fake->tape);
    return dt_gan_update(gan, &gan->generator, gan->recipe.lr_generator);
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
    const double most = gan->recipe.saddle ? WON_SADDLE : WON;
    const bool discriminator = gan->state.g_caught > most, generator = gan->state.d_fooled > WON;
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
    dt_tape_reset(tape);
    dt_tape_noise(tape, dt_rng_stream(gan->seed, "generator", (uint64_t)gan->state.step), 0, gan->recipe.batch);
    dt_var *z = dt_normal_input(tape, 2, (int64_t[]){gan->task->latent, gan->recipe.batch});
    dt_var *fake = gan->task->generator->forward(gan->generator.model, z);
    dt_var *x = dt_input(tape, fake->rank, fake->dim);
    gan->source(gan->context, gan->state.step, x);
    gan->real = x->value;
    real *dx = dt_arena_reals(tape->arena, fake->count);
    if (gan->recipe.together) gan->g_loss = dt_gan_generator_loss(gan, fake, 0, false, dx);
    if (!train_discriminator(gan, fake)) return broke_down(gan, &gan->discriminator, err);
    if (gan->recipe.unroll > 0) {
        if (!dt_gan_look_ahead(gan, fake, &gan->g_loss, dx)) return broke_down(gan, &gan->discriminator, err);
    } else if (!gan->recipe.together) {
        gan->g_loss = dt_gan_generator_loss(gan, fake, 1, false, dx);
    }
    if (!train_generator(gan, fake, dx)) return broke_down(gan, &gan->generator, err);
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
