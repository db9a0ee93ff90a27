/* AUTH (RFC 5034 section 4) with PLAIN (RFC 4616) and CRAM-MD5 (RFC 2195). */
#include "base/base64.h"
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/session.h"

static struct bytes mechanism_name(enum sasl_mechanism mechanism)
{
    switch (mechanism) {
    case SASL_NONE:
        break;
    case SASL_PLAIN:
        return BYTES_LITERAL("PLAIN");
    case SASL_CRAM_MD5:
        return BYTES_LITERAL("CRAM-MD5");
    }
    return BYTES_EMPTY;
}

bool sasl_offers(const struct session *session, enum sasl_mechanism mechanism)
{
    const struct refserver *server = session->server;

    switch (mechanism) {
    case SASL_NONE:
        break;
    case SASL_PLAIN:
        return server->policy.auth_plain && authorization_plaintext_allowed(session);
    case SASL_CRAM_MD5:
        return server->policy.auth_cram_md5 && server->digests != NULL;
    }
    return false;
}

void sasl_append_mechanisms(const struct session *session, struct buf *text)
{
    for (enum sasl_mechanism mechanism = SASL_PLAIN; mechanism <= SASL_CRAM_MD5; mechanism++)
        if (sasl_offers(session, mechanism)) {
            buf_append_octet(text, ' ');
            buf_append(text, mechanism_name(mechanism));
        }
}

static void list_mechanisms(struct session *session)
{
    for (enum sasl_mechanism mechanism = SASL_PLAIN; mechanism <= SASL_CRAM_MD5; mechanism++)
        if (sasl_offers(session, mechanism)) {
            buf_append(&session->lines, mechanism_name(mechanism));
            buf_append_octet(&session->lines, '\n');
        }
    reply_ok_rows(session, REPLY_TEXT_AUTH_MECHANISMS, RESPONSE_BODY_LINES);
}

/* [authorization identity] NUL authentication identity NUL password. Nobody may act for somebody else here. */
static void finish_plain(struct session *session, struct bytes message)
{
    struct bytes rest = message;
    struct bytes identity = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;
    bool complete = bytes_split(&rest, '\0', &identity) && rest.data != NULL &&
                    bytes_split(&rest, '\0', &name) && rest.data != NULL;
    const struct user *user = authorization_find(session, name);
    bool right = complete && user != NULL && bytes_equal(rest, bytes_of(user->password)) &&
                 (identity.size == 0 || bytes_equal(identity, name));

    authorization_login(session, name, right);
}

static bool cram_digest_right(const struct session *session, const struct user *user, struct bytes digest)
{
    uint8_t octets[REFSERVER_DIGEST_OCTETS];
    char text[2 * REFSERVER_DIGEST_OCTETS + 1];

    session->server->digests->hmac_md5(bytes_of(user->password), bytes_of(session->challenge), octets);
    for (size_t i = 0; i < sizeof(octets); i++)
        snprintf(text + 2 * i, 3, "%02x", octets[i]);
    return bytes_equal(bytes_of(text), digest);
}

/* The name, a space, the digest in hexadecimal digits; the name may have spaces. */
static void finish_cram_md5(struct session *session, struct bytes response)
{
    size_t space = response.size;

    while (space > 0 && response.data[space - 1] != ' ')
        space--;
    struct bytes name = bytes_slice(response, 0, space > 0 ? space - 1 : 0);
    const struct user *user = authorization_find(session, name);

    authorization_login(session, name,
                        user != NULL && cram_digest_right(session, user, bytes_from(response, space)));
}

static void finish(struct session *session, enum sasl_mechanism mechanism, struct bytes encoded)
{
    struct buf response;

    buf_init(&response, COMMAND_READER_OCTETS);
    if (!base64_decode(encoded, &response))
        reply_error(session, NULL, REPLY_TEXT_AUTH_BAD_BASE64);
    else if (mechanism == SASL_PLAIN)
        finish_plain(session, buf_bytes(&response));
    else
        finish_cram_md5(session, buf_bytes(&response));
    buf_release(&response);
}

static void challenge(struct session *session, enum sasl_mechanism mechanism)
{
    const char *fixed = session->server->policy.challenge;
    struct buf encoded;

    buf_init(&encoded, BUF_UNBOUNDED);
    session->mechanism = mechanism;
    session->challenge[0] = '\0';
    if (mechanism == SASL_CRAM_MD5 && fixed != NULL)
        snprintf(session->challenge, sizeof(session->challenge), "%s", fixed);
    else if (mechanism == SASL_CRAM_MD5)
        session_timestamp(session, session->challenge, sizeof(session->challenge));
    base64_encode(bytes_of(session->challenge), &encoded);
    reply_challenge(session, buf_bytes(&encoded));
    buf_release(&encoded);
}

static enum sasl_mechanism find_mechanism(const struct session *session, struct bytes name)
{
    for (enum sasl_mechanism mechanism = SASL_PLAIN; mechanism <= SASL_CRAM_MD5; mechanism++)
        if (sasl_offers(session, mechanism) && bytes_equal_nocase(mechanism_name(mechanism), name))
            return mechanism;
    return SASL_NONE;
}

void sasl_auth(struct session *session)
{
    const struct command *command = &session->command;

    if (command->argument_count == 0) {
        if (session->server->policy.auth_alone_lists)
            list_mechanisms(session);
        else
            reply_error(session, NULL, REPLY_TEXT_WRONG_ARGUMENTS);
        return;
    }
    enum sasl_mechanism mechanism = find_mechanism(session, command->arguments[0]);

    if (mechanism == SASL_NONE)
        reply_error(session, NULL, REPLY_TEXT_AUTH_UNKNOWN);
    else if (command->argument_count == 1)
        challenge(session, mechanism);
    else if (mechanism == SASL_CRAM_MD5)
        reply_error(session, NULL, REPLY_TEXT_AUTH_NO_INITIAL);
    else if (bytes_equal(command->arguments[1], BYTES_LITERAL("=")))
        finish(session, mechanism, BYTES_EMPTY);
    else
        finish(session, mechanism, command->arguments[1]);
}

void sasl_response(struct session *session, struct bytes line)
{
    enum sasl_mechanism mechanism = session->mechanism;

    session->mechanism = SASL_NONE;
    session->command.verb = COMMAND_AUTH;
    if (bytes_equal(line, BYTES_LITERAL("*")))
        reply_error(session, NULL, REPLY_TEXT_AUTH_CANCELLED);
    else
        finish(session, mechanism, line);
}
