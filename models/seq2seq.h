/* Translation: one recurrent network reads a sentence, another writes one.
 *
 * SEQ2SEQ_NONE      Cho et al. 2014 and Sutskever, Vinyals, Le 2014: the reader's last states are the writer's first
 * ones, and all that it learns of the sentence. 1 to 4 layers. SEQ2SEQ_ADDITIVE  Bahdanau, Cho, Bengio 2015: a reader
 * in each direction; before each word the writer's state is compared with all places of the source, and their mean goes
 * into its next state. SEQ2SEQ_DOT, SEQ2SEQ_GENERAL  Luong, Pham, Manning 2015, global attention: the writer's state
 * first, then the mean beside it, on the way to the next word. 1 to 4 layers. */
#ifndef MODELS_SEQ2SEQ_H
#define MODELS_SEQ2SEQ_H

#include "ditto.h"

enum { SEQ2SEQ_LAYERS = 4 };

typedef enum { SEQ2SEQ_NONE, SEQ2SEQ_ADDITIVE, SEQ2SEQ_DOT, SEQ2SEQ_GENERAL } seq2seq_attention;

typedef struct {
    /* to be set before init */
    int64_t source, target;    /* words of either language */
    int64_t embedding, hidden; /* numbers of a word; units of a layer, and of a direction */
    int layers;                /* 1 where attention is additive */
    dt_cell cell;              /* DT_CELL_GRU or DT_CELL_LSTM */
    seq2seq_attention attention;
    double bound; /* the words' numbers start uniform in +-bound, all other weights as Glorot & Bengio 2010, eq. 16, has
                     it */
    /* made by init */
    dt_embedding_layer words[2]; /* of the source, of the target */
    dt_recurrent_layer reader[SEQ2SEQ_LAYERS], backward_reader, writer[SEQ2SEQ_LAYERS];
    dt_linear_layer start;        /* W_s */
    dt_attention_layer attend;    /* W_a, U_a, v_a */
    dt_linear_layer readout, out; /* readout: where there is attention */
} seq2seq;

void seq2seq_init(seq2seq *m, dt_params *params);

/* How many parameters such a model has, all fields above "made by init" set. */
int64_t seq2seq_parameters(const seq2seq *m);

/* What the writer knows of N source sentences, and its state. */
typedef struct {
    dt_var *places, *keys;                         /* [S,D,N], [S,K,N]; NULL without attention */
    dt_var *h[SEQ2SEQ_LAYERS], *c[SEQ2SEQ_LAYERS]; /* [hidden,N]; c: of LSTM */
    const real *weights;                           /* attention's, of the steps written last, [T,S,N] */
} seq2seq_state;

/* Numbers D in a place of the source, and K in its key; 0 without attention. */
int64_t seq2seq_places(const seq2seq *m);
int64_t seq2seq_keys(const seq2seq *m);

/* Reads N sentences of one length, source [S,N]. */
seq2seq_state seq2seq_read(const seq2seq *m, dt_tape *tape, dt_symbols source);

/* Writes on: the words before, previous [T,N], the first of them the sentence's end mark -> the scores' input at each
 * step, [T,F,N]. The state moves on to behind the last step; with additive attention as a copy, through which no
 * gradient flows. */
dt_var *seq2seq_write(const seq2seq *m, dt_tape *tape, seq2seq_state *state, dt_symbols previous);

/* The scores of all words at these columns t N + n of what seq2seq_write returned: [target,count]. */
dt_var *seq2seq_scores(const seq2seq *m, dt_var *written, const int64_t *column, int64_t count);

/* N sentences to be written, of different lengths: places t N + n of [T,N] at which there is a word, and the word. */
typedef struct {
    dt_symbols previous;   /* [T,N]; what stands behind a sentence's end does not matter */
    const int64_t *column; /* [count] */
    const int32_t *next;   /* [count] */
    int64_t count;
} seq2seq_target;

/* The loss in nats of each of these words, [count], with label smoothing (dt_linear_xent_smooth_of; 0: without). */
dt_var *seq2seq_loss(const seq2seq *m, dt_tape *tape, dt_symbols source, const seq2seq_target *target, double smooth);

#endif
