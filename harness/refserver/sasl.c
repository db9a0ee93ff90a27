/*
 * AUTH (RFC 5034 section 4) with PLAIN (RFC 4616), LOGIN (which has no standard), CRAM-MD5 (RFC 2195), SCRAM-SHA-1 and
 * SCRAM-SHA-256 (RFC 5802, RFC 7677).
 */
#include "base/base64.h"
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/session.h"

#include <string.h>

/* ---- mechanisms ---- */

/* Each takes the client's message number session->round, and ends in a challenge or in the reply to AUTH. */
static void step_plain(struct session *session, struct bytes message);
static void step_login(struct session *session, struct bytes message);
static void step_cram_md5(struct session *session, struct bytes message);
static void step_scram(struct session *session, struct bytes message);

static const struct mechanism {
    const char *name;
    bool client_first;
    bool plaintext;
    void (*step)(struct session *session, struct bytes message);
} mechanisms[SASL_MECHANISM_COUNT] = {
    [SASL_NONE] = {"", false, false, NULL},
    [SASL_PLAIN] = {"PLAIN", true, true, step_plain},
    [SASL_LOGIN] = {"LOGIN", false, true, step_login},
    [SASL_CRAM_MD5] = {"CRAM-MD5", false, false, step_cram_md5},
    [SASL_SCRAM_SHA_1] = {"SCRAM-SHA-1", true, false, step_scram},
    [SASL_SCRAM_SHA_256] = {"SCRAM-SHA-256", true, false, step_scram},
};

static const struct refserver_scram_digest *scram_digest(const struct session *session,
                                                         enum sasl_mechanism mechanism)
{
    const struct refserver_digests *digests = session->server->digests;

    if (digests == NULL)
        return NULL;
    const struct refserver_scram_digest *digest =
        mechanism == SASL_SCRAM_SHA_1 ? &digests->scram_sha_1 : &digests->scram_sha_256;

    return digest->octets > 0 ? digest : NULL;
}

static bool policy_has(const struct policy *policy, enum sasl_mechanism mechanism)
{
    switch (mechanism) {
    case SASL_PLAIN:
        return policy->auth_plain;
    case SASL_LOGIN:
        return policy->auth_login;
    case SASL_CRAM_MD5:
        return policy->auth_cram_md5;
    case SASL_SCRAM_SHA_1:
        return policy->auth_scram_sha_1;
    case SASL_SCRAM_SHA_256:
        return policy->auth_scram_sha_256;
    case SASL_NONE:
    case SASL_MECHANISM_COUNT:
        break;
    }
    return false;
}

bool sasl_is_known(const struct policy *policy)
{
    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++)
        if (policy_has(policy, (enum sasl_mechanism)i))
            return true;
    return false;
}

static bool offers(const struct session *session, enum sasl_mechanism mechanism)
{
    const struct refserver *server = session->server;
    bool scram = mechanism == SASL_SCRAM_SHA_1 || mechanism == SASL_SCRAM_SHA_256;

    return policy_has(&server->policy, mechanism) && (session->tls || !server->policy.auth_needs_tls) &&
           (!mechanisms[mechanism].plaintext || authorization_plaintext_allowed(session)) &&
           (mechanism != SASL_CRAM_MD5 || server->digests != NULL) &&
           (!scram || scram_digest(session, mechanism) != NULL);
}

void sasl_append_mechanisms(const struct session *session, char separator, struct buf *text)
{
    bool first = true;

    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++) {
        if (!offers(session, (enum sasl_mechanism)i))
            continue;
        if (!first)
            buf_append_octet(text, (uint8_t)separator);
        buf_append_text(text, mechanisms[i].name);
        first = false;
    }
    if (session->server->policy.external_listed)
        buf_append_format(text, "%.*sEXTERNAL", first ? 0 : 1, &separator);
}

static enum sasl_mechanism find_mechanism(const struct session *session, struct bytes name)
{
    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++)
        if (offers(session, (enum sasl_mechanism)i) && bytes_equal_nocase(bytes_of(mechanisms[i].name), name))
            return (enum sasl_mechanism)i;
    return SASL_NONE;
}

bool sasl_knows(struct bytes name)
{
    for (int i = SASL_NONE + 1; i < SASL_MECHANISM_COUNT; i++)
        if (bytes_equal_nocase(bytes_of(mechanisms[i].name), name))
            return true;
    return false;
}

/* ---- rounds ---- */

void sasl_end(struct session *session)
{
    session->mechanism = SASL_NONE;
    session->round = 0;
}

/* Sends what stands in session->challenge, and waits for the answer. */
static void challenge(struct session *session)
{
    struct buf encoded;

    buf_init(&encoded, BUF_UNBOUNDED);
    base64_encode(buf_bytes(&session->challenge), &encoded);
    reply_challenge(session, buf_bytes(&encoded));
    buf_release(&encoded);
}

static void challenge_by(struct session *session, struct bytes text)
{
    buf_clear(&session->challenge);
    buf_append(&session->challenge, text);
    challenge(session);
}

/* The exchange is over: NAME proved itself, or did not. */
static void finish(struct session *session, struct bytes name, bool right)
{
    authorization_login(session, name, right);
    session->failed_auths += session->positive ? 0 : 1;
    sasl_end(session);
}

/* The exchange is over before anybody could prove anything. */
static void give_up(struct session *session, enum reply_text why)
{
    session->failed_auths++;
    sasl_end(session);
    reply_error(session, NULL, why);
}

/* ---- PLAIN ---- */

/* [authorization identity] NUL authentication identity NUL password. Nobody may act for somebody else here. */
static void step_plain(struct session *session, struct bytes message)
{
    struct bytes rest = message;
    struct bytes identity = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;
    bool complete = bytes_split(&rest, '\0', &identity) && rest.data != NULL &&
                    bytes_split(&rest, '\0', &name) && rest.data != NULL;
    const struct user *user = authorization_find(session, name);
    bool right = complete && user != NULL && bytes_equal(rest, bytes_of(user->password)) &&
                 (identity.size == 0 || bytes_equal(identity, name));

    finish(session, name, right);
}

/* ---- LOGIN ---- */

static void step_login(struct session *session, struct bytes message)
{
    struct buf *name = &session->scram.name;

    if (session->round == 1) {
        scram_clear(&session->scram);
        buf_append(name, message);
        challenge_by(session, BYTES_LITERAL("Password:"));
        return;
    }
    const struct user *user = authorization_find(session, buf_bytes(name));

    finish(session, buf_bytes(name), user != NULL && bytes_equal(message, bytes_of(user->password)));
}

/* ---- CRAM-MD5 ---- */

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
static void step_cram_md5(struct session *session, struct bytes response)
{
    size_t space = response.size;

    while (space > 0 && response.data[space - 1] != ' ')
        space--;
    struct bytes name = bytes_slice(response, 0, space > 0 ? space - 1 : 0);
    const struct user *user = authorization_find(session, name);

    finish(session, name, user != NULL && cram_digest_right(session, user, bytes_from(response, space)));
}

/* ---- SCRAM ---- */

/* Each name has its salt, those that are nobody's too: who asks learns nothing of who there is. */
static void make_salt(const struct refserver_scram_digest *digest, struct bytes name,
                      uint8_t ret_salt[SCRAM_SALT_OCTETS])
{
    uint8_t octets[REFSERVER_SCRAM_OCTETS_MAX];

    digest->hmac(BYTES_LITERAL("the salt of"), name, octets);
    memcpy(ret_salt, octets, SCRAM_SALT_OCTETS);
}

static void begin_scram(struct session *session, const struct refserver_scram_digest *digest)
{
    uint8_t salt[SCRAM_SALT_OCTETS];
    char nonce[40];

    make_salt(digest, buf_bytes(&session->scram.name), salt);
    snprintf(nonce, sizeof(nonce), "%016llx", (unsigned long long)rng_next(&session->server->rng));
    buf_clear(&session->challenge);
    scram_make_first(&session->scram, bytes_of(nonce), bytes_make(salt, sizeof(salt)),
                     session->server->policy.scram_iterations, &session->challenge);
    challenge(session);
}

static bool is_for_himself(const struct scram *scram)
{
    return scram->identity.size == 0 || bytes_equal(buf_bytes(&scram->identity), buf_bytes(&scram->name));
}

/* RFC 5802 section 7: the reason as the last challenge, before AUTH is refused. */
static void refuse_proof(struct session *session, struct bytes name)
{
    if (session->server->policy.scram_says_error) {
        session->scram_refused = true;
        challenge_by(session, BYTES_LITERAL("e=invalid-proof"));
    } else {
        finish(session, name, false);
    }
}

/* The signature cannot go with +OK (RFC 5034 section 4): it is a challenge, answered by nothing. */
static void prove_scram(struct session *session, const struct refserver_scram_digest *digest,
                        struct bytes message)
{
    struct bytes name = buf_bytes(&session->scram.name);
    const struct user *user = authorization_find(session, name);
    uint8_t salt[SCRAM_SALT_OCTETS];
    struct scram_secret secret;

    make_salt(digest, name, salt);
    scram_secret_make(digest, user != NULL ? bytes_of(user->password) : name, bytes_make(salt, sizeof(salt)),
                      session->server->policy.scram_iterations, &secret);
    session->scram_refused = false;
    if (!scram_take_final(&session->scram, digest, &secret, message) || user == NULL ||
        !is_for_himself(&session->scram)) {
        refuse_proof(session, name);
        return;
    }
    buf_clear(&session->challenge);
    scram_make_final(&session->scram, digest, &secret, &session->challenge);
    challenge(session);
}

static void step_scram(struct session *session, struct bytes message)
{
    const struct refserver_scram_digest *digest = scram_digest(session, session->mechanism);

    if (session->round == 1) {
        scram_clear(&session->scram);
        if (scram_take_first(&session->scram, message))
            begin_scram(session, digest);
        else
            finish(session, BYTES_EMPTY, false);
    } else if (session->round == 2) {
        prove_scram(session, digest, message);
    } else {
        finish(session, buf_bytes(&session->scram.name),
               (message.size == 0 || session->server->policy.scram_end_unread) && !session->scram_refused);
    }
}

/* ---- AUTH ---- */

static void take_response(struct session *session, struct bytes encoded)
{
    struct buf response;

    buf_init(&response, COMMAND_READER_OCTETS);
    session->round++;
    if (base64_decode(encoded, &response)) {
        mechanisms[session->mechanism].step(session, buf_bytes(&response));
    } else {
        give_up(session, REPLY_TEXT_AUTH_BAD_BASE64);
    }
    buf_release(&response);
}

/* The first challenge: empty where the client speaks first. */
static void begin(struct session *session)
{
    const char *fixed = session->server->policy.challenge;
    char timestamp[TIMESTAMP_OCTETS_MAX + 1] = "";

    if (session->mechanism == SASL_CRAM_MD5 && fixed == NULL)
        session_timestamp(session, timestamp, sizeof(timestamp));
    if (session->mechanism == SASL_CRAM_MD5)
        challenge_by(session, bytes_of(fixed != NULL ? fixed : timestamp));
    else
        challenge_by(session, session->mechanism == SASL_LOGIN ? BYTES_LITERAL("Username:") : BYTES_EMPTY);
}

static void auth_alone(struct session *session)
{
    if (!session->server->policy.auth_alone_lists) {
        reply_error(session, NULL, REPLY_TEXT_WRONG_ARGUMENTS);
        return;
    }
    sasl_append_mechanisms(session, '\n', &session->lines);
    buf_append_octet(&session->lines, '\n');
    reply_ok_rows(session, REPLY_TEXT_AUTH_MECHANISMS, RESPONSE_BODY_LINES);
}

void sasl_auth(struct session *session)
{
    const struct command *command = &session->command;

    if (command->argument_count == 0) {
        auth_alone(session);
        return;
    }
    enum sasl_mechanism mechanism = find_mechanism(session, command->arguments[0]);
    bool initial = command->argument_count > 1;

    if (mechanism == SASL_NONE) {
        reply_error(session, NULL, REPLY_TEXT_AUTH_UNKNOWN);
    } else if (initial && !mechanisms[mechanism].client_first &&
               !(mechanism == SASL_LOGIN && session->server->policy.login_initial_accepted)) {
        reply_error(session, NULL, REPLY_TEXT_AUTH_NO_INITIAL);
    } else {
        session->mechanism = mechanism;
        session->round = 0;
        if (!initial)
            begin(session);
        else if (bytes_equal(command->arguments[1], BYTES_LITERAL("=")))
            take_response(session, BYTES_EMPTY);
        else
            take_response(session, command->arguments[1]);
    }
}

void sasl_response(struct session *session, struct bytes line)
{
    session->command.verb = COMMAND_AUTH;
    if (bytes_equal(line, BYTES_LITERAL("*"))) {
        give_up(session, REPLY_TEXT_AUTH_CANCELLED);
    } else {
        take_response(session, line);
    }
}
