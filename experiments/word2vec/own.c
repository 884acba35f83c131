/* Vectors of the user's own text. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/phrases.h"
#include "experiments/word2vec/parts.h"

enum { LEAST = 5 };

/* The text with its phrases joined, `times` over: each run reads what the one before has written. *path becomes that
 * file, which is in the run's folder. */
static dt_status join_phrases(dt_trial *trial, int64_t times, const dt_phrase_options *options, char path[1024],
                              dt_error *err)
{
    char to[1024];
    dt_status status = DT_OK;
    for (int64_t i = 0; i < times && status == DT_OK; i++) {
        int64_t joined;
        dt_trial_path(trial, i % 2 ? "phrases2.txt" : "phrases.txt", to, sizeof to);
        status = dt_phrases_write(path, to, options, &joined, err);
        if (i > 0) unlink(path);
        snprintf(path, 1024, "%s", to);
        if (status == DT_OK) dt_trial_say(trial, "%s: %lld pairs of words joined", to, (long long)joined);
    }
    return status;
}

static dt_status write_vectors(dt_trial *trial, const word2vec *m, dt_error *err)
{
    char path[1024];
    dt_status status = DT_OK;
    real *vectors = word2vec_vectors(m);
    for (int binary = 0; binary < 2 && status == DT_OK; binary++) {
        dt_trial_path(trial, binary ? "vectors.bin" : "vectors.txt", path, sizeof path);
        status = dt_vectors_write(path, binary, m->words, m->recipe.dims, vectors, err);
    }
    free(vectors);
    if (status != DT_OK) return status;
    dt_trial_say(trial, "vectors of %lld words: %s and .txt", (long long)m->words->size, path);
    return DT_OK;
}

dt_status own_text_run(dt_trial *trial, dt_error *err)
{
    char path[1024];
    text t;
    word2vec m;
    double seconds;
    const dt_flags *flags = dt_trial_flags(trial);
    const int64_t least = dt_trial_int(trial, "min-count", LEAST);
    const dt_phrase_options phrases = {least, dt_flag_real(flags, "threshold")};
    snprintf(path, sizeof path, "%s", dt_flag_text(flags, "text"));
    dt_status status = join_phrases(trial, dt_flag_int(flags, "phrases"), &phrases, path, err);
    if (status == DT_OK) status = text_read_file(trial, path, least, 0, &t, err);
    if (status != DT_OK) return status;
    const word2vec_recipe recipe = recipe_of(trial, strcmp(dt_flag_text(flags, "model"), "cbow") == 0,
                                             strcmp(dt_flag_text(flags, "loss"), "hierarchical") == 0);
    status = train(trial, "your text", &t, &recipe, 0, 1, &m, &seconds, err);
    if (status == DT_OK && !dt_trial_stopped(trial)) status = write_vectors(trial, &m, err);
    if (status == DT_OK)
        dt_trial_say(trial, "%.0f words/s", (double)(recipe.passes * t.ids.words) / (seconds > 0 ? seconds : 1));
    word2vec_free(&m);
    text_free(&t);
    return status;
}
