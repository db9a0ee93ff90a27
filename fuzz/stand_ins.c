#include "stand_ins.h"

#include <string.h>

static uint8_t parity(struct bytes octets)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < octets.size; i++)
        sum = (uint8_t)((sum + octets.data[i]) & 1);
    return sum;
}

/* Stands for MD5. */
static void cheap_digest(struct bytes octets, uint8_t ret_digest[REFSERVER_DIGEST_OCTETS])
{
    memset(ret_digest, parity(octets), REFSERVER_DIGEST_OCTETS);
}

static void cheap_keyed_digest(struct bytes key, struct bytes octets,
                               uint8_t ret_digest[REFSERVER_DIGEST_OCTETS])
{
    (void)key;
    cheap_digest(octets, ret_digest);
}

/* SCRAM hashes hashes: in one octet alone, parity is not lost on the way. */
static void write_bit(unsigned bit, uint8_t *ret_digest)
{
    memset(ret_digest, 0, STAND_IN_OCTETS);
    ret_digest[0] = bit & 1;
}

static void cheap_hash(struct bytes octets, uint8_t *ret_digest)
{
    write_bit(parity(octets), ret_digest);
}

static void cheap_hmac(struct bytes key, struct bytes octets, uint8_t *ret_digest)
{
    write_bit((unsigned)parity(key) + parity(octets), ret_digest);
}

static void cheap_derivation(struct bytes password, struct bytes salt, uint32_t iterations, uint8_t *ret_key)
{
    write_bit((unsigned)parity(password) + parity(salt) + (iterations & 1), ret_key);
}

const struct refserver_digests stand_in_digests = {
    .md5 = cheap_digest,
    .hmac_md5 = cheap_keyed_digest,
    .scram_sha_1 = {STAND_IN_OCTETS, cheap_hash, cheap_hmac, cheap_derivation},
    .scram_sha_256 = {STAND_IN_OCTETS, cheap_hash, cheap_hmac, cheap_derivation},
};
