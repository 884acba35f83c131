#include "run/sequence_net.h"

#include <stdlib.h>
#include <string.h>

void dt_sequence_net_init(dt_sequence_net *net, const char *title, const dt_sequence_model *kind, const void *shape,
                          uint64_t seed)
{
    *net = (dt_sequence_net){title, kind, dt_params_new(seed), malloc(kind->size)};
    DT_REQUIRE(net->model, "dt_sequence_net_init: out of memory");
    memcpy(net->model, shape, kind->size);
    kind->init(net->model, net->params);
}

void dt_sequence_net_free(dt_sequence_net *net)
{
    if (net->params) dt_params_free(net->params);
    free(net->model);
    *net = (dt_sequence_net){0};
}

/* Symbols `from` .. `from + steps` of each part of `length` symbols: id [steps+1,n]. */
static void gather(const dt_tokens *text, int64_t length, int64_t n, int64_t from, int64_t steps, int32_t *id)
{
    for (int64_t t = 0; t <= steps; t++)
        for (int64_t i = 0; i < n; i++) id[t * n + i] = text->id[i * length + from + t];
}

double dt_sequence_loss(const dt_sequence_net *net, const dt_backend *backend, const dt_tokens *text, int64_t streams,
                        int64_t unroll)
{
    DT_REQUIRE(text->count >= 2 && streams > 0 && unroll > 0,
               "dt_sequence_loss: %lld symbols in %lld streams, %lld at a time", (long long)text->count,
               (long long)streams, (long long)unroll);
    const int64_t n = text->count / 2 < streams ? text->count / 2 : streams, length = text->count / n;
    const int64_t states = net->kind->states(net->model, n);
    real *state = calloc((size_t)states, sizeof *state);
    int32_t *id = malloc((size_t)((unroll + 1) * n) * sizeof *id);
    DT_REQUIRE(state && id, "dt_sequence_loss: out of memory");
    dt_tape *tape = dt_tape_new(backend, net->params, NULL);
    tape->recording = false;
    double sum = 0;
    for (int64_t from = 0; from + 1 < length; from += unroll) {
        const int64_t left = length - 1 - from, steps = left < unroll ? left : unroll;
        gather(text, length, n, from, steps, id);
        dt_tape_reset(tape);
        const dt_var *loss = net->kind->loss(net->model, tape, (dt_symbols){id, steps, n}, id + n, state);
        for (int64_t i = 0; i < loss->count; i++) sum += (double)loss->value[i];
    }
    dt_tape_free(tape);
    free(id);
    free(state);
    return sum / (double)((length - 1) * n);
}
