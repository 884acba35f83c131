/* --translate: lines in, lines out, each answered at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiments/seq2seq/parts.h"

typedef struct {
    const dt_program *program;
    network *net;
    seq2seq_decoder decoder;
    int64_t width, line; /* line: the present one's number */
    double alpha;
} translator;

/* Whether a text that --source or --target names gives the network's words. */
static dt_status check_text(const translator *t, int side, dt_error *err)
{
    static const char *const names[SIDES] = {"source", "target"};
    char path[1024];
    const char *text = dt_flag_text(t->program->flags, names[side]);
    dt_corpus corpus;
    dt_sentences sentences = {0};
    if (!text) return DT_OK;
    dt_status status = dt_corpus_read(text, &corpus, err);
    if (status != DT_OK) return status;
    if (t->net->text.pieces[side]) {
        dt_corpus pieces;
        status = dt_bpe_cut(t->net->text.pieces[side], &corpus, &pieces, err);
        dt_corpus_free(&corpus);
        if (status != DT_OK) return status;
        corpus = pieces;
    }
    status = dt_sentences_read(&t->net->text.words[side], &corpus, &sentences, err);
    dt_corpus_free(&corpus);
    if (status != DT_OK) return status;
    const int64_t words = sentences.start[sentences.count];
    if (2 * sentences.unknown > words)
        status =
            dt_error_set(err, DT_ERR_CONFIG, dt_program_path(t->program, "network", path, sizeof path), -1,
                         "give the text that it was trained on, or leave the flag out",
                         "the network was made with another vocabulary: it does not know %lld of the %lld words of "
                         "%s",
                         (long long)sentences.unknown, (long long)words, text);
    dt_sentences_free(&sentences);
    return status;
}

/* The words of a line as the network reads them, [positions]; the caller frees them. What is too long is cut. */
static dt_status words_of(const translator *t, dt_corpus *line, int32_t **out, int64_t *positions, int64_t *unknown,
                          dt_error *err)
{
    dt_corpus pieces = {0};
    dt_sentences s = {0};
    dt_bpe *bpe = t->net->text.pieces[SOURCE];
    dt_status status = bpe ? dt_bpe_cut(bpe, line, &pieces, err) : DT_OK;
    if (status == DT_OK) status = dt_sentences_read(&t->net->text.words[SOURCE], bpe ? &pieces : line, &s, err);
    dt_corpus_free(&pieces);
    if (status != DT_OK) return status;
    int64_t words = s.start[s.count];
    *unknown = s.unknown;
    if (words > t->net->most)
        fprintf(stderr, "seq2seq: line %lld has %lld words, the first %lld are translated\n", (long long)t->line,
                (long long)words, (long long)t->net->most);
    if (words > t->net->most) words = t->net->most;
    *positions = words + 1;
    *out = malloc((size_t)*positions * sizeof **out);
    DT_REQUIRE(*out, "out of memory for a line");
    for (int64_t i = 0; i < words; i++) (*out)[i] = s.id[t->net->reverse ? words - 1 - i : i];
    (*out)[words] = t->net->text.words[SOURCE].end;
    dt_sentences_free(&s);
    return DT_OK;
}

static dt_status translate_line(translator *t, const char *line, size_t bytes, dt_error *err)
{
    char name[64];
    int32_t *id;
    int64_t positions, unknown;
    dt_corpus text;
    snprintf(name, sizeof name, "standard input, line %lld", (long long)t->line);
    if (bytes == 0) return putchar('\n') == EOF ? DT_ERR_IO : DT_OK;
    dt_status status = dt_corpus_copy(name, line, (int64_t)bytes, &text, err);
    if (status != DT_OK) return status;
    status = words_of(t, &text, &id, &positions, &unknown, err);
    dt_corpus_free(&text);
    if (status != DT_OK) return status;
    beam_translation found;
    const beam_search how = {t->width, t->alpha, 2 * positions + 10, t->net->text.words[TARGET].end};
    beam_search_run(&how, &t->decoder, (dt_symbols){id, positions, 1}, &found);
    char *out = bitext_line(&t->net->text, TARGET, found.id, found.count);
    puts(positions > 1 ? out : "");
    fflush(stdout);
    if (dt_flag_on(t->program->flags, "interactive") && unknown > 0)
        printf("(%lld unknown word%s)\n", (long long)unknown, unknown == 1 ? "" : "s");
    free(out);
    free(found.id);
    free(id);
    return DT_OK;
}

static dt_status translate_lines(translator *t, dt_error *err)
{
    const bool asks = dt_flag_on(t->program->flags, "interactive");
    char *line = NULL;
    size_t room = 0;
    ssize_t bytes;
    dt_status status = DT_OK;
    if (asks)
        printf("a sentence in lower case, words and punctuation apart; an end of file (^D) ends this\n> "),
            fflush(stdout);
    while (status == DT_OK && (bytes = getline(&line, &room, stdin)) >= 0) {
        t->line++;
        if (bytes > 0 && line[bytes - 1] == '\n') bytes--;
        status = translate_line(t, line, (size_t)bytes, err);
        if (status == DT_OK && asks) printf("> "), fflush(stdout);
    }
    if (status == DT_OK && ferror(stdin))
        status = dt_error_set(err, DT_ERR_IO, "standard input", -1, NULL, "cannot be read: %s", strerror(errno));
    if (asks) putchar('\n');
    free(line);
    return status;
}

dt_status translate_answer(const dt_program *p, dt_error *err)
{
    network n;
    dt_status status = network_load(p, &n, err);
    if (status == DT_OK) {
        const int64_t beam = dt_flag_int(p->flags, "beam");
        translator t = {.program = p, .net = &n, .width = beam ? beam : 12, .alpha = dt_flag_real(p->flags, "alpha")};
        seq2seq_decoder_init(&t.decoder, &n.model, n.params, p->backend);
        for (int side = 0; side < SIDES && status == DT_OK; side++) status = check_text(&t, side, err);
        if (status == DT_OK) status = translate_lines(&t, err);
        seq2seq_decoder_free(&t.decoder);
    }
    network_free(&n);
    return status;
}
