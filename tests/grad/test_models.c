#include <criterion/criterion.h>

#include "gradcheck.h"
#include "models/cifarnet.h"
#include "models/dcgan.h"
#include "models/deep_mlp.h"
#include "models/gan.h"
#include "models/lenet1.h"
#include "models/lenet4.h"
#include "models/lenet5.h"
#include "models/lenet5_modern.h"
#include "models/linear.h"
#include "models/mlp.h"
#include "models/nplm.h"
#include "models/recurrent_lm.h"
#include "models/resnet.h"
#include "models/ring_gan.h"
#include "models/scrn.h"
#include "models/sdae.h"
#include "models/seq2seq.h"
#include "models/vae.h"

enum { BATCH = 5 };
static const int32_t labels[BATCH] = {3, 1, 4, 1, 5};

static dt_var *pictures(dt_tape *tape, int64_t channels, int64_t side)
{
    dt_var *x = dt_input(tape, 4, (int64_t[]){channels, side, side, BATCH});
    dt_rng stream = dt_rng_stream(3, "images", 0);
    for (int64_t i = 0; i < x->count; i++) x->value[i] = (real)dt_rng_uniform(stream, (uint64_t)i);
    return x;
}

static dt_var *images(dt_tape *tape, int64_t side)
{
    return pictures(tape, 1, side);
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

static dt_var *cifarnet_loss(void *m, dt_tape *tape)
{
    return dt_softmax_xent(cifarnet_forward(m, pictures(tape, 3, 32)), labels);
}

static dt_var *resnet_loss(void *m, dt_tape *tape)
{
    return dt_softmax_xent(resnet_forward(m, pictures(tape, 3, 8)), labels);
}

/* From the same states each time, though the model moves them on. */
static dt_var *recurrent_lm_check_loss(void *model, dt_tape *tape)
{
    enum { STEPS = 7, COLUMNS = 3 };
    static const int32_t ids[(STEPS + 1) * COLUMNS] = {1, 0, 4, 2, 2, 3, 5, 1, 0, 3, 4, 1,
                                                       0, 2, 5, 5, 3, 1, 2, 4, 0, 3, 1, 2};
    recurrent_lm_state state;
    recurrent_lm_state_init(&state, model, COLUMNS);
    for (int64_t i = 0; i < state.count; i++) state.block[i] = (real)(i % 7 - 3) / 7;
    dt_tape_noise(tape, dt_rng_stream(5, "dropout", 3), 0, COLUMNS);
    tape->dropout = 0.3;
    dt_var *loss = recurrent_lm_loss(model, tape, (dt_symbols){ids, STEPS, COLUMNS}, ids + COLUMNS, &state);
    recurrent_lm_state_free(&state);
    return loss;
}
typedef recurrent_lm lstm_lm, gru_lm, rnn_lm;
#define lstm_lm_init recurrent_lm_init
#define lstm_lm_loss recurrent_lm_check_loss
#define gru_lm_init recurrent_lm_init
#define gru_lm_loss recurrent_lm_check_loss
#define rnn_lm_init recurrent_lm_init
#define rnn_lm_loss recurrent_lm_check_loss
/* Likewise. */
static dt_var *scrn_check_loss(void *model, dt_tape *tape)
{
    enum { STEPS = 4, COLUMNS = 2, STATES = 24 };
    static const int32_t ids[(STEPS + 1) * COLUMNS] = {1, 0, 4, 2, 2, 3, 5, 1, 0, 3};
    real block[STATES];
    cr_assert(scrn_states(model, COLUMNS) <= STATES);
    for (int i = 0; i < STATES; i++) block[i] = (real)(i % 7 - 3) / 7;
    scrn_state state = scrn_state_in(model, COLUMNS, block);
    return scrn_loss(model, tape, (dt_symbols){ids, STEPS, COLUMNS}, ids + COLUMNS, &state);
}
typedef scrn srn_lm, scrn_lm;
#define srn_lm_init scrn_init
#define srn_lm_loss scrn_check_loss
#define scrn_lm_init scrn_init
#define scrn_lm_loss scrn_check_loss
static dt_var *nplm_check_loss(void *m, dt_tape *tape)
{
    static const int32_t words[3 * BATCH] = {0, 1, 2, 3, 6, 6, 0, 2, 2, 1, 3, 5, 0, 0, 4};
    return nplm_loss(m, tape, (dt_symbols){words, 3, BATCH}, labels);
}
typedef nplm nplm_plain, nplm_direct;
#define nplm_plain_init nplm_init
#define nplm_plain_loss nplm_check_loss
#define nplm_direct_init nplm_init
#define nplm_direct_loss nplm_check_loss

/* Each loss with the same noise. */
static dt_var *vae_loss(void *m, dt_tape *tape)
{
    dt_tape_noise(tape, dt_rng_stream(5, "noise", 3), 0, BATCH);
    return vae_forward(m, images(tape, 28));
}
/* Likewise; the last layer does not begin at 0. */
static void sdae_check_init(sdae *m, dt_params *params)
{
    sdae_init(m, params);
    real *out = params->values + m->out.weight->offset;
    for (int64_t i = 0; i < m->out.weight->count; i++) out[i] = (real)(i % 7 - 3) / 3;
}
static dt_var *sdae_check_loss(void *m, dt_tape *tape)
{
    const sdae *s = m;
    dt_tape_noise(tape, dt_rng_stream(5, "noise", 3), 0, BATCH);
    dt_var *y = sdae_forward(s, images(tape, 28));
    return s->stage < s->layers ? y : dt_softmax_xent(y, labels);
}
typedef sdae sdae_masking, sdae_pepper, sdae_gaussian, sdae_labels;
#define sdae_masking_init sdae_init
#define sdae_masking_loss sdae_check_loss
#define sdae_pepper_init sdae_init
#define sdae_pepper_loss sdae_check_loss
#define sdae_gaussian_init sdae_init
#define sdae_gaussian_loss sdae_check_loss
#define sdae_labels_init sdae_check_init
#define sdae_labels_loss sdae_check_loss
typedef vae vae_binary;
#define vae_binary_init vae_init
#define vae_binary_loss vae_loss

/* Generators below their discriminators, as one network. */
static dt_var *noise(dt_tape *tape, int64_t latent)
{
    dt_tape_noise(tape, dt_rng_stream(5, "noise", 3), 0, BATCH);
    return dt_normal_input(tape, 2, (int64_t[]){latent, BATCH});
}
static dt_var *fooled(dt_var *logits)
{
    static const real ones[BATCH] = {1, 1, 1, 1, 1};
    return dt_bernoulli_nll(dt_constant(logits->tape, 2, logits->dim, ones), logits);
}
typedef struct {
    gan_generator g;
    gan_discriminator d;
} gan;
/* Its own first weights are so small that hardly a gradient is left. */
static void gan_init(gan *m, dt_params *params)
{
    gan_generator_init(&m->g, params);
    gan_discriminator_init(&m->d, params);
    for (int64_t i = 0; i < params->size; i++) params->values[i] *= 5;
}
static dt_var *gan_loss(void *model, dt_tape *tape)
{
    const gan *m = model;
    tape->dropout = 0.4;
    return fooled(gan_discriminator_forward(&m->d, gan_generator_forward(&m->g, noise(tape, m->g.latent))));
}
typedef struct {
    dcgan_generator g;
    dcgan_discriminator d;
} dcgan;
static void dcgan_init(dcgan *m, dt_params *params)
{
    dcgan_generator_init(&m->g, params);
    dcgan_discriminator_init(&m->d, params);
    for (int64_t i = 0; i < params->size; i++) params->values[i] *= 3;
}
static dt_var *dcgan_loss(void *model, dt_tape *tape)
{
    const dcgan *m = model;
    return fooled(dcgan_discriminator_forward(&m->d, dcgan_generator_forward(&m->g, noise(tape, m->g.latent))));
}
typedef struct {
    ring_gan g, d;
} rings;
static void rings_init(rings *m, dt_params *params)
{
    ring_gan_init(&m->g, params);
    ring_gan_init(&m->d, params);
}
static dt_var *rings_loss(void *model, dt_tape *tape)
{
    const rings *m = model;
    return fooled(ring_gan_forward(&m->d, ring_gan_forward(&m->g, noise(tape, m->g.in))));
}
/* Sentences of one source length and two target lengths; what fills up the shorter one is not asked for. */
static dt_var *seq2seq_check_loss(void *m, dt_tape *tape)
{
    enum { N = 2, PLACES = 4, STEPS = 3, COUNT = 5 };
    static const int32_t source[PLACES * N] = {1, 4, 2, 0, 3, 3, 0, 2}, previous[STEPS * N] = {0, 0, 4, 2, 1, 0};
    static const int32_t next[COUNT] = {4, 2, 1, 0, 5};
    static const int64_t column[COUNT] = {0, 1, 2, 3, 4};
    dt_tape_noise(tape, dt_rng_stream(5, "dropout", 3), 0, N);
    tape->dropout = 0.3;
    const seq2seq_target target = {{previous, STEPS, N}, column, next, COUNT};
    return seq2seq_loss(m, tape, (dt_symbols){source, PLACES, N}, &target, 0.1);
}
typedef seq2seq sutskever, bahdanau, bahdanau_lstm, luong_dot, luong_general;
#define sutskever_init seq2seq_init
#define sutskever_loss seq2seq_check_loss
#define bahdanau_init seq2seq_init
#define bahdanau_loss seq2seq_check_loss
#define bahdanau_lstm_init seq2seq_init
#define bahdanau_lstm_loss seq2seq_check_loss
#define luong_dot_init seq2seq_init
#define luong_dot_loss seq2seq_check_loss
#define luong_general_init seq2seq_init
#define luong_general_loss seq2seq_check_loss

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

/* The same twice more, under names of their own. */
typedef deep_mlp deep_mlp_before, deep_mlp_after;
#define deep_mlp_before_init deep_mlp_init
#define deep_mlp_after_init deep_mlp_init
#define deep_mlp_before_loss deep_mlp_loss
#define deep_mlp_after_loss deep_mlp_loss
CHECK(deep_mlp_before, .depth = 3, .width = 7, .activation = dt_sigmoid, .init = DT_INIT_NORMAL, .sd = 0.3,
      .place = DEEP_MLP_NORM_BEFORE)
CHECK(deep_mlp_after, .depth = 2, .width = 6, .activation = dt_tanh, .init = DT_INIT_GLOROT,
      .place = DEEP_MLP_NORM_AFTER, .how = {.no_gamma = true, .epsilon = 0.1})
/* Its own first weights are so small that even the smallest step moves many units across the kink of max(0, x). */
static void larger_cifarnet_init(cifarnet *m, dt_params *params)
{
    cifarnet_init(m, params);
    for (int64_t i = 0; i < m->conv1.weight->count; i++) params->values[m->conv1.weight->offset + i] *= 1000;
}
typedef cifarnet larger_cifarnet;
#define larger_cifarnet_loss cifarnet_loss
CHECK(larger_cifarnet, 0)
/* Smooth in all but its maxima. */
static dt_var *cifarnet_lrn_loss(void *m, dt_tape *tape)
{
    return dt_softmax_xent(cifarnet_forward(m, pictures(tape, 3, 8)), labels);
}
typedef cifarnet cifarnet_lrn;
#define cifarnet_lrn_init larger_cifarnet_init
CHECK(cifarnet_lrn, .maps = 4, .side = 8, .activation = dt_tanh, .no_fc64 = true, .lrn = true, .plain_pools = true,
      .pooling = CIFARNET_AVERAGE)
typedef cifarnet cifarnet_norm;
#define cifarnet_norm_init larger_cifarnet_init
#define cifarnet_norm_loss cifarnet_lrn_loss
CHECK(cifarnet_norm, .maps = 4, .side = 8, .activation = dt_tanh, .batchnorm = true, .pooling = CIFARNET_AVERAGE)
CHECK(resnet, .n = 2)
CHECK(lstm_lm, .vocabulary = 6, .hidden = 9, .layers = 2, .cell = DT_CELL_LSTM, .bound = 0.5, .forget_bias = 1)
CHECK(gru_lm, .vocabulary = 6, .embedding = 4, .hidden = 7, .layers = 3, .cell = DT_CELL_GRU, .bound = 0.5)
CHECK(rnn_lm, .vocabulary = 6, .embedding = 5, .hidden = 8, .layers = 1, .cell = DT_CELL_SIGMOID, .bound = 0.9)
CHECK(srn_lm, .vocabulary = 6, .hidden = 9, .bound = 0.6)
CHECK(scrn_lm, .vocabulary = 6, .hidden = 7, .context = 5, .alpha = 0.8, .bound = 0.6)
CHECK(nplm_plain, .vocabulary = 7, .context = 3, .features = 4, .hidden = 5)
CHECK(nplm_direct, .vocabulary = 7, .context = 3, .features = 4, .hidden = 5, .direct = true)
CHECK(vae, .latent = 3, .hidden = 7, .layers = 1, .init = DT_INIT_GLOROT)
CHECK(vae_binary, .latent = 4, .hidden = 6, .layers = 2, .init = DT_INIT_NORMAL, .sd = 0.3, .binary = true)
CHECK(sdae_masking, .layers = 2, .hidden = 5, .classes = 6, .level = {0.3})
CHECK(sdae_pepper, .layers = 1, .hidden = 6, .classes = 6, .level = {0.4}, .noise = DAE_SALT_AND_PEPPER, .untied = true,
      .sparsity = 0.5)
CHECK(sdae_gaussian, .layers = 1, .hidden = 5, .classes = 6, .level = {0.3}, .noise = DAE_GAUSSIAN, .contraction = 2)
CHECK(sdae_labels, .layers = 3, .stage = 3, .hidden = 5, .classes = 6)
CHECK(gan, .g = {.latent = 4, .width = 9}, .d = {.width = 3})
CHECK(dcgan, .g = {.latent = 5, .maps = 4}, .d = {.maps = 4})
CHECK(rings, .g = {.name = "g", .in = 5, .width = 9, .out = 2, .layers = 2},
      .d = {.name = "d", .in = 2, .width = 7, .out = 1, .layers = 1, .scale = 0.25})
#define TRANSLATOR .source = 5, .target = 6, .embedding = 4, .hidden = 5, .bound = 0.7
CHECK(sutskever, TRANSLATOR, .layers = 3, .cell = DT_CELL_LSTM)
CHECK(bahdanau, TRANSLATOR, .layers = 1, .cell = DT_CELL_GRU, .attention = SEQ2SEQ_ADDITIVE)
CHECK(bahdanau_lstm, TRANSLATOR, .layers = 1, .cell = DT_CELL_LSTM, .attention = SEQ2SEQ_ADDITIVE)
CHECK(luong_dot, TRANSLATOR, .layers = 2, .cell = DT_CELL_LSTM, .attention = SEQ2SEQ_DOT)
CHECK(luong_general, TRANSLATOR, .layers = 1, .cell = DT_CELL_GRU, .attention = SEQ2SEQ_GENERAL)
