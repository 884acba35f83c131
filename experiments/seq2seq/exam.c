/* What a network makes of sentences that it was not trained on, and how good that is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/bleu.h"
#include "data/chrf.h"
#include "experiments/seq2seq/parts.h"

enum { BATCH = 32 };

static void *need(void *memory)
{
    DT_REQUIRE(memory, "out of memory for translations");
    return memory;
}

translations exam_translate(const seq2seq_run *run, int part, int64_t width, double alpha)
{
    const bitext *text = run->text;
    const int32_t ends[SIDES] = {text->words[SOURCE].end, text->words[TARGET].end};
    dt_pair_batches batches;
    dt_pair_batch batch = {0};
    translations out = {0};
    if (dt_pair_batches_cut(&text->text[part][SOURCE], &text->text[part][TARGET], BATCH, run->plan.most,
                            run->plan.reverse, ends, &batches, NULL) != DT_OK)
        return out;
    out.line = need(malloc((size_t)batches.pairs * sizeof *out.line));
    out.pair = need(malloc((size_t)batches.pairs * sizeof *out.pair));
    seq2seq_decoder decoder;
    seq2seq_decoder_init(&decoder, &run->model, run->params, dt_trial_backend(run->trial));
    for (int64_t k = 0; k < batches.count; k++) {
        beam_translation found[BATCH];
        dt_pair_batches_at(&batches, k, &batch);
        const beam_search how = {width, alpha, 2 * batch.positions + 10, ends[TARGET]};
        beam_search_run(&how, &decoder, (dt_symbols){batch.source, batch.positions, batch.n}, found);
        for (int64_t i = 0; i < batch.n; i++) {
            out.pair[out.count] = batch.pair[i];
            out.line[out.count++] = bitext_line(text, TARGET, found[i].id, found[i].count);
            free(found[i].id);
        }
    }
    seq2seq_decoder_free(&decoder);
    dt_pair_batch_free(&batch);
    dt_pair_batches_free(&batches);
    return out;
}

void exam_free(translations *t)
{
    for (int64_t i = 0; i < t->count; i++) free(t->line[i]);
    free(t->line);
    free(t->pair);
    *t = (translations){0};
}

static int64_t source_words(const seq2seq_run *run, int part, const translations *t, int64_t i)
{
    return dt_sentence_words(&run->text->text[part][SOURCE], t->pair[i]);
}

double exam_accuracy(const seq2seq_run *run, int part, const translations *t, int64_t words)
{
    int64_t all = 0, right = 0;
    for (int64_t i = 0; i < t->count; i++) {
        if (words > 0 && source_words(run, part, t, i) != words) continue;
        all++;
        right += strcmp(t->line[i], run->text->reference[part][t->pair[i]]) == 0;
    }
    return all ? 100 * (double)right / (double)all : NAN;
}

double exam_bleu(const seq2seq_run *run, int part, const translations *t, int64_t from, int64_t to, int64_t *pairs)
{
    dt_bleu counts = {0};
    *pairs = 0;
    for (int64_t i = 0; i < t->count; i++) {
        const int64_t words = source_words(run, part, t, i);
        if (words < from || words > to) continue;
        const char *const reference = run->text->reference[part][t->pair[i]];
        dt_bleu_add(&counts, t->line[i], &reference, 1);
        ++*pairs;
    }
    return dt_bleu_score(&counts, DT_BLEU_NO_SMOOTHING);
}

void exam_say(const seq2seq_run *run, int part, const translations *t, const char *series)
{
    dt_bleu plain = {0}, cut = {0};
    dt_chrf chrf = {{0}, {0}, {0}};
    for (int64_t i = 0; i < t->count; i++) {
        const char *const reference = run->text->reference[part][t->pair[i]];
        char *own_13a = dt_bleu_words_13a(t->line[i]), *reference_13a = dt_bleu_words_13a(reference);
        const char *const other = reference_13a;
        dt_bleu_add(&plain, t->line[i], &reference, 1);
        dt_bleu_add(&cut, own_13a, &other, 1);
        dt_chrf_add(&chrf, t->line[i], reference);
        free(own_13a);
        free(reference_13a);
    }
    dt_trial_say(
        run->trial,
        "%s: BLEU %.2f as multi-bleu (words between blanks, case as it is, no smoothing), %.2f as sacreBLEU (13a, "
        "case as it is, exp), chrF2 %.2f",
        series, dt_bleu_score(&plain, DT_BLEU_NO_SMOOTHING), dt_bleu_score(&cut, DT_BLEU_SMOOTH_EXP),
        dt_chrf_score(&chrf, 2));
}
