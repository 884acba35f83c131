/* A backend is a table of kernels. Ops call the kernels of their tape's backend, never BLAS or loops of their own, so a
 * device is added by filling in another table. A kernel that a backend lacks is a named error, never a silent
 * fall-back.
 *
 * Conventions. Arrays are dense and row-major. Examples are columns: the last dimension is the batch n, so an image
 * batch is [channels][height][width][n] and a feature batch is [features][n]. `beta` is 0 (overwrite) or 1 (add to) the
 * output. Kernels may run on all threads; their results have the same bits for any number of threads. `arena` lends
 * scratch memory, which the kernel gives back before it returns. */
#ifndef DT_BACKEND_BACKEND_H
#define DT_BACKEND_BACKEND_H

#include "core/arena.h"
#include "core/real.h"
#include "core/rng.h"

/* Convolution. Output height is (in_h + 2 pad - kernel_h) / stride + 1, rounded down; width alike. With groups, the
 * g-th part of the output maps sees the g-th part of the input maps only. */
typedef struct {
    int64_t in_c, in_h, in_w;
    int64_t out_c, out_h, out_w;
    int64_t kernel_h, kernel_w, pad, n;
    int64_t stride, groups; /* at least 1; both in_c and out_c are multiples of groups */
} dt_conv_shape;

/* Pooling over windows of size x size at every `stride`. Each begins inside the input; what of it reaches beyond is
 * left out. */
typedef struct {
    int64_t channels, in_h, in_w, out_h, out_w, size, stride, n;
} dt_pool_shape;

/* Batch normalisation of rows, and what may stand behind it in the same op: the sum with the rows of another array (He
 * et al. 2016, figure 2), and max(0, .). */
typedef struct {
    int64_t channels, columns;
    int64_t added; /* rows of the other array; the first `added` channels get one each */
    real epsilon;
    bool relu;
} dt_batchnorm_shape;

/* Local response normalisation over windows of `size`, an odd number: of neighbouring maps at one place (Krizhevsky et
 * al. 2012, section 3.3), or of size x size places in one map (cuda-convnet's rnorm). What lies beyond the first or
 * last map, or the edge, is left out. */
typedef enum { DT_LRN_ACROSS_MAPS, DT_LRN_WITHIN_MAP } dt_lrn_kind;

typedef struct {
    dt_lrn_kind kind;
    int64_t channels, height, width, n, size;
    real k, alpha, beta;
} dt_lrn_shape;

typedef enum {
    DT_TANH,      /* amplitude * tanh(slope * x); 1 and 1, or LeCun's 1.7159 and 2/3 */
    DT_SIGMOID,   /* 1 / (1 + exp(-x)) */
    DT_RELU,      /* max(0, x) */
    DT_SOFTSIGN,  /* x / (1 + |x|) */
    DT_LEAKY_RELU /* x above 0, slope * x below, 0 < slope */
} dt_activation_kind;

typedef struct {
    dt_activation_kind kind;
    real amplitude, slope;
} dt_activation;

/* Recurrent layers over whole sequences. With a = w x_t + bias and u h_(t-1) beside it, cut into parts of `hidden`
 * rows:
 *
 * DT_CELL_TANH, _SIGMOID, _RELU   h_t = f(a + u h_(t-1))
 * DT_CELL_LSTM    parts i, f, o, g:  c_t = f c_(t-1) + i g,  h_t = o tanh(c_t)  (i, f, o sigmoids, g tanh)
 * DT_CELL_GRU     parts r, z, n, of a and u:  h_t = z h_(t-1) + (1 - z) n,  n = tanh(a_n + r (u_n h_(t-1) + bias_q))
 *                 (r, z sigmoids; bias has the parts r, z, n, q) */
typedef enum { DT_CELL_TANH, DT_CELL_SIGMOID, DT_CELL_RELU, DT_CELL_LSTM, DT_CELL_GRU } dt_cell;

typedef struct {
    dt_cell cell;
    int64_t steps, in, hidden, n;
} dt_recurrent_shape;

/* Parts of w and u; of bias, which is also that of the numbers that forward keeps for each unit and step. */
static inline int64_t dt_cell_parts(dt_cell cell)
{
    return cell == DT_CELL_LSTM ? 4 : cell == DT_CELL_GRU ? 3 : 1;
}
static inline int64_t dt_cell_biases(dt_cell cell)
{
    return cell == DT_CELL_GRU ? 4 : dt_cell_parts(cell);
}

/* The input: x [steps,in,n], or the numbers of the rows that are 1 in it, symbols [steps,n], all others being 0.
 * Weights w [parts hidden,in], or NULL: x is what w x would be, in = parts hidden; u [parts hidden,hidden], bias
 * [biases hidden] or NULL. */
typedef struct {
    const real *x;
    const int32_t *symbols;
    const real *w, *u, *bias;
} dt_recurrent_input;

/* What forward keeps for backward, which overwrites it: examples are rows here, an order of the kernels' own. */
typedef struct {
    real *x;     /* [steps,n,in]; not used with symbols or without w */
    real *gates; /* [steps,n,biases hidden] */
    real *h, *c; /* [steps+1,n,hidden] from the initial state on; c for LSTM */
} dt_recurrent_kept;

/* Gradients to add to; those that are NULL are not wanted. x, w and u are overwritten where add_ is false. */
typedef struct {
    real *x, *w, *u, *bias, *h, *c;
    bool add_x, add_w, add_u;
    const real *last_c; /* what flows into c after the last step, [hidden,n]; NULL: nothing */
} dt_recurrent_gradients;

/* Attention of `steps` queries to `positions` places of a source (ops/attend.c): queries q [steps,depth,n], keys k
 * [positions,depth,n], values h [positions,values,n], weights [steps,positions,n]. */
typedef struct {
    int64_t steps, positions, depth, values, n;
} dt_attend_shape;

/* Gradients to add to; those that are NULL are not wanted. k may be h. */
typedef struct {
    real *q, *k, *v, *h;
} dt_attend_gradients;

/* A recurrent layer that attends before each step (ops/recurrent_attend.c): what it sees is x_t [in - values,n] and
 * below it the attention's mean c_t [values,n], so that w is [parts hidden,in]; the attention has one query a step. */
typedef struct {
    dt_recurrent_shape layer;
    dt_attend_shape attend;
} dt_recurrent_attend_shape;

/* The query is query h_(t-1) + query_bias: query [depth,hidden], query_bias [depth] or NULL; v [depth], keys
 * [positions,depth,n], places [positions,values,n]. The layer has w and no symbols. */
typedef struct {
    dt_recurrent_input layer;
    const real *query, *query_bias, *v, *keys, *places;
} dt_recurrent_attend_input;

/* What forward keeps, as recurrent layers do; backward leaves the weights as they are. */
typedef struct {
    dt_recurrent_kept layer; /* x [steps,n,in]: x_t, then c_t */
    real *q;                 /* [steps,n,depth] */
    real *keys, *places;     /* [n,positions,depth], [n,positions,values] */
    real *weights;           /* [steps,positions,n] */
} dt_recurrent_attend_kept;

/* Gradients to add to, as for recurrent layers; query is overwritten where add_query is false. */
typedef struct {
    dt_recurrent_gradients layer;
    real *query, *query_bias, *v, *keys, *places;
    bool add_query;
} dt_recurrent_attend_gradients;

/* Softmax with cross-entropy of w x + bias, classes by the thousand: x [steps,in,n], w [classes,in], bias [classes] or
 * NULL, labels and losses [steps,n]. */
typedef struct {
    int64_t steps, in, classes, n;
    real smooth; /* the part of an example's target that is spread evenly over all classes; 0: the label has all */
} dt_linear_xent_shape;

/* Reals that forward keeps for backward, which overwrites them: what is proportional to the probabilities in each block
 * of classes, and the factors; examples are padded to DT_XENT_EXAMPLES. */
#define DT_XENT_BLOCK 128
#define DT_XENT_EXAMPLES 64
static inline int64_t dt_linear_xent_blocks(const dt_linear_xent_shape *s)
{
    return s->classes > 2 * DT_XENT_BLOCK ? (s->classes + DT_XENT_BLOCK - 1) / DT_XENT_BLOCK : s->classes > 1 ? 2 : 1;
}
static inline int64_t dt_linear_xent_reals(const dt_linear_xent_shape *s)
{
    const int64_t examples = (s->steps * s->n + DT_XENT_EXAMPLES - 1) / DT_XENT_EXAMPLES * DT_XENT_EXAMPLES;
    return examples * (s->classes + dt_linear_xent_blocks(s));
}

/* Gradients to add to, as for recurrent layers. */
typedef struct {
    real *x, *w, *bias;
    bool add_x, add_w;
} dt_linear_xent_gradients;

/* Word vectors in training (Mikolov et al. 2013): windows of a text. Rows of `in` meet rows of `out`, each pair with a
 * label 1 (it occurs) or 0 (it does not): every input of a window its every target, or, with `mean`, the inputs' mean
 * does. A row may be an input of one window several times, but no target twice. */
typedef struct {
    int32_t inputs, targets; /* at least 1 */
    int64_t input, target;   /* where they begin in the lists */
    int64_t pair;            /* where its pairs begin, [inputs,targets] or [targets]; counted from the first window's */
} dt_window;

typedef struct {
    const dt_window *window;
    int64_t count;
    const int32_t *input, *target; /* row numbers */
    const real *label;             /* beside `target` */
    bool mean;
    real *in, *out; /* matrices with rows of `stride` numbers, which is a multiple of DT_WINDOW_COLUMNS */
    int64_t stride;
} dt_windows;

/* A cache line of float: columns are shared out among threads in such pieces. */
enum { DT_WINDOW_COLUMNS = 16, DT_WINDOW_INPUTS = 256 };

static inline int64_t dt_window_pairs(const dt_windows *w, const dt_window *one)
{
    return w->mean ? one->targets : (int64_t)one->inputs * one->targets;
}

/* The random numbers of one op: functions of the stream (seed, purpose, step), the op, the feature and the example, so
 * that they depend neither on shards nor on threads. */
typedef struct {
    dt_rng stream;
    int64_t op;    /* which random op of the network, from 0 */
    int64_t first; /* index in the whole batch of the first example */
} dt_noise;
/* What the counter has room for. */
#define DT_NOISE_OPS (INT64_C(1) << 16)
#define DT_NOISE_FEATURES (INT64_C(1) << 28)
#define DT_NOISE_EXAMPLES (INT64_C(1) << 20)

/* Gradients of a normal density's parameters to add to; those that are NULL are not wanted. */
typedef struct {
    real *x, *mean, *log_variance;
} dt_gaussian_gradients;

/* One update of stochastic gradient descent; see optim/optimizer.h. */
typedef struct {
    real lr, momentum, weight_decay;
    bool nesterov;
} dt_sgd_update;

/* One update of AdaGrad, RMSProp, AdaDelta or Adam; see optim/optimizer.h. */
typedef struct {
    real lr; /* Adam's is divided by 1 - beta1^t */
    real weight_decay, epsilon;
    real first_rate, second_rate; /* what the new adds to an average: 1 - beta1 of g; 1 - rho or 1 - beta2 of squares */
    real root_scale;              /* Adam: 1 / sqrt(1 - beta2^t) */
} dt_adaptive_update;

/* name, arguments */
#define DT_KERNELS(KERNEL)                                                                                             \
    /* c[m][n] = op(a) op(b) + beta c, op(a) is [m][k], op(b) is [k][n]; a transposed operand is stored the other way  \
     * round */                                                                                                        \
    KERNEL(gemm, (bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const real *a, const real *b,   \
                  real beta, real *c))                                                                                 \
    /* y[r][j] += bias[r] for j in 0 .. columns-1 */                                                                   \
    KERNEL(add_bias, (int64_t rows, int64_t columns, const real *bias, real *y))                                       \
    /* sum[r] += sum over j of y[r][j] */                                                                              \
    KERNEL(sum_rows, (int64_t rows, int64_t columns, const real *y, real *sum))                                        \
    /* x [in_c,in_h,in_w,n], w [out_c,in_c/groups,kernel_h,kernel_w], bias [out_c] or NULL -> y [out_c,out_h,out_w,n]  \
     */                                                                                                                \
    KERNEL(conv_forward,                                                                                               \
           (const dt_conv_shape *s, const real *x, const real *w, const real *bias, real *y, dt_arena *arena))         \
    /* dy, w -> dx (= or +=, by beta) */                                                                               \
    KERNEL(conv_backward_input,                                                                                        \
           (const dt_conv_shape *s, const real *dy, const real *w, real beta, real *dx, dt_arena *arena))              \
    /* x, dy -> dw += ... */                                                                                           \
    KERNEL(conv_backward_weights, (const dt_conv_shape *s, const real *x, const real *dy, real *dw, dt_arena *arena))  \
    /* x [channels,in_h,in_w,n] -> y [channels,out_h,out_w,n]; which[] tells which place of its window each maximum is \
     * (the first one on a tie), of those inside the input, row by row */                                              \
    KERNEL(maxpool_forward, (const dt_pool_shape *s, const real *x, real *y, uint8_t *which))                          \
    KERNEL(maxpool_backward, (const dt_pool_shape *s, const real *dy, const uint8_t *which, real beta, real *dx))      \
    /* y = the sum or the mean over each window */                                                                     \
    KERNEL(sumpool_forward, (const dt_pool_shape *s, bool mean, const real *x, real *y))                               \
    KERNEL(sumpool_backward, (const dt_pool_shape *s, bool mean, const real *dy, real beta, real *dx))                 \
    /* scale = k + alpha * (sum of x^2 over the window around each number), y = x scale^-beta */                       \
    KERNEL(lrn_forward, (const dt_lrn_shape *s, const real *x, real *scale, real *y, dt_arena *arena))                 \
    /* dx (by beta) = dy scale^-s.beta - 2 s.alpha s.beta x * (sum of dy y / scale over the window) */                 \
    KERNEL(lrn_backward, (const dt_lrn_shape *s, const real *x, const real *scale, const real *y, const real *dy,      \
                          real beta, real *dx, dt_arena *arena))                                                       \
    /* y[c][j] = coefficient[c] x[c][j] + bias[c] over j in 0 .. columns-1 */                                          \
    KERNEL(affine_forward,                                                                                             \
           (int64_t channels, int64_t columns, const real *x, const real *coefficient, const real *bias, real *y))     \
    /* dx (by beta); dcoefficient[c] += sum dy x; dbias[c] += sum dy; dx may be NULL */                                \
    KERNEL(affine_backward, (int64_t channels, int64_t columns, const real *x, const real *coefficient,                \
                             const real *dy, real beta, real *dx, real *dcoefficient, real *dbias))                    \
    /* y[i] = f(x[i]); dx[i] = beta dx[i] + dy[i] f'(x[i]), with f' computed from y */                                 \
    KERNEL(activation_forward, (const dt_activation *f, int64_t count, const real *x, real *y))                        \
    KERNEL(activation_backward,                                                                                        \
           (const dt_activation *f, int64_t count, const real *y, const real *dy, real beta, real *dx))                \
    /* keep[f][j] = 0 with probability p, else 1, for the n examples from noise->first on: 1 where number              \
     * 4 ((op 2^26 + f / 4) 2^20 + first + j) + f % 4 of noise->stream (dt_rng_bits) is at least p 2^32 */             \
    KERNEL(dropout_mask, (const dt_noise *noise, double p, int64_t features, int64_t n, uint8_t *keep))                \
    /* y[i] = keep[i] scale x[i] + beta y[i] */                                                                        \
    KERNEL(dropout_apply, (int64_t count, real scale, const uint8_t *keep, const real *x, real beta, real *y))         \
    /* x[f][j] = a standard normal number for the n examples from noise->first on: number 2 ((op 2^27 + f / 2) 2^20 +  \
     * first + j) + f % 2 of noise->stream (dt_rng_normal) */                                                          \
    KERNEL(normal_fill, (const dt_noise *noise, int64_t features, int64_t n, real *x))                                 \
    /* z[i] = mean[i] + exp(log_variance[i] / 2) noise[i] */                                                           \
    KERNEL(gaussian_sample_forward,                                                                                    \
           (int64_t count, const real *mean, const real *log_variance, const real *noise, real *z))                    \
    /* dlog_variance[i] (by beta) = dz[i] exp(log_variance[i] / 2) noise[i] / 2 */                                     \
    KERNEL(gaussian_sample_backward, (int64_t count, const real *log_variance, const real *noise, const real *dz,      \
                                      real beta, real *dlog_variance))                                                 \
    /* loss[j] = sum over f of log(1 + exp(logits[f][j])) - x[f][j] logits[f][j] */                                    \
    KERNEL(bernoulli_nll_forward, (int64_t features, int64_t n, const real *x, const real *logits, real *loss))        \
    /* dlogits (by beta) = dloss[j] (sigmoid(logits) - x) */                                                           \
    KERNEL(bernoulli_nll_backward, (int64_t features, int64_t n, const real *x, const real *logits, const real *dloss, \
                                    real beta, real *dlogits))                                                         \
    /* loss[j] = 1/2 sum over f of log(2 pi) + v + (x - m)^2 exp(-v), m = mean[f][j], v = log_variance[f][j]; either   \
     * may be NULL: 0 */                                                                                               \
    KERNEL(gaussian_nll_forward,                                                                                       \
           (int64_t features, int64_t n, const real *x, const real *mean, const real *log_variance, real *loss))       \
    KERNEL(gaussian_nll_backward, (int64_t features, int64_t n, const real *x, const real *mean,                       \
                                   const real *log_variance, const real *dloss, const dt_gaussian_gradients *d))       \
    /* loss[j] = 1/2 sum over f of m^2 + exp(v) - v - 1 */                                                             \
    KERNEL(gaussian_kl_forward, (int64_t features, int64_t n, const real *mean, const real *log_variance, real *loss)) \
    KERNEL(gaussian_kl_backward, (int64_t features, int64_t n, const real *mean, const real *log_variance,             \
                                  const real *dloss, const dt_gaussian_gradients *d))                                  \
    /* norm[j] = sum over i of w[j][i]^2; loss[k] = sum over j of a^2 norm[j], a = h[j][k] (1 - h[j][k]): h [units,n], \
     * w [units,in] */                                                                                                 \
    KERNEL(contraction_forward,                                                                                        \
           (int64_t units, int64_t in, int64_t n, const real *h, const real *w, real *norm, real *loss))               \
    /* dh (by beta) = 2 dloss[k] a (1 - 2 h) norm[j] */                                                                \
    KERNEL(contraction_units_backward,                                                                                 \
           (int64_t units, int64_t n, const real *h, const real *norm, const real *dloss, real beta, real *dh))        \
    /* dw (by beta) = 2 w[j][i] times the sum over k of dloss[k] a^2 */                                                \
    KERNEL(contraction_weights_backward, (int64_t units, int64_t in, int64_t n, const real *h, const real *w,          \
                                          const real *dloss, real beta, real *dw))                                     \
    /* mean[c], variance[c] of the columns numbers x[c], and y[c][j] = gamma[c] (x[c][j] - mean[c]) / sqrt(variance[c] \
     * + epsilon) + bias[c] + r[c][j], with relu max(0, .) of it; gamma, bias, r NULL: 1, 0, 0 */                      \
    KERNEL(batchnorm_forward, (const dt_batchnorm_shape *s, const real *x, const real *gamma, const real *bias,        \
                               const real *r, real *mean, real *variance, real *y))                                    \
    /* With relu, dy is first set to 0 where y is not above 0: in dy itself, where it then is the gradient of r; or,   \
     * if y is NULL (then r was, too), in passing, with y computed again. With h = (x[c] - mean[c]) q and q = 1 /      \
     * sqrt(variance[c] + epsilon): dbias[c] += sum dy, dgamma[c] += sum dy h, dx (by beta) = gamma[c] q (dy - mean of \
     * dy - h mean of dy h); each of the three may be NULL */                                                          \
    KERNEL(batchnorm_backward,                                                                                         \
           (const dt_batchnorm_shape *s, const real *x, const real *gamma, const real *bias, const real *mean,         \
            const real *variance, const real *y, real *dy, real beta, real *dx, real *dgamma, real *dbias))            \
    /* scores [classes,n], labels [n] -> p = softmax of each column, loss[j] = -log p[label_j] */                      \
    KERNEL(softmax_xent_forward,                                                                                       \
           (int64_t classes, int64_t n, const real *scores, const int32_t *labels, real *p, real *loss))               \
    /* dscores (by beta) = dloss[j] (p - onehot(label_j)) */                                                           \
    KERNEL(softmax_xent_backward, (int64_t classes, int64_t n, const real *p, const int32_t *labels,                   \
                                   const real *dloss, real beta, real *dscores))                                       \
    /* y[i][j] = sum over f of (x[f][j] - centre[i][f])^2: x [features,n], centre [units,features] -> y [units,n] */   \
    KERNEL(rbf_forward, (int64_t units, int64_t features, int64_t n, const real *x, const real *centre, real *y))      \
    KERNEL(rbf_backward, (int64_t units, int64_t features, int64_t n, const real *x, const real *centre,               \
                          const real *dy, real beta, real *dx))                                                        \
    /* y [steps,hidden,n] from the initial state h, c [hidden,n] (NULL: 0) */                                          \
    KERNEL(recurrent_forward, (const dt_recurrent_shape *s, const dt_recurrent_input *in, const real *h,               \
                               const real *c, const dt_recurrent_kept *kept, real *y, dt_arena *arena))                \
    /* back-propagation through time from dy */                                                                        \
    KERNEL(recurrent_backward, (const dt_recurrent_shape *s, const dt_recurrent_input *in, const real *dy,             \
                                const dt_recurrent_kept *kept, const dt_recurrent_gradients *d, dt_arena *arena))      \
    /* y[t][f][i] = table[id[t][i]][f]: id [steps,n], table [.,features] -> y [steps,features,n] */                    \
    KERNEL(embedding_forward,                                                                                          \
           (int64_t steps, int64_t features, int64_t n, const int32_t *id, const real *table, real *y))                \
    /* dtable[id[t][i]][f] += dy[t][f][i] */                                                                           \
    KERNEL(embedding_backward,                                                                                         \
           (int64_t steps, int64_t features, int64_t n, const int32_t *id, const real *dy, real *dtable))              \
    /* y[f][i] = x[column[i] / n][f][column[i] % n]: x [.,features,n], y [features,count] */                           \
    KERNEL(columns_forward,                                                                                            \
           (int64_t features, int64_t n, int64_t count, const real *x, const int64_t *column, real *y))                \
    /* dx[column[i] / n][f][column[i] % n] += dy[f][i] */                                                              \
    KERNEL(columns_backward,                                                                                           \
           (int64_t features, int64_t n, int64_t count, const real *dy, const int64_t *column, real *dx))              \
    /* weights = softmax over the positions j of e_tj = v' tanh(q_t + k_j), or without v of q_t' k_j; y_t = sum_j      \
     * weights_tj h_j: y [steps,values,n] */                                                                           \
    KERNEL(attend_forward, (const dt_attend_shape *s, const real *q, const real *k, const real *v, const real *h,      \
                            real *weights, real *y))                                                                   \
    KERNEL(attend_backward, (const dt_attend_shape *s, const real *q, const real *k, const real *v, const real *h,     \
                             const real *weights, const real *dy, const dt_attend_gradients *d, dt_arena *arena))      \
    /* y [steps,hidden+values,n], h_t above c_t, from the initial state h, c [hidden,n] (NULL: 0) */                   \
    KERNEL(recurrent_attend_forward,                                                                                   \
           (const dt_recurrent_attend_shape *s, const dt_recurrent_attend_input *in, const real *h, const real *c,     \
            const dt_recurrent_attend_kept *kept, real *y, dt_arena *arena))                                           \
    KERNEL(recurrent_attend_backward,                                                                                  \
           (const dt_recurrent_attend_shape *s, const dt_recurrent_attend_input *in, const real *dy,                   \
            const dt_recurrent_attend_kept *kept, const dt_recurrent_attend_gradients *d, dt_arena *arena))            \
    /* loss = log sum_i exp(score_i) - sum_i target_i score_i, scores = w x + bias, target = 1 - smooth for the label  \
     * and smooth / classes for each class besides; kept NULL: no backward will follow */                              \
    KERNEL(linear_xent_forward, (const dt_linear_xent_shape *s, const real *x, const real *w, const real *bias,        \
                                 const int32_t *labels, real *kept, real *loss, dt_arena *arena))                      \
    /* with e = dloss (p - target): dx = w' e, dw = sum e x', dbias = sum e */                                         \
    KERNEL(linear_xent_backward, (const dt_linear_xent_shape *s, const real *x, const real *w, const int32_t *labels,  \
                                  real *kept, const real *dloss, const dt_linear_xent_gradients *d, dt_arena *arena))  \
    /* loss[j] = y[label_j][j] + log(exp(-rubbish) + sum over i of exp(-y[i][j])); q[i][j] = exp(-y[i][j]) / the sum   \
     */                                                                                                                \
    KERNEL(map_forward,                                                                                                \
           (int64_t classes, int64_t n, const real *y, const int32_t *labels, real rubbish, real *q, real *loss))      \
    /* dy (by beta) = dloss[j] (onehot(label_j) - q) */                                                                \
    KERNEL(map_backward,                                                                                               \
           (int64_t classes, int64_t n, const real *q, const int32_t *labels, const real *dloss, real beta, real *dy)) \
    /* loss[j] = 1/2 sum over i of (y[i][j] - target)^2, target `high` in row label_j and `low` elsewhere */           \
    KERNEL(mse_forward,                                                                                                \
           (int64_t classes, int64_t n, const real *y, const int32_t *labels, real low, real high, real *loss))        \
    KERNEL(mse_backward, (int64_t classes, int64_t n, const real *y, const int32_t *labels, real low, real high,       \
                          const real *dloss, real beta, real *dy))                                                     \
    /* score[pair] = sum over the columns first .. end-1 (multiples of DT_WINDOW_COLUMNS) of input times target; of at \
     * most DT_WINDOW_INPUTS inputs a window */                                                                        \
    KERNEL(window_scores, (const dt_windows *w, int64_t first, int64_t end, real *score))                              \
    /* error[pair] = rate (label - sigmoid(score)), score = part[0][pair] + part[1][pair] + ... */                     \
    KERNEL(window_errors, (const dt_windows *w, int64_t parts, const real *const *part, real rate, real *error))       \
    /* window after window, in these columns: with d = sum over targets of error target, from the old targets, target  \
     * += sum over inputs of error input; then input += d (with `mean`, each input += the same d) */                   \
    KERNEL(window_update, (const dt_windows *w, int64_t first, int64_t end, const real *error))                        \
    /* sum[i] = 0 + part[0][i] + ... + part[parts-1][i], added in that order */                                        \
    KERNEL(sum_parts, (int64_t count, int64_t parts, const real *const *part, real *sum))                              \
    /* y[i] = x[i] + beta y[i] */                                                                                      \
    KERNEL(copy, (int64_t count, const real *x, real beta, real *y))                                                   \
    KERNEL(scale, (int64_t count, real factor, real * x))                                                              \
    /* what is outside -most .. most becomes the nearer of the two */                                                  \
    KERNEL(clamp, (int64_t count, real most, real * x))                                                                \
    KERNEL(sgd_step, (const dt_sgd_update *u, int64_t count, const real *gradient, real *velocity, real *weights))     \
    /* with g = gradient + weight_decay w, squares: s, mean: m, updates: u of optim/optimizer.h */                     \
    KERNEL(adagrad_step,                                                                                               \
           (const dt_adaptive_update *u, int64_t count, const real *gradient, real *squares, real *weights))           \
    KERNEL(rmsprop_step,                                                                                               \
           (const dt_adaptive_update *u, int64_t count, const real *gradient, real *squares, real *weights))           \
    KERNEL(adadelta_step, (const dt_adaptive_update *u, int64_t count, const real *gradient, real *squares,            \
                           real *updates, real *weights))                                                              \
    KERNEL(adam_step, (const dt_adaptive_update *u, int64_t count, const real *gradient, real *mean, real *squares,    \
                       real *weights))                                                                                 \
    /* average[i] += rate (x[i] - average[i]) */                                                                       \
    KERNEL(average_step, (int64_t count, real rate, const real *x, real *average))                                     \
    /* each row of x [rows,columns] whose norm is above `most` is scaled to that norm */                               \
    KERNEL(clip_rows, (int64_t rows, int64_t columns, real most, real * x))

typedef struct {
    const char *name;         /* "cpu" */
    const char *instructions; /* what its kernels were built for: "AVX-512" */
#define DT_KERNEL_FIELD(kernel, arguments) void(*kernel) arguments;
    DT_KERNELS(DT_KERNEL_FIELD)
#undef DT_KERNEL_FIELD
} dt_backend;

/* The kernels of this machine's processor. */
extern const dt_backend dt_cpu;

/* dt_kernel(backend, gemm)(...): the kernel, or a misuse error that names it. */
#define dt_kernel(backend, kernel) \
    ((backend)->kernel ? (void)0 : dt_missing_kernel((backend)->name, #kernel), (backend)->kernel)
_Noreturn void dt_missing_kernel(const char *backend, const char *kernel);

/* Sum of squares in double precision, in an order fixed by count: the gradient norm. */
double dt_sum_squares(int64_t count, const real *x);

#endif
