/* Files that are replaced whole or not at all: written to PATH.tmp, synced, renamed to PATH, and the folder synced. A
 * reader, or a crash, meets the old file or the new one, never half of one. */
#ifndef DT_RUN_ATOMIC_H
#define DT_RUN_ATOMIC_H

#include <jansson.h>

#include "core/error.h"

typedef struct {
    int fd;
    char *path, *tmp;
} dt_atomic;

/* Opens PATH.tmp. Any function that fails (disk full, read-only folder: DT_ERR_IO) has removed PATH.tmp and left PATH
 * as it was; the file is then closed, and none of these may be called on it again. */
dt_status dt_atomic_open(dt_atomic *file, const char *path, dt_error *err);
dt_status dt_atomic_write(dt_atomic *file, const void *data, size_t bytes, dt_error *err);

/* Makes the new file take the old one's place, and closes it. (Only where the last step, syncing the folder, fails is
 * PATH already the new file.) */
dt_status dt_atomic_commit(dt_atomic *file, dt_error *err);

/* Writes `json` to path in this way, indented, in the order in which its keys were added; numbers with 15 digits. */
dt_status dt_json_save(const json_t *json, const char *path, dt_error *err);

/* Reads a JSON object; the caller frees *out with json_decref. A file that is missing (DT_ERR_IO) or is not a JSON
 * object (DT_ERR_DATA, with its offset) is an error. */
dt_status dt_json_load(const char *path, json_t **out, dt_error *err);

/* write(2) until all is written. Returns 0 or errno. */
int dt_write_all(int fd, const void *data, size_t bytes);

/* What to do about an errno of a file operation. */
const char *dt_io_hint(int errnum);

#endif
