/* The digests that the reference server is lent, from the host's library. */
#include "base/check.h"
#include "digest/digest.h"
#include "refserver/shell/shell.h"

/* refserver_shell_digests() has seen to it that the library knows them all. */
#define LEND(name, call, ...)                                                                                \
    static void lend_##name(__VA_ARGS__, uint8_t *ret_digest)                                                \
    {                                                                                                        \
        CHECK(call);                                                                                         \
    }

LEND(md5, digest_md5(octets, ret_digest), struct bytes octets)
LEND(hmac_md5, digest_hmac_md5(key, octets, ret_digest), struct bytes key, struct bytes octets)
LEND(sha_1, digest_sha1(octets, ret_digest), struct bytes octets)
LEND(hmac_sha_1, digest_hmac_sha1(key, octets, ret_digest), struct bytes key, struct bytes octets)
LEND(derive_sha_1, digest_pbkdf2_sha1(password, salt, iterations, ret_digest), struct bytes password,
     struct bytes salt, uint32_t iterations)
LEND(sha_256, digest_sha256(octets, ret_digest), struct bytes octets)
LEND(hmac_sha_256, digest_hmac_sha256(key, octets, ret_digest), struct bytes key, struct bytes octets)
LEND(derive_sha_256, digest_pbkdf2_sha256(password, salt, iterations, ret_digest), struct bytes password,
     struct bytes salt, uint32_t iterations)

static const struct refserver_digests digests = {
    .md5 = lend_md5,
    .hmac_md5 = lend_hmac_md5,
    .scram_sha_1 = {DIGEST_SHA1_SIZE, lend_sha_1, lend_hmac_sha_1, lend_derive_sha_1},
    .scram_sha_256 = {DIGEST_SHA256_SIZE, lend_sha_256, lend_hmac_sha_256, lend_derive_sha_256},
};

/* A host whose policy forbids one of them gets a server without APOP, CRAM-MD5 and SCRAM. */
const struct refserver_digests *refserver_shell_digests(void)
{
    uint8_t digest[REFSERVER_SCRAM_OCTETS_MAX];
    struct bytes key = BYTES_LITERAL("key");
    bool known = digest_md5(key, digest) && digest_hmac_md5(key, key, digest) && digest_sha1(key, digest) &&
                 digest_hmac_sha1(key, key, digest) && digest_pbkdf2_sha1(key, key, 1, digest) &&
                 digest_sha256(key, digest) && digest_hmac_sha256(key, key, digest) &&
                 digest_pbkdf2_sha256(key, key, 1, digest);

    return known ? &digests : NULL;
}
