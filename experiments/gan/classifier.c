/* What a LeNet-5 makes of samples: how clear they are, and whether all digits are among them. */
#include <math.h>
#include <stdlib.h>

#include "experiments/gan/parts.h"
#include "models/lenet5_modern.h"

DT_MODEL(lenet5_modern);

enum { BATCH = 400, SHARD = 50 };

static const dt_task lenet = {.id = "lenet",
                              .title = "LeNet-5",
                              .model = &lenet5_modern_model,
                              .loss = dt_softmax_xent,
                              .frame = {32, 32, (real)-0.42, (real)2.82}};

dt_status classifier_train(classifier *c, dt_trial *trial, dt_error *err)
{
    static const int64_t epochs[DT_PRESETS] = {1, 2, 10};
    const dt_recipe recipe = {.epochs = epochs[dt_trial_preset(trial)],
                              .batch = 64,
                              .schedule = {.kind = DT_LINEAR, .lr = 0.05},
                              .optimizer.momentum = 0.9};
    dt_training_init(&c->training, trial, "LeNet-5, the judge", &lenet, dt_trial_images(trial), &recipe);
    c->training.share = 0;
    return dt_training_until(&c->training, dt_trainer_steps(&c->training.trainer), NULL, err);
}

void classifier_free(classifier *c)
{
    dt_training_free(&c->training);
}

typedef struct {
    const classifier *c;
    const real *samples;
    int64_t count, first;
    double *p; /* [count,DIGITS] */
} judgement;

/* The image in the middle of LeNet's larger frame. */
static void place(const judgement *j, int64_t sample, dt_var *x, int64_t column)
{
    const dt_frame *f = &lenet.frame;
    const int64_t n = dt_batch(x), margin = (f->height - 28) / 2;
    for (int64_t i = 0; i < f->height * f->width; i++) {
        const int64_t row = i / f->width - margin, at = i % f->width - margin;
        const bool inside = row >= 0 && row < 28 && at >= 0 && at < 28;
        const real ink = inside ? j->samples[(row * 28 + at) * j->count + sample] : 0;
        x->value[i * n + column] = f->low + (f->high - f->low) * ink;
    }
}

static void judge_shard(void *context, dt_tape *tape, int64_t first, int64_t n)
{
    judgement *j = context;
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, lenet.frame.height, lenet.frame.width, n});
    for (int64_t i = 0; i < n; i++) place(j, j->first + first + i, x, i);
    const dt_var *scores = lenet5_modern_forward(j->c->training.net.model, x);
    for (int64_t i = 0; i < n; i++) {
        double *p = j->p + (j->first + first + i) * DIGITS, greatest = -INFINITY, sum = 0;
        for (int d = 0; d < DIGITS; d++) greatest = fmax(greatest, (double)scores->value[d * n + i]);
        for (int d = 0; d < DIGITS; d++) sum += p[d] = exp((double)scores->value[d * n + i] - greatest);
        for (int d = 0; d < DIGITS; d++) p[d] /= sum;
    }
}

digit_score classifier_judge(const classifier *c, const real *samples, int64_t count, int32_t *answer)
{
    judgement j = {.c = c, .samples = samples, .count = count};
    j.p = malloc((size_t)(count * DIGITS) * sizeof *j.p);
    DT_REQUIRE(j.p, "classifier_judge: out of memory");
    dt_shards shards;
    dt_shards_init(&shards, c->training.trainer.backend, c->training.net.params, BATCH, SHARD);
    for (; j.first < count; j.first += BATCH)
        dt_shards_run(&shards, count - j.first < BATCH ? count - j.first : BATCH, false, judge_shard, &j);
    dt_shards_free(&shards);
    digit_score s = {0};
    double mean[DIGITS] = {0}, divergence = 0;
    for (int64_t i = 0; i < count * DIGITS; i++) mean[i % DIGITS] += j.p[i] / (double)count;
    for (int64_t i = 0; i < count; i++) {
        const double *p = j.p + i * DIGITS;
        int best = 0;
        for (int d = 0; d < DIGITS; d++) {
            if (p[d] > p[best]) best = d;
            if (p[d] > 0) divergence += p[d] * log(p[d] / mean[d]) / (double)count;
        }
        s.share[best] += 100 / (double)count;
        if (answer) answer[i] = best;
    }
    for (int d = 0; d < DIGITS; d++) s.modes += s.share[d] >= 1;
    s.score = exp(divergence);
    free(j.p);
    return s;
}
