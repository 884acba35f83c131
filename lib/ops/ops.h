/* The ops, one file each, which holds its equations, forward and backward. An op takes values of one tape and returns
 * its result on the same tape. Those that use parameters take them as values (dt_use); the layers in layers/ bring
 * their own.
 *
 * A wrong shape is a programmer error: one sentence with the op, the layer and the shapes. */
#ifndef DT_OPS_OPS_H
#define DT_OPS_OPS_H

#include "tape/tape.h"

/* Which inputs feed which outputs of a convolution: `rows` strings, one an input map, each with one character an output
 * map, 'X' where they are connected (LeCun et al. 1998, table I). NULL: all with all. */
typedef const char *const *dt_connections;

/* How a convolution moves over its input; all 0: one by one, without padding, all maps connected. */
typedef struct {
    int64_t pad;    /* zeros on each side */
    int64_t stride; /* 0: 1 */
    int64_t groups; /* of maps, connected among themselves only (Krizhevsky et al. 2012, section 3.2); 0: 1 */
    dt_connections table;
} dt_conv_how;

/* Cross-correlation. x [C,H,W,N], w [O,C/groups,KH,KW] (with a connection table: [links,KH,KW], output by output), bias
 * [O] or NULL -> [O,(H+2pad-KH)/stride+1,(W+2pad-KW)/stride+1,N]. */
dt_var *dt_conv_of(dt_var *x, dt_var *w, dt_var *bias, dt_conv_how how);

/* The same turned around, a convolution's gradient with respect to its input: each number of the input is spread over a
 * window of the output (Zeiler et al. 2010; Dumoulin & Visin 2016, chapter 4). x [C,H,W,N], w [C,O,KH,KW], bias [O] or
 * NULL -> [O,stride (H-1)+KH-2pad,stride (W-1)+KW-2pad,N]. Neither groups nor a table. */
dt_var *dt_conv_transposed_of(dt_var *x, dt_var *w, dt_var *bias, dt_conv_how how);

/* y = w x + bias: x [in,N] or a sequence [T,in,N], w [out,in], bias [out] or NULL -> [out,N] or [T,out,N]. */
dt_var *dt_linear_of(dt_var *x, dt_var *w, dt_var *bias);

/* y = w' x + bias, the weights of a linear layer used the other way (tied weights: Vincent et al. 2010, section 3): x
 * [units,N], w [units,out], bias [out] or NULL -> [out,N]. */
dt_var *dt_linear_transposed_of(dt_var *x, dt_var *w, dt_var *bias);

typedef struct {
    int64_t size;   /* of a window: height and width, at most 15 */
    int64_t stride; /* from one window to the next; 0: size. Smaller: they overlap */
    bool clipped;   /* the last windows may reach beyond the input (Krizhevsky's cuda-convnet); their mean is that of
                     * what lies inside */
} dt_pool_how;

/* The greatest, or the mean, of each size x size window: dt_maxpool(x, 2) for windows side by side, dt_maxpool(x, 3,
 * .stride = 2) for overlapping ones (Krizhevsky et al. 2012, section 3.4). [C,H,W,N] -> [C,(H-size)/stride+1,..,N],
 * rounded down: rows and columns that fill no window are left out; with .clipped rounded up. */
#define dt_maxpool(x, ...) dt_maxpool_of(x, (dt_pool_how){.size = __VA_ARGS__})
#define dt_avgpool(x, ...) dt_avgpool_of(x, (dt_pool_how){.size = __VA_ARGS__})
dt_var *dt_maxpool_of(dt_var *x, dt_pool_how how);
dt_var *dt_avgpool_of(dt_var *x, dt_pool_how how);

/* The mean of each map (Lin, Chen & Yan 2014, section 3.2): [C,H,W,N] -> [C,N]; H and W are at most 15. */
dt_var *dt_global_avgpool(dt_var *x);

typedef struct {
    int64_t size; /* of a window, odd: maps, or rows and columns */
    dt_lrn_kind kind;
    double k, alpha, beta;
} dt_lrn_how;

/* Local response normalisation, x / (k + alpha * sum of squares around x)^beta (Krizhevsky et al. 2012, section 3.3,
 * with dt_lrn(x, 5, .k = 2, .alpha = 1e-4, .beta = 0.75)); with .kind = DT_LRN_WITHIN_MAP over size x size places of a
 * map, where cuda-convnet's `scale` is size^2 times alpha, and its k is 1. The shape stays. */
#define dt_lrn(x, ...) dt_lrn_of(x, (dt_lrn_how){.size = __VA_ARGS__})
dt_var *dt_lrn_of(dt_var *x, dt_lrn_how how);

/* a + b of one shape; b may have fewer maps, those that it lacks are zeros (He et al. 2016, section 3.3, option A; the
 * stride of 2 that goes with it is dt_avgpool(x, 1, .stride = 2)). */
dt_var *dt_add(dt_var *a, dt_var *b);

/* LeCun's subsampling: coefficient[c] * (sum over each size x size window) + bias[c] (LeCun et al. 1998, section II.B,
 * layer S2). coefficient [C], bias [C]; H and W must be multiples of size. */
dt_var *dt_subsample_of(dt_var *x, dt_var *coefficient, dt_var *bias, int64_t size);

/* Elementwise. The scaled tanh is f(a) = 1.7159 tanh(2/3 a) (LeCun et al. 1998, eq. 6 and appendix A). */
dt_var *dt_tanh(dt_var *x);
dt_var *dt_scaled_tanh(dt_var *x);
dt_var *dt_sigmoid(dt_var *x);
dt_var *dt_relu(dt_var *x);
/* Softsign, x / (1 + |x|) (Glorot & Bengio 2010, section 3.3). */
dt_var *dt_softsign(dt_var *x);
/* x above 0, slope x below, 0 < slope < 1 (Maas et al. 2013, eq. 3). */
dt_var *dt_leaky_relu(dt_var *x, double slope);

/* The greatest of each `pieces` (1 to 15) numbers that follow one another: [U pieces,..,N] -> [U,..,N] (Goodfellow et
 * al. 2013, "Maxout networks", section 3, with z_ij = x[i pieces + j]). */
dt_var *dt_maxout(dt_var *x, int64_t pieces);

/* Dropout with the probability p in [0,1) of leaving a unit out: [..,N] -> the same shape (Srivastava et al. 2014,
 * section 4). Where noise was set on a tape that records (dt_tape_noise: the trainer does), each number becomes 0 with
 * probability p and is divided by 1 - p otherwise; else, as in testing, x itself is returned. The paper,
 * whose p is the probability of keeping, does not divide but scales the outgoing weights for testing; section 10 names
 * both. They are the same function of weights that are 1 - p times the paper's, and SGD takes the same steps if it
 * starts from such weights and their rate is (1 - p)^2 times the paper's. */
dt_var *dt_dropout(dt_var *x, double p);

/* The same with the probability of the tape, which the trainer takes from the recipe: models put it on the hidden units
 * that feed a fully connected layer. */
dt_var *dt_hidden_dropout(dt_var *x);

/* What a batch normalisation works with; all but epsilon may be left out. */
typedef struct {
    dt_var *gamma, *beta; /* [C]; NULL: 1, 0 */
    dt_var *running;      /* [2,C], the averages of the batches' means and variances; NULL: there are none */
    double epsilon;       /* above 0 */
    bool of_batch;        /* testing, too, takes the statistics of the batch */
    dt_var *add;          /* is added to the result: of x's shape, or with fewer maps, as b of dt_add */
    bool relu;            /* then max(0, .) of it */
} dt_batchnorm_how;

/* Batch normalisation (Ioffe & Szegedy 2015, algorithm 1, and for maps section 3.2): each unit of x [C,N], or map of x
 * [C,H,W,N], has the mean and variance of its N or H W N numbers taken away; then gamma times it plus beta. The running
 * averages (of variances times m / (m - 1), algorithm 2) take their place on a tape that does not record, as in
 * testing; in training they are brought up to date by the optimizer's step (dt_params_add_running). With .add and .relu
 * it is the end of a residual block (He et al. 2016, figure 2) in one op: the same numbers as dt_relu(dt_add(..)) for
 * a third of the memory traffic. Misuse: one number to a mean. */
dt_var *dt_batchnorm_of(dt_var *x, dt_batchnorm_how how);

/* Euclidean radial basis functions, y_i = sum over f of (x_f - centre_if)^2 (LeCun et al. 1998, eq. 7): x [features,N],
 * centre [units][features] constant and outliving the tape -> [units,N]. */
dt_var *dt_rbf(dt_var *x, const real *centre, int64_t units);

/* Sequences are [T,D,N]: T steps, each a batch of N columns. Symbols stand for columns that are 1 in one row and 0
 * elsewhere: id [T,N], which outlives the tape. */
typedef struct {
    const int32_t *id;
    int64_t steps, n;
} dt_symbols;

/* What a recurrent layer of H units computes with: w [parts H, D], or NULL where x already is what w x would be, so
 * that D = parts H; u [parts H, H], bias [biases H] or NULL (parts and their order: dt_cell in backend/backend.h),
 * initial states [H,N], c for LSTM, or NULL: 0. */
typedef struct {
    dt_var *w, *u, *bias, *h, *c;
} dt_recurrent_parts;

/* Recurrent units over a whole sequence, x [T,D,N] -> their states h_1 .. h_T [T,H,N]. DT_CELL_TANH, _SIGMOID, _RELU:
 * Elman's network (1990). DT_CELL_LSTM: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, without
 * peepholes, as in Zaremba et al. 2014, eq. 3-6. DT_CELL_GRU: Cho et al. 2014, eq. 5-8, with the reset gate applied
 * after the product u_n h, as in cuDNN and PyTorch; there is another bias for that product. Gradients flow to all
 * parts, the initial states included. */
dt_var *dt_recurrent_of(dt_cell cell, dt_var *x, dt_recurrent_parts parts);
/* The same on symbols 0 .. D-1, where w x is a column of w. */
dt_var *dt_recurrent_of_symbols(dt_cell cell, dt_symbols x, dt_recurrent_parts parts);

/* Copies the state after the last step of a recurrent layer's result y: h [H,N], c [H,N] (LSTM only). No gradient flows
 * through the copy. */
void dt_last_state(const dt_var *y, real *h, real *c);

/* The state c after the last step of an LSTM's result y, [H,N]: gradient flows back through it, for another layer that
 * begins with it (Sutskever et al. 2014, section 2). */
dt_var *dt_last_cell(dt_var *y);

/* For looking into a recurrent layer whose result is y: its gates after their nonlinearities and its states, examples
 * as rows (backend/backend.h), until the tape is walked back or reset. */
const dt_recurrent_kept *dt_recurrent_inside(const dt_var *y);

/* Context units over a whole sequence, s_t = (1 - alpha) x_t + alpha s_(t-1) with 0 <= alpha < 1: x [T,D,N], initial
 * state s [D,N] or NULL: 0 -> s_1 .. s_T [T,D,N] (Mikolov et al. 2014, "Learning longer memory in recurrent neural
 * networks", eq. 3). */
dt_var *dt_context_of(dt_var *x, double alpha, dt_var *s);

/* The rows of a table [V,D] that the symbols name, as columns: [T,D,N] (Bengio et al. 2003, section 2: the matrix C).
 */
dt_var *dt_embedding_of(dt_symbols x, dt_var *table);

/* The maps of a above those of b: [A,..,N], [B,..,N] -> [A+B,..,N]. */
dt_var *dt_concat(dt_var *a, dt_var *b);
/* The features of a above those of b in each step of two sequences: [T,A,N], [T,B,N] -> [T,A+B,N]. */
dt_var *dt_concat_features(dt_var *a, dt_var *b);

/* The steps of a sequence [T,D,N] in the opposite order. */
dt_var *dt_reverse(dt_var *x);

/* Columns of a sequence x [T,D,N]: `count` of them, by their numbers t N + n, which outlive the tape -> [D,count]. So a
 * loss leaves out what only fills up short sequences. */
dt_var *dt_columns(dt_var *x, const int64_t *column, int64_t count);
/* Step t of a sequence x [T,D,N] -> [D,N]. */
dt_var *dt_step(dt_var *x, int64_t t);

/* Attention: for each step of the queries q [T,K,N], the mean of the values h [S,D,N] under weights that a softmax over
 * the S positions makes of how well the query fits the keys k [S,K,N] -> [T,D,N]. With v [K] the score is v' tanh(q +
 * k) (Bahdanau et al. 2015, section A.1.2), with NULL it is q' k (Luong et al. 2015, eq. 8: dot, and general where k is
 * a product with h). Sources of a batch have one length: there is no mask. */
dt_var *dt_attend_of(dt_var *q, dt_var *k, dt_var *h, dt_var *v);
/* The weights of an attention's result y, [T,S,N]. */
const real *dt_attend_weights(const dt_var *y);

/* What a layer that attends before each step compares with: query [K,H], query_bias [K] or NULL, v [K], keys [S,K,N]
 * and places [S,D,N] of a source. */
typedef struct {
    dt_var *query, *query_bias, *v, *keys, *places;
} dt_recurrent_attend_parts;

/* Recurrent units that attend before each step, by additive scores, to the places of a source, and see what they find
 * beside x_t [E] (Bahdanau et al. 2015, eq. 4 to 6): x [T,E,N], parts as for dt_recurrent_of, but w [parts H, E+D] and
 * never NULL -> their states above the attention's means, [T,H+D,N]. */
dt_var *dt_recurrent_attend_of(dt_cell cell, dt_var *x, dt_recurrent_parts parts, dt_recurrent_attend_parts attend);
/* Of its result y: copies the state after the last step, h [H,N], c [H,N] (LSTM only), through which no gradient flows;
 * and the attention's weights, [T,S,N]. */
void dt_recurrent_attend_state(const dt_var *y, real *h, real *c);
const real *dt_recurrent_attend_weights(const dt_var *y);

/* Losses, one number an example: [classes,N] and labels [N], which must outlive the tape -> [N]. A label outside 0 ..
 * classes-1 is a programmer error: readers check theirs. Softmax with cross-entropy: log of the sum of exp(scores) -
 * score of the label. */
dt_var *dt_softmax_xent(dt_var *scores, const int32_t *labels);
/* The same of scores w x + bias, which are not kept as a value: for thousands of classes. x [D,N] or [T,D,N], w
 * [classes,D], bias [classes] or NULL, labels [N] or [T,N] -> as the labels. */
dt_var *dt_linear_xent_of(dt_var *x, dt_var *w, dt_var *bias, const int32_t *labels);
/* The same with label smoothing (Szegedy et al. 2016, section 7): the target is 1 - share for the label, and besides
 * share / classes for every class; 0 <= share < 1. */
dt_var *dt_linear_xent_smooth_of(dt_var *x, dt_var *w, dt_var *bias, const int32_t *labels, double share);
/* LeCun's maximum a posteriori criterion (1998, eq. 9) on penalties y: y_label + log(exp(-rubbish) + sum of exp(-y)).
 */
dt_var *dt_map_loss(dt_var *penalties, const int32_t *labels, real rubbish);
/* Half the squared distance to a target of `high` at the label and `low` elsewhere (LeCun et al. 1998, eq. 8, up to the
 * half). */
dt_var *dt_mse(dt_var *y, const int32_t *labels, real low, real high);

/* Densities. x, logits, mean and log_variance have one shape [..,N]; the losses are -log of the density of x, in nats,
 * summed over an example's numbers -> [N].
 *
 * Bernoulli: the probability of a 1 is sigmoid(logits), x in [0,1]; for x between them it is the cross-entropy. No
 * gradient flows into x. */
dt_var *dt_bernoulli_nll(const dt_var *x, dt_var *logits);
/* Normal, with a variance for each number, exp(log_variance); NULL: 0 (Kingma & Welling 2014, appendix C.2). Gradients
 * flow into all three. */
dt_var *dt_gaussian_nll(dt_var *x, dt_var *mean, dt_var *log_variance);
/* The divergence KL(N(mean, exp(log_variance)) || N(0, 1)), summed likewise (Kingma & Welling 2014, appendix B). */
dt_var *dt_gaussian_kl(dt_var *mean, dt_var *log_variance);
/* A number of that normal distribution as a function of its parameters, mean + exp(log_variance / 2) noise, with noise
 * from dt_normal_input (Kingma & Welling 2014, section 2.4). No gradient flows into the noise. */
dt_var *dt_gaussian_sample(dt_var *mean, dt_var *log_variance, dt_var *noise);

/* The contractive penalty: the squared Frobenius norm of the Jacobian dh/dx of sigmoid units h = sigmoid(w x + b), in
 * closed form (Rifai et al. 2011, eq. 7). h [units,N], w [units,in] -> [N]. */
dt_var *dt_contraction(dt_var *h, dt_var *w);

/* Every op, for the tests and for tables; ends with NULL. */
extern const dt_op *const dt_ops[];

#endif
