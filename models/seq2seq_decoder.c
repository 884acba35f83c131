#include "models/seq2seq_decoder.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

void seq2seq_decoder_init(seq2seq_decoder *d, const seq2seq *m, dt_params *params, const dt_backend *backend)
{
    *d = (seq2seq_decoder){.model = m, .tape = dt_tape_new(backend, params, NULL)};
    d->tape->recording = false;
}

void seq2seq_decoder_free(seq2seq_decoder *d)
{
    if (d->tape) dt_tape_free(d->tape);
    for (int i = 0; i < 2; i++) free(d->source[i].value), free(d->wide[i].value);
    for (int i = 0; i < 2 * SEQ2SEQ_LAYERS; i++) free(d->state[i].value), free(d->other[i].value);
    free(d->sentence);
    free(d->other_sentence);
    free(d->all);
    *d = (seq2seq_decoder){0};
}

static void *grown(void *p, int64_t count, size_t size)
{
    p = realloc(p, (size_t)count * size);
    DT_REQUIRE(p, "out of memory for %lld numbers of a translation", (long long)count);
    return p;
}

static void reserve(seq2seq_block *b, int64_t rows, int64_t columns)
{
    if (rows * columns > b->room) b->value = grown(b->value, b->room = rows * columns, sizeof *b->value);
    b->rows = rows;
}

static void set(seq2seq_block *b, const dt_var *x)
{
    const int64_t n = dt_batch(x), rows = x->count / n;
    reserve(b, rows, n);
    memcpy(b->value, x->value, (size_t)x->count * sizeof(real));
}

/* to[.][i] = from[.][column[i]] for blocks of `before` and `count` columns. */
static void gather(const seq2seq_block *from, int64_t before, const int64_t *column, int64_t count, seq2seq_block *to)
{
    reserve(to, from->rows, count);
    for (int64_t r = 0; r < from->rows; r++)
        for (int64_t i = 0; i < count; i++) to->value[r * count + i] = from->value[r * before + column[i]];
}

static void make_room(seq2seq_decoder *d, int64_t columns)
{
    if (columns <= d->room) return;
    d->sentence = grown(d->sentence, columns, sizeof *d->sentence);
    d->other_sentence = grown(d->other_sentence, columns, sizeof *d->other_sentence);
    d->all = grown(d->all, columns, sizeof *d->all);
    for (int64_t i = 0; i < columns; i++) d->all[i] = i;
    d->room = columns;
}

static void keep_state(seq2seq_decoder *d, const seq2seq_state *s)
{
    for (int l = 0; l < d->model->layers; l++) {
        set(&d->state[2 * l], s->h[l]);
        if (s->c[l]) set(&d->state[2 * l + 1], s->c[l]);
    }
}

void seq2seq_decoder_read(seq2seq_decoder *d, dt_symbols source)
{
    dt_tape_reset(d->tape);
    seq2seq_state s = seq2seq_read(d->model, d->tape, source);
    /* Bahdanau's LSTM writer begins with c = 0. */
    for (int l = 0; l < d->model->layers; l++) {
        if (d->model->cell != DT_CELL_LSTM || s.c[l]) continue;
        s.c[l] = dt_input(d->tape, 2, s.h[l]->dim);
        memset(s.c[l]->value, 0, (size_t)s.c[l]->count * sizeof(real));
    }
    keep_state(d, &s);
    d->positions = source.steps;
    d->sentences = d->columns = source.n;
    make_room(d, source.n);
    memcpy(d->sentence, d->all, (size_t)source.n * sizeof *d->sentence);
    if (!s.places) return;
    set(&d->source[0], s.places), set(&d->source[1], s.keys);
    for (int i = 0; i < 2; i++) gather(&d->source[i], source.n, d->all, source.n, &d->wide[i]);
}

/* The columns that go on become the columns: states always, places only where others' are needed than before. */
static void choose(seq2seq_decoder *d, const int64_t *from, int64_t count)
{
    make_room(d, count);
    bool same = count == d->columns;
    for (int64_t i = 0; i < count; i++) {
        d->other_sentence[i] = d->sentence[from[i]];
        same = same && d->other_sentence[i] == d->sentence[i];
    }
    int64_t *sentence = d->sentence;
    d->sentence = d->other_sentence;
    d->other_sentence = sentence;
    for (int i = 0; i < 2 * d->model->layers; i++) {
        if (!d->state[i].value) continue;
        gather(&d->state[i], d->columns, from, count, &d->other[i]);
        seq2seq_block block = d->state[i];
        d->state[i] = d->other[i];
        d->other[i] = block;
    }
    d->columns = count;
    for (int i = 0; i < 2 && d->source[i].value && !same; i++)
        gather(&d->source[i], d->sentences, d->sentence, count, &d->wide[i]);
}

dt_var *seq2seq_decoder_step(seq2seq_decoder *d, const int64_t *from, const int32_t *previous, int64_t count)
{
    const seq2seq *m = d->model;
    choose(d, from, count);
    dt_tape_reset(d->tape);
    seq2seq_state s = {0};
    for (int l = 0; l < m->layers; l++) {
        const int64_t dim[2] = {m->hidden, count};
        s.h[l] = dt_constant(d->tape, 2, dim, d->state[2 * l].value);
        if (m->cell == DT_CELL_LSTM) s.c[l] = dt_constant(d->tape, 2, dim, d->state[2 * l + 1].value);
    }
    if (m->attention != SEQ2SEQ_NONE) {
        s.places = dt_constant(d->tape, 3, (int64_t[]){d->positions, seq2seq_places(m), count}, d->wide[0].value);
        s.keys = dt_constant(d->tape, 3, (int64_t[]){d->positions, seq2seq_keys(m), count}, d->wide[1].value);
    }
    dt_var *written = seq2seq_write(m, d->tape, &s, (dt_symbols){previous, 1, count});
    d->looks = s.weights;
    keep_state(d, &s);
    return seq2seq_scores(m, written, d->all, count);
}

/* The word with the highest score in each column, the first of equals; until the next step. */
static const int32_t *best_words(const seq2seq_decoder *d, const dt_var *scores)
{
    const int64_t n = dt_batch(scores);
    int32_t *best = dt_arena_alloc(d->tape->arena, (size_t)n * sizeof *best);
    memset(best, 0, (size_t)n * sizeof *best);
    for (int32_t w = 1; w < d->model->target; w++)
        for (int64_t i = 0; i < n; i++)
            if (scores->value[w * n + i] > scores->value[best[i] * n + i]) best[i] = w;
    return best;
}

void seq2seq_decoder_sample(seq2seq_decoder *d, dt_symbols source, int32_t *previous, int64_t steps, double share,
                            dt_rng stream)
{
    const int64_t n = source.n;
    seq2seq_decoder_read(d, source);
    for (int64_t t = 0; t + 1 < steps; t++) {
        const int32_t *best = best_words(d, seq2seq_decoder_step(d, d->all, previous + t * n, n));
        for (int64_t i = 0; i < n; i++) {
            const int64_t at = (t + 1) * n + i;
            if (dt_rng_uniform(stream, (uint64_t)at) >= share) continue;
            previous[at] = best[i];
        }
    }
}
