#include "naive_sasl.h"

#include "naive_base64.h"
#include "stand_ins.h"

#include <string.h>

static bool is(struct bytes octets, const char *text)
{
    return bytes_equal(octets, bytes_of(text));
}

static bool plain(struct bytes message)
{
    return bytes_equal(message, BYTES_LITERAL("\0u\0p")) || bytes_equal(message, BYTES_LITERAL("u\0u\0p"));
}

static bool cram_md5(struct bytes challenge, struct bytes message)
{
    uint8_t digest[REFSERVER_DIGEST_OCTETS];
    char expected[3 + 2 * REFSERVER_DIGEST_OCTETS] = "u ";

    stand_in_digests.hmac_md5(BYTES_LITERAL("p"), challenge, digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(expected + 2 + 2 * i, 3, "%02x", digest[i]);
    return is(message, expected);
}

/* ---- SCRAM ---- */

static bool take(struct bytes *rest, const char *text)
{
    if (!bytes_start_with(*rest, bytes_of(text)))
        return false;
    *rest = bytes_from(*rest, strlen(text));
    return true;
}

/* What stands before the next comma, or all; the comma is left. */
static struct bytes up_to_comma(struct bytes *rest)
{
    size_t size = 0;

    while (size < rest->size && rest->data[size] != ',')
        size++;
    struct bytes part = bytes_slice(*rest, 0, size);

    *rest = bytes_from(*rest, size);
    return part;
}

/* The only way to write "u" is "u": commas and equals signs alone are written otherwise. */
static bool scram_first(struct bytes message, size_t *ret_header_size, struct bytes *ret_nonce)
{
    struct bytes rest = message;

    if (!take(&rest, "n,") && !take(&rest, "y,"))
        return false;
    if (take(&rest, "a=") && !take(&rest, "u"))
        return false;
    if (!take(&rest, ","))
        return false;
    *ret_header_size = message.size - rest.size;
    if (!take(&rest, "n=u,r="))
        return false;
    *ret_nonce = up_to_comma(&rest);
    return ret_nonce->size > 0;
}

static bool same_base64(struct bytes text, struct bytes octets)
{
    struct buf decoded;

    buf_init(&decoded, BUF_UNBOUNDED);
    bool same = naive_base64(text, &decoded) && bytes_equal(buf_bytes(&decoded), octets);

    buf_release(&decoded);
    return same;
}

static bool is_proof(struct bytes text)
{
    struct buf decoded;

    buf_init(&decoded, BUF_UNBOUNDED);
    bool right = naive_base64(text, &decoded) && decoded.size == STAND_IN_OCTETS;

    buf_release(&decoded);
    return right;
}

static bool scram_final(struct bytes message, struct bytes header, struct bytes nonce)
{
    struct bytes rest = message;
    struct bytes binding;
    size_t end = message.size;

    if (!take(&rest, "c="))
        return false;
    binding = up_to_comma(&rest);
    if (!take(&rest, ",r=") || !bytes_equal(up_to_comma(&rest), nonce))
        return false;
    while (end > 0 && message.data[end - 1] != ',')
        end--;
    struct bytes last = bytes_from(message, end);

    return rest.size > 0 && take(&last, "p=") && is_proof(last) && same_base64(binding, header);
}

static bool scram(const struct naive_exchange *exchange)
{
    size_t header_size;
    struct bytes client_nonce;
    struct bytes challenge = exchange->challenges[1];

    if (exchange->message_count != 3 || exchange->messages[2].size != 0 ||
        !scram_first(exchange->messages[0], &header_size, &client_nonce) || !take(&challenge, "r="))
        return false;
    struct bytes nonce = up_to_comma(&challenge);

    return nonce.size > client_nonce.size && bytes_start_with(nonce, client_nonce) &&
           scram_final(exchange->messages[1], bytes_slice(exchange->messages[0], 0, header_size), nonce);
}

bool naive_sasl_logs_in(const struct naive_exchange *exchange)
{
    const struct bytes *messages = exchange->messages;

    switch (exchange->method) {
    case LOGIN_AUTH_PLAIN:
        return exchange->message_count == 1 && plain(messages[0]);
    case LOGIN_AUTH_LOGIN:
        return exchange->message_count == 2 && is(messages[0], "u") && is(messages[1], "p");
    case LOGIN_AUTH_CRAM_MD5:
        return exchange->message_count == 1 && cram_md5(exchange->challenges[0], messages[0]);
    case LOGIN_AUTH_SCRAM_SHA_1:
    case LOGIN_AUTH_SCRAM_SHA_256:
        return scram(exchange);
    case LOGIN_USER_PASS:
    case LOGIN_APOP:
    case LOGIN_AUTH_DIGEST_MD5:
    case LOGIN_AUTH_XOAUTH2:
    case LOGIN_AUTH_OAUTHBEARER:
    case LOGIN_METHOD_COUNT:
        break;
    }
    return false;
}
