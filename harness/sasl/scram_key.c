/* OpenSSL derives keys two or three times as fast as GNU SASL would. */
#include "sasl/scram_key.h"

#include "base/base64.h"
#include "digest/digest.h"
#include "sasl/saslprep.h"

enum {
    /* No RFC has a limit; servers of today ask for up to a million or so. Without one a server could hold us up for hours. */
    SCRAM_ITERATIONS_MAX = 2000 * 1000,
    SCRAM_SALT_OCTETS_MAX = 4096,
};

/* The value of the attribute NAME in MESSAGE; data NULL: it has none. */
static struct bytes find_attribute(struct bytes message, struct bytes name)
{
    struct bytes attribute;

    while (bytes_split(&message, ',', &attribute)) {
        if (bytes_start_with(attribute, name))
            return bytes_from(attribute, name.size);
    }
    return BYTES_EMPTY;
}

static bool append_key(bool sha_256, struct bytes password, struct bytes salt, uint32_t iterations,
                       struct buf *ret_hex)
{
    uint8_t key[DIGEST_SHA256_SIZE];
    size_t size = sha_256 ? DIGEST_SHA256_SIZE : DIGEST_SHA1_SIZE;
    bool ok = sha_256 ? digest_pbkdf2_sha256(password, salt, iterations, key)
                      : digest_pbkdf2_sha1(password, salt, iterations, key);

    for (size_t i = 0; ok && i < size; i++)
        ok = buf_append_format(ret_hex, "%02x", key[i]);
    return ok;
}

enum scram_key_result scram_key_derive(bool sha_256, const char *password, struct bytes server_first,
                                       struct buf *ret_hex)
{
    struct bytes count = find_attribute(server_first, BYTES_LITERAL("i="));
    uint64_t iterations;
    struct buf prepared;
    struct buf salt;

    if (count.data == NULL)
        return SCRAM_KEY_NONE;
    if (!bytes_to_u64(count, &iterations) || iterations > SCRAM_ITERATIONS_MAX)
        return SCRAM_KEY_TOO_DEAR;
    buf_init(&prepared, BUF_UNBOUNDED);
    buf_init(&salt, SCRAM_SALT_OCTETS_MAX);
    bool derived = iterations > 0 && saslprep(bytes_of(password), false, &prepared) &&
                   base64_decode(find_attribute(server_first, BYTES_LITERAL("s=")), &salt) && salt.size > 0 &&
                   append_key(sha_256, buf_bytes(&prepared), buf_bytes(&salt), (uint32_t)iterations, ret_hex);

    buf_release(&prepared);
    buf_release(&salt);
    return derived ? SCRAM_KEY_DERIVED : SCRAM_KEY_NONE;
}
