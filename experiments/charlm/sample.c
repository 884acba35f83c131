/* Text that a network writes, and the network's file in the run's folder. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/charlm/parts.h"

static const char network_file[] = "network";

/* One of the symbols, its scores divided by the temperature. */
static int32_t draw(const real *scores, int64_t n, double temperature, double uniform)
{
    double greatest = (double)scores[0], sum = 0;
    for (int64_t i = 1; i < n; i++) greatest = fmax(greatest, (double)scores[i]);
    for (int64_t i = 0; i < n; i++) sum += exp(((double)scores[i] - greatest) / temperature);
    double left = uniform * sum;
    for (int64_t i = 0; i < n; i++) {
        left -= exp(((double)scores[i] - greatest) / temperature);
        if (left < 0) return (int32_t)i;
    }
    return (int32_t)(n - 1);
}

void sample_print(FILE *out, const recurrent_lm *m, dt_params *params, const dt_backend *backend,
                  const dt_vocabulary *vocabulary, const dt_tokens *prime, int64_t count, double temperature,
                  dt_rng stream)
{
    recurrent_lm_state state;
    recurrent_lm_state_init(&state, m, 1);
    dt_tape *tape = dt_tape_new(backend, params, NULL);
    tape->recording = false;
    int32_t id = prime->id[0];
    for (int64_t i = 0; i + 1 < prime->count + count; i++) {
        dt_tape_reset(tape);
        const dt_var *scores = recurrent_lm_scores(m, tape, (dt_symbols){&id, 1, 1}, &state);
        if (i + 1 < prime->count) {
            id = prime->id[i + 1];
            continue;
        }
        id = draw(scores->value, m->vocabulary, temperature, dt_rng_uniform(stream, (uint64_t)i));
        int64_t bytes;
        const uint8_t *unit = dt_vocabulary_unit(vocabulary, id, &bytes);
        fwrite(unit, 1, (size_t)bytes, out);
    }
    dt_tape_free(tape);
    recurrent_lm_state_free(&state);
}

dt_status sample_save(const dt_trial *trial, const recurrent_lm *m, const dt_params *params,
                      const dt_vocabulary *vocabulary, dt_error *err)
{
    char path[1024];
    int64_t size;
    char *text = dt_vocabulary_text(vocabulary, &size);
    json_t *meta = json_pack("{s:s, s:i, s:i, s:I}", "vocabulary", text, "cell", (int)m->cell, "layers", m->layers,
                             "hidden", (json_int_t)m->hidden);
    free(text);
    DT_REQUIRE(meta, "out of memory for the network's file");
    const dt_blob blob = {"parameters", params->values, (size_t)params->size * sizeof(real)};
    dt_status status = dt_checkpoint_write(dt_trial_path(trial, network_file, path, sizeof path), meta, &blob, 1, err);
    json_decref(meta);
    return status;
}

/* ---- --sample */

typedef struct {
    recurrent_lm model;
    dt_params *params;
    dt_vocabulary vocabulary;
} network;

/* The network in a checkpoint. */
static dt_status unpack(const char *path, const dt_checkpoint *ck, network *n, dt_error *err)
{
    const json_t *meta = dt_checkpoint_meta(ck);
    const char *text = json_string_value(json_object_get(meta, "vocabulary"));
    const json_int_t cell = json_integer_value(json_object_get(meta, "cell")),
                     layers = json_integer_value(json_object_get(meta, "layers")),
                     hidden = json_integer_value(json_object_get(meta, "hidden"));
    if (!text || cell < 0 || cell > DT_CELL_GRU || layers < 1 || layers > RECURRENT_LM_LAYERS || hidden < 1)
        return dt_error_set(err, DT_ERR_DATA, path, -1, "train again", "is no network of this program");
    dt_status status = dt_vocabulary_parse(path, text, (int64_t)strlen(text), &n->vocabulary, err);
    if (status != DT_OK) return status;
    n->model = (recurrent_lm){
        .vocabulary = n->vocabulary.size, .cell = (dt_cell)cell, .layers = (int)layers, .hidden = hidden};
    n->params = dt_params_new(1);
    recurrent_lm_init(&n->model, n->params);
    return dt_checkpoint_blob(ck, "parameters", n->params->values, (size_t)n->params->size * sizeof(real), err);
}

static dt_status load(const dt_program *p, network *n, dt_error *err)
{
    char path[1024];
    dt_checkpoint *ck;
    dt_status status = dt_checkpoint_open(dt_program_path(p, network_file, path, sizeof path), &ck, err);
    if (status == DT_ERR_IO)
        snprintf(err->hint, sizeof err->hint,
                 "train first (make experiments/charlm PRESET=%s), or name the run's folder with --out",
                 dt_flag_text(p->flags, "preset"));
    if (status != DT_OK) return status;
    status = unpack(path, ck, n, err);
    dt_checkpoint_close(ck);
    return status;
}

/* Whether the text that --text names, if it does, gives the network's vocabulary. */
static dt_status check_text(const dt_program *p, const network *n, dt_error *err)
{
    char path[1024];
    const char *file = dt_flag_text(p->flags, "text");
    if (!file) return DT_OK;
    dt_corpus corpus;
    dt_vocabulary theirs = {0};
    dt_status status = dt_corpus_read(file, &corpus, err);
    if (status == DT_OK) status = dt_vocabulary_characters(&corpus, n->vocabulary.unit, &theirs, err);
    if (status == DT_OK)
        status = dt_vocabulary_check(&theirs, n->vocabulary.fingerprint,
                                     dt_program_path(p, network_file, path, sizeof path), err);
    dt_vocabulary_free(&theirs);
    dt_corpus_free(&corpus);
    return status;
}

static dt_status read_prime(const dt_program *p, const network *n, dt_tokens *out, dt_error *err)
{
    const char *prime = dt_flag_text(p->flags, "prime");
    if (!prime) prime = dt_vocabulary_id(&n->vocabulary, "\n", 1) >= 0 ? "\n" : NULL;
    int64_t bytes = 0;
    const void *first = prime ? (const void *)prime : dt_vocabulary_unit(&n->vocabulary, 0, &bytes);
    if (prime) bytes = (int64_t)strlen(prime);
    dt_corpus corpus;
    dt_status status = dt_corpus_copy("--prime", first, bytes, &corpus, err);
    if (status == DT_OK) status = dt_tokens_read(&n->vocabulary, &corpus, out, err);
    dt_corpus_free(&corpus);
    return status;
}

dt_status sample_answer(const dt_program *p, dt_error *err)
{
    network n = {0};
    dt_tokens prime = {0};
    dt_status status = load(p, &n, err);
    if (status == DT_OK) status = check_text(p, &n, err);
    if (status == DT_OK) status = read_prime(p, &n, &prime, err);
    if (status == DT_OK) {
        if (dt_flag_given(p->flags, "prime")) fputs(dt_flag_text(p->flags, "prime"), stdout);
        sample_print(stdout, &n.model, n.params, p->backend, &n.vocabulary, &prime, dt_flag_int(p->flags, "sample"),
                     dt_flag_real(p->flags, "temperature"),
                     dt_rng_stream((uint64_t)dt_flag_int(p->flags, "seed"), "sample", CHAR_SAMPLES));
        putchar('\n');
    }
    dt_tokens_free(&prime);
    dt_vocabulary_free(&n.vocabulary);
    if (n.params) dt_params_free(n.params);
    return status;
}
