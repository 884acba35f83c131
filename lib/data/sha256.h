/* SHA-256 (FIPS 180-4) of bytes in memory: a data set's fingerprint. */
#ifndef DT_DATA_SHA256_H
#define DT_DATA_SHA256_H

#include "core/error.h"

/* The hash of first[first_bytes] followed by second[second_bytes], as 64 hexadecimal digits. DT_ERR_SYSTEM: OpenSSL
 * refuses or is out of memory. */
dt_status dt_sha256(const void *first, size_t first_bytes, const void *second, size_t second_bytes, char hex[65],
                    dt_error *err);

#endif
