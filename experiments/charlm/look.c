/* A look into a trained LSTM (Karpathy, Johnson, Li 2016, section 4): how often its gates are saturated, and which
 * cells follow something that a reader can name. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/charlm/parts.h"

enum { LOOK = 20000, SHOWN = 2500, PIECE = 100, GATES = 3, SHADES = 9 };
static const double LOW = 0.1, HIGH = 0.9; /* saturated gates, as in fig. 2 there */

/* Called for each character that was read: its place, and each layer's gates i, f, o, g and state c after it. */
typedef void (*visitor)(void *context, int64_t place, int layer, int64_t hidden, const real *gates, const real *c);

/* The beginning of the validation text as one stream, character after character. Returns how many there are. */
static int64_t characters(const char_text *text)
{
    return text->valid.count < LOOK ? text->valid.count : LOOK;
}

static void read_on(dt_trial *trial, const recurrent_lm *m, dt_params *params, const char_text *text, visitor visit,
                    void *context)
{
    recurrent_lm_state state;
    recurrent_lm_state_init(&state, m, 1);
    dt_tape *tape = dt_tape_new(dt_trial_backend(trial), params, NULL);
    tape->recording = false;
    const int64_t count = characters(text);
    for (int64_t from = 0; from < count; from += PIECE) {
        const int64_t steps = count - from < PIECE ? count - from : PIECE;
        dt_var *layer[RECURRENT_LM_LAYERS];
        dt_tape_reset(tape);
        recurrent_lm_watch(m, tape, (dt_symbols){text->valid.id + from, steps, 1}, &state, layer);
        for (int l = 0; l < m->layers; l++) {
            const dt_recurrent_kept *inside = dt_recurrent_inside(layer[l]);
            for (int64_t t = 0; t < steps; t++)
                visit(context, from + t, l, m->hidden, inside->gates + 4 * t * m->hidden,
                      inside->c + (t + 1) * m->hidden);
        }
    }
    dt_tape_free(tape);
    recurrent_lm_state_free(&state);
}

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for a look at the cells");
    return memory;
}

/* ---- gates */

typedef struct {
    int64_t *left, *right; /* [layers][GATES][hidden] */
} saturation;

static void count_gates(void *context, int64_t place, int layer, int64_t hidden, const real *gates, const real *c)
{
    saturation *s = context;
    (void)place, (void)c;
    for (int64_t i = 0; i < GATES * hidden; i++) {
        s->left[layer * GATES * hidden + i] += (double)gates[i] < LOW;
        s->right[layer * GATES * hidden + i] += (double)gates[i] > HIGH;
    }
}

dt_status look_at_gates(dt_trial *trial, const recurrent_lm *m, dt_params *params, const char_text *text, dt_error *err)
{
    static const char *const names[GATES] = {"input gate", "forget gate", "output gate"};
    const int64_t units = m->layers * GATES * m->hidden;
    saturation s = {need(calloc((size_t)units, sizeof *s.left)), need(calloc((size_t)units, sizeof *s.right))};
    read_on(trial, m, params, text, count_gates, &s);
    dt_buffer b;
    dt_buffer_open(&b, "saturation.tsv");
    fprintf(b.file, "gate\tright\tleft\n");
    const double count = (double)characters(text);
    for (int64_t i = 0; i < units; i++)
        fprintf(b.file, "%s, layer %d\t%.6g\t%.6g\n", names[i / m->hidden % GATES], (int)(i / (GATES * m->hidden)) + 1,
                (double)s.right[i] / count, (double)s.left[i] / count);
    free(s.left);
    free(s.right);
    return dt_trial_buffer(trial, &b, err);
}

/* ---- cells */

enum { IN_LINE, IN_QUOTES, HEADING, IN_WORD, FEATURES };
static const char *const feature_names[FEATURES] = {"how far the line is", "inside quotation marks",
                                                    "a line that ends in a colon", "how far the word is"};

typedef struct {
    int64_t count, cells;
    float *activation;         /* [count][cells]: tanh(c) */
    double *feature[FEATURES]; /* [count] */
} reading;

static void note_cells(void *context, int64_t place, int layer, int64_t hidden, const real *gates, const real *c)
{
    const reading *r = context;
    (void)gates;
    for (int64_t i = 0; i < hidden; i++)
        r->activation[place * r->cells + layer * hidden + i] = (float)tanh((double)c[i]);
}

/* The first byte of a character. */
static uint8_t first_byte(const char_text *text, int64_t place)
{
    int64_t bytes;
    return dt_vocabulary_unit(&text->vocabulary, text->valid.id[place], &bytes)[0];
}

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static void note_features(const char_text *text, const reading *r)
{
    int64_t line = 0, word = 0;
    bool quoted = false;
    for (int64_t i = 0; i < r->count; i++) {
        const uint8_t c = first_byte(text, i);
        line = c == '\n' ? 0 : line + 1;
        word = is_letter(c) ? word + 1 : 0;
        quoted ^= c == '"';
        r->feature[IN_LINE][i] = (double)line;
        r->feature[IN_WORD][i] = (double)word;
        r->feature[IN_QUOTES][i] = quoted;
    }
    bool heading = false; /* known only at the line's end */
    for (int64_t i = r->count - 1; i >= 0; i--) {
        const uint8_t c = first_byte(text, i);
        if (c == '\n') heading = i > 0 && first_byte(text, i - 1) == ':';
        r->feature[HEADING][i] = heading && c != '\n';
    }
}

/* Pearson's correlation of a cell with a feature; 0 where one of them never changes. */
static double correlation(const reading *r, int64_t cell, const double *feature)
{
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    const double n = (double)r->count;
    for (int64_t i = 0; i < r->count; i++) {
        x += (double)r->activation[i * r->cells + cell] / n;
        y += feature[i] / n;
    }
    for (int64_t i = 0; i < r->count; i++) {
        const double a = (double)r->activation[i * r->cells + cell] - x, b = feature[i] - y;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static void print_character(FILE *out, const char_text *text, int64_t place)
{
    int64_t bytes;
    const uint8_t *unit = dt_vocabulary_unit(&text->vocabulary, text->valid.id[place], &bytes);
    if (unit[0] == '&' || unit[0] == '<' || unit[0] == '>')
        fprintf(out, "&#%d;", unit[0]);
    else if ((unit[0] >= 0x80 && bytes == 1) || (unit[0] < ' ' && unit[0] != '\n' && unit[0] != '\t'))
        fputs("·", out);
    else
        fwrite(unit, 1, (size_t)bytes, out);
}

/* The text's beginning, in the colours of one cell. */
static void print_text(FILE *out, const char_text *text, const reading *r, int64_t cell)
{
    int before = -1;
    fputs("<pre>", out);
    for (int64_t i = 0; i < r->count && i < SHOWN; i++) {
        const double a = (double)r->activation[i * r->cells + cell];
        const int shade = (int)fmin((a + 1) / 2 * SHADES, SHADES - 1);
        if (shade != before) fprintf(out, "%s<i class=c%d>", before < 0 ? "" : "</i>", shade);
        before = shade;
        print_character(out, text, i);
    }
    fputs("</i></pre>\n", out);
}

static void print_head(FILE *out)
{
    fputs("<!doctype html>\n<html lang=en><meta charset=utf-8>\n<title>charlm: single cells</title>\n<style>\n"
          "body { font: 16px sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }\n"
          "pre { white-space: pre-wrap; line-height: 1.4 }\ni { font-style: normal }\n",
          out);
    for (int s = 0; s < SHADES; s++) { /* blue, white, red */
        const int pale = 255 - (int)(190 * fabs(s - (SHADES - 1) / 2.0) / ((SHADES - 1) / 2.0));
        const bool low = s < (SHADES - 1) / 2;
        fprintf(out, ".c%d { background: rgb(%d,%d,%d) }\n", s, low ? pale : 255, pale, low ? 255 : pale);
    }
    fputs("</style>\n<h1>What single cells follow</h1>\n<p>The beginning of the validation text. Each character is "
          "coloured by tanh(c) of one cell after it was read: blue -1, white 0, red 1. For each property of the text "
          "it is the cell whose activation correlates most with it.</p>\n",
          out);
}

static void print_cells(FILE *out, const recurrent_lm *m, const char_text *text, const reading *r)
{
    print_head(out);
    for (int f = 0; f < FEATURES; f++) {
        int64_t best = 0;
        double most = 0;
        for (int64_t cell = 0; cell < r->cells; cell++) {
            const double here = correlation(r, cell, r->feature[f]);
            if (fabs(here) > fabs(most)) most = here, best = cell;
        }
        fprintf(out, "<h2>%s</h2>\n", feature_names[f]);
        if (most == 0) {
            fputs("<p>Does not occur in this text.</p>\n", out);
            continue;
        }
        fprintf(out, "<p>Layer %d, cell %d: correlation %.2f over %lld characters.</p>\n", (int)(best / m->hidden) + 1,
                (int)(best % m->hidden) + 1, most, (long long)r->count);
        print_text(out, text, r, best);
    }
    fputs("</html>\n", out);
}

dt_status look_at_cells(dt_trial *trial, const recurrent_lm *m, dt_params *params, const char_text *text, dt_error *err)
{
    reading r = {.count = characters(text), .cells = m->layers * m->hidden};
    r.activation = need(malloc((size_t)(r.count * r.cells) * sizeof *r.activation));
    for (int f = 0; f < FEATURES; f++) r.feature[f] = need(malloc((size_t)r.count * sizeof *r.feature[f]));
    read_on(trial, m, params, text, note_cells, &r);
    note_features(text, &r);
    dt_buffer b;
    dt_buffer_open(&b, "cells.html");
    print_cells(b.file, m, text, &r);
    free(r.activation);
    for (int f = 0; f < FEATURES; f++) free(r.feature[f]);
    return dt_trial_buffer(trial, &b, err);
}
