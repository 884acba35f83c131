#include "models/seq2seq.h"

#include <math.h>

#include "core/error.h"

static bool looks(const seq2seq *m)
{
    return m->attention != SEQ2SEQ_NONE;
}

static bool both_ways(const seq2seq *m)
{
    return m->attention == SEQ2SEQ_ADDITIVE;
}

int64_t seq2seq_places(const seq2seq *m)
{
    return !looks(m) ? 0 : both_ways(m) ? 2 * m->hidden : m->hidden;
}

int64_t seq2seq_keys(const seq2seq *m)
{
    return looks(m) ? m->hidden : 0;
}

static void check(const seq2seq *m)
{
    DT_REQUIRE(m->source > 1 && m->target > 1 && m->embedding > 0 && m->hidden > 0,
               "seq2seq: %lld and %lld words, embedding %lld, hidden %lld", (long long)m->source, (long long)m->target,
               (long long)m->embedding, (long long)m->hidden);
    DT_REQUIRE(m->layers >= 1 && m->layers <= (both_ways(m) ? 1 : SEQ2SEQ_LAYERS), "seq2seq: %d layers%s", m->layers,
               both_ways(m) ? " with additive attention, must be 1" : ", must be 1 to 4");
    DT_REQUIRE(m->cell == DT_CELL_GRU || m->cell == DT_CELL_LSTM, "seq2seq: the cell must be GRU or LSTM");
}

void seq2seq_init(seq2seq *m, dt_params *params)
{
    static const char *const readers[] = {"reader1", "reader2", "reader3", "reader4"};
    static const char *const writers[] = {"writer1", "writer2", "writer3", "writer4"};
    static const dt_attention_kind kinds[] = {[SEQ2SEQ_ADDITIVE] = DT_ATTENTION_ADDITIVE,
                                              [SEQ2SEQ_DOT] = DT_ATTENTION_DOT,
                                              [SEQ2SEQ_GENERAL] = DT_ATTENTION_GENERAL};
    check(m);
    const int64_t hidden = m->hidden, places = seq2seq_places(m);
    dt_embedding_init(&m->words[0], params, "source", m->source, m->embedding, m->bound);
    dt_embedding_init(&m->words[1], params, "target", m->target, m->embedding, m->bound);
    for (int l = 0; l < m->layers; l++) {
        const int64_t in = l ? hidden : m->embedding;
        dt_recurrent_init(&m->reader[l], params, readers[l], m->cell, in, hidden, .init = DT_INIT_GLOROT);
        dt_recurrent_init(&m->writer[l], params, writers[l], m->cell, both_ways(m) ? in + places : in, hidden,
                          .init = DT_INIT_GLOROT);
    }
    if (both_ways(m)) {
        dt_recurrent_init(&m->backward_reader, params, "backward", m->cell, m->embedding, hidden,
                          .init = DT_INIT_GLOROT);
        dt_linear_init(&m->start, params, "start", hidden, hidden, .init = DT_INIT_GLOROT);
    }
    if (looks(m)) {
        dt_attention_init(&m->attend, params, "attend", kinds[m->attention], hidden, places, hidden,
                          sqrt(6 / (double)(hidden + places)));
        dt_linear_init(&m->readout, params, "readout", hidden + places, hidden, .init = DT_INIT_GLOROT);
    }
    dt_linear_init(&m->out, params, "out", hidden, m->target, .init = DT_INIT_GLOROT);
}

int64_t seq2seq_parameters(const seq2seq *m)
{
    const int64_t h = m->hidden, parts = dt_cell_parts(m->cell), biases = dt_cell_biases(m->cell) * h;
    const int64_t places = seq2seq_places(m);
    int64_t count = (m->source + m->target) * m->embedding + m->target * (h + 1);
    for (int l = 0; l < m->layers; l++) count += 2 * (parts * h * ((l ? h : m->embedding) + h) + biases);
    if (both_ways(m)) count += parts * h * (m->embedding + h) + biases + parts * h * places + h * (h + 1);
    if (both_ways(m)) count += h * (h + 1) + h * places + h;
    if (m->attention == SEQ2SEQ_GENERAL) count += h * places;
    return looks(m) ? count + h * (h + places + 1) : count;
}

/* ---- reading */

/* h_j = [h->_j; h<-_j], s_0 = tanh(W_s h<-_1) (Bahdanau et al. 2015, section 3.2 and A.2.2). */
static seq2seq_state read_both_ways(const seq2seq *m, dt_var *x)
{
    dt_var *ahead = dt_recurrent(&m->reader[0], x, NULL, NULL);
    dt_var *back = dt_reverse(dt_recurrent(&m->backward_reader, dt_reverse(x), NULL, NULL));
    seq2seq_state s = {.places = dt_concat_features(ahead, back)}; /* [S,2 hidden,N] */
    s.h[0] = dt_tanh(dt_linear(&m->start, dt_step(back, 0)));
    return s;
}

/* Each layer's last state is where that layer of the writer begins (Sutskever et al. 2014, section 2 and 3.4). */
static seq2seq_state read_forward(const seq2seq *m, dt_var *x)
{
    seq2seq_state s = {0};
    for (int l = 0; l < m->layers; l++) {
        dt_var *y = dt_recurrent(&m->reader[l], x, NULL, NULL);
        s.h[l] = dt_step(y, y->dim[0] - 1);
        if (m->cell == DT_CELL_LSTM) s.c[l] = dt_last_cell(y);
        x = dt_hidden_dropout(y); /* [S,hidden,N] */
    }
    if (looks(m)) s.places = x;
    return s;
}

seq2seq_state seq2seq_read(const seq2seq *m, dt_tape *tape, dt_symbols source)
{
    dt_var *x = dt_hidden_dropout(dt_embedding(&m->words[0], tape, source)); /* [S,embedding,N] */
    seq2seq_state s = both_ways(m) ? read_both_ways(m, x) : read_forward(m, x);
    if (looks(m)) s.keys = dt_attention_keys(&m->attend, s.places);
    return s;
}

/* ---- writing */

/* e_ij = a(s_(i-1), h_j), c_i = sum_j a_ij h_j, s_i = f(s_(i-1), y_(i-1), c_i) (Bahdanau et al., eq. 4 to 6): the words
 * w before -> [T,3 hidden,N]. The next step goes on from copies of the states. */
static dt_var *search(const seq2seq *m, dt_var *w, seq2seq_state *s)
{
    dt_var *y = dt_recurrent_attend(&m->writer[0], &m->attend, w, s->h[0], s->c[0], s->keys, s->places);
    const int64_t dim[2] = {m->hidden, dt_batch(w)};
    s->h[0] = dt_input(w->tape, 2, dim);
    if (m->cell == DT_CELL_LSTM) s->c[0] = dt_input(w->tape, 2, dim);
    dt_recurrent_attend_state(y, s->h[0]->value, s->c[0] ? s->c[0]->value : NULL);
    s->weights = dt_recurrent_attend_weights(y);
    return y;
}

/* Layer l of the writer: y [T,.,N] -> [T,hidden,N]. */
static dt_var *layer_of(const seq2seq *m, int l, dt_var *y, seq2seq_state *s)
{
    y = dt_recurrent(&m->writer[l], y, s->h[l], s->c[l]);
    s->h[l] = dt_step(y, y->dim[0] - 1);
    if (m->cell == DT_CELL_LSTM) s->c[l] = dt_last_cell(y);
    return y;
}

dt_var *seq2seq_write(const seq2seq *m, dt_tape *tape, seq2seq_state *s, dt_symbols previous)
{
    dt_var *y = dt_hidden_dropout(dt_embedding(&m->words[1], tape, previous)); /* [T,embedding,N] */
    if (both_ways(m)) return dt_hidden_dropout(search(m, y, s));               /* [T,3 hidden,N] */
    for (int l = 0; l < m->layers; l++) {
        if (l) y = dt_hidden_dropout(y);
        y = layer_of(m, l, y, s); /* [T,hidden,N] */
    }
    if (!looks(m)) return dt_hidden_dropout(y);
    dt_var *look = dt_attention(&m->attend, y, s->keys, s->places);
    s->weights = dt_attend_weights(look);
    return dt_hidden_dropout(dt_concat_features(y, look)); /* [T,2 hidden,N] */
}

/* h~ = tanh(W_c [h; c]) (Luong et al. 2015, eq. 5), or h itself. */
static dt_var *readout(const seq2seq *m, dt_var *written, const int64_t *column, int64_t count)
{
    dt_var *y = dt_columns(written, column, count);
    return looks(m) ? dt_tanh(dt_linear(&m->readout, y)) : y; /* [hidden,count] */
}

dt_var *seq2seq_scores(const seq2seq *m, dt_var *written, const int64_t *column, int64_t count)
{
    return dt_linear(&m->out, readout(m, written, column, count));
}

dt_var *seq2seq_loss(const seq2seq *m, dt_tape *tape, dt_symbols source, const seq2seq_target *y, double smooth)
{
    seq2seq_state s = seq2seq_read(m, tape, source);
    dt_var *written = seq2seq_write(m, tape, &s, y->previous);
    return dt_linear_xent_smooth(&m->out, readout(m, written, y->column, y->count), y->next, smooth);
}
