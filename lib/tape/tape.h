/* Define-by-run reverse-mode differentiation. An op computes its value at once and records itself on the tape of its
 * inputs; dt_backward walks the tape from the end. Values and gradients live in the tape's arena, one step long.
 *
 * Examples are columns: the last dimension of every value is the batch. */
#ifndef DT_TAPE_TAPE_H
#define DT_TAPE_TAPE_H

#include "backend/backend.h"
#include "core/arena.h"
#include "tape/params.h"

typedef struct dt_var dt_var;
typedef struct dt_tape dt_tape;

/* What one example costs in an op's forward pass. Connections are LeCun's: every use of a weight or bias, and every
 * input of a pooling window. */
typedef struct {
    int64_t connections;
    double flops; /* a multiplication and an addition are two */
} dt_cost;

/* One kind of op. Every op stands in dt_ops (ops/registry.c), which the gradient checks walk. */
typedef struct {
    const char *name;                  /* "conv" */
    const char *doc;                   /* its equation in one line */
    void (*backward)(const dt_var *y); /* adds to the gradients of the inputs */
    dt_cost (*cost)(const dt_var *y);  /* NULL: free */
} dt_op;

enum { DT_MAX_INPUTS = 11 };

struct dt_var {
    dt_tape *tape;
    const dt_op *op;  /* NULL: an input or a parameter */
    const char *name; /* the layer's or parameter's, "" for a bare op */
    int rank;
    int64_t dim[DT_MAX_RANK];
    int64_t count;
    real *value, *gradient; /* the gradient is NULL until something flows into it */
    bool needs_gradient;
    int n_inputs;
    dt_var *input[DT_MAX_INPUTS];
    void *saved;           /* what backward needs beside the inputs; the op's own */
    const dt_param *param; /* NULL: not a parameter */
    dt_var *base;          /* a view shares value and gradient with its base; otherwise the var itself */
    dt_var *previous;      /* on the tape */
};

struct dt_tape {
    const dt_backend *backend;
    dt_params *params;
    real *gradients; /* laid out like params->values: where this tape's parameter gradients are added */
    dt_arena *arena;
    dt_var *last;
    bool recording;            /* false: values only, for testing */
    bool frozen;               /* parameters take no gradients, inputs may (their needs_gradient) */
    bool fresh[DT_MAX_PARAMS]; /* by parameter: its gradient here is not written yet, so the first op overwrites it */
    bool walked;               /* dt_backward ran since the last reset */
    dt_noise noise;            /* of the next random op */
    int64_t noise_examples;    /* 0: no noise was set since the last reset */
    double dropout;            /* the recipe's, for dt_hidden_dropout */
};

/* A tape for a model's parameters. It adds parameter gradients to `gradients`, a block of params->size (NULL:
 * params->gradients). */
dt_tape *dt_tape_new(const dt_backend *backend, dt_params *params, real *gradients);
void dt_tape_free(dt_tape *tape);

/* The tape's parameter gradients begin anew; before dt_tape_end they are unset where no op has written. The two spare a
 * pass over the gradients in each step; without them, gradients add up (dt_params_zero_gradients clears them). */
void dt_tape_begin(dt_tape *tape);
void dt_tape_end(dt_tape *tape);

/* Forgets everything recorded; the memory is used again. Call it before each step. */
void dt_tape_reset(dt_tape *tape);

/* Random numbers for ops such as dropout, until the tape is reset; without them, and on a tape that does not record,
 * such ops are the identity. `stream` is the step's, say (seed, "dropout", step); the tape holds the examples first ..
 * first + examples - 1 of the batch (up to 2^20), so each has the same noise in shards of any size. The ops of a step
 * are told apart by counting them, so a network calls them in the same order for each shard. */
void dt_tape_noise(dt_tape *tape, dt_rng stream, int64_t first, int64_t examples);

/* An input of the given shape with uninitialised values, to be filled by the caller. */
dt_var *dt_input(dt_tape *tape, int rank, const int64_t *dim);

/* An input of standard normal numbers. They are the noise's that was set (dt_tape_noise), whether or not the tape
 * records: one of the step's random ops. Without it: misuse. */
dt_var *dt_normal_input(dt_tape *tape, int rank, const int64_t *dim);

/* An input of 0 with probability p in [0,1], else 1; likewise. */
dt_var *dt_mask_input(dt_tape *tape, int rank, const int64_t *dim, double p);

/* An input whose values lie in the caller's memory, which outlives the step. Nothing is written there. */
dt_var *dt_constant(dt_tape *tape, int rank, const int64_t *dim, const real *value);

/* The parameter as a value on this tape. */
dt_var *dt_use(dt_tape *tape, const dt_param *param);

/* The same numbers under another shape of the same count. */
dt_var *dt_reshape(dt_var *x, int rank, const int64_t *dim);

/* [.., n] -> [features, n]. */
dt_var *dt_flatten(dt_var *x);

/* Gradients of sum over the elements of `weight` * y with respect to everything that y depends on (weight 1/batch turns
 * a loss per example into its mean). Once a step: reset the tape before the next. */
void dt_backward(dt_var *y, real weight);

/* The same for a weight of each element of its own: dy [y->count]. */
void dt_backward_from(dt_var *y, const real *dy);

/* For ops. A new var on the tape of inputs[0], its value uninitialised; it needs a gradient if any input does. */
dt_var *dt_record(const dt_op *op, int n_inputs, dt_var *const *inputs, int rank, const int64_t *dim);

/* For ops: where to put the gradient of x, and in *beta whether to overwrite it (0) or add to it (1). NULL: nobody
 * needs it. */
real *dt_gradient(dt_var *x, real *beta);

/* The same for kernels that only add: a gradient that nothing has flowed into yet is cleared first. */
real *dt_gradient_sum(dt_var *x);

/* For ops whose y contains x as a summand (or its first count numbers do): y's gradient is added to x's. If x has none
 * yet it takes over y's, without a copy; so an op calls this last. */
void dt_gradient_pass(const dt_var *y, dt_var *x);

/* For ops. The noise of a random op on x into *noise, another one for each call; false: the op is the identity. */
bool dt_next_noise(const dt_var *x, dt_noise *noise);

/* The batch size, and numbers in one example. */
static inline int64_t dt_batch(const dt_var *x)
{
    return x->dim[x->rank - 1];
}
static inline int64_t dt_features(const dt_var *x)
{
    return x->count / dt_batch(x);
}

/* Where a step broke down, once it was walked: "the value of conv c1", the first value that is not a number, or else
 * "the gradient of ..", the first such gradient on the way back, into buf. False: all are numbers; then it is "the
 * gradients' sum". */
bool dt_tape_culprit(const dt_tape *tape, char *buf, size_t size);

/* "[6,28,28,64]" into buf, for messages and tables; with `batch` false without the last dimension. Returns buf. */
const char *dt_shape_text(const dt_var *x, bool batch, char *buf, size_t size);

#endif
