#include "data/sha256.h"

#include <openssl/evp.h>

dt_status dt_sha256(const void *first, size_t first_bytes, const void *second, size_t second_bytes, char hex[65],
                    dt_error *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, first, first_bytes) == 1 &&
                EVP_DigestUpdate(context, second, second_bytes) == 1 &&
                EVP_DigestFinal_ex(context, digest, &length) == 1 && length == 32;
    EVP_MD_CTX_free(context);
    if (!done) return dt_error_set(err, DT_ERR_SYSTEM, NULL, -1, NULL, "OpenSSL cannot compute a SHA-256 hash");
    for (int i = 0; i < 32; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[64] = '\0';
    return DT_OK;
}
