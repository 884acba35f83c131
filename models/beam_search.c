#include "models/beam_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

/* A word of a hypothesis, and the one before it; -1: none. */
typedef struct {
    int32_t word;
    int64_t before;
} node;

/* One more word for a column. */
typedef struct {
    double score; /* log p of all words */
    int64_t column;
    int32_t word;
} candidate;

typedef struct {
    const beam_search *how;
    int64_t sentences, columns;
    node *nodes;
    int64_t n_nodes, room;
    /* by column, and those that come after the present ones: */
    double *score, *next_score; /* log p */
    int64_t *tail, *next_tail;  /* the last node */
    int64_t *owner, *next_owner, *from;
    int32_t *word;
    candidate *best; /* [columns,width]: a column's best words, best first */
    int64_t *ended;  /* [sentences]: how many of its hypotheses */
    beam_translation *out;
} beam;

static void *room_for(int64_t count, size_t size)
{
    void *p = calloc((size_t)count, size);
    DT_REQUIRE(p, "out of memory for a beam of %lld", (long long)count);
    return p;
}

static void open_beam(beam *b, int64_t sentences)
{
    const int64_t most = sentences * b->how->width;
    b->sentences = b->columns = sentences;
    b->score = room_for(most, sizeof *b->score), b->next_score = room_for(most, sizeof *b->score);
    b->tail = room_for(most, sizeof *b->tail), b->next_tail = room_for(most, sizeof *b->tail);
    b->owner = room_for(most, sizeof *b->owner), b->next_owner = room_for(most, sizeof *b->owner);
    b->from = room_for(most, sizeof *b->from);
    b->word = room_for(most, sizeof *b->word);
    b->best = room_for(most * b->how->width, sizeof *b->best);
    b->ended = room_for(sentences, sizeof *b->ended);
    for (int64_t i = 0; i < sentences; i++) {
        b->owner[i] = b->from[i] = i;
        b->tail[i] = -1;
        b->word[i] = b->how->end;
        b->out[i] = (beam_translation){.score = -INFINITY};
    }
}

static void close_beam(beam *b)
{
    free(b->nodes);
    free(b->score), free(b->next_score);
    free(b->tail), free(b->next_tail);
    free(b->owner), free(b->next_owner);
    free(b->from), free(b->word), free(b->best), free(b->ended);
}

static int64_t add_node(beam *b, int32_t word, int64_t before)
{
    if (b->n_nodes == b->room) {
        b->room = b->room ? 2 * b->room : 1024;
        b->nodes = realloc(b->nodes, (size_t)b->room * sizeof *b->nodes);
        DT_REQUIRE(b->nodes, "out of memory for a beam of %lld words", (long long)b->room);
    }
    b->nodes[b->n_nodes] = (node){word, before};
    return b->n_nodes++;
}

/* The hypothesis that ends with this node is a translation of the sentence; it stays if there is no better one. */
static void take(beam *b, int64_t sentence, int64_t tail, double score, int64_t words)
{
    beam_translation *t = &b->out[sentence];
    const double normal = score / pow((double)words, b->how->alpha);
    if (!(normal > t->score) && t->id) return;
    int64_t count = 0;
    for (int64_t at = tail; at >= 0; at = b->nodes[at].before) count++;
    free(t->id);
    *t = (beam_translation){room_for(count + 1, sizeof *t->id), count, normal};
    for (int64_t at = tail; at >= 0; at = b->nodes[at].before) t->id[--count] = b->nodes[at].word;
}

/* The `width` best words of each column by score, scores [words,columns]; of equals the first. What is subtracted to
 * make a score log p is the same for a column's words. */
static void best_words(beam *b, const dt_var *scores, const double *normaliser)
{
    const int64_t columns = b->columns, width = b->how->width;
    for (int64_t i = 0; i < columns * width; i++) b->best[i].score = -INFINITY;
    for (int64_t i = 0; i < columns; i++) b->next_score[i] = -INFINITY; /* the least of a column's best */
    for (int32_t w = 0; w < scores->dim[0]; w++)
        for (int64_t i = 0; i < columns; i++) {
            const double score = (double)scores->value[w * columns + i];
            if (!(score > b->next_score[i])) continue;
            candidate *c = b->best + i * width;
            int64_t at = width - 1;
            for (; at > 0 && score > c[at - 1].score; at--) c[at] = c[at - 1];
            c[at] = (candidate){score, i, w};
            b->next_score[i] = c[width - 1].score;
        }
    for (int64_t i = 0; i < columns * width; i++) b->best[i].score += b->score[i / width] - normaliser[i / width];
}

/* The logarithm of the sum of each column's exponentials, as the loss of its first word plus that word's score. */
static void normalisers(const beam *b, dt_var *scores, double *normaliser)
{
    int32_t *first = room_for(b->columns, sizeof *first);
    const dt_var *loss = dt_softmax_xent(scores, first);
    for (int64_t i = 0; i < b->columns; i++) normaliser[i] = (double)loss->value[i] + (double)scores->value[i];
    free(first);
}

static int by_score(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

/* Of the candidates of one sentence's columns, first .. end-1, the best ones end or go on; `count` columns do so far.
 * Returns how many then. */
static int64_t continue_sentence(beam *b, int64_t first, int64_t end, int64_t words, int64_t count)
{
    const int64_t sentence = b->owner[first], width = b->how->width;
    const int64_t places = width - b->ended[sentence];
    qsort(b->best + first * width, (size_t)((end - first) * width), sizeof *b->best, by_score);
    for (int64_t k = 0; k < places && k < (end - first) * width; k++) {
        const candidate *c = b->best + first * width + k;
        if (!(c->score > -INFINITY)) break; /* fewer words than the beam is wide */
        if (c->word == b->how->end) {
            take(b, sentence, b->tail[c->column], c->score, words);
            b->ended[sentence]++;
            continue;
        }
        const int64_t tail = add_node(b, c->word, b->tail[c->column]);
        if (words == b->how->most) {
            if (!b->out[sentence].id) take(b, sentence, tail, c->score, words);
            continue;
        }
        b->next_score[count] = c->score;
        b->next_tail[count] = tail;
        b->next_owner[count] = sentence;
        b->from[count] = c->column;
        b->word[count++] = c->word;
    }
    return count;
}

#define EXCHANGE(type, a, b) \
    do {                     \
        type former = a;     \
        a = b;               \
        b = former;          \
    } while (0)

void beam_search_run(const beam_search *how, seq2seq_decoder *d, dt_symbols source, beam_translation *out)
{
    DT_REQUIRE(how->width > 0 && how->most > 0, "beam search: width %lld, at most %lld words", (long long)how->width,
               (long long)how->most);
    beam b = {.how = how, .out = out};
    open_beam(&b, source.n);
    double *normaliser = room_for(source.n * how->width, sizeof *normaliser);
    seq2seq_decoder_read(d, source);
    for (int64_t words = 1; words <= how->most && b.columns > 0; words++) {
        dt_var *scores = seq2seq_decoder_step(d, b.from, b.word, b.columns);
        normalisers(&b, scores, normaliser);
        best_words(&b, scores, normaliser);
        int64_t count = 0;
        for (int64_t first = 0, end; first < b.columns; first = end) {
            for (end = first; end < b.columns && b.owner[end] == b.owner[first];) end++;
            count = continue_sentence(&b, first, end, words, count);
        }
        EXCHANGE(double *, b.score, b.next_score);
        EXCHANGE(int64_t *, b.tail, b.next_tail);
        EXCHANGE(int64_t *, b.owner, b.next_owner);
        b.columns = count;
    }
    free(normaliser);
    close_beam(&b);
}
