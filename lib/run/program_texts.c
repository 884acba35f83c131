/* The texts of an experiment: where they lie, and whether they are the paper's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/corpus.h"
#include "data/sha256.h"
#include "run/program.h"

const char *dt_program_text_path(const dt_program *p, const dt_text_set *set, const char *file, char *buf, size_t size)
{
    const char *data = dt_flag_text(p->flags, "data");
    snprintf(buf, size, "%s/%s/%s", data ? data : "datasets/cache", set->name, file);
    return buf;
}

/* hex = the hash of what it was and of this file's hash. */
static dt_status hash_file(const dt_program *p, const dt_text_set *set, const char *file, char hex[65], dt_error *err)
{
    char path[512], hint[128];
    dt_program_text_path(p, set, file, path, sizeof path);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        snprintf(hint, sizeof hint, "run: datasets/fetch %s, or say where the folder %s lies (--data)", set->name,
                 set->name);
        return dt_error_set(err, DT_ERR_IO, path, -1, hint, "is not there");
    }
    dt_corpus text;
    dt_status status = dt_corpus_read(path, &text, err);
    if (status == DT_OK) status = dt_sha256(hex, strlen(hex), text.sha256, strlen(text.sha256), hex, err);
    dt_corpus_free(&text);
    return status;
}

dt_status dt_program_text(dt_program *p, const dt_text_set *set, dt_error *err)
{
    char hex[65] = "";
    int n = 0;
    while (n < DT_PROGRAM_TEXTS && p->texts[n] && p->texts[n] != set) n++;
    if (!set || p->texts[n] == set) return DT_OK;
    DT_REQUIRE(n + 1 < DT_PROGRAM_TEXTS, "%s: more than %d sets of texts", p->about->name, n);
    dt_status status = DT_OK;
    for (const char *const *file = set->files; *file && status == DT_OK; file++)
        status = hash_file(p, set, *file, hex, err);
    if (status != DT_OK) return status;
    if (!set->sha256 || strcmp(hex, set->sha256) != 0) p->info.claims = false;
    p->texts[n] = set;
    const size_t used = strlen(p->texts_name);
    snprintf(p->texts_name + used, sizeof p->texts_name - used, "%s%s", n ? ", " : "", set->name);
    return dt_sha256(p->data_sha256, strlen(p->data_sha256), hex, strlen(hex), p->data_sha256, err);
}
