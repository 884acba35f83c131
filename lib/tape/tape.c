#include "tape/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

dt_tape *dt_tape_new(const dt_backend *backend, dt_params *params, real *gradients)
{
    dt_tape *tape = calloc(1, sizeof *tape);
    DT_REQUIRE(tape, "dt_tape_new: out of memory");
    tape->backend = backend;
    tape->params = params;
    tape->gradients = gradients;
    tape->arena = dt_arena_new();
    tape->recording = true;
    return tape;
}

void dt_tape_free(dt_tape *tape)
{
    if (!tape) return;
    dt_arena_free(tape->arena);
    free(tape);
}

void dt_tape_reset(dt_tape *tape)
{
    dt_arena_reset(tape->arena);
    tape->last = NULL;
    tape->walked = false;
    tape->noise_examples = 0;
}

void dt_tape_noise(dt_tape *tape, dt_rng stream, int64_t first, int64_t examples)
{
    DT_REQUIRE(first >= 0 && examples > 0 && first + examples <= DT_NOISE_EXAMPLES,
               "dt_tape_noise: %lld examples from %lld on, must be some of 0 to %lld", (long long)examples,
               (long long)first, (long long)DT_NOISE_EXAMPLES - 1);
    tape->noise = (dt_noise){.stream = stream, .first = first};
    tape->noise_examples = examples;
}

static dt_noise take_noise(const dt_var *x)
{
    dt_tape *tape = x->tape;
    DT_REQUIRE(dt_batch(x) == tape->noise_examples && dt_features(x) <= DT_NOISE_FEATURES,
               "noise for %s: it was set for %lld examples (of up to %lld numbers)",
               dt_shape_text(x, true, (char[DT_NAME_SIZE]){0}, DT_NAME_SIZE), (long long)tape->noise_examples,
               (long long)DT_NOISE_FEATURES);
    DT_REQUIRE(tape->noise.op < DT_NOISE_OPS, "a step has more than %lld random ops", (long long)DT_NOISE_OPS);
    dt_noise noise = tape->noise;
    tape->noise.op++;
    return noise;
}

bool dt_next_noise(const dt_var *x, dt_noise *noise)
{
    if (!x->tape->recording || x->tape->noise_examples == 0) return false;
    *noise = take_noise(x);
    return true;
}

static real *gradient_of(const dt_tape *tape, const dt_param *param)
{
    return (tape->gradients ? tape->gradients : tape->params->gradients) + param->offset;
}

void dt_tape_begin(dt_tape *tape)
{
    for (int i = 0; i < tape->params->n; i++) tape->fresh[i] = true;
}

void dt_tape_end(dt_tape *tape)
{
    for (int i = 0; i < tape->params->n; i++) {
        const dt_param *param = tape->params->list[i];
        int64_t end = i + 1 < tape->params->n ? tape->params->list[i + 1]->offset : tape->params->size;
        int64_t written = tape->fresh[i] ? 0 : param->count; /* the padding stays 0 */
        memset(gradient_of(tape, param) + written, 0, (size_t)(end - param->offset - written) * sizeof(real));
        tape->fresh[i] = false;
    }
}

static dt_var *new_var(dt_tape *tape, int rank, const int64_t *dim)
{
    DT_REQUIRE(rank >= 1 && rank <= DT_MAX_RANK, "a value has rank %d, must be 1 to %d", rank, DT_MAX_RANK);
    dt_var *x = dt_arena_alloc(tape->arena, sizeof *x);
    *x = (dt_var){.tape = tape, .name = "", .rank = rank, .count = 1};
    x->base = x;
    for (int i = 0; i < rank; i++) {
        x->dim[i] = dim[i];
        x->count *= dim[i];
    }
    DT_REQUIRE(x->count > 0, "a value of shape %s has no elements",
               dt_shape_text(x, true, (char[DT_NAME_SIZE]){0}, DT_NAME_SIZE));
    return x;
}

dt_var *dt_input(dt_tape *tape, int rank, const int64_t *dim)
{
    dt_var *x = new_var(tape, rank, dim);
    x->value = dt_arena_reals(tape->arena, x->count);
    return x;
}

dt_var *dt_normal_input(dt_tape *tape, int rank, const int64_t *dim)
{
    dt_var *x = dt_input(tape, rank, dim);
    const dt_noise noise = take_noise(x);
    dt_kernel(tape->backend, normal_fill)(&noise, dt_features(x), dt_batch(x), x->value);
    return x;
}

dt_var *dt_mask_input(dt_tape *tape, int rank, const int64_t *dim, double p)
{
    DT_REQUIRE(p >= 0 && p <= 1, "dt_mask_input: zeros with probability %g, must be from 0 to 1", p);
    dt_var *x = dt_input(tape, rank, dim);
    const dt_noise noise = take_noise(x);
    const dt_arena_mark mark = dt_arena_tell(tape->arena);
    uint8_t *keep = dt_arena_alloc(tape->arena, (size_t)x->count);
    dt_kernel(tape->backend, dropout_mask)(&noise, p, dt_features(x), dt_batch(x), keep);
    for (int64_t i = 0; i < x->count; i++) x->value[i] = keep[i];
    dt_arena_rewind(tape->arena, mark);
    return x;
}

dt_var *dt_constant(dt_tape *tape, int rank, const int64_t *dim, const real *value)
{
    dt_var *x = new_var(tape, rank, dim);
    x->value = (real *)(uintptr_t)value; /* ops only read their inputs */
    return x;
}

dt_var *dt_use(dt_tape *tape, const dt_param *param)
{
    dt_var *x = new_var(tape, param->rank, param->dim);
    x->name = param->name;
    x->value = tape->params->values + param->offset;
    x->param = param;
    x->gradient = gradient_of(tape, param);
    x->needs_gradient = tape->recording && !tape->frozen;
    return x;
}

dt_var *dt_reshape(dt_var *x, int rank, const int64_t *dim)
{
    dt_var *y = new_var(x->tape, rank, dim);
    DT_REQUIRE(y->count == x->count, "reshape: %s has %lld elements, the new shape %s has %lld",
               dt_shape_text(x, true, (char[DT_NAME_SIZE]){0}, DT_NAME_SIZE), (long long)x->count,
               dt_shape_text(y, true, (char[DT_NAME_SIZE]){0}, DT_NAME_SIZE), (long long)y->count);
    y->value = x->value;
    y->needs_gradient = x->needs_gradient;
    y->base = x->base;
    return y;
}

dt_var *dt_flatten(dt_var *x)
{
    return dt_reshape(x, 2, (int64_t[]){dt_features(x), dt_batch(x)});
}

dt_var *dt_record(const dt_op *op, int n_inputs, dt_var *const *inputs, int rank, const int64_t *dim)
{
    dt_tape *tape = inputs[0]->tape;
    dt_var *y = dt_input(tape, rank, dim);
    y->op = op;
    y->n_inputs = n_inputs;
    for (int i = 0; i < n_inputs; i++) {
        DT_REQUIRE(inputs[i]->tape == tape, "%s: input %d is on another tape", op->name, i);
        y->input[i] = inputs[i];
        y->needs_gradient |= inputs[i]->needs_gradient;
    }
    y->previous = tape->last;
    tape->last = y;
    return y;
}

real *dt_gradient(dt_var *x, real *beta)
{
    *beta = 1;
    if (!x->needs_gradient) return NULL;
    if (x->base->param && x->tape->fresh[x->base->param->index]) {
        x->tape->fresh[x->base->param->index] = false;
        *beta = 0;
    }
    if (!x->base->gradient) {
        x->base->gradient = dt_arena_reals(x->tape->arena, x->count);
        *beta = 0;
    }
    return x->base->gradient;
}

real *dt_gradient_sum(dt_var *x)
{
    real beta, *gradient = dt_gradient(x, &beta);
    if (gradient && beta == 0) memset(gradient, 0, (size_t)x->count * sizeof *gradient);
    return gradient;
}

void dt_gradient_pass(const dt_var *y, dt_var *x)
{
    if (!x->needs_gradient) return;
    if (!x->base->gradient) {
        x->base->gradient = y->gradient;
        y->base->gradient = NULL; /* nobody asks for it after y's backward */
        return;
    }
    real beta, *gradient = dt_gradient(x, &beta);
    dt_kernel(x->tape->backend, copy)(x->count, y->gradient, beta, gradient);
}

static void walk(dt_var *last)
{
    for (dt_var *node = last; node; node = node->previous)
        if (node->gradient && node->op->backward) node->op->backward(node);
}

static real *seed(dt_var *y)
{
    DT_REQUIRE(y->tape->recording, "dt_backward: this tape does not record (it was made for testing)");
    DT_REQUIRE(y->needs_gradient, "dt_backward: nothing that was computed here depends on a parameter");
    DT_REQUIRE(!y->tape->walked,
               "dt_backward: called twice on one tape; join the losses (dt_concat) or reset the tape");
    y->tape->walked = true;
    return dt_gradient_sum(y);
}

void dt_backward(dt_var *y, real weight)
{
    real *gradient = seed(y);
    for (int64_t i = 0; i < y->count; i++) gradient[i] += weight;
    walk(y->tape->last);
}

void dt_backward_from(dt_var *y, const real *dy)
{
    real *gradient = seed(y);
    for (int64_t i = 0; i < y->count; i++) gradient[i] += dy[i];
    walk(y->tape->last);
}

const char *dt_shape_text(const dt_var *x, bool batch, char *buf, size_t size)
{
    size_t at = 0;
    int rank = batch ? x->rank : x->rank - 1;
    buf[0] = '\0';
    for (int i = 0; i < rank && at < size; i++)
        at += (size_t)snprintf(buf + at, size - at, "%s%lld", i ? "," : "[", (long long)x->dim[i]);
    if (at < size) snprintf(buf + at, size - at, "]");
    return buf;
}
