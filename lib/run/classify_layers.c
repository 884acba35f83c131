/* What a network is made of, seen by running it once. */
#include <stdio.h>
#include <string.h>

#include "run/run.h"

static int64_t parameters_of(const dt_var *y)
{
    int64_t count = 0;
    for (int i = 0; i < y->n_inputs; i++) {
        const dt_param *param = y->input[i]->base->param;
        if (param && param->rate == 0) count += param->count;
    }
    return count;
}

/* The ops are on the tape from the last to the first. */
static void print_ops(FILE *out, const dt_var *y, int64_t *connections, double *flops)
{
    if (!y) return;
    print_ops(out, y->previous, connections, flops);
    if (!y->op->cost) return;
    dt_cost cost = y->op->cost(y);
    char shape[64];
    if (out)
        fprintf(out, "  %-8s %-10s %-14s %10lld %12lld %9.3f\n", y->name, y->op->name,
                dt_shape_text(y, false, shape, sizeof shape), (long long)parameters_of(y), (long long)cost.connections,
                cost.flops / 1e6);
    *connections += cost.connections;
    *flops += cost.flops;
}

double dt_layers_print(FILE *out, const dt_study *study, const dt_images *images)
{
    const dt_frame *frame = &study->task.frame;
    dt_network net;
    dt_network_init(&net, &study->task, 1);
    dt_tape *tape = dt_tape_new(&dt_cpu, net.params, NULL);
    tape->recording = false; /* one image is no batch for batch normalisation */
    dt_var *x = dt_input(tape, 4, (int64_t[]){images->channels, frame->height, frame->width, 1});
    int32_t label;
    dt_batch_gather(images, frame, &(uint32_t){0}, 1, x->value, &label);
    study->task.model->forward(net.model, x);
    int64_t connections = 0;
    double flops = 0;
    char shape[64];
    if (out) {
        fprintf(out, "\n%s (%s)\n  %-8s %-10s %-14s %10s %12s %9s\n", study->task.title, study->task.id, "layer", "op",
                "output", "parameters", "connections", "MFLOP");
        fprintf(out, "  %-8s %-10s %-14s\n", "input", "", dt_shape_text(x, false, shape, sizeof shape));
    }
    print_ops(out, tape->last, &connections, &flops);
    if (out)
        fprintf(out, "  %-8s %-10s %-14s %10lld %12lld %9.3f\n", "total", "", "",
                (long long)dt_params_count(net.params), (long long)connections, flops / 1e6);
    dt_tape_free(tape);
    dt_network_free(&net);
    return flops;
}
