#include "result/proofs.h"

#include "base/base64.h"

enum {
    PROOF_CHARACTERS_MIN = 24, /* no proof is shorter in base 64 */
    PROOF_CHARACTERS_MAX = 16 * 1024,
    CRAM_DIGITS = 32,
    APOP_DIGITS = 32,
};

static bool is_character(uint8_t octet)
{
    return ascii_is_letter(octet) || ascii_is_digit(octet) || octet == '+' || octet == '/' || octet == '=';
}

static bool is_hexadecimal(uint8_t octet)
{
    uint8_t lower = ascii_lower(octet);

    return ascii_is_digit(octet) || (lower >= 'a' && lower <= 'f');
}

/* RFC 2195 section 2: a name, a space, 32 hexadecimal digits. */
static bool is_cram_md5(struct bytes message)
{
    if (message.size <= CRAM_DIGITS || message.data[message.size - CRAM_DIGITS - 1] != ' ')
        return false;
    for (size_t i = message.size - CRAM_DIGITS; i < message.size; i++)
        if (!is_hexadecimal(message.data[i]))
            return false;
    return true;
}

static bool holds(struct bytes message, const char *part)
{
    return bytes_find(message, bytes_of(part)) != BYTES_NOT_FOUND;
}

/* RFC 5802 section 7: the client's proof, the server's signature. */
static bool is_scram(struct bytes message)
{
    return bytes_start_with(message, BYTES_LITERAL("v=")) ||
           (bytes_start_with(message, BYTES_LITERAL("c=")) && holds(message, ",p="));
}

static bool is_digest_md5(struct bytes message)
{
    return bytes_start_with(message, BYTES_LITERAL("rspauth=")) ||
           (holds(message, "response=") && holds(message, "nonce="));
}

/* TEXT may be cut off at its end: what is left of it in whole groups of four is looked at. */
static bool is_proof(struct bytes text)
{
    struct bytes groups = bytes_slice(text, 0, text.size / 4 * 4);
    struct buf message;
    bool found;

    buf_init(&message, PROOF_CHARACTERS_MAX);
    found = base64_decode(groups, &message) &&
            (is_cram_md5(buf_bytes(&message)) || is_scram(buf_bytes(&message)) ||
             is_digest_md5(buf_bytes(&message)));
    buf_release(&message);
    return found;
}

/* 32 hexadecimal digits and no more, as a digest has them; those that are all alike are a scenario's own. */
static bool is_digest(struct bytes text)
{
    bool various = false;

    if (text.size < APOP_DIGITS || (text.size > APOP_DIGITS && is_character(text.data[APOP_DIGITS])))
        return false;
    for (size_t i = 0; i < APOP_DIGITS; i++) {
        if (!is_hexadecimal(text.data[i]))
            return false;
        various = various || text.data[i] != text.data[0];
    }
    return various;
}

/* RFC 1939 section 7: APOP, a name, the digest. With the greeting it is as good a proof as that of CRAM-MD5. */
static void mask_apop(struct bytes octets, bool *mask)
{
    static const struct bytes keyword = BYTES_LITERAL("APOP ");

    for (size_t i = 0; i + keyword.size < octets.size; i++) {
        size_t at = i + keyword.size;

        if (!bytes_equal_nocase(bytes_slice(octets, i, at), keyword))
            continue;
        while (at < octets.size && octets.data[at] != ' ')
            at++;
        at += at < octets.size;
        if (is_digest(bytes_from(octets, at)))
            for (size_t k = 0; k < APOP_DIGITS; k++)
                mask[at + k] = true;
    }
}

void proofs_mask(struct bytes octets, bool *mask)
{
    size_t start = 0;

    mask_apop(octets, mask);
    while (start < octets.size) {
        size_t end = start;

        while (end < octets.size && is_character(octets.data[end]))
            end++;
        if (end - start >= PROOF_CHARACTERS_MIN && end - start <= PROOF_CHARACTERS_MAX &&
            is_proof(bytes_slice(octets, start, end)))
            for (size_t i = start; i < end; i++)
                mask[i] = true;
        start = end + 1;
    }
}
