/* A temporary folder for one test: make it in .init, remove it in .fini. */
#ifndef DT_TESTS_SCRATCH_H
#define DT_TESTS_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char scratch_folder[64];

static inline void scratch_make(void)
{
    strcpy(scratch_folder, "/tmp/ditto-test-XXXXXX");
    if (!mkdtemp(scratch_folder)) abort();
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void scratch_remove(void)
{
    nftw(scratch_folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* FOLDER/NAME; good until the eighth call after it. */
static inline const char *scratch_path(const char *name)
{
    static char ring[8][256];
    static int next;
    char *path = ring[next++ % 8];
    snprintf(path, sizeof ring[0], "%s/%s", scratch_folder, name);
    return path;
}

static inline void scratch_write(const char *name, const void *data, size_t bytes)
{
    FILE *f = fopen(scratch_path(name), "wb");
    if (!f || fwrite(data, 1, bytes, f) != bytes || fclose(f) != 0) abort();
}

/* The file's bytes, with a NUL after them, for the caller to free; NULL when there is no such file. */
static inline char *scratch_read(const char *name, size_t *bytes)
{
    FILE *f = fopen(scratch_path(name), "rb");
    if (bytes) *bytes = 0;
    if (!f) return NULL;
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *data = malloc(n + 1);
    if (!data || fread(data, 1, n, f) != n) abort();
    fclose(f);
    data[n] = '\0';
    if (bytes) *bytes = n;
    return data;
}

#endif
