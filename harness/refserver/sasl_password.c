/* The mechanisms in which a password is sent or keys a digest: PLAIN (RFC 4616), LOGIN (which has no standard), CRAM-MD5 (RFC 2195). */
#include "refserver/sasl.h"
#include "refserver/server.h"

/* ---- PLAIN ---- */

/* [authorization identity] NUL authentication identity NUL password. Nobody may act for somebody else here. */
void sasl_step_plain(struct session *session, struct bytes message)
{
    struct bytes rest = message;
    struct bytes identity = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;
    bool complete = bytes_split(&rest, '\0', &identity) && rest.data != NULL &&
                    bytes_split(&rest, '\0', &name) && rest.data != NULL;
    const struct user *user = authorization_find(session, name);
    bool right = complete && user != NULL && bytes_equal(rest, bytes_of(user->password)) &&
                 (identity.size == 0 || bytes_equal(identity, name));

    sasl_finish(session, name, right);
}

/* ---- LOGIN ---- */

void sasl_begin_login(struct session *session)
{
    sasl_challenge_by(session, BYTES_LITERAL("Username:"));
}

void sasl_step_login(struct session *session, struct bytes message)
{
    struct buf *name = &session->claimed;

    if (session->round == 1) {
        buf_clear(name);
        buf_append(name, message);
        sasl_challenge_by(session, BYTES_LITERAL("Password:"));
        return;
    }
    const struct user *user = authorization_find(session, buf_bytes(name));

    sasl_finish(session, buf_bytes(name), user != NULL && bytes_equal(message, bytes_of(user->password)));
}

/* ---- CRAM-MD5 ---- */

void sasl_begin_cram_md5(struct session *session)
{
    const char *fixed = session->server->policy.challenge;
    char timestamp[TIMESTAMP_OCTETS_MAX + 1] = "";

    if (fixed == NULL)
        session_timestamp(session, timestamp, sizeof(timestamp));
    sasl_challenge_by(session, bytes_of(fixed != NULL ? fixed : timestamp));
}

static bool cram_digest_right(const struct session *session, const struct user *user, struct bytes digest)
{
    uint8_t octets[REFSERVER_DIGEST_OCTETS];
    char text[2 * REFSERVER_DIGEST_OCTETS + 1];

    session->server->digests->hmac_md5(bytes_of(user->password), buf_bytes(&session->challenge), octets);
    for (size_t i = 0; i < sizeof(octets); i++)
        snprintf(text + 2 * i, 3, "%02x", octets[i]);
    return bytes_equal(bytes_of(text), digest);
}

/* The name, a space, the digest in hexadecimal digits; the name may have spaces. */
void sasl_step_cram_md5(struct session *session, struct bytes response)
{
    size_t space = response.size;

    while (space > 0 && response.data[space - 1] != ' ')
        space--;
    struct bytes name = bytes_slice(response, 0, space > 0 ? space - 1 : 0);
    const struct user *user = authorization_find(session, name);

    sasl_finish(session, name, user != NULL && cram_digest_right(session, user, bytes_from(response, space)));
}
