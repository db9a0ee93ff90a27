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

/* One SCRAM exchange, by the names of RFC 5802 section 3. */
struct naive_scram {
    struct bytes salt; /* in base 64 */
    uint32_t iterations;
    struct buf auth_message;
};

/* "StoredKey" and "ServerKey", of the only user's password. */
static void make_keys(const struct naive_scram *scram, uint8_t *ret_stored, uint8_t *ret_server)
{
    const struct refserver_scram_digest *digest = &stand_in_digests.scram_sha_1;
    uint8_t salted[STAND_IN_OCTETS];
    uint8_t client[STAND_IN_OCTETS];
    struct buf salt;

    buf_init(&salt, BUF_UNBOUNDED);
    if (naive_base64(scram->salt, &salt))
        digest->derive(BYTES_LITERAL("p"), buf_bytes(&salt), scram->iterations, salted);
    digest->hmac(bytes_make(salted, sizeof(salted)), BYTES_LITERAL("Client Key"), client);
    digest->hash(bytes_make(client, sizeof(client)), ret_stored);
    digest->hmac(bytes_make(salted, sizeof(salted)), BYTES_LITERAL("Server Key"), ret_server);
    buf_release(&salt);
}

/* H(ClientProof XOR ClientSignature) is StoredKey. */
static bool is_proof(const struct naive_scram *scram, struct bytes text)
{
    const struct refserver_scram_digest *digest = &stand_in_digests.scram_sha_1;
    uint8_t stored[STAND_IN_OCTETS];
    uint8_t unused[STAND_IN_OCTETS];
    uint8_t key[STAND_IN_OCTETS];
    uint8_t hashed[STAND_IN_OCTETS];
    struct buf decoded;

    buf_init(&decoded, BUF_UNBOUNDED);
    bool right = naive_base64(text, &decoded) && decoded.size == STAND_IN_OCTETS;

    make_keys(scram, stored, unused);
    digest->hmac(bytes_make(stored, sizeof(stored)), buf_bytes(&scram->auth_message), key);
    for (size_t i = 0; right && i < sizeof(key); i++)
        key[i] ^= decoded.data[i];
    digest->hash(bytes_make(key, sizeof(key)), hashed);
    buf_release(&decoded);
    return right && memcmp(hashed, stored, sizeof(stored)) == 0;
}

/* CHALLENGE shows that the server knows the password, too. */
static bool is_server_signature(const struct naive_scram *scram, struct bytes challenge)
{
    const struct refserver_scram_digest *digest = &stand_in_digests.scram_sha_1;
    uint8_t unused[STAND_IN_OCTETS];
    uint8_t server[STAND_IN_OCTETS];
    uint8_t signature[STAND_IN_OCTETS];

    make_keys(scram, unused, server);
    digest->hmac(bytes_make(server, sizeof(server)), buf_bytes(&scram->auth_message), signature);
    return take(&challenge, "v=") && same_base64(challenge, bytes_make(signature, sizeof(signature)));
}

/* NONCE, salt and iterations of the server's first message. */
static bool read_challenge(struct bytes challenge, struct bytes *ret_nonce, struct naive_scram *scram)
{
    struct bytes rest = challenge;

    if (!take(&rest, "r="))
        return false;
    *ret_nonce = up_to_comma(&rest);
    if (!take(&rest, ",s="))
        return false;
    scram->salt = up_to_comma(&rest);
    if (!take(&rest, ",i="))
        return false;
    for (size_t i = 0; i < rest.size; i++)
        scram->iterations = scram->iterations * 10 + rest.data[i] - '0';
    return true;
}

static void append_part(struct naive_scram *scram, struct bytes part)
{
    if (scram->auth_message.size > 0)
        buf_append_octet(&scram->auth_message, ',');
    buf_append(&scram->auth_message, part);
}

static bool scram_final(struct naive_scram *scram, struct bytes message, struct bytes header,
                        struct bytes nonce)
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

    if (rest.size == 0 || !take(&last, "p=") || !same_base64(binding, header))
        return false;
    append_part(scram, bytes_slice(message, 0, end - 1));
    return is_proof(scram, last);
}

static bool scram_messages(const struct naive_exchange *exchange, struct naive_scram *scram)
{
    struct bytes first = exchange->messages[0];
    size_t header_size;
    struct bytes client_nonce;
    struct bytes nonce;

    if (!scram_first(first, &header_size, &client_nonce) ||
        !read_challenge(exchange->challenges[1], &nonce, scram))
        return false;
    append_part(scram, bytes_from(first, header_size));
    append_part(scram, exchange->challenges[1]);
    return nonce.size > client_nonce.size && bytes_start_with(nonce, client_nonce) &&
           scram_final(scram, exchange->messages[1], bytes_slice(first, 0, header_size), nonce) &&
           is_server_signature(scram, exchange->challenges[2]);
}

static bool scram(const struct naive_exchange *exchange)
{
    struct naive_scram scram = {.iterations = 0};

    if (exchange->message_count != 3 || exchange->messages[2].size != 0)
        return false;
    buf_init(&scram.auth_message, BUF_UNBOUNDED);
    bool right = scram_messages(exchange, &scram);

    buf_release(&scram.auth_message);
    return right;
}

/* ---- tokens ---- */

/* Pairs with a separator behind each, and one more: whether one of them, and one alone, has the token. */
static bool has_token(struct bytes pairs)
{
    struct bytes pair;
    size_t tokens = 0;

    if (pairs.size < 2 || !bytes_end_with(pairs, BYTES_LITERAL("\001\001")))
        return false;
    pairs.size -= 2;
    while (bytes_split(&pairs, '\001', &pair)) {
        size_t at = 0;

        while (at < pair.size && ascii_is_letter(pair.data[at]))
            at++;
        if (at == 0 || at == pair.size || pair.data[at] != '=')
            return false;
        struct bytes key = bytes_slice(pair, 0, at);
        struct bytes value = bytes_from(pair, at + 1);

        for (at = 0; at < value.size; at++)
            if (value.data[at] > '~' || (value.data[at] < ' ' && strchr("\t\r\n", value.data[at]) == NULL) ||
                value.data[at] == '\0')
                return false;
        if (!is(key, "auth"))
            continue;
        tokens++;
        if (!bytes_equal_nocase(bytes_slice(value, 0, 7), BYTES_LITERAL("bearer ")))
            return false;
        value = bytes_from(value, 7);
        while (take(&value, " "))
            continue;
        if (!is(value, "t"))
            return false;
    }
    return tokens == 1;
}

static bool oauthbearer(struct bytes message)
{
    struct bytes rest = message;

    return (take(&rest, "n,") || take(&rest, "y,")) && (take(&rest, ",") || take(&rest, "a=u,")) &&
           take(&rest, "\001") && has_token(rest);
}

static bool xoauth2(struct bytes message)
{
    struct bytes rest = message;

    return take(&rest, "user=") && (take(&rest, "\001") || take(&rest, "u\001")) && has_token(rest);
}

/* ---- DIGEST-MD5 ---- */

enum naive_directive {
    USERNAME,
    REALM,
    NONCE,
    CNONCE,
    NC,
    QOP,
    DIGEST_URI,
    RESPONSE,
    CHARSET,
    AUTHZID,
    DIGEST_VALUES
};

struct naive_digest {
    struct buf values[DIGEST_VALUES];
    bool given[DIGEST_VALUES];
};

static struct buf *value_of(struct naive_digest *digest, struct bytes name, bool *ret_again)
{
    static const char *const names[DIGEST_VALUES] = {
        "username", "realm", "nonce", "cnonce", "nc", "qop", "digest-uri", "response", "charset", "authzid"};

    *ret_again = false;
    for (size_t i = 0; i < DIGEST_VALUES; i++)
        if (bytes_equal_nocase(name, bytes_of(names[i]))) {
            *ret_again = digest->given[i];
            digest->given[i] = true;
            return &digest->values[i];
        }
    return NULL;
}

static struct bytes value(const struct naive_digest *digest, size_t which)
{
    return buf_bytes(&digest->values[which]);
}

static size_t blanks_at(struct bytes text, size_t at)
{
    while (at < text.size && text.data[at] != '\0' && strchr(" \t\r\n", text.data[at]) != NULL)
        at++;
    return at;
}

static size_t token_at(struct bytes text, size_t at)
{
    while (at < text.size && text.data[at] > ' ' && text.data[at] <= '~' &&
           strchr("()<>@,;:\\\"/[]?={}", text.data[at]) == NULL)
        at++;
    return at;
}

/* The value at AT, into RET_VALUE, which may be NULL. Behind it, or 0 where there is none. */
static size_t read_value(struct bytes text, size_t at, struct buf *ret_value)
{
    size_t end = token_at(text, at);

    if (at == text.size || text.data[at] != '"') {
        if (ret_value != NULL)
            buf_append(ret_value, bytes_slice(text, at, end));
        return end > at ? end : 0;
    }
    for (at++; at < text.size && text.data[at] != '"'; at++) {
        at += text.data[at] == '\\' ? 1 : 0;
        if (ret_value != NULL && at < text.size)
            buf_append_octet(ret_value, text.data[at]);
    }
    return at < text.size ? at + 1 : 0;
}

static bool read_digest(struct naive_digest *digest, struct bytes text)
{
    for (size_t at = blanks_at(text, 0); at < text.size; at = blanks_at(text, at)) {
        size_t end = token_at(text, at);
        bool again;

        if (text.data[at] == ',') {
            at++;
            continue;
        }
        struct buf *found = value_of(digest, bytes_slice(text, at, end), &again);

        if (end == at || again)
            return false;
        at = blanks_at(text, end);
        if (at == text.size || text.data[at] != '=')
            return false;
        at = read_value(text, blanks_at(text, at + 1), found);
        if (at == 0)
            return false;
        at = blanks_at(text, at);
        if (at < text.size && text.data[at] != ',')
            return false;
    }
    return true;
}

/* What stands in quotes behind NAME in the server's challenge. */
static struct bytes quoted_behind(struct bytes challenge, const char *name)
{
    struct bytes rest = bytes_from(challenge, bytes_find(challenge, bytes_of(name)) + strlen(name));

    return bytes_slice(rest, 0, bytes_find_octet(rest, '"'));
}

/*
 * The proof hashes two other hashes in hexadecimal, and what stands between them. The digits of either are even when they are
 * added up, whatever the hash, so that the parity is that of the rest.
 */
static bool is_response(const struct naive_digest *digest)
{
    uint8_t octets[REFSERVER_DIGEST_OCTETS];
    char expected[2 * REFSERVER_DIGEST_OCTETS + 1];
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    for (size_t which = NONCE; which <= NC; which++) {
        buf_append_octet(&text, ':');
        buf_append(&text, value(digest, which));
    }
    buf_append_text(&text, ":auth:");
    stand_in_digests.md5(buf_bytes(&text), octets);
    buf_release(&text);
    for (size_t i = 0; i < sizeof(octets); i++)
        snprintf(expected + 2 * i, 3, "%02x", octets[i]);
    return is(value(digest, RESPONSE), expected);
}

static bool is_digest_for(const struct naive_digest *digest, struct bytes challenge)
{
    struct bytes uri = value(digest, DIGEST_URI);

    return is(value(digest, USERNAME), "u") && digest->given[CNONCE] && take(&uri, "pop/") && uri.size > 0 &&
           bytes_equal(value(digest, REALM), quoted_behind(challenge, "realm=\"")) &&
           bytes_equal(value(digest, NONCE), quoted_behind(challenge, "nonce=\"")) &&
           is(value(digest, NC), "00000001") &&
           (!digest->given[QOP] || bytes_equal_nocase(value(digest, QOP), BYTES_LITERAL("auth"))) &&
           (!digest->given[CHARSET] || bytes_equal_nocase(value(digest, CHARSET), BYTES_LITERAL("utf-8"))) &&
           (!digest->given[AUTHZID] || is(value(digest, AUTHZID), "u")) && is_response(digest);
}

/* The server's proof differs in one of the hashes within (RFC 2831 section 2.1.3), so that its parity is that of the client's. */
static bool is_response_auth(const struct naive_digest *digest, struct bytes challenge)
{
    return take(&challenge, "rspauth=") && bytes_equal(challenge, value(digest, RESPONSE));
}

/* MESSAGE answers CHALLENGE, and PROOF answers it. */
static bool digest_md5_answer(struct bytes challenge, struct bytes message, struct bytes proof)
{
    struct naive_digest digest = {.given = {false}};

    for (size_t i = 0; i < DIGEST_VALUES; i++)
        buf_init(&digest.values[i], BUF_UNBOUNDED);
    bool right = read_digest(&digest, message) && is_digest_for(&digest, challenge) &&
                 is_response_auth(&digest, proof);

    for (size_t i = 0; i < DIGEST_VALUES; i++)
        buf_release(&digest.values[i]);
    return right;
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
    case LOGIN_AUTH_DIGEST_MD5:
        return exchange->message_count == 2 && messages[1].size == 0 &&
               digest_md5_answer(exchange->challenges[0], messages[0], exchange->challenges[1]);
    case LOGIN_AUTH_XOAUTH2:
        return exchange->message_count == 1 && xoauth2(messages[0]);
    case LOGIN_AUTH_OAUTHBEARER:
        return exchange->message_count == 1 && oauthbearer(messages[0]);
    case LOGIN_USER_PASS:
    case LOGIN_APOP:
    case LOGIN_METHOD_COUNT:
        break;
    }
    return false;
}
