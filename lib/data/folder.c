#include "data/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/threads.h"
#include "data/picture.h"

enum { PATH_SIZE = 2048, CHANNELS = 3 };

static const char layout[] = "it must hold one folder of images for each class: FOLDER/CLASS/IMAGE";

static dt_status out_of_memory(const char *dir, dt_error *err)
{
    return dt_error_set(err, DT_ERR_SYSTEM, dir, -1, NULL, "out of memory for the names of its files");
}

/* ---- one folder's names */

typedef struct {
    char **name;
    int64_t count, room;
} list;

static void free_names(char **names, int64_t count)
{
    for (int64_t i = 0; i < count; i++) free(names[i]);
    free(names);
}

static bool append(list *l, const char *name)
{
    if (l->count == l->room) {
        const int64_t room = l->room ? 2 * l->room : 64;
        char **grown = realloc(l->name, (size_t)room * sizeof *grown);
        if (!grown) return false;
        l->name = grown;
        l->room = room;
    }
    l->name[l->count] = strdup(name);
    return l->name[l->count] && ++l->count;
}

/* Whether the entry is a folder, or else a file. The system tells it with the name, as a rule, but for links. */
static dt_status kind_of(const char *path, const struct dirent *entry, bool *folder, dt_error *err)
{
    struct stat info;
    *folder = entry->d_type == DT_DIR;
    if (*folder || entry->d_type == DT_REG) return DT_OK;
    if (stat(path, &info) != 0)
        return dt_error_set(err, DT_ERR_IO, path, -1, "remove it, or mend the link", "cannot be examined: %s",
                            strerror(errno));
    *folder = S_ISDIR(info.st_mode);
    if (*folder || S_ISREG(info.st_mode)) return DT_OK;
    return dt_error_set(err, DT_ERR_DATA, path, -1, layout, "is a device or a pipe");
}

static dt_status add_entry(const char *dir, const struct dirent *entry, bool folders, list *l, dt_error *err)
{
    char path[PATH_SIZE];
    bool folder;
    const int size = snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
    if (size >= PATH_SIZE) return dt_error_set(err, DT_ERR_IO, dir, -1, NULL, "a path in it is too long");
    dt_status status = kind_of(path, entry, &folder, err);
    if (status == DT_OK && folder != folders)
        status = dt_error_set(err, DT_ERR_DATA, path, -1, layout,
                              folder ? "is a folder among the images of a class" : "is a file among the classes");
    if (status == DT_OK && !append(l, entry->d_name)) status = out_of_memory(dir, err);
    return status;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The sorted names of what is in the folder, all folders or all files. On error *l is as good as empty. */
static dt_status read_names(const char *dir, bool folders, list *l, dt_error *err)
{
    *l = (list){0};
    DIR *stream = opendir(dir);
    if (!stream) return dt_error_set(err, DT_ERR_IO, dir, -1, layout, "cannot be read: %s", strerror(errno));
    dt_status status = DT_OK;
    while (status == DT_OK) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry && errno)
            status = dt_error_set(err, DT_ERR_IO, dir, -1, NULL, "cannot be read: %s", strerror(errno));
        if (!entry) break;
        if (entry->d_name[0] != '.') status = add_entry(dir, entry, folders, l, err);
    }
    closedir(stream);
    if (status == DT_OK && l->count == 0)
        status = dt_error_set(err, DT_ERR_DATA, dir, -1, layout, folders ? "has no folders in it" : "has no images");
    if (status == DT_OK) {
        qsort(l->name, (size_t)l->count, sizeof *l->name, by_bytes);
    } else {
        free_names(l->name, l->count);
        *l = (list){0};
    }
    return status;
}

/* ---- the folder of classes */

/* The names of class `label` behind those that are there. */
static dt_status add_class(dt_folder *f, int64_t label, const list *l, dt_error *err)
{
    const int64_t count = f->count + l->count;
    if (count > UINT32_MAX) return dt_error_set(err, DT_ERR_DATA, f->dir, -1, NULL, "has too many images");
    char **names = realloc(f->names, (size_t)count * sizeof *names);
    if (names) f->names = names;
    int32_t *labels = realloc(f->labels, (size_t)count * sizeof *labels);
    if (labels) f->labels = labels;
    if (!names || !labels) return out_of_memory(f->dir, err);
    for (int64_t i = 0; i < l->count; i++) {
        names[f->count] = l->name[i];
        labels[f->count++] = (int32_t)label;
    }
    return DT_OK;
}

static dt_status read_classes(dt_folder *f, dt_error *err)
{
    list names;
    dt_status status = read_names(f->dir, true, &names, err);
    f->class_names = names.name;
    f->classes = names.count;
    for (int64_t c = 0; c < f->classes && status == DT_OK; c++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s", f->dir, f->class_names[c]);
        status = read_names(path, false, &names, err);
        if (status != DT_OK) break;
        status = add_class(f, c, &names, err);
        if (status == DT_OK)
            free(names.name);
        else
            free_names(names.name, names.count);
    }
    return status;
}

dt_status dt_folder_open(const char *dir, int64_t side, dt_folder *out, dt_error *err)
{
    DT_REQUIRE(side > 0, "dt_folder_open: images of side %lld", (long long)side);
    *out = (dt_folder){.side = side};
    if (snprintf(out->dir, sizeof out->dir, "%s", dir) >= (int)sizeof out->dir) {
        *out = (dt_folder){0};
        return dt_error_set(err, DT_ERR_IO, dir, -1, NULL, "the path is too long");
    }
    dt_status status = read_classes(out, err);
    if (status != DT_OK) dt_folder_free(out);
    return status;
}

void dt_folder_free(dt_folder *f)
{
    free_names(f->class_names, f->classes);
    free_names(f->names, f->count);
    free(f->labels);
    *f = (dt_folder){0};
}

const char *dt_folder_path(const dt_folder *f, int64_t i, char *buf, size_t size)
{
    DT_REQUIRE(i >= 0 && i < f->count, "dt_folder_path: there is no image %lld among %lld", (long long)i,
               (long long)f->count);
    snprintf(buf, size, "%s/%s/%s", f->dir, f->class_names[f->labels[i]], f->names[i]);
    return buf;
}

void dt_folder_keep(dt_folder *f, const bool *wanted)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < f->count; i++) {
        if (!wanted[i]) {
            free(f->names[i]);
            continue;
        }
        f->names[kept] = f->names[i];
        f->labels[kept++] = f->labels[i];
    }
    f->count = kept;
}

/* ---- images */

typedef struct {
    const dt_folder *folder;
    const uint32_t *order;
    uint8_t *pixels;
    dt_error *each;
} job;

static void read_one(void *context, int64_t i)
{
    const job *j = context;
    const int64_t side = j->folder->side;
    char path[PATH_SIZE];
    dt_picture picture;
    dt_error *err = &j->each[i];
    *err = (dt_error){.status = DT_OK};
    dt_folder_path(j->folder, j->order[i], path, sizeof path);
    if (dt_picture_read(path, CHANNELS, &picture, err) != DT_OK) return;
    if (dt_picture_to_square(&picture, side, j->pixels + i * CHANNELS * side * side, err) != DT_OK)
        snprintf(err->path, sizeof err->path, "%.255s", path);
    dt_picture_free(&picture);
}

dt_status dt_folder_read(const dt_folder *f, const uint32_t *order, int64_t n, uint8_t *pixels, dt_error *each)
{
    job j = {f, order, pixels, each};
    dt_parallel_for(n, read_one, &j);
    for (int64_t i = 0; i < n; i++)
        if (each[i].status != DT_OK) return each[i].status;
    return DT_OK;
}
