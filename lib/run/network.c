#include "run/network.h"

#include <stdlib.h>

#include "core/error.h"

enum { EVALUATION_BATCH = 512, MAX_EVALUATION_SHARD = 64 };

void dt_network_init(dt_network *net, const dt_task *task, uint64_t seed)
{
    *net = (dt_network){task, dt_params_new(seed), calloc(1, task->model->size)};
    DT_REQUIRE(net->model, "dt_network_init: out of memory");
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

typedef struct {
    const dt_network *net;
    const dt_images *images;
    int64_t first; /* image of the batch */
    int32_t *answer;
} classification;

static void classify_shard(void *context, dt_tape *tape, int64_t first, int64_t count)
{
    const classification *c = context;
    const dt_task *task = c->net->task;
    uint32_t order[MAX_EVALUATION_SHARD];
    int32_t labels[MAX_EVALUATION_SHARD];
    for (int64_t i = 0; i < count; i++) order[i] = (uint32_t)(c->first + first + i);
    dt_var *x = dt_input(tape, 4, (int64_t[]){c->images->channels, task->frame.height, task->frame.width, count});
    dt_batch_gather(c->images, &task->frame, order, count, x->value, labels);
    dt_network_answers(c->net, task->model->forward(c->net->model, x), c->answer + c->first + first);
}

void dt_network_classify(const dt_network *net, const dt_backend *backend, const dt_images *images, int32_t *answer)
{
    dt_shards shards;
    dt_shards_init(&shards, backend, net->params, EVALUATION_BATCH, MAX_EVALUATION_SHARD);
    for (int64_t first = 0; first < images->count; first += EVALUATION_BATCH) {
        int64_t left = images->count - first;
        classification c = {net, images, first, answer};
        dt_shards_run(&shards, left < EVALUATION_BATCH ? left : EVALUATION_BATCH, false, classify_shard, &c);
    }
    dt_shards_free(&shards);
}

double dt_network_error(const dt_network *net, const dt_backend *backend, const dt_images *images)
{
    int32_t *answer = malloc((size_t)images->count * sizeof *answer);
    DT_REQUIRE(answer, "dt_network_error: out of memory");
    dt_network_classify(net, backend, images, answer);
    int64_t wrong = 0;
    for (int64_t i = 0; i < images->count; i++) wrong += answer[i] != images->labels[i];
    free(answer);
    return 100.0 * (double)wrong / (double)images->count;
}
