#include "data/word_ids.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/word_reader.h"

/* An open file in the folder that has no name any more, so that it goes with the process. */
static FILE *open_scratch(const char *folder, dt_error *err)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/.words.XXXXXX", folder);
    const int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");
    if (!file)
        dt_error_set(err, DT_ERR_IO, folder, -1, "name a folder that can be written to",
                     "no file can be made in it: %s", strerror(errno));
    if (fd >= 0) unlink(path);
    return file;
}

static dt_status not_written(const char *folder, dt_error *err)
{
    return dt_error_set(err, DT_ERR_IO, folder, -1, "make room: four bytes a word are needed",
                        "the text's words cannot be kept there: %s", strerror(errno));
}

/* The ids into the file, a line end only after a word. */
static dt_status write_ids(dt_word_reader *r, const dt_vocabulary *v, const char *folder, FILE *file, dt_word_ids *out,
                           dt_error *err)
{
    dt_status status;
    int32_t before = -1;
    while ((status = dt_word_reader_next(r, err)) == DT_OK && r->word) {
        const int32_t id = r->bytes ? dt_vocabulary_id(v, r->word, r->bytes) : -1;
        if (id < 0 && r->bytes) {
            out->unknown++;
            continue;
        }
        if (id < 0 && before < 0) continue;
        if (fwrite(&id, sizeof id, 1, file) != 1) return not_written(folder, err);
        out->count++;
        out->words += id >= 0;
        before = id;
    }
    if (status == DT_OK && fflush(file) != 0) return not_written(folder, err);
    return status;
}

dt_status dt_word_ids_read(const char *path, const dt_vocabulary *v, int64_t most, const char *folder, dt_word_ids *out,
                           dt_error *err)
{
    DT_REQUIRE(v->unknown < 0, "dt_word_ids_read: the vocabulary has an <unk>");
    dt_word_reader r;
    *out = (dt_word_ids){0};
    FILE *file = open_scratch(folder, err);
    if (!file) return DT_ERR_IO;
    dt_status status = dt_word_reader_open(&r, path, most, err);
    if (status == DT_OK) {
        status = write_ids(&r, v, folder, file, out, err);
        dt_word_reader_close(&r);
    }
    if (status == DT_OK && out->count > 0) {
        void *map = mmap(NULL, (size_t)out->count * sizeof *out->id, PROT_READ, MAP_SHARED, fileno(file), 0);
        if (map == MAP_FAILED)
            status = dt_error_set(err, DT_ERR_SYSTEM, folder, -1, NULL, "a file in it cannot be mapped: %s",
                                  strerror(errno));
        else
            out->id = map;
    }
    fclose(file);
    if (status != DT_OK) *out = (dt_word_ids){0};
    return status;
}

void dt_word_ids_free(dt_word_ids *ids)
{
    if (ids->id) munmap((void *)(uintptr_t)ids->id, (size_t)ids->count * sizeof *ids->id);
    *ids = (dt_word_ids){0};
}
