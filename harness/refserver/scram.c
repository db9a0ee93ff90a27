#include "refserver/scram.h"

#include "base/base64.h"
#include "refserver/gs2.h"

#include <string.h>

enum { MESSAGE_OCTETS_MAX = 4096 };

/* ---- keys ---- */

void scram_secret_make(const struct refserver_scram_digest *digest, struct bytes password, struct bytes salt,
                       uint32_t iterations, struct scram_secret *ret_secret)
{
    uint8_t salted[REFSERVER_SCRAM_OCTETS_MAX];
    uint8_t client_key[REFSERVER_SCRAM_OCTETS_MAX];
    struct bytes key = {salted, digest->octets};

    digest->derive(password, salt, iterations, salted);
    digest->hmac(key, BYTES_LITERAL("Client Key"), client_key);
    digest->hash(bytes_make(client_key, digest->octets), ret_secret->stored_key);
    digest->hmac(key, BYTES_LITERAL("Server Key"), ret_secret->server_key);
}

/* ---- life ---- */

void scram_init(struct scram *scram)
{
    buf_init(&scram->name, MESSAGE_OCTETS_MAX);
    buf_init(&scram->identity, MESSAGE_OCTETS_MAX);
    buf_init(&scram->header, MESSAGE_OCTETS_MAX);
    buf_init(&scram->nonce, MESSAGE_OCTETS_MAX);
    buf_init(&scram->messages, 4 * MESSAGE_OCTETS_MAX);
}

void scram_release(struct scram *scram)
{
    buf_release(&scram->name);
    buf_release(&scram->identity);
    buf_release(&scram->header);
    buf_release(&scram->nonce);
    buf_release(&scram->messages);
}

void scram_clear(struct scram *scram)
{
    buf_clear(&scram->name);
    buf_clear(&scram->identity);
    buf_clear(&scram->header);
    buf_clear(&scram->nonce);
    buf_clear(&scram->messages);
}

/* ---- messages ---- */

/* Takes the next attribute off REST, which must be NAME's; its value. */
static bool take_attribute(struct bytes *rest, char name, struct bytes *ret_value)
{
    struct bytes attribute;

    if (!bytes_split(rest, ',', &attribute) || attribute.size < 2 || attribute.data[0] != (uint8_t)name ||
        attribute.data[1] != '=')
        return false;
    *ret_value = bytes_from(attribute, 2);
    return true;
}

bool scram_take_first(struct scram *scram, struct bytes message)
{
    struct bytes rest = message;
    struct bytes name;
    struct bytes nonce;

    if (!gs2_take_header(&rest, &scram->identity))
        return false;
    buf_append(&scram->header, bytes_slice(message, 0, message.size - rest.size));
    buf_append(&scram->messages, rest);
    return take_attribute(&rest, 'n', &name) && gs2_decode_name(name, &scram->name) &&
           take_attribute(&rest, 'r', &nonce) && nonce.size > 0 && buf_append(&scram->nonce, nonce);
}

void scram_make_first(struct scram *scram, struct bytes nonce, struct bytes salt, uint32_t iterations,
                      struct buf *ret_message)
{
    struct buf message;

    buf_init(&message, BUF_UNBOUNDED);
    buf_append(&scram->nonce, nonce);
    buf_append_text(&message, "r=");
    buf_append(&message, buf_bytes(&scram->nonce));
    buf_append_text(&message, ",s=");
    base64_encode(salt, &message);
    buf_append_format(&message, ",i=%u", (unsigned)iterations);
    buf_append_octet(&scram->messages, ',');
    buf_append(&scram->messages, buf_bytes(&message));
    buf_append(ret_message, buf_bytes(&message));
    buf_release(&message);
}

static bool is_proof_right(const struct scram *scram, const struct refserver_scram_digest *digest,
                           const struct scram_secret *secret, struct bytes proof)
{
    struct bytes stored_key = {secret->stored_key, digest->octets};
    uint8_t client_key[REFSERVER_SCRAM_OCTETS_MAX];
    uint8_t hashed[REFSERVER_SCRAM_OCTETS_MAX];

    if (proof.size != digest->octets)
        return false;
    digest->hmac(stored_key, buf_bytes(&scram->messages), client_key);
    for (size_t i = 0; i < digest->octets; i++)
        client_key[i] ^= proof.data[i];
    digest->hash(bytes_make(client_key, digest->octets), hashed);
    return memcmp(hashed, secret->stored_key, digest->octets) == 0;
}

/* The header must be that of the first message, the nonce the whole one; the proof stands last. */
static bool take_parts(struct scram *scram, struct bytes message, struct bytes *ret_proof)
{
    size_t end = message.size;
    struct bytes rest = message;
    struct bytes binding;
    struct bytes nonce;
    struct buf expected;
    bool ok;

    while (end > 0 && message.data[end - 1] != ',')
        end--;
    struct bytes last = bytes_from(message, end);

    if (end == 0 || !take_attribute(&last, 'p', ret_proof))
        return false;
    buf_append_octet(&scram->messages, ',');
    buf_append(&scram->messages, bytes_slice(message, 0, end - 1));
    buf_init(&expected, BUF_UNBOUNDED);
    base64_encode(buf_bytes(&scram->header), &expected);
    ok = take_attribute(&rest, 'c', &binding) && bytes_equal(binding, buf_bytes(&expected)) &&
         take_attribute(&rest, 'r', &nonce) && bytes_equal(nonce, buf_bytes(&scram->nonce));
    buf_release(&expected);
    return ok;
}

bool scram_take_final(struct scram *scram, const struct refserver_scram_digest *digest,
                      const struct scram_secret *secret, struct bytes message)
{
    struct bytes encoded;
    struct buf proof;
    bool right;

    buf_init(&proof, REFSERVER_SCRAM_OCTETS_MAX);
    right = take_parts(scram, message, &encoded) && base64_decode(encoded, &proof) &&
            is_proof_right(scram, digest, secret, buf_bytes(&proof));
    buf_release(&proof);
    return right;
}

void scram_make_final(const struct scram *scram, const struct refserver_scram_digest *digest,
                      const struct scram_secret *secret, struct buf *ret_message)
{
    uint8_t signature[REFSERVER_SCRAM_OCTETS_MAX];

    digest->hmac(bytes_make(secret->server_key, digest->octets), buf_bytes(&scram->messages), signature);
    buf_append_text(ret_message, "v=");
    base64_encode(bytes_make(signature, digest->octets), ret_message);
}
