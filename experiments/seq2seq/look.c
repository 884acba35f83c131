/* What a network with attention looks at while it writes (Bahdanau et al. 2015, fig. 3): a row of weights for each word
 * of the translation, over the words of the source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/seq2seq/parts.h"

enum { FIGURES = 4, SHOWN = 40, FEWEST = 6, MOST_WORDS = 14 };

/* A sentence, its translation, and the weights [T,S]. */
typedef struct {
    const int32_t *source;
    int64_t sources, targets; /* words, without end marks */
    int32_t *id;              /* [targets]: the translation */
    real *weight;             /* [targets+1][sources+1] */
} sight;

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for a look at a translation");
    return memory;
}

/* Lets the network write the line again, word by word, and keeps the weights. */
static sight look(const seq2seq_run *run, seq2seq_decoder *decoder, int part, int64_t pair)
{
    const bitext *text = run->text;
    const dt_sentences *source = &text->text[part][SOURCE];
    const int32_t end = text->words[TARGET].end;
    sight s = {.source = source->id + source->start[pair], .sources = dt_sentence_words(source, pair)};
    const int64_t positions = s.sources + 1, most = 2 * positions + 10;
    beam_translation found;
    int32_t *id = need(malloc((size_t)positions * sizeof *id));
    for (int64_t i = 0; i < s.sources; i++) id[i] = s.source[run->plan.reverse ? s.sources - 1 - i : i];
    id[s.sources] = text->words[SOURCE].end;
    const dt_symbols symbols = {id, positions, 1};
    beam_search_run(&(beam_search){1, 1, most, end}, decoder, symbols, &found);
    s.id = found.id, s.targets = found.count;
    s.weight = need(malloc((size_t)((s.targets + 1) * positions) * sizeof *s.weight));
    seq2seq_decoder_read(decoder, symbols);
    for (int64_t t = 0; t <= s.targets; t++) {
        const int64_t from = 0;
        seq2seq_decoder_step(decoder, &from, t ? &s.id[t - 1] : &end, 1);
        memcpy(s.weight + t * positions, decoder->looks, (size_t)positions * sizeof *s.weight);
    }
    free(id);
    return s;
}

static void free_sight(sight *s)
{
    free(s->id);
    free(s->weight);
}

/* The word at a place that the network reads. */
static const char *source_word(const seq2seq_run *run, const sight *s, int64_t place, char buf[64])
{
    if (place == s->sources) return "<eos>";
    int64_t bytes;
    const int32_t id = s->source[run->plan.reverse ? s->sources - 1 - place : place];
    const uint8_t *word = dt_vocabulary_unit(&run->text->words[SOURCE], id, &bytes);
    snprintf(buf, 64, "%.*s", bytes < 60 ? (int)bytes : 60, (const char *)word);
    return buf;
}

static const char *target_word(const seq2seq_run *run, const sight *s, int64_t t, char buf[64])
{
    if (t == s->targets) return "<eos>";
    int64_t bytes;
    const uint8_t *word = dt_vocabulary_unit(&run->text->words[TARGET], s->id[t], &bytes);
    snprintf(buf, 64, "%.*s", bytes < 60 ? (int)bytes : 60, (const char *)word);
    return buf;
}

static void print_rows(FILE *out, const seq2seq_run *run, const sight *s, int number)
{
    char a[64], b[64];
    for (int64_t t = 0; t <= s->targets; t++)
        for (int64_t p = 0; p <= s->sources; p++)
            fprintf(out, "%d\t%d\t%s\t%d\t%s\t%.4g\n", number, (int)t, target_word(run, s, t, a), (int)p,
                    source_word(run, s, p, b), (double)s->weight[t * (s->sources + 1) + p]);
}

/* ---- the page */

static const char head[] =
    "<!doctype html>\n<html lang=en><meta charset=utf-8>\n<meta name=viewport content=\"width=device-width\">\n"
    "<title>seq2seq: what it looks at</title>\n<style>\n:root { color-scheme: light dark }\n"
    "body { font: 16px sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }\n"
    "div { margin: 1.5em 0; line-height: 1.9 }\nspan { padding: 0.15em 0.2em; border-radius: 0.2em }\n"
    ".t span { cursor: default } .t :hover, .t :focus { outline: 2px solid #0072B2 }\n"
    "p { margin: 0.2em 0; opacity: 0.8 }\n</style>\n<h1>What the network looks at</h1>\n"
    "<p>Hold the mouse over a word of a translation, touch it, or go to it with the tab key: the source's words get "
    "the colour of their weights.</p>\n";

static const char script[] =
    "<script>\ndocument.querySelectorAll('.t span').forEach(function (word) {\n"
    "    var source = word.closest('div').querySelectorAll('.s span'), weight = word.dataset.w.split(' ');\n"
    "    function light() {\n"
    "        source.forEach(function (s, i) { s.style.background = 'rgba(213,94,0,' + weight[i] / 100 + ')' })\n    }\n"
    "    function dim() { source.forEach(function (s) { s.style.background = '' }) }\n"
    "    word.tabIndex = 0;\n"
    "    word.addEventListener('mouseenter', light); word.addEventListener('focus', light);\n"
    "    word.addEventListener('mouseleave', dim); word.addEventListener('blur', dim);\n"
    "})\n</script>\n</html>\n";

static void print_escaped(FILE *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '&' || *s == '<' || *s == '>')
            fprintf(out, "&#%d;", *s);
        else
            putc(*s, out);
    }
}

static void print_pair(FILE *out, const seq2seq_run *run, const sight *s, const char *reference)
{
    char word[64];
    fputs("<div><b class=s>", out);
    for (int64_t p = 0; p <= s->sources; p++) {
        fputs("<span>", out);
        print_escaped(out, source_word(run, s, p, word));
        fputs("</span> ", out);
    }
    fputs("</b><br><b class=t>", out);
    for (int64_t t = 0; t <= s->targets; t++) {
        fputs("<span data-w=\"", out);
        for (int64_t p = 0; p <= s->sources; p++)
            fprintf(out, "%s%.0f", p ? " " : "", 100 * (double)s->weight[t * (s->sources + 1) + p]);
        fputs("\">", out);
        print_escaped(out, target_word(run, s, t, word));
        fputs("</span> ", out);
    }
    fputs("</b><p>reference: ", out);
    print_escaped(out, reference);
    fputs("</p></div>\n", out);
}

static bool fits(const seq2seq_run *run, int part, uint32_t pair)
{
    const int64_t words = dt_sentence_words(&run->text->text[part][SOURCE], pair);
    return words >= FEWEST && words <= MOST_WORDS;
}

dt_status look_at_attention(const seq2seq_run *run, int part, const translations *t, dt_error *err)
{
    seq2seq_decoder decoder;
    dt_buffer table, page;
    seq2seq_decoder_init(&decoder, &run->model, run->params, dt_trial_backend(run->trial));
    dt_buffer_open(&table, "alignments.tsv");
    dt_buffer_open(&page, "attention.html");
    fputs("sentence\trow\ttarget\tcolumn\tsource\tweight\n", table.file);
    fputs(head, page.file);
    int64_t fitting = 0, at = 0;
    for (int64_t i = 0; i < t->count; i++) fitting += fits(run, part, t->pair[i]);
    const int64_t every = fitting > SHOWN ? fitting / SHOWN : 1; /* short sentences come first */
    int shown = 0;
    for (int64_t i = 0; i < t->count && shown < SHOWN; i++) {
        if (!fits(run, part, t->pair[i]) || at++ % every != 0) continue;
        sight s = look(run, &decoder, part, t->pair[i]);
        if (shown % (SHOWN / FIGURES) == 0) print_rows(table.file, run, &s, shown / (SHOWN / FIGURES) + 1);
        print_pair(page.file, run, &s, run->text->reference[part][t->pair[i]]);
        free_sight(&s);
        shown++;
    }
    fputs(script, page.file);
    seq2seq_decoder_free(&decoder);
    dt_status status = dt_trial_buffer(run->trial, &table, err);
    const dt_status written = dt_trial_buffer(run->trial, &page, err);
    return status == DT_OK ? written : status;
}
