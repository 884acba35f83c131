#include "gradcheck.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double step = 1e-5, tolerance = 1e-6;
/* Of a whole network: smaller, or some of its many rectifiers and maxima would cross their kinks. */
static const double model_step = 1e-7;

static char sentence[256];

static int count_inputs(const gradient_case *c)
{
    int n = 0;
    while (n < MAX_CASE_INPUTS && c->input[n].rank) n++;
    return n;
}

static double random_number(const char *purpose, int which, int64_t i)
{
    return 2 * dt_rng_uniform(dt_rng_stream(7, purpose, (uint64_t)which), (uint64_t)i) - 1;
}

/* The case's output on fresh inputs, of which element `at` of input `moved` is shifted. Twice: the op applied twice,
 * one above the other. */
static dt_var *run(const gradient_case *c, dt_tape *tape, bool twice, int moved, int64_t at, double shift,
                   dt_var **inputs)
{
    dt_tape_reset(tape);
    for (int k = 0; k < count_inputs(c); k++) {
        inputs[k] = dt_input(tape, c->input[k].rank, c->input[k].dim);
        inputs[k]->needs_gradient = true;
        for (int64_t i = 0; i < inputs[k]->count; i++) inputs[k]->value[i] = (real)random_number("input", k, i);
        if (k == moved) inputs[k]->value[at] += (real)shift;
    }
    dt_var *y = c->build(inputs);
    return twice ? dt_concat(y, c->build(inputs)) : y;
}

static double project(const dt_var *y, bool twice)
{
    double sum = 0;
    int64_t count = twice ? y->count / 2 : y->count;
    for (int64_t i = 0; i < y->count; i++) sum += random_number("projection", 0, i % count) * (double)y->value[i];
    return sum;
}

static const char *check_input(const gradient_case *c, dt_tape *tape, bool twice, int k, const real *analytic,
                               int64_t count)
{
    dt_var *inputs[MAX_CASE_INPUTS];
    double largest = 0;
    for (int64_t i = 0; i < count; i++) {
        double up = project(run(c, tape, twice, k, i, step, inputs), twice);
        double down = project(run(c, tape, twice, k, i, -step, inputs), twice);
        double numeric = (up - down) / (2 * step), a = (double)analytic[i];
        largest = fmax(largest, fabs(a));
        if (!(fabs(a - numeric) <= tolerance * fmax(1, fmax(fabs(a), fabs(numeric))))) {
            snprintf(sentence, sizeof sentence, "%s%s: input %d, element %lld: backward says %.9g, the difference %.9g",
                     c->label, twice ? " (twice)" : "", k, (long long)i, a, numeric);
            return sentence;
        }
    }
    if (largest == 0) {
        snprintf(sentence, sizeof sentence, "%s: the gradient of input %d is zero throughout", c->label, k);
        return sentence;
    }
    return NULL;
}

const char *check_case(const gradient_case *c)
{
    dt_params *params = dt_params_new(1);
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    const char *failure = NULL;
    for (int twice = 0; twice < 2 && !failure; twice++) {
        dt_var *inputs[MAX_CASE_INPUTS];
        dt_var *y = run(c, tape, twice, -1, 0, 0, inputs);
        if (!twice && y->op != c->op) failure = "the case builds another op than it says";
        real *dy = malloc((size_t)y->count * sizeof *dy);
        for (int64_t i = 0; i < y->count; i++)
            dy[i] = (real)random_number("projection", 0, i % (twice ? y->count / 2 : y->count));
        dt_backward_from(y, dy);
        free(dy);
        real *analytic[MAX_CASE_INPUTS] = {0};
        for (int k = 0; k < count_inputs(c); k++) {
            size_t bytes = (size_t)inputs[k]->count * sizeof(real);
            analytic[k] = calloc(1, bytes);
            if (inputs[k]->gradient) memcpy(analytic[k], inputs[k]->gradient, bytes);
        }
        for (int k = 0; k < count_inputs(c); k++) {
            int64_t count = inputs[k]->count;
            if (!failure) failure = check_input(c, tape, twice, k, analytic[k], count);
        }
        for (int k = 0; k < MAX_CASE_INPUTS; k++) free(analytic[k]);
    }
    dt_tape_free(tape);
    dt_params_free(params);
    return failure;
}

static double mean_loss(dt_tape *tape, dt_var *(*loss)(void *context, dt_tape *tape), void *context)
{
    dt_tape_reset(tape);
    dt_var *y = loss(context, tape);
    double sum = 0;
    for (int64_t i = 0; i < y->count; i++) sum += (double)y->value[i];
    return sum / (double)y->count;
}

const char *check_model(dt_params *params, dt_var *(*loss)(void *context, dt_tape *tape), void *context)
{
    dt_tape *tape = dt_tape_new(&dt_cpu, params, NULL);
    dt_params_zero_gradients(params);
    dt_var *y = loss(context, tape);
    dt_backward(y, 1 / (real)y->count);
    for (int i = 0; i < params->n; i++) { /* what moves running averages is no derivative */
        const dt_param *p = params->list[i];
        if (p->rate > 0) memset(params->gradients + p->offset, 0, (size_t)p->count * sizeof(real));
    }
    double analytic = 0;
    for (int64_t i = 0; i < params->size; i++)
        analytic += (double)params->gradients[i] * random_number("direction", 0, i);
    double value[2];
    for (int side = 0; side < 2; side++) {
        double shift = side ? -model_step : model_step;
        for (int64_t i = 0; i < params->size; i++)
            params->values[i] += (real)(shift * random_number("direction", 0, i));
        value[side] = mean_loss(tape, loss, context);
        for (int64_t i = 0; i < params->size; i++)
            params->values[i] -= (real)(shift * random_number("direction", 0, i));
    }
    dt_tape_free(tape);
    double numeric = (value[0] - value[1]) / (2 * model_step);
    if (analytic != 0 && fabs(analytic - numeric) <= tolerance * fmax(1, fmax(fabs(analytic), fabs(numeric))))
        return NULL;
    snprintf(sentence, sizeof sentence, "along a random direction backward says %.9g, the difference %.9g", analytic,
             numeric);
    return sentence;
}
