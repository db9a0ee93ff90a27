#include "refserver/digest_md5.h"

#include "base/utf8.h"

/* Section 2.1.2: an answer is shorter. */
enum { ANSWER_OCTETS_MAX = 4096, LATIN_1_MAX = 0xFF };

/* ---- life ---- */

void digest_md5_answer_init(struct digest_md5_answer *answer)
{
    for (int i = 0; i < DIGEST_MD5_DIRECTIVE_COUNT; i++) {
        buf_init(&answer->values[i], ANSWER_OCTETS_MAX);
        answer->given[i] = false;
    }
}

void digest_md5_answer_release(struct digest_md5_answer *answer)
{
    for (int i = 0; i < DIGEST_MD5_DIRECTIVE_COUNT; i++)
        buf_release(&answer->values[i]);
}

struct bytes digest_md5_value(const struct digest_md5_answer *answer, enum digest_md5_directive directive)
{
    return buf_bytes(&answer->values[directive]);
}

/* ---- reading ---- */

static void skip_blanks(struct bytes *rest)
{
    size_t start = 0;

    while (start < rest->size && (rest->data[start] == ' ' || rest->data[start] == '\t' ||
                                  rest->data[start] == '\r' || rest->data[start] == '\n'))
        start++;
    *rest = bytes_from(*rest, start);
}

/* RFC 2616 section 2.2: visible, and none of what parts the elements of a message. */
static bool is_token_octet(uint8_t octet)
{
    static const struct bytes separators = BYTES_LITERAL("()<>@,;:\\\"/[]?={}");

    return ascii_is_visible(octet) && bytes_find_octet(separators, octet) == BYTES_NOT_FOUND;
}

static bool take_token(struct bytes *rest, struct bytes *ret_token)
{
    size_t end = 0;

    while (end < rest->size && is_token_octet(rest->data[end]))
        end++;
    *ret_token = bytes_slice(*rest, 0, end);
    *rest = bytes_from(*rest, end);
    return end > 0;
}

/* In quotes, a backslash stands before an octet that is meant as such. */
static bool take_quoted(struct bytes *rest, struct buf *ret_value)
{
    for (size_t i = 1; i < rest->size; i++) {
        uint8_t octet = rest->data[i];

        if (octet == '"') {
            *rest = bytes_from(*rest, i + 1);
            return true;
        }
        if (octet == '\\' && ++i == rest->size)
            return false;
        buf_append_octet(ret_value, rest->data[i]);
    }
    return false;
}

static bool take_value(struct bytes *rest, struct buf *ret_value)
{
    struct bytes token;

    if (rest->size > 0 && rest->data[0] == '"')
        return take_quoted(rest, ret_value);
    return take_token(rest, &token) && buf_append(ret_value, token);
}

static enum digest_md5_directive directive_of(struct bytes name)
{
    static const char *const names[DIGEST_MD5_DIRECTIVE_COUNT] = {
        [DIGEST_MD5_USERNAME] = "username",
        [DIGEST_MD5_REALM] = "realm",
        [DIGEST_MD5_NONCE] = "nonce",
        [DIGEST_MD5_CNONCE] = "cnonce",
        [DIGEST_MD5_NC] = "nc",
        [DIGEST_MD5_QOP] = "qop",
        [DIGEST_MD5_DIGEST_URI] = "digest-uri",
        [DIGEST_MD5_RESPONSE] = "response",
        [DIGEST_MD5_CHARSET] = "charset",
        [DIGEST_MD5_AUTHZID] = "authzid",
    };
    int i = 0;

    while (i < DIGEST_MD5_DIRECTIVE_COUNT && !bytes_equal_nocase(bytes_of(names[i]), name))
        i++;
    return (enum digest_md5_directive)i;
}

/* One directive; those that are known come once at most, others are passed over. */
static bool take_directive(struct digest_md5_answer *answer, struct bytes *rest)
{
    struct bytes name;
    struct buf value;

    if (!take_token(rest, &name))
        return false;
    skip_blanks(rest);
    if (rest->size == 0 || rest->data[0] != '=')
        return false;
    *rest = bytes_from(*rest, 1);
    skip_blanks(rest);
    enum digest_md5_directive directive = directive_of(name);

    if (directive == DIGEST_MD5_DIRECTIVE_COUNT) {
        buf_init(&value, ANSWER_OCTETS_MAX);
        bool taken = take_value(rest, &value);

        buf_release(&value);
        return taken;
    }
    bool first = !answer->given[directive];

    answer->given[directive] = true;
    return first && take_value(rest, &answer->values[directive]);
}

bool digest_md5_take_answer(struct digest_md5_answer *answer, struct bytes message)
{
    struct bytes rest = message;

    if (message.size >= ANSWER_OCTETS_MAX)
        return false;
    for (;;) {
        skip_blanks(&rest);
        if (rest.size == 0)
            return true;
        /* RFC 2616 section 2.1: elements of a list may be empty. */
        if (rest.data[0] != ',' && !take_directive(answer, &rest))
            return false;
        skip_blanks(&rest);
        if (rest.size > 0 && rest.data[0] != ',')
            return false;
        rest = bytes_from(rest, 1);
    }
}

/* ---- values ---- */

static void append_hex(struct buf *text, const uint8_t digest[REFSERVER_DIGEST_OCTETS])
{
    for (size_t i = 0; i < REFSERVER_DIGEST_OCTETS; i++)
        buf_append_format(text, "%02x", digest[i]);
}

/* Section 2.1.2.1: UTF-8 whose characters ISO 8859-1 has is hashed in that. */
static void append_in_latin_1(struct buf *text, struct bytes octets, bool utf8)
{
    size_t start = text->size;
    struct bytes rest = octets;

    while (utf8 && rest.size > 0) {
        uint32_t code = 0;
        size_t size = utf8_character(rest, &code);

        if (size == 0 || code > LATIN_1_MAX) {
            buf_truncate(text, start);
            break;
        }
        buf_append_octet(text, (uint8_t)code);
        rest = bytes_from(rest, size);
    }
    if (text->size == start)
        buf_append(text, octets);
}

/* A1: the digest of name, realm and password as octets, and the nonces. */
static void append_a1(const struct digest_md5_answer *answer, const struct refserver_digests *digests,
                      struct bytes password, struct buf *a1)
{
    uint8_t digest[REFSERVER_DIGEST_OCTETS];
    bool utf8 = answer->given[DIGEST_MD5_CHARSET];
    struct buf secret;

    buf_init(&secret, BUF_UNBOUNDED);
    append_in_latin_1(&secret, digest_md5_value(answer, DIGEST_MD5_USERNAME), utf8);
    buf_append_octet(&secret, ':');
    append_in_latin_1(&secret, digest_md5_value(answer, DIGEST_MD5_REALM), utf8);
    buf_append_octet(&secret, ':');
    append_in_latin_1(&secret, password, utf8);
    digests->md5(buf_bytes(&secret), digest);
    buf_release(&secret);
    buf_append(a1, bytes_make(digest, sizeof(digest)));
    buf_append_octet(a1, ':');
    buf_append(a1, digest_md5_value(answer, DIGEST_MD5_NONCE));
    buf_append_octet(a1, ':');
    buf_append(a1, digest_md5_value(answer, DIGEST_MD5_CNONCE));
    if (answer->given[DIGEST_MD5_AUTHZID]) {
        buf_append_octet(a1, ':');
        buf_append(a1, digest_md5_value(answer, DIGEST_MD5_AUTHZID));
    }
}

static void append_hex_digest(struct buf *text, const struct refserver_digests *digests, struct bytes octets)
{
    uint8_t digest[REFSERVER_DIGEST_OCTETS];

    digests->md5(octets, digest);
    append_hex(text, digest);
}

/* Appends the response-value: METHOD is "AUTHENTICATE" for the client's, nothing for the server's. */
static void append_response_value(const struct digest_md5_answer *answer,
                                  const struct refserver_digests *digests, struct bytes password,
                                  const char *method, struct buf *ret_text)
{
    static const enum digest_md5_directive between[] = {DIGEST_MD5_NONCE, DIGEST_MD5_NC, DIGEST_MD5_CNONCE};
    struct buf part;
    struct buf whole;

    buf_init(&part, BUF_UNBOUNDED);
    buf_init(&whole, BUF_UNBOUNDED);
    append_a1(answer, digests, password, &part);
    append_hex_digest(&whole, digests, buf_bytes(&part));
    for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        buf_append_octet(&whole, ':');
        buf_append(&whole, digest_md5_value(answer, between[i]));
    }
    buf_append_text(&whole, ":auth:");
    buf_clear(&part);
    buf_append_format(&part, "%s:", method);
    buf_append(&part, digest_md5_value(answer, DIGEST_MD5_DIGEST_URI));
    append_hex_digest(&whole, digests, buf_bytes(&part));
    append_hex_digest(ret_text, digests, buf_bytes(&whole));
    buf_release(&part);
    buf_release(&whole);
}

/* ---- messages ---- */

void digest_md5_make_challenge(const struct digest_md5_terms *terms, struct buf *ret_message)
{
    buf_append_text(ret_message, "realm=\"");
    buf_append(ret_message, terms->realm);
    buf_append_text(ret_message, "\",nonce=\"");
    buf_append(ret_message, terms->nonce);
    buf_append_text(ret_message, "\",qop=\"auth\",algorithm=md5-sess,charset=utf-8");
}

/* The service, a slash, and a host, under whatever name the client knows it. */
static bool is_for_service(struct bytes uri, struct bytes service)
{
    return bytes_start_with(uri, service) && uri.size > service.size + 1 && uri.data[service.size] == '/';
}

/* Everything but the proof. */
static bool is_for_terms(const struct digest_md5_answer *answer, const struct digest_md5_terms *terms)
{
    const bool *given = answer->given;

    return given[DIGEST_MD5_USERNAME] && given[DIGEST_MD5_CNONCE] &&
           bytes_equal(digest_md5_value(answer, DIGEST_MD5_REALM), terms->realm) &&
           bytes_equal(digest_md5_value(answer, DIGEST_MD5_NONCE), terms->nonce) &&
           bytes_equal(digest_md5_value(answer, DIGEST_MD5_NC), BYTES_LITERAL("00000001")) &&
           (!given[DIGEST_MD5_QOP] ||
            bytes_equal_nocase(digest_md5_value(answer, DIGEST_MD5_QOP), BYTES_LITERAL("auth"))) &&
           (!given[DIGEST_MD5_CHARSET] ||
            bytes_equal_nocase(digest_md5_value(answer, DIGEST_MD5_CHARSET), BYTES_LITERAL("utf-8"))) &&
           is_for_service(digest_md5_value(answer, DIGEST_MD5_DIGEST_URI), terms->service);
}

void digest_md5_make_proof(const struct digest_md5_answer *answer, const struct refserver_digests *digests,
                           struct bytes password, struct buf *ret_proof)
{
    append_response_value(answer, digests, password, "AUTHENTICATE", ret_proof);
}

bool digest_md5_is_right(const struct digest_md5_answer *answer, const struct digest_md5_terms *terms,
                         const struct refserver_digests *digests, struct bytes password)
{
    struct buf expected;
    bool right;

    if (!is_for_terms(answer, terms))
        return false;
    buf_init(&expected, DIGEST_MD5_VALUE_OCTETS);
    digest_md5_make_proof(answer, digests, password, &expected);
    right = bytes_equal(buf_bytes(&expected), digest_md5_value(answer, DIGEST_MD5_RESPONSE));
    buf_release(&expected);
    return right;
}

void digest_md5_make_final(const struct digest_md5_answer *answer, const struct refserver_digests *digests,
                           struct bytes password, struct buf *ret_message)
{
    buf_append_text(ret_message, "rspauth=");
    append_response_value(answer, digests, password, "", ret_message);
}
