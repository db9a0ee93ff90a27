#include "digest/digest.h"

#include "base/check.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* OpenSSL takes no NULL pointers, even for nothing. */
static const uint8_t *octets_of(struct bytes bytes)
{
    return bytes.size > 0 ? bytes.data : (const uint8_t *)"";
}

static bool digest_plain(const EVP_MD *algorithm, struct bytes input, uint8_t *out, size_t out_size)
{
    uint8_t result[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    if (EVP_Digest(octets_of(input), input.size, result, &size, algorithm, NULL) != 1)
        return false;
    CHECK(size == out_size);
    memcpy(out, result, out_size);
    return true;
}

static bool digest_keyed(const EVP_MD *algorithm, struct bytes key, struct bytes input, uint8_t *out,
                         size_t out_size)
{
    uint8_t result[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    CHECK(key.size <= INT_MAX);
    if (HMAC(algorithm, octets_of(key), (int)key.size, octets_of(input), input.size, result, &size) == NULL)
        return false;
    CHECK(size == out_size);
    memcpy(out, result, out_size);
    return true;
}

static bool digest_derived(const EVP_MD *algorithm, struct bytes password, struct bytes salt,
                           uint32_t iterations, uint8_t *out, size_t out_size)
{
    CHECK(iterations >= 1 && iterations <= INT_MAX && password.size <= INT_MAX && salt.size <= INT_MAX);
    return PKCS5_PBKDF2_HMAC((const char *)octets_of(password), (int)password.size, octets_of(salt),
                             (int)salt.size, (int)iterations, algorithm, (int)out_size, out) == 1;
}

bool digest_md5(struct bytes input, uint8_t out[DIGEST_MD5_SIZE])
{
    return digest_plain(EVP_md5(), input, out, DIGEST_MD5_SIZE);
}

bool digest_sha1(struct bytes input, uint8_t out[DIGEST_SHA1_SIZE])
{
    return digest_plain(EVP_sha1(), input, out, DIGEST_SHA1_SIZE);
}

bool digest_sha256(struct bytes input, uint8_t out[DIGEST_SHA256_SIZE])
{
    return digest_plain(EVP_sha256(), input, out, DIGEST_SHA256_SIZE);
}

bool digest_hmac_md5(struct bytes key, struct bytes input, uint8_t out[DIGEST_MD5_SIZE])
{
    return digest_keyed(EVP_md5(), key, input, out, DIGEST_MD5_SIZE);
}

bool digest_hmac_sha1(struct bytes key, struct bytes input, uint8_t out[DIGEST_SHA1_SIZE])
{
    return digest_keyed(EVP_sha1(), key, input, out, DIGEST_SHA1_SIZE);
}

bool digest_hmac_sha256(struct bytes key, struct bytes input, uint8_t out[DIGEST_SHA256_SIZE])
{
    return digest_keyed(EVP_sha256(), key, input, out, DIGEST_SHA256_SIZE);
}

bool digest_pbkdf2_sha1(struct bytes password, struct bytes salt, uint32_t iterations,
                        uint8_t out[DIGEST_SHA1_SIZE])
{
    return digest_derived(EVP_sha1(), password, salt, iterations, out, DIGEST_SHA1_SIZE);
}

bool digest_pbkdf2_sha256(struct bytes password, struct bytes salt, uint32_t iterations,
                          uint8_t out[DIGEST_SHA256_SIZE])
{
    return digest_derived(EVP_sha256(), password, salt, iterations, out, DIGEST_SHA256_SIZE);
}
