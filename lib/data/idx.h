/* The IDX format of MNIST and its relatives (described on LeCun's MNIST page, 1998): two zero bytes, the element's type
 * (08: unsigned byte), the number of dimensions, each dimension as a big-endian 32-bit number, then the elements. */
#ifndef DT_DATA_IDX_H
#define DT_DATA_IDX_H

#include "core/error.h"

typedef struct {
    int rank;
    int64_t dim[4];  /* dim[0 .. rank-1]; the last one varies fastest */
    uint8_t *bytes;  /* [dim[0]][dim[1]]... */
    char sha256[65]; /* of the whole raw (unpacked) file, header included, in hexadecimal */
} dt_idx;

/* Reads an IDX file of unsigned bytes with `rank` (1 .. 4) dimensions, raw or gzipped. DT_ERR_IO: it cannot be read.
 * DT_ERR_DATA: wrong magic number, type or rank; a dimension of 0 or beyond what the file can hold; bytes missing or
 * left over; damaged gzip data (what follows a complete gzip stream is ignored, as gzip does). Offsets count unpacked
 * bytes. DT_ERR_SYSTEM: out of memory. On error *out is all zero. */
dt_status dt_idx_read(const char *path, int rank, dt_idx *out, dt_error *err);

void dt_idx_free(dt_idx *idx);

#endif
