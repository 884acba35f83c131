/* Translation networks: their equations, writing word by word, beam search beside the search through everything. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/beam_search.h"

enum { WORDS = 4, HIDDEN = 5, EMBEDDING = 3, END = 0 };

static const struct {
    const char *name;
    seq2seq_attention attention;
    dt_cell cell;
    int layers;
} kinds[] = {{"Sutskever", SEQ2SEQ_NONE, DT_CELL_LSTM, 2},   {"Cho", SEQ2SEQ_NONE, DT_CELL_GRU, 1},
             {"Bahdanau", SEQ2SEQ_ADDITIVE, DT_CELL_GRU, 1}, {"Bahdanau, LSTM", SEQ2SEQ_ADDITIVE, DT_CELL_LSTM, 1},
             {"Luong, dot", SEQ2SEQ_DOT, DT_CELL_LSTM, 3},   {"Luong, general", SEQ2SEQ_GENERAL, DT_CELL_GRU, 2}};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct {
    seq2seq model;
    dt_params *params;
    dt_tape *tape;
} sample;

static void open_sample(sample *s, int kind, uint64_t seed)
{
    *s = (sample){.params = dt_params_new(seed)};
    s->model = (seq2seq){.source = 6,
                         .target = WORDS,
                         .embedding = EMBEDDING,
                         .hidden = HIDDEN,
                         .layers = kinds[kind].layers,
                         .cell = kinds[kind].cell,
                         .attention = kinds[kind].attention,
                         .bound = 1};
    seq2seq_init(&s->model, s->params);
    s->tape = dt_tape_new(&dt_cpu, s->params, NULL);
}

static void close_sample(sample *s)
{
    dt_tape_free(s->tape);
    dt_params_free(s->params);
}

Test(seq2seq, counts_its_parameters)
{
    for (int k = 0; k < KINDS; k++) {
        sample s;
        open_sample(&s, k, 1);
        cr_expect(seq2seq_parameters(&s.model) == dt_params_count(s.params), "%s: %d, not %d", kinds[k].name,
                  (int)seq2seq_parameters(&s.model), (int)dt_params_count(s.params));
        close_sample(&s);
    }
}

/* ---- Bahdanau's equations, written out */

static double value(const sample *s, const dt_param *p, int64_t i)
{
    return (double)s->params->values[p->offset + i];
}

/* row of w x + bias. */
static double affine(const sample *s, const dt_param *w, const dt_param *bias, int64_t row, int64_t in, const double *x)
{
    double sum = bias ? value(s, bias, row) : 0;
    for (int64_t i = 0; i < in; i++) sum += value(s, w, row * in + i) * x[i];
    return sum;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static void gru(const sample *s, const dt_recurrent_layer *l, int64_t in, const double *x, double *h)
{
    double after[HIDDEN];
    for (int64_t i = 0; i < HIDDEN; i++) {
        const double r = sigmoid(affine(s, l->weight, l->bias, i, in, x) + affine(s, l->recurrent, NULL, i, HIDDEN, h));
        const double z = sigmoid(affine(s, l->weight, l->bias, HIDDEN + i, in, x) +
                                 affine(s, l->recurrent, NULL, HIDDEN + i, HIDDEN, h));
        const double q = affine(s, l->recurrent, NULL, 2 * HIDDEN + i, HIDDEN, h) + value(s, l->bias, 3 * HIDDEN + i);
        const double n = tanh(affine(s, l->weight, l->bias, 2 * HIDDEN + i, in, x) + r * q);
        after[i] = (1 - z) * n + z * h[i];
    }
    memcpy(h, after, sizeof after);
}

static void word_of(const sample *s, int side, int32_t word, double *x)
{
    for (int i = 0; i < EMBEDDING; i++) x[i] = value(s, s->model.words[side].weight, word * EMBEDDING + i);
}

/* -log p of each next word. */
static void bahdanau(const sample *s, const int32_t *source, int places, const int32_t *next, int steps, double *loss)
{
    const seq2seq *m = &s->model;
    double h[16][2 * HIDDEN], x[EMBEDDING + 2 * HIDDEN], state[HIDDEN] = {0}, back[HIDDEN] = {0}, start[HIDDEN];
    for (int j = 0; j < places; j++) {
        word_of(s, 0, source[j], x), gru(s, &m->reader[0], EMBEDDING, x, state), memcpy(h[j], state, sizeof state);
        const int k = places - 1 - j;
        word_of(s, 0, source[k], x), gru(s, &m->backward_reader, EMBEDDING, x, back);
        memcpy(h[k] + HIDDEN, back, sizeof back);
    }
    for (int i = 0; i < HIDDEN; i++) start[i] = tanh(affine(s, m->start.weight, m->start.bias, i, HIDDEN, back));
    for (int t = 0; t < steps; t++) {
        double a[16], sum = 0, both[3 * HIDDEN], out[HIDDEN];
        for (int j = 0; j < places; j++) {
            double e = 0;
            for (int i = 0; i < HIDDEN; i++)
                e += value(s, m->attend.score, i) *
                     tanh(affine(s, m->attend.query.weight, m->attend.query.bias, i, HIDDEN, start) +
                          affine(s, m->attend.key.weight, NULL, i, 2 * HIDDEN, h[j]));
            sum += a[j] = exp(e);
        }
        word_of(s, 1, t ? next[t - 1] : END, x);
        for (int i = 0; i < 2 * HIDDEN; i++) {
            x[EMBEDDING + i] = 0;
            for (int j = 0; j < places; j++) x[EMBEDDING + i] += a[j] / sum * h[j][i];
        }
        gru(s, &m->writer[0], EMBEDDING + 2 * HIDDEN, x, start);
        memcpy(both, start, sizeof start), memcpy(both + HIDDEN, x + EMBEDDING, 2 * HIDDEN * sizeof *x);
        for (int i = 0; i < HIDDEN; i++)
            out[i] = tanh(affine(s, m->readout.weight, m->readout.bias, i, 3 * HIDDEN, both));
        double all = 0;
        for (int w = 0; w < WORDS; w++) all += exp(affine(s, m->out.weight, m->out.bias, w, HIDDEN, out));
        loss[t] = log(all) - affine(s, m->out.weight, m->out.bias, next[t], HIDDEN, out);
    }
}

/* Column i of [steps,n]. */
static void column_of(const int32_t *id, int64_t steps, int64_t n, int64_t i, int32_t *out)
{
    for (int64_t t = 0; t < steps; t++) out[t] = id[t * n + i];
}

Test(seq2seq, follows_bahdanaus_equations)
{
    enum { N = 3, PLACES = 4, STEPS = 3, COUNT = STEPS * N };
    static const int32_t source[PLACES * N] = {1, 4, 2, 0, 3, 3, 0, 2, 5, 1, 1, 4};
    static const int32_t next[COUNT] = {2, 1, 3, 1, 1, 2, 0, 3, 0}, previous[COUNT] = {END, END, END, 2, 1, 3, 1, 1, 2};
    int64_t column[COUNT];
    for (int i = 0; i < COUNT; i++) column[i] = i;
    sample s;
    open_sample(&s, 2, 7);
    const seq2seq_target target = {{previous, STEPS, N}, column, next, COUNT};
    const dt_var *loss = seq2seq_loss(&s.model, s.tape, (dt_symbols){source, PLACES, N}, &target, 0);
    for (int i = 0; i < N; i++) {
        int32_t from[PLACES], into[STEPS];
        double wanted[STEPS];
        column_of(source, PLACES, N, i, from), column_of(next, STEPS, N, i, into);
        bahdanau(&s, from, PLACES, into, STEPS, wanted);
        for (int t = 0; t < STEPS; t++)
            cr_expect(fabs((double)loss->value[t * N + i] - wanted[t]) < 1e-5, "sentence %d, word %d: %g, not %g", i, t,
                      (double)loss->value[t * N + i], wanted[t]);
    }
    close_sample(&s);
}

/* ---- writing */

/* log p of a translation, its end mark included, by the loss that training has. */
static double log_p(const sample *s, const int32_t *source, int64_t places, const int32_t *id, int64_t count)
{
    int32_t previous[16], next[16];
    int64_t column[16];
    for (int64_t t = 0; t <= count; t++) {
        previous[t] = t ? id[t - 1] : END;
        next[t] = t < count ? id[t] : END;
        column[t] = t;
    }
    const seq2seq_target target = {{previous, count + 1, 1}, column, next, count + 1};
    dt_tape_reset(s->tape);
    const dt_var *loss = seq2seq_loss(&s->model, s->tape, (dt_symbols){source, places, 1}, &target, 0);
    double sum = 0;
    for (int64_t t = 0; t <= count; t++) sum -= (double)loss->value[t];
    return sum;
}

/* The best of all translations of up to `most` words with their end mark. */
static beam_translation search_all(const sample *s, const int32_t *source, int64_t places, int64_t most, double alpha)
{
    beam_translation best = {malloc(16 * sizeof(int32_t)), 0, -INFINITY};
    for (int64_t count = 0, all = 1; count < most; count++, all *= WORDS - 1)
        for (int64_t k = 0; k < all; k++) {
            int32_t id[16];
            for (int64_t t = 0, rest = k; t < count; t++, rest /= WORDS - 1) id[t] = 1 + (int32_t)(rest % (WORDS - 1));
            const double score = log_p(s, source, places, id, count) / pow((double)(count + 1), alpha);
            if (score <= best.score) continue;
            memcpy(best.id, id, sizeof id);
            best.count = count, best.score = score;
        }
    return best;
}

Test(beam_search, as_wide_as_everything_finds_the_best)
{
    enum { MOST = 4, N = 2, PLACES = 3, WIDE = 4 * 3 * 3 * 3 + 3 * 3 + 3 + 1 };
    static const int32_t source[PLACES * N] = {1, 5, 2, 4, 3, 0};
    static const double alphas[] = {0, 1, 0.6};
    for (int k = 0; k < KINDS; k++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            sample s;
            seq2seq_decoder decoder;
            beam_translation found[N];
            const double alpha = alphas[seed - 1];
            open_sample(&s, k, seed);
            seq2seq_decoder_init(&decoder, &s.model, s.params, &dt_cpu);
            beam_search_run(&(beam_search){WIDE, alpha, MOST, END}, &decoder, (dt_symbols){source, PLACES, N}, found);
            for (int i = 0; i < N; i++) {
                int32_t own[PLACES];
                column_of(source, PLACES, N, i, own);
                beam_translation best = search_all(&s, own, PLACES, MOST, alpha);
                cr_expect(fabs(found[i].score - best.score) < 1e-5 && found[i].count == best.count &&
                              memcmp(found[i].id, best.id, (size_t)best.count * sizeof *best.id) == 0,
                          "%s, seed %d, sentence %d: %g with %d words, the best has %g with %d", kinds[k].name,
                          (int)seed, i, found[i].score, (int)found[i].count, best.score, (int)best.count);
                free(best.id), free(found[i].id);
            }
            seq2seq_decoder_free(&decoder);
            close_sample(&s);
        }
}

/* A beam of one takes the best word each time, and a wider one finds nothing worse; sentences of a batch do not meet.
 */
Test(beam_search, greedy_and_batches)
{
    enum { MOST = 6, N = 5, PLACES = 3 };
    static const int32_t source[PLACES * N] = {1, 5, 2, 4, 3, 0, 3, 3, 2, 1, 1, 2, 5, 0, 4};
    for (int k = 0; k < KINDS; k++) {
        sample s;
        seq2seq_decoder decoder;
        beam_translation greedy[N], wide[N], alone;
        open_sample(&s, k, 4);
        seq2seq_decoder_init(&decoder, &s.model, s.params, &dt_cpu);
        beam_search_run(&(beam_search){1, 1, MOST, END}, &decoder, (dt_symbols){source, PLACES, N}, greedy);
        beam_search_run(&(beam_search){3, 1, MOST, END}, &decoder, (dt_symbols){source, PLACES, N}, wide);
        for (int i = 0; i < N; i++) {
            int32_t own[PLACES], word = END;
            const int64_t from = 0;
            column_of(source, PLACES, N, i, own);
            beam_search_run(&(beam_search){3, 1, MOST, END}, &decoder, (dt_symbols){own, PLACES, 1}, &alone);
            cr_expect(fabs(alone.score - wide[i].score) < 1e-5 && alone.count == wide[i].count, "%s, sentence %d",
                      kinds[k].name, i);
            seq2seq_decoder_read(&decoder, (dt_symbols){own, PLACES, 1});
            for (int64_t t = 0; t <= greedy[i].count && t < MOST; t++) {
                const dt_var *scores = seq2seq_decoder_step(&decoder, &from, &word, 1);
                word = 0;
                for (int32_t w = 1; w < WORDS; w++)
                    if (scores->value[w] > scores->value[word]) word = w;
                cr_expect(word == (t < greedy[i].count ? greedy[i].id[t] : END), "%s, sentence %d, word %d",
                          kinds[k].name, i, (int)t);
            }
            free(greedy[i].id), free(wide[i].id), free(alone.id);
        }
        seq2seq_decoder_free(&decoder);
        close_sample(&s);
    }
}

/* ---- training */

/* Reverses three words. */
static double train(sample *s, int steps)
{
    enum { N = 16, PLACES = 4, STEPS = 4, COUNT = STEPS * N };
    int32_t source[PLACES * N], previous[COUNT], next[COUNT];
    int64_t column[COUNT];
    dt_optimizer optimizer;
    dt_optimizer_init(&optimizer, s->params, &(dt_optimizer_recipe){DT_USUAL_ADAM});
    double mean = 0;
    for (int step = 0; step < steps; step++) {
        dt_rng stream = dt_rng_stream(9, "words", (uint64_t)step);
        for (int i = 0; i < N; i++)
            for (int t = 0; t < STEPS; t++) {
                const int32_t word = t < 3 ? 1 + (int32_t)dt_rng_below(stream, (uint64_t)(3 * i + t), 3) : END;
                source[t * N + i] = word;
                if (t < 3) next[(2 - t) * N + i] = word;
                next[3 * N + i] = END;
            }
        for (int i = 0; i < COUNT; i++) previous[i] = i < N ? END : next[i - N], column[i] = i;
        const seq2seq_target target = {{previous, STEPS, N}, column, next, COUNT};
        dt_tape_reset(s->tape);
        dt_params_zero_gradients(s->params);
        dt_var *loss = seq2seq_loss(&s->model, s->tape, (dt_symbols){source, PLACES, N}, &target, 0);
        mean = 0;
        for (int i = 0; i < COUNT; i++) mean += (double)loss->value[i] / COUNT;
        dt_backward(loss, 1 / (real)COUNT);
        dt_params_clip(s->params, &dt_cpu, 1);
        dt_optimizer_step(&optimizer, &dt_cpu, s->params, 0.02);
    }
    dt_optimizer_free(&optimizer);
    return mean;
}

Test(seq2seq, learns_to_reverse)
{
    for (int k = 0; k < KINDS; k++) {
        sample s;
        open_sample(&s, k, 2);
        const double before = train(&s, 1), after = train(&s, 400);
        cr_expect(before > 1 && after < 0.4, "%s: from %g to %g nats", kinds[k].name, before, after);
        close_sample(&s);
    }
}

Test(seq2seq, same_bits_for_one_and_two_threads)
{
    for (int k = 0; k < KINDS; k++) {
        sample one, two;
        open_sample(&one, k, 2), open_sample(&two, k, 2);
        train(&one, 5);
        dt_threads_set(2);
        train(&two, 5);
        dt_threads_set(1);
        cr_expect(memcmp(one.params->values, two.params->values, (size_t)one.params->size * sizeof(real)) == 0, "%s",
                  kinds[k].name);
        close_sample(&one), close_sample(&two);
    }
}

/* None of its own words, all of them, or every word by the same numbers. */
Test(seq2seq, scheduled_sampling_replaces_words_by_its_own)
{
    enum { N = 4, PLACES = 3, STEPS = 5 };
    static const int32_t source[PLACES * N] = {1, 5, 2, 4, 3, 0, 3, 3, 2, 1, 1, 2};
    sample s;
    seq2seq_decoder decoder;
    open_sample(&s, 2, 5);
    seq2seq_decoder_init(&decoder, &s.model, s.params, &dt_cpu);
    int32_t gold[STEPS * N], none[STEPS * N], all[STEPS * N], some[STEPS * N];
    for (int i = 0; i < STEPS * N; i++) gold[i] = i < N ? END : 1 + i % 3;
    memcpy(none, gold, sizeof gold), memcpy(all, gold, sizeof gold), memcpy(some, gold, sizeof gold);
    const dt_symbols x = {source, PLACES, N};
    seq2seq_decoder_sample(&decoder, x, none, STEPS, 0, dt_rng_stream(1, "sampling", 0));
    seq2seq_decoder_sample(&decoder, x, all, STEPS, 1, dt_rng_stream(1, "sampling", 0));
    seq2seq_decoder_sample(&decoder, x, some, STEPS, 0.5, dt_rng_stream(1, "sampling", 0));
    cr_expect(memcmp(none, gold, sizeof gold) == 0);
    cr_expect(memcmp(some, gold, sizeof gold) != 0 && memcmp(some, all, sizeof all) != 0);
    seq2seq_decoder_read(&decoder, x);
    for (int t = 0; t + 1 < STEPS; t++) {
        const int64_t columns[N] = {0, 1, 2, 3};
        const dt_var *scores = seq2seq_decoder_step(&decoder, columns, all + t * N, N);
        for (int i = 0; i < N; i++)
            for (int w = 0; w < WORDS; w++)
                cr_expect(scores->value[w * N + i] <= scores->value[all[(t + 1) * N + i] * N + i], "word %d of %d", t,
                          i);
    }
    seq2seq_decoder_free(&decoder);
    close_sample(&s);
}
