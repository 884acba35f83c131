/* What a trained network is worth: the bound and log p(x) on images; and what it draws. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/vae/parts.h"

enum { BATCH = 400, SHARD = 50 };

typedef struct {
    const vae *m;
    const dt_images *images;
    int64_t first; /* image of the batch */
    int64_t samples;
    uint64_t seed;
    double *bound, *marginal; /* of each image */
} judgement;

/* Of log w for each example, as they come: their greatest, and the sum of exp(log w - greatest). */
typedef struct {
    double greatest, sum;
} log_sum;

static void add_up(log_sum *s, double log_w)
{
    if (log_w > s->greatest) {
        s->sum = s->sum * exp(s->greatest - log_w) + 1;
        s->greatest = log_w;
    } else {
        s->sum += exp(log_w - s->greatest);
    }
}

/* One sample for each example of the shard: log w = log p(x|z) + log p(z) - log q(z|x). The memory of the last one is
 * used again. */
static void weigh(judgement *j, dt_tape *tape, dt_var *x, dt_var *mean, dt_var *log_variance, int64_t first, int64_t k,
                  log_sum *sums)
{
    const dt_arena_mark mark = dt_arena_tell(tape->arena);
    dt_var *last = tape->last;
    dt_tape_noise(tape, dt_rng_stream(j->seed, "importance", (uint64_t)k), first, dt_batch(x));
    dt_var *z = dt_gaussian_sample(mean, log_variance, dt_normal_input(tape, 2, mean->dim));
    const dt_var *likelihood = dt_bernoulli_nll(x, vae_decode(j->m, z)), *prior = dt_gaussian_nll(z, NULL, NULL),
                 *posterior = dt_gaussian_nll(z, mean, log_variance), *kl = dt_gaussian_kl(mean, log_variance);
    for (int64_t i = 0; i < dt_batch(x); i++) {
        add_up(&sums[i], (double)posterior->value[i] - (double)likelihood->value[i] - (double)prior->value[i]);
        if (k == 0) j->bound[first + i] = -(double)likelihood->value[i] - (double)kl->value[i];
    }
    tape->last = last;
    dt_arena_rewind(tape->arena, mark);
}

static void judge_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    judgement *j = context;
    uint32_t order[SHARD];
    int32_t labels[SHARD];
    log_sum sums[SHARD];
    first += j->first;
    for (int64_t i = 0; i < count; i++) {
        order[i] = (uint32_t)(first + i);
        sums[i] = (log_sum){-INFINITY, 0};
    }
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, vae_frame.height, vae_frame.width, count}), *mean, *log_variance;
    dt_batch_gather(j->images, &vae_frame, order, count, x->value, labels);
    dt_tape_noise(tape, dt_rng_stream(j->seed, "exam", 0), first, count);
    x = vae_pixels(j->m, dt_flatten(x));
    vae_encode(j->m, x, &mean, &log_variance);
    for (int64_t k = 0; k < j->samples; k++) weigh(j, tape, x, mean, log_variance, first, k, sums);
    for (int64_t i = 0; i < count; i++)
        j->marginal[first + i] = sums[i].greatest + log(sums[i].sum / (double)j->samples);
}

vae_score judge(const vae *m, dt_params *params, const dt_backend *backend, const dt_images *images, int64_t samples,
                uint64_t seed)
{
    judgement j = {.m = m, .images = images, .samples = samples, .seed = seed};
    j.bound = malloc((size_t)images->count * sizeof *j.bound);
    j.marginal = malloc((size_t)images->count * sizeof *j.marginal);
    DT_REQUIRE(j.bound && j.marginal, "judge: out of memory");
    dt_shards shards;
    dt_shards_init(&shards, backend, params, BATCH, SHARD);
    for (; j.first < images->count; j.first += BATCH) {
        const int64_t left = images->count - j.first;
        dt_shards_run(&shards, left < BATCH ? left : BATCH, false, judge_shard, &j);
    }
    dt_shards_free(&shards);
    vae_score score = {0, 0};
    for (int64_t i = 0; i < images->count; i++) {
        score.bound += j.bound[i] / (double)images->count;
        score.marginal += j.marginal[i] / (double)images->count;
    }
    free(j.bound);
    free(j.marginal);
    return score;
}

void decode(const vae *m, dt_params *params, const dt_backend *backend, const real *z, int64_t count, real *image)
{
    dt_tape *tape = dt_tape_new(backend, params, NULL);
    tape->recording = false;
    const dt_var *p = dt_sigmoid(vae_decode(m, dt_constant(tape, 2, (int64_t[]){m->latent, count}, z)));
    memcpy(image, p->value, (size_t)p->count * sizeof *image);
    dt_tape_free(tape);
}
