/* Checkpoints: everything that a run needs to go on as if it had never stopped.
 *
 * The file, all of it little-endian:
 *   8 bytes  magic "DITTOCKP"
 *   u32      version of this layout (1)
 *   u32      length of the header
 *   header   JSON, keys sorted: {"blobs": [{"bytes": N, "name": NAME}, ...], "meta": {...}}
 *   u32      CRC-32 of all bytes so far
 *   then for each blob, in the header's order: its bytes, and their CRC-32 (u32)
 * The same content gives the same bytes. */
#ifndef DT_RUN_CHECKPOINT_H
#define DT_RUN_CHECKPOINT_H

#include <jansson.h>

#include "core/error.h"

typedef struct {
    const char *name;
    void *data;
    size_t bytes;
} dt_blob;

typedef struct dt_checkpoint dt_checkpoint;

/* Writes path whole or not at all (run/atomic.h): on an error (DT_ERR_IO) the former checkpoint is as it was. Two blobs
 * of one name are a misuse error. `meta` stays the caller's. */
dt_status dt_checkpoint_write(const char *path, const json_t *meta, const dt_blob *blobs, int n, dt_error *err);

/* Reads the file and verifies all of it; the caller ends with dt_checkpoint_close. Errors: it is missing or unreadable
 * (DT_ERR_IO); it is no checkpoint, is truncated, has a wrong checksum (the blob is named) or bytes too many
 * (DT_ERR_DATA); it is of another version (DT_ERR_CONFIG, which says of which). */
dt_status dt_checkpoint_open(const char *path, dt_checkpoint **out, dt_error *err);
void dt_checkpoint_close(dt_checkpoint *ck);

/* What the writer gave as meta; it lives as long as the checkpoint. */
const json_t *dt_checkpoint_meta(const dt_checkpoint *ck);

/* Copies the named blob, of exactly `bytes` bytes, to dest. A blob that is missing or has another size is
 * DT_ERR_CONFIG: the checkpoint is of another model. */
dt_status dt_checkpoint_blob(const dt_checkpoint *ck, const char *name, void *dest, size_t bytes, dt_error *err);

#endif
