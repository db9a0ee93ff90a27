#include "sasl/client.h"

#include "base/memory.h"
#include "digest/digest.h"
#include "sasl/gsasl_exchange.h"
#include "sasl/scram_key.h"

#include <stdlib.h>

bool sasl_apop_digest(struct bytes timestamp, struct bytes secret, struct buf *ret_text)
{
    uint8_t digest[DIGEST_MD5_SIZE];
    struct buf input;
    bool ok;

    buf_init(&input, BUF_UNBOUNDED);
    buf_append(&input, timestamp);
    buf_append(&input, secret);
    ok = digest_md5(buf_bytes(&input), digest);
    buf_release(&input);
    for (size_t i = 0; ok && i < sizeof(digest); i++)
        ok = buf_append_format(ret_text, "%02x", digest[i]);
    return ok;
}

struct sasl_client {
    enum login_method method;
    struct sasl_identity identity;
    struct gsasl_exchange *gsasl; /* NULL where the mechanism is text */
    unsigned step;                /* messages made */
    bool over;                    /* it got stuck, or the server is false: nothing more can come of it */
};

/* ---- mechanisms of plain text ---- */

static enum sasl_progress finished(bool appended)
{
    return appended ? SASL_COMPLETE : SASL_STUCK;
}

/* RFC 4616. */
static enum sasl_progress step_plain(const struct sasl_client *client, struct buf *message)
{
    return finished(client->step == 0 && buf_append_octet(message, '\0') &&
                    buf_append_text(message, client->identity.user) && buf_append_octet(message, '\0') &&
                    buf_append_text(message, client->identity.pass));
}

/* LOGIN has no standard: whatever the prompts say, the first answer is the name, the second the password. */
static enum sasl_progress step_login(const struct sasl_client *client, struct buf *message)
{
    if (client->step == 0)
        return buf_append_text(message, client->identity.user) ? SASL_GOES_ON : SASL_STUCK;
    return finished(client->step == 1 && buf_append_text(message, client->identity.pass));
}

/* The second message answers the error report that a server sends as a challenge before it says -ERR: it is empty. */
static enum sasl_progress step_xoauth2(const struct sasl_client *client, struct buf *message)
{
    return finished(client->step == 1 ||
                    (client->step == 0 && buf_append_format(message, "user=%s\001auth=Bearer %s\001\001",
                                                            client->identity.user, client->identity.token)));
}

/* RFC 5801 section 4: a name in a GS2 header has no comma and no equals sign. */
static bool append_saslname(struct buf *message, const char *name)
{
    bool ok = true;

    for (; ok && *name != '\0'; name++) {
        if (*name == ',' || *name == '=')
            ok = buf_append_text(message, *name == ',' ? "=2C" : "=3D");
        else
            ok = buf_append_octet(message, (uint8_t)*name);
    }
    return ok;
}

/* RFC 7628 sections 3.1 and 3.2.3: the second message answers the error report, by one octet. */
static enum sasl_progress step_oauthbearer(const struct sasl_client *client, struct buf *message)
{
    const struct sasl_identity *identity = &client->identity;

    if (client->step == 1)
        return finished(buf_append_octet(message, '\001'));
    return finished(client->step == 0 && buf_append_text(message, "n,a=") &&
                    append_saslname(message, identity->user) &&
                    buf_append_format(message, ",\001host=%s\001port=%u\001auth=Bearer %s\001\001",
                                      identity->host, identity->port, identity->token));
}

/* ---- GNU SASL's ---- */

static bool is_scram(enum login_method method)
{
    return method == LOGIN_AUTH_SCRAM_SHA_1 || method == LOGIN_AUTH_SCRAM_SHA_256;
}

/* The step that looks at the server's proof: SCRAM's third, DIGEST-MD5's second. */
static bool is_proof_due(const struct sasl_client *client)
{
    return is_scram(client->method) ? client->step == 2
                                    : client->method == LOGIN_AUTH_DIGEST_MD5 && client->step == 1;
}

/* The second step of SCRAM needs the key. False when CHALLENGE asks for too much. */
static bool lend_key(const struct sasl_client *client, struct bytes challenge)
{
    struct buf hex;
    enum scram_key_result result;

    if (client->step != 1 || !is_scram(client->method))
        return true;
    buf_init(&hex, BUF_UNBOUNDED);
    result =
        scram_key_derive(client->method == LOGIN_AUTH_SCRAM_SHA_256, client->identity.pass, challenge, &hex);
    bool lent = result == SCRAM_KEY_NONE ||
                (result == SCRAM_KEY_DERIVED && gsasl_exchange_set_key(client->gsasl, buf_text(&hex)));

    buf_release(&hex);
    return lent;
}

static enum sasl_progress step_gsasl(const struct sasl_client *client, struct bytes challenge,
                                     struct buf *message)
{
    enum sasl_progress progress;

    if (client->method == LOGIN_AUTH_CRAM_MD5 && (client->step > 0 || challenge.size == 0))
        return SASL_STUCK; /* the library would begin anew, or take an empty challenge for its cue */
    if (!lend_key(client, challenge))
        return SASL_STUCK;
    /* RFC 5802 section 7: instead of signing, a server may say why it refuses, which is no lie. */
    if (is_proof_due(client) && is_scram(client->method) && bytes_start_with(challenge, BYTES_LITERAL("e=")))
        return SASL_COMPLETE;
    progress = gsasl_exchange_step(client->gsasl, challenge, message);
    return progress == SASL_STUCK && is_proof_due(client) ? SASL_SERVER_FALSE : progress;
}

/* ---- all ---- */

static bool is_gsasl(enum login_method method)
{
    switch (method) {
    case LOGIN_AUTH_CRAM_MD5:
    case LOGIN_AUTH_SCRAM_SHA_1:
    case LOGIN_AUTH_SCRAM_SHA_256:
    case LOGIN_AUTH_DIGEST_MD5:
        return true;
    case LOGIN_USER_PASS:
    case LOGIN_APOP:
    case LOGIN_AUTH_PLAIN:
    case LOGIN_AUTH_LOGIN:
    case LOGIN_AUTH_XOAUTH2:
    case LOGIN_AUTH_OAUTHBEARER:
    case LOGIN_METHOD_COUNT:
        break;
    }
    return false;
}

struct sasl_client *sasl_client_new(enum login_method method, const struct sasl_identity *identity)
{
    struct sasl_client *client;

    if (login_mechanism(method) == NULL || (login_wants_token(method) && identity->token == NULL))
        return NULL;
    client = (struct sasl_client *)memory_new(sizeof(*client));
    client->method = method;
    client->identity = *identity;
    if (is_gsasl(method)) {
        client->gsasl = gsasl_exchange_new(login_mechanism(method), identity);
        if (client->gsasl == NULL) {
            sasl_client_free(client);
            return NULL;
        }
    }
    return client;
}

void sasl_client_free(struct sasl_client *client)
{
    if (client == NULL)
        return;
    gsasl_exchange_free(client->gsasl);
    free(client);
}

static enum sasl_progress make_message(const struct sasl_client *client, struct bytes challenge,
                                       struct buf *message)
{
    switch (client->method) {
    case LOGIN_AUTH_PLAIN:
        return step_plain(client, message);
    case LOGIN_AUTH_LOGIN:
        return step_login(client, message);
    case LOGIN_AUTH_XOAUTH2:
        return step_xoauth2(client, message);
    case LOGIN_AUTH_OAUTHBEARER:
        return step_oauthbearer(client, message);
    case LOGIN_AUTH_CRAM_MD5:
    case LOGIN_AUTH_SCRAM_SHA_1:
    case LOGIN_AUTH_SCRAM_SHA_256:
    case LOGIN_AUTH_DIGEST_MD5:
        return step_gsasl(client, challenge, message);
    case LOGIN_USER_PASS:
    case LOGIN_APOP:
    case LOGIN_METHOD_COUNT:
        break;
    }
    return SASL_STUCK;
}

enum sasl_progress sasl_client_step(struct sasl_client *client, struct bytes challenge,
                                    struct buf *ret_message)
{
    struct buf message;
    enum sasl_progress progress;

    if (client->over)
        return SASL_STUCK;
    buf_init(&message, ret_message->size_max);
    progress = make_message(client, challenge, &message);
    if ((progress == SASL_GOES_ON || progress == SASL_COMPLETE) &&
        !buf_append(ret_message, buf_bytes(&message)))
        progress = SASL_STUCK;
    client->step++;
    client->over = progress == SASL_STUCK || progress == SASL_SERVER_FALSE;
    buf_release(&message);
    return progress;
}
