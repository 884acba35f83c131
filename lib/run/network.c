#include "run/network.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

enum { EVALUATION_BATCH = 512, MAX_EVALUATION_SHARD = 64 };

void dt_network_init(dt_network *net, const dt_task *task, uint64_t seed)
{
    *net = (dt_network){task, dt_params_new(seed), calloc(1, task->model->size)};
    DT_REQUIRE(net->model, "dt_network_init: out of memory");
    if (task->shape) memcpy(net->model, task->shape, task->model->size);
    task->model->init(net->model, net->params);
}

void dt_network_free(dt_network *net)
{
    dt_params_free(net->params);
    free(net->model);
    *net = (dt_network){0};
}

void dt_network_answers(const dt_network *net, const dt_var *output, int32_t *answer)
{
    int64_t classes = output->dim[0], n = output->dim[1];
    real sign = net->task->smallest_wins ? -1 : 1;
    for (int64_t i = 0; i < n; i++) {
        answer[i] = 0;
        for (int64_t c = 1; c < classes; c++)
            if (sign * output->value[c * n + i] > sign * output->value[answer[i] * n + i]) answer[i] = (int32_t)c;
    }
}

/* Answers and losses may each be NULL. */
typedef struct {
    const dt_network *net;
    const dt_images *images;
    int64_t first; /* image of the batch */
    int32_t *answer;
    real *loss;
} evaluation;

static void evaluate_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const evaluation *e = context;
    const dt_task *task = e->net->task;
    uint32_t order[MAX_EVALUATION_SHARD];
    int32_t labels[MAX_EVALUATION_SHARD];
    for (int64_t i = 0; i < count; i++) order[i] = (uint32_t)(e->first + first + i);
    dt_var *x = dt_input(tape, 4, (int64_t[]){e->images->channels, task->frame.height, task->frame.width, count});
    dt_batch_gather(e->images, &task->frame, order, count, x->value, labels);
    dt_var *output = task->model->forward(e->net->model, x);
    if (e->answer) dt_network_answers(e->net, output, e->answer + e->first + first);
    if (e->loss) memcpy(e->loss + e->first + first, task->loss(output, labels)->value, (size_t)count * sizeof *e->loss);
}

static void evaluate(evaluation *e, const dt_backend *backend)
{
    dt_shards shards;
    dt_shards_init(&shards, backend, e->net->params, EVALUATION_BATCH, MAX_EVALUATION_SHARD);
    for (e->first = 0; e->first < e->images->count; e->first += EVALUATION_BATCH) {
        int64_t left = e->images->count - e->first;
        dt_shards_run(&shards, left < EVALUATION_BATCH ? left : EVALUATION_BATCH, false, evaluate_shard, e);
    }
    dt_shards_free(&shards);
}

void dt_network_classify(const dt_network *net, const dt_backend *backend, const dt_images *images, int32_t *answer)
{
    evaluate(&(evaluation){.net = net, .images = images, .answer = answer}, backend);
}

double dt_network_judge(const dt_network *net, const dt_backend *backend, const dt_images *images, double *loss)
{
    evaluation e = {.net = net, .images = images, .answer = malloc((size_t)images->count * sizeof *e.answer)};
    if (loss) e.loss = malloc((size_t)images->count * sizeof *e.loss);
    DT_REQUIRE(e.answer && (!loss || e.loss), "dt_network_judge: out of memory");
    evaluate(&e, backend);
    int64_t wrong = 0;
    double sum = 0;
    for (int64_t i = 0; i < images->count; i++) {
        wrong += e.answer[i] != images->labels[i];
        if (loss) sum += (double)e.loss[i];
    }
    if (loss) *loss = sum / (double)images->count;
    free(e.answer);
    free(e.loss);
    return 100.0 * (double)wrong / (double)images->count;
}

double dt_network_error(const dt_network *net, const dt_backend *backend, const dt_images *images)
{
    return dt_network_judge(net, backend, images, NULL);
}
