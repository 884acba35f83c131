#include "experiments/optimizers/objective.h"

#include <stdlib.h>
#include <string.h>

#include "data/batch.h"

enum { SHARD = 100 };

static void *memory(int64_t count, size_t size)
{
    void *p = calloc((size_t)count, size);
    DT_REQUIRE(p, "objective_init: out of memory");
    return p;
}

void objective_init(objective *o, const dt_task *task, const dt_backend *backend, const dt_images *images,
                    double penalty, uint64_t seed)
{
    *o = (objective){.backend = backend, .images = images, .penalty = penalty};
    dt_network_init(&o->net, task, seed);
    dt_shards_init(&o->shards, backend, o->net.params, images->count, images->count < SHARD ? images->count : SHARD);
    o->labels = memory(images->count, sizeof *o->labels);
    o->losses = memory(images->count, sizeof *o->losses);
    o->x = memory(o->net.params->size, sizeof *o->x);
    o->gradient = memory(o->net.params->size, sizeof *o->gradient);
}

void objective_free(objective *o)
{
    dt_shards_free(&o->shards);
    dt_network_free(&o->net);
    free(o->labels);
    free(o->losses);
    free(o->x);
    free(o->gradient);
}

void objective_set(objective *o, const double *x)
{
    for (int64_t i = 0; i < o->net.params->size; i++) o->net.params->values[i] = (real)x[i];
}

double objective_penalty(const dt_params *params, double penalty)
{
    double sum = 0;
    for (int k = 0; k < params->n; k++) {
        const dt_param *p = params->list[k];
        const real *w = params->values + p->offset;
        for (int64_t i = 0; p->decays && i < p->count; i++) sum += (double)w[i] * (double)w[i];
    }
    return penalty / 2 * sum;
}

static void shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    objective *o = context;
    const dt_task *task = o->net.task;
    uint32_t order[SHARD];
    for (int64_t i = 0; i < count; i++) order[i] = (uint32_t)(first + i);
    dt_var *x = dt_input(tape, 4, (int64_t[]){o->images->channels, task->frame.height, task->frame.width, count});
    dt_batch_gather(o->images, &task->frame, order, count, x->value, o->labels + first);
    dt_var *loss = task->loss(task->model->forward(o->net.model, x), o->labels + first);
    memcpy(o->losses + first, loss->value, (size_t)count * sizeof *o->losses);
    dt_backward(loss, 1 / (real)o->images->count);
}

static void evaluate(objective *o, const double *x)
{
    dt_params *params = o->net.params;
    memcpy(o->x, x, (size_t)params->size * sizeof *x);
    objective_set(o, x);
    dt_shards_run(&o->shards, o->images->count, true, shard, o);
    double loss = 0;
    for (int64_t i = 0; i < o->images->count; i++) loss += (double)o->losses[i];
    o->value = loss / (double)o->images->count + objective_penalty(params, o->penalty);
    for (int64_t i = 0; i < params->size; i++) o->gradient[i] = (double)params->gradients[i];
    for (int k = 0; k < params->n; k++) {
        const dt_param *p = params->list[k];
        for (int64_t i = p->offset; p->decays && i < p->offset + p->count; i++) o->gradient[i] += o->penalty * x[i];
    }
    o->evaluations++;
}

double objective_at(void *context, const double *x, double *gradient)
{
    objective *o = context;
    size_t bytes = (size_t)o->net.params->size * sizeof *x;
    if (o->evaluations == 0 || memcmp(o->x, x, bytes) != 0) evaluate(o, x);
    if (gradient) memcpy(gradient, o->gradient, bytes);
    return o->value;
}
