#include <criterion/criterion.h>

#include "gradcheck.h"
#include "models/deep_mlp.h"
#include "models/lenet1.h"
#include "models/lenet4.h"
#include "models/lenet5.h"
#include "models/lenet5_modern.h"
#include "models/linear.h"
#include "models/mlp.h"

enum { BATCH = 5 };
static const int32_t labels[BATCH] = {3, 1, 4, 1, 5};

static dt_var *images(dt_tape *tape, int64_t side)
{
    dt_var *x = dt_input(tape, 4, (int64_t[]){1, side, side, BATCH});
    dt_rng stream = dt_rng_stream(3, "images", 0);
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)dt_rng_uniform(stream, (uint64_t)i);
    return x;
}

static dt_var *lenet5_loss(void *m, dt_tape *tape)
{
    return dt_map_loss(lenet5_forward(m, images(tape, 32)), labels, 1);
}
static dt_var *lenet5_modern_loss(void *m, dt_tape *tape)
{
    return dt_softmax_xent(lenet5_modern_forward(m, images(tape, 32)), labels);
}
static dt_var *lenet4_loss(void *m, dt_tape *tape)
{
    return dt_mse(lenet4_forward(m, images(tape, 32)), labels, -1, 1);
}
static dt_var *lenet1_loss(void *m, dt_tape *tape)
{
    return dt_mse(lenet1_forward(m, images(tape, 28)), labels, -1, 1);
}
static dt_var *mlp_loss(void *m, dt_tape *tape)
{
    return dt_mse(mlp_forward(m, images(tape, 28)), labels, -1, 1);
}
static dt_var *linear_loss(void *m, dt_tape *tape)
{
    return dt_softmax_xent(linear_forward(m, images(tape, 28)), labels);
}

static dt_var *deep_mlp_loss(void *m, dt_tape *tape)
{
    return dt_softmax_xent(deep_mlp_forward(m, images(tape, 28)), labels);
}

/* CHECK(model, the fields to set before its init) */
#define CHECK(model, ...)                                            \
    Test(models, model)                                              \
    {                                                                \
        dt_params *params = dt_params_new(1);                        \
        model m = {__VA_ARGS__};                                     \
        model##_init(&m, params);                                    \
        const char *failure = check_model(params, model##_loss, &m); \
        cr_expect(!failure, "%s: %s", #model, failure);              \
        dt_params_free(params);                                      \
    }
CHECK(lenet5, 0)
CHECK(lenet5_modern, 0)
CHECK(lenet4, 0)
CHECK(lenet1, 0)
CHECK(mlp, 0)
CHECK(linear, 0)
CHECK(deep_mlp, .depth = 5, .width = 7, .last = 6, .activation = dt_softsign, .init = DT_INIT_GLOROT)
