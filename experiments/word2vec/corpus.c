/* The text, and one training on it. */
#include <string.h>

#include "core/clock.h"
#include "experiments/word2vec/parts.h"

const dt_text_set wiki_text = {.name = "wiki100m",
                               .files = (const char *const[]){"wiki100m.txt", NULL},
                               .sha256 = "23d510089b8cc312077027711d9207b9563e75a6c26f8991f3af9bb36bb97328"},
                  eval_texts = {.name = "word2vec_eval",
                                .files = (const char *const[]){"questions-words.txt", "EN-WS-353-ALL.txt",
                                                               "EN-SIMLEX-999.txt", "EN-MEN-TR-3k.txt", "EN-RG-65.txt",
                                                               "EN-MC-30.txt", NULL},
                                .sha256 = "5c0fd18e062de3f61f28a58c5dd6a42b7c9e1ae782ad23a9b50c5478940e608b"};

enum { MIN_COUNT = 5, SMOKE_BYTES = 500000, STEP = 64 /* pieces between two looks at the clock */ };

dt_status text_read_file(dt_trial *trial, const char *path, int64_t least, int64_t most, text *t, dt_error *err)
{
    *t = (text){0};
    const dt_word_options options = {.least = least, .leave_out = true, .most = most};
    dt_status status = dt_vocabulary_read_words(path, &options, &t->words, err);
    if (status == DT_OK) status = dt_word_ids_read(path, &t->words, most, dt_trial_folder(trial), &t->ids, err);
    if (status != DT_OK) {
        text_free(t);
        return status;
    }
    dt_trial_say(trial, "%s: %lld words, %lld different ones; left out: %lld rarer than %lld", path,
                 (long long)t->ids.words, (long long)t->words.size, (long long)t->ids.unknown, (long long)least);
    return DT_OK;
}

dt_status text_read(dt_trial *trial, text *t, dt_error *err)
{
    char path[512];
    dt_trial_text_path(trial, wiki_text.files[0], path, sizeof path);
    return text_read_file(trial, path, dt_trial_int(trial, "min-count", MIN_COUNT),
                          dt_trial_preset(trial) == DT_SMOKE ? SMOKE_BYTES : 0, t, err);
}

void text_free(text *t)
{
    dt_vocabulary_free(&t->words);
    dt_word_ids_free(&t->ids);
}

word2vec_recipe recipe_of(const dt_trial *trial, bool cbow, bool hierarchical)
{
    return (word2vec_recipe){.cbow = cbow,
                             .hierarchical = hierarchical,
                             .hogwild = dt_flag_on(dt_trial_flags(trial), "hogwild"),
                             .dims = dt_trial_int(trial, "dims", 100),
                             .window = dt_trial_int(trial, "window", 5),
                             .negatives = dt_trial_int(trial, "negatives", 5),
                             .passes = dt_trial_int(trial, "passes", 5),
                             .rate = dt_trial_real(trial, "lr", cbow ? 0.05 : 0.025),
                             .sample = dt_trial_real(trial, "sample", 1e-4),
                             .seed = dt_trial_seed(trial)};
}

dt_status train(dt_trial *trial, const char *name, const text *t, const word2vec_recipe *recipe, double from, double to,
                word2vec *m, double *seconds, dt_error *err)
{
    word2vec_init(m, recipe, dt_trial_backend(trial), &t->words, &t->ids);
    const double pieces = (double)word2vec_pieces(m), start = dt_seconds();
    while (m->done < word2vec_pieces(m) && !dt_trial_stopped(trial)) {
        word2vec_train(m, STEP);
        const double share = (double)m->done / pieces;
        dt_trial_progress(trial, from + (to - from) * share, "%s  pass %lld/%lld  %.0f words/s", name,
                          (long long)(share * (double)recipe->passes) + (m->done < word2vec_pieces(m)),
                          (long long)recipe->passes,
                          share * (double)(recipe->passes * t->ids.words) / (dt_seconds() - start));
    }
    *seconds = dt_seconds() - start;
    if (word2vec_finite(m)) return DT_OK;
    return dt_error_set(err, DT_ERR_DATA, NULL, -1, "try a lower --lr",
                        "%s: the vectors are not finite any more, rate %g", name, recipe->rate);
}
