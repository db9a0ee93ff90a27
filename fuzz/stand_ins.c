#include "stand_ins.h"

#include <string.h>

/* Stands for MD5. */
static void cheap_digest(struct bytes octets, uint8_t ret_digest[REFSERVER_DIGEST_OCTETS])
{
    uint8_t sum = 0;

    for (size_t i = 0; i < octets.size; i++)
        sum = (uint8_t)((sum + octets.data[i]) & 1);
    memset(ret_digest, sum, REFSERVER_DIGEST_OCTETS);
}

static void cheap_keyed_digest(struct bytes key, struct bytes octets,
                               uint8_t ret_digest[REFSERVER_DIGEST_OCTETS])
{
    (void)key;
    cheap_digest(octets, ret_digest);
}

static void cheap_hash(struct bytes octets, uint8_t *ret_digest)
{
    (void)octets;
    memset(ret_digest, 1, STAND_IN_OCTETS);
}

static void cheap_hmac(struct bytes key, struct bytes octets, uint8_t *ret_digest)
{
    (void)key;
    cheap_hash(octets, ret_digest);
}

static void cheap_derivation(struct bytes password, struct bytes salt, uint32_t iterations, uint8_t *ret_key)
{
    (void)salt;
    (void)iterations;
    cheap_hash(password, ret_key);
}

const struct refserver_digests stand_in_digests = {
    .md5 = cheap_digest,
    .hmac_md5 = cheap_keyed_digest,
    .scram_sha_1 = {STAND_IN_OCTETS, cheap_hash, cheap_hmac, cheap_derivation},
    .scram_sha_256 = {STAND_IN_OCTETS, cheap_hash, cheap_hmac, cheap_derivation},
};
