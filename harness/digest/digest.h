/*
 * Message digests, keyed digests and key derivation as plain functions over OpenSSL. Each returns false only when the
 * host's library refuses the algorithm (MD5 under a FIPS policy), and leaves OUT alone then. Outputs are raw octets.
 */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "base/attributes.h"
#include "base/bytes.h"

enum {
    DIGEST_MD5_SIZE = 16,
    DIGEST_SHA1_SIZE = 20,
    DIGEST_SHA256_SIZE = 32,
};

/* RFC 1321; APOP is made of it (RFC 1939 section 7). */
MUST_USE bool digest_md5(struct bytes input, uint8_t out[DIGEST_MD5_SIZE]);
MUST_USE bool digest_sha1(struct bytes input, uint8_t out[DIGEST_SHA1_SIZE]);
MUST_USE bool digest_sha256(struct bytes input, uint8_t out[DIGEST_SHA256_SIZE]);

/* RFC 2104; CRAM-MD5 is made of the first (RFC 2195), SCRAM of the others (RFC 5802, RFC 7677). */
MUST_USE bool digest_hmac_md5(struct bytes key, struct bytes input, uint8_t out[DIGEST_MD5_SIZE]);
MUST_USE bool digest_hmac_sha1(struct bytes key, struct bytes input, uint8_t out[DIGEST_SHA1_SIZE]);
MUST_USE bool digest_hmac_sha256(struct bytes key, struct bytes input, uint8_t out[DIGEST_SHA256_SIZE]);

/* PBKDF2 with HMAC, which RFC 5802 section 2.2 calls Hi(); ITERATIONS is at least 1. */
MUST_USE bool digest_pbkdf2_sha1(struct bytes password, struct bytes salt, uint32_t iterations,
                                 uint8_t out[DIGEST_SHA1_SIZE]);
MUST_USE bool digest_pbkdf2_sha256(struct bytes password, struct bytes salt, uint32_t iterations,
                                   uint8_t out[DIGEST_SHA256_SIZE]);

#endif
