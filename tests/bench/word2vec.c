/* Word vectors in training: the first 10 MB of a text, 100 dimensions, window 5, 5 negatives, sample 1e-4, words that
 * occur 5 times. Words are those of the text in the vocabulary, whether or not they are thinned out. Making the
 * vocabulary is not timed. In the table of README.md `_1t` is `_hogwild` with --threads 1. */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "models/word2vec.h"

enum { BYTES = 10000000, PIECES = 16, FOREVER = 1000000 };

typedef struct {
    const char *name;
    bool cbow, hogwild;
} workload;

static void step(void *context)
{
    word2vec *m = context;
    word2vec_train(m, PIECES);
    if (m->done == word2vec_pieces(m)) m->done = 0;
}

static void time_one(const workload *w, const dt_vocabulary *words, const dt_word_ids *text)
{
    const word2vec_recipe recipe = {.cbow = w->cbow,
                                    .hogwild = w->hogwild,
                                    .dims = 100,
                                    .window = 5,
                                    .negatives = 5,
                                    .passes = FOREVER,
                                    .rate = w->cbow ? 0.05 : 0.025,
                                    .sample = 1e-4,
                                    .seed = 1};
    word2vec m;
    word2vec_init(&m, &recipe, &dt_cpu, words, text);
    /* The last piece of a pass is shorter. */
    const double words_a_piece = (double)text->words / (double)m.blocks;
    time_steps(w->name, step, &m, (int64_t)(PIECES * words_a_piece), "words/s");
    word2vec_free(&m);
}

void time_word2vec(const char *path)
{
    static const workload workloads[] = {
        {"w2v_sg_neg5_d100", false, false},
        {"w2v_cbow_neg5_d100", true, false},
        {"w2v_sg_neg5_d100_hogwild", false, true},
        {"w2v_cbow_neg5_d100_hogwild", true, true},
    };
    enum { WORKLOADS = sizeof workloads / sizeof *workloads };
    dt_vocabulary words;
    dt_word_ids text;
    dt_error err;
    int n = 0;
    for (int i = 0; i < WORKLOADS; i++) n += chosen(workloads[i].name);
    if (n == 0) return;
    const dt_word_options options = {.least = 5, .leave_out = true, .most = BYTES};
    dt_status status = dt_vocabulary_read_words(path, &options, &words, &err);
    if (status == DT_OK) {
        status = dt_word_ids_read(path, &words, BYTES, "/tmp", &text, &err);
        if (status != DT_OK) dt_vocabulary_free(&words);
    }
    if (status != DT_OK) {
        fprintf(stderr, "bench: %s: %s; fetch it: datasets/fetch wiki100m, or give another --text\n", err.path,
                err.message);
        return;
    }
    for (int i = 0; i < WORKLOADS; i++)
        if (chosen(workloads[i].name)) time_one(&workloads[i], &words, &text);
    dt_word_ids_free(&text);
    dt_vocabulary_free(&words);
}
