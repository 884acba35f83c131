#include "run/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *dt_io_hint(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "free some space, or write to another disk with --out";
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
        return "choose a folder that you may write to with --out";
    case ENOENT:
        return "check the name";
    default:
        return "";
    }
}

int dt_write_all(int fd, const void *data, size_t bytes)
{
    const char *at = data;
    while (bytes > 0) {
        ssize_t n = write(fd, at, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) return ENOSPC;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static void release(dt_atomic *file)
{
    if (file->fd >= 0) close(file->fd);
    free(file->path);
    free(file->tmp);
    *file = (dt_atomic){.fd = -1};
}

static dt_status fail(dt_atomic *file, const char *doing, int errnum, dt_error *err)
{
    dt_status status =
        dt_error_set(err, DT_ERR_IO, file->path, -1, dt_io_hint(errnum), "cannot %s: %s", doing, strerror(errnum));
    unlink(file->tmp);
    release(file);
    return status;
}

dt_status dt_atomic_open(dt_atomic *file, const char *path, dt_error *err)
{
    size_t size = strlen(path) + sizeof ".tmp";
    *file = (dt_atomic){.fd = -1, .path = strdup(path), .tmp = malloc(size)};
    if (!file->path || !file->tmp) {
        release(file);
        return dt_error_set(err, DT_ERR_SYSTEM, path, -1, "", "out of memory");
    }
    snprintf(file->tmp, size, "%s.tmp", path);
    file->fd = open(file->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return file->fd < 0 ? fail(file, "write", errno, err) : DT_OK;
}

dt_status dt_atomic_write(dt_atomic *file, const void *data, size_t bytes, dt_error *err)
{
    int errnum = dt_write_all(file->fd, data, bytes);
    return errnum ? fail(file, "write", errnum, err) : DT_OK;
}

/* The rename itself survives a crash only once the folder is on the disk too. Some file systems cannot sync a folder
 * (EINVAL): nothing more can be done there. */
static int sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    if (!folder) return ENOMEM;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0) return errno;
    int errnum = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    close(fd);
    return errnum;
}

dt_status dt_atomic_commit(dt_atomic *file, dt_error *err)
{
    if (fsync(file->fd) != 0) return fail(file, "sync", errno, err);
    int closed = close(file->fd);
    file->fd = -1;
    if (closed != 0) return fail(file, "close", errno, err);
    if (rename(file->tmp, file->path) != 0) return fail(file, "replace", errno, err);
    int errnum = sync_folder_of(file->path);
    if (errnum) return fail(file, "sync the folder of", errnum, err);
    release(file);
    return DT_OK;
}

dt_status dt_json_save(const json_t *json, const char *path, dt_error *err)
{
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    if (!text) return dt_error_set(err, DT_ERR_SYSTEM, path, -1, "", "out of memory");
    dt_atomic file;
    dt_status status = dt_atomic_open(&file, path, err);
    if (status == DT_OK) status = dt_atomic_write(&file, text, strlen(text), err);
    if (status == DT_OK) status = dt_atomic_write(&file, "\n", 1, err);
    if (status == DT_OK) status = dt_atomic_commit(&file, err);
    free(text);
    return status;
}

dt_status dt_json_load(const char *path, json_t **out, dt_error *err)
{
    *out = NULL;
    FILE *f = fopen(path, "rb");
    if (!f) return dt_error_set(err, DT_ERR_IO, path, -1, dt_io_hint(errno), "cannot open: %s", strerror(errno));
    json_error_t why;
    json_t *json = json_loadf(f, JSON_REJECT_DUPLICATES, &why);
    fclose(f);
    if (!json)
        return dt_error_set(err, DT_ERR_DATA, path, why.position, "delete it and run the experiment again",
                            "not valid JSON (line %d): %s", why.line, why.text);
    if (!json_is_object(json)) {
        json_decref(json);
        return dt_error_set(err, DT_ERR_DATA, path, 0, "delete it and run the experiment again", "not a JSON object");
    }
    *out = json;
    return DT_OK;
}
