/* A trained network in the run's folder: its shape, its words and pieces, and its parameters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/seq2seq/parts.h"

static const char file[] = "network";
static const char *const word_names[SIDES] = {"source words", "target words"};
static const char *const piece_names[SIDES] = {"source pieces", "target pieces"};

dt_status network_save(const seq2seq_run *run, dt_error *err)
{
    char path[1024];
    const seq2seq *m = &run->model;
    json_t *meta = json_pack("{s:I, s:I, s:i, s:i, s:i, s:b, s:I}", "embedding", (json_int_t)m->embedding, "hidden",
                             (json_int_t)m->hidden, "layers", m->layers, "cell", (int)m->cell, "attention",
                             (int)m->attention, "reverse", (int)run->plan.reverse, "most", (json_int_t)run->plan.most);
    DT_REQUIRE(meta, "out of memory for the network's file");
    for (int side = 0; side < SIDES; side++) {
        int64_t size;
        char *words = dt_vocabulary_text(&run->text->words[side], &size);
        json_object_set_new(meta, word_names[side], json_string(words));
        free(words);
        if (!run->text->pieces[side]) continue;
        char *pieces = dt_bpe_text(run->text->pieces[side]);
        json_object_set_new(meta, piece_names[side], json_string(pieces));
        free(pieces);
    }
    const dt_blob blob = {"parameters", run->params->values, (size_t)run->params->size * sizeof(real)};
    dt_status status = dt_checkpoint_write(dt_trial_path(run->trial, file, path, sizeof path), meta, &blob, 1, err);
    json_decref(meta);
    return status;
}

static int64_t number(const json_t *meta, const char *name)
{
    return json_integer_value(json_object_get(meta, name));
}

static dt_status unpack_words(const char *path, const json_t *meta, network *n, dt_error *err)
{
    dt_status status = DT_OK;
    for (int side = 0; side < SIDES && status == DT_OK; side++) {
        const char *words = json_string_value(json_object_get(meta, word_names[side]));
        const char *pieces = json_string_value(json_object_get(meta, piece_names[side]));
        if (!words) return dt_error_set(err, DT_ERR_DATA, path, -1, "train again", "is no network of this program");
        status = dt_vocabulary_parse(path, words, (int64_t)strlen(words), &n->text.words[side], err);
        if (status == DT_OK && pieces) status = dt_bpe_parse(path, pieces, &n->text.pieces[side], err);
    }
    return status;
}

static dt_status unpack(const char *path, const dt_checkpoint *ck, network *n, dt_error *err)
{
    const json_t *meta = dt_checkpoint_meta(ck);
    dt_status status = unpack_words(path, meta, n, err);
    if (status != DT_OK) return status;
    n->reverse = json_is_true(json_object_get(meta, "reverse"));
    n->most = number(meta, "most");
    n->model = (seq2seq){.source = n->text.words[SOURCE].size,
                         .target = n->text.words[TARGET].size,
                         .embedding = number(meta, "embedding"),
                         .hidden = number(meta, "hidden"),
                         .layers = (int)number(meta, "layers"),
                         .cell = (dt_cell)number(meta, "cell"),
                         .attention = (seq2seq_attention)number(meta, "attention")};
    const seq2seq *m = &n->model;
    const bool sound = m->embedding > 0 && m->hidden > 0 && m->layers >= 1 && m->layers <= SEQ2SEQ_LAYERS &&
                       n->most > 0 && (m->cell == DT_CELL_GRU || m->cell == DT_CELL_LSTM) &&
                       (int)m->attention >= SEQ2SEQ_NONE && m->attention <= SEQ2SEQ_GENERAL &&
                       (m->attention != SEQ2SEQ_ADDITIVE || m->layers == 1) && n->text.words[TARGET].end >= 0 &&
                       n->text.words[SOURCE].end >= 0 && n->text.words[SOURCE].unknown >= 0;
    if (!sound) return dt_error_set(err, DT_ERR_DATA, path, -1, "train again", "is no network of this program");
    n->params = dt_params_new(1);
    seq2seq_init(&n->model, n->params);
    return dt_checkpoint_blob(ck, "parameters", n->params->values, (size_t)n->params->size * sizeof(real), err);
}

dt_status network_load(const dt_program *p, network *n, dt_error *err)
{
    char path[1024];
    dt_checkpoint *ck;
    *n = (network){0};
    dt_status status = dt_checkpoint_open(dt_program_path(p, file, path, sizeof path), &ck, err);
    if (status == DT_ERR_IO)
        snprintf(err->hint, sizeof err->hint,
                 "train first (make experiments/seq2seq PRESET=%s), or name the run's folder with --out",
                 dt_flag_text(p->flags, "preset"));
    if (status != DT_OK) return status;
    status = unpack(path, ck, n, err);
    dt_checkpoint_close(ck);
    return status;
}

void network_free(network *n)
{
    bitext_free(&n->text);
    if (n->params) dt_params_free(n->params);
    *n = (network){0};
}
