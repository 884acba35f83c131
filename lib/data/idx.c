#include "data/idx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "data/file.h"
#include "data/sha256.h"

/* Deflate packs at most 1032 bytes into one (zlib's technical notes), so a header that promises more is wrong. */
enum { MAX_PACKING = 1032, MAX_RANK = 4, HEADER = 4 + 4 * MAX_RANK };
static const int64_t first_read = 1 << 20, most_elements = INT64_C(1) << 36;

static const char damaged[] = "the file is damaged: remove it and fetch the data set again (datasets/fetch NAME)";

typedef struct {
    const char *path;
    gzFile file;
    int64_t file_size; /* on disk */
    int64_t offset;    /* of the next unpacked byte */
    dt_error *err;
} reader;

/* Reads `count` bytes unless the file ends before; *got says how many came. */
static dt_status read_up_to(reader *r, uint8_t *to, int64_t count, int64_t *got)
{
    *got = 0;
    while (*got < count) {
        int64_t left = count - *got;
        errno = 0;
        int n = gzread(r->file, to + *got, left < (1 << 30) ? (unsigned)left : 1u << 30);
        if (n > 0) *got += n, r->offset += n;
        if (n <= 0) break;
    }
    int code = Z_OK;
    const char *what = gzerror(r->file, &code);
    if (code == Z_ERRNO)
        return dt_error_set(r->err, DT_ERR_IO, r->path, r->offset, NULL, "cannot be read: %s", strerror(errno));
    if (code == Z_MEM_ERROR)
        return dt_error_set(r->err, DT_ERR_SYSTEM, r->path, -1, NULL, "out of memory while unpacking");
    if (code == Z_BUF_ERROR)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, r->offset, damaged, "the gzip data ends too early");
    if (code != Z_OK && code != Z_STREAM_END)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, r->offset, damaged, "the gzip data is damaged: %s", what);
    return DT_OK;
}

static dt_status check_magic(const reader *r, const uint8_t *header, int64_t got, int rank)
{
    static const char not_idx[] = "is this an IDX file? datasets/README.md says which files belong where";
    if (got < 4)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, got, damaged, "the file ends within the 4-byte magic number");
    if (header[0] != 0 || header[1] != 0)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, header[0] != 0 ? 0 : 1, not_idx,
                            "starts with %02x %02x instead of the 00 00 of IDX", header[0], header[1]);
    if (header[2] != 8)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, 2, not_idx,
                            "holds elements of type %02x, only unsigned bytes (08) can be read", header[2]);
    if (header[3] != rank)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, 3, "were images and labels exchanged?",
                            "has %d dimension%s where %d %s expected", header[3], header[3] == 1 ? "" : "s", rank,
                            rank == 1 ? "is" : "are");
    return DT_OK;
}

/* The dimensions and their product, which must be possible for a file of this size. */
static dt_status check_dimensions(const reader *r, const uint8_t *header, dt_idx *out, int64_t *count)
{
    int64_t most = r->file_size < most_elements / MAX_PACKING ? r->file_size * MAX_PACKING : most_elements;
    *count = 1;
    for (int i = 0; i < out->rank; i++) {
        const uint8_t *b = header + 4 + 4 * i;
        int64_t size = (int64_t)b[0] << 24 | (int64_t)b[1] << 16 | (int64_t)b[2] << 8 | b[3];
        if (size == 0) return dt_error_set(r->err, DT_ERR_DATA, r->path, 4 + 4 * i, damaged, "dimension %d is 0", i);
        if (size > most / *count)
            return dt_error_set(r->err, DT_ERR_DATA, r->path, 4 + 4 * i, damaged,
                                "dimension %d is %lld: more elements than this file of %lld bytes can hold", i,
                                (long long)size, (long long)r->file_size);
        out->dim[i] = size;
        *count *= size;
    }
    return DT_OK;
}

static dt_status read_header(reader *r, uint8_t header[HEADER], int rank, dt_idx *out, int64_t *count)
{
    int64_t got;
    dt_status status = read_up_to(r, header, 4, &got);
    if (!status) status = check_magic(r, header, got, rank);
    if (!status) status = read_up_to(r, header + 4, 4 * rank, &got);
    if (status) return status;
    if (got < 4 * rank)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, 4 + got, damaged, "the file ends within its %d dimension%s",
                            rank, rank == 1 ? "" : "s");
    out->rank = rank;
    return check_dimensions(r, header, out, count);
}

/* The elements: memory grows with what the file really holds, so that a wrong header cannot ask for much. */
static dt_status read_elements(reader *r, int64_t count, dt_idx *out)
{
    for (int64_t have = 0, got; have < count; have += got) {
        int64_t want = have == 0 ? first_read : have;
        if (want > count - have) want = count - have;
        uint8_t *grown = realloc(out->bytes, (size_t)(have + want));
        if (!grown)
            return dt_error_set(r->err, DT_ERR_SYSTEM, r->path, -1, NULL, "out of memory for %lld bytes",
                                (long long)count);
        out->bytes = grown;
        dt_status status = read_up_to(r, grown + have, want, &got);
        if (status) return status;
        if (got < want)
            return dt_error_set(r->err, DT_ERR_DATA, r->path, r->offset, damaged,
                                "the file ends after %lld of %lld elements", (long long)(have + got), (long long)count);
    }
    uint8_t extra;
    int64_t at = r->offset, got;
    dt_status status = read_up_to(r, &extra, 1, &got); /* at the end of gzip data this also checks its CRC */
    if (!status && got)
        return dt_error_set(r->err, DT_ERR_DATA, r->path, at, damaged, "bytes follow after the last of %lld elements",
                            (long long)count);
    return status;
}

dt_status dt_idx_read(const char *path, int rank, dt_idx *out, dt_error *err)
{
    DT_REQUIRE(rank >= 1 && rank <= MAX_RANK, "dt_idx_read: rank %d is not within 1 .. %d", rank, MAX_RANK);
    *out = (dt_idx){0};
    int fd;
    reader r = {.path = path, .err = err};
    dt_status status = dt_file_open(path, "fetch the data set (datasets/fetch NAME) or say where it lies (--data)", &fd,
                                    &r.file_size, err);
    if (status) return status;
    r.file = gzdopen(fd, "rb");
    if (!r.file) {
        close(fd);
        return dt_error_set(err, DT_ERR_SYSTEM, path, -1, NULL, "out of memory while opening");
    }
    gzbuffer(r.file, 1 << 17);
    uint8_t header[HEADER];
    int64_t count = 0;
    status = read_header(&r, header, rank, out, &count);
    if (!status) status = read_elements(&r, count, out);
    gzclose_r(r.file);
    if (!status) status = dt_sha256(header, (size_t)(4 + 4 * rank), out->bytes, (size_t)count, out->sha256, err);
    if (status) dt_idx_free(out);
    return status;
}

void dt_idx_free(dt_idx *idx)
{
    free(idx->bytes);
    *idx = (dt_idx){0};
}
